"""Formulas made from nothing: the same for the same seed, valid, varied, and true where they claim something."""

import math
import os
import re
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from img2latex.data import synthesize
from img2latex.data.render import Look, render
from img2latex.data.templates import (
    genetics,
    layouts,
    life,
    mathematics,
    molecules,
    notation,
    reactions,
    repetition,
    untidy,
    vocabulary,
)
from img2latex.data.templates.algebra import braced
from img2latex.data.templates.engine import (
    MAX_TOKENS,
    SLOT,
    Templates,
    block,
    formulas,
    join,
    number,
    polynomial,
    root,
    times,
    total,
)
from img2latex.latex import normalize, problem
from img2latex.latex.tokens import tokenize

N = 10_000


@pytest.fixture(scope="module")
def drawn() -> dict[str, list[tuple[str, str]]]:
    return {"math": synthesize.labelled("math", 7, N), "biology": synthesize.labelled("biology", 7, N)}


@pytest.fixture(scope="module")
def labels(drawn) -> dict[str, list[str]]:
    return {kind: [normalize(latex) for _, latex in pairs] for kind, pairs in drawn.items()}


# What a seed promises


def test_the_same_seed_gives_the_same_formulas_in_another_process():
    code = "from img2latex.data.synthesize import *; print(hash('x'), *math(3, 300), *biology(3, 300), sep='\\n')"
    salt = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"  # another order of sets than in this process
    environment = {**os.environ, "PYTHONHASHSEED": salt}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    other_hash, *lines = run.stdout.splitlines()
    assert int(other_hash) != hash("x")
    assert lines == synthesize.math(3, 300) + synthesize.biology(3, 300)


@pytest.mark.parametrize("kind", synthesize.KINDS)
def test_fewer_are_the_head_of_more_and_seeds_differ(kind):
    few = synthesize.labelled(kind, 5, 60)
    assert few == synthesize.labelled(kind, 5, 150)[:60]
    assert few != synthesize.labelled(kind, 6, 60)
    assert synthesize.labelled(kind, 5, 0) == []


@pytest.mark.parametrize("kind", synthesize.KINDS)
def test_a_negative_number_is_refused(kind):
    with pytest.raises(ValueError, match="0 or more, not -1"):
        synthesize.labelled(kind, 0, -1)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="poetry"):
        synthesize.labelled("poetry", 0, 1)


# Variety and form


@pytest.mark.parametrize("kind", ["math", "biology"])
def test_four_in_five_are_distinct_even_as_labels(drawn, labels, kind):
    assert len({latex for _, latex in drawn[kind]}) >= 0.85 * N
    assert len(set(labels[kind])) >= 0.8 * N


@pytest.mark.parametrize("kind", ["math", "biology"])
def test_labels_have_1_to_120_tokens_mostly_5_to_40(labels, kind):
    lengths = [len(label.split()) for label in labels[kind]]
    assert min(lengths) >= 1
    assert max(lengths) <= MAX_TOKENS
    assert sum(5 <= length <= 40 for length in lengths) >= 0.7 * N
    assert sum(length > 60 for length in lengths) >= 0.005 * N


@pytest.mark.parametrize("kind", synthesize.KINDS)
def test_labels_are_balanced_and_stay_what_they_are(kind):
    for _, latex in synthesize.labelled(kind, 8, 1500):
        assert problem(latex) is None, latex
        label = normalize(latex)
        assert normalize(label) == label, latex
        tokens = tokenize(label)
        assert tokens.count("{") == tokens.count("}"), latex
        assert sum(t.startswith(r"\begin") for t in tokens) == sum(t.startswith(r"\end") for t in tokens), latex


@pytest.mark.parametrize(("kind", "module"), [("math", mathematics), ("biology", life)])
def test_every_category_occurs_near_its_weight(drawn, kind, module):
    counts = Counter(category for category, _ in drawn[kind])
    weight = sum(module.WEIGHTS.values())
    assert counts.keys() == module.WEIGHTS.keys()
    for name, share in module.WEIGHTS.items():
        expected = N * share / weight
        assert abs(counts[name] - expected) < 6 * math.sqrt(expected), name


