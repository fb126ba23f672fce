"""The rules of the finder are fitted to what they decide, and those that are fitted are those that are used."""

import numpy as np
import pytest

from benchmarks import typst_pages
from img2latex.page import fitting, joining
from img2latex.training import page_rules


def test_the_choice_that_was_right_wins_with_the_fitted_weights():
    rng = np.random.default_rng(0)
    true = np.array([2.0, -1.0, 0.0])
    choices = [rng.normal(size=(rng.integers(2, 6), 3)) for _ in range(400)]
    cases = [(reasons, int((reasons @ true + rng.gumbel(size=len(reasons)) / 4).argmax())) for reasons in choices]
    fitted = page_rules.fit_choice(cases)
    agree = np.mean([(reasons @ fitted).argmax() == right for reasons, right in cases])
    assert agree > 0.8 and fitted[0] > 0 > fitted[1] and abs(fitted[2]) < 0.5 * fitted[0]


def test_what_is_for_a_thing_counts_for_it():
    rng = np.random.default_rng(1)
    reasons = rng.normal(size=(500, 2))
    told = page_rules.fit_yes([(row, row[0] - 0.3 * row[1] > 0) for row in reasons])
    assert told[0] > 0 > told[1] > -told[0]


@pytest.fixture
def kept(monkeypatch):
    """The values as they are; they are set back after the test."""
    monkeypatch.setattr(fitting, "WEIGHTS", dict(fitting.WEIGHTS))
    monkeypatch.setattr(fitting, "CERTAIN", dict(fitting.CERTAIN))
    monkeypatch.setattr(fitting, "SURE", dict(fitting.SURE))
    for module, name in ((fitting, "DISPLAYED"), (joining, "WEIGHTS")):
        monkeypatch.setattr(module, name, getattr(module, name))


def test_rules_fitted_to_pages_find_their_formulas(kept, tmp_path, capsys):
    folder = str(tmp_path / "pages")
    typst_pages.main(["--out", folder, "--count", "3"])
    before = dict(fitting.WEIGHTS)
    assert page_rules.main(["--pages", folder, "--test", folder]) == 0
    told = capsys.readouterr().out
    assert "fitting.WEIGHTS = " + str(fitting.WEIGHTS) in told and before != fitting.WEIGHTS
    recall = told.split("recall/formula: ")[1].split()[2]
    assert float(recall) > 0.8


def test_a_folder_without_pages_is_told_in_one_sentence(tmp_path, capsys):
    assert page_rules.main(["--pages", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
