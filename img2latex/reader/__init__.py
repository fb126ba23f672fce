"""A picture -> a `Recognition`: the model, decoding, and how checkpoints are loaded and saved."""
