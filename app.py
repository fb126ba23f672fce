"""The browser app: upload, paste or draw a formula, get LaTeX, see what the model saw.

    python app.py                              # every checkpoint that is installed
    python app.py --checkpoint runs/mine       # and one more: a folder, or ORG/NAME on the Hub

What reads pictures lives in img2latex; this file only lays out components and connects events.
"""

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported; on, it asks the internet

import gradio as gr
from gradio.utils import get_upload_folder
from PIL import Image

from img2latex import Recognition, batch, export, pdf, serving, symbolic, views
from img2latex.checkpoints import CHECKPOINTS, PUBLISHED
from img2latex.images import PictureError

HERE = Path(__file__).parent
COMPARE = "compare"  # the choice that is no checkpoint: all of them side by side
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
    """What one checkpoint made of the picture at a path, and how long it took in seconds."""

    path: str
    checkpoint: str
    result: Recognition
    seconds: float

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


def read(path: str, checkpoint: str, prefix: Sequence[str] = ()) -> Reading:
    serving.reader(checkpoint)  # loaded before the clock starts
    started = time.perf_counter()
    result = serving.read(path, checkpoint, prefix=prefix)
    return Reading(path, checkpoint, result, time.perf_counter() - started)


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
        self.tokens = gr.HTML("", js_on_load=TELL_PRESSED)
        self.rivals = gr.HTML("", js_on_load=TELL_PRESSED)
        with gr.Accordion("Copy in another format, work with it in SymPy", open=False) as self.desk:
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
            reading, views.verdict(result, reading.seconds), views.crop(result), views.formula(result.latex),
            result.latex, views.tokens(result, other), "",
        )
        return dict(zip(self.components, values, strict=True))

    def follow(self, latex: str) -> tuple:
        """Updates that show the edited LaTeX, and no more what was made of the LaTeX before."""
        return views.formula(latex), gr.Accordion(open=False), "", ""

    def look(self, reading: Reading | None, event: gr.EventData) -> dict:
        """Updates that show the rivals of the token that was clicked, and where the model looked for it."""
        result, place = at_hand(reading).result, int(event.place)
        return {self.crop: views.crop(result, place), self.rivals: views.rivals(result, place)}

    def choose(self, reading: Reading | None, event: gr.EventData) -> dict:
        """Updates that show the formula read again from the rival that was clicked."""
        result, place = at_hand(reading).result, int(event.place)
        prefix = [*result.tokens[:place], result.alternatives[place][int(event.rank)][0]]
        try:
            return self.show(read(reading.path, reading.checkpoint, prefix))
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None


def at_hand(reading: Reading | None) -> Reading:
    """The reading that a page shows; the server has forgotten it when it was started anew since."""
    if not reading:
        raise gr.Error("The app was started anew: hand over the picture once more.", print_exception=False)
    return reading


def work(latex: str) -> Iterator[tuple[str, str]]:
    """Other formats to copy (HTML) and, a line more each time, what SymPy makes of a formula (Markdown).

    Asked for rather than shown at once, because SymPy takes a process and a second for each answer.
    """
    yield "", "One moment."
    copies, lines = views.copies(export.formats(latex, SYMPY_SECONDS)), []
    for what, words in WORK.items():
        answer = symbolic.work(latex, what, SYMPY_SECONDS)
        if answer:
            lines.append(f"{words} $${answer}$$")
            yield copies, "\n\n".join(lines)
        elif not lines:  # what it can't read for sure, it can't solve either
            yield copies, "SymPy has no answer here that is surely right."
            return


def build(checkpoints: list[str]) -> gr.Blocks:
    """The page, for the checkpoints it offers."""
    with gr.Blocks(title="img2latex", delete_cache=(HOUR, HOUR)) as demo:
        gr.Markdown("# A picture of a formula, as LaTeX\nUpload, paste or draw it: reading starts by itself.")
        if checkpoints:
            with gr.Tabs():
                with gr.Tab("One picture"):
                    build_reader(checkpoints)
                with gr.Tab("Many pictures"):
                    Batch(checkpoints)
        else:
            gr.Markdown("No checkpoint is installed: put one into `checkpoints/math`, or run `python train.py`.")
    return demo.queue(max_size=24)


def build_input(checkpoints: list[str]) -> tuple[gr.Image, gr.Sketchpad, gr.Radio]:
    """The ways to hand over a picture, and the choice of who reads it."""
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
            build_pdf(picture)
    choices = [(label_of(name), name) for name in checkpoints]
    several = len(choices) > 1
    choices += [("Compare", COMPARE)] * several
    return picture, pad, gr.Radio(choices, value=checkpoints[0], label="Read by", visible=several)


def build_pdf(picture: gr.Image) -> None:
    """A PDF's pages to draw boxes on; what is in a box becomes the picture, so that it is read."""
    file = gr.File(label="PDF", file_types=[".pdf"], height=120, elem_id="pdf")
    number = gr.Number(1, label="Page", minimum=1, precision=0, visible=False)
    page = gr.HTML("", js_on_load=(HERE / "assets" / "region.js").read_text())

    def open_pdf(value: dict | None) -> tuple:
        try:
            pages = pdf.page_count(path_of(value))
            return gr.Number(value=1, label=f"Page (of {pages})", maximum=pages, visible=pages > 1), turn(value, 1)
        except ValueError as error:
            return gr.Number(visible=False), views.notice("doubtful", "<b>Not read</b>", str(error))

    def turn(value: dict | None, number: int | None) -> str:
        try:
            return views.page(pdf.draw_page(path_of(value), number or 1)) if value else ""
        except ValueError as error:
            return views.notice("doubtful", "<b>Not read</b>", str(error))

    def cut(value: dict | None, number: int | None, event: gr.EventData) -> Image.Image:
        box = tuple(float(getattr(event, side)) for side in ("left", "top", "right", "bottom"))
        try:
            return pdf.draw_page(path_of(value), number or 1, box, READING_DPI)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None

    events = {"preprocess": False, "show_progress_on": page, "api_visibility": "private"}
    file.upload(open_pdf, file, [number, page], **events)
    file.clear(lambda: (gr.Number(visible=False), ""), None, [number, page], **events)
    number.input(turn, [file, number], page, trigger_mode="always_last", **events)
    page.click(cut, [file, number], picture, trigger_mode="always_last", **events)


