"""What mhchem and siunitx print, and what their commands are written out as: TeX sets both, and boxes are compared."""

import re
import shutil
import subprocess

import pytest

from img2latex.latex import beautify, normalize, problem

# From the manual of mhchem 4, a formula for each rule.
CHEMISTRY = r"""H2O|Sb2O3|H+|CrO4^2-|[AgCl2]-|Y^99+|Y^{99+}|2 H2O|2H2O|0.5 H2O|1/2 H2O|(1/2) H2O|^{227}_{90}Th+
^227_90Th+|^{0}_{-1}n^{-}|^0_-1n-|H{}^3HO|H^3HO|^14C|_6^12C|(NH4)2S|H2(aq)|CO3^2-_{(aq)}
NaOH(aq,$\infty$)|NO_x|Fe^n+|x Na|2n H2O|\mu-Cl|^40_18Ar + \gamma{} + \nu_e|Fe(CN)_{$\frac{6}{2}$}
X_{$i$}^{$x$}|X_$i$^$x$|{Gluconic Acid} + H2O2|X_{{red}}|KCr(SO4)2*12H2O|KCr(SO4)2.12H2O
KCr(SO4)2 * 12 H2O|Fe^{II}Fe^{III}2O4|OCO^{.-}|NO^{(2.)-}|Cu^2+(aq)|Cl-(aq)|BaSO4 v|CO2 ^
A v B (v)|C6H5-CHO|[Pt(\eta^2-C2H4)Cl3]-|$n$ H2O|Hg^2+ + I-|SO4^{2-}|M^{..}_i|Mg^._{Li}|NH4+ + OH-
n(H2O)|e-"""
CHEMISTRY = [rf"\ce{{{formula}}}" for line in CHEMISTRY.split("\n") for formula in line.split("|")]
UNITS = r"""\num{3}|\num{1.5e-3}|\num{.5}|\num{1,5}|\num{e5}|\num{-2.5}|\num{1.2(3)}|\num{1.2(3)e4}|\num{4+-1}
\num{4+-1e2}|\qty{5}{kg}|\SI{5}{\kilo\gram}|\SI{9.81}{\metre\per\second\squared}|\unit{\ohm\metre}
\SI{5}{\micro\gram\per\milli\litre}
\si{kg.m^2/s^2}|\si{kg.m^2.s^{-2}}|\unit{\per\square\metre}|\unit{\kilo\gram\cubic\metre}|\qty{25}{\degreeCelsius}
\qty{30}{\degree}|\qty{5}{\percent}|\qty{8.31}{J.mol^{-1}.K^{-1}}|\SI[mode=text]{5}{\um}|\ang{30}|\ang{1;2;3}"""
UNITS = UNITS.replace("\n", "|").split("|")
_GLYPH = re.compile(r"^[.|]*\\\w+/(\w+)/\w+/(\w+)/([\d.]+) (\S+)", re.MULTILINE)
# Signs that look alike but come from other fonts: dashes and the minus sign, full stops, commas, micro signs.
_ALIKE = {"{": "-", "^^@": "-", ":": ".", ";": ",", "^^A": ".", "\ufffd": "^^V"}


def glyphs(formulas, package, folder):
    """Of each formula the glyphs with their sizes, sorted, as TeX puts them into a box."""
    boxes = "".join(rf"\setbox0\hbox{{{latex}}}\typeout{{@@}}\showbox0" + "\n" for latex in formulas)
    (folder / "boxes.tex").write_text(
        r"\documentclass{article}\usepackage{amsmath,amssymb}" + package + r"\showboxbreadth=9999\showboxdepth=9999"
        r"\begin{document}" + "\n" + boxes + r"\end{document}"
    )
    command = [shutil.which("latex"), "-interaction=batchmode", "boxes.tex"]
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, timeout=300)
    log = (folder / "boxes.log").read_text(errors="replace")
    found = []
    for box in re.split(r"^@@$", log, flags=re.MULTILINE)[1:]:
        shown = _GLYPH.findall(box.partition("! OK.")[0])
        assert shown
        found.append(sorted((_look(*glyph), size) for *glyph, size in ((f, s, g, z) for f, s, z, g in shown)))
    return found


def _look(font, shape, glyph):
    if font == "cmm" and glyph == "=":
        return "/"
    return _ALIKE.get(glyph, glyph) + " slanted" * (glyph.isalpha() and shape == "it")


@pytest.mark.parametrize(
    "package, formulas", [(r"\usepackage[version=4]{mhchem}", CHEMISTRY), (r"\usepackage{siunitx}", UNITS)]
)
def test_what_is_written_out_has_the_glyphs_that_the_package_prints(package, formulas, tmp_path):
    printed = glyphs(formulas, package, tmp_path)
    written = glyphs([f"${normalize(latex)}$" for latex in formulas], "", tmp_path)
    pairs = dict(zip(formulas, zip(printed, written, strict=True), strict=True))
    assert {latex: pair for latex, pair in pairs.items() if pair[0] != pair[1]} == {}


@pytest.mark.parametrize(
    "latex, beautiful",
    [
        (r"\ce{A <--> B}", r"\mathrm{A}\rightleftarrows\mathrm{B}"),
        (r"\ce{A ->[][b] B}", r"\mathrm{A}\xrightarrow[b]{}\mathrm{B}"),
        (r"\ce{A <=>[{a b}][$x$] B}", r"\mathrm{A}\xrightleftharpoons[x]{\text{a b}}\mathrm{B}"),
        (r"\ce{Hg^2+ ->[I-] HgI2}", r"\mathrm{Hg}^{2+}\xrightarrow{\mathrm{I}^{-}}\mathrm{HgI}_{2}"),
        (r"\ce{HC#CH}", r"\mathrm{HC}\equiv\mathrm{CH}"),
        (r"\ce{A\bond{=}B\bond{...}C}", r"\mathrm{A}=\mathrm{B}\cdots\mathrm{C}"),
        (r"\SI{5}{kg}", r"5\,\mathrm{kg}"),
        (r"\SI{5}{\micro\gram\per\milli\litre}", r"5\,\mu\mathrm{g}\,\mathrm{mL}^{-1}"),
        (r"\ang{30}+\ang ABC", r"30^{\circ}+\angle ABC"),
    ],
)
def test_written_out(latex, beautiful):
    assert beautify(latex) == beautiful
    assert problem(latex) is None


@pytest.mark.parametrize(
    "latex",
    [
        r"\ce{X <-- Y}", r"\ce{A --> B}", r"\ce{A!B}", r"\ce{A\bond{~}B}",
        r"\ce{A^}", r"\ce{A_}", r"\ce{A ->[b C}", r"\ce{A$x}", r"\ce{A\bond}", r"\ce{=A}",
        r"\SI{5}{\foo}", r"\num{abc}", r"\num{1.0+-1}", r"\num{}", r"\si{}", r"\si{\kilo}",
        r"\ang{1;2;3;4}", r"\qty{1}{m^x}", r"\unit{\tothe{2}\metre}",
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_in_one_sentence(latex):
    assert problem(latex) and "\n" not in problem(latex)
