"""What train.py starts."""
