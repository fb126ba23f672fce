import gzip
import os
import re
import shutil
import stat
from itertools import islice

import numpy as np
import pytest

from img2latex.data import lists
from img2latex.data import render as module
from img2latex.data.lists import RenderError
from img2latex.data.render import BORDER, FONTS, LOOKS, Look, body, looks, main, render
from img2latex.data.shards import Shard
from img2latex.latex import normalize

GOOD = ["a^{2}+b^{2}=c^{2}", r"\frac{x}{y}", r"\sum_{i=1}^{n} i"]


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and np.array_equal(a, b)


def test_a_picture_is_dark_ink_on_white_with_a_border():
    (picture,) = render([r"\frac{x}{y}"])
    assert picture.dtype == np.uint8 and picture.ndim == 2
    assert picture.min() < 64 and picture.max() == 255
    inside = picture[BORDER:-BORDER, BORDER:-BORDER]
    assert picture.astype(int).sum() == 255 * (picture.size - inside.size) + inside.astype(int).sum()
    for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
        assert edge.min() < 255  # cropped to the ink


BROKEN = [
    r"\frac{a}{b",  # braces, found before LaTeX runs
    r"\begin{array}{c} a",  # an open environment, which would send TeX into a loop
    r"\undefinedcommand x",
    r"\left( x",
    "x_1_2",
    "x & y",
    r"\begin{nosuch} a \end{nosuch}",
    r"\text{a}} + {b",
    r"\frac{\left( a}{b \right)}",
    r"\begin{array}{c} a & b & c \end{array} \right)",
]


def test_a_broken_formula_is_none_and_shifts_nothing():
    good = [f"x+{'y' * (k % 5)}z_{{{k}}}" for k in range(2 * len(BROKEN))]
    alone = render(good)
    once = [latex for pair in zip(BROKEN, good[: len(BROKEN)], strict=True) for latex in pair]
    twice = [latex for bad, fine in zip(BROKEN, good[len(BROKEN) :], strict=True) for latex in (bad, bad, fine)]
    drawn = dict(enumerate(render(once + twice)))
    assert {(once + twice)[k] for k, picture in drawn.items() if picture is None} == set(BROKEN)
    pictures = [picture for picture in drawn.values() if picture is not None]
    assert len(pictures) == len(alone)
    assert all(same(*pair) for pair in zip(pictures, alone, strict=True))


def test_more_errors_than_tex_bears_in_a_run():
    drawn = render([r"\nosuch"] * 120 + ["x"] + [r"\nosuch \nosuch"] * 3)
    assert [k for k, picture in enumerate(drawn) if picture is not None] == [120]


def test_each_page_goes_to_its_formula():
    counts = list(range(1, 40))
    widths = [picture.shape[1] for picture in render(["+".join("x" * n) for n in counts], Look(dpi=90))]
    assert widths == sorted(set(widths))
    steps = np.diff(widths)
    assert steps.max() - steps.min() <= 2  # each has just one "+x" more than the last


def test_a_run_without_its_pages_is_split(monkeypatch):
    """Pages lost without an error in the log: only halves tell which formula it was."""
    typeset, runs = module._typeset, []

    def loses_a_page(formulas, look, folder):
        runs.append(len(formulas))
        return (False, []) if "y" in formulas.values() else typeset(formulas, look, folder)

    monkeypatch.setattr(module, "_typeset", loses_a_page)
    drawn = render(["x", "y", "z", "z"])
    assert [picture is None for picture in drawn] == [False, True, False, False]
    assert runs == [4, 2, 1, 1, 2]


