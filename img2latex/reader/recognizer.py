"""Pictures -> `Recognition`: crop, encode, decode, and turn the tokens into LaTeX for a person."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from img2latex.config import STRIDE
from img2latex.latex import beautify, repair
from img2latex.latex.automaton import Grammar, formulas
from img2latex.latex.tokens import EOS, SPECIAL, Tokenizer
from img2latex.picture import images, loading
from img2latex.reader import checkpoints, decoding, grouping
from img2latex.reader.engine import find
from img2latex.reader.pool import Engine, Memory

if TYPE_CHECKING:
    import torch

BLANK = "Nothing is written in the picture."
TOO_SMALL = "The letters are too small to be read: use a larger picture."
TRUNCATED = "The formula is longer than the model can read: the end is missing."
UNSURE = "The model is not sure of this: compare it with the picture."
DOUBTFUL = "This may be no formula at all: compare it with the picture."
NO_FORMULA = "No formula could be read in the picture."
TURNED = "The picture was read turned by {} degrees."
SMALLEST_LETTER = 4.0  # px, in the original picture
UNSURE_BELOW = 0.2  # confidence; below it the picture is also tried turned ...
TURNED_ABOVE, TURNED_TOKENS = 0.7, 5  # ... and that result is taken from this confidence and number of tokens on.
TURNED_PIXELS = 150_000  # px: a larger crop is not tried turned, for it is no single formula and would take seconds
GLANCE, GLANCE_ABOVE = 16, 0.2  # tokens decoded of a turned picture first, and their least joint probability to go on
# Thresholds of the probability that the picture is empty: above the first no LaTeX is returned, above the second there
# is a warning. Of 200 new pictures without a formula 172 are above the first, and 27 above the second or below the
# confidence above; so is one of 793 validation formulas that are read right.
NOTHING_ABOVE, DOUBTFUL_ABOVE = 0.2, 0.08
# Log-odds: print that the checkpoint for handwriting reads loses more than handwriting that the one for print reads. Of
# 1,000 printed validation pictures one is above, of 400 handwritten ones 392.
HANDWRITTEN_ABOVE = 1.5
HANDWRITING = "handwriting"  # the name of the checkpoint that is trained mostly on it
SIZES = (1.0, 1.1, 1.2)  # of the letters, relative to those that the model was trained on; the first if not careful
REREAD_BELOW = 0.5  # confidence; below it a picture is read at all sizes
SYMBOL = 4  # letters high and wide: in a crop no larger a symbol cannot be told from a blot, so it is always decoded


def evidence(probabilities: Sequence[float]) -> tuple[float, float, float, float]:
    """The features of the confidence: `ModelConfig.calibration` holds a weight for each.

    Returns:
        The log-odds of the product of all token probabilities (within +-14); 1; the log-odds of the least probable
        token; the logarithm of the number of tokens. (How many of three sizes agree adds nothing to these.)
    """
    together = math.exp(sum(math.log(max(p, 1e-9)) for p in probabilities))
    bounded = (min(max(p, 1e-6), 1 - 1e-6) for p in (together, min(probabilities, default=1.0)))
    every, weakest = (math.log(p / (1 - p)) for p in bounded)
    return every, 1.0, weakest, math.log(max(1, len(probabilities)))


def most_agreed(readings: Sequence[Recognition]) -> Recognition:
    """Of readings of one picture the most frequent one; among equally frequent ones that of the highest confidence."""
    votes = Counter(reading.latex for reading in readings)
    return max(readings, key=lambda reading: (votes[reading.latex], reading.confidence))


def _is_doubtful(result: Recognition) -> bool:
    """Whether a picture is worth reading at more sizes: it is handwritten, or more likely read wrong than right."""
    return result.handwritten or (bool(result.latex) and result.confidence < REREAD_BELOW)


def _turned(picture, degrees: int) -> np.ndarray:
    """A picture in grey, turned clockwise by a multiple of 90 degrees."""
    if degrees % 90:
        raise ValueError("turned must be a multiple of 90")
    return np.rot90(loading.load(picture), -degrees // 90)


@dataclass
class Recognition:
    """What was read in one picture."""

    latex: str  # idiomatic, parses and renders; empty if nothing was read
    tokens: list[str]  # as decoded
    probabilities: list[float]  # of each token, 0..1
    confidence: float  # 0..1: of results at 0.9, nine in ten are exactly right
    crop: Image.Image  # what the model saw, grey
    warning: str | None = None  # a sentence: why it may be wrong
    turned: int = 0  # degrees clockwise by which the picture was turned before it was read: 0, 90, 180 or 270
    handwritten: bool = False  # else printed
    sizes: int = 1  # number of letter heights at which it was read
    alternatives: list[list[tuple[str, float]]] = field(default_factory=list)  # for each token, the most probable first
    attention: list[np.ndarray] = field(default_factory=list)  # for each token: rows x columns of cells, sums to 1
    cell: tuple[int, int] = (STRIDE, STRIDE)  # height and width of a cell on the crop, px


class Recognizer:
    """Reads pictures with one model, and what is handwritten with another, if there is one.

    Args:
        engine: what computes the model, see `pool.Engine`.
        handwriting: returns the recognizer of handwriting, called when there is some. None: this one reads it, too.
    """

    def __init__(self, engine: Engine, handwriting: Callable[[], Recognizer] | None = None):
        self.engine, self.config, self.handwriting = engine, engine.config, handwriting
        self.tokenizer = Tokenizer(self.config.vocab)
        self.grammar = formulas(self.tokenizer.vocab)
        self.cell = (STRIDE, self.config.column_stride)

    @classmethod
    def from_pretrained(
        cls, name: str | os.PathLike = "math", revision: str | None = None, device: str | torch.device = "cpu",
        engine: str | None = None, fast: bool = False, threads: int | None = None,
        handwriting: str | os.PathLike | None = HANDWRITING, load: Callable[[str], Recognizer] | None = None,
    ) -> Recognizer:  # fmt: skip
        """Loads a checkpoint.

        Args:
            name: `math`, `biology` or `handwriting`, a local folder, or a repository on the Hub as
                `ORG/NAME[@revision]`.
            device, engine, fast, threads: what computes it, see `engine.find`.
            handwriting: the checkpoint that reads what is handwritten, loaded when it is needed; None: this one.
            load: what loads that checkpoint; the default does it once for each recognizer.

        Raises:
            checkpoints.CheckpointError: it cannot be found, is damaged or does not fit this version.
        """
        itself = handwriting in (None, name) or (handwriting == HANDWRITING and not checkpoints.is_known(HANDWRITING))
        load = load or cache(lambda other: cls(find(other, None, device, engine, fast, threads)))
        found = find(name, revision, device, engine, fast, threads)
        return cls(found, None if itself else partial(load, handwriting))

    def recognize(
        self, picture, beam_size: int = 1, alternatives: int = 5, prefix: Sequence[str] = (),
        careful: bool | None = None, attention: bool = True, turned: int | None = None,
    ) -> Recognition:  # fmt: skip
        """Reads one picture.

        Args:
            picture: anything `loading.load` takes: a path, bytes, a PIL image, an array.
            beam_size: hypotheses kept while decoding; 1 is greedy.
            alternatives: how many alternatives to return for each token.
            prefix: tokens that the result must begin with; the rest is decoded, unless the last one is `<eos>`.
            careful: read it at three sizes and return the result that most agree on; takes three times as long. None:
                only if it is handwritten, or if the confidence is below one half.
            attention: whether to return the attention weights.
            turned: degrees clockwise, a multiple of 90, by which to turn the picture first. None: it is read as it is,
                and turned only if the confidence is very low and another direction gives a high one.

        Raises:
            loading.PictureError: the picture cannot be read.
            ValueError: beam_size is below 1, turned is not a multiple of 90, or prefix has a token that the model
                does not know or that cannot be part of a formula.
        """
        if beam_size < 1:
            raise ValueError("beam_size must be at least 1")
        unknown = [token for token in prefix if token not in self.tokenizer.ids]
        if unknown:
            raise ValueError(f"the model does not know the token {unknown[0]}")
        if (set(SPECIAL) - {SPECIAL[EOS]}) & set(prefix) or SPECIAL[EOS] in prefix[:-1]:
            raise ValueError(f"no formula holds the tokens {' '.join(SPECIAL)}; {SPECIAL[EOS]} may end a prefix")
        grey = _turned(picture, turned or 0)
        options = beam_size, careful, alternatives, attention
        (result,) = self._as_they_are([grey], len(SIZES) * beam_size, *options, prefix)
        result.turned = (turned or 0) % 360
        return self._upright(result, grey, *options) if turned is None and not prefix else result

    def recognize_many(
        self, pictures: Sequence, batch_size: int = 16, beam_size: int = 1, careful: bool | None = None,
        alternatives: int = 5, attention: bool = True, turned: int | None = None,
    ) -> list[Recognition]:  # fmt: skip
        """Reads pictures; each result is the same as `recognize` returns for the picture alone, in the same order.

        Args:
            batch_size: formulas decoded at a time.
            beam_size, careful, alternatives, attention, turned: see `recognize`.

        Raises:
            loading.PictureError: one of the pictures cannot be read.
            ValueError: turned is not a multiple of 90.
        """
        pictures = [picture.read() if hasattr(picture, "read") else picture for picture in pictures]  # for _upright
        if turned:
            pictures = [_turned(picture, turned) for picture in pictures]
        options = beam_size, careful, alternatives, attention
        results = self._as_they_are(pictures, batch_size, *options)
        if turned is not None:
            for result in results:
                result.turned = turned % 360
            return results
        return [self._upright(*pair, *options) for pair in zip(results, pictures, strict=True)]

    def _as_they_are(
        self, pictures: Sequence, rows: int, beam_size: int, careful: bool | None, alternatives: int, attention: bool,
        prefix: Sequence[str] = (),
    ) -> list[Recognition]:  # fmt: skip
        """Pictures read without turning them, each at one size or at three, handwriting by its own recognizer."""
        options = rows, beam_size, alternatives, prefix, attention
        crops = [self._crops(picture) for picture in pictures]
        readings = self._read_each([[next(each)] for each in crops], *options)
        by_hand = [i for i, (first,) in enumerate(readings) if first.handwritten and self.handwriting]
        if by_hand:
            other = self.handwriting()
            sizes = len(SIZES) if careful is not False else 1
            again = [list(islice(other._crops(pictures[i]), sizes)) for i in by_hand]
            for i, found in zip(by_hand, other._read_each(again, *options), strict=True):
                readings[i] = [replace(each, handwritten=True) for each in found]
        own = sorted({*range(len(pictures))} - {*by_hand})
        rest = [i for i in own if careful or (careful is None and _is_doubtful(readings[i][0]))]
        for i, others in zip(rest, self._read_each([list(crops[i]) for i in rest], *options), strict=True):
            readings[i] += others
        return [replace(most_agreed(each), sizes=len(each)) for each in readings]

    def _read_each(self, crops: list[list[images.Crop]], *options) -> list[list[Recognition]]:
        """The results for the crops of each picture, all decoded in one pool."""
        readings = iter(self._read([crop for each in crops for crop in each], *options))
        return [list(islice(readings, len(each))) for each in crops]

    def _upright(self, result: Recognition, picture, *options) -> Recognition:
        """The result, or a confident one of the picture turned: a phone may have been held sideways."""
        area = result.crop.width * result.crop.height
        if result.confidence >= UNSURE_BELOW or result.warning == BLANK or area > TURNED_PIXELS:
            return result
        grey = loading.load(picture)
        sides = {degrees: _turned(grey, degrees) for degrees in (90, 180, 270)}
        pictures = [next(self._crops(side)).picture for side in sides.values()]
        glances = self._search(pictures, None, 3, beam_size=1, max_length=GLANCE, alternatives=1, attention=False)
        chances = [math.prod(each.probabilities[: len(each.ids)]) if each.ids else 0.0 for each in glances]
        if max(chances) < GLANCE_ABOVE:  # else nonsense would be decoded to its end, up to 256 tokens
            return result
        degrees = list(sides)[chances.index(max(chances))]
        (upright,) = self._as_they_are([sides[degrees]], len(SIZES) * options[0], *options)
        if upright.confidence < TURNED_ABOVE or len(upright.tokens) < TURNED_TOKENS:
            return result
        upright.turned, upright.warning = degrees, upright.warning or TURNED.format(degrees)
        return upright

    def _crops(self, picture) -> Iterator[images.Crop]:
        heights = [self.config.letter_height * size for size in SIZES]
        return images.crops(picture, heights, self.config.thickest_stroke)

    def _read(
        self, crops: list[images.Crop], rows: int, beam_size: int, alternatives: int, prefix: Sequence[str],
        attention: bool,
    ) -> list[Recognition]:  # fmt: skip
        written = [i for i, crop in enumerate(crops) if not crop.blank]
        ids = self.tokenizer.encode(prefix)
        options = {"beam_size": beam_size, "prefix": ids, "alternatives": alternatives, "attention": attention}
        pictures = [crops[i].picture for i in written]
        found = dict(zip(written, self._search(pictures, self.grammar, rows, **options), strict=True))
        for i in written if not prefix else ():  # a prefix is chosen by a person who saw that there is a formula
            small = max(crops[i].picture.shape) <= SYMBOL * images.LARGER * self.config.letter_height
            if small and not found[i].ids:
                something = formulas(self.tokenizer.vocab, may_be_empty=False)
                (again,) = self._search([crops[i].picture], something, 1, **options | {"beam_size": 1})
                again.nothing = found[i].nothing
                found[i] = again
            elif not small and found[i].nothing > NOTHING_ABOVE:
                found[i].ids = []
        return [self._result(crop, found.get(i)) for i, crop in enumerate(crops)]

    def _search(
        self, pictures: list[np.ndarray], grammar: Grammar | None, rows: int, **options
    ) -> list[decoding.Decoded]:
        found: dict[int, decoding.Decoded] = {}
        handwritten: dict[int, bool] = {}

        def memories(group: list[int]) -> Iterator[Memory]:
            for i in group:
                memory = self.engine.encode(pictures[i])
                handwritten[i] = self._is_handwriting(memory)
                yield memory

        for group in grouping.alike([picture.size for picture in pictures], self.engine.spread):
            most = min(rows, len(group) * options["beam_size"])
            decoded = decoding.search(self.engine, memories(group), grammar=grammar, rows=most, **options)
            found |= zip(group, decoded, strict=True)
        for i, decoded in found.items():
            decoded.handwritten = handwritten[i]
        return [found[i] for i in range(len(pictures))]

    def _is_handwriting(self, memory: Memory) -> bool:
        """Logistic regression on the mean of the values that the decoder's first layer gets (scoring/calibrate.py)."""
        *weights, bias = self.config.handwriting or (0.0,)
        return bool(weights) and float(self.engine.summary(memory) @ np.array(weights)) + bias > HANDWRITTEN_ABOVE

    def _result(self, crop: images.Crop, decoded: decoding.Decoded | None) -> Recognition:
        shown = Image.fromarray(crop.picture)
        if decoded is None:
            return Recognition("", [], [], 0.0, shown, BLANK)
        tokens = self.tokenizer.decode(decoded.ids)
        fixed = repair(tokens)
        confidence = self._confidence(decoded)
        warning = None
        if not fixed:
            warning, confidence = NO_FORMULA, 0.0
        elif decoded.truncated:
            warning, confidence = TRUNCATED, 0.0
        elif crop.letter_height < SMALLEST_LETTER:
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
            crop=shown,
            warning=warning,
            handwritten=decoded.handwritten,
            alternatives=[
                [(self.tokenizer.vocab[i], p) for i, p in step] for step in decoded.alternatives[: len(tokens)]
            ],
            attention=[weights.reshape(self._cells(crop)) for weights in decoded.attention[: len(tokens)]],
            cell=self.cell,
        )

    def _confidence(self, decoded: decoding.Decoded) -> float:
        """Calibrated probability that the whole formula is right (see scoring/calibrate.py)."""
        found = evidence(decoded.probabilities[: len(decoded.ids)])
        by_hand = decoded.handwritten and self.config.calibration_handwriting
        weights = by_hand or self.config.calibration  # all four, or the first two
        return 1 / (1 + math.exp(-sum(weight * value for weight, value in zip(weights, found, strict=False))))

    def _cells(self, crop: images.Crop) -> tuple[int, ...]:
        """Rows and columns of memory cells that cover a crop."""
        return tuple(-(-side // cell) for side, cell in zip(crop.picture.shape, self.cell, strict=True))
