"""Formulas as a real Chromium shows them: each picture belongs to its formula, and what would mislead is left out."""

import subprocess
import sys
from itertools import islice

import cv2
import numpy as np
import pytest

from img2latex.data import web as module
from img2latex.data.lists import RenderError, parser
from img2latex.data.render import BORDER, MAX_HEIGHT, MAX_WIDTH
from img2latex.data.shards import Shard
from img2latex.data.web import FONTS, Look, Web, alphabets, looks, main
from img2latex.latex import normalize

MATHML = Look("STIX Two")


@pytest.fixture(scope="module")
def web(chromium):
    return Web(chromium)


def marks(picture: np.ndarray) -> int:
    """How many separate pieces of ink a picture holds."""
    return cv2.connectedComponents((picture < 128).view(np.uint8))[0] - 1


@pytest.mark.parametrize("look", [Look(), MATHML])
def test_a_picture_is_dark_ink_on_white_with_a_border(web, look):
    (picture,) = web.draw([r"\frac{x}{y}"], look)
    assert picture.dtype == np.uint8 and picture.ndim == 2
    assert picture.min() < 64 and picture.max() == 255 and marks(picture) == 3
    inside = picture[BORDER:-BORDER, BORDER:-BORDER]
    assert picture.astype(int).sum() == 255 * (picture.size - inside.size) + inside.astype(int).sum()
    for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
        assert edge.min() < 255  # cropped to the ink


@pytest.mark.parametrize("look", [Look(scale=1.0), MATHML])
def test_each_box_goes_to_its_formula(web, look):
    formulas = ["+".join("x" * n) for n in range(1, 20)]
    mixed = [latex for formula in formulas for latex in (formula, r"\frac{", r"\nosuchcommand")]
    drawn = web.draw(mixed, look)
    assert all(picture is None for k, picture in enumerate(drawn) if k % 3)
    widths = [picture.shape[1] for picture in drawn[::3]]
    assert widths == sorted(set(widths))
    steps = np.diff(widths)
    assert steps.max() - steps.min() <= 2  # each has just one "+x" more than the last


@pytest.mark.parametrize("font", FONTS)
def test_a_thin_space_between_units_is_seen(web, font):
    parted, one = web.draw([r"5\mathrm{m}\,\mathrm{s}", r"5\mathrm{m}\mathrm{s}"], Look(font))
    assert parted.shape[1] >= one.shape[1] + 4  # a sixth of an em of 32 pixels


def test_a_long_page_is_drawn_in_parts(web, monkeypatch):
    formulas = ["+".join("x" * n) for n in range(1, 13)]
    whole = web.draw(formulas)
    monkeypatch.setattr(module, "MAX_PAGE", 1_000_000)
    parts = web.draw(formulas)
    assert np.allclose([a.shape for a in whole], [b.shape for b in parts], atol=1)  # px, by where on the page it stands
    assert [marks(picture) for picture in parts] == list(range(1, 24, 2))


def test_a_lost_formula_is_no_silent_shift(chromium):
    web = Web(chromium)
    web.page(2.0).evaluate("() => { const all = show; window.show = async some => (await all(some)).slice(1) }")
    with pytest.raises(RenderError, match="1 of 2 formulas"):
        web.draw(["x", "y"])


LEFT_OUT = {
    "refused by KaTeX": [r"\href{http://a.b}{x}", "x_1_2"],
    "not shown by MathML": [
        r"\boxed{x}",
        r"\cancel{x}",
        r"\begin{array}{c|c} a & b \end{array}",
        r"\begin{array}{c} a \\ \hline b \end{array}",
        r"\underbrace{a+b}",
        r"A\xrightarrow{k}B",
        r"\overline{AB}",
        r"\mathcal{L}",
    ],
    "blank, too large or spilt": [r"\phantom{x}"],
    "no formula for a page": [r"\input{x}", r"\frac{"],
}


def test_what_a_browser_would_show_wrongly_is_left_out(web):
    formulas = [latex for some in LEFT_OUT.values() for latex in some]
    web.refused.clear()
    *left_out, shown = web.draw([*formulas, "x"], MATHML)
    assert {latex for latex, picture in zip(formulas, left_out, strict=True) if picture is not None} == set()
    assert shown is not None and +web.refused == {why: len(some) for why, some in LEFT_OUT.items()}


def test_katex_shows_what_mathml_cannot(web):
    table = r"\begin{array}{c|c} a & b \end{array}"
    shown = web.draw([r"\boxed{x}", table, r"\underbrace{a+b}", r"\overline{AB}", r"\mathcal{L}"])
    assert all(picture is not None for picture in shown)
    frame, _, bar, *_ = web.draw([r"\boxed{x}", "x", r"\overline{AB}", "AB"])
    assert (frame[BORDER + 1] < 128).mean() > 0.8, "the frame's upper edge"
    assert (bar[BORDER + 1] < 128).mean() > 0.8, "the bar is as long as what it spans"


def test_alphabets_look_different(web):
    """Browsers ignore MathML's alphabets, so that \\mathbf{R} would look like R."""
    names = ["mathbf", "mathbb", "mathfrak", "mathsf", "mathtt", "boldsymbol", "mathit"]
    pictures = [web.draw([latex], MATHML)[0] for latex in ("R", *(rf"\{name}{{R}}" for name in names))]
    assert sum(np.array_equal(pictures[0], picture) for picture in pictures[1:]) == 1  # italic, as R is
    assert len({picture.tobytes() for picture in pictures}) == len(names)