def test_a_run_that_hangs_is_ended(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "TIMEOUT", (0.5, 0.0))
    monkeypatch.setattr(module, "PATIENCE", 1)
    program = tmp_path / "latex"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert render(["x"]) == [None]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_busy_machine_takes_no_formula_away(monkeypatch, tmp_path):
    """The time that counts is the program's own."""
    monkeypatch.setattr(module, "TIMEOUT", (2.0, 0.0))
    program = tmp_path / "latex"
    program.write_text(f"#!/bin/sh\nsleep 3\nexec {shutil.which('latex')} \"$@\"\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert render(["x"])[0] is not None


def test_of_formulas_that_hang_the_others_are_drawn_at_once(monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", (3.0, 0.0))
    run, runs = module.run, []
    monkeypatch.setattr(module, "run", lambda command, *rest: runs.append(command[0]) or run(command, *rest))
    monkeypatch.setattr(module, "FORBIDDEN", re.compile(r"\\input"))  # so that one gets through
    drawn = render(["x", r"\loop\iftrue\repeat", "y", "z"])
    assert [picture is None for picture in drawn] == [False, True, False, False]
    assert runs == ["latex", "latex", "dvipng"]


def test_what_shows_nothing_is_none():
    assert render(["", "   ", r"\quad", r"\phantom{x}", "$$"]) == [None] * 5


HOSTILE = [
    r"\input{/etc/passwd}",
    r"\include{secret}",
    r"\openin5=/etc/passwd \read5 to\x",
    r"\immediate\write18{touch stolen}",
    r"\newwrite\f\immediate\openout\f=stolen",
    r"\special{ps: quit}",
    r"\catcode`\%=12 x",
    r"\def\x{\x}\x",
    r"\csname input\endcsname{/etc/passwd}",
    r"^^5cinput{/etc/passwd}",
    r"\expandafter\input\jobname",
    r"\loop x\repeat",
    r"\verb|x|",
    r"\usepackage{shellesc}",
    r"x \end{document}",
    "x % the rest of the line",
    r"\makeatletter\@input{x}",
    r"\let\x=y",
    r"\shipout\hbox{x}",
    r"\setbox0=\hbox{x}",
    r"\ifnum1=1 x\fi",
    r"\begin{filecontents}{a}x\end{filecontents}",
    "x$ text $y",
]


@pytest.mark.parametrize("latex", HOSTILE)
def test_hostile_formulas_never_reach_latex(latex):
    assert body(latex) is None


def test_hostile_formulas_leave_the_others_alone():
    drawn = render([*HOSTILE, "x"])
    assert drawn[:-1] == [None] * len(HOSTILE)
    assert same(drawn[-1], render(["x"])[0])


def test_even_unread_a_file_outside_stays_closed(monkeypatch, tmp_path):
    """The second lock: TeX itself may open nothing outside of its folder."""
    monkeypatch.setattr(module, "FORBIDDEN", module.re.compile("(?!)"))
    (tmp_path / "secret.tex").write_text("SECRET")
    drawn = render([rf"\input{{{tmp_path}/secret.tex}}", "x"])
    assert [picture is None for picture in drawn] == [True, False]


HONEST = [
    r"a \% b", r"\theta \iff \mu", r"\text{if $x > 0$}", r"\operatorname{Var} x", r"\{ x \mid x \in \mathbb{R} \}",
    r"\begin{cases} a & b \\ c & d \end{cases}", r"\Bbb{R} \frak g \mathscr{L} 35\degree", r"\cfrac{1}{2}",
    r"\xrightarrow{\text{enzyme}}", r"\overset{a}{=} \underbrace{x}_{n} \cancel{x} \slash \mbox{ so }",
    r"\textcolor{red}{x}", r"\Box", r"\boldsymbol{\beta} \bm{x}", r"a \textgreater b", r"\bold{x} \mathds{1}",
    r"\begin{matrix} 1 & 2 & 3 & 4 & 5 & 6 & 7 & 8 & 9 & 10 & 11 & 12 \end{matrix}",
]  # fmt: skip


def test_honest_formulas_are_drawn():
    drawn = render(HONEST)
    assert [latex for latex, picture in zip(HONEST, drawn, strict=True) if picture is None] == []


REWRITTEN = [
    (r"\begin{align}a&=b\\c&=d\end{align}", r"\begin{aligned}a&=b\\c&=d\end{aligned}"),
    (r"\begin{align*}a&=b\label{x}\\c&=d\nonumber\end{align*}", r"\begin{aligned}a&=b\\c&=d\end{aligned}"),
    (r"\begin{equation}\begin{split}a&=b\\c&=d\end{split}\end{equation}",
     r"\begin{aligned}a&=b\\c&=d\end{aligned}"),
    (r"\begin{gather}a\\b+c\end{gather}", r"\begin{gathered}a\\b+c\end{gathered}"),
    (r"\begin{multline*}a\\b+c\end{multline*}", r"\begin{gathered}a\\b+c\end{gathered}"),
    (r"\begin{alignat}{2}a&=b&c&=d\end{alignat}", r"\begin{alignedat}{2}a&=b&c&=d\end{alignedat}"),
    (r"a&=b\\c&=d", r"\begin{aligned}a&=b\\c&=d\end{aligned}"),
    (r"a\\b", r"\begin{gathered}a\\b\end{gathered}"),
    (r"$x+y$", "x+y"), (r"$$x+y$$", "x+y"), (r"\[ x+y \label{3} \]", "x+y"), (r"\(x+y\)", "x+y"),
    (r"\boldsymbol{ \bm{\theta} }_1", r"\boldsymbol{ {\theta} }_1"),
    (r"\bm{a + \boldsymbol{b}^{\boldsymbol{\{c}}} \bm {d}", r"\bm{a + {b}^{{\{c}}} \bm {d}"),
]  # fmt: skip


def test_what_needs_a_page_of_its_own_is_rewritten():
    for outer, inner in REWRITTEN:
        assert body(outer) == body(inner)
    assert all(picture is not None for picture in render([outer for outer, _ in REWRITTEN]))


def test_eqnarray_has_three_columns_in_display_style():
    drawn, plain, line = render([r"\begin{eqnarray}\frac{a}{b}&=&c\\d&=&e\end{eqnarray}",
                                 r"\begin{array}{rcl}\frac{a}{b}&=&c\\d&=&e\end{array}", r"\frac{a}{b}=c"])  # fmt: skip
    assert drawn.shape[0] > plain.shape[0] > 0
    assert drawn.shape[0] > 1.3 * line.shape[0]


def test_size_and_resolution_scale_the_picture():
    plain, fine, large = (render(["x+y+z"], look)[0] for look in (Look(dpi=100), Look(dpi=200), Look(dpi=100, size=14)))
    ink = [picture.shape[1] - 2 * BORDER for picture in (plain, fine, large)]
    assert 1.9 < ink[1] / ink[0] < 2.1
    assert 1.3 < ink[2] / ink[0] < 1.5


def test_style_and_weight_show():
    formula = [r"\sum_{i=1}^{n} \frac{a}{b}"]
    display, inline, bold = (render(formula, look)[0] for look in (Look(), Look(display=False), Look(bold=True)))
    assert display.shape[0] > 1.5 * inline.shape[0]
    assert (bold < 128).sum() > 1.15 * (display < 128).sum()


@pytest.mark.parametrize("font", FONTS)
def test_each_font_knows_the_common_symbols(font):
    formula = (r"\alpha\mathbb{R}\mathcal{A}\mathfrak{g}\mathscr{L}\boldsymbol{\beta}\mathbf{x}\mathrm{d}x\leqslant"
               r"\geqslant\varnothing\square\therefore\because\triangle\parallel\nparallel\complement\hbar\angle"
               r"\widehat{abc}\overrightarrow{AB}\int_0^1\iint\oint\sum\prod\sqrt[3]{x}\text{if}\subseteqq\subsetneqq"
               r"\left(\frac{a}{b}\right\rangle\xrightarrow{a}\rightleftharpoons\lesssim\iff\cancel{x}")
    if font in module.NO_BOLD_ITALIC:
        formula = formula.replace(r"\boldsymbol", "")
    pictures = render([formula, "x"], Look(font=font, dpi=100))
    assert all(picture is not None for picture in pictures)


def test_fonts_differ():
    drawn = [render(["a+g"], Look(font=font))[0] for font in ("computer modern", "stix2", "arev", "euler")]
    assert len({picture.tobytes() for picture in drawn}) == 4


def test_looks_are_many_seeded_and_mostly_computer_modern():
    some = list(islice(looks(1), 2000))
    assert some == list(islice(looks(1), 2000))
    assert some != list(islice(looks(2), 2000))
    assert len(set(some)) > 1000
    assert {look.font for look in some} == set(FONTS)
    assert 0.3 < np.mean([look.font == "computer modern" for look in some]) < 0.4
    assert {look.display for look in some} == {look.bold for look in some} == {True, False}
    assert min(look.dpi for look in some) == 80 and max(look.dpi for look in some) == 300


def test_documentation_is_small_print():
    some = list(islice(LOOKS["documentation"](1), 200))
    assert some == list(islice(LOOKS["documentation"](1), 200))
    assert {look.font for look in some} == {"computer modern"}
    assert {look.size for look in some} == {10, 11, 12} and {look.display for look in some} == {True, False}
    assert 75 <= min(look.dpi for look in some) < 80 and 125 < max(look.dpi for look in some) <= 130


def test_what_is_too_large_is_drawn_smaller_or_not_at_all():
    short, long, endless = render(["x", "+".join("x" * 100), "+".join("x" * 1500)], Look(dpi=300))
    assert same(short, render(["x"], Look(dpi=300))[0])  # the others keep their resolution
    assert 800 < long.shape[1] <= module.MAX_WIDTH
    assert endless is None


def test_a_missing_program_is_said_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="latex is not installed"):
        render(["x"])


def test_temporary_files_are_removed(monkeypatch, tmp_path):
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    assert render(["x", r"\nosuch"])[0] is not None
    assert list(tmp_path.iterdir()) == []


def formulas(n: int) -> list[tuple[str, str]]:
    return [("school" if k % 2 else "paper", rf"x_{k}+\frac{{{k}}}{{y}}") for k in range(n)]


NUMBERED = [rf"a^{{2}}+{letter}=c\tag{{{n}}}" for n, letter in enumerate("bdefghjklmnopqrstuvw", 1)]


def test_a_number_is_drawn_beside_its_formula_and_stands_in_the_label(tmp_path):
    rows = [("book", latex) for latex in [*NUMBERED, "a^{2}+b=c"]]
    lists.build(rows, tmp_path, render, looks, jobs=1)
    shard = Shard(next(tmp_path.iterdir()))
    assert sorted(shard.labels) == sorted(map(normalize, [*NUMBERED, "a^{2}+b=c"]))
    widths = dict(zip(shard.labels, shard.widths, strict=True))
    plain = widths.pop(normalize("a^{2}+b=c"))
    assert min(widths.values()) > 1.2 * plain
    assert max(widths.values()) > 2 * min(widths.values())  # near and far


def gaps(picture: np.ndarray) -> list[int]:
    """Widths of the white columns between ink, from left to right."""
    ink = np.flatnonzero(picture.min(0) < 128)
    return [int(step) for step in np.diff(ink) if step > 1]


def test_a_number_stands_left_or_right_and_at_least_an_em_away_or_behind_dots():
    left = right = dotted = 0
    for picture in render(NUMBERED, Look(dpi=200)):  # 28 pixels to an em
        wide = max(gaps(picture))
        if wide < 26:
            dotted += 1
        elif gaps(picture).index(wide) < len(gaps(picture)) / 2:
            left += 1
        else:
            right += 1
    assert left >= 1 and right >= 8 and dotted <= 8


def test_a_number_of_several_or_within_a_part_is_neither_drawn_nor_a_label():
    for latex, plain in [(r"\frac{a\tag{1}}{b}", r"\frac{a}{b}"), (r"a\tag{$x^2$}", "a"), (r"a\tag{1}\tag{2}", "a")]:
        assert body(latex) == plain and normalize(latex) == normalize(plain)


def test_bold_italic_is_not_drawn_where_it_looks_like_another_letter():
    plain, bold = render(["x", r"\boldsymbol{x}"], Look(font="sans"))
    assert plain is not None and bold is None
    italic, page = (render([r"x+\boldsymbol{x}"], Look(bold=bold))[0] for bold in (False, True))
    assert same(italic, page)  # in bold print both letters would be bold
    assert not same(*(render(["x+x"], Look(bold=bold))[0] for bold in (False, True)))


def test_arrows_of_mhchem_are_drawn_by_it():
    short, long, labelled = render([r"A\rightleftharpoons B", r"A \ce{<=>} B", r"A \ce{<=>[$k_1$][$k_{-1}$]} B"])
    assert short.shape[1] < long.shape[1] and long.shape[0] < labelled.shape[0]


def test_the_command(tmp_path, capsys):
    lines = "".join(f"{source}\t{latex}\n" for source, latex in formulas(4))
    with gzip.open(tmp_path / "list.tsv.gz", "wt", encoding="utf-8") as file:
        file.write(lines)
    out = tmp_path / "out"
    assert main(["--list", str(tmp_path / "list.tsv.gz"), "--out", str(out), "--jobs", "1", "--limit", "3"]) == 0
    assert "3 pictures" in capsys.readouterr().out
    assert len(Shard(out / "render-00000.zip")) == 3


def test_the_command_takes_looks(tmp_path):
    (tmp_path / "list.tsv").write_text("".join(f"{source}\t{latex}\n" for source, latex in formulas(4)))
    origins = set()
    for name in LOOKS:
        out = tmp_path / name
        assert main(["--list", str(tmp_path / "list.tsv"), "--out", str(out), "--jobs", "1", "--looks", name]) == 0
        origins.add(Shard(out / "render-00000.zip").origin)
    assert len(origins) == len(LOOKS)
