"""Pictures: whatever form and size they come in, the model sees the same; what is no picture is told kindly."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from img2latex.data import pen
from img2latex.data.render import Look, render
from img2latex.picture import images, levelling, loading
from img2latex.picture.components import INK, connected
from img2latex.picture.images import MARGIN, MAX_HEIGHT, MAX_WIDTH, crop, pad, prepare
from img2latex.picture.loading import PictureError, load
from tests.odd_pictures import KINDS, SAME, encoded, png

FORMULAS = [
    r"\sum_{i=1}^{n}\frac{x_i^2}{\sqrt{1+y}}=\alpha",
    r"E=mc^2",
    r"\begin{pmatrix}a&b\\c&d\end{pmatrix}^{-1}=\frac{1}{ad-bc}\begin{pmatrix}d&-b\\-c&a\end{pmatrix}",
    r"\lim_{n\to\infty}\left(1+\frac1n\right)^n=e",
    r"\mathrm{C}_6\mathrm{H}_{12}\mathrm{O}_6+6\mathrm{O}_2\rightarrow 6\mathrm{CO}_2+6\mathrm{H}_2\mathrm{O}",
    r"f(x)=\begin{cases}1&x>0\\0&\text{otherwise}\end{cases}",
]


@pytest.fixture(scope="module")
def formulas():
    """Each formula as LaTeX prints it at 200 dpi."""
    return render(FORMULAS, Look(dpi=200))


def test_a_folder_is_searched_for_every_kind_of_picture_that_can_be_read():
    Image.init()
    kinds = {suffix: Image.registered_extensions().get(suffix) for suffix in loading.SUFFIXES}
    assert {suffix: kind for suffix, kind in kinds.items() if kind not in loading.FORMATS} == {}
    assert set(loading.FORMATS) - {"DIB"} <= set(kinds.values())


def difference(one, other):
    """Mean difference of two pictures of nearly the same size, in grey levels."""
    return np.abs(cv2.resize(one, other.shape[::-1], interpolation=cv2.INTER_AREA).astype(int) - other).mean()


def in_bad_light(grey, rng):
    """On grey paper, lit from one side, with the edge of a shadow and grain: readable, but no two corners alike."""
    height, width = grey.shape
    light = np.linspace(0.95, 0.5, width)[None] * np.linspace(1, 0.8, height)[:, None]
    light = light * np.where(np.arange(width) > 0.7 * width, 0.5, 1)[None]
    return (grey.clip(60, 230) * cv2.GaussianBlur(light, (0, 0), 9) + rng.normal(0, 4, grey.shape)).clip(0, 255)


# Every form


def test_bad_light_leaves_the_formula_as_it_is(formulas):
    rng = np.random.default_rng(1)
    for grey in formulas:
        seen, plain = prepare(in_bad_light(grey, rng).astype(np.uint8)), prepare(png(grey))
        assert seen.shape == pytest.approx(plain.shape, rel=0.2)
        assert difference(seen, plain) < 30


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_looks_the_same_to_the_model(kind, formulas):
    for grey in formulas[:3]:
        seen, plain = prepare(KINDS[kind](grey)), prepare(png(grey))
        assert seen.dtype == np.uint8
        if kind in SAME:
            assert seen.shape == pytest.approx(plain.shape, abs=1) and difference(seen, plain) < 1
        else:  # the edges of strokes have moved: other pixels, the same letters (test_recognizer.py reads them)
            assert seen.shape == pytest.approx(plain.shape, rel=0.18)
            assert seen.mean() == pytest.approx(plain.mean(), abs=10)


def test_files_of_all_sorts(formulas, tmp_path):
    path = tmp_path / "formula.PNG"
    path.write_bytes(png(formulas[0]))
    with path.open("rb") as file:
        content = path.read_bytes()
        for given in (path, str(path), content, bytearray(content), io.BytesIO(content), file):
            assert np.array_equal(load(given), formulas[0])


def test_the_picture_handed_over_stays_as_it_is(formulas):
    grey = formulas[0].copy()
    image = Image.fromarray(grey.copy())
    prepare(grey), prepare(image)
    assert np.array_equal(grey, formulas[0]) and np.array_equal(np.asarray(image), formulas[0])


def test_colours_are_weighed_as_eyes_do():
    pure = 255 * np.eye(3, dtype=np.uint8)[None]  # a red, a green, a blue pixel
    assert load(pure)[0].tolist() == pytest.approx([0.299 * 255, 0.587 * 255, 0.114 * 255], abs=1)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int32, np.uint16, np.int64, bool])
def test_a_mask_of_any_kind_of_integers_is_a_picture(kind, formulas):
    mask = formulas[0] > 127
    seen = prepare(mask.astype(kind))
    assert np.array_equal(seen, prepare(np.where(mask, 255, 0).astype(np.uint8))) and (seen < INK).any()


# Size


@pytest.mark.parametrize("percent", [50, 75, 150, 200, 300])
def test_size_of_a_screenshot_does_not_matter(percent, formulas):
    for grey in formulas:
        smooth = cv2.INTER_AREA if percent < 100 else cv2.INTER_CUBIC
        resized = cv2.resize(grey, None, fx=percent / 100, fy=percent / 100, interpolation=smooth)
        assert prepare(resized).shape == pytest.approx(prepare(grey).shape, rel=0.18, abs=2)


@pytest.mark.parametrize("dpi", [150, 240, 300])
def test_resolution_of_a_print_does_not_matter(dpi, formulas):
    for grey, printed in zip(formulas, render(FORMULAS, Look(dpi=dpi)), strict=True):
        assert prepare(printed).shape == pytest.approx(prepare(grey).shape, rel=0.18, abs=2)


def letters(seen):
    """Height in px of a typical letter of what the model sees."""
    return crop(seen).letter_height


def test_letters_get_their_height(formulas):
    for grey in formulas:
        for height in (12.0, 24.0):
            told = crop(grey, height).letter_height
            assert letters(prepare(grey, height)) == pytest.approx(height * larger(grey, told), rel=0.25)
        assert prepare(grey, 24.0).shape == pytest.approx(np.multiply(prepare(grey, 12.0).shape, 2), rel=0.1)


def larger(grey, letter_height):
    """How much larger its letters are for being few."""
    rows, columns = np.where(grey < INK)
    area = (np.ptp(rows) + 3) * (np.ptp(columns) + 3) / letter_height**2
    return np.clip((55 / area) ** 0.5, 1, images.LARGER)


def test_a_short_formula_gets_larger_letters():
    texts = ["xm", "xm" * 8, "xm" * 16]
    for dpi in (150, 300):
        short, middle, long = (letters(prepare(grey, 20)) for grey in render(texts, Look(dpi=dpi)))
        assert short == pytest.approx(29, rel=0.1) and long == pytest.approx(20, rel=0.15)
        assert long < middle < short


@pytest.mark.parametrize("nib", [2, 3, 5])
def test_a_thin_pen_does_not_make_letters_small(nib):
    slant = np.linspace((0, 80), (40, 0), 9)
    strokes = [slant, slant * (-1, 1) + (160, 0), np.linspace((60, 40), (100, 50), 5)]
    thick, thin = (crop(pen.draw(strokes, pen.Look(letter=80, pen_width=width))).letter_height for width in (8, nib))
    assert thin == pytest.approx(thick, rel=0.15)


def test_integrals_do_not_make_letters_small():
    formula = r"@ v\cdot\mu\partial_i u_z=@ \partial_i v\cdot 2\mu\varepsilon_{iz}^v+@ v\cdot\mu n_i\partial_i u_z"
    texts = [formula.replace("@", sign) for sign in ("", r"\int_\Omega")]
    plain, tall = render(texts, Look(dpi=200, display=True))
    assert crop(tall).letter_height == pytest.approx(crop(plain).letter_height, rel=0.12)


@pytest.mark.parametrize("dpi", [100, 220])
@pytest.mark.parametrize("digits", ["11011101", r"\begin{pmatrix}1&1\\1&1\end{pmatrix}", r"\left(\frac{1}{11}\right)"])
def test_ones_are_as_high_as_digits(digits, dpi):
    (grey,) = render([digits], Look(dpi=dpi))
    assert crop(grey).letter_height == pytest.approx(6.44 / 72.27 * dpi, rel=0.25)  # pt, a digit of Computer Modern


@pytest.mark.parametrize("nib", [3, 6])
def test_one_large_letter_does_not_make_its_indices_small(nib):
    capital = [np.linspace((0, 0), (0, 300), 9), np.linspace((160, 0), (160, 300), 9), np.array([(0, 150), (160, 150)])]
    turns = np.linspace(0, 2 * np.pi, 40)
    indices = [np.column_stack([230 + 110 * i + 40 * np.cos(turns), 300 + 40 * np.sin(turns)]) for i in range(3)]
    grey = pen.draw([*capital, *indices], pen.Look(letter=150, pen_width=nib))
    assert crop(grey).letter_height == pytest.approx(80 / 340 * np.ptp(np.where(grey < INK)[0]), rel=0.2)


def test_a_letter_cut_close_keeps_its_shape(formulas):
    letter = render([r"\mathbf{D}"], Look(dpi=80))[0]
    rows, columns = np.where(letter < 128)
    close = letter[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    height = 12 / images.LARGER  # px, of letters of 12 px, as it is alone
    seen, plain = prepare(close, height), prepare(letter, height)
    assert min(close.shape) < 20 and seen.shape == pytest.approx(plain.shape, rel=0.25)
    assert difference(seen, plain) < 40


def test_the_height_of_letters_is_told_as_handed_over(formulas):
    once = crop(formulas[1]).letter_height
    assert 12 < once < 30  # 10 point at 200 dpi: a capital has 19 px, an x 12
    twice = crop(cv2.resize(formulas[1], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)).letter_height
    assert twice == pytest.approx(2 * once, rel=0.05)


def test_preparing_twice_changes_little(formulas):
    for grey in formulas:
        assert prepare(prepare(grey)).shape == pytest.approx(prepare(grey).shape, rel=0.2, abs=2)


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (2, 2), (3, 9000), (5000, 4), (37, 41), (64, 2000)])
def test_any_shape_comes_out_bounded(shape):
    rng = np.random.default_rng(0)
    for grey in (
        rng.integers(0, 256, shape).astype(np.uint8),
        np.where(rng.random(shape) < 0.02, 0, 255).astype(np.uint8),
        np.where(rng.random(shape) < 0.98, 0, 255).astype(np.uint8),
    ):
        seen = prepare(grey)
        assert 2 * MARGIN <= seen.shape[0] <= MAX_HEIGHT and 2 * MARGIN <= seen.shape[1] <= MAX_WIDTH


def test_a_very_long_formula_is_bounded():
    (grey,) = render(["+".join(f"x_{{{i}}}" for i in range(40))], Look(dpi=100))
    seen = prepare(np.hstack([grey, grey, grey]))
    assert seen.shape[1] <= MAX_WIDTH
    assert (seen < INK).any()


def test_what_is_far_larger_than_the_screen_is_shrunk_first(formulas):
    grey = cv2.resize(formulas[1], None, fx=18, fy=18, interpolation=cv2.INTER_LINEAR)
    assert max(grey.shape) > 2 * levelling.MAX_SIDE / 3
    assert prepare(grey).shape == pytest.approx(prepare(formulas[1]).shape, rel=0.15)


# Crop, paper, blank


def test_the_crop_is_the_ink_and_a_margin(formulas):
    for grey in formulas:
        seen = prepare(np.pad(grey, 40, constant_values=255))
        frame = np.ones(seen.shape, bool)
        frame[MARGIN:-MARGIN, MARGIN:-MARGIN] = False
        assert (seen[frame] == 255).all()
        rows, columns = np.nonzero(seen < 200)
        assert rows.min() <= 2 * MARGIN and columns.min() <= 2 * MARGIN
        assert rows.max() >= seen.shape[0] - 1 - 2 * MARGIN and columns.max() >= seen.shape[1] - 1 - 2 * MARGIN


def test_ink_is_black_and_paper_white(formulas):
    for kind in ("pale ink", "uneven paper", "noise", "dark, not black"):
        seen = prepare(KINDS[kind](formulas[0]))
        assert seen.min() < 40 and np.median(seen) == 255


def test_dust_does_not_move_the_crop(formulas):
    large = cv2.resize(formulas[0], None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    page = np.pad(large, 60, constant_values=255)
    page[3:5, 5:7] = page[-4:-2, -9] = 60
    assert prepare(page).shape == prepare(large).shape


@pytest.mark.parametrize(
    "blank",
    [
        np.full((40, 60), 255, np.uint8), np.zeros((40, 60), np.uint8), np.full((40, 60, 3), 130, np.uint8),
        np.zeros((40, 60, 4), np.uint8), np.ones((5, 5)), np.zeros((5, 5), bool), np.full((1, 1), 77, np.uint8),
        np.full((300, 400), 240, np.uint8) + np.arange(300, dtype=np.uint8)[:, None] // 25,
    ],
)  # fmt: skip
def test_blank_stays_blank(blank):
    seen = crop(blank)
    assert seen.blank
    assert seen.picture.shape == (2 * MARGIN, 2 * MARGIN) and (seen.picture == 255).all()


def test_a_written_page_is_not_blank(formulas):
    assert not crop(formulas[0]).blank
    dot = np.full((50, 50), 255, np.uint8)
    dot[20:24, 20:24] = 0
    assert not crop(dot).blank


# Batches


def test_pad():
    pictures = [np.zeros((20, 33), np.uint8), np.full((7, 16), 9, np.uint8)]
    batch, sizes = pad(pictures)
    assert batch.shape == (2, 32, 48) and batch.dtype == np.uint8
    assert sizes.tolist() == [[20, 33], [7, 16]] and sizes.dtype == np.int64
    for row, picture in zip(batch, pictures, strict=True):
        height, width = picture.shape
        assert np.array_equal(row[:height, :width], picture)
        assert (row[height:] == 255).all() and (row[:, width:] == 255).all()


def test_pad_adds_nothing_where_nothing_is_needed():
    assert pad([np.zeros((32, 48), np.uint8)])[0].shape == (1, 32, 48)
    assert pad([np.zeros((33, 48), np.uint8)], multiple=8)[0].shape == (1, 40, 48)


# What is no picture


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_size(width, height):
    """A PNG whose header tells a size, with hardly any data behind it."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def complaint(picture):
    with pytest.raises(PictureError) as caught:
        prepare(picture)
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 200, text
    return text