def test_letters_of_alphabets():
    found = alphabets()
    assert (found["double-struck"]["R"], found["double-struck"]["A"], found["double-struck"]["1"]) == ("ℝ", "𝔸", "𝟙")
    assert (found["script"]["B"], found["fraktur"]["C"], found["italic"]["h"], found["bold"]["x"]) == tuple("ℬℭℎ𝐱")
    assert (found["bold-italic"]["α"], found["bold-sans-serif"]["x"], found["sans-serif"]["x"]) == tuple("𝜶𝘅𝗑")
    assert all(len(plain) == len(letter) == 1 for letters in found.values() for plain, letter in letters.items())


def test_columns_are_aligned_as_their_table_says(web):
    rows = r"x & x \\ xxxxxxxx & xxxxxxxx"
    left, right = web.draw([rf"\begin{{array}}{{{c}{c}}}{rows}\end{{array}}" for c in "lr"], MATHML)
    upper = [(picture[: picture.shape[0] // 3] < 128).any(axis=0) for picture in (left, right)]
    assert upper[0].argmax() < 10 and upper[1][::-1].argmax() < 10


def test_scale_and_size_make_it_larger(web):
    heights = {look: web.draw(["x"], look)[0].shape[0] - 2 * BORDER for look in (Look(scale=1.0), Look(scale=3.0))}
    assert heights[Look(scale=3.0)] == pytest.approx(3 * heights[Look(scale=1.0)], abs=3)
    assert web.draw(["x"], Look(size=28))[0].shape > web.draw(["x"], Look(size=14))[0].shape


def test_inline_is_smaller_than_display(web):
    for font in ("KaTeX", "STIX Two"):
        display, inline = (web.draw([r"\sum_{i=1}^{n} i"], Look(font, display=d))[0] for d in (True, False))
        assert display.shape[0] > inline.shape[0]


def test_large_formulas_are_shrunk_to_what_a_shard_holds(web):
    wide, tall, endless = web.draw(["x+" * 60 + "x", r"\\".join("xyz"[n % 3] for n in range(14)), "x+" * 300 + "x"])
    assert wide.shape[1] <= MAX_WIDTH and tall.shape[0] <= MAX_HEIGHT
    assert endless is None  # its letters would be too small to read


def test_every_font_is_its_own(web):
    drawn = [web.draw([r"\int_{0}^{1} \alpha x^{2} \, dx"], Look(font, 24, 1.0))[0] for font in FONTS]
    assert all(marks(picture) >= 7 for picture in drawn)
    assert len({picture.tobytes() for picture in drawn}) == len(FONTS)


def test_nothing_leaves_the_machine(chromium):
    asked, web = [], Web(chromium)
    page = web.page(1.0)
    page.on("request", lambda request: asked.append(request.url))
    web.draw([r"\sqrt{x}"], Look(scale=1.0))
    web.draw([r"\sqrt{x}"], Look("Fira", scale=1.0))
    assert asked and all(url.startswith((module._HOST, "data:")) for url in asked)
    assert page.evaluate("fetch('http://127.0.0.1:9/').catch(() => 'refused')") == "refused"
    page.close()


def test_looks_follow_from_the_seed_and_cover_the_fonts():
    one, two, other = (list(islice(looks(seed), 400)) for seed in (1, 1, 2))
    assert one == two != other
    assert {look.font for look in one} == set(FONTS) and {look.display for look in one} == {True, False}


def test_the_command_makes_a_shard(tmp_path):
    formulas = ["x^2", r"\frac{a}{b}", r"\frac{a", "y_1_2", r"\boxed{z}"]
    (tmp_path / "list.tsv").write_text("".join(f"mine\t{latex}\n" for latex in formulas))
    options = ["--list", tmp_path / "list.tsv", "--out", tmp_path / "out", "--name", "page", "--limit", "4"]
    command = [sys.executable, "-m", "img2latex.data.web", *map(str, options)]
    first, second = (subprocess.run(command, capture_output=True, text=True, timeout=600) for _ in "12")
    assert first.returncode == second.returncode == 0, first.stderr
    assert first.stdout.startswith("1 no label, 1 not drawn, 2 pictures\n") and "1 refused by KaTeX" in first.stdout
    assert second.stdout.startswith("2 pictures, 1 skipped shards\n")
    shard = Shard(tmp_path / "out" / "page-00000.zip")
    shard.verify()
    assert sorted(shard.labels) == sorted(normalize(latex) for latex in formulas[:2])


def test_a_bad_list_is_told_in_one_sentence(tmp_path, capsys):
    assert main(["--list", str(tmp_path / "none.tsv"), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("path", "named"), [("", "kpsewhich"), (None, "NoSuchMath.otf")])
def test_what_is_missing_is_named(monkeypatch, path, named):
    if path is None:
        monkeypatch.setitem(module.FONTS, "None", (1, "NoSuchMath.otf"))
    else:
        monkeypatch.setenv("PATH", path)
    with pytest.raises(RenderError, match=named):
        module._files()


def test_both_renderers_take_the_same_options():
    options = parser("web", "").parse_args(["--list", "l", "--out", "o"])
    assert vars(options).keys() == {"list", "out", "name", "seed", "per_shard", "limit"}