@pytest.mark.parametrize(
    "templates",
    [mathematics.SCHOOL, mathematics.UNIVERSITY, life.TEMPLATES, repetition.PARTS, layouts.PARTS, reactions.PARTS,
     notation.CHOICES, notation.FIELD],
)  # fmt: skip
def test_every_slot_has_a_rule(templates):
    for name, rule in templates.rules.items():
        for option in [] if callable(rule) else rule:
            text = option if isinstance(option, str) else option[1]
            for slot, _ in SLOT.findall(text):
                assert slot in templates.rules, f"{name}: {text}"


def test_no_slot_or_mark_is_left(drawn):
    for kind in drawn:
        for _, latex in drawn[kind]:
            assert not SLOT.search(latex) and r"\gene" not in latex, latex
            assert "+-" not in latex and "--" not in latex, latex


def test_school_spellings_both_occur(drawn):
    text = " ".join(latex for _, latex in drawn["math"])
    for one, other in [
        (r"\leqslant", r"\leq "), (r"\mathbf{R}", r"\mathbb{R}"), (r"\begin{cases}", r"\left\{\begin{array}"),
        (r"\varphi", r"\phi"),
        (r"\frac", r"\dfrac"), (r"^{\prime}", "'"),
    ]:
        assert one in text and other in text, (one, other)


# Truth: whatever consists of numbers alone is computed again


WORDS = {r"\times": "*", r"\cdot": "*", r"\div": "/", r"\left": "", r"\right": "", r"\%": "/100"}
WORDS |= {"{": "(", "}": ")", "[": "(", "]": ")"}


def value(side: str) -> float | None:
    """Of LaTeX that holds only numbers, fractions, roots, powers and the four operations; else None."""
    text = re.sub(r"\\d?frac", "∕", side).replace(r"\sqrt{", "√{")
    code, previous = [], ""
    for token in tokenize(re.sub(r"(\d) (?=\d)", r"\1", text)):
        token = WORDS.get(token, token)
        if not re.fullmatch(r"[∕√^0-9.+*/()-]|/100|", token):
            return None
        if token in ("∕", "√", "(") and re.fullmatch(r"[\d.)]", previous):
            code.append("*")
        if previous == ")" and re.fullmatch(r"\d", token):
            code.append("*")
        code.append(token)
        previous = token or previous
    text = "".join(code).replace("^", "**")
    while "∕" in text:
        start = text.rindex("∕")
        middle = _close(text, start + 1)
        end = _close(text, middle + text[middle:].index("("))
        bottom = text[middle:end].lstrip("*")
        text = f"{text[:start]}({text[start + 1 : middle]}/{bottom}){text[end:]}"
    try:
        return eval(text.replace("√", "sqrt"), {"__builtins__": {}, "sqrt": math.sqrt})
    except (SyntaxError, ZeroDivisionError, TypeError):
        return None


def _close(text: str, start: int) -> int:
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place + 1
    raise AssertionError(text)


def test_the_check_itself():
    assert value(r"\frac{1}{2} \times\left(3-\frac{2}{4}\right)") == 1.25
    assert value(r"2 \sqrt{9}") == 6 and value(r"(2)^{3}-50 \%") == 7.5 and value(r"(2+1)(3-1)") == 6
    assert value(r"\frac{\frac{1}{4}}{\frac{1}{2}}") == 0.5 and value("12 34") == 1234
    assert value("2 x") is None and value(r"\pm 2") is None and value(r"3 \cdots 2") is None


@pytest.mark.parametrize(("kind", "least"), [("math", 500), ("biology", 900)])
def test_equations_between_numbers_are_true(drawn, kind, least):
    checked = 0
    for _, latex in drawn[kind]:
        if re.search(r"[:,<>&]|\\(approx|cdots|ldots|Rightarrow|Longrightarrow|not|equiv|le|ge)", latex):
            continue
        values = [value(side) for side in latex.split("=")]
        numbers = [v for v in values if v is not None]
        if len(numbers) > 1:
            checked += 1
            assert all(math.isclose(v, numbers[0], rel_tol=1e-9, abs_tol=1e-9) for v in numbers), latex
    assert checked > least


