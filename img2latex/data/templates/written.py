r"""Written arithmetic: sums, differences and products in columns, and long division with its steps.

Digits above others are `\overset`, a line as wide as all is `\hline`, one under a part `\underline`; white space
that holds the columns in place is `\phantom`.
"""

from random import Random

from img2latex.data.templates.engine import Rule, chance, polynomial, table_body


def _array(rows: list[str], columns: str = "r") -> str:
    return rf"\begin{{array}}{{{columns}}} {table_body([[row] for row in rows])} \end{{array}}"


def _carried(numbers: list[int], shown: list[str]) -> str:
    """The first number of a sum with the carries over its digits, where it has a digit there."""
    carries, carry, place = {}, 0, 1
    while any(n >= place for n in numbers):
        carry = (sum(n // place % 10 for n in numbers) + carry) // 10
        place *= 10
        carries[place] = carry
    digits = []
    for k, digit in enumerate(reversed(shown)):
        over = carries.get(10**k, 0)
        digits.append(rf"\overset{{{over}}}{{{digit}}}" if over and k else digit)
    return "".join(reversed(digits))


def addition(rng: Random) -> str:
    """Two to four numbers, perhaps with carries."""
    count, size = rng.choice([2, 2, 2, 3, 4]), rng.choice([99, 999, 9999, 99999])
    numbers = [rng.randint(size // 20, size) for _ in range(count)]
    decimals = rng.choice([0, 0, 0, 1, 2])
    rows = [f"{n / 10**decimals:.{decimals}f}" for n in [*numbers, sum(numbers)]]
    if not decimals and chance(rng, 0.35):
        rows[0] = _carried(numbers, [*rows[0]])
    sign = rng.choice(["+", "+", "+\\,", "+\\;", r"+\ "])
    rows[count - 1] = sign + rows[count - 1]
    if count > 2 and chance(rng, 0.5):
        rows[1 : count - 1] = [sign + row for row in rows[1 : count - 1]]
    rows[count] = r"\hline " + rng.choice([rows[count], rows[count], rows[count], "", "?"])
    return _array(rows)


def subtraction(rng: Random) -> str:
    """A smaller number from a larger one, perhaps with what was borrowed."""
    size = rng.choice([99, 999, 9999, 99999])
    low, high = sorted(rng.randint(size // 20, size) for _ in range(2))
    decimals = rng.choice([0, 0, 0, 1, 2])
    top, bottom, rest = (f"{n / 10**decimals:.{decimals}f}" for n in (high, low, high - low))
    if not decimals and chance(rng, 0.35):
        top = _borrowed(top, bottom.rjust(len(top), "0"))
    return _array([top, rng.choice(["-", "-", "-\\,", r"-\ "]) + bottom, r"\hline " + rng.choice([rest, rest, rest,
                                                                                                  ""])])


def _borrowed(top: str, bottom: str) -> str:
    """Digits struck out where one was borrowed, what is left of them above."""
    values, shown = [int(digit) for digit in top], [*top]
    for k in range(len(top) - 1, 0, -1):
        if values[k] < int(bottom[k]):
            values[k] += 10
            values[k - 1] -= 1
    for k, value in enumerate(values):
        if value != int(top[k]) and value >= 0:
            shown[k] = rf"\overset{{{value}}}{{\cancel{{{top[k]}}}}}"
    return "".join(shown)


def multiplication(rng: Random) -> str:
    """With the partial products, each one place further left."""
    a, b = rng.randint(11, rng.choice([99, 999, 9999])), rng.randint(2, rng.choice([9, 99, 99, 999]))
    sign = rng.choice([r"\times ", r"\times ", r"\times\, ", r"\cdot "])
    rows = [str(a), sign + str(b)]
    if b < 10:
        return _array([*rows, rf"\hline {a * b}"])
    steps = [str(a * int(digit)) for digit in reversed(str(b))]
    zeros = chance(rng, 0.3)
    rows += [step + (("0" * k if zeros else rf"\phantom{{{'0' * k}}}") if k else "") for k, step in enumerate(steps)]
    rows[2] = r"\hline " + rows[2]
    if chance(rng, 0.3):
        rows[-1] = "+" + rows[-1]
    return _array([*rows, rf"\hline {a * b}"])


def _steps(dividend: str, divisor: int) -> list[tuple[str, int]]:
    """Of a long division: what is taken away, underlined, and what is left with the next digit, by turns.

    Each comes with the number of the dividend's digits behind it.
    """
    rest, rows = 0, []
    for k, digit in enumerate(dividend):
        rest, behind = rest * 10 + int(digit), len(dividend) - k - 1
        taken = rest // divisor * divisor
        if not taken and behind:
            continue
        if rows:
            rows[-1] = (str(rest), behind)
        rest -= taken
        rows += [(rf"\underline{{{taken}}}", behind), (str(rest), behind)]
    return rows


def _hidden_digits(count: int) -> str:
    return rf"\phantom{{{'0' * count}}}" if count else ""


def _under_line(rng: Random, divisor: str, dividend: str) -> str:
    """`12\\overline{)144}`, the bracket of any size."""
    bracket = rng.choice([")", ")", ")", r"\big)", r"\smash{\big)}", r"\,)", r")\,", r"\smash{)}\,"])
    gap = rng.choice(["", "", r"\,", r"\;"])
    return rf"{divisor}{gap}\overline{{{bracket}{dividend}}}"


def division(rng: Random) -> str:
    """With quotient, steps and rest, or only the task."""
    divisor = rng.randint(2, rng.choice([9, 12, 25, 99]))
    quotient = rng.randint(2, rng.choice([99, 999, 9999]))
    dividend = str(divisor * quotient + (rng.randrange(divisor) if chance(rng, 0.3) else 0))
    task, kind = _under_line(rng, str(divisor), dividend), rng.random()
    if kind < 0.2:
        return task
    if kind < 0.32:
        return _array([str(quotient), task])
    steps = _steps(dividend, divisor)
    if kind < 0.85:
        return _array([str(quotient), task, *(text + _hidden_digits(behind) for text, behind in steps)])
    return _continental(rng, dividend, divisor, quotient, steps)


def _continental(rng: Random, dividend: str, divisor: int, quotient: int, steps: list[tuple[str, int]]) -> str:
    """As on the continent: the quotient behind an equals sign, the steps under the dividend."""
    first = dividend + rng.choice([":", r"\div "]) + f"{divisor}={quotient}"
    before = (len(dividend) - behind - sum(map(str.isdigit, text)) for text, behind in steps)
    return _array([first, *(_hidden_digits(n) + text for n, (text, _) in zip(before, steps, strict=True))], "l")


def polynomial_division(rng: Random) -> str:
    """Of a polynomial by x - a, with its steps."""
    letter, a = rng.choice("xxxxtyn"), rng.choice([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5])
    quotient = [rng.choice([1, 1, 1, 2, 3]), *(rng.randint(-6, 6) for _ in range(rng.choice([1, 1, 2])))]
    divisor = [1, -a]
    rest = rng.choice([0, 0, 0, rng.randint(1, 9)])
    dividend = [0] * (len(quotient) + 1)
    for i, q in enumerate(quotient):
        for j, d in enumerate(divisor):
            dividend[i + j] += q * d
    dividend[-1] += rest
    task = _under_line(rng, polynomial(divisor, letter), polynomial(dividend, letter))
    rows, left = [polynomial(quotient, letter), task], list(dividend)
    for i, q in enumerate(quotient):
        behind = len(dividend) - i - 2
        hidden = _hidden(dividend, behind, letter)
        rows.append(rf"\underline{{{polynomial([q, -a * q] + [0] * behind, letter)}}}{hidden}")
        left[i], left[i + 1] = 0, left[i + 1] + a * q
        shown = left[i + 1 : i + 3] + [0] * max(behind - 1, 0)
        if len(left) - i - 1 == 1:
            shown = left[i + 1 :]
        text = polynomial(shown, letter)
        rows.append(text + _hidden(dividend, max(behind - 1, 0), letter))
    return _array(rows)


def _hidden(dividend: list[int], places: int, letter: str) -> str:
    """White space as wide as the last terms of the dividend."""
    tail = polynomial(dividend[len(dividend) - places :], letter) if places else ""
    return rf"\phantom{{{'' if tail.startswith('-') else '+'}{tail}}}" if places else ""


CATEGORIES: dict[str, Rule] = {
    "addition": addition, "subtraction": subtraction, "multiplication": multiplication, "division": division,
    "polynomial-division": polynomial_division,
}  # fmt: skip
