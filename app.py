"""The browser app: upload, paste or draw a formula, get LaTeX, see what the model saw.

    python app.py                              # every checkpoint that is installed
    python app.py --checkpoint runs/mine       # and one more: a folder, or ORG/NAME on the Hub

What reads pictures lives in img2latex; this file only lays out components and connects events.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported; on, it asks the internet

import gradio as gr
from gradio.exceptions import InvalidPathError
from gradio.utils import get_upload_folder
from PIL import Image

from img2latex.picture import pdf
from img2latex.picture.images import PictureError
from img2latex.reader.checkpoints import CHECKPOINTS, PUBLISHED
from img2latex.web import batch, serving, views
from img2latex.web.page_tab import PageTab

if TYPE_CHECKING:  # torch comes with it, and nothing here needs torch
    from img2latex import Recognition

HERE = Path(__file__).parent
COMPARE = "compare"  # the choice that is no checkpoint: all of them side by side
MATHLIVE = HERE / "assets" / "mathlive"  # mathlive.io 0.111.1, less two addresses in messages; the page may load it
HOUR = 3600  # seconds
READING_DPI = 300  # of what is cut out of a PDF
READS = {"concurrency_id": "reader", "concurrency_limit": 1}  # one model at a time: a CPU gains nothing from two
SYMPY_SECONDS = 20  # for each answer
SYMPY = {"concurrency_id": "sympy", "concurrency_limit": 2}
BATCHES = {"concurrency_id": "batch", "concurrency_limit": 1}  # beside them: a long batch makes nobody wait
COPY_PRESSED = """element.addEventListener("click", async event => {
  const button = event.target.closest("button");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.text);
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 1500);
})"""
WORK = {  # what SymPy is asked, and the words before its answer
    "expression": "As SymPy reads it", "evaluate": "Evaluated", "solve": "Solved", "differentiate": "Derivative",
}
TELL_PRESSED = """element.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (!button) return;
  element.querySelectorAll("button").forEach(each => each.setAttribute("aria-pressed", each === button));
  trigger("click", {...button.dataset});
})"""  # a click on a button in an HTML component marks it and tells the server its data-... attributes


@dataclass
class Reading:
    """What one checkpoint made of the picture at a path, in how many seconds, and whether in careful mode.

    The server keeps one for each panel of each visitor: where the model looked is packed, which makes megabytes
    kilobytes, and left out of the result.
    """

    path: str
    checkpoint: str
    result: Recognition
    seconds: float
    careful: bool = False
    looked: bytes = b""

    def as_json(self) -> dict:
        fields = ("latex", "tokens", "probabilities", "confidence", "warning")
        answer = {name: getattr(self.result, name) for name in fields}
        return {"checkpoint": self.checkpoint, **answer, "seconds": round(self.seconds, 3)}


def find_checkpoints(extra: list[str]) -> list[str]:
    """Names of the checkpoints at hand or published, math first, then those asked for on the command line."""
    named = {name for name in ("math", "biology") if os.environ.get(f"IMG2LATEX_{name.upper()}")}
    installed = {weights.parent.name for weights in CHECKPOINTS.glob("*/model.safetensors")}
    known = sorted(named | installed | set(PUBLISHED), key=lambda name: (name != "math", name))
    return list(dict.fromkeys(known + extra))


def label_of(checkpoint: str) -> str:
    return Path(checkpoint).name.capitalize()


def read(path: str, checkpoint: str, careful: bool = False, **options) -> Reading:
    serving.reader(checkpoint)  # loaded before the clock starts
    started = time.perf_counter()
    result = serving.read(path, checkpoint, careful=careful, **options)
    seconds = time.perf_counter() - started
    looked = views.packed(result.attention)
    return Reading(path, checkpoint, replace(result, attention=[]), seconds, careful, looked)


def path_of(value: dict | None) -> str | None:
    """The uploaded file behind the raw value of an Image or a Sketchpad; None if it holds no picture.

    The raw value is used because Gradio's own decoding blackens transparent pictures and fails on odd files before
    the app can say so kindly. It comes from the browser: only files that were uploaded may be opened.
    """
    value = (value or {}).get("composite", value)
    path = value and value.get("path")
    if path and not Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve()):
        raise PictureError("Only a picture that was uploaded can be read.")
    return path


def require(checkpoint: str, allowed: list[str]) -> None:
    """A browser may send any name, and a name may be a folder: only what the page offers is loaded."""
    if checkpoint not in allowed:
        raise gr.Error(f"There is no such checkpoint here; there is: {', '.join(allowed)}.", print_exception=False)


def advice(readings: list[Reading]) -> str:
    """Which of several readings the app would choose, and why."""
    if len({reading.result.latex for reading in readings}) == 1:
        return "All read the same."
    best, *rest = sorted(readings, key=lambda reading: -reading.result.confidence)
    beaten = ", ".join(f"{label_of(other.checkpoint)} {other.result.confidence:.0%}" for other in rest)
    return f"**{label_of(best.checkpoint)}** is more certain: {best.result.confidence:.0%} against {beaten}."


WAITING = views.notice("", "The LaTeX will appear here.")


class Panel:
    """The components that show one reading, and what a person can do with it."""

    def __init__(self) -> None:
        self.reading = gr.State(None)
        self.verdict = gr.HTML(WAITING)
        with gr.Column(elem_classes="proof"):
            self.crop = gr.HTML("")
            self.formula = gr.Markdown(elem_classes="formula")
        self.latex = gr.Textbox(
            label="LaTeX", info="Edit it: the formula above follows.", lines=2, max_lines=8, buttons=["copy"]
        )
        editor = (HERE / "assets" / "editor.js").read_text()
        gr.HTML(views.editor(f"gradio_api/file={MATHLIVE / 'mathlive.min.mjs'}"), js_on_load=editor)
        self.tokens = gr.HTML("", js_on_load=TELL_PRESSED)
        self.rivals = gr.HTML("", js_on_load=TELL_PRESSED)
        with gr.Accordion("Copy or save it in another format, work with it in SymPy", open=False) as self.desk:
            self.copies = gr.HTML("", js_on_load=COPY_PRESSED)
            self.answers = gr.Markdown(elem_classes="answers")
        self.components = [
            self.reading, self.verdict, self.crop, self.formula, self.latex, self.tokens, self.rivals
        ]
        self._connect()

    def _connect(self) -> None:
        at_once = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        working = self.desk.expand(work, self.latex, [self.copies, self.answers], api_visibility="private", **SYMPY)
        self.latex.change(
            self.follow, self.latex, [self.formula, self.desk, self.copies, self.answers],
            trigger_mode="always_last", cancels=[working], **at_once,
        )
        self.tokens.click(self.look, self.reading, [self.crop, self.rivals], trigger_mode="always_last", **at_once)
        self.rivals.click(
            self.choose, self.reading, self.components,
            show_progress_on=[self.formula], api_visibility="private", **READS,
        )

    def clear(self, message: str) -> dict:
        """Updates that show no reading but a message (HTML)."""
        return dict(zip(self.components, (None, message, "", "", "", "", ""), strict=True))

    def show(self, reading: Reading, other: Recognition | None = None) -> dict:
        """Updates that show a reading; tokens that the other one lacks are marked."""
        result = reading.result
        values = (
            reading, views.verdict(result, reading.seconds, reading.careful), views.crop(result),
            views.formula(result.latex), result.latex, views.tokens(result, other), "",
        )
        return dict(zip(self.components, values, strict=True))

    def follow(self, latex: str) -> tuple:
        """Updates that show the edited LaTeX, and no more what was made of the LaTeX before."""
        return views.formula(latex), gr.Accordion(open=False), "", ""

    def look(self, reading: Reading | None, event: gr.EventData) -> dict:
        """Updates that show the rivals of the token that was clicked, and where the model looked for it."""
        result, place = at_hand(reading).result, int(event.place)
        return {self.crop: views.crop(result, place, reading.looked), self.rivals: views.rivals(result, place)}

    def choose(self, reading: Reading | None, event: gr.EventData) -> dict:
        """Updates that show the formula read again from the rival that was clicked."""
        result, place = at_hand(reading).result, int(event.place)
        prefix = [*result.tokens[:place], result.alternatives[place][int(event.rank)][0]]
        try:
            return self.show(read(reading.path, reading.checkpoint, reading.careful, prefix=prefix))
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None


def at_hand(reading: Reading | None) -> Reading:
    """The reading that a page shows; the server has forgotten it when it was started anew since."""
    if not reading:
        raise gr.Error("The app was started anew: hand over the picture once more.", print_exception=False)
    return reading


def work(latex: str) -> Iterator[tuple]:
    """Pictures to save, formats to copy (HTML) and, a line more each time, what SymPy makes of a formula (Markdown).

    Asked for rather than shown at once, because SymPy takes a process and seconds. Where there is no news, nothing is
    updated: Gradio stops the work of a page that was closed or that asks anew, but only between two updates.
    """
    from img2latex import export
    from img2latex.export import symbolic  # here, since they import SymPy, which most visitors never ask for

    files, texts = pictures(latex), export.markup(latex)
    yield files + views.copies(texts), "One moment."
    lines = []
    for told in symbolic.answers(latex, ["code", *WORK], SYMPY_SECONDS):
        what, answer = told or (None, None)
        if what == "code" and answer:
            texts["SymPy"] = answer
        elif answer:
            lines.append(f"{WORK[what]} $${answer}$$")
            yield files + views.copies(texts), "\n\n".join(lines)
        else:
            yield gr.skip(), gr.skip()
    if not lines:
        yield files + views.copies(texts), "SymPy has no answer here that is surely right."


def pictures(latex: str) -> str:
    """Links (HTML) that save the formula as a picture, or a sentence that says why there are none."""
    from img2latex.export import drawing  # here for the same reason

    if not latex.strip():
        return ""
    try:
        svg = drawing.svg(latex)
    except ValueError as error:
        return views.unsaved(str(error))
    return views.saves({"formula.svg": ("image/svg+xml", svg.encode()), "formula.png": ("image/png", drawing.png(svg))})


class Page(gr.Blocks):
    """Blocks that tell a program in one sentence what is expected where it hands over something else."""

    async def preprocess_data(self, block_fn, inputs, *arguments, **options) -> list:
        try:
            return await super().preprocess_data(block_fn, inputs, *arguments, **options)
        except InvalidPathError:  # says so itself
            raise
        except (AttributeError, TypeError, ValueError):  # of Gradio's own checks, over several lines
            taken = ", ".join(part.label for part in block_fn.inputs if part.label)
            raise gr.Error(
                f"This is not what /{block_fn.api_name} takes ({taken}): a file has to be uploaded, and named as in "
                '{"path": "...", "meta": {"_type": "gradio.FileData"}}.', print_exception=False,
            ) from None


def build(checkpoints: list[str]) -> gr.Blocks:
    """The page, for the checkpoints it offers."""
    with Page(title="img2latex", delete_cache=(HOUR, HOUR)) as demo:
        gr.Markdown("# A picture of a formula, as LaTeX\nUpload, paste or draw it: reading starts by itself.")
        if checkpoints:
            with gr.Tabs():
                with gr.Tab("One picture"):
                    Reader(checkpoints)
                with gr.Tab("Page"):
                    PageTab(checkpoints, require, Panel, read, path_of, TELL_PRESSED, READS)
                with gr.Tab("Many pictures"):
                    Batch(checkpoints)
        else:
            gr.Markdown("No checkpoint is installed: put one into `checkpoints/math`, or run `python train.py`.")
    return demo.queue(max_size=24)


def build_input(checkpoints: list[str]) -> tuple[gr.Image, gr.Sketchpad, gr.Radio, gr.Checkbox]:
    """The ways to hand over a picture, and the choice of who reads it and how."""
    with gr.Tabs():
        with gr.Tab("Upload or paste"):
            picture = gr.Image(
                label="Picture",
                placeholder="# Drop a picture here\nor paste it with Ctrl+V, or click to choose a file",
                image_mode=None, format="png", sources=["upload", "webcam"], height=280, buttons=[], elem_id="picture",
                elem_classes="picture",
            )
        with gr.Tab("Draw"):
            pad = gr.Sketchpad(
                label="Write here", canvas_size=(600, 300), height=320, layers=False, transforms=(), buttons=[],
                brush=gr.Brush(default_size=3, colors=["#000000"], color_mode="fixed"),
                eraser=gr.Eraser(default_size=24), elem_id="pad",
            )
        with gr.Tab("PDF"):
            Pdf(picture)
    choices = [(label_of(name), name) for name in checkpoints]
    several = len(choices) > 1
    choices += [("Compare", COMPARE)] * several
    choice = gr.Radio(choices, value=checkpoints[0], label="Read by", visible=several)
    careful = gr.Checkbox(False, label="Careful: read at three sizes, three times as long", elem_id="careful")
    return picture, pad, choice, careful


class Pdf:
    """A PDF's pages to mark boxes on; what is in a box becomes the picture, so that it is read."""

    def __init__(self, picture: gr.Image) -> None:
        self.file = gr.File(label="PDF", file_types=[".pdf"], height=120, elem_id="pdf")
        self.number = gr.Number(1, label="Page", minimum=1, precision=0, visible=False)
        self.page = gr.HTML("", js_on_load=(HERE / "assets" / "region.js").read_text())
        words = "Or give the box in numbers"
        with gr.Accordion(words, open=False, visible=False, elem_id="numbers") as self.numbers:
            self.sides = []
            for corner in ({"Left": 0, "Top": 0}, {"Right": 100, "Bottom": 100}):
                with gr.Row():
                    for side, percent in corner.items():
                        label = f"{side} (%)"
                        self.sides.append(gr.Number(percent, label=label, minimum=0, maximum=100, step=1, min_width=90))
            self.button = gr.Button("Read this box", size="sm")
        self._connect(picture)

    def _connect(self, picture: gr.Image) -> None:
        opened = [self.number, self.page, self.numbers]
        events = {"preprocess": False, "show_progress_on": self.page, "api_visibility": "private"}
        latest = {"trigger_mode": "always_last", **events}
        self.file.upload(self.open, self.file, opened, **events)
        self.file.clear(lambda: self.show(0), None, opened, **events)
        self.number.input(self.turn, [self.file, self.number], self.page, **latest)
        self.page.click(self.cut_drawn, [self.file, self.number], picture, **latest)
        self.button.click(self.cut, [self.file, self.number, *self.sides], picture, **latest)

    def show(self, pages: int, html: str = "") -> tuple:
        """Updates for a document of that many pages, the first of which is shown."""
        number = gr.Number(value=1, label=f"Page (of {pages})", maximum=pages, visible=pages > 1)
        return number, html, gr.Accordion(visible=pages > 0)

    def open(self, value: dict | None) -> tuple:
        try:
            return self.show(pdf.page_count(path_of(value)), self.turn(value, 1))
        except ValueError as error:
            return self.show(0, views.notice("doubtful", "<b>Not read</b>", str(error)))

    def turn(self, value: dict | None, number: int | None) -> str:
        try:
            return views.page(pdf.draw_page(path_of(value), number or 1)) if value else ""
        except ValueError as error:
            return views.notice("doubtful", "<b>Not read</b>", str(error))

    def cut_drawn(self, value: dict | None, number: int | None, event: gr.EventData) -> Image.Image:
        """The picture in a box that was drawn."""
        return self.read_box(value, number, [getattr(event, side, None) for side in ("left", "top", "right", "bottom")])

    def cut(self, value: dict | None, number: int | None, *sides: float | None) -> Image.Image:
        """The picture in a box, given in percent of the page's width and height."""
        box = [side / 100 if isinstance(side, (int, float)) else side or 0 for side in sides]
        return self.read_box(value, number, box)

    def read_box(self, value: dict | None, number: int | None, box: list) -> Image.Image:
        """The picture in a box, given in shares of the page's width and height."""
        try:
            return pdf.draw_page(path_of(value), number or 1, box, READING_DPI)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None


