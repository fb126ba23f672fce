"""What keeps LaTeX from being read."""

MAX_DEPTH = 60  # levels of nesting: each costs some of Python's stack


class LatexError(ValueError):
    """The LaTeX cannot be read; the message says why in one sentence."""
