"""The reader, from whatever a person hands over to LaTeX, on a model that knows eight formulas by heart."""

import dataclasses
import io

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from img2latex import Recognition, Recognizer
from img2latex.data import looks
from img2latex.data.render import Look, render
from img2latex.latex import beautify, normalize, problem, repair
from img2latex.latex.tokens import EOS
from img2latex.picture import images, loading
from img2latex.reader import checkpoints, recognizer
from img2latex.reader.engine_onnx import OnnxEngine
from img2latex.reader.engine_torch import TorchEngine
from img2latex.reader.recognizer import (
    BLANK,
    DOUBTFUL,
    NO_FORMULA,
    OVERLOOKED,
    OVERLOOKED_BELOW,
    OVERLOOKED_CONFIDENCE,
    REREAD_BELOW,
    SIZES,
    TOO_SMALL,
    TRUNCATED,
    TURNED,
    UNSURE,
    UNSURE_BELOW,
)
from tests import handwritten
from tests.odd_pictures import KINDS, png
from tests.overfit import FORMULAS, overfit
from tests.tiny import tiny_model

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def known():
    return overfit()


@pytest.fixture(scope="module")
def reader(known, tmp_path_factory):
    """Saved and loaded, as checkpoints are."""
    folder = tmp_path_factory.mktemp("overfit")
    checkpoints.save(known.model, folder)
    return Recognizer.from_pretrained(folder)


@pytest.fixture(autouse=True)
def anywhere(monkeypatch):
    """A model that knows eight formulas by heart looks at little of a picture: how little is no fault here."""
    monkeypatch.setattr(recognizer, "OVERLOOKED_BELOW", 0.0)


SURE = {"calibration": (1.0, 0.7)}  # of upright print, which is not read again then


def changed(reader, edit=lambda weights: None, **settings):
    """The same reader with other settings of its model, or other weights."""
    weights = {name: tensor.numpy().copy() for name, tensor in overfit().model.state_dict().items()}
    edit(weights)
    return Recognizer(OnnxEngine(dataclasses.replace(reader.config, **settings), weights))


def likes_to_end(weights):
    weights["head.bias"][EOS] += 1000


def test_the_eight_formulas_are_read_exactly(reader, known):
    for formula, picture, label in zip(FORMULAS, known.pictures, known.labels, strict=True):
        result = reader.recognize(png(picture))
        assert isinstance(result, Recognition)
        assert result.tokens == label
        assert result.latex == beautify(formula)
        assert result.warning is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_odd_picture_is_read_as_its_plain_png(kind, reader, known):
    results = reader.recognize_many([KINDS[kind](picture) for picture in known.pictures])
    assert [result.latex for result in results] == [beautify(formula) for formula in FORMULAS]


def at_size(percent, pictures):
    smooth = cv2.INTER_AREA if percent < 100 else cv2.INTER_CUBIC
    return [cv2.resize(p, None, fx=percent / 100, fy=percent / 100, interpolation=smooth) for p in pictures]


@pytest.mark.parametrize("percent", [75, 80, 120, 200, 300])
def test_the_size_of_a_screenshot_does_not_change_the_answer(percent, reader, known):
    results = reader.recognize_many(at_size(percent, known.pictures))
    assert [result.tokens for result in results] == known.labels


@pytest.mark.parametrize("percent", [50, 70, 200])
def test_the_shipped_weights_read_screenshots_of_any_size(percent, known):
    results = Recognizer.from_pretrained("math").recognize_many(at_size(percent, known.pictures))
    assert [result.latex for result in results] == [beautify(formula) for formula in FORMULAS]


PHOTOGRAPHED = [
    r"\begin{array}{c|ccccc} x & -2 & -1 & 0 & 1 & 2 \\ \hline y & 4 & 1 & 0 & 1 & 4 \end{array}",
    r"\left(\begin{array}{ccc|c} 1 & 0 & 0 & 2 \\ 0 & 1 & 0 & -1 \\ 0 & 0 & 1 & 3 \end{array}\right)",
    r"\begin{pmatrix} a_{11} & a_{12} & a_{13} \\ a_{21} & a_{22} & a_{23} \\ a_{31} & a_{32} & a_{33} \end{pmatrix}",
    r"\begin{matrix} A & \xrightarrow{f} & B \\ \downarrow & & \downarrow \\ C & \xrightarrow{g} & D \end{matrix}",
    r"f(x)=\frac{a_0}{2}+a_1\cos x+b_1\sin x+a_2\cos 2x+b_2\sin 2x+a_3\cos 3x+b_3\sin 3x",
    r"x_1+\cfrac{1}{x_2+\cfrac{1}{x_3+\cfrac{1}{x_4+\cfrac{1}{x_5}}}}",
    r"\boxed{a^2+b^2}=c^2",
    r"\$5.99+\$3.01=\$9.00",
]


