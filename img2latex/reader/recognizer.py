"""Pictures -> `Recognition`: crop, encode, decode, and turn the tokens into LaTeX for a person."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from img2latex.config import STRIDE
from img2latex.latex import beautify, repair, units
from img2latex.latex.automaton import Grammar, formulas
from img2latex.latex.tokens import EOS, SPECIAL, Tokenizer
from img2latex.picture import images, loading
from img2latex.reader import alignment, checkpoints, counting, coverage, decoding, grouping
from img2latex.reader.engine import find
from img2latex.reader.pool import Engine, Memory

if TYPE_CHECKING:
    import torch

BLANK = "Nothing is written in the picture."
TOO_SMALL = "The letters are too small to be read: use a larger picture."
TRUNCATED = "The formula is longer than the model can read: the end is missing."
UNSURE = "The model is not sure of this: compare it with the picture."
OVERLOOKED = "A part of the picture may not have been read: compare it with the picture."
DOUBTFUL = "This may be no formula at all: compare it with the picture."
NO_FORMULA = "No formula could be read in the picture."
TURNED = "The picture was read turned by {} degrees."
SMALLEST_LETTER = 4.0  # px, in the original picture
UNSURE_BELOW = 0.2  # confidence; below it the picture is also tried turned ...
TURNED_ABOVE, TURNED_TOKENS = 0.7, 5  # ... and that result is taken from this confidence and number of tokens on.
TALL = 2.0  # height over width from which on a picture is tried turned below TALL_BELOW already
TALL_BELOW = 0.5
TURNED_PIXELS = 150_000  # px: a larger crop is not tried turned, for it is no single formula and would take seconds
GLANCE, GLANCE_ABOVE = 16, 0.2  # tokens decoded of a turned picture first, and their least joint probability to go on
# Thresholds of the probability that the picture is empty: above the first no LaTeX is returned, above the second there
# is a warning. Of 200 new pictures without a formula 172 are above the first, and 27 above the second or below the
# confidence above; so is one of 793 validation formulas that are read right.
NOTHING_ABOVE, DOUBTFUL_ABOVE = 0.2, 0.08
# Most attention of a token to the part of the picture that got least; below it something was left out, and confidence
# is bounded. Of 850 validation pictures of print 4 are below it, all misread, three at a confidence above 0.9.
OVERLOOKED_BELOW, OVERLOOKED_CONFIDENCE = 0.2, 0.5
# Log-odds: print that the checkpoint for handwriting reads loses more than handwriting that the one for print reads.
HANDWRITTEN_ABOVE = 1.0
HANDWRITING = "handwriting"  # the name of the checkpoint that is trained mostly on it
SIZES = (1.0, 1.1, 1.2)  # of the letters, relative to those that the model was trained on; the first if not careful
BEAM, PRINT_BEAM = 5, 3  # hypotheses for each size of handwriting, and of print, in careful reading
LONGER = 0.1  # added to a candidate's log-probability for each token: models prefer short ones (Murray and Chiang 2018)
REREAD_BELOW = (0.8, 0.9)  # confidence; below it print is read carefully: by one model, and where there are two
SYMBOL = 4  # letters high and wide: in a crop no larger a symbol cannot be told from a blot, so it is always decoded


def evidence(probabilities: Sequence[float], share: float | None = None) -> tuple[float, float, float, float]:
    """The features of the confidence: `ModelConfig.calibration` holds a weight for each.

    Args:
        probabilities: of the tokens.
        share: of all candidates' probability, if the formula was chosen among several.

    Returns:
        The log-odds of the product of all token probabilities (within +-14); 1; the log-odds of the share, else those
        of the least probable token; the logarithm of the number of tokens.
    """
    together = math.exp(sum(math.log(max(p, 1e-9)) for p in probabilities))
    doubted = min(probabilities, default=1.0) if share is None else share
    bounded = (min(max(p, 1e-6), 1 - 1e-6) for p in (together, doubted))
    every, weakest = (math.log(p / (1 - p)) for p in bounded)
    return every, 1.0, weakest, math.log(max(1, len(probabilities)))


def _turned(picture, degrees: int) -> np.ndarray:
    """A picture in grey, turned clockwise by a multiple of 90 degrees."""
    if degrees % 90:
        raise ValueError("turned must be a multiple of 90")
    return np.rot90(loading.load(picture), -degrees // 90)


def _at_any_size(engine: Engine, memories: Sequence[Memory], formulas: Sequence[tuple[int, ...]]) -> np.ndarray:
    """Of each formula, the logarithm of its mean probability over the memories of a picture's crops."""
    logs = [decoding.log_probabilities(engine, memory, formulas) for memory in memories]
    return np.logaddexp.reduce(logs, axis=0) - math.log(len(memories))


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
    share: float | None = None  # of the probability of all formulas that were found, if it was read at several sizes
    alternatives: list[list[tuple[str, float]]] = field(default_factory=list)  # for each token, the most probable first
    attention: list[np.ndarray] = field(default_factory=list)  # for each token: rows x columns of cells, sums to 1
    cell: tuple[int, int] = (STRIDE, STRIDE)  # height and width of a cell on the crop, px


