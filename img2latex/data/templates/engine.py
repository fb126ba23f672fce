"""Random formulas from templates with slots: the engine that the other modules here share.

A template is LaTeX with slots: `<name>` is drawn afresh each time, `<name1>` is drawn once per template and repeated,
and `<name2>` then differs from `<name1>`. A rule is a list of templates, each alone or as `(weight, template)`, or a
function of a random generator that returns LaTeX. Everything random comes from the `random.Random` that is handed in.
"""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random

from img2latex.latex import normalize
from img2latex.latex.tokens import tokenize

Rule = Callable[[Random], str] | Sequence[str | tuple[float, str]]

SLOT = re.compile(r"<([a-z_]+)(\d?)>")
ENDS_IN_COMMAND = re.compile(r"\\[A-Za-z]+$")
MAX_TOKENS = 120  # of the label
SURELY_SHORT = 80  # tokens as written: normalising adds fewer than half as many
TRIES = 4


class Templates:
    """Named rules, and formulas drawn from them.

    Args:
        rules: Name to rule. A name in a template's slot must be one of them.
    """

    def __init__(self, rules: dict[str, Rule]):
        self.rules = rules

    def draw(self, rng: Random, name: str) -> str:
        """LaTeX of one random expansion of the rule `name`."""
        rule = self.rules[name]
        return rule(rng) if callable(rule) else self.fill(rng, pick(rng, rule))

    def fill(self, rng: Random, template: str) -> str:
        """The template with every slot filled in."""
        kept: dict[str, str] = {}
        text, end = "", 0
        for match in SLOT.finditer(template):
            text = join(join(text, template[end : match.start()]), self._slot(rng, *match.groups(), kept))
            end = match.end()
        return join(text, template[end:])

    def _slot(self, rng: Random, name: str, number: str, kept: dict[str, str]) -> str:
        if not number:
            return self.draw(rng, name)
        if name + number not in kept:
            taken = {text for key, text in kept.items() if key[:-1] == name}
            kept[name + number] = first_new(lambda: self.draw(rng, name), taken)
        return kept[name + number]


def join(left: str, right: str) -> str:
    """Puts LaTeX together; a space keeps a command from swallowing the letter after it."""
    return f"{left} {right}" if right[:1].isalpha() and ENDS_IN_COMMAND.search(left) else left + right


def first_new(draw: Callable[[], str], taken: set[str], tries: int = 12) -> str:
    """Draws until something is not in `taken`; after so many tries whatever came last."""
    for _ in range(tries):
        text = draw()
        if text not in taken:
            break
    return text


def formulas(
    templates: Templates,
    weights: dict[str, float],
    restyle: Callable[[Random, str], str],
    seed: str,
    n: int,
    longest: int = MAX_TOKENS,
) -> list[tuple[str, str]]:
    """Draws `n` formulas as (category, LaTeX), none twice unless its category is small.

    Args:
        templates: Holds a rule for each category.
        weights: Category to its weight, in any unit.
        restyle: Applied to each formula: the author's spelling habits.
        seed: Any text. The same text gives the same formulas, and fewer formulas are the head of more.
        n: How many.
        longest: Tokens of a label at most.
    """
    if n < 0:
        raise ValueError(f"The number of formulas must be 0 or more, not {n}.")
    rng = Random(seed)
    names, shares = list(weights), list(weights.values())
    seen: set[str] = set()
    drawn = []
    for name in (rng.choices(names, shares)[0] for _ in range(n)):
        latex = _one(templates, name, restyle, rng, seen, longest)
        seen.add(latex)
        drawn.append((name, latex))
    return drawn


def _one(
    templates: Templates, name: str, restyle: Callable[[Random, str], str], rng: Random, seen: set[str], longest: int
) -> str:
    tries = 0
    while True:
        latex = " ".join(restyle(rng, templates.draw(rng, name)).split())
        if _fits(latex, longest):
            tries += 1
            if latex not in seen or tries == TRIES:
                return latex


def _fits(latex: str, longest: int) -> bool:
    count = len(tokenize(latex))
    return count <= SURELY_SHORT or (count <= longest and len(normalize(latex).split()) <= longest)


def pick(rng: Random, options: Sequence[str | tuple[float, str]]) -> str:
    """One of the options; a bare string has weight 1."""
    pairs = [(1.0, option) if isinstance(option, str) else option for option in options]
    return rng.choices([text for _, text in pairs], [weight for weight, _ in pairs])[0]


def block(text: str) -> list[str]:
    """Templates written as a block, apart by line breaks or three spaces; a line goes on in the next after ` \\`."""
    return re.split(r"\s{3,}|\s*\n\s*", re.sub(r" \\\n\s*", " ", text.strip()))


def one_of(*options: str) -> Callable[[Random], str]:
    """A rule of fixed strings, without slots."""
    return lambda rng: rng.choice(options)


def chance(rng: Random, probability: float) -> bool:
    """True with this probability."""
    return rng.random() < probability


def nonzero(rng: Random, size: int) -> int:
    """A whole number from -size to size, not 0, positive ones twice as often."""
    value = rng.randint(1, size)
    return -value if chance(rng, 1 / 3) else value


def total(terms: Sequence[str]) -> str:
    """A sum of terms, a leading minus of a term taken as its sign; empty terms are left out."""
    return "+".join(term for term in terms if term).replace("+-", "-") or "0"


def times(coefficient: int | Fraction, body: str) -> str:
    """`coefficient body` as written by hand: no 1, no 0, whole or as a fraction."""
    if coefficient == 0:
        return ""
    if not body:
        return number(coefficient)
    if abs(coefficient) == 1:
        return body if coefficient > 0 else f"-{body}"
    return f"{number(coefficient)} {body}"


def table_body(rows: Sequence[Sequence[object]]) -> str:
    r"""What stands between the `\begin` and `\end` of a matrix or table with these cells."""
    return r" \\ ".join(" & ".join(map(str, row)) for row in rows)


def number(value: int | Fraction) -> str:
    """A whole number or a reduced fraction, the minus in front."""
    value = Fraction(value)
    if value.denominator == 1:
        return str(value.numerator)
    return fr"{'-' if value < 0 else ''}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def polynomial(coefficients: Sequence[int | Fraction], variable: str = "x") -> str:
    """Highest power first: `polynomial([1, 0, -2])` is `x^{2}-2`."""
    degree = len(coefficients) - 1
    powers = [variable_power(variable, degree - place) for place in range(degree + 1)]
    return total([times(c, power) for c, power in zip(coefficients, powers, strict=True)])


def variable_power(variable: str, power: int) -> str:
    """`x^{2}`, `x`, or nothing for power 0."""
    return "" if power == 0 else variable if power == 1 else f"{variable}^{{{power}}}"


def root(value: int) -> str:
    r"""The square root of a natural number, simplified: `root(12)` is `2 \sqrt{3}`, `root(9)` is `3`."""
    outside = max(k for k in range(1, int(value**0.5) + 1) if value % (k * k) == 0)
    inside = value // (outside * outside)
    return str(outside) if inside == 1 else times(outside, fr"\sqrt{{{inside}}}")


def plain(value: int | Fraction | float) -> str:
    """A decimal without an exponent or trailing zeros."""
    return f"{float(value):.10f}".rstrip("0").rstrip(".")