@pytest.mark.parametrize("dpi", [110, 160, 250])
def test_the_shipped_weights_read_tables_diagrams_and_equal_parts(dpi):
    results = Recognizer.from_pretrained("math").recognize_many(render(PHOTOGRAPHED, Look(dpi=dpi)))
    assert [repair(result.tokens) for result in results] == [normalize(latex).split() for latex in PHOTOGRAPHED]


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_picture_turned_sideways_or_upside_down_is_read_upright(turned):
    shipped, latex = Recognizer.from_pretrained("math"), r"\int_0^1 x^2 dx = \frac{a+b}{3}"
    (upright,) = render([latex], Look(dpi=160))
    lying = np.rot90(upright, turned // 90)  # anticlockwise
    for result in (shipped.recognize(lying), shipped.recognize_many([lying, upright])[0]):
        assert repair(result.tokens) == normalize(latex).split()
        assert (result.turned, result.warning) == (turned, TURNED.format(turned))
    assert shipped.recognize(upright).turned == 0
    read_on = shipped.recognize(lying, prefix=result.tokens[:4], turned=turned)
    assert read_on.tokens == result.tokens and read_on.crop.size == result.crop.size


def test_what_is_handed_over_as_a_stream_is_read_turned_as_well():
    shipped = Recognizer.from_pretrained("math")
    (upright,) = render([r"\sqrt{x^2+y^2}=z+1"], Look(dpi=160))
    (result,) = shipped.recognize_many([io.BytesIO(png(np.rot90(upright, 2)))])
    assert result.turned == 180
    (as_it_is,) = shipped.recognize_many([io.BytesIO(png(np.rot90(upright, 2)))], turned=0)
    assert (as_it_is.turned, as_it_is.warning) != (180, result.warning) and as_it_is.latex != result.latex
    (told,) = shipped.recognize_many([np.rot90(upright, 2)], turned=180)
    assert (told.turned, told.latex) == (180, result.latex)


def test_a_picture_is_turned_by_right_angles_only(reader, known):
    with pytest.raises(ValueError, match="multiple of 90"):
        reader.recognize(known.pictures[0], turned=45)


def test_what_a_recognition_holds(reader, known):
    picture, label = known.pictures[4], known.labels[4]
    result = reader.recognize(picture, alternatives=3)
    assert isinstance(result.crop, Image.Image)
    assert np.array_equal(np.asarray(result.crop), images.prepare(picture))
    assert len(result.probabilities) == len(result.alternatives) == len(result.attention) == len(label)
    assert all(0 < p <= 1 for p in result.probabilities)
    assert 0 < result.confidence < 1
    for token, probability, alternatives in zip(result.tokens, result.probabilities, result.alternatives, strict=True):
        assert len(alternatives) == 3 and alternatives[0] == (token, probability)
    rows, columns = (-(-side // cell) for side, cell in zip(images.prepare(picture).shape, result.cell, strict=True))
    for looked in result.attention:
        assert looked.shape == (rows, columns)
        assert looked.sum() == pytest.approx(1, abs=1e-4) and looked.min() >= 0


def test_where_it_looked_is_told_in_cells_of_the_model_s_size(known):
    reader = Recognizer(TorchEngine(tiny_model(column_stride=8, letter_height=16.0)))
    result = reader.recognize(known.pictures[4])
    assert result.cell == (16, 8) and result.attention
    assert result.attention[0].shape == (-(-result.crop.height // 16), -(-result.crop.width // 8))


def test_the_same_picture_gives_the_same_answer(reader, known):
    one, other = reader.recognize(known.pictures[0]), reader.recognize(known.pictures[0])
    assert (one.latex, one.probabilities) == (other.latex, other.probabilities)


# Many


@pytest.mark.parametrize("batch_size", [1, 3, 16])
def test_many_are_read_as_each_of_them_and_come_in_order(batch_size, reader, known):
    pictures = [known.pictures[i] for i in (6, 0, 3, 3, 7, 1)]
    results = reader.recognize_many(pictures, batch_size=batch_size)
    assert [result.tokens for result in results] == [known.labels[i] for i in (6, 0, 3, 3, 7, 1)]
    for picture, result in zip(pictures, results, strict=True):
        alone = reader.recognize(picture)
        assert result.latex == alone.latex and result.alternatives[0][0][0] == alone.alternatives[0][0][0]
        assert result.confidence == pytest.approx(alone.confidence, abs=1e-5)
        assert result.probabilities == pytest.approx(alone.probabilities, abs=1e-5)
        assert result.crop.size == alone.crop.size
        assert result.attention[0].shape == alone.attention[0].shape


def test_many_with_a_blank_among_them(reader, known):
    blank = np.full((40, 900), 255, np.uint8)
    results = reader.recognize_many([blank, known.pictures[1], blank])
    assert [result.warning for result in results] == [BLANK, None, BLANK]
    assert results[1].tokens == known.labels[1]
    assert reader.recognize_many([]) == []


# Careful


def test_careful_reads_at_three_sizes(reader, known):
    sizes = [changed(reader, letter_height=reader.config.letter_height * size) for size in SIZES]
    together = reader.recognize_many(known.pictures, careful=True)
    for picture, label, many in zip(known.pictures, known.labels, together, strict=True):
        looks = [each.recognize(picture) for each in sizes]
        one = reader.recognize(png(picture), careful=True)
        assert one.sizes == many.sizes == 3 and one.tokens == many.tokens == label
        assert one.crop.size == many.crop.size == looks[0].crop.size
        assert len({look.crop.size for look in looks}) == 3


def test_a_size_at_which_letters_are_misread_is_outvoted(reader, known):
    """Letters that are shown far too small are misread; the two other sizes are not."""
    label, picture = known.labels[0], known.pictures[0]
    small = changed(reader, letter_height=0.2 * reader.config.letter_height)
    assert small.recognize(picture, careful=False).tokens != label
    crops = [*small._crops(picture)][:1] + [*reader._crops(picture)][1:]
    assert reader._read_carefully(crops, recognizer._Options(rows=3), beam_size=1).tokens == label


def test_the_model_that_reads_backwards_settles_what_the_other_doubts(reader, known):
    """The odds of the first for y are raised until it takes a y for the x of a known formula."""
    right = reader.tokenizer.encode(known.labels[2])  # \sqrt{x+1}
    x, y = (reader.tokenizer.ids[letter] for letter in "xy")
    formulas = [right, [y if token == x else token for token in right]]
    crops = [*reader._crops(known.pictures[2])]

    def chosen(reader):
        memories = [reader.engine.encode(crop.picture) for crop in crops]
        return int(reader.joint_log_probabilities(crops, memories, formulas).argmax())

    def preferring_y(much):
        return changed(reader, lambda weights: weights["head.bias"].__setitem__(y, weights["head.bias"][y] + much))

    doubting = next(each for each in map(preferring_y, range(100)) if chosen(each))
    assert not chosen(reader)
    weights = {name: tensor.numpy() for name, tensor in overfit(backwards=True).model.state_dict().items()}
    assert chosen(Recognizer(doubting.engine, backwards=OnnxEngine(reader.config, weights))) == 0


def test_a_size_at_which_a_formula_is_unlikely_has_no_veto(reader, known):
    right = reader.tokenizer.encode(known.labels[2])
    wrong = [*right, right[-1]]
    crop = next(reader._crops(known.pictures[2]))
    memory, empty = reader.engine.encode(crop.picture), reader.engine.encode(np.full_like(crop.picture, 255))
    formulas = [right, wrong]
    each = np.array([reader.joint_log_probabilities([crop], [one], formulas) for one in (memory, empty)])
    together = reader.joint_log_probabilities([crop, crop], [memory, empty], formulas)
    assert np.exp(together) == pytest.approx(np.exp(each).mean(axis=0), rel=1e-4)


def test_the_length_of_candidates_counts(reader, known, monkeypatch):
    label, picture = known.labels[2], known.pictures[2]
    assert reader.recognize(picture, careful=True, beam_size=5).tokens == label
    monkeypatch.setattr(recognizer, "LONGER", -1000.0)
    assert len(reader.recognize(picture, careful=True, beam_size=5).tokens) < len(label)


def test_careful_reads_a_stream_once(reader, known):
    streams = [io.BytesIO(png(picture)) for picture in known.pictures[:2]]
    assert [result.tokens for result in reader.recognize_many(streams, careful=True)] == known.labels[:2]


def test_careful_says_nothing_of_a_blank(reader):
    assert reader.recognize(np.full((50, 80), 255, np.uint8), careful=True).warning == BLANK


# Warnings


def test_a_part_that_was_left_out_is_warned_of_and_never_sure(reader, known, monkeypatch):
    monkeypatch.setattr(recognizer, "OVERLOOKED_BELOW", OVERLOOKED_BELOW)
    picture = known.pictures[0]
    height = picture.shape[0]
    beside = np.full((height, 3 * height), 255, np.uint8)
    cv2.putText(beside, "(1)", (2 * height, height - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2)
    result = reader.recognize(np.hstack((picture, beside)), careful=False, turned=0)
    assert result.warning == OVERLOOKED and 0 < result.confidence <= OVERLOOKED_CONFIDENCE


@pytest.mark.parametrize("shade", [0, 130, 255])
def test_blank(shade, reader):
    result = reader.recognize(np.full((50, 80), shade, np.uint8))
    assert (result.latex, result.tokens, result.probabilities, result.confidence) == ("", [], [], 0)
    assert result.warning == BLANK


def test_letters_too_small_to_be_read(reader, known):
    tiny = cv2.resize(known.pictures[7], None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA)
    assert reader.recognize(tiny).warning == TOO_SMALL


def test_a_formula_cut_off_is_told_and_parses(reader, known):
    result = changed(reader, max_length=8).recognize(known.pictures[0])
    assert result.tokens == [*known.labels[0][:7], "}"]  # closed instead of read on
    assert result.warning == TRUNCATED and result.confidence == 0
    assert problem(result.latex) is None


def test_what_is_no_formula_is_told(reader, known):
    babbling = changed(reader, likes_to_end)
    result = babbling.recognize(known.pictures[0])
    assert (result.tokens, result.latex, result.warning, result.confidence) == ([], "", NO_FORMULA, 0)
    insisting = babbling.recognize(known.pictures[0], prefix=known.labels[0])
    assert insisting.tokens == known.labels[0] and insisting.latex


def test_a_symbol_is_read_even_in_doubt_and_whatever_is_beside_it(reader, known):
    doubting = changed(reader, likes_to_end)
    symbol = np.full((40, 40), 255, np.uint8)
    cv2.circle(symbol, (20, 20), 8, 0, 2)
    for pictures in ([symbol, known.pictures[0]], [known.pictures[0], symbol]):
        read = {result.crop.size: result.latex for result in doubting.recognize_many(pictures)}
        assert sorted(map(bool, read.values())) == [False, True] and min(read)
    assert doubting.recognize(symbol, alternatives=1).tokens


def test_a_doubt_that_there_is_a_formula_is_enough_to_say_nothing(reader, known):
    result = reader.recognize(known.pictures[0])
    assert result.tokens == known.labels[0] and result.warning != NO_FORMULA

    def doubt(weights):  # the first token stays the likeliest, eos comes second with more than NOTHING_ABOVE
        weights["head.weight"][:] = 0
        weights["head.bias"][:] = -20
        weights["head.bias"][reader.tokenizer.ids[known.labels[0][0]]] = 0.5
        weights["head.bias"][EOS] = 0

    doubting = changed(reader, doubt)
    result = doubting.recognize(known.pictures[0])
    assert (result.tokens, result.latex, result.warning, result.confidence) == ([], "", NO_FORMULA, 0)


def test_less_doubt_is_told_beside_what_was_read(reader, known, monkeypatch):
    assert reader.recognize(known.pictures[0]).warning is None
    monkeypatch.setattr(recognizer, "DOUBTFUL_ABOVE", 0)
    result = reader.recognize(known.pictures[0])
    assert result.warning == DOUBTFUL and result.tokens == known.labels[0]


def test_an_unsure_model_is_told(reader, known):
    result = changed(reader, temperature=20.0).recognize(known.pictures[0], careful=False)
    assert result.tokens == known.labels[0]
    assert result.warning == UNSURE and result.confidence < UNSURE_BELOW


def test_confidence_is_calibrated(reader, known):
    plain = reader.recognize(known.pictures[1]).confidence
    assert changed(reader, calibration=(1.0, -3.0)).recognize(known.pictures[1]).confidence < plain
    assert changed(reader, calibration=(0.0, 0.0)).recognize(known.pictures[1]).confidence == pytest.approx(0.5)


def calling_handwritten(reader, known, number):
    """Settings by which this of the known pictures is told to be handwritten, and no other."""
    found = [reader.engine.summary(reader.engine.encode(images.prepare(picture))) for picture in known.pictures]
    way = found[number] - np.mean([one for i, one in enumerate(found) if i != number], axis=0)
    odds = [float(one @ way) for one in found]
    between = (odds[number] + max(odd for i, odd in enumerate(odds) if i != number)) / 2
    return {"handwriting": (*(100 * way).tolist(), -100 * between)}  # far from every threshold


@pytest.mark.parametrize("models", [1, 2])
def test_print_in_doubt_is_read_at_three_sizes_sooner_where_a_second_model_chooses(reader, known, models):
    below = REREAD_BELOW[models - 1]
    limit = np.log(below / (1 - below))
    weights = {name: tensor.numpy() for name, tensor in overfit(backwards=True).model.state_dict().items()}

    def reading(odds):
        second = OnnxEngine(reader.config, weights) if models == 2 else None
        return Recognizer(changed(reader, calibration=(0.0, odds)).engine, backwards=second)

    unsure = reading(limit - 0.1)
    together = unsure.recognize_many(known.pictures)
    for picture, label, many in zip(known.pictures, known.labels, together, strict=True):
        one = unsure.recognize(picture)
        assert one.sizes == many.sizes == 3 and one.tokens == many.tokens == label
        assert one.confidence < below and unsure.recognize(picture, careful=False).sizes == 1
    assert reading(limit + 0.1).recognize(known.pictures[0]).sizes == 1


def test_a_picture_without_a_formula_is_not_read_again(reader):
    blank = np.full((50, 80), 255, np.uint8)
    assert changed(reader, calibration=(0.0, -0.1)).recognize(blank).sizes == 1


def test_handwriting_is_read_at_three_sizes_and_told_with_a_confidence_of_its_own(reader, known):
    told = calling_handwritten(reader, known, 1) | {"calibration_handwriting": (1.0, -1.0, 0.0, 0.0), **SURE}
    knowing = changed(reader, **told)
    results = knowing.recognize_many(known.pictures)
    assert [result.handwritten for result in results] == [i == 1 for i in range(len(known.pictures))]
    assert [result.sizes for result in results] == [3 if i == 1 else 1 for i in range(len(known.pictures))]
    alone = knowing.recognize(png(known.pictures[1]))
    once = knowing.recognize(known.pictures[1], careful=False)
    assert alone.tokens == results[1].tokens == once.tokens == known.labels[1]
    assert alone.confidence == pytest.approx(results[1].confidence, abs=1e-4)
    assert once.sizes == 1 and once.confidence < reader.recognize(known.pictures[1]).confidence


def test_handwriting_is_read_by_the_recognizer_for_it_and_print_is_not(reader, known):
    told = calling_handwritten(reader, known, 1) | SURE
    other = changed(reader, calibration=(1.0, -2.5))
    asked = []
    knowing = Recognizer(changed(reader, **told).engine, lambda: asked.append(1) or other)
    doubted = other.recognize(known.pictures[1]).confidence
    for careful, sizes in ((None, [1, 3]), (False, [1, 1]), (True, [3, 3])):
        print_, by_hand = knowing.recognize_many(known.pictures[:2], careful=careful)
        assert [print_.sizes, by_hand.sizes] == sizes and by_hand.handwritten and not print_.handwritten
        assert by_hand.confidence == pytest.approx(doubted, rel=0.2) and print_.confidence > 2 * doubted
        assert [print_.tokens, by_hand.tokens] == known.labels[:2]
    corrected = knowing.recognize(known.pictures[1], prefix=["f"])
    assert corrected.tokens[0] == "f" and corrected.handwritten and len(asked) == 4


def test_only_a_named_checkpoint_reads_handwriting(reader, tmp_path, monkeypatch):
    def told_by(name, **options):
        return Recognizer.from_pretrained(name, **options).handwriting

    assert told_by("math", handwriting=None) is None and told_by("handwriting") is None
    assert isinstance(told_by("biology")(), Recognizer)
    both = changed(reader, direction="both").engine
    weights = {name: tensor.numpy() for name, tensor in overfit().model.state_dict().items()}
    checkpoints.write(both.config, weights, tmp_path / "both", backwards=weights)
    monkeypatch.setenv("IMG2LATEX_HANDWRITING", str(tmp_path / "both"))
    assert told_by("math")().backwards and not reader.backwards
    monkeypatch.setenv("IMG2LATEX_HANDWRITING", str(tmp_path / "nowhere"))
    with pytest.raises(checkpoints.CheckpointError, match="no checkpoint folder"):
        told_by("math")()


# Options


def test_a_beam_reads_the_same_of_what_is_clear(reader, known):
    for picture, label in zip(known.pictures, known.labels, strict=True):
        result = reader.recognize(picture, beam_size=3)
        assert result.tokens == label and result.warning is None
        assert len(result.probabilities) == len(label)
        assert result.confidence == pytest.approx(reader.recognize(picture).confidence, abs=1e-4)


def test_reading_goes_on_behind_a_prefix(reader, known):
    assert reader.recognize(known.pictures[1], prefix=known.labels[1][:3]).tokens == known.labels[1]
    corrected = reader.recognize(known.pictures[1], prefix=["f"])
    assert corrected.tokens[0] == "f" and corrected.confidence < reader.recognize(known.pictures[1]).confidence


@pytest.mark.parametrize("options", [{"beam_size": 3}, {"careful": True}, {"beam_size": 2, "careful": True}])
def test_a_prefix_is_kept_by_a_beam_and_in_careful_mode(reader, known, options):
    label = known.labels[1]
    assert reader.recognize(known.pictures[1], prefix=label[:3], **options).tokens == label
    assert reader.recognize(known.pictures[1], prefix=["f", "="], **options).tokens[:2] == ["f", "="]


def test_who_says_that_nothing_comes_is_believed(reader):
    symbol = np.full((40, 40), 255, np.uint8)
    cv2.circle(symbol, (20, 20), 8, 0, 2)
    assert reader.recognize(symbol).tokens
    assert reader.recognize(symbol, prefix=["<eos>"]).tokens == []


def test_options_that_make_no_sense(reader, known):
    with pytest.raises(ValueError, match="beam_size"):
        reader.recognize(known.pictures[0], beam_size=0)
    with pytest.raises(ValueError, match=r"does not know the token \\omega"):
        reader.recognize(known.pictures[0], prefix=["x", r"\omega"])
    for prefix in (["<pad>"], ["x", "<unk>"], ["<eos>", "x"]):
        with pytest.raises(ValueError, match="no formula holds the tokens"):
            reader.recognize(known.pictures[0], prefix=prefix)


def test_bad_pictures(reader, known, tmp_path):
    with pytest.raises(loading.PictureError, match="no file"):
        reader.recognize(tmp_path / "none.png")
    with pytest.raises(loading.PictureError, match="not a picture"):
        reader.recognize_many([known.pictures[0], b"text"])


def test_twenty_formulas_as_the_pad_draws_them_are_read():
    reader, rng = Recognizer.from_pretrained("math", threads=1), np.random.default_rng(0)
    drawings = [
        looks.on_pad([np.array(points) * 60 for points in strokes], rng) for strokes in handwritten.FORMULAS.values()
    ]
    for told in (True, None):  # as the app does with its pad, and as a file
        results = reader.recognize_many(drawings, alternatives=1, attention=False, handwritten=told)
        wrong = {latex: r.latex for latex, r in zip(handwritten.FORMULAS, results, strict=True) if r.latex != latex}
        assert len(wrong) <= 2, wrong
        by_hand = sum(result.handwritten and result.sizes == 3 for result in results)
        assert by_hand == len(results) if told else by_hand > len(results) / 2
