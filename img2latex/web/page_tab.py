"""The tab for a whole page: a PDF or a picture in; its formulas marked on it, and all of it as Markdown."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from uuid import uuid4

import gradio as gr
import numpy as np
from gradio.utils import get_upload_folder
from PIL import Image

from img2latex.export import word
from img2latex.latex import problem, to_katex
from img2latex.page import editing, writing
from img2latex.page.reading import MARGIN, Page, cut
from img2latex.page.region import Region
from img2latex.picture import pdf
from img2latex.web import serving, views
from img2latex.web.assets import text
from img2latex.web.reading_panel import Panel
from img2latex.web.readings import READS, Reading, label_of, path_of, require, take_reading

SHOWN_WIDTH = 1200  # px of the page's picture in the browser at most
FILES = {"page.md": ("text/markdown", "markdown"), "page.tex": ("application/x-tex", "tex"),
         "page.docx": (word.MIME, "docx"), "page.json": ("application/json", "json")}  # fmt: skip
DELIMITERS = [{"left": "$$", "right": "$$", "display": True}, {"left": "$", "right": "$", "display": False}]
TAB = "page"  # by which the tab is opened
Box = tuple[int, int, int, int]  # left, top, right, bottom, px
EDITS = {"concurrency_id": "edits", "concurrency_limit": 1}  # one after the other: each goes on from the one before
OFF_PAGE = "This box is not on the page."
HINT = "Click a formula to see how it was read. Draw a box around one that was missed, or around a part."


@dataclass
class Sheet:
    """A page as the tab keeps it for a visitor: its picture is a file, and attention weights are packed.

    Attributes:
        path: of its picture.
        shown: address of the picture that the browser shows.
        page: what was found on it, without picture.
        checkpoint: that read it.
        source: path of the uploaded file, and the page's number.
        looked: for the box of each formula, see `Reading`.
    """

    path: str
    shown: str
    page: Page
    checkpoint: str
    source: tuple[str, float]
    looked: dict[Box, bytes] = field(default_factory=dict)

    def whole(self) -> Page:
        """The page with its picture.

        Raises:
            gr.Error: the file is gone.
        """
        try:
            return replace(self.page, picture=Image.open(self.path).convert("L"))
        except OSError:
            raise gr.Error("This was too long ago: upload the page again.", print_exception=False) from None

    def with_page(self, page: Page) -> Sheet:
        """The sheet after a change of its page: attention weights of its readings are packed."""
        looked = {}
        for region in page.formulas:
            looked[region.box] = self.looked.get(region.box) or views.packed(region.reading.attention)
            region.reading = replace(region.reading, attention=[])
        return replace(self, page=replace(page, picture=None), looked=looked)

    def crop(self, box: Box) -> str:
        """Path of the picture in a box."""
        return stored(cut(np.asarray(self.whole().picture), box, MARGIN * self.page.letter))

    def reading(self, formula: Region) -> Reading:
        """A formula's reading, for the panel."""
        looked = self.looked.get(formula.box, b"")
        return Reading(self.crop(formula.box), self.checkpoint, formula.reading, looked=looked)


