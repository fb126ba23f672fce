"""Machines and pages that tests of whole pages share."""

import pytest
from PIL import Image

from img2latex import Recognizer, read_page
from img2latex.page import text


@pytest.fixture(scope="session")
def reader():
    return Recognizer.from_pretrained("math", threads=1)


@pytest.fixture(scope="session")
def page(paper, reader):
    return read_page(paper, 1, reader)


@pytest.fixture
def no_text(monkeypatch):
    """A machine without RapidOCR."""
    monkeypatch.setattr(text, "installed", lambda: False)


@pytest.fixture
def blank(tmp_path):
    """A picture of an empty page."""
    path = tmp_path / "blank.png"
    Image.new("L", (600, 800), 255).save(path)
    return path

