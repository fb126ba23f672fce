r"""How much each threshold of the picture steps matters: what happens to crops if it is a quarter smaller or larger.

    python -m benchmarks.picture_steps --count 12

Prints a Markdown table, a row for each numeric constant of `img2latex/picture/`: its value, what the code says of it,
and the share of crops that change. The pictures are printed formulas in the looks of training: clean, damaged as in
training (`data/augment.py`), on ruled paper, and in a frame. A threshold that changes no crop here is safe within a
quarter, or about what these pictures lack (a cut line of text, say): its test in `tests/picture/` shows it then.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import cv2
import numpy as np

import img2latex.picture
from benchmarks.formulas import FORMULAS
from img2latex.data.augment import augment, glyph_height
from img2latex.data.paper import on_paper
from img2latex.data.render import looks, render
from img2latex.picture import images

PACKAGE = "img2latex.picture"
FACTORS = (0.75, 1.25)
LIMITS = ("MAX_", "MARGIN", "MIN_SCALE", "POINTS")  # of size: chosen, not measured
PAPERS = ("line", "ruled", "squared")
SIZE, GREY = 0.02, 4.0  # a crop has changed if a side has by more than this share, or its pixels by so much in the mean


class Threshold(NamedTuple):
    """A number in a module's source, from column `start` to `end` of the line."""

    module: str
    name: str
    value: float
    about: str  # what the line's comment says
    line: int
    start: int
    end: int

    def times(self, factor: float) -> float:
        """The changed value; whole numbers stay whole and change by one at least, grey levels stay grey levels."""
        if isinstance(self.value, float):
            return round(self.value * factor, 6)
        value = self.value + (1 if factor > 1 else -1) * max(1, round(abs(factor - 1) * self.value))
        return min(value, 255) if self.value <= 255 else value


def source(module: str) -> Path:
    return Path(img2latex.picture.__file__).parent / f"{module}.py"


def thresholds() -> list[Threshold]:
    """The numeric constants at the head of the modules, but for limits of size."""
    return [t for path in sorted(source("*").parent.glob("[a-z]*.py")) for t in _constants(path)]


def _constants(path: Path) -> Iterator[Threshold]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for statement in ast.parse("\n".join(lines)).body:
        if not isinstance(statement, ast.Assign):
            continue
        (target,), value = statement.targets, statement.value
        pairs = zip(target.elts, value.elts, strict=True) if isinstance(target, ast.Tuple) else [(target, value)]
        for name, number in pairs:
            if isinstance(number, ast.Constant) and type(number.value) in (int, float):
                about = lines[number.lineno - 1].partition("  # ")[2]
                if not name.id.lstrip("_").startswith(LIMITS):
                    yield Threshold(path.stem, name.id, number.value, about, number.lineno - 1, number.col_offset,
                                    number.end_col_offset)  # fmt: skip


class Altered(SourceFileLoader):
    """Finds and loads one module with another number in its source."""

    def __init__(self, threshold: Threshold, value: float):
        super().__init__(f"{PACKAGE}.{threshold.module}", str(source(threshold.module)))
        lines = source(threshold.module).read_text(encoding="utf-8").splitlines()
        line = lines[threshold.line]
        lines[threshold.line] = line[: threshold.start] + repr(value) + line[threshold.end :]
        self.text = "\n".join(lines)

    def get_code(self, fullname: str):
        return compile(self.text, self.path, "exec")

    def find_spec(self, fullname: str, path=None, target=None) -> ModuleSpec | None:
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None


@contextlib.contextmanager
def altered(threshold: Threshold, value: float) -> Iterator[ModuleType]:
    """The module `images`, imported anew with all that it imports, while the threshold has this value."""
    finder = Altered(threshold, value)
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if f"{name}.".startswith(f"{PACKAGE}.")}
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module(f"{PACKAGE}.images")
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if f"{name}.".startswith(f"{PACKAGE}.")]:
            del sys.modules[name]
        sys.modules.update(kept)
        img2latex.picture = kept[PACKAGE]


def pictures(count: int, seed: int = 0) -> list[np.ndarray]:
    """`count` printed formulas in each of four states: clean, damaged, on ruled paper, framed."""
    rng = np.random.default_rng(seed)
    shown = [FORMULAS[i % len(FORMULAS)] for i in range(count)]
    drawn = [render([latex], look)[0] for latex, look in zip(shown, looks(seed), strict=False)]
    clean = [picture for picture in drawn if picture is not None]
    damaged = [augment(picture, rng) for picture in clean]
    ruled = [on_paper(p, rng, glyph_height(p), PAPERS[i % len(PAPERS)]) for i, p in enumerate(clean)]
    return [*clean, *damaged, *ruled, *map(framed, clean)]


def framed(picture: np.ndarray) -> np.ndarray:
    room = cv2.copyMakeBorder(picture, 12, 12, 12, 12, cv2.BORDER_CONSTANT, value=255)
    return cv2.rectangle(room, (3, 3), (room.shape[1] - 4, room.shape[0] - 4), 60, 2)


def changed(before: np.ndarray, after: np.ndarray) -> bool:
    """Does the model see something else?"""
    if any(abs(a - b) > max(1, SIZE * b) for a, b in zip(after.shape, before.shape, strict=True)):
        return True
    same_size = cv2.resize(after, before.shape[::-1], interpolation=cv2.INTER_AREA)
    return float(cv2.absdiff(same_size, before).mean()) > GREY


def sweep(threshold: Threshold, given: Sequence[np.ndarray], crops: Sequence[np.ndarray], factor: float) -> float:
    """The share of crops that change."""
    with altered(threshold, threshold.times(factor)) as other:
        found = [other.prepare(picture) for picture in given]
    return sum(map(changed, crops, found)) / len(crops)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.picture_steps", description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=12, help="formulas, each in four states (default 12)")
    parser.add_argument("--seed", type=int, default=0, help="of fonts, sizes and damage (default 0)")
    options = parser.parse_args(arguments)
    given = pictures(options.count, options.seed)
    crops = [images.prepare(picture) for picture in given]
    print("| threshold | value | what it is | crops changed at -25 % | at +25 % |\n|---|---|---|---|---|")
    for threshold in thresholds():
        shares = " | ".join(f"{sweep(threshold, given, crops, factor):.0%}" for factor in FACTORS)
        about = threshold.about.replace("|", r"\|")
        print(f"| `{threshold.module}.{threshold.name}` | {threshold.value:g} | {about} | {shares} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
