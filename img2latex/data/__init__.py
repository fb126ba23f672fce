"""From label folders, formulas and strokes to training batches; each module is one step and most are a command."""
