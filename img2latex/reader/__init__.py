"""A picture in, a `Recognition` out: the model, how it decodes, and how its checkpoints are loaded and saved."""