@dataclass(frozen=True)
class _Options:
    """Those of `Recognizer.recognize`, and how many formulas are decoded at a time."""

    rows: int
    beam_size: int = 1
    careful: bool | None = None
    alternatives: int = 5
    attention: bool = True
    handwritten: bool | None = None
    prefix: tuple[str, ...] = ()


class Recognizer:
    """Reads pictures with one model, and what is handwritten with another, if there is one.

    Args:
        engine: what computes the model, see `pool.Engine`.
        handwriting: returns the recognizer of handwriting, called when there is some. None: this one reads it, too.
        backwards: computes a model that was trained from right to left: it helps to choose among candidates.
    """

    def __init__(
        self, engine: Engine, handwriting: Callable[[], Recognizer] | None = None, backwards: Engine | None = None
    ):
        self.engine, self.config, self.handwriting, self.backwards = engine, engine.config, handwriting, backwards
        self.tokenizer = Tokenizer(self.config.vocab)
        self.grammar = formulas(self.tokenizer.vocab)
        self.not_empty = formulas(self.tokenizer.vocab, may_be_empty=False)
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
        how = {"device": device, "engine": engine, "fast": fast, "threads": threads}
        load = load or cache(lambda other: cls.from_pretrained(other, handwriting=None, **how))
        found = find(name, revision, **how)
        if found.config.direction == "backwards":
            raise checkpoints.CheckpointError(f"{name} writes backwards: it only helps another checkpoint to choose.")
        both = found.config.direction == "both"
        backwards = find(name, revision, weights=checkpoints.BACKWARDS, **how) if both else None
        return cls(found, None if itself else partial(load, handwriting), backwards)

    def recognize(
        self, picture, beam_size: int = 1, alternatives: int = 5, prefix: Sequence[str] = (),
        careful: bool | None = None, attention: bool = True, turned: int | None = None, handwritten: bool | None = None,
    ) -> Recognition:  # fmt: skip
        """Reads one picture.

        Args:
            picture: anything `loading.load` takes: a path, bytes, a PIL image, an array.
            beam_size: hypotheses kept while decoding; 1 is greedy.
            alternatives: how many alternatives to return for each token.
            prefix: tokens that the result must begin with; the rest is decoded, unless the last one is `<eos>`.
            careful: read it at three sizes with a beam, and return what is most probable at all sizes together; takes
                four times as long, or more. None: only if it is handwritten, or the confidence below REREAD_BELOW.
            attention: whether to return the attention weights.
            turned: degrees clockwise, a multiple of 90, by which to turn the picture first. None: it is read as it is,
                and turned only if the confidence is very low and another direction gives a high one.
            handwritten: whether it is. None: the model tells.

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
        rows = len(SIZES) * beam_size
        how = _Options(rows, beam_size, careful, alternatives, attention, handwritten, tuple(prefix))
        (result,) = self._as_they_are([grey], how)
        result.turned = (turned or 0) % 360
        return self._upright(result, grey, how) if turned is None and not prefix else result

    def recognize_many(
        self, pictures: Sequence, batch_size: int = 16, beam_size: int = 1, careful: bool | None = None,
        alternatives: int = 5, attention: bool = True, turned: int | None = None, handwritten: bool | None = None,
    ) -> list[Recognition]:  # fmt: skip
        """Reads pictures; each result is the same as `recognize` returns for the picture alone, in the same order.

        Args:
            batch_size: formulas decoded at a time.
            beam_size, careful, alternatives, attention, turned, handwritten: see `recognize`.

        Raises:
            loading.PictureError: one of the pictures cannot be read.
            ValueError: turned is not a multiple of 90.
        """
        pictures = [picture.read() if hasattr(picture, "read") else picture for picture in pictures]  # for _upright
        if turned:
            pictures = [_turned(picture, turned) for picture in pictures]
        how = _Options(batch_size, beam_size, careful, alternatives, attention, handwritten)
        results = self._as_they_are(pictures, how)
        if turned is not None:
            for result in results:
                result.turned = turned % 360
            return results
        return [self._upright(*pair, how) for pair in zip(results, pictures, strict=True)]

    def _as_they_are(self, pictures: Sequence, how: _Options) -> list[Recognition]:
        """Pictures read without turning them, at one size or carefully, handwriting by its own recognizer."""
        if how.handwritten and self.handwriting:
            return self.handwriting()._as_they_are(pictures, how)
        if how.handwritten and how.careful is not False:
            return [self._read_carefully([*self._crops(picture)], how, BEAM) for picture in pictures]
        crops = [self._crops(picture) for picture in pictures]
        first = [next(each) for each in crops]
        results = self._read(first, how)
        by_hand = [i for i, result in enumerate(results) if result.handwritten and self.handwriting]
        if by_hand:
            read = self.handwriting()._as_they_are([pictures[i] for i in by_hand], replace(how, handwritten=True))
            for i, result in zip(by_hand, read, strict=True):
                results[i] = result
        for i in {*range(len(pictures))} - {*by_hand}:
            # A person who chose a token by hand sees its alternatives at one size: they stay those of this size.
            doubtful = results[i].handwritten or (not how.prefix and self._is_doubtful(results[i]))
            if how.careful or (how.careful is None and doubtful):
                known = replace(how, handwritten=results[i].handwritten)
                # Of what is cut off, a beam would find something short instead.
                beam_size = BEAM if results[i].handwritten else 1 if results[i].warning == TRUNCATED else PRINT_BEAM
                results[i] = self._read_carefully([first[i], *crops[i]], known, beam_size)
        return results

    def _is_doubtful(self, result: Recognition) -> bool:
        """Whether print is worth reading at more sizes."""
        return bool(result.latex) and result.confidence < REREAD_BELOW[self.backwards is not None]

    def _read_carefully(self, crops: list[images.Crop], how: _Options, beam_size: int) -> Recognition:
        """Of the formulas found at any size, the one that is most probable at all sizes and in both directions.

        A beam finds several at each size.
        """
        if crops[0].blank:
            return self._result(crops[0], None, how)
        memories = [self.engine.encode(crop.picture) for crop in crops]
        found = decoding.beam_search(
            self.engine, memories, beam_size=max(how.beam_size, beam_size), prefix=self.tokenizer.encode(how.prefix),
            alternatives=how.alternatives,
            grammar=self.grammar if how.prefix else self.not_empty,
        )  # fmt: skip
        if not how.prefix and self._is_nothing(crops[0], found[0][0]):
            return self._result(crops[0], replace(found[0][0], ids=[]), how)
        candidates: dict[tuple[int, ...], tuple[images.Crop, decoding.Decoded]] = {}
        for crop, several in zip(crops, found, strict=True):
            for each in several:
                candidates.setdefault(tuple(each.ids), (crop, each))
        whole = [ids for ids, (_, each) in candidates.items() if not each.truncated] or [*candidates][:1]
        whole = [ids for ids in whole if not self._overlooks(*candidates[ids])] or whole
        logs = self.joint_log_probabilities(crops, memories, whole) + LONGER * np.array([len(ids) for ids in whole])
        crop, best = candidates[whole[int(logs.argmax())]]
        share = 1 / float(np.exp(logs - logs.max()).sum())
        return self._result(crop, best, how, share, len(crops))

    def joint_log_probabilities(
        self, crops: Sequence[images.Crop], memories: Sequence[Memory], formulas: Sequence[tuple[int, ...]]
    ) -> np.ndarray:
        """Of each formula, the logarithm of its mean probability over a picture's crops, averaged over both directions.

        Over crops probabilities are averaged, not logarithms: a size at which letters run together has no veto.
        """
        logs = [_at_any_size(self.engine, memories, formulas)]
        if self.backwards:
            others = [self.backwards.encode(crop.picture) for crop in crops]
            logs.append(_at_any_size(self.backwards, others, [ids[::-1] for ids in formulas]))
        return np.mean(logs, axis=0)

    def _upright(self, result: Recognition, picture, how: _Options) -> Recognition:
        """The result, or a confident one of the picture turned: a phone may have been held sideways."""
        area = result.crop.width * result.crop.height
        is_tall = result.crop.height > TALL * result.crop.width  # as a line is that lies on its side
        sure_from = TALL_BELOW if is_tall else UNSURE_BELOW
        if result.confidence >= sure_from or result.warning == BLANK or area > TURNED_PIXELS:
            return result
        grey = loading.load(picture)
        sides = {degrees: _turned(grey, degrees) for degrees in (90, 180, 270)}
        pictures = [next(self._crops(side)).picture for side in sides.values()]
        glances = self._search(pictures, None, 3, beam_size=1, max_length=GLANCE, alternatives=1, attention=False)
        chances = [math.prod(each.probabilities[: len(each.ids)]) if each.ids else 0.0 for each in glances]
        if max(chances) < GLANCE_ABOVE:  # else nonsense would be decoded to its end, up to 256 tokens
            return result
        degrees = list(sides)[chances.index(max(chances))]
        (upright,) = self._as_they_are([sides[degrees]], how)
        if upright.confidence < TURNED_ABOVE or len(upright.tokens) < TURNED_TOKENS:
            return result
        upright.turned, upright.warning = degrees, upright.warning or TURNED.format(degrees)
        return upright

    def _crops(self, picture) -> Iterator[images.Crop]:
        heights = [self.config.letter_height * size for size in SIZES]
        return images.crops(picture, heights, self.config.thickest_stroke)

    def _read(self, crops: list[images.Crop], how: _Options) -> list[Recognition]:
        """Each at this one size."""
        written = [i for i, crop in enumerate(crops) if not crop.blank]
        ids = self.tokenizer.encode(how.prefix)
        options = {"beam_size": how.beam_size, "prefix": ids, "alternatives": how.alternatives}
        pictures = [crops[i].picture for i in written]
        found = dict(zip(written, self._search(pictures, self.grammar, how.rows, **options), strict=True))
        for i in written if not how.prefix else ():  # a prefix is chosen by a person who saw that there is a formula
            if self._is_nothing(crops[i], found[i]):
                found[i].ids = []
            elif not found[i].ids:
                (found[i],) = self._search([crops[i].picture], self.not_empty, 1, **{**options, "beam_size": 1})
        return [self._result(crop, found.get(i), how) for i, crop in enumerate(crops)]

    def _is_nothing(self, crop: images.Crop, decoded: decoding.Decoded) -> bool:
        """Whether a crop is likely empty; one no larger than a symbol is not, for a blot cannot be told from a dot."""
        small = max(crop.picture.shape) <= SYMBOL * images.LARGER * self.config.letter_height
        return not small and decoded.nothing > NOTHING_ABOVE

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
        """Logistic regression on the summary of the first layer's values (see scoring/calibrate.py)."""
        *weights, bias = self.config.handwriting or (0.0,)
        seen = self.engine.summary(memory)[: len(weights)]  # older checkpoints know the means only
        return bool(weights) and float(seen @ np.array(weights)) + bias > HANDWRITTEN_ABOVE

    def _result(
        self, crop: images.Crop, decoded: decoding.Decoded | None, how: _Options, share: float | None = None,
        sizes: int = 1,
    ) -> Recognition:  # fmt: skip
        shown = Image.fromarray(crop.picture)
        if decoded is None:
            return Recognition("", [], [], 0.0, shown, BLANK)
        tokens = self.tokenizer.decode(decoded.ids)
        fixed = repair(tokens)
        handwritten = decoded.handwritten if how.handwritten is None else how.handwritten
        if not handwritten:
            fixed = self._as_measured(fixed, crop, how.prefix)
        confidence = self._confidence(decoded, handwritten, share)
        warning = None
        if not fixed:
            warning, confidence = NO_FORMULA, 0.0
        elif decoded.truncated:
            warning, confidence = TRUNCATED, 0.0
        elif crop.letter_height < SMALLEST_LETTER:
            warning = TOO_SMALL
        elif self._overlooks(crop, decoded):
            warning, confidence = OVERLOOKED, min(confidence, OVERLOOKED_CONFIDENCE)
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
            handwritten=handwritten,
            sizes=sizes,
            share=share,
            alternatives=[
                [(self.tokenizer.vocab[i], p) for i, p in step] for step in decoded.alternatives[: len(tokens)]
            ],
            attention=self._attention(crop, decoded) if how.attention else [],
            cell=self.cell,
        )

    def _as_measured(self, tokens: list[str], crop: images.Crop, prefix: Sequence[str]) -> list[str]:
        """Print as the picture certainly shows it, unless a person who chose the last token of a prefix has seen it.

        A quantity's symbol is set in italics, which not all print shows.
        """
        if not prefix:
            tokens = units.symbol_in_italics(counting.recounted(tokens, crop.picture))
        if not {*alignment.LOOSE, "&"} & {*prefix[-1:]}:
            tokens = alignment.as_seen(tokens, crop.picture, self.config.letter_height, crop.framed)
        return tokens

    def _confidence(self, decoded: decoding.Decoded, handwritten: bool, share: float | None) -> float:
        """Calibrated probability that the whole formula is right (see scoring/calibrate.py)."""
        by_hand = handwritten and self.config.calibration_handwriting
        weights = by_hand or self.config.calibration  # all four, or the first two
        found = evidence(decoded.probabilities[: len(decoded.ids)], share if by_hand else None)
        return 1 / (1 + math.exp(-sum(weight * value for weight, value in zip(weights, found, strict=False))))

    def _overlooks(self, crop: images.Crop, decoded: decoding.Decoded) -> bool:
        """Whether no token looked at a part of the picture that stands apart."""
        looked = self._attention(crop, decoded)
        return coverage.least(crop.picture, looked, self.cell, self.config.letter_height) < OVERLOOKED_BELOW

    def _attention(self, crop: images.Crop, decoded: decoding.Decoded) -> list[np.ndarray]:
        """Of each token over the cells, rows x columns."""
        return [weights.reshape(self._cells(crop)) for weights in decoded.attention[: len(decoded.ids)]]

    def _cells(self, crop: images.Crop) -> tuple[int, ...]:
        """Rows and columns of memory cells that cover a crop."""
        return tuple(-(-side // cell) for side, cell in zip(crop.picture.shape, self.cell, strict=True))
