"""How well a checkpoint reads: metrics, evaluation on a set, calibration of its confidence."""
