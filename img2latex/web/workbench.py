"""What takes seconds and is done on demand: files to save, and SymPy."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr

from img2latex.export import word
from img2latex.web import views

SYMPY_SECONDS = 20  # for each answer
WORK = {  # work for SymPy, and the words before its answer
    "expression": "As SymPy reads it", "evaluate": "Evaluated", "solve": "Solved", "differentiate": "Derivative",
}  # fmt: skip


def work(latex: str) -> Iterator[tuple]:
    """Yields files to save, SymPy code to copy (HTML) and SymPy's answers (Markdown), one more each time.

    While it waits it yields empty updates: only between two of them Gradio cancels the work of a page that was closed
    or that asks again.
    """
    from img2latex.export import symbolic  # here, since it imports SymPy, which most visitors never ask for

    saves, code = files(latex), ""
    yield saves, "One moment."
    lines = []
    for found in symbolic.answers(latex, ["code", *WORK], SYMPY_SECONDS):
        what, answer = found or (None, None)
        if what == "code" and answer:
            code = views.copies({"SymPy code": answer})
        elif answer:
            lines.append(f"{WORK[what]} $${answer}$$")
            yield saves + code, "\n\n".join(lines)
        else:
            yield gr.skip(), gr.skip()
    if not lines:
        yield saves + code, "SymPy has no answer here that is surely right."


def files(latex: str) -> str:
    """Links (HTML) that save the formula as a picture and for Word, or a sentence that says why there are none."""
    from img2latex.export import drawing  # here for the same reason, as little asked for

    if not latex.strip():
        return ""
    try:
        svg = drawing.svg(latex)
    except ValueError as error:
        return views.unsaved(str(error))
    return views.saves({
        "formula.svg": ("image/svg+xml", svg.encode()),
        "formula.png": ("image/png", drawing.png(svg)),
        "formula.docx": (word.MIME, word.document([("", latex)])),
    })