def test_solutions_of_quadratics_and_lines_fit(drawn):
    checked = 0
    for category, latex in drawn["math"]:
        match = re.fullmatch(r"(.*)=(.*), ([a-z])(?:_\{1\})?=(-?\d+)(?:, \3_\{2\}=(-?\d+))?", latex)
        if category not in ("quadratic", "linear") or not match:
            continue
        left, right, letter, *roots = match.groups()
        for solution in filter(None, roots):
            at = [value(re.sub(rf"(\d?) ?{letter}", rf"\1({solution})", side)) for side in (left, right)]
            assert at[0] == at[1], latex
            checked += 1
    assert checked > 60


def test_systems_have_the_solution_they_claim(drawn):
    checked = 0
    for category, latex in drawn["math"]:
        if category != "system" or "ightarrow" not in latex:
            continue
        rows = re.findall(r"([^\\{}]*?)=(-?\d+)(?= \\)", latex)
        answers = {left.strip(): int(right) for left, right in rows if len(left.strip()) == 1}
        for left, right in rows:
            for letter, answer in answers.items():
                left = re.sub(rf"(\d?) ?{letter}", rf"\1({answer})", left)
            assert value(left) == int(right), latex
            checked += 1
    assert checked > 60


# Biology


def test_crosses_name_two_parents_or_a_selfing(drawn):
    crosses = [latex for category, latex in drawn["biology"] if category == "cross"]
    assert len(crosses) > 50
    assert [latex for latex in crosses if r"\times" not in latex and r"\xrightarrow" not in latex] == []


def test_offspring_of_known_crosses():
    dihybrid = genetics.offspring(["Aa", "Bb"], ["Aa", "Bb"])
    assert dihybrid["AaBb"] == 4 and sum(dihybrid.values()) == 16 and len(dihybrid) == 9
    assert genetics.phenotypes(dihybrid) == {"A_B_": 9, "A_bb": 3, "aaB_": 3, "aabb": 1}
    assert genetics.offspring(["Aa"], ["Aa"]) == {"AA": 1, "Aa": 2, "aa": 1}
    assert genetics.offspring(["Aa", "Bb"], ["aa", "bb"]) == {"AaBb": 1, "Aabb": 1, "aaBb": 1, "aabb": 1}
    assert genetics.offspring(["DD"], ["dd"]) == {"Dd": 1}


def test_sex_linked_crosses_give_sons_the_mothers_chromosome(drawn):
    checked = 0
    for category, latex in drawn["biology"]:
        text = re.sub(r"\\mathrm|[{} ]", "", latex)
        match = re.search(r"([XZ]\^\w)([XZ]\^\w)\\times[XZ]\^\w[YW]\\rightarrow(.*)", text)
        if category == "cross" and match:
            sons = set(re.findall(r"([XZ]\^\w)[YW]", match[3]))
            assert sons == {match[1], match[2]}, latex
            checked += 1
    assert checked > 50


def species(side: str) -> tuple[Counter, int]:
    """Elements and charge of one side of a printed reaction."""
    elements, charge = Counter(), 0
    for term in re.sub(r"\\mathrm", "", side).split("+"):
        term = re.sub(r"\s", "", term)
        amount = re.match(r"\d*", term)[0]
        term = term[len(amount) :]
        sign = re.search(r"\^\{?(\d*)([PM])\}?$", term)
        if sign:
            charge += int(amount or 1) * int(sign[1] or 1) * (1 if sign[2] == "P" else -1)
            term = term[: sign.start()]
        flat = re.sub(r"_\{(\d+)\}", r"\1", term).translate(str.maketrans("", "", "{}"))
        while match := re.search(r"[(\[]([^()\[\]]*)[)\]](\d*)", flat):
            flat = flat[: match.start()] + match[1] * int(match[2] or 1) + flat[match.end() :]
        for element, count in re.findall(r"([A-Z][a-z]?)(\d*)", flat):
            elements[element] += int(amount or 1) * int(count or 1)
    return elements, charge


def test_species_of_a_known_side():
    side = r"2 \mathrm{Ca}(\mathrm{OH})_{2}+\mathrm{HCO}_{3}^{M}+3 \mathrm{Fe}^{2P}+[\mathrm{H}]"
    assert species(side) == (Counter({"Ca": 2, "O": 7, "H": 6, "C": 1, "Fe": 3}), 5)


