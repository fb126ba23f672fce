"""Fits what counts how much where boxes of formulas are made of what the finder's network tells (page/fitting.py).

    python -m img2latex.training.page_rules --pages pages/rules --weights runs/page

The pages must be others than those that the network was trained on, on which it is surer than it will be. The values
are printed, to be written into page/fitting.py and page/joining.py; with --test PAGES, recall and precision with them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from img2latex.data import pages
from img2latex.page import finder, fitting, joining
from img2latex.page.cells import Box, decode, overlap
from img2latex.page.marks import Marks, held, marks
from img2latex.scoring.boxes import score
from img2latex.scoring.calibrate import regression

PENALTY = 0.003  # of the squared weights, for each case
THRESHOLDS = np.arange(0.2, 0.75, 0.1)  # of confidence, that are tried
MEANT = 0.3  # intersection over union from which on a box means a formula that is there
FEWEST = 5  # cases that a rule is fitted to


@dataclass
class Seen:
    """A page, what the network tells of it, and the formulas that are there: boxes N x 4, px of its input."""

    view: finder.View
    scores: np.ndarray
    distances: np.ndarray
    boxes: np.ndarray
    kinds: list[str]

    @cached_property
    def marks(self) -> Marks:
        return marks(self.view.marks, self.scores, self.distances)

    @cached_property
    def found(self) -> list[Box]:
        return decode(self.scores, self.distances)

    def meant(self, box: Box) -> int | None:
        """The number of the formula that a box means."""
        shares = overlap(box.sides, self.boxes)[0] if len(self.boxes) else np.zeros(1)
        return int(shares.argmax()) if shares.max() > MEANT else None


def see(folders: Sequence[Path], weights: Path | None, threads: int) -> list[Seen]:
    """All pages of some folders, by the network with the weights in a folder."""
    network = finder.Finder(weights, threads)
    seen = []
    for folder, line in tqdm([(f, line) for f in folders for line in pages.read(f)], unit="page", disable=None):
        page = pages.load(folder, line)
        view = finder.prepare(page.picture)
        scores, distances = network.told(view)
        seen.append(Seen(view, scores, distances, view.in_view(page.boxes), page.kinds))
    return seen


def fit_choice(cases: Sequence[tuple[np.ndarray, int]]) -> tuple[float, ...]:
    """Weights by which the right one of several choices wins: multinomial logistic regression.

    Args:
        cases: what speaks for each choice, choices x reasons, and which is right.
    """
    most = max(len(reasons) for reasons, _ in cases)
    padded = np.zeros((len(cases), most, cases[0][0].shape[1]), np.float32)
    there = np.zeros((len(cases), most), bool)
    for row, mask, (reasons, _) in zip(padded, there, cases, strict=True):
        row[: len(reasons)], mask[: len(reasons)] = reasons, True
    inputs, mask = torch.from_numpy(padded), torch.from_numpy(there)
    right = torch.tensor([k for _, k in cases])
    weights = torch.zeros(inputs.shape[2], requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe")

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy((inputs @ weights).masked_fill(~mask, -torch.inf), right)
        loss = loss + PENALTY * weights.square().sum()
        loss.backward()
        return loss

    optimizer.step(step)
    return tuple(round(value, 2) for value in weights.tolist())


def fit_yes(cases: Sequence[tuple[np.ndarray, bool]]) -> tuple[float, ...]:
    """Weights of logistic regression. Args: reasons and whether they are right to be for it, of each case."""
    inputs = np.array([reasons for reasons, _ in cases])
    right = np.array([float(yes) for _, yes in cases])
    weights = regression(inputs, right, np.zeros(inputs.shape[1]), PENALTY * len(cases))
    return tuple(weights.round(2).tolist())


def ends(seen: Sequence[Seen], kind: str) -> list[tuple[np.ndarray, int]]:
    """Cases for `fitting.WEIGHTS`: where formulas of a kind may begin or end, and where they do."""
    cases = []
    for page in seen:
        for box in page.found:
            which = page.meant(box)
            if box.kind != kind or which is None or page.kinds[which] == "number":
                continue
            left, _, right, _ = page.boxes[which]
            for side, (places, reasons) in zip((left, -right), fitting.candidates(box, page.marks), strict=True):
                if len(places) > 1 and np.abs(places - side).min() < 0.4 * finder.LETTER_HEIGHT:
                    cases.append((reasons, int(np.abs(places - side).argmin())))
    return cases


def judgements(seen: Sequence[Seen]) -> tuple[list, dict[str, list]]:
    """Cases for `fitting.DISPLAYED`, and for `fitting.SURE` of each kind."""
    kinds, sure = [], {kind: [] for kind in fitting.SURE}
    for page in seen:
        boxes = [Box(fitting.around(box, page.marks), box.kind, box.confidence) for box in page.found]
        others = fitting.no_numbers(boxes, page.marks)
        for box in boxes:
            mine = held(page.marks.boxes, box.sides)[:, 0]
            if box.kind == "number" or not mine.any():
                continue
            which = page.meant(box)
            told = "" if which is None else page.kinds[which]
            reasons = fitting.kind_reasons(box, mine, page.marks, others)
            if told in sure:
                kinds.append((reasons, told == "displayed"))
            kind = "displayed" if reasons @ fitting.DISPLAYED > 0 else "inline"
            right = told in sure and bool(overlap(box.sides, page.boxes).max() > 0.5)
            sure[kind].append((fitting.sure_reasons(box, mine, page.marks), right))
    return kinds, sure


def lines(seen: Sequence[Seen]) -> list[tuple[np.ndarray, bool]]:
    """Cases for `joining.WEIGHTS`: lines, and whether they are one displayed formula better than their parts are."""
    cases = []
    for page in seen:
        formulas, others = fitting.judged(page.found, page.marks)
        shown = page.boxes[[kind == "displayed" for kind in page.kinds]]
        for line in joining.lines(formulas, page.marks, others):
            parts = np.array([box.sides for box in formulas])[line.parts]
            whole, part = (overlap(sides, shown).max(initial=0) for sides in (line.sides, parts))
            cases.append((line.reasons, bool(whole > 0.5 and whole > part)))
    return cases


def scores(seen: Sequence[Seen]) -> dict[str, float]:
    """Recall and precision of the boxes, see `scoring.boxes.score`."""
    return score((fitting.fitted(page.found, page.marks), page.boxes, page.kinds) for page in seen)


def fit(seen: Sequence[Seen]) -> dict[str, object]:
    """Sets the values of `fitting` and `joining`, each fitted with those before it, and returns them by name."""
    for kind in ("displayed", "inline"):
        cases = ends(seen, kind)
        if len(cases) >= FEWEST:
            fitting.WEIGHTS[kind] = fit_choice(cases)
    kinds, sure = judgements(seen)
    fitting.DISPLAYED = fit_yes(kinds)
    fitting.SURE |= {kind: fit_yes(cases) for kind, cases in sure.items() if len(cases) >= FEWEST}
    cases = lines(seen)
    if len(cases) >= FEWEST:
        joining.WEIGHTS = fit_yes(cases)
    for kind in fitting.CERTAIN:
        worth = {least: _worth(seen, kind, least) for least in THRESHOLDS.round(2).tolist()}
        fitting.CERTAIN[kind] = max(worth, key=worth.get)
    return {"fitting.WEIGHTS": fitting.WEIGHTS, "fitting.DISPLAYED": fitting.DISPLAYED, "fitting.SURE": fitting.SURE,
            "joining.WEIGHTS": joining.WEIGHTS, "fitting.CERTAIN": fitting.CERTAIN}  # fmt: skip


def _worth(seen: Sequence[Seen], kind: str, least: float) -> float:
    """The sum of a kind's recall and precision if boxes less sure than `least` are left out."""
    fitting.CERTAIN[kind] = least
    told = scores(seen)
    return told[f"recall/{kind}"] + told[f"precision/{kind}"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.training.page_rules", description=__doc__.split("\n")[0])
    parser.add_argument("--pages", type=Path, nargs="+", required=True, help="folders that data.pages made")
    parser.add_argument("--test", type=Path, nargs="*", default=[], help="others, to score the values on")
    parser.add_argument("--weights", type=Path, help="folder of the finder (default: the shipped one)")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    try:
        seen = see(options.pages, options.weights, options.threads)
        test = see(options.test, options.weights, options.threads)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    before = scores(test)
    for name, value in fit(seen).items():
        print(f"{name} = {value}")
    after = scores(test)
    for name in after if test else ():
        print(f"{name}: {before[name]:.3f} -> {after[name]:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
