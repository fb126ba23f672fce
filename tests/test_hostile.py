"""Hostile input: files, arrays, LaTeX and label folders that lie, bomb or make no sense get one sentence at most."""

import io
import re
import struct
import subprocess
import sys
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, PngImagePlugin

from img2latex.data import prepare
from img2latex.data.shards import Shard, ShardError
from img2latex.latex import LatexError, beautify, normalize, problem, repair, to_katex
from img2latex.latex.tokens import Tokenizer, build_vocab, tokenize
from img2latex.picture.images import MAX_HEIGHT, MAX_WIDTH, crop
from img2latex.picture.loading import PictureError
from tests.odd_pictures import encoded

ROOT = Path(__file__).resolve().parent.parent
fuzz = settings(deadline=None, derandomize=True, max_examples=150)


def is_a_kind_sentence(text):
    return text.endswith(".") and not text.endswith("..") and text.isprintable() and 10 < len(text) < 200


def seen(picture):
    """What `crop` makes of it: None if it was refused in one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata
            result = crop(picture)
    except PictureError as error:
        assert is_a_kind_sentence(str(error)), str(error)
        return None
    assert result.picture.dtype == np.uint8 and result.letter_height >= 0
    assert result.picture.shape[0] <= MAX_HEIGHT and result.picture.shape[1] <= MAX_WIDTH
    return result


# Files ----------------------------------------------------------------------------------------------------------------


def letter(size=(60, 40)):
    """An L on paper, as uint8 HxW."""
    grey = np.full(size, 255, np.uint8)
    grey[10:30, 10:13] = grey[27:30, 10:24] = 0
    return grey


def png(width, height, pixels, color=0, depth=8, extra=b""):
    """A PNG of any header and any content; `color` 0 is grey, 6 RGBA."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(pixels, 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + body + chunk(b"IEND", b"")


def text_bomb():
    """A PNG whose comment unpacks to 100 MB."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "x" * 100_000_000, zip=True)
    return encoded(Image.fromarray(letter()), pnginfo=info)


def zipped(name, content=b"x"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<image xlink:href="file:///etc/passwd"/><image xlink:href="http://127.0.0.1:9/x.png"/></svg>"""
ENTITIES = b"""<!DOCTYPE s [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
<svg xmlns="http://www.w3.org/2000/svg"><text>&b;&c;</text></svg>"""
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 60\n(/etc/passwd) (r) file\n%%EOF\n"

