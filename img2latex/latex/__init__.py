"""LaTeX in and out: `normalize` for labels, `beautify` for people, `to_katex` for display, `problem` for why not."""

from img2latex.latex.errors import LatexError
from img2latex.latex.normal_form import beautify, normalize, problem, repair, to_katex, unframed, unnumbered

__all__ = ["LatexError", "beautify", "normalize", "problem", "repair", "to_katex", "unframed", "unnumbered"]