class PageTab:
    """The components of the tab.

    Args:
        checkpoints: on offer.
    """

    def __init__(self, checkpoints: list[str]) -> None:
        self.checkpoints = checkpoints
        self.sheet = gr.State(None)
        with gr.Row():
            with gr.Column(min_width=320):
                self.file = gr.File(label="PDF or picture of a page", height=150, elem_id="page-file")
                self.number = gr.Number(1, label="Page", minimum=1, precision=0, visible=False, elem_id="page-number")
                choices = [(label_of(name), name) for name in checkpoints]
                self.choice = gr.Radio(choices, value=checkpoints[0], label="Read by", visible=len(choices) > 1)
                self.verdict = gr.HTML("")
                self.board = gr.HTML("", js_on_load=text("boxes.js"), elem_id="page-board")
                self._lay_out_numbers()
            with gr.Column(min_width=320):
                with gr.Column(visible=False, elem_id="page-formula") as self.one:
                    self.panel = Panel("")
                self.shown = gr.Markdown("", latex_delimiters=DELIMITERS, elem_id="page-text")
                with gr.Accordion("Markdown", open=False, elem_id="page-source"):
                    self.source = gr.Textbox(show_label=False, lines=8, max_lines=30, buttons=["copy"])
                self.saves = gr.HTML("", elem_id="page-saves")
        self._connect()

    def _lay_out_numbers(self) -> None:
        """A box without a mouse."""
        with gr.Accordion("Or give a box in numbers", open=False, visible=False, elem_id="numbers") as self.numbers:
            self.sides = []
            for corner in ({"Left": 0, "Top": 0}, {"Right": 100, "Bottom": 100}):
                with gr.Row():
                    for side, percent in corner.items():
                        label = f"{side} (%)"
                        self.sides.append(gr.Number(percent, label=label, minimum=0, maximum=100, step=1, min_width=90))
            self.button = gr.Button("Read this box", size="sm")

    def _connect(self) -> None:
        outputs = [self.sheet, self.verdict, self.board, self.numbers, self.shown, self.source, self.saves, self.one]
        events = {"preprocess": False, "api_visibility": "private", "show_progress_on": self.verdict}
        inputs = [self.file, self.number, self.choice, self.sheet]
        latest = {"trigger_mode": "always_last", **events, **READS}
        opened = self.file.change(self.open, self.file, self.number, preprocess=False, api_visibility="private")
        opened.success(self.show, inputs, outputs, **latest)  # after: the page's number is the new file's
        gr.on([self.number.input, self.choice.input], self.show, inputs, outputs, **latest)
        edited = [*outputs, *self.panel.components]
        self.board.click(self.edit, self.sheet, edited, trigger_mode="multiple", **events, **EDITS)
        self.button.click(self.add_numbers, [self.sheet, *self.sides], edited, **events, **EDITS)
        number = gr.Number(1, visible=False, label="Number", precision=0)
        name = gr.Dropdown(self.checkpoints, value=self.checkpoints[0], visible=False, label="Checkpoint")
        served = {"preprocess": False, "api_name": "page", **READS}
        gr.on([], self.page, [self.file, number, name], gr.JSON(visible=False), **served)

    def take(self, current: tuple[str | None, bool]) -> tuple:
        """Updates that open the tab, with the picture that another tab has."""
        return gr.Tabs(selected=TAB), current[0]

    def open(self, value: dict | None) -> dict:
        """The field for the page's number: there is one where a PDF has several."""
        try:
            path = path_of(value)
            count = pdf.page_count(path) if path and path.lower().endswith(".pdf") else 1
        except ValueError:  # the message is shown in place of the page
            count = 1
        return gr.Number(value=1, label=f"Page (of {count})", maximum=count, visible=count > 1)

    def show(
        self, value: dict | None, number: float | None, checkpoint: str, sheet: Sheet | None = None
    ) -> Iterator[dict]:
        """Updates that show a page at once, and later what was found on it; or a message if it can't be read."""
        require(checkpoint, self.checkpoints)
        nothing = self._updates(None) | {self.numbers: gr.Accordion(visible=False)}
        try:
            path = path_of(value)
            if not path:
                yield nothing
                return
            if sheet and (sheet.source, sheet.checkpoint) == ((path, number or 1), checkpoint):
                yield gr.skip()  # a file set by another tab fires two events: when set, and when first shown
                return
            grey = serving.page_picture(path, number or 1)
            shown = address(shrunk(Image.fromarray(grey)))
            yield nothing | {self.verdict: views.notice("", "Looking for formulas …"), self.board: board(shown)}
            page = serving.read_page(grey, checkpoint)
        except ValueError as error:
            yield nothing | {self.verdict: views.notice("doubtful", "<b>Not read</b>", str(error))}
            return
        sheet = Sheet(stored(np.asarray(page.picture)), shown, page, checkpoint, (path, number or 1))
        yield self._updates(sheet.with_page(page)) | {self.numbers: gr.Accordion(visible=True)}

    def _updates(self, sheet: Sheet | None, chosen: Region | None = None) -> dict:
        """Updates that show what was found on a page, with one of its formulas chosen."""
        page = sheet and sheet.page
        return {
            self.sheet: sheet, self.verdict: summary(page) if page else "",
            self.board: board(sheet.shown, page, chosen) if page else "",
            self.shown: rendered(page) if page else "", self.source: page.markdown if page else "",
            self.saves: saves(page) if page else "", self.one: gr.Column(visible=chosen is not None),
        }  # fmt: skip

    def edit(self, sheet: Sheet | None, event: gr.EventData) -> dict:
        """Updates after an action with a box: open, add, move, again (read it carefully), delete."""
        sheet = at_hand(sheet)
        act, box = getattr(event, "act", None), getattr(event, "box", None)
        chosen = find(sheet.page, getattr(event, "chosen", None))
        if act == "add":
            return self._read(sheet, box)
        if chosen is None:  # another edit has removed it meanwhile
            return gr.skip()
        if act in ("move", "again"):
            return self._read(sheet, box if act == "move" else chosen.box, chosen, careful=act == "again" or None)
        if act == "delete":
            return self._updates(sheet.with_page(editing.without_formula(sheet.whole(), chosen)))
        return {self.one: gr.Column(visible=True), **self.panel.show(sheet.reading(chosen))}

    def add_numbers(self, sheet: Sheet | None, *sides: float | None) -> dict:
        """Updates after a box was given in percent of the page's width and height."""
        sheet = at_hand(sheet)
        size = sheet.page.size * 2
        shares = (side / 100 if isinstance(side, (int, float)) else math.nan for side in sides)
        return self._read(sheet, [share * length for share, length in zip(shares, size, strict=True)])

    def _read(self, sheet: Sheet, sides: object, instead: Region | None = None, careful: bool | None = None) -> dict:
        """Updates that show a box read, instead of a formula or as one more."""
        box = whole_box(sides, sheet.page.size)
        try:
            reading = take_reading(sheet.crop(box), sheet.checkpoint, careful)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None
        page = sheet.whole()
        if instead:
            page = editing.without_formula(page, instead)
        page, formula = editing.with_formula(page, box, reading.result, instead)
        changed = replace(sheet, looked={**sheet.looked, box: reading.looked}).with_page(page)
        return self._updates(changed, formula) | self.panel.show(reading)

    def page(self, file: dict | None, number: int = 1, checkpoint: str = "math") -> dict:
        """Finds and reads all formulas of a page, and the text around them.

        Args:
            file: A PDF, or a picture of a page (a screenshot, a scan, a photograph).
            number: Which page of the PDF, from 1.
            checkpoint: The model: math reads mathematics, biology also chemistry and biology.

        Returns:
            markdown: text with $...$ in its lines and $$...$$ between them
            warning: what is missing, or null
            regions: in reading order, each with box (left, top, right, bottom in px), kind (displayed, inline or text),
                latex, text, confidence, warning, tag
            width: of the picture that the boxes refer to, px
            height: of it, px
        """
        require(checkpoint, self.checkpoints)
        try:
            path = path_of(file)
            if not path:
                raise ValueError("There is no page in this request.")
            page = serving.read_page(serving.page_picture(path, number or 1), checkpoint)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None
        return {"markdown": page.markdown, **json.loads(page.json)}

    page._mcp_type = "none"  # no tool for language models: Gradio can't hand it a file that is no picture