NO_PICTURES = {
    "text": b"E = mc^2\n" * 50,
    "HTML": b"<!DOCTYPE html><html><img src='x.png'></html>",
    "SVG with external references": SVG,
    "SVG with entities": ENTITIES,
    "EPS, a program for Ghostscript": EPS,
    "PDF": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF",
    "zip with ..": zipped("../../etc/cron.d/x"),
    "zip bomb": zipped("formula.png", bytes(50_000_000)),
    "null bytes": bytes(5000),
    "a gzip": zlib.compress(bytes(5000)),
    "PNG signature only": b"\x89PNG\r\n\x1a\n",
}
REFUSED = NO_PICTURES | {
    "100,000 pixels squared, says the header": png(100_000, 100_000, b"\0" * 100),
    "larger than memory, says the header": png(2**31 - 1, 2**31 - 1, b"\0" * 100),
    "no pixels, says the header": png(0, 0, b""),
    "rows of noise for zlib": png(60, 40, b"").replace(b"IDAT", b"IDAT\xff\xff"),
    "text bomb": text_bomb(),
    "BMP of a huge size": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, 60000, -60000, 1, 32, *[0] * 6),
    "GIF cut short": encoded(Image.fromarray(letter()), "GIF")[:40],
    "TIFF whose directory points at itself": b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
    "TIFF of values that are no numbers": encoded(Image.fromarray(np.full((9, 9), np.nan, np.float32)), "TIFF"),
}
READ = {
    "fewer rows than the header says": png(60, 40, bytes(61 * 10)),
    "more rows than the header says": png(60, 40, bytes(61 * 400)),
    "one pixel": png(1, 1, b"\0\0"),
    "one row of 20,000": encoded(Image.fromarray(np.arange(20_000, dtype=np.uint64).astype(np.uint8)[None])),
    "one column of 20,000": encoded(Image.fromarray(np.arange(20_000, dtype=np.uint64).astype(np.uint8)[:, None])),
    "a dot on 20,000 columns": encoded(Image.fromarray(np.r_[[0, 0], np.full(19_998, 255)].astype(np.uint8)[None])),
    "all transparent": encoded(Image.new("RGBA", (60, 40))),
    "all transparent, noise below": encoded(
        Image.fromarray(np.dstack([np.random.default_rng(0).integers(0, 255, (40, 60, 3)), np.zeros((40, 60))])
                        .astype(np.uint8))),
    "orientation that does not exist": encoded(Image.fromarray(letter()), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0"
                                               b"\x12\x01\x03\0\x01\0\0\0\x63\0\0\0\0\0\0\0"),
    "metadata that is damaged": encoded(Image.fromarray(letter()), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"),
    "3,000 frames": encoded(Image.new("L", (8, 8)), "GIF", save_all=True,
                            append_images=[Image.new("L", (8, 8), i % 251) for i in range(1, 3000)]),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_files_that_are_refused(kind, tmp_path):
    path = tmp_path / "formula.png"
    path.write_bytes(REFUSED[kind])
    for given_as in (path, REFUSED[kind]):
        with pytest.raises(PictureError) as caught:
            crop(given_as)
        assert is_a_kind_sentence(str(caught.value)), str(caught.value)
        assert str(tmp_path) not in str(caught.value)
        assert "not a picture" in str(caught.value) or kind not in NO_PICTURES


@pytest.mark.parametrize("kind", READ)
def test_files_that_are_read_all_the_same(kind):
    assert seen(READ[kind]) is not None


BOMBS = """
import re, sys
from img2latex.picture.images import crop
from img2latex.picture.loading import PictureError
for path in sys.argv[1:]:
    try:
        crop(path)
    except PictureError:
        pass
# MB; not ru_maxrss, which begins with what the process that started this one had
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


def test_bombs_fill_no_memory(tmp_path):
    """A few hundred kilobytes that unpack to the most pixels that are read, and to more than that."""
    side = 7000
    bombs = {
        "transparent": png(side, side, bytes(side * (4 * side + 1)), color=6),
        "deep": png(side, side, bytes(side * (2 * side + 1)), depth=16),
        "flat": png(side, side, bytes(side * (side // 8 + 1)), depth=1),
        "too large": png(4 * side, 4 * side, bytes(10**8)),
        "text": text_bomb(),
    }
    for name, content in bombs.items():
        assert len(content) < 2**20
        (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-c", BOMBS, *map(str, sorted(tmp_path.iterdir()))]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stderr == ""
    assert int(run.stdout) < 1000, "20 bytes for each of 49 million pixels"


@pytest.mark.parametrize(
    "path", ["", ".", "/", "no\nsuch\x1b[31m.png", "nul\0.png", "x" * 5000, "caf\udce9.png", "../../none.png"]
)
def test_paths_that_make_no_sense(path):
    assert seen(path) is None


SEEDS = [
    encoded(Image.fromarray(letter()), kind, **options)
    for kind, options in [("PNG", {}), ("JPEG", {}), ("GIF", {}), ("BMP", {}), ("TIFF", {}), ("WEBP", {}), ("AVIF", {}),
                          ("TIFF", {"compression": "tiff_lzw"}), ("PPM", {}), ("ICO", {"sizes": [(32, 32)]})]
]  # fmt: skip
spots = st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6)


@fuzz
@given(st.sampled_from(SEEDS), spots, st.floats(0, 2))
def test_files_with_wrong_bytes(content, changes, length):
    damaged = bytearray(content)
    for place, data in changes:
        start = int(place * len(damaged))
        damaged[start : start + len(data)] = data
    seen(bytes(damaged[: int(length * len(damaged))]))


@fuzz
@given(st.sampled_from([seed[:16] for seed in SEEDS] + [b""]), st.binary(max_size=200))
def test_files_that_only_begin_like_pictures(start, rest):
    seen(start + rest)


# Arrays ---------------------------------------------------------------------------------------------------------------


@fuzz
@given(
    st.one_of(arrays.scalar_dtypes(), st.sampled_from([np.dtype(object), np.dtype("float128"), np.dtype("u1,f4")]))
    .flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=12)
                                        if kind.kind not in "OV" else (3, 3)))
)  # fmt: skip
@example(np.array([[16], [0], [0], [0]], np.int8))  # OpenCV takes a column of four for a scalar
@example(np.array([[21], [0]], np.int8))
def test_arrays_of_anything(array):
    with np.errstate(all="raise"):
        seen(array)


@fuzz
@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=2, min_side=4, max_side=40)), st.data())
def test_what_memory_looks_like_does_not_matter(array, data):
    """Negative strides, broadcasts, transposed and read-only: the same picture as a plain copy of it."""
    steps = st.sampled_from([1, 2, 3, -1, -2, -3])
    strange = array[:: data.draw(steps), :: data.draw(steps)]
    strange = strange.T if data.draw(st.booleans()) else strange
    strange.flags.writeable = False
    assert np.array_equal(crop(strange).picture, crop(strange.copy()).picture)


@pytest.mark.parametrize(
    "array",
    [
        letter().view(np.matrix), np.ma.masked_array(letter(), letter() == 3), letter().astype(">i8"),
        letter().astype(np.float16), letter() / 255, np.asfortranarray(letter()), letter() * 1e300,
        np.broadcast_to(letter()[..., None], (60, 40, 3)),
    ],
)  # fmt: skip
def test_arrays_in_odd_clothes(array):
    assert np.array_equal(crop(array).picture, crop(letter()).picture)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_a_single_value_that_is_no_number(value, kind):
    array = letter().astype(kind)
    array[7, 7] = value
    with pytest.raises(PictureError, match="not numbers"):
        crop(array)


# LaTeX and tokens -----------------------------------------------------------------------------------------------------

PIECES = r"""
\ce \ce{ -> <=> ->[ ^2+ _2 H2O (aq) . - + = # \text \mbox $ { } [ ] ( ) | \| \\ \\* \\[ & ~ ' '' ^ _ \sp \sb \over \atop
\above \brace \choose \left \right \middle \left. \big \hline \cline \kern \hskip \mskip 3pt 2em -1. true \textwidth
\begin{array} \begin{array}{ \begin{array}{c|c} \end{array} {*{99}{c}} @{x} \begin{cases} \end{cases} \begin{alignat}
\end{alignat} \begin{IEEEeqnarray} \end{IEEEeqnarray} \begin{rcases} \end{rcases} \begin{psmallmatrix}
\end{psmallmatrix} \begin{equation} \end{equation} \begin \end \matrix \eqalign \substack \buildrel \stackrel \overset
\not \not= \pmod \pod \sqrt \sqrt[ \frac \xrightarrow \xrightarrow[ \hat \underbrace \mathrm \mathbf \rm \bf \cal
\boldsymbol \operatorname* \color \textcolor \phantom \hspace* \tag \label \penalty 10000 \vcenter \smash \lefteqn %
\degree \R \Reals \mathbb{R} \iff \dots ... , ; : ! ? x y 1 2 \alpha \Gamma \sin \lim \infty \int \sum \langle \rangle
\limits \displaystyle \def \input \, \; \  \- * / @ # ` " π 速 \ud800
""".split() + [" ", "\n", "\t", "\u2028", "\x0b", "\0", "\\", "\\\n", "\ud800"]
formulas = st.builds(
    lambda pieces, space: space.join(pieces), st.lists(st.sampled_from(PIECES), max_size=25), st.sampled_from(["", " "])
)


@settings(fuzz, max_examples=600)
@given(formulas)
def test_latex_is_read_or_refused_in_one_sentence(latex):
    why = problem(latex)
    if why is None:
        label = normalize(latex)
        assert normalize(label) == label
        assert problem(beautify(latex)) is None and to_katex(latex)
    else:
        assert why and "\n" not in why and len(why) < 200
        for function in (normalize, beautify, to_katex):
            if not why.endswith("KaTeX can show"):  # that can be read
                with pytest.raises(LatexError):
                    function(latex)


@settings(fuzz, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_what_a_model_might_say_is_repaired(tokens):
    repaired = " ".join(repair(tokens))
    assert not repaired or normalize(repaired) == repaired


RUNS = [" " * 50_000, "\n" * 50_000, "1" * 1000, "{}" * 500, "[" * 1000, "(a)" * 300]
COMMANDS = [
    r"\kern", r"\hskip -1", r"\begin{matrix}a\\[", r"\begin{aligned}[", r"\\[", r"\begin", r"\begin{array}{", "a%",
    r"\begin{array}{*{", r"\begin{array}{p{", r"\penalty", r"\sqrt[", r"\not", r"\left", r"\text{", r"\ce{", r"\ce{A->",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_long_run_behind_any_command_comes_to_an_end(command):
    """A pattern that can split a run of spaces in two or three ways would need years."""
    for run in RUNS:
        for end in ("x", r"]x\end{matrix}"):
            why = problem(command + run + end)
            assert why is None or "\n" not in why


@fuzz
@given(st.one_of(st.text(max_size=80), formulas))
def test_tokens_survive_numbers(text):
    tokens = tokenize(text)
    vocab = build_vocab([tokens])
    tokenizer = Tokenizer(vocab)
    assert tokenizer.decode(tokenizer.encode(tokens)) == tokens
    assert re.sub(r"\s", "", "".join(tokens)) == re.sub(r"\s", "", text)


# Folders and lists to prepare -----------------------------------------------------------------------------------------


def run(folder, *arguments):
    """The status of the command; its output folder holds nothing unfinished."""
    status = prepare.main([*map(str, arguments), "--out", str(folder / "out"), "--workers", "1"])
    assert not list(folder.rglob("*.part"))
    return status


words = st.one_of(st.binary(max_size=30), formulas.map(lambda text: text.encode("utf-8", "surrogatepass")))


@settings(fuzz, max_examples=60)
@given(st.lists(words, max_size=6), st.sampled_from([[], ["--as-written"], ["--split", "formula"]]))
def test_a_list_of_anything_is_prepared_or_refused(tmp_path_factory, lines, options):
    folder = tmp_path_factory.mktemp("list")
    (folder / "formulas.txt").write_bytes(b"\n".join(lines))
    status = run(folder, "--formulas", folder / "formulas.txt", *options)
    assert status in (0, 1, 2)
    assert (folder / "out" / "report.json").is_file() == (status != 2)


names = st.one_of(words, st.sampled_from([b"a", b"a.png", b".", b"..", b"/", b"../secret", b"b/../a.png", b".png"]))
numbers = st.one_of(st.sampled_from([b"0", b"1", b"-1", b"9" * 5000, "٣".encode(), b"1e3", b""]), words)


@settings(fuzz, max_examples=60)
@given(st.lists(st.tuples(names, numbers), min_size=1, max_size=6), st.booleans())
def test_split_lists_of_anything_are_read(tmp_path_factory, entries, published):
    folder = tmp_path_factory.mktemp("lists")
    (folder / "images").mkdir()
    for place in ("images/a.png", "secret.png"):
        Image.fromarray(letter()).save(folder / place)
    (folder / "formulas.lst").write_bytes(b"x^2\ny\n")
    lines = [number + b" " + name + b" basic" if published else name + b" " + number for name, number in entries]
    (folder / "train.lst").write_bytes(b"\n".join(lines))
    assert run(folder, "--images", folder / "images", "--formulas", folder / "formulas.lst") in (0, 1)
    assert {path.name for path in folder.iterdir()} == {"images", "secret.png", "formulas.lst", "train.lst", "out"}
    assert {path.name for path in (folder / "out").rglob("*.png")} <= {"a.png"}, "only what is in the folder is read"


VOCABS = [b"", b"[]", b"{}", b"7", b'"abc"', b"null", b"[1]", b'{"x": "y", "z": 1}', b'["\\ud800"]', b"[" * 10_000,
          b"\xff\xfe", b'["x", "x"]', b"NaN", b'[["x"]]', b"9" * 5000, b'{"x": NaN}', b"\0", b'["", " "]']  # fmt: skip


@pytest.mark.parametrize("content", VOCABS)
@pytest.mark.parametrize("name", ["vocab.json", "vocab.txt"])
def test_a_vocabulary_of_anything(tmp_path, capsys, content, name):
    (tmp_path / name).write_bytes(content)
    (tmp_path / "formulas.txt").write_text("x\n")
    arguments = ["--formulas", tmp_path / "formulas.txt", "--vocab", tmp_path / name, "--tokens", "longest"]
    status = run(tmp_path, *arguments)
    assert status in (0, 1, 2)
    if status == 2:
        assert capsys.readouterr().err.count("\n") == 1 and not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", [*NO_PICTURES, "index of lies"])
def test_files_in_the_place_of_a_shard_are_replaced(tmp_path, kind):
    """What lies in the output folder under the name of a shard may be anything: nothing of it is unpacked."""
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    Image.fromarray(letter()).save(tmp_path / "images" / "a.png")
    (tmp_path / "labels" / "a.txt").write_text("L")
    lies = zipped("index.tsv", b"name\twidth\theight\tsource\tlatex\tlabel\n../../x\t1\t1\ta\tb\tc\n")
    shard = tmp_path / "out" / "train-00000.zip"
    shard.parent.mkdir()
    shard.write_bytes(NO_PICTURES.get(kind, lies))
    with pytest.raises(ShardError):
        Shard(shard).verify()
    assert run(tmp_path, "--images", tmp_path / "images", "--labels", tmp_path / "labels") == 0
    Shard(shard).verify()
    assert Shard(shard).labels == ["L"]
    assert {path.name for path in tmp_path.iterdir()} == {"images", "labels", "out"}