def test_reactions_balance_in_atoms_and_charge():
    rng, kinds, checked = Random(1), set(), 0
    for _ in range(3000):
        line = molecules.reaction(rng)
        bare = re.sub(r"\+(\\text\{energy\}|\d* *\\mathrm\{ATP\})$", "", line)
        bare = re.sub(r"\^\{(\d*)\+\}", r"^{\1P}", bare)
        bare = re.sub(r"\^\{(\d*)-\}", r"^{\1M}", bare)
        sides = re.split(
            r"\\overset\{.*?\}\{=\}|\\stackrel\{.*\}\{\\longrightarrow\}"
            r"|\\xrightarrow(?:\[.*\])?\{(?:\\text\{[^{}]*\}|.*?\}(?:_\{\d\})?)\} "
            r"|\\(?:long)?rightarrow|\\rightleftharpoons|\\leftrightarrow|(?<= )=(?= )",
            bare,
        )
        assert len(sides) == 2, line
        left, right = map(species, sides)
        assert left == right, line
        kinds.add(line)
        checked += 1
    assert checked == 3000 and len(kinds) > 1500


def test_formulas_of_molecules_are_read_and_set():
    assert molecules.atoms("Ca(OH)2") == {"Ca": 1, "O": 2, "H": 2}
    assert molecules.atoms("(NH4)2SO4") == {"N": 2, "H": 8, "S": 1, "O": 4}
    assert molecules.atoms("HCO3^-") == {"H": 1, "C": 1, "O": 3}
    assert molecules.chem("HCO3^-") == r"\mathrm{HCO}_{3}^{-}"
    assert molecules.chem("NaHCO3") == r"\mathrm{NaHCO}_{3}"
    assert molecules.chem("C6H12O6") == r"\mathrm{C}_{6} \mathrm{H}_{12} \mathrm{O}_{6}"
    assert molecules.salt("Ca^2+", "PO4^3-") == ("Ca3(PO4)2", 3, 2)
    assert molecules.salt("NH4^+", "SO4^2-") == ("(NH4)2SO4", 2, 1)
    assert molecules.spell(molecules.atoms("C2H5NO2")) == "C2H5NO2"


def test_hardy_weinberg_frequencies_add_up_to_one(drawn):
    sums = pairs = 0
    for category, latex in drawn["biology"]:
        if category != "hardy-weinberg":
            continue
        plain = re.sub(r"\\d?frac\{(\d+)\}\{(\d+)\}|(\d+) / (\d+)", lambda m: f"{m[1] or m[3]}/{m[2] or m[4]}", latex)
        if match := re.fullmatch(r"(0[\d.]*)\+(0[\d.]*)\+(0[\d.]*)=1", plain):
            p2, pq2, q2 = map(Fraction, match.groups())
            assert p2 + pq2 + q2 == 1 and pq2**2 == 4 * p2 * q2, latex
            sums += 1
        if match := re.search(r"q=([\d/]+)(?:, p| \\[RL]\w+ p)?=?.*?p=([\d/]+)$|p=([\d/]+), q=([\d/]+)$", plain):
            p, q = [Fraction(text) for text in match.groups() if text]
            assert p + q == 1, latex
            pairs += 1
    assert sums > 10 and pairs > 20


def test_strands_pair(drawn):
    checked = 0
    for category, latex in drawn["biology"]:
        match = re.search(r"mathrm\{([ATGC]+)\}-3.*?mathrm\{([ATGC]+)\}-5", latex)
        if category == "strand" and match:
            assert match[1].translate(str.maketrans("ATGC", "TACG")) == match[2]
            checked += 1
    assert checked > 5


def test_genes_are_all_upright_or_all_italic_in_a_formula(drawn):
    looks = Counter()
    for category, latex in drawn["biology"]:
        if category == "sex-linked":
            upright = r"\mathrm" in latex
            left_over = re.sub(r"\\mathrm\{\w+\}", "", latex)
            assert not upright or not re.search(r"[A-Za-z]", left_over), latex
            looks[upright] += 1
    assert 0.3 < looks[True] / looks.total() < 0.5


# The whole vocabulary


def test_rare_shows_every_command_and_letter_about_equally_often():
    lines = synthesize.rare(1, 6000)
    labels = [normalize(line) for line in lines]
    assert len(set(lines)) > 0.95 * len(lines)
    text = " ".join(lines)
    for letter in vocabulary.LETTERS:
        assert letter in text, letter
    counts = Counter(token for line in lines for token in set(tokenize(line)))
    for command in vocabulary.SYMBOLS + vocabulary.BINARY + vocabulary.RELATIONS + vocabulary.ARROWS + vocabulary.BIG:
        assert counts[command] >= 20, command
    assert max(len(label.split()) for label in labels) <= MAX_TOKENS


