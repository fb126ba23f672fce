"""Pictures -> `Recognition`: prepare, encode once, decode, and turn tokens into LaTeX for a person."""

from __future__ import annotations

import copy
import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from img2latex.config import STRIDE
from img2latex.latex import beautify, repair
from img2latex.latex.automaton import Grammar, formulas
from img2latex.latex.tokens import EOS, SPECIAL, Tokenizer
from img2latex.picture import images, loading
from img2latex.reader import decoding
from img2latex.reader.engine import find
from img2latex.reader.pool import Engine

if TYPE_CHECKING:
    import torch

BLANK = "Nothing is written in the picture."
TOO_SMALL = "The letters are too small to be read: use a larger picture."
TRUNCATED = "The formula is longer than the model can read: the end is missing."
UNSURE = "The model is not sure of this: compare it with the picture."
DOUBTFUL = "This may be no formula at all: compare it with the picture."
NO_FORMULA = "No formula could be read in the picture."
TURNED = "The picture was read turned by {} degrees."
SMALLEST_LETTER = 4.0  # px, in the picture as handed over
UNSURE_BELOW = 0.15  # of confidence; what is read no better is tried turned as well ...
TURNED_ABOVE, TURNED_TOKENS = 0.7, 5  # ... and believed from this confidence and number of tokens on; a crop of more
TURNED_PIXELS = 150_000  # px is no single formula, and would take seconds
GLANCE, GLANCE_ABOVE = 16, 0.2  # tokens that are read of a turned picture first, and how probable they must be together
# Of the probability that nothing is there. Of 200 new pictures without a formula 172 reach the first, of which no LaTeX
# is told, and 27 the second or the confidence above; of 793 validation formulas that are read right one does so.
NOTHING_ABOVE, DOUBTFUL_ABOVE = 0.2, 0.08
ONE_SIZE, CAREFUL_SIZES = (1.0,), (1.0, 1.1, 1.2)  # of the letters, relative to those that the model was trained on
SYMBOL = 4  # letters high and wide; a crop no larger is too little to tell a symbol from a blot: it is read anyway


def evidence(probabilities: Sequence[float]) -> tuple[float, float, float, float]:
    """What `ModelConfig.calibration` weighs to tell the log-odds that a reading is right.

    Returns:
        The log-odds that all tokens are right, as far as the model tells (within +-14); 1; those of the weakest token
        alone; the logarithm of the number of tokens.
    """
    together = math.exp(sum(math.log(max(p, 1e-9)) for p in probabilities))
    bounded = (min(max(p, 1e-6), 1 - 1e-6) for p in (together, min(probabilities, default=1.0)))
    every, weakest = (math.log(p / (1 - p)) for p in bounded)
    return every, 1.0, weakest, math.log(max(1, len(probabilities)))


def most_agreed(readings: Sequence[Recognition]) -> Recognition:
    """Of readings of one picture the one that most of them tell; among those told equally often the surest."""
    votes = Counter(reading.latex for reading in readings)
    return max(readings, key=lambda reading: (votes[reading.latex], reading.confidence))


