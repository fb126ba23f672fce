"""Symbols that stand alone: formulas of one token, which lists of formulas hardly hold and people do draw and paste."""

from collections.abc import Iterable

from img2latex.data import held_out

# What cannot be told apart where nothing stands beside it: marks, and capitals that are larger small letters.
UNCLEAR = {".", ",", "'", "`", "|", r"\_", r"\cdot", r"\prime", r"\o", *"CKOPSUVWXYZ"}


def alone(tokens: Iterable[str]) -> list[str]:
    """Those tokens that are a label by themselves and can be told apart so, sorted."""
    return sorted(token for token in {*tokens} - UNCLEAR if held_out.label(token) == token)
