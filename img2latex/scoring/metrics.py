"""What a score means: one definition each, over tokenized labels and predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein


def edits(prediction: Sequence[str], label: Sequence[str]) -> int:
    """Tokens to insert, delete or replace to get from one to the other.

    >>> edits(["x", "+", "1"], ["x", "-", "1"])
    1
    """
    return Levenshtein.distance(list(prediction), list(label))


def ned(prediction: Sequence[str], label: Sequence[str]) -> float:
    """Normalized edit distance of one formula: edits over the longer of the two, 0 (equal) to 1.

    >>> ned(["x", "^", "{", "2", "}"], ["x"])
    0.8
    """
    return edits(prediction, label) / max(len(prediction), len(label), 1)


def score(predictions: Sequence[Sequence[str]], labels: Sequence[Sequence[str]]) -> dict[str, float]:
    """Scores of a set.

    Returns:
        `ned` (mean over formulas, with `ned_low` and `ned_high`, its 95 % bootstrap interval), `exact` (share exactly
        right), `within_1` and `within_2` (share with at most so many edits), `cer` (characters, sum over sum),
        `bleu` (BLEU-4 of the set on tokens, 0 to 1) and `count`.

    Raises:
        ValueError: no formulas, or lists of unequal length.
    """
    if not labels or len(predictions) != len(labels):
        raise ValueError(f"{len(predictions)} predictions do not fit {len(labels)} labels")
    distances = np.array([edits(p, t) for p, t in zip(predictions, labels, strict=True)])
    longest = np.array([max(len(p), len(t), 1) for p, t in zip(predictions, labels, strict=True)])
    each = distances / longest
    low, high = _interval(each)
    return {
        "ned": float(each.mean()),
        "ned_low": low,
        "ned_high": high,
        "exact": float((distances == 0).mean()),
        "within_1": float((distances <= 1).mean()),
        "within_2": float((distances <= 2).mean()),
        "cer": _cer(predictions, labels),
        "bleu": _bleu(predictions, labels),
        "count": len(labels),
    }


def _interval(values: np.ndarray, rounds: int = 1000) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    means = values[rng.integers(0, len(values), (rounds, len(values)))].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def _cer(predictions: Sequence[Sequence[str]], labels: Sequence[Sequence[str]]) -> float:
    pairs = [("".join(p), "".join(t)) for p, t in zip(predictions, labels, strict=True)]
    return sum(Levenshtein.distance(p, t) for p, t in pairs) / max(1, sum(len(t) for _, t in pairs))


def _bleu(predictions: Sequence[Sequence[str]], labels: Sequence[Sequence[str]]) -> float:
    from sacrebleu.metrics import BLEU

    bleu = BLEU(tokenize="none", force=True)
    return bleu.corpus_score([" ".join(p) for p in predictions], [[" ".join(t) for t in labels]]).score / 100


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """ECE: mean gap between confidence and accuracy over equal-width bins, weighted by their sizes."""
    confidence, correct = np.asarray(confidences, float), np.asarray(right, float)
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[index == b].mean() - correct[index == b].mean()) * (index == b).mean()
            for b in range(bins) if (index == b).any()]  # fmt: skip
    return float(sum(gaps))


def coverage(confidences: Sequence[float], right: Sequence[bool], thresholds: Sequence[float]) -> dict[float, dict]:
    """What is kept where answers of less confidence are rejected.

    Returns:
        threshold -> `coverage`, the share of answers kept, and `precision`, the share of those that are right (None
        where none is kept).
    """
    confidence, correct = np.asarray(confidences, float), np.asarray(right, float)
    found = {}
    for threshold in thresholds:
        kept = confidence >= threshold
        precision = float(correct[kept].mean()) if kept.any() else None
        found[threshold] = {"coverage": float(kept.mean()) if kept.size else 0.0, "precision": precision}
    return found