def test_rare_needs_no_more_cards_than_there_are_for_the_first_round():
    lines = synthesize.rare(2, len(vocabulary.COMMANDS))
    seen = {token for line in lines for token in tokenize(line)}
    for commands in (vocabulary.SYMBOLS, vocabulary.FUNCTIONS, vocabulary.ACCENTS, vocabulary.WIDE):
        assert set(commands) <= seen
    assert {rf"\begin{{{name}}}" for name in vocabulary.TABLES} <= seen


# Equal parts, and layouts over several lines


@pytest.fixture(scope="module")
def large() -> dict[str, list[tuple[str, str]]]:
    return {kind: synthesize.labelled(kind, 3, 2500) for kind in ("repeating", "layouts", "untidy")}


def test_parts_differ_in_their_indices_alone():
    template = r"a_{#k} \cos #m x+b_{#n}"
    assert repetition.part(template, "1") == r"a_{1} \cos  x+b_{2}"
    assert repetition.part(template, "9") == r"a_{9} \cos 9 x+b_{10}"
    assert repetition.part(template, "n") == r"a_{n} \cos n x+b_{n+1}"
    for seed in range(50):
        assert len(repetition.indices(Random(seed), 7)) == 7


def rows_of(latex: str) -> list[list[int]]:
    """Cells in each row of each matrix and table."""
    bodies = re.findall(r"\\begin\{(?:.?matrix|array\}\{[^}]*)\}(.*?)\\end\{(?:.?matrix|array)\}", latex)
    return [[row.count("&") + 1 for row in body.split(r"\\") if row.replace(r"\hline", "").strip()] for body in bodies]


@pytest.mark.parametrize("kind", ["repeating", "layouts"])
def test_rows_of_a_matrix_or_table_are_equally_long_and_few_as_common_as_many(large, kind):
    heights, widths = Counter(), Counter()
    for category, latex in large[kind]:
        for rows in rows_of(latex) if category in ("matrix", "table", "diagram") else []:
            assert len(set(rows)) == 1, latex
            heights[len(rows)] += 1
            widths[rows[0]] += 1
    for count in range(2, 6):
        assert heights[count] > 40 and widths[count] > 40


def test_nests_are_up_to_seven_deep(large):
    depths = Counter()
    for category, latex in large["repeating"]:
        if category == "nest":
            depths[max(latex[:place].count("{") - latex[:place].count("}") for place in range(len(latex)))] += 1
    assert all(depths[depth] > 15 for depth in range(1, 7))


def test_sums_in_columns_are_right(large):
    checked = 0
    for category, latex in large["layouts"]:
        if category == "column":
            *numbers, sign, last, result = re.findall(r"-?\d+(?:\.\d+)?|\+|\\times|-(?= )", latex)
            numbers = [Fraction(n) for n in (*numbers, last)]
            right = {"+": sum(numbers), "-": numbers[0] - numbers[-1], r"\times": numbers[0] * numbers[-1]}[sign]
            assert right == Fraction(result), latex
            checked += 1
    assert checked > 50


def test_no_layout_is_a_formula_in_a_frame(large):
    assert any(r"\boxed" in latex for _, latex in large["layouts"])
    for _, latex in large["layouts"]:
        assert not latex.startswith(r"\boxed") or not latex.endswith("}") or "=" in latex, latex


@pytest.mark.parametrize("kind", ["repeating", "layouts", "untidy"])
def test_latex_draws_nearly_all_of_them(large, kind):
    drawn = render([latex for _, latex in large[kind][:150]], Look(dpi=60))
    assert sum(picture is None for picture in drawn) <= 1


# What tidy lists lack


@pytest.fixture(scope="module")
def odd(large) -> dict[str, list[str]]:
    """Labels of `untidy` by their category."""
    found: dict[str, list[str]] = {name: [] for name in untidy.WEIGHTS}
    for category, latex in large["untidy"]:
        found[category].append(normalize(latex))
    return found


