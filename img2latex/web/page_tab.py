"""The tab for a whole page: a PDF or a picture in; its formulas marked on it, and all of it as Markdown."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape
from pathlib import Path
from uuid import uuid4

import gradio as gr
import numpy as np
from gradio.utils import get_upload_folder
from PIL import Image

from img2latex.latex import problem, to_katex
from img2latex.page import writing
from img2latex.page.reading import MARGIN, Page, cut
from img2latex.picture import pdf
from img2latex.web import serving, views
from img2latex.web.reading_panel import TELL_PRESSED, Panel
from img2latex.web.readings import READS, label_of, path_of, read, require

SHOWN_WIDTH = 900  # px of the page's picture in the browser at most
FILES = {"page.md": ("text/markdown", "markdown"), "page.tex": ("application/x-tex", "tex"),
         "page.json": ("application/json", "json")}  # fmt: skip
DELIMITERS = [{"left": "$$", "right": "$$", "display": True}, {"left": "$", "right": "$", "display": False}]


class PageTab:
    """The components of the tab.

    Args:
        checkpoints: who can read.
    """

    def __init__(self, checkpoints: list[str]) -> None:
        self.checkpoints = checkpoints
        self.crops = gr.State([])
        with gr.Row():
            with gr.Column():
                self.file = gr.File(label="PDF or picture of a page", height=120, elem_id="page-file")
                self.number = gr.Number(1, label="Page", minimum=1, precision=0, visible=False, elem_id="page-number")
                choices = [(label_of(name), name) for name in checkpoints]
                self.choice = gr.Radio(choices, value=checkpoints[0], label="Read by", visible=len(choices) > 1)
                self.verdict = gr.HTML("")
                self.board = gr.HTML("", js_on_load=TELL_PRESSED, elem_id="page-board")
            with gr.Column():
                self.shown = gr.Markdown("", latex_delimiters=DELIMITERS, elem_id="page-text")
                with gr.Accordion("Markdown", open=False, elem_id="page-source"):
                    self.source = gr.Textbox(show_label=False, lines=8, max_lines=30, buttons=["copy"])
                self.saves = gr.HTML("", elem_id="page-saves")
        with gr.Column(visible=False, elem_id="page-formula") as self.one:
            self.panel = Panel("")
        self._connect()

    def _connect(self) -> None:
        shown = [self.crops, self.verdict, self.board, self.shown, self.source, self.saves, self.one]
        told = {"preprocess": False, "api_visibility": "private", "show_progress_on": self.verdict, **READS}
        inputs = [self.file, self.number, self.choice]
        self.file.change(self.open, self.file, [self.number], preprocess=False, api_visibility="private")
        gr.on([self.file.change, self.number.input, self.choice.input], self.show, inputs, shown,
              trigger_mode="always_last", **told)  # fmt: skip
        self.board.click(self.choose, [self.crops, self.choice], [self.one, *self.panel.components], **told)
        number = gr.Number(1, visible=False, label="Number", precision=0)
        name = gr.Dropdown(self.checkpoints, value=self.checkpoints[0], visible=False, label="Checkpoint")
        served = {"preprocess": False, "api_name": "page", **READS}
        gr.on([], self.page, [self.file, number, name], gr.JSON(visible=False), **served)

    def open(self, value: dict | None) -> dict:
        """The field for the page's number: there is one where a PDF has several."""
        try:
            path = path_of(value)
            count = pdf.page_count(path) if path and path.lower().endswith(".pdf") else 1
        except ValueError:  # is told where the page would be
            count = 1
        return gr.Number(value=1, label=f"Page (of {count})", maximum=count, visible=count > 1)

    def show(self, value: dict | None, number: float | None, checkpoint: str) -> tuple:
        """Updates that show a page, or a word why it can't be read."""
        require(checkpoint, self.checkpoints)
        try:
            path = path_of(value)
            if not path:
                return [], "", "", "", "", "", gr.Column(visible=False)
            page = serving.read_page(path, checkpoint, int(number or 1))
        except ValueError as error:
            word = views.notice("doubtful", "<b>Not read</b>", str(error))
            return [], word, "", "", "", "", gr.Column(visible=False)
        grey = np.asarray(page.picture)
        margin = MARGIN * page.letter
        crops = [stored(cut(grey, region.box, margin)) for region in page.formulas]
        text = page.markdown
        links = "".join(views.saving(name, kind, getattr(page, form).encode()) for name, (kind, form) in FILES.items())
        saves = f'<div class="copies"><span>Save as</span>{links}</div>'
        return crops, summary(page), board(page), rendered(page), text, saves, gr.Column(visible=False)

    def choose(self, crops: list, checkpoint: str, event: gr.EventData) -> dict:
        """Updates that show the formula whose box was clicked."""
        require(checkpoint, self.checkpoints)
        place = int(event.place)
        if place >= len(crops):
            raise gr.Error("The app was started anew: hand over the page once more.", print_exception=False)
        return {self.one: gr.Column(visible=True), **self.panel.show(read(crops[place], checkpoint))}

    def page(self, file: dict | None, number: int = 1, checkpoint: str = "math") -> dict:
        """Finds and reads all formulas of a page, and the text around them.

        Args:
            file: A PDF, or a picture of a page (a screenshot, a scan, a photograph).
            number: Which page of the PDF, from 1.
            checkpoint: Who reads the formulas: math reads mathematics, biology also chemistry and biology.

        Returns:
            markdown: text with $...$ in its lines and $$...$$ between them
            warning: what is missing, or null
            regions: in reading order, each with box (left, top, right, bottom in px), kind (displayed, inline or text),
                latex, text, confidence, warning, tag
            width: of the picture that the boxes are told in, px
            height: of it, px
        """
        require(checkpoint, self.checkpoints)
        try:
            path = path_of(file)
            if not path:
                raise ValueError("There is no page in this request.")
            page = serving.read_page(path, checkpoint, int(number or 1))
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None
        return {"markdown": page.markdown, **json.loads(page.json)}

    page._mcp_type = "none"  # no tool for language models: Gradio can't hand it a file that is no picture


