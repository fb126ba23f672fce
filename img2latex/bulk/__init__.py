"""Many pages at a time, on one machine or a cluster: files in, Parquet tables out."""
