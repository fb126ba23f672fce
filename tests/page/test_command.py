"""`python -m img2latex --page`: what it prints and writes, and that one bad page stops no other."""

import json

import pytest

from img2latex.__main__ import main
from img2latex.latex import normalize
from img2latex.page.command import numbers
from tests.conftest import PAPER_FORMULAS
from tests.export.test_word import read_back

pytestmark = pytest.mark.usefixtures("no_text")


def test_pages_become_files_in_a_folder_and_a_bad_one_is_told(paper, blank, tmp_path, capsys):
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    out = tmp_path / "out"
    given = [paper, tmp_path / "broken.pdf", tmp_path / "broken.png", blank]
    assert main([*map(str, given), "--page", "--out", str(out)]) == 1
    assert sorted(path.name for path in out.iterdir()) == ["blank.md", "paper-1.md", "paper-2.md"]
    assert r"\tag{1}" in (out / "paper-1.md").read_text()
    told = capsys.readouterr().err
    assert "broken.pdf is not a PDF" in told and "broken.png is not a picture" in told and "Traceback" not in told
    assert told.count("RapidOCR is not installed") <= 2  # once alone, once where nothing was found either


def test_a_page_becomes_a_word_document(paper, tmp_path):
    assert main([str(paper), "--page", "--pages", "1", "--format", "docx", "--out", str(tmp_path)]) == 0
    first, second = read_back((tmp_path / "paper-1.docx").read_bytes())
    assert normalize(first.partition(r"\text")[0]) == normalize(PAPER_FORMULAS[0])
    assert second.endswith(r"\text{\quad(2)}")


def test_one_page_is_printed_as_tex_or_json(paper, capsys):
    assert main([str(paper), "--page", "--pages", "1", "--format", "tex"]) == 0
    assert "\\begin{equation*}" in capsys.readouterr().out
    assert main([str(paper), "--page", "--pages", "1-2", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["page"] for line in lines] == [1, 2]
    assert lines[0]["regions"][0]["tag"] == "1" and lines[1]["regions"] == []


def test_pages_are_told_as_people_do():
    assert numbers("2-3,7", 9) == [2, 3, 7]
    assert numbers("8-", 9) == [8, 9]
    with pytest.raises(ValueError, match="There is no page 12: the PDF has 9"):
        numbers("12", 9)
    with pytest.raises(ValueError, match="are no pages"):
        numbers("two", 9)


@pytest.mark.parametrize("options, words", [
    (["--pages", "1"], "--pages goes with --page"), (["--format", "tex"], "--format is latex, docx without --page"),
    (["--page", "--format", "latex"], "markdown, tex, docx, json with --page"),
    (["--page", "--format", "docx"], "needs --out FOLDER"),
])  # fmt: skip
def test_options_for_pages_and_for_single_formulas_are_kept_apart(options, words, capsys):
    with pytest.raises(SystemExit):
        main(["x.png", *options])
    assert words in capsys.readouterr().err
