"""Where synthetic formulas come from: a template machine (grammar) and the rules of each subject."""
