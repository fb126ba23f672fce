"""The whole way from a picture to LaTeX, with a small model that knows eight formulas by heart."""

import numpy as np
import pytest
from PIL import Image

from img2latex import Recognizer, checkpoints
from img2latex.latex import beautify, normalize, problem
from img2latex.recognizer import BLANK
from tests.overfit import FORMULAS, overfit


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """Saved as a checkpoint and loaded again, as everybody gets it."""
    folder = tmp_path_factory.mktemp("overfit")
    checkpoints.save(overfit().model, folder)
    return Recognizer.from_pretrained(folder)


def test_eight_formulas_are_learned_exactly(reader):
    results = reader.recognize_many(overfit().pictures, batch_size=3)
    assert [r.tokens for r in results] == overfit().labels
    assert [normalize(r.latex) for r in results] == [normalize(f) for f in FORMULAS]
    assert all(r.warning is None and r.confidence > 0.5 for r in results)


def test_a_recognition_tells_what_the_model_saw_and_thought(reader):
    result = reader.recognize(overfit().pictures[1], alternatives=3)
    assert result.latex == beautify(FORMULAS[1]) and problem(result.latex) is None
    assert len(result.tokens) == len(result.probabilities) == len(result.alternatives) == len(result.attention)
    assert all(len(rivals) == 3 for rivals in result.alternatives)
    assert [rivals[0][0] for rivals in result.alternatives] == result.tokens
    cells = tuple(-(-side // 16) for side in result.crop.size[::-1])
    assert all(looked.shape == cells and looked.sum() == pytest.approx(1, abs=1e-3) for looked in result.attention)


def test_beam_search_reads_the_same(reader):
    assert reader.recognize(overfit().pictures[0], beam_size=3).tokens == overfit().labels[0]


@pytest.mark.parametrize("scale", [0.75, 1.5, 2.0])
def test_a_resized_picture_reads_the_same(reader, scale):
    picture = Image.fromarray(overfit().pictures[1])
    resized = picture.resize([round(side * scale) for side in picture.size], Image.Resampling.LANCZOS)
    assert reader.recognize(resized).tokens == overfit().labels[1]


def test_other_kinds_of_picture_read_the_same(reader, tmp_path):
    plain = Image.fromarray(overfit().pictures[1])
    transparent = Image.new("RGBA", plain.size, (0, 0, 0, 0))
    transparent.putalpha(Image.fromarray(255 - np.array(plain)))
    kinds = {
        "dark": Image.fromarray(255 - np.array(plain)),
        "transparent": transparent,
        "palette": plain.convert("P"),
        "16 bits": Image.fromarray(np.array(plain).astype(np.uint16) * 257),
        "cmyk": plain.convert("CMYK"),
    }
    for kind, picture in kinds.items():
        assert reader.recognize(picture).tokens == overfit().labels[1], kind
    plain.save(tmp_path / "photo.jpg", quality=60)
    assert reader.recognize(tmp_path / "photo.jpg").tokens == overfit().labels[1]


def test_a_prefix_is_read_on_from(reader):
    label = overfit().labels[0]
    assert reader.recognize(overfit().pictures[0], prefix=label[:4]).tokens == label
    with pytest.raises(ValueError, match=r"does not know the token \\zeta"):
        reader.recognize(overfit().pictures[0], prefix=[r"\zeta"])


def test_a_blank_picture_gives_no_latex(reader):
    result = reader.recognize(Image.new("RGB", (200, 80), "white"))
    assert (result.latex, result.tokens, result.confidence, result.warning) == ("", [], 0.0, BLANK)
