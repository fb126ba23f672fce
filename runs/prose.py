r"""LaTeX documents out of what people wrote about their programs, for `data.pages --documents`: prose with formulas.

    python runs/prose.py FOLDER OUT        FOLDER: unpacked packages, searched through

It takes the vignettes of R packages (.Rnw, .Rmd) and the docstrings and pages of Python packages (.py, .rst). What a
program would compute is left out: code, results, figures and files of references. Numbers, pictures of the package mwe
and made-up citations stand in their places. Of each vignette in LaTeX there are two documents: as it is, and in another
class, that of a journal mostly, and at times in other fonts. The others are converted by pandoc, and several make one
document, since LaTeX takes longer to start than to set them; two of three are in another class.
"""

import ast
import gzip
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FEWEST = 12  # formulas of a source, displayed ones counted twice
LONGEST = 16_000  # characters of a source that is converted: some are books
TOGETHER = 4  # sources that are converted for one document
OF_ONE = 12  # sources of one folder at most, that no package outweighs the others
CLASSES = (
    r"\documentclass[conference]{IEEEtran}", r"\documentclass[aps,prl,twocolumn]{revtex4-2}",
    r"\documentclass[aps,pre,preprint]{revtex4-2}", r"\documentclass[5p]{elsarticle}",
    r"\documentclass[review]{elsarticle}", r"\documentclass{amsart}", r"\documentclass{llncs}",
    r"\documentclass[twocolumn]{article}", r"\documentclass[12pt]{article}",
)  # fmt: skip
_PACKAGES = "newtxtext,newtxmath mathptmx lmodern fourier stix2 libertinus mathpazo kpfonts cmbright".split()
_OPEN_TYPE = ("latinmodern-math", "STIXTwoMath-Regular", "FiraMath-Regular")
FONTS = (
    *[rf"\usepackage{{{name}}}" for name in _PACKAGES], *[""] * 8,
    *[rf"\usepackage{{unicode-math}}\setmathfont{{{name}.otf}}" for name in _OPEN_TYPE],
)  # fmt: skip
# What the class of R's own journal brings, for other classes.
JOURNAL = r"""\providecommand\pkg[1]{\textbf{#1}}\providecommand\code[1]{\texttt{#1}}
\providecommand\proglang[1]{\textsf{#1}}\providecommand\Abstract[1]{\begin{abstract}#1\end{abstract}}
\def\silent#1{\providecommand#1[1]{}}\silent\Plainauthor\silent\Plaintitle\silent\Shorttitle\silent\Keywords\silent\Plainkeywords\silent\Address
"""
# Of what pandoc converts.
HEAD = r"""\documentclass[11pt]{article}
\usepackage{amsmath,amssymb,graphicx,booktabs,array,mathtools,bm,paralist,hyperref}
\providecommand\tightlist{}\providecommand\passthrough[1]{#1}\providecommand\real[1]{#1}
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
    return pictured(text, rng)


def pictured(text: str, rng: random.Random) -> str:
    """With pictures that are there instead of those that R would draw."""
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


def converted(text: str, form: str, rng: random.Random) -> str:
    """Text as LaTeX, without tables, by pandoc; nothing if pandoc cannot read it, or there are few formulas."""
    command = ["pandoc", "-f", form, "-t", "latex", "--natbib", "--no-highlight"]
    body = subprocess.run(command, input=text[:LONGEST], capture_output=True, text=True, encoding="utf-8").stdout
    body = re.sub(r"(?s)\\begin\{longtable\}.*?\\end\{longtable\}|\\label\{[^}]*\}", "", body)
    body = re.sub(r"(?s)\\hypertarget\{[^}]*\}\{%\n(.*?)\}\n", r"\1\n", body)
    return cited(pictured(body, rng), rng) if formulas(body) >= FEWEST else ""


def markdown(text: str, rng: random.Random) -> str:
    """A vignette in R Markdown without R."""
    text = re.sub(r"(?s)\A---\n.*?\n(?:---|\.\.\.)\s*\n", "", text)
    text = re.sub(r"(?ms)^\s*```\s*\{.*?^\s*```\s*$", "", text)
    return re.sub(r"`r [^`]*`", lambda _: f"{rng.uniform(0, 30):.3g}", text)


def docstrings(source: str, rng: random.Random) -> str:
    """Those of a Python file that have formulas, without examples; the names of their sections are bold."""
    if ":math:" not in source and ".. math" not in source:
        return ""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            text = ast.get_docstring(node) or ""
            if text.count(":math:") + 3 * text.count(".. math") >= 3:
                text = re.sub(r"(?m)^(\w[\w ]*)\n[-=~]{3,}\s*$", r"**\1**\n", text)
                text = re.sub(r"(?ms)^\s*>>>.*?(?:\n\s*\n|\Z)", "\n\n", text)
                text = re.sub(r"(?m)^\.\. (?:autosummary|plot|figure|image)::.*\n(?:\s+.*\n|\n)*", "", text)
                found.append(f"``{node.name}``\n\n{text}" if hasattr(node, "name") and rng.random() < 0.3 else text)
    return "\n\n".join(found)


def bodies(folder: Path) -> Iterator[str]:
    """What is converted, of each source that has enough formulas."""
    seen, of_one = set(), {}
    for path in sorted(path for path in folder.rglob("*") if re.search(r"\.(Rmd(\.gz)?|py|rst)$", path.name)):
        rng, package = random.Random(path.name), path.relative_to(folder).parts[0]
        if of_one.get(package, 0) == OF_ONE and not path.name.endswith((".Rmd", ".gz")):
            continue
        text, form = read(path), "rst"
        if path.suffix == ".py":
            text = docstrings(text, rng)
        elif path.suffix != ".rst":
            text, form = markdown(text, rng), "markdown-auto_identifiers+tex_math_single_backslash"
        if text[:300] in seen or text.count("$") + 2 * text.count(":math:") + 6 * text.count(".. math") < FEWEST:
            continue
        seen.add(text[:300])
        body = converted(text, form, rng)
        if body:
            of_one[package] = of_one.get(package, 0) + 1
            yield body


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
    every, rng = list(bodies(folder)), random.Random(len(seen))
    rng.shuffle(every)
    for start in range(0, len(every), TOGETHER):
        parts = "\n\n".join(every[start : start + TOGETHER])
        text = rf"{HEAD}\begin{{document}}" + f"\n{parts}\n" + r"\end{document}" + "\n"
        text = restyled(text, rng) if rng.random() < 2 / 3 else text
        (out / f"together-{start // TOGETHER:03}.tex").write_text(text, encoding="utf-8")
    print(f"{len(seen)} vignettes, in two styles each, and {len(every)} sources that pandoc converted are in {out}.")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