def stored(picture: np.ndarray) -> str:
    """Path of a picture that the browser may ask for, as those that were uploaded."""
    path = Path(get_upload_folder()) / f"{uuid4().hex}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
    return str(path)


def summary(page: Page) -> str:
    """HTML: how many formulas there are, and what to know about the page."""
    formulas = page.formulas
    doubtful = sum(region.confidence < views.VERDICT[1][0] for region in formulas)
    line = f"<b>{len(formulas)} formula{'s' * (len(formulas) != 1)}</b>"
    line += f" · {doubtful} to be checked" if doubtful else ""
    return views.notice("sure" if formulas and not doubtful else "check", line, page.warning)


def board(page: Page) -> str:
    """HTML: the page with a button over each formula, coloured by confidence."""
    width, height = page.size
    buttons = []
    for place, region in enumerate(page.formulas):
        left, top, right, bottom = region.box
        css, words = views.band(region.confidence, views.VERDICT)
        style = (f"left: {left / width:.3%}; top: {top / height:.3%}; width: {(right - left) / width:.3%}; "
                 f"height: {(bottom - top) / height:.3%}")  # fmt: skip
        title = escape(f"{region.latex or 'not read'}\n{words}: {views.percent(region.confidence)}")
        buttons.append(f'<button class="{css}" data-place="{place}" title="{title}" style="{style}"></button>')
    picture = f'<img src="{views.data_uri(shrunk(page.picture))}" alt="The page">'
    return f'<div class="board">{picture}{"".join(buttons)}</div>'


def shrunk(picture: Image.Image) -> Image.Image:
    """A picture for the browser, where a page of 4 million pixels is slow."""
    small = picture.copy()
    small.thumbnail((SHOWN_WIDTH, 10 * SHOWN_WIDTH))
    return small


def rendered(page: Page) -> str:
    """Markdown as the browser can show it: what KaTeX refuses stands as code."""
    regions = []
    for region in page.regions:
        if region.latex and problem(region.latex):
            regions.append(replace(region, kind="text", latex="", text=region.latex))
        else:
            shown = to_katex(region.latex) if region.latex else ""
            regions.append(replace(region, latex=shown, text=escape(region.text)))
    return writing.markdown(regions)