def _turned(picture, degrees: int) -> np.ndarray:
    """A picture in grey, turned clockwise by a multiple of 90 degrees."""
    if degrees % 90:
        raise ValueError("turned must be a multiple of 90")
    return np.rot90(loading.load(picture), -degrees // 90)


@dataclass
class Recognition:
    """What was read in one picture."""

    latex: str  # idiomatic, parses and renders; empty if nothing was read
    tokens: list[str]  # as the model said them
    probabilities: list[float]  # of each token, 0..1
    confidence: float  # 0..1: of results at 0.9, nine in ten are exactly right
    crop: Image.Image  # what the model saw, grey
    warning: str | None = None  # why to distrust it
    turned: int = 0  # degrees clockwise by which the picture was turned before it was read: 0, 90, 180 or 270
    alternatives: list[list[tuple[str, float]]] = field(default_factory=list)  # of each token, the likeliest first
    attention: list[np.ndarray] = field(default_factory=list)  # of each token: rows x columns of cells, sums to 1
    cell: tuple[int, int] = (STRIDE, STRIDE)  # height and width of the part of the crop that a cell covers, px


class Recognizer:
    """Reads pictures with one model.

    Args:
        engine: that computes it.
    """

    def __init__(self, engine: Engine):
        self.engine, self.config = engine, engine.config
        self.tokenizer = Tokenizer(self.config.vocab)
        self.grammar = formulas(self.tokenizer.vocab)
        self.cell = (STRIDE, self.config.column_stride)

    @classmethod
    def from_pretrained(
        cls, name: str | os.PathLike = "math", revision: str | None = None, device: str | torch.device = "cpu",
        engine: str | None = None, fast: bool = False, threads: int | None = None,
    ) -> Recognizer:  # fmt: skip
        """A name (`math`, `biology`), a local folder, or a repository on the Hub as `ORG/NAME[@revision]`.

        Args:
            device, engine, fast, threads: what computes it, see `engine.find`.

        Raises:
            checkpoints.CheckpointError: it cannot be found, is damaged or does not fit.
        """
        return cls(find(name, revision, device, engine, fast, threads))

    @cached_property
    def of_drawings(self) -> Recognizer:
        """The same reader for what was drawn on a screen: in careful mode its confidence is calibrated on drawings."""
        reader = copy.copy(self)
        calibration = self.config.calibration_drawn or self.config.calibration
        reader.config = replace(self.config, calibration=calibration)
        return reader

    def recognize(
        self, picture, beam_size: int = 1, alternatives: int = 5, prefix: Sequence[str] = (), careful: bool = False,
        attention: bool = True, turned: int | None = None,
    ) -> Recognition:  # fmt: skip
        """Reads one picture.

        Args:
            picture: whatever `loading.load` takes: a path, bytes, a PIL image, an array.
            beam_size: hypotheses kept while decoding; 1 is greedy.
            alternatives: how many alternatives to return for each token.
            prefix: tokens that the result must begin with; the rest is read on from there, unless the last is `<eos>`.
            careful: read it at three sizes and take what they agree on, which takes three times as long.
            attention: tell where on the crop the model looked.
            turned: degrees clockwise, a multiple of 90, by which the picture is turned first; None: as it is, unless
                it is read badly so and for sure when it is turned.

        Raises:
            loading.PictureError: the picture cannot be read.
            ValueError: beam_size below 1, turned no multiple of 90, or a token in prefix that the model does not know
                or that no formula holds.
        """
        if beam_size < 1:
            raise ValueError("beam_size must be at least 1")
        unknown = [token for token in prefix if token not in self.tokenizer.ids]
        if unknown:
            raise ValueError(f"the model does not know the token {unknown[0]}")
        if (set(SPECIAL) - {SPECIAL[EOS]}) & set(prefix) or SPECIAL[EOS] in prefix[:-1]:
            raise ValueError(f"no formula holds the tokens {' '.join(SPECIAL)}; {SPECIAL[EOS]} may end a prefix")
        grey = _turned(picture, turned or 0)
        told = beam_size, careful, alternatives, attention
        result = self._seen(grey, *told, self.tokenizer.encode(prefix))
        result.turned = (turned or 0) % 360
        return self._upright(result, grey, *told) if turned is None and not prefix else result

    def recognize_many(
        self, pictures: Sequence, batch_size: int = 16, beam_size: int = 1, careful: bool = False,
        alternatives: int = 5, attention: bool = True, turned: int | None = None,
    ) -> list[Recognition]:  # fmt: skip
        """Reads pictures as `recognize` does, each the same as alone; results are in the order of the pictures.

        Args:
            batch_size: formulas that are written at a time.
            beam_size, careful, alternatives, attention, turned: see `recognize`.

        Raises:
            loading.PictureError: one of the pictures cannot be read.
            ValueError: turned no multiple of 90.
        """
        each = len(CAREFUL_SIZES if careful else ONE_SIZE)
        pictures = [picture.read() if hasattr(picture, "read") else picture for picture in pictures]  # for _upright
        if turned:
            pictures = [_turned(picture, turned) for picture in pictures]
        views = [view for picture in pictures for view in self._views(picture, careful)]
        readings = self._read(views, batch_size, beam_size, alternatives, [], attention)
        results = [most_agreed(readings[i : i + each]) for i in range(0, len(readings), each)]
        if turned is not None:
            for result in results:
                result.turned = turned % 360
            return results
        told = beam_size, careful, alternatives, attention
        return [self._upright(*pair, *told) for pair in zip(results, pictures, strict=True)]

    def _seen(
        self, picture, beam_size: int, careful: bool, alternatives: int, attention: bool, prefix: list[int]
    ) -> Recognition:
        """A picture as it is, read at one size or at three."""
        views = self._views(picture, careful)
        return most_agreed(self._read(views, len(views) * beam_size, beam_size, alternatives, prefix, attention))

    def _upright(self, result: Recognition, picture, *told) -> Recognition:
        """The result, or what the picture says for sure when it is turned, as by a phone held sideways."""
        area = result.crop.width * result.crop.height
        if result.confidence >= UNSURE_BELOW or result.warning == BLANK or area > TURNED_PIXELS:
            return result
        grey = loading.load(picture)
        sides = {degrees: _turned(grey, degrees) for degrees in (90, 180, 270)}
        pictures = [self._views(side, careful=False)[0].picture for side in sides.values()]
        glances = self._search(pictures, None, 3, beam_size=1, max_length=GLANCE, alternatives=1, attention=False)
        chances = [math.prod(each.probabilities[: len(each.ids)]) if each.ids else 0.0 for each in glances]
        if max(chances) < GLANCE_ABOVE:  # junk would be read to its end, which may be 256 tokens away
            return result
        degrees = list(sides)[chances.index(max(chances))]
        upright = self._seen(sides[degrees], *told, [])
        if upright.confidence < TURNED_ABOVE or len(upright.tokens) < TURNED_TOKENS:
            return result
        upright.turned, upright.warning = degrees, upright.warning or TURNED.format(degrees)
        return upright

    def _views(self, picture, careful: bool) -> list[images.View]:
        sizes = CAREFUL_SIZES if careful else ONE_SIZE
        return images.views(picture, [self.config.letter_height * size for size in sizes])

    def _read(
        self, views: list[images.View], rows: int, beam_size: int, alternatives: int, prefix: list[int], attention: bool
    ) -> list[Recognition]:
        written = [i for i, view in enumerate(views) if not view.blank]
        written.sort(key=lambda i: -views[i].picture.size)  # those in the pool together are of similar size
        told = {"beam_size": beam_size, "prefix": prefix, "alternatives": alternatives, "attention": attention}
        pictures = [views[i].picture for i in written]
        found = dict(zip(written, self._search(pictures, self.grammar, rows, **told), strict=True))
        for i in written if not prefix else ():  # who chose a prefix has seen what is there
            small = max(views[i].picture.shape) <= SYMBOL * images.LARGER * self.config.letter_height
            if small and not found[i].ids:
                something = formulas(self.tokenizer.vocab, may_be_empty=False)
                (again,) = self._search([views[i].picture], something, 1, **told | {"beam_size": 1})
                again.nothing = found[i].nothing
                found[i] = again
            elif not small and found[i].nothing > NOTHING_ABOVE:
                found[i].ids = []
        return [self._result(view, found.get(i)) for i, view in enumerate(views)]

    def _search(self, pictures: list[np.ndarray], grammar: Grammar | None, rows: int, **told) -> list[decoding.Decoded]:
        rows = max(min(rows, len(pictures) * told["beam_size"]), 1)
        return decoding.search(self.engine, map(self.engine.encode, pictures), grammar=grammar, rows=rows, **told)

    def _result(self, view: images.View, decoded: decoding.Decoded | None) -> Recognition:
        crop = Image.fromarray(view.picture)
        if decoded is None:
            return Recognition("", [], [], 0.0, crop, BLANK)
        tokens = self.tokenizer.decode(decoded.ids)
        fixed = repair(tokens)
        confidence = self._confidence(decoded)
        warning = None
        if not fixed:
            warning, confidence = NO_FORMULA, 0.0
        elif decoded.truncated:
            warning, confidence = TRUNCATED, 0.0
        elif view.letter_height < SMALLEST_LETTER:
            warning = TOO_SMALL
        elif decoded.nothing > DOUBTFUL_ABOVE:
            warning = DOUBTFUL
        elif confidence < UNSURE_BELOW:
            warning = UNSURE
        return Recognition(
            latex=beautify(" ".join(fixed)) if fixed else "",
            tokens=tokens,
            probabilities=decoded.probabilities[: len(tokens)],
            confidence=confidence,
            crop=crop,
            warning=warning,
            alternatives=[
                [(self.tokenizer.vocab[i], p) for i, p in step] for step in decoded.alternatives[: len(tokens)]
            ],
            attention=[looked.reshape(self._cells(view)) for looked in decoded.attention[: len(tokens)]],
            cell=self.cell,
        )

    def _confidence(self, decoded: decoding.Decoded) -> float:
        """Probability that the whole formula is right, calibrated (see calibrate.py)."""
        found = evidence(decoded.probabilities[: len(decoded.ids)])
        weights = self.config.calibration  # all four, or the first two
        return 1 / (1 + math.exp(-sum(weight * value for weight, value in zip(weights, found, strict=False))))

    def _cells(self, view: images.View) -> tuple[int, ...]:
        """Rows and columns of cells that cover a picture."""
        return tuple(-(-side // cell) for side, cell in zip(view.picture.shape, self.cell, strict=True))
