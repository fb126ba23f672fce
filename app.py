"""The browser app: upload, paste or draw a formula, get LaTeX, see what the model saw.

    python app.py                              # every checkpoint that is installed
    python app.py --checkpoint runs/mine       # and one more: a folder, or ORG/NAME on the Hub

What reads pictures lives in img2latex; this file only lays out components and connects events.
"""

import argparse
import os
import time
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from html import escape
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported; on, it asks the internet

import gradio as gr
from gradio.utils import get_upload_folder

from img2latex import Recognition, Recognizer
from img2latex.checkpoints import CHECKPOINTS, PUBLISHED
from img2latex.images import PictureError
from img2latex.latex import problem, to_katex

HERE = Path(__file__).parent
COMPARE = "compare"  # the choice that is no checkpoint: all of them side by side
HOUR = 3600  # seconds
READS = {"concurrency_id": "reader", "concurrency_limit": 1}  # one model at a time: a CPU gains nothing from two

CERTAINTY = (  # lower bound of a token's probability, CSS class, words of the legend
    (0.9, "sure", "sure (90 % or more)"),
    (0.5, "check", "check it (50 to 90 %)"),
    (0.0, "doubtful", "doubtful (below 50 %)"),
)
VERDICT = (  # lower bound of the whole answer's confidence, CSS class, words
    (0.9, "sure", "Very likely right"),
    (0.6, "check", "Probably right, have a look"),
    (0.0, "doubtful", "Probably has a mistake"),
)


@dataclass
class Reading:
    """What one checkpoint made of a picture, and how long it took in seconds."""

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


@cache
def reader(checkpoint: str) -> Recognizer:
    return Recognizer.from_pretrained(checkpoint)


def read(path: str, checkpoint: str) -> Reading:
    recognizer = reader(checkpoint)
    started = time.perf_counter()
    result = recognizer.recognize(path)
    return Reading(checkpoint, result, time.perf_counter() - started)


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


def band(probability: float, bands: tuple) -> tuple[str, str]:
    """The CSS class and the words for a probability."""
    return next((css, words) for low, css, words in bands if probability >= low)


def notice(css: str, line: str, why: str | None = None) -> str:
    """HTML: a line, and plain text that says why."""
    return f'<div class="verdict {css}">{line}{"<br>" + escape(why) if why else ""}</div>'


WAITING = notice("", "The LaTeX will appear here.")


def verdict(reading: Reading) -> str:
    """HTML: how far to trust the answer, and why not."""
    result = reading.result
    if not result.latex:
        return notice("doubtful", "<b>No formula read</b>", result.warning)
    css, words = band(result.confidence, VERDICT)
    line = f"<b>{words}</b> · confidence {result.confidence:.0%} · read in {reading.seconds:.1f} s"
    return notice(css, line, result.warning)


def differences(tokens: list[str], others: list[str]) -> set[int]:
    """Positions of the tokens that have no counterpart among the others."""
    blocks = SequenceMatcher(None, tokens, others, autojunk=False).get_matching_blocks()
    return set(range(len(tokens))) - {i for block in blocks for i in range(block.a, block.a + block.size)}


def tokens_html(result: Recognition, other: Recognition | None = None) -> str:
    """The tokens coloured by certainty, with a legend; those that `other` reads differently are outlined."""
    if not result.tokens:
        return ""
    marked = differences(result.tokens, other.tokens) if other else set()
    spans, legend = [], [f'<span class="{css}">{words}</span>' for _, css, words in CERTAINTY]
    for index, (token, probability) in enumerate(zip(result.tokens, result.probabilities, strict=True)):
        css = band(probability, CERTAINTY)[0] + (" differs" if index in marked else "")
        spans.append(f'<span class="{css}" title="{probability:.0%}">{escape(token)}</span>')
    if marked:
        legend.append('<span class="differs">read differently</span>')
    return f'<div class="tokens">{"".join(spans)}</div><div class="tokens legend">{"".join(legend)}</div>'


def render(latex: str) -> str:
    """Markdown that shows the formula, or a sentence that says why it can't be shown."""
    if not latex.strip():
        return ""
    trouble = problem(latex)
    return f'<p class="trouble">This can\'t be shown: {escape(trouble)}</p>' if trouble else f"$${to_katex(latex)}$$"


