"""Many pictures: what is taken from files and zips, what is refused and how, and the CSV and LaTeX made of it."""

import csv
import io
import json
import shutil
import struct
import subprocess
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from img2latex.latex import beautify, problem
from img2latex.latex import spelling as sp
from img2latex.picture import loading
from img2latex.reader.checkpoints import CHECKPOINTS
from img2latex.web import uploads

FORMULAS = ("x^{2}", r"\frac{a}{b}", "a<b")


def picture(width=40):
    stream = io.BytesIO()
    Image.new("L", (width, 20), 255).save(stream, "PNG")
    return stream.getvalue()


def pack(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(path)


def recognize(source):
    """Reads a picture as the recognizer does, up to the model: the width stands for the formula."""
    grey = loading.load(source)
    return SimpleNamespace(latex=f"x_{{{grey.shape[1]}}}", confidence=0.9, warning=None, crop=Image.fromarray(grey))


def rows(*paths):
    return list(uploads.rows(uploads.entries(map(str, paths)), recognize))


def test_pictures_come_from_files_and_zips_in_order(tmp_path):
    (tmp_path / "one.png").write_bytes(picture(41))
    path = pack(tmp_path / "more.zip", **{
        "scans/two.png": picture(42), "__MACOSX/scans/._two.png": "x", ".DS_Store": "x", "three.png": picture(43),
    })
    found = rows(tmp_path / "one.png", path)
    assert [row.name for row in found] == ["one.png", "scans/two.png", "three.png"]
    assert [row.latex for row in found] == ["x_{41}", "x_{42}", "x_{43}"]


def test_one_bad_file_does_not_stop_the_rest(tmp_path):
    path = pack(tmp_path / "a.zip", **{"notes.txt": "text", "good.png": picture(), "cut.png": picture()[:50]})
    (tmp_path / "b.zip").write_bytes(b"no zip")
    text, good, cut, damaged = rows(path, tmp_path / "b.zip")
    assert good.latex and not good.warning
    assert text.warning == "This file is not a picture that can be read."
    for bad in (text, cut, damaged):
        assert not bad.latex and bad.warning.endswith(".")
        assert "\n" not in bad.warning and str(tmp_path) not in bad.warning


@pytest.mark.parametrize("name", ["../evil.png", "a/../../evil.png", "/etc/evil.png", r"..\evil.png", r"C:\evil.png"])
def test_a_name_that_leaves_the_zip_is_refused(tmp_path, name):
    evil, good = rows(pack(tmp_path / "a.zip", **{name: picture(), "good.png": picture()}))
    assert "outside" in evil.warning and not evil.latex and good.latex
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    one = pack(tmp_path / "one.zip", **{"bomb.png": bytes(uploads.MAX_BYTES + 1), "good.png": picture()})
    bomb, good = rows(one)
    assert "too large" in bomb.warning and good.latex
    monkeypatch.setattr(uploads, "MAX_TOTAL", 1000)
    (many,) = rows(pack(tmp_path / "many.zip", **{f"{i}.png": bytes(500) for i in range(3)}))
    assert many.name == "many.zip" and "too large" in many.warning


def test_a_zip_that_lies_about_sizes_gets_no_more_than_it_told(tmp_path):
    path = tmp_path / "liar.zip"
    pack(path, **{"a.png": bytes(1_000_000)})
    told, lie = struct.pack("<I", 1_000_000), struct.pack("<I", 10)
    assert path.read_bytes().count(told) == 2  # in the member's own head and in the directory
    path.write_bytes(path.read_bytes().replace(told, lie))
    (row,) = rows(path)
    assert "damaged" in row.warning


PACKINGS = [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("damage", ["zeros", "ones", "head", "method", "version", "end"])
def test_what_is_damaged_in_a_zip_is_a_row_and_the_rest_is_read(tmp_path, packing, damage):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("good.png", picture())
        archive.writestr("bad.png", np.random.default_rng(0).bytes(3000))
        start = archive.getinfo("bad.png").header_offset
        packed = start + 30 + len("bad.png"), start + 30 + len("bad.png") + archive.getinfo("bad.png").compress_size
    content = bytearray(path.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    if damage in ("zeros", "ones"):
        content[slice(*packed)] = bytes([255 * (damage == "ones")]) * (packed[1] - packed[0])
    elif damage == "head":
        content[packed[0] : packed[0] + 4] = b"\xff" * 4
    elif damage == "method":
        content[start + 8] = content[directory + 10] = 97
    elif damage == "version":
        content[directory + 6] = 99
    else:
        content[packed[1] - 200 : packed[1]] = bytes(200)
    path.write_bytes(content)
    found = rows(path, pack(tmp_path / "b.zip", **{"last.png": picture()}))
    refused = [row for row in found if not row.latex]
    assert len(found) - len(refused) == (1 if damage == "version" else 2)  # that one is a zip of no known kind
    assert len(refused) == 1 and refused[0].warning.endswith("is damaged, or packed in a way that can't be read.")


def test_a_file_that_is_none_is_a_row(tmp_path):
    (tmp_path / "one.png").write_bytes(picture())
    one, none = uploads.rows(uploads.entries([str(tmp_path / "one.png"), None]), recognize)
    assert one.latex and none == uploads.Row("file 2", warning="There is no file here.")


def test_a_locked_picture_is_told(tmp_path):
    path = tmp_path / "locked.zip"
    pack(path, **{"a.png": picture()})
    content = bytearray(path.read_bytes())
    for head, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(head) + place] |= 1  # the flag of an encrypted member
    path.write_bytes(content)
    assert "password" in rows(path)[0].warning


def test_too_many_and_none_are_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "MOST", 2)
    (row,) = rows(pack(tmp_path / "a.zip", **{f"{i}.png": picture() for i in range(3)}))
    assert "3 files" in row.warning
    with pytest.raises(uploads.UploadError, match="at most 2"):
        uploads.entries(["a.png"] * 3)
    for nothing in ([], [pack(tmp_path / "empty.zip")]):
        with pytest.raises(uploads.UploadError, match="no picture"):
            uploads.entries(nothing)


def test_the_table_shows_picture_formula_and_why_not():
    crop = Image.new("L", (600, 30), 255)
    html = uploads.table([
        uploads.Row("a<b>.png", "a<b", 0.973, None, crop), uploads.Row("c.png", warning="It is <no> picture."),
    ])
    assert html.count("<tr>") == 3 and html.count("<img") == 1
    assert "a&lt;b&gt;.png" in html and "<code>a&lt;b</code>" in html and "$$a&lt;b$$" in html and "97%" in html
    assert "It is &lt;no&gt; picture." in html and "0%" not in html
    assert uploads.table([]) == ""


def test_csv_survives_commas_and_quotes():
    read = list(csv.reader(io.StringIO(uploads.as_csv([uploads.Row('a,"b".png', "x,y", 0.5, "Look.")]))))
    assert read == [["name", "latex", "confidence", "warning"], ['a,"b".png', "x,y", "0.5000", "Look."]]


def test_the_document_compiles_with_latex(tmp_path):
    made = [uploads.Row(f"{i}.png", latex, 0.9) for i, latex in enumerate(FORMULAS)]
    made.append(uploads.Row("% odd.png", r"\begin{aligned} a & =b \\ & =c \end{aligned}", 0.9))
    made.append(uploads.Row("two\nlines.png", warning="No."))
    text = uploads.as_tex(made)
    assert text.count(r"\[") == 4 and "% two lines.png: not read" in text
    compiles(tmp_path, text)


def compiles(folder, text):
    (folder / "formulas.tex").write_text(text)
    command = [shutil.which("latex"), "-interaction=nonstopmode", "-halt-on-error", "formulas.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    assert run.returncode == 0, run.stdout[-2000:]
    assert (folder / "formulas.dvi").is_file()


def test_the_document_compiles_whatever_the_models_can_write(tmp_path):
    """Each command of the vocabularies and of the tables of spelling, with its arguments."""
    tokens = {token for name in ("math", "biology") for token in
              json.loads((CHECKPOINTS / name / "config.json").read_text(encoding="utf-8"))["vocab"]}  # fmt: skip
    commands = {token for token in tokens if not token.startswith((r"\begin", r"\end")) and token != r"\hline"}
    commands |= sp.GREEK | sp.CAPITAL_GREEK | sp.FUNCTIONS | sp.LIMIT_SIGNS | set(sp.INTEGRALS)
    written = {f"{command}{{x}}{{y}}" for command in commands | sp.ONE_ARGUMENT | sp.TWO_ARGUMENTS}
    written |= {f"{command}[y]{{x}}" for command in sp.OPTIONAL_THEN_ONE}
    environments = {look for name, look in sp.ENVIRONMENTS.items() if name == look} - {"array"}
    written |= {rf"\begin{{{look}}}a\\b\end{{{look}}}" for look in environments}
    written |= {r"\begin{array}{c|c}[a]&b\\\hline[c]&*\\ [d]&e\end{array}", r"a=b\tag{1}", r"a=b\tag*{[5]}"}
    shown = sorted(latex for latex in written if not problem(latex))
    assert len(shown) > 400
    compiles(tmp_path, uploads.as_tex([uploads.Row(latex, beautify(latex)) for latex in shown]))


def test_progress_counts_what_was_not_read():
    html = uploads.progress([uploads.Row("a", "x"), uploads.Row("b")], 3)
    assert 'value="2" max="3"' in html and "2 of 3 done, 1 not read" in html
    assert "not read" not in uploads.progress([], 3)
