"""The tab for one picture: input on the left, the reading (or one column for each checkpoint) on the right."""

from __future__ import annotations

from dataclasses import replace

import gradio as gr
from PIL import Image

from img2latex.config import LETTER_HEIGHT
from img2latex.files.beside import beside
from img2latex.page.overview import overview
from img2latex.web import pad, views
from img2latex.web.reading_panel import TELL_PRESSED, Panel
from img2latex.web.readings import READS, Reading, advice, answers, label_of, path_of, require, take_reading

COMPARE = "compare"  # the choice that is no checkpoint: all of them side by side
EXAMPLES = beside("examples")
LINES, WIDE = 5, 25  # letters: a crop no higher and no wider is one formula
WAITING = views.notice(
    "waiting",
    "<b>The LaTeX will appear here.</b><br>Choose a picture of one formula, printed or handwritten: drop it "
    "anywhere on the page, paste it with Ctrl+V, draw it, or try an example.",
)


class OnePicture:
    """The tab's components, their events, and the endpoints for other programs."""

    def __init__(self, checkpoints: list[str]) -> None:
        self.checkpoints = checkpoints
        self.current = gr.State((None, False))  # path of the picture shown, to read it again, and whether it was drawn
        with gr.Row(elem_id="page"):
            with gr.Column(elem_id="input"):
                self._lay_out_input()
            with gr.Column(elem_id="result"):
                self._lay_out_result()
            with gr.Column(elem_id="examples"):
                examples = [[str(path)] for path in sorted(EXAMPLES.glob("*.png"))]
                gr.Examples(examples, self.picture, label="Or try one of these")
        self._connect()
        self._serve()

    def _lay_out_input(self) -> None:
        """The ways to choose a picture, the checkpoint and the mode."""
        with gr.Tabs():
            with gr.Tab("Upload or paste"):
                self.picture = gr.Image(
                    label="Picture",
                    placeholder="# Drop a picture here\nor paste it with Ctrl+V, or click to choose a file",
                    image_mode=None, format="png", sources=["upload", "webcam"], height=260, buttons=[],
                    elem_id="picture", elem_classes="picture",
                )  # fmt: skip
            with gr.Tab("Draw"):
                self.pad = pad.lay_out()
        choices = [(label_of(name), name) for name in self.checkpoints]
        several = len(choices) > 1
        choices += [("Compare", COMPARE)] * several
        self.choice = gr.Radio(choices, value=self.checkpoints[0], label="Read by", visible=several, elem_id="choice")
        words = "Careful: read at three sizes, as handwriting and doubtful print always are"
        self.careful = gr.Checkbox(False, label=words, elem_id="careful")

    def _lay_out_result(self) -> None:
        self.offer = gr.HTML("", js_on_load=TELL_PRESSED, elem_id="offer")
        with gr.Column() as self.alone:
            self.panel = Panel(WAITING)
        with gr.Column(visible=False, elem_id="several") as self.several:
            self.chosen = gr.Markdown(elem_id="advice")
            self.panels = {}
            with gr.Row():
                for name in self.checkpoints:
                    with gr.Column(min_width=210):
                        gr.Markdown(f"### {label_of(name)}")
                        self.panels[name] = Panel(WAITING)

    def _connect(self) -> None:
        draw = gr.Button(visible="hidden", elem_id="read-drawing")
        shown = [self.current, self.offer, self.chosen, self.alone, self.several]
        shown += [part for panel in self._all_panels() for part in panel.components]
        events = {"preprocess": False, "api_visibility": "private", **READS}
        waiting_on = {"show_progress_on": [self.panel.formula, self.chosen]}
        how = [self.choice, self.careful]
        self.picture.change(self.show_value, [self.picture, *how], shown, **waiting_on, **events)
        draw.click(  # no spinner: pad.js greys the old answer, for people look at their strokes
            self.show_drawing, [self.pad, self.choice], shown, trigger_mode="always_last", show_progress="hidden",
            **events,
        ).then(None, js="() => img2latex.drawingRead()")
        self.pad.clear(lambda who: self.show(None, who), self.choice, shown, **waiting_on, **events)
        changed = [self.choice.input, self.careful.input]
        gr.on(
            changed, self.show_again, [self.current, *how], shown, trigger_mode="always_last", **waiting_on, **events
        )

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
        """Updates that show a message (HTML) instead of readings."""
        return {part: value for panel in self._all_panels() for part, value in panel.clear(message).items()}

    def show(self, path: str | None, who: str, careful: bool = False, drawn: bool = False) -> dict:
        """Updates for a picture read by one checkpoint or by all, or a message if it can't be read.

        What was drawn on the pad is handwritten: nobody has to tell that from its looks.
        """
        together = who == COMPARE
        updates = {self.current: (path, drawn), self.offer: "", self.chosen: "", **self._cleared(WAITING)}
        updates |= {self.alone: gr.Column(visible=not together), self.several: gr.Column(visible=together)}
        if not path:
            return updates
        try:
            names = self.checkpoints if together else [who]
            how = {"careful": careful or None, "alone": together, "handwritten": drawn or None}
            readings = [replace(take_reading(path, name, **how), drawn=drawn) for name in names]
        except ValueError as error:
            gr.Warning(str(error))  # seen even where the result is scrolled out of sight
            return updates | self._cleared(views.notice("doubtful", "<b>Not read</b>", str(error)))
        if not drawn and _large(readings[0].result.crop):
            updates[self.offer] = offer(path)
        return updates | (self._compared(readings) if together else self.panel.show(readings[0]))

    def _compared(self, readings: list[Reading]) -> dict:
        """Updates that show readings side by side, each with its differences from the first, and a piece of advice."""
        updates = {self.chosen: advice(readings)}
        surest = max(readings, key=lambda reading: reading.result.confidence)
        for index, reading in enumerate(readings):
            other = readings[0 if index else 1]
            updates |= self.panels[reading.checkpoint].show(reading, other, kept=reading is surest)
        return updates

    def show_value(self, value: dict | None, who: str, careful: bool) -> dict:
        return self.show_again((path_of(value), False), who, careful)

    def show_drawing(self, value: dict | None, who: str) -> dict:
        return self.show_again((path_of(value), True), who, False)

    def show_again(self, current: tuple[str | None, bool], who: str, careful: bool) -> dict:
        require(who, [*self.checkpoints, COMPARE])
        path, drawn = current
        return self.show(path, who, careful, drawn)

    def recognize(self, picture: dict | None, checkpoint: str, careful: bool = False) -> dict:
        """Turns a picture of one formula, printed or written by hand, into LaTeX.

        Args:
            picture: One formula with little else around it, as PNG, JPEG, WebP or the like; a data URI will do.
            checkpoint: The model: math reads mathematics, biology also chemistry and biology; what is written by hand
                is read by handwriting, whichever is named.
            careful: Read it at three sizes, as handwriting always is, and take what is most probable at all.

        Returns:
            latex: empty if no formula was read
            confidence: from 0 to 1, that all of it is right
            warning: why to distrust it, or null
            tokens: of the LaTeX, as the model wrote it
            probabilities: of each token
            checkpoint: that read it
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
            for each checkpoint what recognize returns: the one with the highest confidence is most likely right
        """
        return answers(picture, self.checkpoints)


def _large(crop: Image.Image) -> bool:
    """Whether the crop is larger than most formulas: only then the picture may be a page."""
    return crop.height > LINES * LETTER_HEIGHT or crop.width > WIDE * LETTER_HEIGHT


def offer(path: str) -> str:
    """HTML: that the picture looks like a page, and a button that opens it as one; empty if it does not."""
    seen = overview(path)
    if not seen.is_page:
        return ""
    button = '<button class="act main">Open it in the Page tab</button>'
    return views.notice("check", f"<b>This looks like a page</b>: {seen}. {button}")