def build_reader(checkpoints: list[str]) -> None:
    """Input on the left, the reading (or one column for each checkpoint) on the right."""
    current = gr.State(None)  # path of the picture shown, so that another checkpoint can read it too
    with gr.Row(elem_id="page"):
        with gr.Column(elem_id="input"):
            picture, pad, choice = build_input(checkpoints)
        with gr.Column(elem_id="result"):
            with gr.Column() as alone:
                panel = Panel()
            with gr.Column(visible=False, elem_id="several") as several:
                chosen = gr.Markdown()
                panels = {}
                with gr.Row():
                    for name in checkpoints:
                        with gr.Column(min_width=300):
                            gr.Markdown(f"### {label_of(name)}")
                            panels[name] = Panel()
        with gr.Column(elem_id="examples"):
            examples = [[str(path)] for path in sorted((HERE / "examples").glob("*.png"))]
            gr.Examples(examples, picture, label="Or try one of these")
    draw = gr.Button(visible="hidden", elem_id="read-drawing")

    def show(path: str | None, who: str) -> dict:
        """Updates for a picture read by one checkpoint or by all; a kind word if it can't be read."""
        updates = {current: path, chosen: "", alone: gr.Column(visible=who != COMPARE)}
        updates[several] = gr.Column(visible=who == COMPARE)
        for each in (panel, *panels.values()):
            updates |= each.clear(WAITING)
        if not path:
            return updates
        try:
            readings = [read(path, name) for name in (checkpoints if who == COMPARE else [who])]
        except ValueError as error:
            gr.Warning(str(error))  # seen even where the result is scrolled out of sight
            for each in (panel, *panels.values()):
                updates |= each.clear(views.notice("doubtful", "<b>Not read</b>", str(error)))
            return updates
        if who != COMPARE:
            return updates | panel.show(readings[0])
        for index, reading in enumerate(readings):
            updates |= panels[reading.checkpoint].show(reading, readings[0 if index else 1].result)
        return updates | {chosen: advice(readings)}

    def show_value(value: dict | None, who: str) -> dict:
        require(who, [*checkpoints, COMPARE])
        return show(path_of(value), who)

    def show_again(path: str | None, who: str) -> dict:
        require(who, [*checkpoints, COMPARE])
        return show(path, who)

    def recognize(picture: dict | None, checkpoint: str) -> dict:
        """Reads one picture. Returns checkpoint, latex, tokens, probabilities, confidence, warning and seconds."""
        require(checkpoint, checkpoints)
        return answers(picture, [checkpoint])[0]

    def compare(picture: dict | None) -> list[dict]:
        """Reads one picture with every checkpoint. Returns a list of what /recognize returns."""
        return answers(picture, checkpoints)

    shown = [current, chosen, alone, several, *(part for each in (panel, *panels.values()) for part in each.components)]
    events = {"preprocess": False, "show_progress_on": [panel.formula, chosen], "api_visibility": "private", **READS}
    picture.change(show_value, [picture, choice], shown, **events)
    draw.click(show_value, [pad, choice], shown, trigger_mode="always_last", **events)
    pad.clear(lambda who: show(None, who), choice, shown, **events)
    choice.input(show_again, [current, choice], shown, **events)

    answer = gr.JSON(visible=False)
    name = gr.Dropdown(checkpoints, value=checkpoints[0], visible=False, label="Checkpoint")
    gr.on([], recognize, [picture, name], answer, preprocess=False, api_name="recognize", **READS)
    gr.on([], compare, picture, answer, preprocess=False, api_name="compare", **READS)


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
        gr.on([], self.read, [files, name], gr.JSON(visible=False), preprocess=False, api_name="batch", **BATCHES)

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

    def read(self, files: list[dict] | None, checkpoint: str) -> list[dict]:
        """Reads pictures and zips of pictures. Returns a list of name, latex, confidence and warning."""
        try:
            rows, _ = self.rows(files, checkpoint)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None
        return [row.as_json() for row in rows]


def answers(picture: dict | None, checkpoints: list[str]) -> list[dict]:
    """What the API returns for a picture. Raises gr.Error, one sentence, for a picture that can't be read."""
    try:
        path = path_of(picture)
        if not path:
            raise PictureError("There is no picture in this request.")
        return [read(path, name).as_json() for name in checkpoints]
    except ValueError as error:
        raise gr.Error(str(error), print_exception=False) from None


def scripts() -> str:
    """HTML: the page's own JavaScript."""
    return "".join(f"<script>{(HERE / 'assets' / name).read_text()}</script>" for name in ("app.js", "proof.js"))


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
        footer_links=["api", "settings"], max_file_size="20mb",
        css_paths=HERE / "assets" / "app.css", head=scripts(),
        theme=gr.themes.Default(primary_hue="teal", font=sans, font_mono=mono),
    )


if __name__ == "__main__":
    main()
