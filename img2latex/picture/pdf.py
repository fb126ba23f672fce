"""Pages of a PDF as pictures, whole or a box of one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import pypdfium2 as pdfium
from PIL import Image

POINTS = 72  # of a PDF's length to the inch
MAX_PIXELS = 20_000_000  # of a picture, whatever size a page says it has
WHOLE = (0.0, 0.0, 1.0, 1.0)

_one_at_a_time = Lock()  # PDFium does not work for two threads at once


class PdfError(ValueError):
    """Why a PDF or a page of it cannot be read, in one sentence for a person."""


@contextmanager
def _opened(source: str | bytes) -> Iterator[pdfium.PdfDocument]:
    with _one_at_a_time:
        try:
            document = pdfium.PdfDocument(source)
        except (pdfium.PdfiumError, OSError):
            name = "This" if isinstance(source, bytes) else Path(source).name
            raise PdfError(f"{name} is not a PDF that can be read, or a password locks it.") from None
        try:
            yield document
        finally:
            document.close()


def page_count(source: str | bytes) -> int:
    """How many pages there are in a PDF, given by its path or its content.

    Raises:
        PdfError: it is no PDF, damaged, or locked by a password.
    """
    with _opened(source) as document:
        return len(document)


def single_page(source: str | bytes, number: int) -> bytes:
    """A PDF of one page of a PDF: its number from 1.

    Raises:
        PdfError: it can't be taken out.
    """
    with _opened(source) as document:
        alone, stream = pdfium.PdfDocument.new(), io.BytesIO()
        try:
            alone.import_pages(document, [number - 1])
            alone.save(stream)
        except pdfium.PdfiumError:
            raise PdfError(f"Page {number} is damaged.") from None
        finally:
            alone.close()
        return stream.getvalue()


def draw_page(
    source: str | bytes, number: int, box: tuple[float, float, float, float] = WHOLE, dpi: float = 110
) -> Image.Image:  # fmt: skip
    """A picture of a page on white paper.

    Args:
        source: the path of the PDF, or its content.
        number: of the page, from 1.
        box: left, top, right and bottom of what is drawn, in shares of the page's width and height from its top left.
        dpi: pixels to the inch; fewer are drawn if the picture would be larger than `MAX_PIXELS`.

    Raises:
        PdfError: there is no such page, the box is empty or not on the page, or the PDF cannot be read.
    """
    try:
        left, top, right, bottom = map(float, box)
    except (TypeError, ValueError):
        raise PdfError("The sides of a box are four numbers.") from None
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise PdfError("This box is not on the page.")
    with _opened(source) as document:
        if number not in range(1, len(document) + 1):  # nor is 1.5, or a word
            raise PdfError(f"There is no page {number}: the PDF has {len(document)}.")
        try:
            page = document[int(number) - 1]
            width, height = page.get_size()
            points = (right - left) * width * (bottom - top) * height
            scale = min(dpi / POINTS, (MAX_PIXELS / max(points, 1e-9)) ** 0.5)
            crop = (left * width, (1 - bottom) * height, (1 - right) * width, top * height)
            return page.render(scale=scale, crop=crop).to_pil().convert("RGB")
        except (pdfium.PdfiumError, ValueError):
            raise PdfError(f"Page {number} is damaged, or the box is too small.") from None
