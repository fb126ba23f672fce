"""`img2latex serve`: what a screenshot tool posts, what it gets, and what it is told when it errs."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener
from xml.etree import ElementTree

import pytest
from PIL import Image

from img2latex import Recognizer
from img2latex.hub.space import running
from img2latex.web import endpoint

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
PRINTED = (EXAMPLES / "1-printed.png").read_bytes()
OPENER = build_opener(ProxyHandler({}))


@pytest.fixture(scope="module")
def url():
    with running(ROOT, sys.executable, "-m", "img2latex", "serve", OMP_NUM_THREADS="1") as url:
        yield url


def ask(url, body, query="", **headers):
    """(status, text) of a picture posted."""
    headers = {"Content-Type": "image/png"} | {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with OPENER.open(Request(f"{url}/{query}", body, headers), timeout=300) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_a_posted_picture_comes_back_as_latex(url):
    assert ask(url, PRINTED) == (200, r"x=\frac{-b\pm\sqrt{b^{2}-4ac}}{2a}" + "\n")


def test_a_picture_in_a_form_is_read_too(url):
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + PRINTED + b"\r\n--x--\r\n"
    assert ask(url, form, Content_Type="multipart/form-data; boundary=x") == ask(url, PRINTED)
    status, told = ask(url, b"--x--\r\n", Content_Type="multipart/form-data; boundary=x")
    assert (status, told) == (400, "There is no file in this form.\n")


def test_the_formats_checkpoint_and_care_asked_for_are_taken(url):
    assert "frac(" in ask(url, PRINTED, "?format=typst")[1]
    assert ElementTree.fromstring(ask(url, PRINTED, "?format=mathml")[1]).tag.endswith("math")
    biology = (EXAMPLES / "4-biology.png").read_bytes()
    told = json.loads(ask(url, biology, "?format=json&checkpoint=biology&careful=yes")[1])
    alone = Recognizer.from_pretrained("biology", threads=1).recognize(biology, careful=True)
    assert told == {"latex": alone.latex, "confidence": round(alone.confidence, 4), "warning": alone.warning}


def test_many_at_once_get_their_own_answers(url):
    pictures = [path.read_bytes() for path in sorted(EXAMPLES.glob("*.png"))] * 3
    alone = [ask(url, picture) for picture in pictures[:4]] * 3
    assert len(set(alone)) == 4
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda picture: ask(url, picture), pictures)) == alone


def blank(tmp_path):
    path = tmp_path / "blank.png"
    Image.new("L", (80, 40), 255).save(path)
    return path.read_bytes()


def test_what_cannot_be_answered_is_told_in_one_sentence(url, tmp_path):
    asked = [
        (422, "not a picture", ask(url, b"No picture.")),
        (422, "Nothing is written", ask(url, blank(tmp_path))),
        (400, "There is no picture", ask(url, b"")),
        (400, "format is latex or", ask(url, PRINTED, "?format=word")),
        (400, "checkpoint is math or biology, not ../mine.", ask(url, PRINTED, "?checkpoint=../mine")),
        (400, "careful is yes or no, not very.", ask(url, PRINTED, "?careful=very")),
        (400, "no parameter colour", ask(url, PRINTED, "?colour=red")),
        (413, "larger than 20 MB", ask(url, bytes(endpoint.MOST_BYTES + 1))),
        (404, "Not Found", ask(url, PRINTED, "other")),
    ]
    for status, words, (found, told) in asked:
        assert (found, words in told, told.count("\n")) == (status, True, 1), told
    assert ask(url, PRINTED)[0] == 200  # and it goes on


def test_who_asks_without_a_picture_learns_how(url):
    with OPENER.open(url) as answer:
        assert f"curl --data-binary @formula.png {url}" in answer.read().decode()


def test_a_checkpoint_that_there_is_not_ends_it_with_one_sentence(capsys):
    assert endpoint.main(["--checkpoint", "nonsense"]) == 2
    assert capsys.readouterr().err == (
        "img2latex: There is no checkpoint named 'nonsense'; there is biology, handwriting, math.\n"
    )
