r"""LaTeX documents out of the vignettes (.Rnw) of R packages, for `data.pages --documents`: prose that people wrote.

    python runs/vignettes.py FOLDER OUT        FOLDER: unpacked packages, searched through

What R would compute is left out: code, results, figures and files of references. Numbers, pictures of the package mwe
and made-up citations stand in their places. Of each vignette with formulas there are two documents: as it is, and in
another class, that of a journal mostly, and at times in other fonts.
"""

import gzip
import random
import re
import sys
from pathlib import Path

FEWEST = 12  # formulas of a vignette, displayed ones counted twice
CLASSES = (
    r"\documentclass[conference]{IEEEtran}", r"\documentclass[aps,prl,twocolumn]{revtex4-2}",
    r"\documentclass[aps,pre,preprint]{revtex4-2}", r"\documentclass[5p]{elsarticle}",
    r"\documentclass[review]{elsarticle}", r"\documentclass{amsart}", r"\documentclass{llncs}",
    r"\documentclass[twocolumn]{article}", r"\documentclass[12pt]{article}",
)  # fmt: skip
_PACKAGES = "newtxtext,newtxmath mathptmx lmodern fourier stix2 libertinus mathpazo kpfonts cmbright".split()
_OPEN_TYPE = ("latinmodern", "texgyretermes", "texgyrepagella")
FONTS = (
    *[rf"\usepackage{{{name}}}" for name in _PACKAGES], *[""] * 8,
    *[rf"\usepackage{{unicode-math}}\setmathfont{{{name}-math.otf}}" for name in _OPEN_TYPE],
)  # fmt: skip
# What the class of R's own journal brings, for other classes.
JOURNAL = r"""\providecommand\pkg[1]{\textbf{#1}}\providecommand\code[1]{\texttt{#1}}
\providecommand\proglang[1]{\textsf{#1}}\providecommand\Abstract[1]{\begin{abstract}#1\end{abstract}}
\def\silent#1{\providecommand#1[1]{}}\silent\Plainauthor\silent\Plaintitle\silent\Shorttitle\silent\Keywords\silent\Plainkeywords\silent\Address
"""
FIGURES = ("example-image-a", "example-image-golden", "example-grid-100x100bp")
PEOPLE = "Smith Jones Li Wang Müller Garcia Kim Rossi Tanaka Chen Nguyen Ivanov Silva Dubois Okafor Haddad".split()
CITATION = re.compile(r"\\(cite[a-zA-Z]*)\*?(?:\[[^]]*\])*\{([^}]*)\}")
DISPLAYED = re.compile(r"\\begin\{(?:equation|align|eqnarray|gather|multline|displaymath)\*?\}|\\\[|\$\$")


def read(path: Path) -> str:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def without_r(text: str, rng: random.Random) -> str:
    """A vignette without R."""
    text = re.sub(r"(?ms)^\s*<<.*?>>=.*?^@.*?$", "", text)
    text = re.sub(r"\\(?:SweaveOpts|SweaveInput|input|include)\{[^}]*\}", "", text)
    text = re.sub(r"\\usepackage(?:\[[^]]*\])?\{Sweave\}", "", text)
    text = re.sub(r"\\Sexpr\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", lambda _: f"{rng.uniform(0, 30):.3g}", text)
    figure = r"\\includegraphics\s*(\[[^]]*\])?\s*\{[^}]*\}"
    return re.sub(figure, lambda m: rf"\includegraphics{m[1] or ''}{{{rng.choice(FIGURES)}}}", text)


def cited(text: str, rng: random.Random) -> str:
    """With citations as they look in print: numbers in brackets or raised, or names and years."""
    style = rng.choice(["numbers", "numbers", "names", "raised"])

    def citation(match: re.Match) -> str:
        keys = match[2].split(",")
        numbers = sorted(rng.sample(range(1, 80), len(keys)))
        if style == "numbers":
            return f"[{rng.choice([', ', ','] + ['--'] * (len(keys) == 2)).join(map(str, numbers))}]"
        if style == "raised":
            return rf"\textsuperscript{{{','.join(map(str, numbers))}}}"
        works = [(rng.choice(PEOPLE) + rng.choice(["", " et~al."]), rng.randint(1965, 2023)) for _ in keys]
        if match[1].startswith(("citep", "citealp")):
            return f"({'; '.join(f'{name}, {year}' for name, year in works)})"
        return ", ".join(f"{name} ({year})" for name, year in works)

    return CITATION.sub(citation, text)


def restyled(text: str, rng: random.Random) -> str:
    """In another class, at times in other fonts."""
    head = rng.choice(CLASSES) + JOURNAL
    text = re.sub(r"\\documentclass(?:\[[^]]*\])?\{[^}]*\}", lambda _: head, text, count=1)
    return text.replace(r"\begin{document}", rng.choice(FONTS) + "\n" + r"\begin{document}", 1)


def formulas(text: str) -> int:
    text = re.sub(r"(?<!\\)%.*", "", text)
    return 2 * len(DISPLAYED.findall(text)) + len(re.findall(r"(?<!\\)\$", text)) // 2 + text.count(r"\(")


def main(folder: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    seen = set()
    for path in sorted(folder.rglob("*nw*")):
        text = read(path) if re.search(r"\.[RSr]nw(\.gz)?$", path.name) else ""
        _, found, body = text.partition(r"\begin{document}")
        if not found or body[:400] in seen or formulas(body) < FEWEST:
            continue
        seen.add(body[:400])
        rng = random.Random(path.name)
        text = cited(without_r(text, rng), rng)
        for style, document in (("own", text), ("other", restyled(text, rng))):
            (out / f"{len(seen):03}-{path.name.split('.')[0]}-{style}.tex").write_text(document, encoding="utf-8")
    print(f"{len(seen)} vignettes are in {out}, in two styles each.")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