GOOD = png(np.tile(np.arange(0, 256, 2, dtype=np.uint8), (64, 1)))
JPEG = encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)), "JPEG")


@pytest.mark.parametrize(
    "content, told",
    [
        (b"", "is not a picture"),
        (b"just text", "is not a picture"),
        (b"\x89PNG\r\n\x1a\n", "is not a picture"),
        (GOOD[: len(GOOD) // 2], "damaged"),
        (GOOD[:-30], "damaged"),
        (JPEG[:-400], "damaged"),
        (png_of_size(64, 64), "damaged"),
        (png_of_size(9000, 9000), "too large"),
        (png_of_size(100_000, 100_000), "too large"),
        (png_of_size(0, 10), ""),
        (b"%PDF-1.4\n%%EOF", "is not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture"),
    ],
)
def test_files_that_are_no_pictures(content, told, tmp_path):
    path = tmp_path / "formula.png"
    path.write_bytes(content)
    assert told in complaint(path)
    assert told in complaint(content)


def test_fourteen_thousand_pixels_squared_are_refused_before_they_are_decoded():
    page = encoded(Image.new("1", (14_000, 14_000), 1))
    assert len(page) < 100_000
    assert "too large" in complaint(page)
    assert "too large" in complaint(np.broadcast_to(np.uint8(255), (14_000, 14_000)))


def test_a_missing_file_and_a_folder_are_told_by_name(tmp_path):
    assert complaint(tmp_path / "none.png") == "There is no file none.png."
    assert "is a folder" in complaint(tmp_path)


@pytest.mark.parametrize(
    "array, told",
    [
        (np.zeros((0, 5)), "shape (0, 5)"),
        (np.zeros(5), "shape (5,)"),
        (np.zeros((5, 5, 5)), "shape (5, 5, 5)"),
        (np.zeros((2, 5, 5, 3)), "not a picture"),
        (np.array([[0.0, np.nan]]), "not numbers"),
        (np.array([[0.0, np.inf]]), "not numbers"),
    ],
)
def test_arrays_that_are_no_pictures(array, told):
    assert told in complaint(array)


@pytest.mark.parametrize("thing", [None, 5, [[0, 255]], object()])
def test_things_that_are_no_pictures(thing):
    complaint(thing)


def test_a_faint_bar_at_the_edge_is_part_of_the_formula_and_a_faint_speck_is_not():
    page = np.full((40, 120), 255, np.uint8)
    for left in (40, 52, 64, 76):
        cv2.rectangle(page, (left, 15), (left + 6, 24), 0, 2)
    plain = crop(page, 16)
    for row, height, seen in ((12, 14, True), (18, 2, False)):
        marked = page.copy()
        marked[row : row + height, 30] = 140  # a stroke of one column, grey all over
        found = crop(marked, 16)
        assert found.letter_height == pytest.approx(plain.letter_height, rel=0.05)
        assert (found.picture.shape[1] > plain.picture.shape[1] + 5) == seen


@pytest.mark.parametrize("dpi", [80, 100, 110, 160, 220])
def test_a_comma_at_the_edge_keeps_its_tail(dpi):
    commas, stops = (crop(grey).picture for grey in render(["1,1,1,1", "1.1.1.1"], Look(dpi=dpi, size=12)))
    tail = np.flatnonzero(commas.min(axis=1) < 220).max() - np.flatnonzero(stops.min(axis=1) < 220).max()
    assert tail >= 0.12 * images.LETTER_HEIGHT  # it hangs by a fifth of the height of a digit


def test_grey_far_below_a_letter_is_none_of_it():
    page = np.full((120, 160), 255, np.uint8)
    cv2.putText(page, "abcde", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2)
    plain = crop(page).picture.shape
    page[40:110, 60] = 200  # a scratch from a letter's foot down
    assert crop(page).picture.shape[0] <= 1.4 * plain[0]


@pytest.mark.parametrize("dpi", [80, 90, 120])
@pytest.mark.parametrize("formula", [
    r"\begin{array}{|c|c|c|c|}\hline x&-1&0&1\\ \hline P&0.2&0.3&0.5\\ \hline\end{array}",
    r"\begin{array}{|c|c|c|}\hline x&1&2\\ \hline y&3&4\\ \hline\end{array}",
    r"\sqrt{a+b+c+\sqrt{d}}",
])  # fmt: skip
def test_lines_around_letters_do_not_make_them_large_or_small(formula, dpi):
    (grey,) = render([formula], Look(dpi=dpi))
    assert crop(grey).letter_height == pytest.approx(6.44 / 72.27 * dpi, rel=0.2)


def test_a_minus_sign_between_two_rows_of_pixels_is_part_of_the_formula():
    page = np.full((40, 120), 255, np.uint8)
    for left in (40, 52, 64):
        cv2.rectangle(page, (left, 15), (left + 6, 24), 0, 2)
    plain = crop(page, 16).picture
    page[18:20, 76:84] = 191  # a quarter of the ink in each row
    seen = crop(page, 16).picture
    assert seen.shape[1] > plain.shape[1] + 8
    page[18:20, 76:84] = 255
    page[18:20, 110:118] = 191  # two letters further on
    assert crop(page, 16).picture.shape == plain.shape


def test_a_faint_pencil_on_squared_paper_has_its_letters_measured():
    page = np.full((600, 500), 255, np.uint8)
    page[::25], page[:, ::25] = 205, 205
    for y in (105, 230, 390):
        cv2.putText(page, "x + ab = 25", (60, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 165, 2, cv2.LINE_AA)
    clean, components, height = images.letters(page)
    assert 8 < height < 30 and len(components) > 20
    assert (clean[420:] == 255).all()


def test_letters_whose_strokes_are_in_pieces_are_measured_whole():
    """As the squares of paper leave them where they are taken out of a pencil's strokes."""
    (drawn,) = render([r"a^2+b^2=c^2-2ab\cos x"], Look(size=12, dpi=400))
    whole = np.pad(drawn, 40, constant_values=255)
    squares = np.random.default_rng(0).random((whole.shape[0] // 5, whole.shape[1] // 5)).astype(np.float32)
    holes = cv2.resize(squares, whole.shape[::-1], interpolation=cv2.INTER_NEAREST) < 0.5
    pieces = np.where(holes, np.uint8(255), whole)
    expected, found = (images.letters(np.tile(row, (4, 1)))[2] for row in (whole, pieces))
    assert 0.5 * expected < found < 2 * expected


def test_only_what_is_most_of_a_page_is_its_squares():
    page = np.full((600, 500), 255, np.uint8)
    for y in range(60, 590, 50):
        cv2.putText(page, "x + ab = 25 - 3cd", (60, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 2, cv2.LINE_AA)
    squared, framed = page.copy(), page.copy()
    squared[::15], squared[:, ::15] = 0, 0
    cv2.rectangle(framed, (20, 15), (480, 590), 0, 2)
    told = [images.is_squared(connected(each), each.shape) for each in (page, squared, framed)]
    assert told == [False, True, False]
    assert images.letters(framed)[1][:, 3].max() > 500  # a frame stays, and letters are measured as without it
    assert images.letters(framed)[2] == pytest.approx(images.letters(page)[2], rel=0.2)