class Reader:
    """The tab for one picture: input on the left, the reading (or one column for each checkpoint) on the right."""

    def __init__(self, checkpoints: list[str]) -> None:
        self.checkpoints = checkpoints
        self.current = gr.State(None)  # path of the picture shown, so that another checkpoint can read it too
        with gr.Row(elem_id="page"):
            with gr.Column(elem_id="input"):
                self.picture, self.pad, self.choice, self.careful = build_input(checkpoints)
            with gr.Column(elem_id="result"):
                self._lay_out_result()
            with gr.Column(elem_id="examples"):
                examples = [[str(path)] for path in sorted((HERE / "examples").glob("*.png"))]
                gr.Examples(examples, self.picture, label="Or try one of these")
        self._connect()
        self._serve()

    def _lay_out_result(self) -> None:
        with gr.Column() as self.alone:
            self.panel = Panel()
        with gr.Column(visible=False, elem_id="several") as self.several:
            self.chosen = gr.Markdown()
            self.panels = {}
            with gr.Row():
                for name in self.checkpoints:
                    with gr.Column(min_width=300):
                        gr.Markdown(f"### {label_of(name)}")
                        self.panels[name] = Panel()

    def _connect(self) -> None:
        draw = gr.Button(visible="hidden", elem_id="read-drawing")
        shown = [self.current, self.chosen, self.alone, self.several]
        shown += [part for panel in self._all_panels() for part in panel.components]
        waiting_on = [self.panel.formula, self.chosen]
        events = {"preprocess": False, "show_progress_on": waiting_on, "api_visibility": "private", **READS}
        how = [self.choice, self.careful]
        self.picture.change(self.show_value, [self.picture, *how], shown, **events)
        draw.click(self.show_value, [self.pad, *how], shown, trigger_mode="always_last", **events)
        self.pad.clear(lambda who: self.show(None, who), self.choice, shown, **events)
        changed = [self.choice.input, self.careful.input]
        gr.on(changed, self.show_again, [self.current, *how], shown, trigger_mode="always_last", **events)

    def _serve(self) -> None:
        """The endpoints for other programs, which no component of the page triggers."""
        answer = gr.JSON(visible=False)
        name = gr.Dropdown(self.checkpoints, value=self.checkpoints[0], visible=False, label="Checkpoint")
        served = {"preprocess": False, **READS}
        careful = gr.Checkbox(False, visible=False, label="Careful")
        gr.on([], self.recognize, [self.picture, name, careful], answer, api_name="recognize", **served)
        gr.on([], self.compare, self.picture, answer, api_name="compare", **served)

    def _all_panels(self) -> list[Panel]:
        return [self.panel, *self.panels.values()]

    def _cleared(self, message: str) -> dict:
        """Updates that show a message (HTML) wherever a reading could be."""
        return {part: value for panel in self._all_panels() for part, value in panel.clear(message).items()}

    def show(self, path: str | None, who: str, careful: bool = False) -> dict:
        """Updates for a picture read by one checkpoint or by all; a kind word if it can't be read."""
        together = who == COMPARE
        updates = {self.current: path, self.chosen: "", **self._cleared(WAITING)}
        updates |= {self.alone: gr.Column(visible=not together), self.several: gr.Column(visible=together)}
        if not path:
            return updates
        try:
            readings = [read(path, name, careful=careful) for name in (self.checkpoints if together else [who])]
        except ValueError as error:
            gr.Warning(str(error))  # seen even where the result is scrolled out of sight
            return updates | self._cleared(views.notice("doubtful", "<b>Not read</b>", str(error)))
        return updates | (self._compared(readings) if together else self.panel.show(readings[0]))

    def _compared(self, readings: list[Reading]) -> dict:
        """Updates that show readings side by side, each with its differences from the first, and a piece of advice."""
        updates = {self.chosen: advice(readings)}
        for index, reading in enumerate(readings):
            updates |= self.panels[reading.checkpoint].show(reading, readings[0 if index else 1].result)
        return updates

    def show_value(self, value: dict | None, who: str, careful: bool) -> dict:
        return self.show_again(path_of(value), who, careful)

    def show_again(self, path: str | None, who: str, careful: bool) -> dict:
        require(who, [*self.checkpoints, COMPARE])
        return self.show(path, who, careful)

    def recognize(self, picture: dict | None, checkpoint: str, careful: bool = False) -> dict:
        """Turns a picture of one formula, printed or written by hand, into LaTeX.

        Args:
            picture: One formula with little else around it, as PNG, JPEG, WebP or the like; a data URI will do.
            checkpoint: Who reads it: math reads mathematics, biology also chemistry and biology.
            careful: Read it at three sizes and take what they agree on, in three times the time.

        Returns:
            latex: empty if no formula was read
            confidence: from 0 to 1, that all of it is right
            warning: why to distrust it, or null
            tokens: of the LaTeX, as the model wrote it
            probabilities: of each token
            checkpoint: who read it
            seconds: that it took
        """
        require(checkpoint, self.checkpoints)
        if not isinstance(careful, bool):
            raise gr.Error("Careful is either true or false.", print_exception=False)
        return answers(picture, [checkpoint], careful)[0]

    def compare(self, picture: dict | None) -> list[dict]:
        """Turns a picture of one formula into LaTeX with every checkpoint there is, to choose among the answers.

        Args:
            picture: One formula with little else around it, as PNG, JPEG, WebP or the like; a data URI will do.

        Returns:
            for each checkpoint what recognize returns: the one of the highest confidence is most likely right
        """
        return answers(picture, self.checkpoints)


