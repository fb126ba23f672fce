"""Where synthetic formulas come from: the engine that fills templates, and the templates of each subject."""
