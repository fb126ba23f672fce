"""A picture -> a `Recognition`: the model, decoding, and how checkpoints are loaded and saved."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when onnxruntime is imported; since 1.32 it reports each session