def test_every_kind_of_untidy_formula_occurs_near_its_weight(odd):
    weight = sum(untidy.WEIGHTS.values())
    for name, share in untidy.WEIGHTS.items():
        expected = 2500 * share / weight
        assert abs(len(odd[name]) - expected) < 6 * math.sqrt(expected), name
    assert untidy.WEIGHTS.keys() == untidy.CATEGORIES.keys()


@pytest.mark.parametrize(
    ("lines", "rules"),
    [(notation.VECTORS, notation.BOLD), (notation.MODULAR + notation.CHOOSING + notation.BEST, notation.DISCRETE),
     (notation.PHYSICS_LINES, notation.PHYSICS)],
)  # fmt: skip
def test_no_line_has_a_slot_without_a_rule(lines, rules):
    assert {slot for text in lines for slot, _ in SLOT.findall(text)} <= rules.keys()


def test_labels_of_arrows_are_above_below_or_on_both_sides_and_of_one_spelling(odd):
    labels = [label for name in reactions.CATEGORIES for label in odd[name]]
    for command in (r"\xrightarrow", r"\xleftarrow", r"\xrightleftharpoons", r"\xleftrightarrow"):
        ways = Counter()
        for label in labels:
            for below, above in re.findall(rf"{re.escape(command)} (\[ )?(?:.*?\] )?\{{ (\}})?", label):
                ways["below" if above else "both" if below else "above"] += 1
        assert all(ways[way] > 2 for way in ("above", "below", "both")), (command, ways)
    for arrow in ("rightarrow", "longrightarrow", "rightleftharpoons"):
        assert not any(rf"set {{ \{arrow} }}" in re.sub(r"set \{.*?\} \{", "set {", label) for label in labels)


def test_numbers_of_equations_end_a_label_and_brackets_close_by_do_not(odd):
    assert all(re.search(r" \\tag\*? \{ [^{}]+ \}$", label) for label in odd["numbered"])
    assert len({label.partition(r"\tag")[2] for label in odd["numbered"]}) > 100
    assert not any(r"\tag" in label for name, labels in odd.items() if name != "numbered" for label in labels)
    assert sum(bool(re.search(r"\( \d+ \)$", label)) for label in odd["no-number"]) > 8


def rows(label: str) -> list[str]:
    """Of an array, without rules and spaces."""
    inside = re.sub(r"^\\begin\{array\} \{ [rl] \}|\\end\{array\}$|\\hline|\\underline| ", "", label)
    return re.sub(r"\\overset\{\d+\}\{(\d)\}", r"\1", inside).split(r"\\")


def test_written_sums_differences_and_products_are_right(odd):
    for label in odd["addition"]:
        *summands, result = (row.lstrip("+") for row in rows(label))
        if result.strip("?"):
            assert sum(map(Fraction, summands)) == Fraction(result), label
    for label in odd["subtraction"]:
        high, low, rest = rows(re.sub(r"\\overset \{ \d(?: \d)? \} \{ \\cancel \{ (\d) \} \}", r"\1", label))
        assert not rest or Fraction(high) - Fraction(low.lstrip("-")) == Fraction(rest), label
    for label in odd["multiplication"]:
        one, other, *_, result = rows(label)
        assert int(one) * int(re.sub(r"\D", "", other)) == int(result), label


def test_long_divisions_are_right_step_by_step(odd):
    checked = 0
    for label in odd["division"]:
        if not label.startswith(r"\begin{array} { r }"):
            continue
        quotient, task, *steps = rows(label)
        divisor, dividend = re.fullmatch(r"(\d+)\\overline\{\)(\d+)\}", task).groups()
        assert int(quotient) == int(dividend) // int(divisor), label
        if steps:
            taken = [int(re.sub(r"\D", "", step)) for step in steps]
            assert taken[-1] == int(dividend) % int(divisor), label
            assert all(step % int(divisor) == 0 for step in taken[::2]), label
            checked += 1
    assert checked > 20


def test_bold_italic_stands_beside_bold_upright(odd):
    both = [label for label in odd["bold"] if r"\boldsymbol" in label and r"\mathbf" in label]
    italic = [label for label in odd["bold"] if r"\boldsymbol" in label]
    assert len(both) > 20 and len(italic) > 0.5 * len(odd["bold"])


def test_a_micro_sign_is_upright_or_italic_and_its_label_says_mu(large):
    upright = [latex for category, latex in large["untidy"] if category == "quantity" and r"\textmu" in latex]
    assert len(upright) > 20
    assert all(r"\mu" in normalize(latex).split() for latex in upright)


