"""The check view as a person sees it: crop and formula equally wide, nothing cut off, one laid over the other."""

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import expect

from img2latex.data.render import Look, render
from tests.browsing import ink, keep, latex_box, upload

LONG = (
    r"\int_{0}^{\infty}\frac{x^{3}}{e^{x}-1}dx=\frac{\pi^{4}}{15}+\sum_{n=1}^{\infty}\frac{1}{n^{2}}-\frac{\pi^{2}}{6}"
    r"+\alpha+\beta+\gamma+\delta=a_{1}x_{1}+a_{2}x_{2}+a_{3}x_{3}+\cdots+a_{n}x_{n}"
)
ROOT = r"\sqrt{a^{2}+b^{2}}\leq|a|+|b|"
FITTED = """proof => {
  const formula = proof.querySelector(".katex-html");
  if (!formula) return false;
  const image = proof.querySelector(".crop img"), [left, , right] = proof.querySelector(".crop").dataset.ink.split(" ");
  const found = img2latex.inked(formula), wanted = (right - left) * image.clientWidth / image.naturalWidth;
  return Math.abs((found.right - found.left) / wanted - 1) < 0.01;
}"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Pictures of a formula that is long, and of one whose first sign is drawn and not a letter."""
    folder = tmp_path_factory.mktemp("drawn")
    for name, found in zip(("long", "root"), render([LONG, ROOT], Look(size=12, dpi=220)), strict=True):
        ImageOps.expand(Image.fromarray(found), 20, 255).save(folder / f"{name}.png")
    return folder


def proofs(page):
    return page.locator(".proof:visible")


def expect_equal(page):
    """Every check view: the inks' widths differ by less than 3 %, begin at one place, and nothing is cut off."""
    for proof in proofs(page).all():
        expect(proof.locator(".katex-html")).to_be_visible()
        page.wait_for_function(f"proof => ({FITTED})(proof)", arg=proof.element_handle())
        above, below = ink(proof.locator(".crop")), ink(proof.locator(".block.formula"))
        shift = proof.locator(".block.formula").bounding_box()["x"] - proof.locator(".crop").bounding_box()["x"]
        assert (below[1] - below[0]) / (above[1] - above[0]) == pytest.approx(1, abs=0.03)
        assert below[0] + shift == pytest.approx(above[0], abs=3)
        width, visible = proof.evaluate("proof => [proof.scrollWidth, proof.clientWidth]")
        assert width <= visible


@pytest.mark.parametrize("width", [1280, 768, 390])
def test_crop_and_formula_are_equally_wide_and_nothing_is_cut_off(open_page, drawn, width):
    page = open_page(viewport={"width": width, "height": 900})
    upload(page, drawn / "long.png")
    expect(proofs(page)).to_have_count(1)
    expect_equal(page)
    keep(page, f"check-{width}")
    page.locator("#input").get_by_label("Compare").check()
    expect(page.locator("#several .tokens:visible").last).to_be_visible()
    expect_equal(page)
    keep(page, f"check-compare-{width}")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_they_stay_equally_wide_while_it_is_edited_and_enlarged(page, drawn):
    upload(page, drawn / "root.png")
    expect_equal(page)
    latex_box(page).fill(ROOT + "+c")
    expect(page.locator(".formula:visible .katex-html")).to_contain_text("c")
    expect_equal(page)
    before = page.locator(".crop:visible").bounding_box()["width"]
    page.get_by_role("button", name="Enlarge").click()
    page.wait_for_function(f"proof => ({FITTED})(proof)", arg=proofs(page).element_handle())
    assert page.locator(".crop:visible").bounding_box()["width"] > 1.2 * before


def test_one_is_laid_over_the_other(page, drawn):
    upload(page, drawn / "root.png")
    expect_equal(page)
    switch = page.get_by_role("button", name="Lay them over each other")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(500)
    keep(page, "check-over")
    inside = """() => {
      const crop = document.querySelector(".crop").getBoundingClientRect();
      const ink = img2latex.inked(document.querySelector(".formula .katex-html"));
      const height = Math.max(crop.top - ink.top, ink.bottom - crop.bottom);
      return ink.left >= crop.left && ink.right <= crop.right && height < 20;
    }"""
    page.wait_for_function(inside)
    switch.click()
    expect_equal(page)
