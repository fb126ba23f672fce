"""Formulas that a person adds to a page or takes from it; the text around them follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from img2latex.page import text
from img2latex.page.reading import NOTHING, Page, in_order, settle
from img2latex.page.region import Region
from img2latex.reader.recognizer import Recognition

Box = tuple[int, int, int, int]  # left, top, right, bottom, px


def with_formula(page: Page, box: Box, reading: Recognition, before: Region | None = None) -> tuple[Page, Region]:
    """The page with one more formula, and that formula. A line of text that it stands in is cut there.

    Args:
        before: what was read in its place, and gives it kind and number.
    """
    kind, tag = (before.kind, before.tag) if before else ("displayed", "")
    formula = Region(box, kind, reading.latex, "", reading.confidence, reading.warning, tag, reading=reading)
    kept, rest = [formula], []
    for region in page.regions:
        parts = text.cut(region.box, [box]) if region.kind == "text" else [region.box]
        if parts == [region.box]:
            kept.append(region)
        else:
            rest += parts
    return _with_words(page, kept, rest), formula


def without_formula(page: Page, formula: Region) -> Page:
    """The page without one of its formulas; words that stand there become text."""
    return _with_words(page, [region for region in page.regions if region is not formula], [formula.box])


def _with_words(page: Page, regions: list[Region], parts: Sequence[Box]) -> Page:
    """The page of these regions and of what some more pieces of lines say, in reading order."""
    formulas = [region.box for region in regions if region.kind != "text"]
    if parts and text.installed():
        clean = text.without(np.asarray(page.picture), formulas)
        regions = regions + [
            Region(tuple(round(side) for side in sides), "text", text=words, confidence=sure)
            for sides, words, sure in text.words(clean, parts)
        ]
    settle(regions, page.letter)
    warning = (page.warning or "").replace(NOTHING, "").strip() if formulas else page.warning
    return replace(page, regions=in_order(regions, page.letter), warning=warning or None)
