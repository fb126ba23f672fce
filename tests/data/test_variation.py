"""Variations of formulas: the layout stays, the letters do not; what cannot be varied safely stays as it is."""

import random

import pytest

from img2latex.data.corpus import Formula, main, varied
from img2latex.data.variation import ACCENTS, LETTERS, vary
from img2latex.latex import normalize

FORMULAS = [
    r"x^{2}+y_1=\frac{a-b}{3}", r"\left(\alpha\beta\right)^n", r"\sqrt x \cdot \sum_{i=1}^{n} i^2",
    r"\bar{B}_{\mu\nu} = \partial_\mu A_\nu", r"f'(t)\rightarrow 0", r"A^T x_k \in V", "x^a_b",
]  # fmt: skip


def variations(latex, count=200):
    return [vary(latex, random.Random(seed)) for seed in range(count)]


def layout(latex):
    """The label with all letters, digits and accents alike."""
    tokens = [t for t in normalize(latex).split(" ") if t not in ACCENTS]
    return [t for t in tokens if t in ("^", "_", r"\frac", r"\sqrt", "&", r"\\", r"\sum")]


@pytest.mark.parametrize("latex", FORMULAS)
def test_variations_can_be_read_and_keep_the_layout(latex):
    for variation in variations(latex):
        assert layout(variation) == layout(latex), variation


def test_letters_digits_signs_and_accents_all_vary():
    found = " ".join(normalize(v) for v in variations(FORMULAS[0], 1000)).split(" ")
    assert {*"0123456789"} <= set(found) and len(LETTERS & set(found)) > 60
    assert set(ACCENTS) - {r"\widehat", r"\widetilde"} <= set(found)
    assert {r"\pm", r"\equiv", r"\mathbf", r"\boldsymbol", r"\mathsf", r"\vartheta"} <= set(found)
    assert len({*variations(FORMULAS[0])}) > 150


def test_names_become_bold_wherever_they_stand():
    labels = {normalize(v) for v in variations(r"v \cdot v + \lambda u_v", 300)}
    whole = r"\boldsymbol { v } \cdot \boldsymbol { v } + "
    assert any(label.startswith(whole) and r"_ { \boldsymbol { v } }" in label for label in labels)
    assert any(r"\boldsymbol { \lambda }" in label and not label.startswith(whole) for label in labels)
    assert not any(r"\mathbf{{\boldsymbol" in v for v in variations(r"\mathbf{v}=v", 300))


def test_letters_in_another_font_get_accents_and_indices_get_commas():
    labels = [normalize(v) for v in variations(r"D_{i}+x_j", 3000)]
    assert any(rf"{accent} {{ \mathbf {{" in label for label in labels for accent in ACCENTS)
    assert any("_ { , " in label for label in labels) and any(r"_ { \mathrm {" in label for label in labels)


@pytest.mark.parametrize(
    "latex", [r"\text{if } x", r"\operatorname{Gal}(K)", r"\hspace{2cm}x", r"\mathrm{kg}", r"a\\[2pt] b"]
)
def test_words_and_lengths_stay(latex):
    assert set(variations(latex, 20)) == {latex}


def test_a_command_does_not_run_into_what_follows():
    assert not any(r"\alphax" in v or r"\pix" in v for v in variations("abx", 500))
    for variation in variations("ab", 300):
        normalize(variation)


def test_an_argument_without_braces_stays_one_letter():
    for variation in variations(r"\sqrt x^a", 300):
        label = normalize(variation).split(" ")
        root = label[: label.index("^")]
        assert root[:2] == [r"\sqrt", "{"] and root[-1] == "}", variation
        assert len([token for token in root if token in LETTERS]) == 1, variation


def test_the_same_seed_gives_the_same_variation():
    assert variations(FORMULAS[2], 9) == variations(FORMULAS[2], 9)


def test_a_share_of_a_list_varies_and_none_into_a_formula_kept_out():
    digits = [Formula("train", "s", d, d) for d in "0123456789"] * 50
    kept_out = {*"01234"}
    found = varied(digits, 1.0, 0, kept_out)
    assert all(f.label == f.latex for f in found)
    assert not any(new.label in kept_out for new, old in zip(found, digits, strict=True) if new != old)
    changed = sum(new != old for new, old in zip(found, digits, strict=True))
    assert 30 < changed < 120  # three in ten, half of them kept out
    assert varied(digits, 0.0, 0, set()) == digits


def test_the_command_varies_what_is_trained_on_alone(tmp_path):
    rows = [("train", f"x_{{{n}}}=a+{n}") for n in range(60)] + [("test", f"y={n}") for n in range(20)]
    table = tmp_path / "math" / "formulas.tsv"
    table.parent.mkdir()
    table.write_text("split\tsource\tlatex\n" + "".join(f"{split}\tnapkin\t{latex}\n" for split, latex in rows))
    assert main([str(table), "--out", str(tmp_path / "out"), "--varied", "1", "--endings", "0"]) == 0
    train, test = ((tmp_path / "out" / "math" / f"{split}.tsv").read_text().splitlines() for split in ("train", "test"))
    assert sorted(test) == sorted(f"napkin\t{latex}" for split, latex in rows if split == "test")
    originals = {f"napkin\t{latex}" for _, latex in rows}
    assert len(train) == 60 and sum(line in originals for line in train) < 30