def advice(readings: list[Reading]) -> str:
    """Which of several readings the app would choose, and why."""
    if len({reading.result.latex for reading in readings}) == 1:
        return "All read the same."
    best, *rest = sorted(readings, key=lambda reading: -reading.result.confidence)
    beaten = ", ".join(f"{label_of(other.checkpoint)} {other.result.confidence:.0%}" for other in rest)
    return f"**{label_of(best.checkpoint)}** is more certain: {best.result.confidence:.0%} against {beaten}."


class Panel:
    """The components that show one reading."""

    def __init__(self) -> None:
        self.verdict = gr.HTML(WAITING)
        self.crop = gr.Image(
            label="What the model saw", interactive=False, format="png", height=140, buttons=[], elem_classes="picture"
        )
        self.formula = gr.Markdown(elem_classes="formula", container=True)
        self.latex = gr.Textbox(
            label="LaTeX", info="Edit it: the formula above follows.", lines=2, max_lines=8, buttons=["copy"]
        )
        self.tokens = gr.HTML("")
        self.components = [self.verdict, self.crop, self.formula, self.latex, self.tokens]
        self.latex.change(
            render, self.latex, self.formula,
            queue=False, show_progress="hidden", trigger_mode="always_last", api_visibility="private",
        )

    def clear(self, message: str) -> dict:
        """Updates that show no reading but a message (HTML)."""
        return dict(zip(self.components, (message, None, "", "", ""), strict=True))

    def show(self, reading: Reading, other: Recognition | None = None) -> dict:
        """Updates that show a reading; tokens that the other one lacks are marked."""
        result = reading.result
        values = (verdict(reading), result.crop, render(result.latex), result.latex, tokens_html(result, other))
        return dict(zip(self.components, values, strict=True))


def build(checkpoints: list[str]) -> gr.Blocks:
    """The page, for the checkpoints it offers."""
    with gr.Blocks(title="img2latex", delete_cache=(HOUR, HOUR)) as demo:
        gr.Markdown("# A picture of a formula, as LaTeX\nUpload, paste or draw it: reading starts by itself.")
        if checkpoints:
            build_reader(checkpoints)
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
                image_mode=None, sources=["upload", "webcam"], height=280, buttons=[], elem_id="picture",
                elem_classes="picture",
            )
        with gr.Tab("Draw"):
            pad = gr.Sketchpad(
                label="Write here", canvas_size=(600, 300), height=320, layers=False, transforms=(), buttons=[],
                brush=gr.Brush(default_size=3, colors=["#000000"], color_mode="fixed"),
                eraser=gr.Eraser(default_size=24), elem_id="pad",
            )
    choices = [(label_of(name), name) for name in checkpoints]
    several = len(choices) > 1
    choices += [("Compare", COMPARE)] * several
    return picture, pad, gr.Radio(choices, value=checkpoints[0], label="Read by", visible=several)


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
                updates |= each.clear(notice("doubtful", "<b>Not read</b>", str(error)))
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


def answers(picture: dict | None, checkpoints: list[str]) -> list[dict]:
    """What the API returns for a picture. Raises gr.Error, one sentence, for a picture that can't be read."""
    try:
        path = path_of(picture)
        if not path:
            raise PictureError("There is no picture in this request.")
        return [read(path, name).as_json() for name in checkpoints]
    except ValueError as error:
        raise gr.Error(str(error), print_exception=False) from None


def main() -> None:
    """Parses the command line and serves the page until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", action="append", default=[], help="one more: a folder, or ORG/NAME on the Hub")
    parser.add_argument("--host", help="0.0.0.0 to serve other machines (default: this one only)")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860 on")
    options = parser.parse_args()
    sans, mono = ("ui-sans-serif", "system-ui", "sans-serif"), ("ui-monospace", "monospace")
    build(find_checkpoints(options.checkpoint)).launch(
        server_name=options.host, server_port=options.port, show_error=True, enable_monitoring=False, ssr_mode=False,
        footer_links=["api", "settings"], max_file_size="20mb",
        css_paths=HERE / "assets" / "app.css", head=f"<script>{(HERE / 'assets' / 'app.js').read_text()}</script>",
        theme=gr.themes.Default(primary_hue="teal", font=sans, font_mono=mono),
    )


if __name__ == "__main__":
    main()