def test_indices_are_staggered_or_not(odd):
    staggered = sum("{ } _" in label or "{ } ^" in label for label in odd["tensor"])
    assert 0.5 * len(odd["tensor"]) < staggered < len(odd["tensor"])


def test_vectors_have_one_to_eight_rows(odd):
    heights = Counter(label.partition(r"\end")[0].count(r"\\") + 1 for label in odd["vectors"])
    assert set(range(1, 9)) <= heights.keys()


def test_a_coloured_part_has_the_label_of_a_black_one():
    for seed in range(200):
        latex = untidy.coloured(Random(seed))
        assert normalize(latex) == normalize(re.sub(r"\\textcolor\{[^{}]*\}", "", latex)), latex


# The machine


def test_a_numbered_slot_repeats_and_another_number_differs():
    templates = Templates({"letter": ["a", "b"]})
    for seed in range(30):
        first, again, other = templates.fill(Random(seed), "<letter1>,<letter1>,<letter2>").split(",")
        assert first == again != other


def test_a_command_does_not_swallow_the_letter_after_it():
    templates = Templates({"sign": [r"\times"], "letter": ["a"]})
    assert templates.fill(Random(0), "2<sign><letter>") == r"2\times a"
    assert join(r"\{", "a") == r"\{a" and join(r"\pi", "2") == r"\pi2" and join("", "a") == "a"


def test_too_long_formulas_are_drawn_again():
    templates = Templates({"line": ["x" * 200, "y" * (MAX_TOKENS + 1), "z"]})
    assert formulas(templates, {"line": 1}, lambda rng, latex: latex, "seed", 20) == [("line", "z")] * 20


def test_templates_are_split_at_line_breaks_and_wide_gaps():
    assert block("\n  a b   c\n  d \\\n    e\n") == ["a b", "c", "d e"]


def test_sums_and_numbers_are_written_as_by_hand():
    assert polynomial([1, 0, -2]) == "x^{2}-2"
    assert polynomial([-1, Fraction(1, 2), 0], "t") == r"-t^{2}+\frac{1}{2} t"
    assert polynomial([0, 0]) == "0"
    assert total(["x", "", "-3 y"]) == "x-3 y"
    assert times(-1, "x") == "-x" and times(0, "x") == "" and times(4, "") == "4"
    assert number(Fraction(-2, 4)) == r"-\frac{1}{2}" and number(3) == "3"
    assert root(12) == r"2 \sqrt{3}" and root(9) == "3" and root(7) == r"\sqrt{7}"


def test_a_brace_is_cases_or_array():
    looks = {braced(Random(seed), ["a", "b"]) for seed in range(20)}
    assert looks == {r"\begin{cases} a \\ b \end{cases}", r"\left\{\begin{array}{l} a \\ b \end{array}\right."}


# The command


def test_the_command_prints_one_formula_a_line(capsys):
    synthesize.main(["biology", "--n", "12", "--seed", "4"])
    assert capsys.readouterr().out.splitlines() == synthesize.biology(4, 12)


def test_the_command_names_categories(capsys):
    synthesize.main(["math", "--n", "5", "--categories"])
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [tuple(row) for row in rows] == synthesize.labelled("math", 0, 5)


def test_what_is_held_out_is_not_made_up_again(tmp_path, capsys):
    *_, (_, held) = synthesize.labelled("untidy", 2, 8)
    table = tmp_path / "val.tsv"
    table.write_text(f"split\tsource\tlatex\nval\tx\t{held}\n", encoding="utf-8")
    synthesize.main(["untidy", "--n", "8", "--seed", "2", "--held-out", str(table)])
    assert capsys.readouterr().out.splitlines() == [latex for _, latex in synthesize.labelled("untidy", 2, 7)]
    with pytest.raises(SystemExit):
        synthesize.main(["untidy", "--held-out", str(tmp_path / "none.tsv")])
    assert "none.tsv" in capsys.readouterr().err


def test_the_command_refuses_a_negative_number(capsys):
    with pytest.raises(SystemExit) as stop:
        synthesize.main(["math", "--n", "-3"])
    assert stop.value.code == 2
    assert "must be 0 or more, not -3" in capsys.readouterr().err
