"""A folder of pages, as data.pages makes them: which formulas are found, and how many of those are read exactly."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

from img2latex.data import pages
from img2latex.latex import normalize, unframed
from img2latex.page.cells import Box
from img2latex.page.finder import Finder, prepare
from img2latex.page.reading import read_boxes
from img2latex.reader.recognizer import Recognizer
from img2latex.scoring.boxes import matches, score


def score_pages(
    folder: Path, limit: int | None = None, reader: Recognizer | None = None, threads: int = 1,
    finder: Finder | None = None,
) -> dict[str, float]:  # fmt: skip
    """Recall and precision of boxes (see `boxes.score`), and seconds a page (the median).

    With a reader also `exact/found` and `exact/tidy`: of the found formulas the share that is read exactly from the box
    that was found, and from the right box.

    Raises:
        ValueError: it is no folder of pages, or there are no weights that find formulas.
    """
    finder = finder or Finder(threads=threads)
    results, seconds, exact = [], [], {"found": [], "tidy": []}
    for line in tqdm(pages.read(folder)[:limit], file=sys.stderr, unit="page"):
        page = pages.load(folder, line)
        started = time.perf_counter()
        view = prepare(page.picture)
        found = finder.boxes(view)
        seconds.append(time.perf_counter() - started)
        results.append((found, page.boxes, page.kinds))
        pairs = [(i, j) for i, j in matches(found, page.boxes) if "number" not in (found[i].kind, page.kinds[j])]
        if reader and pairs:
            labels = [_label(page.latex[j]) for _, j in pairs]
            tidy = [Box(tuple(page.boxes[j].tolist()), page.kinds[j], 1.0) for _, j in pairs]
            for name, boxes in (("found", [found[i] for i, _ in pairs]), ("tidy", tidy)):
                _, read = read_boxes(boxes, page.picture, view, reader, alternatives=1, attention=False)
                exact[name] += [_label(r.latex) == label for r, label in zip(read, labels, strict=True) if label]
    scores = score(results) | {"pages": len(results), "seconds": float(np.median(seconds)) if seconds else 0.0}
    return scores | {f"exact/{name}": float(np.mean(right)) for name, right in exact.items() if right}


def _label(latex: str) -> str | None:
    try:
        return unframed(normalize(latex.rstrip(" .,;")))
    except ValueError:
        return None


def report(scores: dict[str, float]) -> str:
    """A table in Markdown."""
    lines = ["| formulas | there | recall | precision |", "|---|---|---|---|"]
    for kind in ("displayed", "inline", "formula", "number"):
        recall, precision = (scores[f"{what}/{kind}"] for what in ("recall", "precision"))
        name = {"formula": "both, whatever kind"}.get(kind, kind)
        lines.append(f"| {name} | {scores[f'count/{kind}']} | {recall:.3f} | {precision:.3f} |")
    lines.append(f"\n{scores['pages']} pages, {scores['seconds']:.2f} s a page (median)")
    if "exact/found" in scores:
        lines.append(f"read exactly: {scores['exact/found']:.3f} as found, {scores['exact/tidy']:.3f} in tidy boxes")
    return "\n".join(lines)
