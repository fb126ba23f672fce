r"""Does KaTeX render what was read? KaTeX is the one that Gradio bundles, run in Chromium.

    python -m img2latex.evaluate --pairs FOLDER --predictions read.tsv
    python -m benchmarks.katex read.tsv

Prints each formula that KaTeX refuses and why, then the count; the exit status is 1 if any was refused.
"""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from playwright.sync_api import Browser, Page

from img2latex.data.web import chromium
from img2latex.latex import to_katex

_RENDER = """async ([module, formulas]) => {
    const katex = (await import(module)).default, quiet = () => {};
    return formulas.map(formula => {
        try { katex.renderToString(formula, {displayMode: true, throwOnError: true, strict: quiet}); return null }
        catch (error) { return error.message }
    });
}"""


@contextmanager
def katex_page(browser: Browser) -> Iterator[Page]:
    """An empty page, for `katex`."""
    page = browser.new_page()
    yield page
    page.close()


def katex(page: Page, latex: Sequence[str]) -> list[str | None]:
    """Why the KaTeX that Gradio bundles does not render each formula, or None."""
    assets = Path(find_spec("gradio").origin).parent / "templates/frontend/assets"
    (module,) = assets.glob("katex-*.js")
    encoded = base64.b64encode(module.read_bytes()).decode()
    return page.evaluate(_RENDER, [f"data:text/javascript;base64,{encoded}", list(latex)])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.katex", description=__doc__.split("\n")[0])
    parser.add_argument("predictions", type=Path, nargs="+", help="what evaluate.py --predictions wrote")
    options = parser.parse_args(arguments)
    try:
        lines = [line for path in options.predictions for line in path.read_text(encoding="utf-8").splitlines()]
        written = [latex for line in lines if (latex := line.rpartition("\t")[2])]  # nothing was read in some pictures
        with chromium() as browser, katex_page(browser) as page:
            reasons = katex(page, [to_katex(latex) for latex in written])
    except (ValueError, OSError) as error:
        print(f"katex: {error}", file=sys.stderr)
        return 1
    failed = [(latex, reason) for latex, reason in zip(written, reasons, strict=True) if reason]
    for latex, reason in failed:
        print(f"{latex}\n    {reason}")
    print(f"{len(written)} formulas, {len(failed)} refused")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
