"""Readings as the page keeps and compares them, and the checks of what a browser or a program sends."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import gradio as gr
from gradio.utils import get_upload_folder

from img2latex.picture.loading import PictureError
from img2latex.web import serving, views

if TYPE_CHECKING:  # torch comes with it, and nothing here needs torch
    from img2latex import Recognition

READS = {"concurrency_id": "reader", "concurrency_limit": serving.AT_ONCE}
MOST_DIFFERENCES = 3  # between two readings that are put into words


@dataclass
class Reading:
    """One checkpoint's result for the picture at a path, with its time in seconds (if it ran alone) and mode.

    The server keeps one for each panel of each visitor: attention weights are packed from megabytes into
    kilobytes, and removed from the result.
    """

    path: str
    checkpoint: str
    result: Recognition
    seconds: float | None = None
    careful: bool | None = None
    alone: bool = False  # without the checkpoint for handwriting
    drawn: bool = False  # on the pad
    looked: bytes = b""
    before: Reading | None = None  # the reading before an alternative was chosen
    number: str = field(default_factory=lambda: uuid4().hex)  # by which the page recognizes a new reading

    def as_json(self) -> dict:
        fields = ("latex", "tokens", "probabilities", "confidence", "warning")
        answer = {name: getattr(self.result, name) for name in fields}
        return {"checkpoint": self.checkpoint, **answer, "seconds": round(self.seconds, 3)}

    def facts(self) -> dict[str, str]:
        """What the page's scripts need to know, to copy it and to keep it in the history."""
        facts = {"reading": self.number, "checkpoint": label_of(self.checkpoint), "latex": self.result.latex}
        facts |= {"confidence": f"{self.result.confidence:.4f}", "picture": f"gradio_api/file={self.path}"}
        return facts | {"drawn": "yes"} if self.drawn else facts


def label_of(checkpoint: str) -> str:
    return Path(checkpoint).name.capitalize()


def take_reading(
    path: str, checkpoint: str, careful: bool | None = None, alone: bool = False, **options
) -> Reading:  # fmt: skip
    serving.reader(checkpoint)  # loaded before the clock starts
    started = time.perf_counter()
    result = serving.recognize(path, checkpoint, alone, careful=careful, **options)
    seconds = time.perf_counter() - started
    looked = views.packed(result.attention)
    return Reading(path, checkpoint, replace(result, attention=[]), seconds, careful, alone, looked=looked)


def path_of(value: dict | None) -> str | None:
    """The uploaded file behind the raw value of an Image or a Sketchpad; None if it holds no picture.

    The raw value is used because Gradio's own decoding blackens transparent pictures and fails on odd files before
    the app can answer with a clear message. It comes from the browser: only files that were uploaded may be opened.
    """
    value = (value or {}).get("composite", value)
    path = value and value.get("path")
    if path and not Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve()):
        raise PictureError("Only a picture that was uploaded can be read.")
    return path


def require(checkpoint: str, allowed: list[str]) -> None:
    """Raises gr.Error for a checkpoint that is not on offer: a browser may send any name, even of a folder."""
    if checkpoint not in allowed:
        raise gr.Error(f"There is no such checkpoint here; there is: {', '.join(allowed)}.", print_exception=False)


def answers(picture: dict | None, checkpoints: list[str], careful: bool = False) -> list[dict]:
    """What the API returns for a picture. Raises gr.Error, one sentence, for a picture that can't be read."""
    try:
        path = path_of(picture)
        if not path:
            raise PictureError("There is no picture in this request.")
        alone = len(checkpoints) > 1  # to be compared
        return [take_reading(path, name, careful or None, alone=alone).as_json() for name in checkpoints]
    except ValueError as error:
        raise gr.Error(str(error), print_exception=False) from None


def advice(readings: list[Reading]) -> str:
    """Which of several readings the app would choose, and where the others differ from it (Markdown)."""
    if len({reading.result.latex for reading in readings}) == 1:
        return "All read the same."
    best, *rest = sorted(readings, key=lambda reading: -reading.result.confidence)
    beaten = ", ".join(f"{label_of(other.checkpoint)} {other.result.confidence:.0%}" for other in rest)
    first = f"**{label_of(best.checkpoint)}** is more certain: {best.result.confidence:.0%} against {beaten}."
    return "\n\n".join([first, *(sentence for other in rest if (sentence := in_words(best, other)))])


def in_words(one: Reading, other: Reading) -> str:
    """In which tokens two readings differ (Markdown); nothing if in none."""
    names = label_of(one.checkpoint), label_of(other.checkpoint)
    found = [
        " and ".join(
            f"{name} has {f'`{run}`' if run else 'nothing'}" for name, run in zip(names, runs, strict=True)
        )
        for runs in different_runs(one.result.tokens, other.result.tokens)
    ]
    if not found:
        return ""
    more = f"; and {len(found) - MOST_DIFFERENCES} more" if len(found) > MOST_DIFFERENCES else ""
    return f"Where they differ: {'; '.join(found[:MOST_DIFFERENCES])}{more}."


def different_runs(tokens: Sequence[str], others: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The runs of tokens, in order, that differ between two formulas."""
    matcher = SequenceMatcher(None, tokens, others, autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind != "equal":
            yield " ".join(tokens[start:end]), " ".join(others[other_start:other_end])
