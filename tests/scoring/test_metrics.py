"""Scores, against values computed by hand."""

import math

import pytest

from img2latex.scoring.metrics import calibration_error, coverage, edits, ned, score


@pytest.mark.parametrize(
    "prediction, label, distance, normalised",
    [
        ("abc", "abc", 0, 0),
        ("", "", 0, 0),
        ("", "ab", 2, 1),
        ("ab", "", 2, 1),
        ("abd", "abc", 1, 1 / 3),
        ("ac", "abc", 1, 1 / 3),
        ("abcd", "abc", 1, 1 / 4),
        ("bca", "abc", 2, 2 / 3),  # a moved token is deleted and inserted
        ("xyz", "abc", 3, 1),
    ],
)
def test_edits_and_ned(prediction, label, distance, normalised):
    assert edits(list(prediction), list(label)) == distance
    assert ned(list(prediction), list(label)) == pytest.approx(normalised)


def test_a_prediction_that_runs_away_counts_by_its_own_length():
    assert score([list("abcd")], [list("ab")])["ned"] == pytest.approx(2 / 4)


def test_a_command_is_one_token():
    assert edits([r"\alpha", "x"], [r"\beta", "x"]) == 1
    assert edits((r"\alpha",), [r"\alpha"]) == 0


def test_score_of_three_formulas():
    scores = score([["a", "b", "c"], ["a"], []], [["a", "b", "c"], ["a", "b"], ["x"]])
    assert scores["count"] == 3
    assert scores["ned"] == pytest.approx((0 + 1 / 2 + 1) / 3)  # of each formula, then the mean
    assert scores["exact"] == pytest.approx(1 / 3)
    assert scores["within_1"] == pytest.approx(1)
    assert scores["cer"] == pytest.approx(2 / 6)  # all edits by all characters


def test_score_within_edits():
    label = list("abcdef")
    scores = score([label[:n] for n in (6, 5, 4, 3)], [label] * 4)
    assert (scores["exact"], scores["within_1"], scores["within_2"]) == (1 / 4, 2 / 4, 3 / 4)


def test_cer_counts_characters_of_commands():
    assert score([[r"\alpha"]], [[r"\beta"]])["cer"] == pytest.approx(4 / 5)


def test_bleu():
    def bleu(prediction, label):
        return score([prediction.split()], [label.split()])["bleu"]

    assert bleu("a b c d e", "a b c d e") == pytest.approx(1)
    # 4 of 5 words, 3 of 4 pairs, 2 of 3 triples, 1 of 2 quadruples are right
    assert bleu("a b c d x", "a b c d e") == pytest.approx((4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)
    assert bleu("a b c d", "a b c d e f g h") == pytest.approx(math.exp(1 - 8 / 4))  # too short
    assert bleu(r"\frac { a } { b }", r"\frac { a } { b }") == pytest.approx(1)  # tokens are taken as they are


def test_bleu_is_of_the_whole_set():
    scores = score([list("abcd"), list("abcdx")], [list("abcd"), list("abcde")])
    assert scores["bleu"] == pytest.approx((8 / 9 * 6 / 7 * 4 / 5 * 2 / 3) ** 0.25)


def test_interval_of_the_mean():
    half = score([["a"], ["b"]] * 100, [["a"], ["a"]] * 100)
    # 200 formulas at 0 or 1: the mean's standard error is 0.035, its 95 % interval 1.96 of that to each side
    assert half["ned_low"] == pytest.approx(0.5 - 0.069, abs=0.015)
    assert half["ned_high"] == pytest.approx(0.5 + 0.069, abs=0.015)
    alike = score([["a", "x"]] * 9, [["a", "b"]] * 9)
    assert alike["ned_low"] == alike["ned"] == alike["ned_high"] == 0.5


@pytest.mark.parametrize("predictions, labels", [([], []), ([["a"]], []), ([["a"]], [["a"], ["b"]])])
def test_lists_that_do_not_fit_are_refused(predictions, labels):
    with pytest.raises(ValueError, match="do not fit"):
        score(predictions, labels)


def test_calibration_error():
    assert calibration_error([0.95, 0.95], [True, True]) == pytest.approx(0.05)
    assert calibration_error([0.95, 0.95], [True, False]) == pytest.approx(0.45)
    # a bin of three, 0.6 off, and a bin of one, 0.2 off
    assert calibration_error([0.61, 0.6, 0.59 + 0.01, 0.2], [False] * 4) == pytest.approx(
        (3 * (0.61 + 0.6 + 0.6) / 3 + 0.2) / 4
    )
    assert calibration_error([0.25, 0.75], [False, True]) == pytest.approx(0.25)
    assert calibration_error([1.0, 0.0], [True, False]) == 0


def test_what_is_rejected_costs_coverage_and_buys_precision():
    found = coverage([0.9, 0.8, 0.4, 0.8], [True, True, False, False], (0.0, 0.5, 0.8, 0.95))
    assert found[0.0] == {"coverage": 1, "precision": 0.5}
    assert found[0.5] == found[0.8] == {"coverage": 0.75, "precision": pytest.approx(2 / 3)}
    assert found[0.95] == {"coverage": 0, "precision": None}
    assert coverage([], [], (0.5,)) == {0.5: {"coverage": 0, "precision": None}}
