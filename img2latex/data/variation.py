r"""Formulas that nobody wrote: the layout of real ones with other letters, digits, accents and signs.

A model that has read many formulas guesses from the words of a formula what is too small to see: the `2` above an `x`,
the bar that such a letter usually wears. Where any mark may stand on any letter, it has to look.
"""

from __future__ import annotations

import random
import re

LATIN = (*"abcdefghijklmnopqrstuvwxyz",)
CAPITALS = (*"ABCDEFGHIJKLMNOPQRSTUVWXYZ",)
GREEK = tuple(
    r"\alpha \beta \gamma \delta \epsilon \varepsilon \zeta \eta \theta \kappa \lambda \mu \nu \xi \pi \rho \sigma \tau"
    r" \phi \varphi \chi \psi \omega \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Phi \Psi \Omega \hbar \ell"
    r" \iota \upsilon \vartheta \varrho \varsigma \varpi \partial \imath".split()
)
LETTERS = {*LATIN, *CAPITALS, *GREEK}
KINDRED = {  # a sign -> those that may stand in its place
    sign: sorted(signs.split())
    for signs in (
        "0 1 2 3 4 5 6 7 8 9",
        r"= \equiv \sim \simeq \approx \cong \neq \propto < > \leq \geq \ll \gg",
        r"+ - \pm \mp",
        r"\cdot \times \otimes \oplus \wedge \circ \ast",
        r"\rightarrow \longrightarrow \Rightarrow \mapsto \leftarrow \leftrightarrow \longleftrightarrow",
        r"\in \subset \subseteq \ni \notin",
    )
    for sign in signs.split()
}
ACCENTS = tuple(  # the common ones more often
    r"\hat \hat \tilde \tilde \bar \bar \vec \dot \dot \ddot \widehat \widetilde \overline \underline".split()
)
FONTS = tuple(r"\mathbf \mathbf \boldsymbol \boldsymbol \boldsymbol \mathrm \mathrm \mathsf".split())
CAPITAL_FONTS = (*FONTS, *r"\mathcal \mathcal \mathcal \mathbb \mathbb \mathfrak".split())
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
# Commands that take words, lengths or names instead of formulas: a formula with one stays as it is.
WORDS = re.compile(
    r"\\(begin|end|text|mbox|hbox|operatorname|DeclareMathOperator|[hv]space|[hvmk]skip|kern|raise|rule|label|tag|color"
    r"|textcolor|ref|cite|mathrm|rm|mathop|ce|unit|SI)(?![A-Za-z])|\\\\\s*\["
)
IS_BOLD = re.compile(r"\\(bf|bm|bold|mathbf|pmb)")
BOLD = 0.35  # of the formulas: half of the names in them become bold wherever they stand, as vectors are
CHANGED = 0.3  # of the letters and digits, roughly
ADORNED = 0.3  # of the changed letters
TWICE = 0.25  # of the letters in another font: under an accent as well
COMMA = 0.1  # of the changed letters that are an index: behind a comma, as derivatives are written


def vary(latex: str, rng: random.Random) -> str:
    """The formula with some letters, digits and signs replaced, some letters under an accent or in another font.

    The result may be invalid LaTeX: check it with `normalize`.
    """
    if WORDS.search(latex):
        return latex
    tokens = TOKEN.findall(latex)
    names = sorted({*tokens} & LETTERS) if rng.random() < BOLD and not IS_BOLD.search(latex) else []
    bold = {name for name in names if rng.random() < 0.5}
    result, before = [], ""
    for token in tokens:
        if token in bold:
            result.append(f"{{\\boldsymbol{{{token}}}}}")
        else:
            result.append(_other(token, before, rng) if rng.random() < CHANGED else token)
        before = before if token.isspace() else token
    return "".join(result)


def _other(token: str, before: str, rng: random.Random) -> str:
    """What may stand in the token's place behind the token `before`."""
    if token in KINDRED:
        return _parted(rng.choice(KINDRED[token]))
    if token not in LETTERS:
        return token
    letter = rng.choice(LATIN if token in LATIN else CAPITALS) if rng.random() < 0.75 else rng.choice(GREEK)
    takes_argument = before.startswith("\\") and before not in LETTERS
    if before == "_" and rng.random() < COMMA:
        return f"{{,{letter}}}"
    if takes_argument or rng.random() > ADORNED:
        return _parted(letter)
    dressed = _dressed(letter, rng)
    return f"{{{dressed}}}" if before in ("^", "_") else dressed


def _dressed(letter: str, rng: random.Random) -> str:
    """The letter in another font, under an accent, or both."""
    if rng.random() < 0.5:
        return f"{rng.choice(ACCENTS)}{{{letter}}}"
    fonts = CAPITAL_FONTS if letter in CAPITALS else FONTS if letter in LATIN else (r"\boldsymbol",)
    inner = f"{rng.choice(fonts)}{{{letter}}}"
    return f"{rng.choice(ACCENTS)}{{{inner}}}" if rng.random() < TWICE else inner


def _parted(token: str) -> str:
    """A command's name must not run into the letter behind it."""
    return f"{token} " if token.startswith("\\") else token
