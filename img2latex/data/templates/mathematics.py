"""All of mathematics together, and the spelling habits of those who write it."""

import re
from random import Random

from img2latex.data.templates import school, university
from img2latex.data.templates.engine import Templates, chance

CATEGORIES = school.CATEGORIES | university.CATEGORIES
WEIGHTS = {name: weight for name, (weight, _) in CATEGORIES.items()}
# The two sets of words use the same names for different things, so each keeps its own templates.
SCHOOL = Templates(school.WORDS | {name: rule for name, (_, rule) in school.CATEGORIES.items()})
UNIVERSITY = Templates(university.WORDS | {name: rule for name, (_, rule) in university.CATEGORIES.items()})
TEMPLATES = Templates(
    {name: lambda rng, name=name: SCHOOL.draw(rng, name) for name in school.CATEGORIES}
    | {name: lambda rng, name=name: UNIVERSITY.draw(rng, name) for name in university.CATEGORIES}
)

BRACKETS = r"\\left(?=[(\[|])|\\right(?=[)\]|])"  # that grow with what is between them
# Other habits, each with its probability. One formula keeps to one habit, as one author would.
HABITS: list[tuple[float, str, str]] = [
    (0.35, r"\\(leq|geq)slant", r"\\\1"),
    (0.4, r"\\mathbf\{([RNZQC])\}", r"\\mathbb{\1}"),
    (0.5, r"\\mathrm\{e\}", "e"),
    (0.5, r"\\mathrm\{i\}", "i"),
    (0.45, r"\\mathrm\{d\}", "d"),
    (0.3, r"\\mathrm\{([CA])\}_", r"\1_"),
    (0.3, r"\\varnothing", r"\\emptyset"),
    (0.25, r"\\varphi\b", r"\\phi"),
    (0.2, r"\\cdots", r"\\ldots"),
    (0.3, r"\^\{\\prime\}", "'"),
    (0.5, r"\\backsim", r"\\sim"),
    (0.3, r"\\parallel", "/ /"),
    (0.15, r"(?<!\^\{)(?<!\^\{-)\\frac\b", r"\\dfrac"),
    (0.3, BRACKETS, ""),
    (0.3, r"\\times", r"\\cdot"),
    (0.2, r"\\Rightarrow", r"\\Longrightarrow"),
    (0.1, r"\\overrightarrow\{([A-Z]) ([A-Z])\}", r"\\vec{\1 \2}"),
    (0.1, r"\\hat\b", r"\\widehat"),
]
X = re.compile(r"(?<![A-Za-z\\])x(?![A-Za-z])")
OTHER_LETTERS = "t u m n k a b s p w z r".split()
RENAMED = 0.25


def restyle(rng: Random, latex: str) -> str:
    """Signs that met are merged, x may become another letter, and spelling follows one author's habits."""
    latex = latex.replace("+-", "-").replace("--", "+")
    latex = _rename(rng, latex)
    for probability, pattern, instead in HABITS:
        if chance(rng, probability) and not (pattern == BRACKETS and re.search(r"\\right\.|\\left\.|\\begin", latex)):
            latex = re.sub(pattern, instead, latex)
    return latex


def _rename(rng: Random, latex: str) -> str:
    if not chance(rng, RENAMED) or "y" in latex:
        return latex
    free = [letter for letter in OTHER_LETTERS if not re.search(rf"(?<![A-Za-z\\]){letter}(?![A-Za-z])", latex)]
    return X.sub(rng.choice(free), latex) if free else latex
