"""What goes to the Hugging Face Hub: checkpoints, their model cards, the Space."""
