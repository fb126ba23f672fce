"""How a reading looks: bands, buttons, where the model looked, and that nothing read can bring HTML into the page."""

import base64
import io
import re
from html import unescape
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from img2latex.web import views


def result(latex="a+b", confidence=0.5, tokens=("a", "+", "b"), probabilities=(0.95, 0.7, 0.2), warning=None, **more):
    fields = {"latex": latex, "confidence": confidence, "tokens": list(tokens), "probabilities": list(probabilities)}
    more = {"alternatives": [[(token, 0.5), ("z", 0.1)] for token in tokens], "handwritten": False, "sizes": 1} | more
    return SimpleNamespace(**fields, warning=warning, **more)


def seen(width, height, *attention, cell=(16, 16)):
    """A result with a crop of this size in px, and of each token, packed, the cells where the model looked."""
    weights = [np.float32(each) for each in attention]
    return result(crop=Image.new("L", (width, height), 255), cell=cell), views.packed(weights)


def pictures(html):
    """The pictures in HTML, each with its tag."""
    tags = re.findall(r'<img [^>]*src="data:image/png;base64,([^"]+)"[^>]*>', html)
    return [Image.open(io.BytesIO(base64.b64decode(tag))) for tag in tags]


def buttons(html):
    """[(attributes, words)] of the buttons in HTML."""
    return re.findall(r"<button ([^>]*)>(.*?)</button>", html, re.DOTALL)


def test_each_token_is_a_button_in_its_band():
    found = buttons(views.tokens(result()))
    assert [words for _, words in found] == ["a", "+", "b"]
    for place, ((attributes, _), css) in enumerate(zip(found, ("sure", "check", "doubtful"), strict=True)):
        assert f'class="{css}"' in attributes and f'data-place="{place}"' in attributes
    assert "95%" in found[0][0]
    assert views.tokens(result(tokens=(), probabilities=())) == ""


def test_tokens_are_text_not_html():
    evil = result(tokens=("<script>",), probabilities=(1.0,), alternatives=[[("<script>", 0.6), ("<b>", 0.4)]])
    assert "&lt;script&gt;" in views.tokens(evil) and "<script>" not in views.tokens(evil) + views.alternatives(evil, 0)


@pytest.mark.parametrize(
    "tokens, others, expected",
    [("a + b", "a + b", set()), ("a + b", "a - b", {1}), ("a b c d", "a d", {1, 2}), ("a", "", {0}), ("", "a", set())],
)
def test_differences_are_the_tokens_without_a_counterpart(tokens, others, expected):
    assert views.differences(tokens.split(), others.split()) == expected


def test_differing_tokens_are_outlined():
    html = views.tokens(result(), result(tokens=("a", "-", "b")))
    assert [("differs" in attributes) for attributes, _ in buttons(html)] == [False, True, False]
    assert "read differently" in html
    assert "differs" not in views.tokens(result(), result())


def test_alternatives_can_be_taken_except_the_one_that_was():
    ranked = [("b", 0.6), ("<eos>", 0.35), ("6", 0.002), ("<pad>", 0.0)]
    shown = views.alternatives(result(alternatives=[[], [], ranked]), 2)
    (taken, first), (ended, second), (tiny, third) = buttons(shown)
    assert "disabled" in taken and ">b<" in first and "60%" in first
    assert "disabled" not in ended and "end of the formula" in second and "35%" in second
    assert 'data-place="2" data-rank="2"' in tiny and "&lt;1%" in third


def test_the_crop_is_at_most_twice_as_large_as_it_is():
    low, high = (views.crop(seen(300, height)[0]) for height in (40, 800))
    (picture,) = pictures(low)
    assert picture.size == (300, 40)
    assert "--most: 600px" in low
    assert "--most: 300px" in high  # high already


def test_the_page_is_told_where_the_ink_of_the_crop_is():
    found, _ = seen(40, 20)
    found.crop.paste(0, (3, 5, 31, 17))
    found.crop.paste(200, (2, 4, 3, 18))  # the blurred edge
    assert 'data-ink="3 5 31 17"' in views.crop(found)


def test_where_the_model_looked_lies_over_the_crop():
    found, attention = seen(40, 20, [[0, 0, 1], [0, 0, 0]], [[0.5, 0, 0], [0, 0, 0.5]])
    html = views.crop(found, 1, attention)
    crop, looked = pictures(html)
    assert crop.size == (40, 20) and looked.size == (3, 2)  # cells of 16 px, the last ones stick out
    assert "width: 120.00%; height: 160.00%" in html
    veil = np.asarray(looked)[..., 3]
    assert veil[0, 0] == veil[1, 2] > 200 and not veil[0, 1:].any()
    assert "looked for +" in html
    narrow, attention = seen(40, 20, [[0, 0, 1], [0, 0, 0]], cell=(16, 8))
    assert "width: 60.00%; height: 160.00%" in views.crop(narrow, 0, attention)


def test_the_verdict_says_how_sure_in_words_and_numbers():
    sure = views.verdict(result(confidence=0.97), 0.25)
    assert "Very likely right" in sure and "97%" in sure and "read in" in sure
    assert "read carefully in" in views.verdict(result(confidence=0.97, sizes=3), 0.25)
    by_hand = views.verdict(result(confidence=0.97, handwritten=True, sizes=3), 0.25)
    assert "handwriting, read carefully in" in by_hand
    assert "mistake" in views.verdict(result(confidence=0.2), 0.25)
    for confidence, words in ((0.75, "Probably right"), (0.59, "More likely right than wrong"), (0.4, "As likely")):
        told = views.verdict(result(confidence=confidence), 1)
        assert words in told and "mistake" not in told
    nothing = views.verdict(result(latex="", tokens=(), probabilities=(), confidence=0.0, warning="It is <blank>."), 1)
    assert "No formula read" in nothing and "It is &lt;blank&gt;." in nothing and "confidence" not in nothing


def test_the_verdict_says_what_to_look_at():
    told = views.verdict(result(), 1)  # a is sure, + less so, b least
    assert "Look at <code>+</code> (or <code>z</code>?), <code>b</code> (or <code>z</code>?)." in told
    assert "Look at" not in views.verdict(result(probabilities=(0.95, 0.9, 0.99)), 1)
    many = result(tokens="abcdef", probabilities=(0.1, 0.8, 0.2, 0.7, 0.3, 0.6))
    assert views.doubted(many) == [0, 2, 4]
    evil = result(tokens=("<b>",), probabilities=(0.1,), alternatives=[[("<i>", 0.5)]])
    assert "<code>&lt;b&gt;</code> (or <code>&lt;i&gt;</code>?)" in views.verdict(evil, 1)


def test_the_history_is_told_what_it_keeps():
    assert 'data-latex="&lt;b&gt;&quot;"' in views.verdict(result(), 1, facts={"latex": '<b>"'})


def test_latex_that_does_not_parse_is_explained_not_rendered():
    assert views.formula("x^{2}").startswith("$$")
    assert views.formula(r"\frac{1}{2").startswith("<p") and "$$" not in views.formula(r"\frac{1}{2")
    assert views.formula("  \n ") == ""


def test_texts_to_copy_survive_being_html():
    text = '<math a="b">\n& $'
    ((attributes, name),) = buttons(views.copies({"$…$": text}))
    assert name == "$…$" and unescape(re.search('data-text="([^"]*)"', attributes)[1]) == text
    assert views.copies({}) == ""
