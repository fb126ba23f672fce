"""From the cells of a page to boxes: what the network is taught is what is made of its answers."""

import numpy as np
import pytest

from img2latex.page.cells import KINDS, Box, decode, overlap, targets, without_doubles
from img2latex.scoring.boxes import matches, score

SHAPE = (40, 100)  # cells, of a page of 320 x 800 px


def taught(boxes, kinds):
    scores, distances, _ = targets(SHAPE, np.array(boxes, float), np.array([KINDS.index(kind) for kind in kinds]))
    return decode(0.9 * scores, distances)


@pytest.mark.parametrize(
    "boxes, kinds",
    [
        ([(20, 30, 780, 70)], ["displayed"]),  # far wider than the network sees
        ([(20, 30, 300, 250)], ["displayed"]),  # higher
        ([(101, 50, 108, 57)], ["inline"]),  # a single letter, smaller than a cell
        ([(100, 50, 180, 64), (100, 70, 180, 84)], ["inline", "inline"]),  # on two lines, one above the other
        ([(100, 50, 180, 64), (190, 50, 240, 64)], ["inline", "inline"]),  # beside each other
        ([(200, 100, 500, 140), (200, 160, 500, 200)], ["displayed", "displayed"]),
        ([(200, 100, 500, 140), (520, 110, 550, 125)], ["displayed", "number"]),
    ],
)
def test_what_is_taught_is_found_again(boxes, kinds):
    found = taught(boxes, kinds)
    assert len(found) == len(boxes)
    pairs = matches(found, np.array(boxes, float))
    assert [found[i].kind for i, _ in sorted(pairs, key=lambda pair: pair[1])] == kinds
    assert all(np.abs(np.subtract(found[i].sides, boxes[j])).max() < 3 for i, j in pairs)


def test_a_page_without_formulas_has_no_boxes():
    assert decode(np.zeros((3, *SHAPE)), np.zeros((4, *SHAPE))) == []


def test_of_boxes_over_each_other_one_is_kept():
    large, inner = Box((0, 0, 100, 20), "displayed", 0.8), Box((10, 2, 60, 18), "inline", 0.9)
    apart = Box((200, 0, 220, 10), "inline", 0.5)
    assert {box.sides for box in without_doubles([large, inner, apart])} == {large.sides, apart.sides}


def test_overlap_is_shared_area_over_area_of_both():
    assert overlap([(0, 0, 10, 10)], [(0, 0, 10, 5), (20, 0, 30, 10)]).tolist() == [[0.5, 0.0]]


def test_recall_and_precision_count_what_is_missed_and_what_is_made_up():
    boxes, kinds = np.array([(0, 0, 50, 20), (100, 0, 150, 20)], float), ["displayed", "inline"]
    right, wrong_kind = Box((1, 0, 50, 20), "displayed", 0.9), Box((100, 0, 150, 21), "displayed", 0.9)
    made_up = Box((300, 0, 350, 20), "inline", 0.9)
    scores = score([([right, wrong_kind, made_up], boxes, kinds)])
    assert scores["recall/displayed"] == 1 and scores["precision/displayed"] == 0.5
    assert scores["recall/inline"] == 0 and scores["precision/inline"] == 0
    assert scores["recall/formula"] == 1 and scores["precision/formula"] == pytest.approx(2 / 3)
