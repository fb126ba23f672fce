"""The panel that shows one reading: verdict, check view, LaTeX to copy and edit, tokens with their alternatives."""

from __future__ import annotations

from dataclasses import replace

import gradio as gr

from img2latex.files.beside import beside
from img2latex.web import copying, views
from img2latex.web.assets import text
from img2latex.web.readings import READS, Reading, take_reading
from img2latex.web.workbench import work

MATHLIVE = beside("assets") / "mathlive"  # mathlive.io 0.111.1, less two addresses in messages
SYMPY = {"concurrency_id": "sympy", "concurrency_limit": 2}
COPY_PRESSED = """element.addEventListener("click", event => {
  const button = event.target.closest("button[data-text]");
  if (button) img2latex.copy(button.dataset.text, button);
})"""
TELL_PRESSED = """element.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (!button) return;
  element.querySelectorAll("button").forEach(each => each.setAttribute("aria-pressed", each === button));
  trigger("click", {...button.dataset});
})"""  # a click on a button in an HTML component marks it and tells the server its data-... attributes


class Panel:
    """The components that show one reading, and their events."""

    def __init__(self, waiting: str) -> None:
        self.reading = gr.State(None)
        with gr.Column(elem_classes="reading"):  # empty parts are hidden (page.css)
            self.verdict = gr.HTML(waiting)
            with gr.Column(elem_classes="proof"):
                gr.HTML(views.CHECK_TOOLS, elem_classes="proof-tools")
                self.crop = gr.HTML("")
                self.formula = gr.Markdown(elem_classes="formula")
            self.forms = gr.HTML("", elem_classes="forms")
            self.latex = gr.Textbox(label="LaTeX", info="Edit it: the formula above follows.", lines=2, max_lines=8)
            source = f"gradio_api/file={MATHLIVE / 'mathlive.min.mjs'}"
            gr.HTML(views.editor(source), js_on_load=text("formula_editor.js"))
            self.tokens = gr.HTML("", js_on_load=TELL_PRESSED)
            self.alternatives = gr.HTML("", js_on_load=TELL_PRESSED)
            with gr.Accordion("Save it as a file, work with it in SymPy", open=False) as self.desk:
                self.copies = gr.HTML("", js_on_load=COPY_PRESSED)
                self.answers = gr.Markdown(elem_classes="answers")
        self.components = [
            self.reading, self.verdict, self.crop, self.formula, self.forms, self.latex, self.tokens, self.alternatives
        ]  # fmt: skip
        self._connect()

    def _connect(self) -> None:
        at_once = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        working = self.desk.expand(work, self.latex, [self.copies, self.answers], api_visibility="private", **SYMPY)
        self.latex.change(
            self.follow, [self.latex, self.reading], [self.formula, self.forms, self.desk, self.copies, self.answers],
            trigger_mode="always_last", cancels=[working], **at_once,
        )  # fmt: skip
        self.tokens.click(self.look, self.reading, [self.crop, self.alternatives], trigger_mode="multiple", **at_once)
        self.alternatives.click(
            self.choose, self.reading, self.components,
            show_progress_on=[self.formula], api_visibility="private", **READS,
        )  # fmt: skip

    def clear(self, message: str) -> dict:
        """Updates that show no reading but a message (HTML)."""
        return dict(zip(self.components, (None, message, "", "", "", "", "", ""), strict=True))

    def show(self, reading: Reading, other: Reading | None = None, place: int | None = None, kept: bool = True) -> dict:
        """Updates that show a reading.

        Args:
            other: a reading to compare with: tokens that it lacks are marked.
            place: of the chosen token, if there is one.
            kept: the history stores it.
        """
        result = reading.result
        chosen = place is not None and place < len(result.tokens)
        values = (
            reading, views.verdict(result, reading.seconds, reading.facts() if kept else None),
            views.crop(result, place if chosen else None, reading.looked), *self._made_of(result.latex, reading),
            result.latex, views.tokens(result, other and other.result, place),
            views.alternatives(result, place if chosen else None, undo=bool(reading.before)),
        )  # fmt: skip
        return dict(zip(self.components, values, strict=True))

    def _made_of(self, latex: str, reading: Reading | None) -> tuple[str, str]:
        """The formula (Markdown) and its forms to copy (HTML); doubtful tokens are coloured until it is edited."""
        result = reading.result if reading and reading.result.latex == latex else None
        number = reading.number if reading else ""
        return views.formula(latex, result), copying.bar(copying.forms(latex), number)

    def follow(self, latex: str, reading: Reading | None) -> tuple:
        """Updates that show the edited LaTeX, and clear what was computed from the LaTeX before."""
        return *self._made_of(latex, reading), gr.Accordion(open=False), "", ""

    def look(self, reading: Reading | None, event: gr.EventData) -> dict:
        """Updates that show the alternatives of the token that was clicked, and its attention."""
        reading, place = at_hand(reading), int(event.place)
        alternatives = views.alternatives(reading.result, place, undo=bool(reading.before))
        return {self.crop: views.crop(reading.result, place, reading.looked), self.alternatives: alternatives}

    def choose(self, reading: Reading | None, event: gr.EventData) -> dict:
        """Updates that show the formula read on from the alternative that was clicked, or the reading before that."""
        reading = at_hand(reading)
        if getattr(event, "undo", None) and reading.before:
            return self.show(reading.before)
        result, place = reading.result, int(event.place)
        prefix = [*result.tokens[:place], result.alternatives[place][int(event.rank)][0]]
        try:
            how = {"careful": reading.careful, "alone": reading.alone, "turned": reading.result.turned}
            how["handwritten"] = reading.drawn or None
            chosen = take_reading(reading.path, reading.checkpoint, prefix=prefix, **how)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None
        return self.show(replace(chosen, before=reading, drawn=reading.drawn), place=place)


def at_hand(reading: Reading | None) -> Reading:
    """The reading that a page shows; raises gr.Error if the server was restarted since and has forgotten it."""
    if not reading:
        raise gr.Error("The app was restarted: choose the picture again.", print_exception=False)
    return reading
