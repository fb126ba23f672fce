"""The tab for a PDF: its pages to mark boxes on."""

from __future__ import annotations

import gradio as gr
from PIL import Image

from img2latex.picture import pdf
from img2latex.web import views
from img2latex.web.assets import text
from img2latex.web.readings import path_of

READING_DPI = 300  # of what is cut out of a PDF


class Pdf:
    """A PDF's pages to mark boxes on; what is in a box becomes the picture, so that it is read."""

    def __init__(self, picture: gr.Image) -> None:
        self.file = gr.File(label="PDF", file_types=[".pdf"], height=120, elem_id="pdf")
        self.number = gr.Number(1, label="Page", minimum=1, precision=0, visible=False)
        self.page = gr.HTML("", js_on_load=text("pdf_box.js"))
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
