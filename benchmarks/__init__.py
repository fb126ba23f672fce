"""Measurements, each a command that a person runs on a quiet machine; docs/benchmarks.md has the figures."""