def at_hand(sheet: Sheet | None) -> Sheet:
    """The page that a tab shows; raises gr.Error if the server was restarted since and has forgotten it."""
    if not sheet:
        raise gr.Error("The app was restarted: upload the page again.", print_exception=False)
    return sheet


def find(page: Page, sides: object) -> Region | None:
    """The formula whose box the browser sends: left, top, right, bottom, separated by commas."""
    return next((region for region in page.formulas if key(region) == sides), None)


def key(region: Region) -> str:
    return ",".join(map(str, region.box))


def whole_box(box: object, size: tuple[int, int]) -> Box:
    """A box that the browser sends, in px.

    Raises:
        gr.Error: it is none, or not on the page.
    """
    try:
        left, top, right, bottom = (round(float(side)) for side in box)
    except (TypeError, ValueError, OverflowError):
        raise gr.Error("The sides of a box are four numbers.", print_exception=False) from None
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, size[0]), min(bottom, size[1])
    if not (left < right and top < bottom):
        raise gr.Error(OFF_PAGE, print_exception=False)
    return left, top, right, bottom


def stored(picture: np.ndarray) -> str:
    """Path of a picture that the browser may ask for, as those that were uploaded."""
    path = Path(get_upload_folder()) / f"{uuid4().hex}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, compress_level=1)
    return str(path)


