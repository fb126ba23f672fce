"""How a reading looks on the page: HTML and Markdown for the app. Knows no components, no events and no model."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from difflib import SequenceMatcher
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from img2latex.latex import problem, to_katex
from img2latex.web.certainty import CERTAINTY, band, marked

if TYPE_CHECKING:  # torch comes with it, and nothing here needs torch
    from img2latex import Recognition

TALL = 300  # px: a crop higher than that is not enlarged
DARKEST = 230  # of 255, at the highest attention: the crop still shows through
NAMES = {"<eos>": "end of the formula"}
NEVER = {"<pad>", "<bos>", "<unk>"}  # never part of a formula, so never offered

# The confidence is calibrated: of readings at 0.6, six in ten are exactly right, and the words say just that.
VERDICT = (  # lower bound of the whole answer's confidence, CSS class, words
    (0.9, "sure", "Very likely right"),
    (0.7, "check", "Probably right"),
    (0.5, "check", "More likely right than wrong"),
    (0.3, "doubtful", "As likely wrong as right"),
    (0.0, "doubtful", "Probably has a mistake"),
)
MOST_DOUBTED = 3  # tokens that the verdict names
INK = 128  # of 255: darker pixels of the crop are ink, lighter ones its blurred edge
CHECK_TOOLS = (
    '<div class="tools"><button class="act" data-switch="over" aria-pressed="false" title="O">Lay them over each other'
    '</button><button class="act" data-switch="large" aria-pressed="false">Enlarge</button></div>'
)


def percent(probability: float) -> str:
    """A probability in words as short as `97%`; what is not nothing never reads as `0%`."""
    return "<1%" if 0 < probability < 0.005 else f"{probability:.0%}"


def data_uri(image: Image.Image) -> str:
    """The picture as a data URI, so that no file of it stays on the server."""
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"


def notice(css: str, line: str, why: str | None = None) -> str:
    """HTML: a line, and plain text that says why."""
    return f'<div class="verdict {css}">{line}{"<br>" + escape(why) if why else ""}</div>'


def verdict(result: Recognition, seconds: float | None, facts: dict[str, str] | None = None) -> str:
    """HTML: how likely the answer is right, which tokens to check, and a warning if there is one.

    Args:
        seconds: that it took; None if it was read with others.
        facts: what the page's scripts are told (as data-... attributes) of a reading that the history keeps.
    """
    if not result.latex:
        return notice("doubtful", "<b>No formula read</b>", result.warning)
    css, words = band(result.confidence, VERDICT)
    read = "handwriting, read" if result.handwritten else "read"
    read += " carefully" if result.sizes > 1 else ""
    line = f"<b>{words}</b> · confidence {result.confidence:.0%} · {read}"
    line += f" in {seconds:.1f} s" if seconds is not None else ""
    look = ", ".join(_doubt(result, place) for place in doubted(result))
    look = f'<br><span class="look">Look at {look}.</span>' if look else ""
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in (facts or {}).items())
    return notice(css, f"<span{data}>{line}</span>{look}", result.warning)


def doubted(result: Recognition) -> list[int]:
    """Places of the tokens that a person should check: the least probable ones that are not sure, in order."""
    low = CERTAINTY[0][0]
    unsure = [place for place, probability in enumerate(result.probabilities) if probability < low]
    return sorted(sorted(unsure, key=lambda place: result.probabilities[place])[:MOST_DOUBTED])


def _doubt(result: Recognition, place: int) -> str:
    """HTML: a doubted token, and its likeliest alternative."""
    token = result.tokens[place]
    others = [other for other, _ in result.alternatives[place] if other != token and other not in NEVER]
    instead = f" (or <code>{escape(NAMES.get(others[0], others[0]))}</code>?)" if others else ""
    return f"<code>{escape(token)}</code>{instead}"


def crop(result: Recognition, place: int | None = None, attention: bytes = b"") -> str:
    """HTML: the crop, up to twice as large; the attention for the token at `place` is laid over it.

    Args:
        attention: of the result, `packed`.
    """
    width, height = result.crop.size
    most = width * min(2, max(1, TALL / height))
    looked = "" if place is None else _looked(result, place, attention)
    ink = " ".join(map(str, result.crop.point(lambda grey: 255 * (grey < INK)).getbbox() or (0, 0, width, height)))
    return (
        f'<div class="crop" style="--most: {most:.0f}px; --natural: {width}px" data-ink="{ink}">'
        f'<img src="{data_uri(result.crop)}" width="{width}" height="{height}" alt="What the model saw">{looked}</div>'
    )


def packed(attention: Sequence[np.ndarray]) -> bytes:
    """Attention weights of each token as grey levels: a byte for each cell, compressed."""
    stream = io.BytesIO()
    veils = [np.uint8(weights * (DARKEST / max(weights.max(), 1e-9))) for weights in attention]
    np.savez_compressed(stream, np.array(veils, np.uint8))
    return stream.getvalue()


def _looked(result: Recognition, place: int, attention: bytes) -> str:
    (veils,) = np.load(io.BytesIO(attention)).values()
    rows, columns = veils[place].shape
    veil = Image.new("RGBA", (columns, rows), "#f97316")
    veil.putalpha(Image.fromarray(veils[place]))
    width, height = columns * result.cell[1] / result.crop.width, rows * result.cell[0] / result.crop.height
    words = f"Where the model looked for {escape(result.tokens[place])}"
    size = f"width: {width:.2%}; height: {height:.2%}"
    return f'<img class="looked" src="{data_uri(veil)}" alt="{words}" title="{words}" style="{size}">'


def differences(tokens: Sequence[str], others: Sequence[str]) -> set[int]:
    """Positions of the tokens that have no counterpart among the others."""
    blocks = SequenceMatcher(None, tokens, others, autojunk=False).get_matching_blocks()
    return set(range(len(tokens))) - {i for block in blocks for i in range(block.a, block.a + block.size)}


def tokens(result: Recognition, other: Recognition | None = None, chosen: int | None = None) -> str:
    """HTML: a button for each token, coloured by certainty, with a legend; where `other` differs, it is outlined."""
    if not result.tokens:
        return ""
    marked = differences(result.tokens, other.tokens) if other else set()
    buttons, legend = [], [f'<span class="{css}">{words}</span>' for _, css, words in CERTAINTY]
    for place, (token, probability) in enumerate(zip(result.tokens, result.probabilities, strict=True)):
        css = band(probability, CERTAINTY)[0] + (" differs" if place in marked else "")
        pressed = ' aria-pressed="true"' if place == chosen else ""
        title = escape(f"{percent(probability)}: show its alternatives")
        button = f'<button class="{css}" title="{title}" data-place="{place}"{pressed}>{escape(token)}</button>'
        buttons.append(button)
    if marked:
        legend.append('<span class="differs">read differently</span>')
    legend.append("<em>Click a token for its alternatives.</em>")
    return f'<div class="tokens">{"".join(buttons)}</div><div class="tokens legend">{"".join(legend)}</div>'


def alternatives(result: Recognition, place: int | None, undo: bool = False) -> str:
    """HTML: the alternatives at `place`, the most probable first, each a button; and one to undo a choice."""
    back = '<button class="act" data-undo="1">Undo the choice <kbd>U</kbd></button>' if undo else ""
    if place is None:
        return back and f'<div class="alternatives">{back}</div>'
    buttons = []
    for rank, (token, probability) in enumerate(result.alternatives[place]):
        if token in NEVER:
            continue
        taken = " disabled" if token == result.tokens[place] else ""
        buttons.append(
            f'<button class="act" data-place="{place}" data-rank="{rank}" style="--share: {probability:.1%}"{taken}>'
            f"<b>{escape(NAMES.get(token, token))}</b> {escape(percent(probability))}</button>"
        )
    words = f"Instead of <code>{escape(result.tokens[place])}</code>, reading on from there:"
    return f'<div class="alternatives"><p>{words}</p>{"".join(buttons)}{back}</div>'


def formula(latex: str, result: Recognition | None = None) -> str:
    """Markdown that shows the formula, or a sentence that says why it can't be shown.

    Args:
        result: that it comes from, if it does: tokens that are not sure are marked.
    """
    if not latex.strip():
        return ""
    trouble = problem(latex)
    if trouble:
        return f'<p class="trouble">This can\'t be shown: {escape(trouble)}</p>'
    shown = to_katex(latex)
    return f"$${marked(shown, result.tokens, result.probabilities) if result else shown}$$"


def editor(source: str) -> str:
    """HTML: a button that opens the formula editor, whose script is at `source`."""
    return f'<div class="editor"><button class="act" data-source="{escape(source)}">Edit it as a formula</button></div>'


def copies(texts: dict[str, str]) -> str:
    """HTML: for each form of a formula (its name, its text) a button that copies it."""
    shape = '<button class="act" data-text="{}">{}</button>'
    buttons = [shape.format(escape(text), escape(name)) for name, text in texts.items()]
    return f'<div class="copies"><span>Copy as</span>{"".join(buttons)}</div>' if texts else ""


def saves(files: dict[str, tuple[str, bytes]]) -> str:
    """HTML: for each file (its name, its MIME type, its content) a link that saves it."""
    links = (saving(name, *file) for name, file in files.items())
    return f'<div class="copies"><span>Save as</span>{"".join(links)}</div>'


def saving(name: str, kind: str, content: bytes) -> str:
    """HTML: a link that saves a file. Its content is in the link, so that none stays on the server."""
    return f'<a class="act" download="{name}" href="data:{kind};base64,{base64.b64encode(content).decode()}">{name}</a>'


def unsaved(why: str) -> str:
    """HTML: why there is no picture of the formula to be saved."""
    return f'<p class="trouble">It can\'t be saved as a picture: {escape(why)}.</p>'