class Batch:
    """The components for many pictures: files in, a table and files to save out."""

    def __init__(self, checkpoints: list[str]) -> None:
        self.checkpoints = checkpoints
        files = gr.File(label="Pictures, or zips of pictures", file_count="multiple", height=200, elem_id="files")
        choices = [(label_of(name), name) for name in checkpoints]
        choice = gr.Radio(choices, value=checkpoints[0], label="Read by", visible=len(choices) > 1)
        with gr.Row():
            start, stop = gr.Button("Read them all", variant="primary"), gr.Button("Stop")
        outputs = [gr.HTML(""), gr.HTML("", elem_id="downloads"), gr.Markdown("", elem_id="table")]
        reading = start.click(
            self.show, [files, choice], outputs,
            preprocess=False, show_progress="hidden", api_visibility="private", **BATCHES,
        )
        stop.click(None, cancels=[reading], api_visibility="private")
        files.clear(lambda: ("", "", ""), None, outputs, cancels=[reading], api_visibility="private")

        name = gr.Dropdown(checkpoints, value=checkpoints[0], visible=False, label="Checkpoint")
        gr.on([], self.batch, [files, name], gr.JSON(visible=False), preprocess=False, api_name="batch", **BATCHES)

    def rows(self, files: list[dict] | None, checkpoint: str) -> tuple[Iterator[batch.Row], int]:
        """The rows, each read when it is asked for, and how many they are.

        Raises:
            ValueError: nothing can be read; it says why in one sentence.
        """
        require(checkpoint, self.checkpoints)
        entries = batch.entries([path_of(file) for file in files or []])
        serving.reader(checkpoint)  # what can't be had is told before the first picture
        return batch.read(entries, partial(serving.read, checkpoint=checkpoint)), len(entries)

    def show(self, files: list[dict] | None, checkpoint: str) -> Iterator[tuple[str, str, str]]:
        """Progress, links and table, again and again while the rows come in."""
        try:
            coming, total = self.rows(files, checkpoint)
        except ValueError as error:
            gr.Warning(str(error))
            yield views.notice("doubtful", "<b>Not read</b>", str(error)), "", ""
            return
        yield batch.progress([], total), "", ""
        rows, step = [], max(1, total // 20)  # a page with hundreds of formulas takes a while to be drawn
        for row in coming:
            rows.append(row)
            if len(rows) % step == 0 or len(rows) == total:
                yield batch.progress(rows, total), batch.downloads(rows), batch.table(rows)

    def batch(self, files: list[dict] | None, checkpoint: str) -> list[dict]:
        """Turns many pictures, of one formula each, into LaTeX.

        Args:
            files: Pictures (PNG, JPEG, WebP and others), zips of pictures, or both; at most 300 pictures in all.
            checkpoint: Who reads them: math reads mathematics, biology also chemistry and biology.

        Returns:
            for each picture its name
            latex: empty if no formula was read
            confidence: from 0 to 1, that all of it is right
            warning: why to distrust it or why it was not read, or null
        """
        try:
            rows, _ = self.rows(files, checkpoint)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None
        return [row.as_json() for row in rows]

    batch._mcp_type = "none"  # no tool for language models: Gradio can't hand it a list of files


def answers(picture: dict | None, checkpoints: list[str], careful: bool = False) -> list[dict]:
    """What the API returns for a picture. Raises gr.Error, one sentence, for a picture that can't be read."""
    try:
        path = path_of(picture)
        if not path:
            raise PictureError("There is no picture in this request.")
        return [read(path, name, careful=careful).as_json() for name in checkpoints]
    except ValueError as error:
        raise gr.Error(str(error), print_exception=False) from None


def scripts() -> str:
    """HTML: the page's own JavaScript."""
    return "".join(f"<script>{(HERE / 'assets' / name).read_text()}</script>" for name in ("app.js", "proof.js"))


def has_mcp() -> bool:
    """Whether the package is installed with which Gradio serves tools to language models: it takes its version 1."""
    try:
        return version("mcp").startswith("1.")
    except PackageNotFoundError:
        return False


def main() -> None:
    """Parses the command line and serves the page until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", action="append", default=[], help="one more: a folder, or ORG/NAME on the Hub")
    parser.add_argument("--host", help="0.0.0.0 to serve other machines (default: this one only)")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860 on")
    options = parser.parse_args()
    sans, mono = ("ui-sans-serif", "system-ui", "sans-serif"), ("ui-monospace", "monospace")
    checkpoints = find_checkpoints(options.checkpoint)
    serving.preload(checkpoints)  # before launch: ZeroGPU forks there
    build(checkpoints).launch(
        server_name=options.host, server_port=options.port, show_error=True, enable_monitoring=False, ssr_mode=False,
        footer_links=["api", "settings"], max_file_size="20mb", mcp_server=has_mcp(),
        allowed_paths=[MATHLIVE],
        css_paths=HERE / "assets" / "app.css", head=scripts(),
        theme=gr.themes.Default(primary_hue="teal", font=sans, font_mono=mono),
    )


if __name__ == "__main__":
    main()