def summary(page: Page) -> str:
    """HTML: how many formulas there are, and what to know about the page."""
    formulas = page.formulas
    doubtful = sum(region.confidence < views.VERDICT[1][0] for region in formulas)
    line = f"<b>{len(formulas)} formula{'s' * (len(formulas) != 1)}</b>"
    line += f" · {doubtful} to be checked" if doubtful else ""
    return views.notice("sure" if formulas and not doubtful else "check", line, page.warning)


def saves(page: Page) -> str:
    """HTML: links that save a page in each format."""
    def content(form: str) -> bytes:
        written = getattr(page, form)
        return written.encode() if isinstance(written, str) else written

    return views.saves({name: (kind, content(form)) for name, (kind, form) in FILES.items()})


def board(shown: str, page: Page | None = None, chosen: Region | None = None) -> str:
    """HTML: a page with a button over each formula, coloured by confidence, and what can be done with the chosen one.

    Args:
        shown: address of its picture.
        page: what was found on it; None while it is being read.
    """
    image = f'<img src="{shown}" alt="The page" draggable="false">'
    if page is None:
        return f'<div class="board unread">{image}</div>'
    (width, height), off = page.size, "" if chosen else " disabled"
    size = f'data-width="{width}" data-height="{height}"'
    buttons = "".join(_button(region, width, height, region is chosen) for region in page.formulas)
    return (
        f"<p>{HINT}</p>"
        f'<div class="tools"><button class="act" data-act="again"{off}>Read again, carefully</button>'
        f'<button class="act" data-act="delete"{off}>Delete <kbd>Del</kbd></button></div>'
        f'<div class="board" {size}>{image}{buttons}<div class="frame"></div></div>'
    )


def _button(region: Region, width: int, height: int, chosen: bool) -> str:
    left, top, right, bottom = region.box
    css, words = views.band(region.confidence, views.VERDICT)
    style = (f"left: {left / width:.3%}; top: {top / height:.3%}; width: {(right - left) / width:.3%}; "
             f"height: {(bottom - top) / height:.3%}")  # fmt: skip
    title = escape(f"{region.latex or 'not read'}\n{words}: {views.percent(region.confidence)}")
    data = f'data-box="{key(region)}" aria-pressed="{"true" if chosen else "false"}"'
    return f'<button class="{css}" {data} title="{title}" style="{style}"></button>'


def address(picture: Image.Image) -> str:
    """Where the browser finds a picture."""
    return f"gradio_api/file={stored(np.asarray(picture))}"


def shrunk(picture: Image.Image) -> Image.Image:
    """A picture for the browser, where a page of 4 million pixels is slow."""
    small = picture.copy()
    small.thumbnail((SHOWN_WIDTH, 10 * SHOWN_WIDTH))
    return small


def rendered(page: Page) -> str:
    """Markdown as the browser can show it: formulas that KaTeX rejects become code."""
    regions = []
    for region in page.regions:
        if region.latex and problem(region.latex):
            regions.append(replace(region, kind="text", latex="", text=region.latex))
        else:
            shown = to_katex(region.latex) if region.latex else ""
            regions.append(replace(region, latex=shown, text=escape(region.text)))
    return writing.markdown(regions)
