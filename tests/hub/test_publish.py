"""Publishing: a checkpoint that is not fit to be used stays here, and what goes arrives byte by byte.

Cards too: figures come from evaluate.py's own files, and the words around them stay.
"""

import dataclasses
import json
import runpy
import shutil

import pytest
import torch
from huggingface_hub import ModelCard, constants

from img2latex.evaluate import main as evaluate
from img2latex.hub import card, publish
from img2latex.publish import main
from img2latex.reader import checkpoints
from img2latex.reader.checkpoints import BACKWARDS, CHECKPOINTS, CONFIG, WEIGHTS, load, resolve
from img2latex.reader.recognizer import Recognizer
from tests.hub_server import Hub
from tests.tiny import tiny_model

REPOSITORY = "somebody/formulas"
FILES = CONFIG, WEIGHTS, BACKWARDS, card.CARD  # of math
SCORES = {"ned": 0.123456, "exact": 0.5, "cer": 0.1, "bleu": 0.8, "count": 300, "command": "python -m something --x"}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with Hub() as hub:
        hub.become(monkeypatch, tmp_path / "cache")
        yield hub


@pytest.fixture
def folder(tmp_path):
    """The shipped checkpoint with a complete card and a stranger beside it, for the test to spoil."""
    folder = tmp_path / "math"
    folder.mkdir()
    for path in (CHECKPOINTS / "math").iterdir():
        shutil.copy(path, folder)
    (tmp_path / "school-test.json").write_text(json.dumps(SCORES))
    assert card.main([str(folder), str(tmp_path / "school-test.json")]) == 0
    (folder / "state.pt").write_bytes(b"of the training run")
    return folder


@pytest.fixture
def checked(monkeypatch):
    """What is sent, and how, is tested apart from the check, which takes its time."""
    monkeypatch.setattr(publish, "check", lambda folder: None)


def complaint(capsys, *arguments):
    """The one sentence that a publication which fails ends with."""
    capsys.readouterr()
    assert main([*map(str, arguments)]) == 1
    text = capsys.readouterr().err
    assert text.startswith("publish: ") and text.count("\n") == 1 and text.endswith(".\n"), text
    return text


def edit_card(folder, old, new):
    path = folder / card.CARD
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# What goes


def test_what_is_published_is_the_folder_byte_by_byte(folder, hub, capsys):
    assert main([str(folder), REPOSITORY]) == 0
    assert hub.files(REPOSITORY) == {name: (folder / name).read_bytes() for name in FILES}
    place = capsys.readouterr().out.splitlines()[-1]
    hub.requests.clear()
    arrived = resolve(place)  # as PUBLISHED would name it
    assert place == f"{REPOSITORY}@{arrived.name}"
    assert [(arrived / name).read_bytes() for name in FILES[:2]] == [
        (folder / name).read_bytes() for name in FILES[:2]
    ]
    assert load(place)[1] == load(folder)[1]


def test_a_model_that_reads_backwards_goes_with_the_checkpoint_and_comes_with_it(folder, hub, checked, capsys):
    config, weights = checkpoints.read(folder)
    checkpoints.write(dataclasses.replace(config, direction="both"), weights, folder, backwards=weights)
    assert main([str(folder), REPOSITORY]) == 0
    assert hub.files(REPOSITORY).keys() == set(FILES)
    assert Recognizer.from_pretrained(capsys.readouterr().out.splitlines()[-1]).backwards


def test_a_dry_run_lists_what_would_go_and_asks_nobody(folder, hub, capsys):
    assert main([str(folder), REPOSITORY, "--dry-run"]) == 0
    told = capsys.readouterr().out
    for name in FILES:
        assert f"{(folder / name).stat().st_size:,} bytes  {name}\n" in told
    assert "state.pt" not in told
    assert hub.requests == []


def test_a_second_publication_replaces_the_first(folder, hub, checked, capsys):
    assert main([str(folder), REPOSITORY]) == 0
    edit_card(folder, "## Limits", "Words.\n\n## Limits")
    assert main([str(folder), REPOSITORY]) == 0
    first, second = (line for line in capsys.readouterr().out.splitlines() if line.startswith(REPOSITORY))
    assert first != second
    assert hub.files(REPOSITORY)[card.CARD] == (folder / card.CARD).read_bytes()


def test_a_branch_of_its_own_leaves_main_alone(folder, hub, checked):
    assert main([str(folder), REPOSITORY, "--revision", "next"]) == 0
    assert set(hub.files(REPOSITORY, "next")) == set(FILES)
    assert hub.files(REPOSITORY) == {}


def test_the_login_is_shown(folder, hub, checked, monkeypatch, capsys):
    hub.token = "secret of the test"
    assert "log in with `hf auth login`" in complaint(capsys, folder, REPOSITORY)
    assert hub.files(REPOSITORY) == {}
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_IMPLICIT_TOKEN", False)
    monkeypatch.setenv("HF_TOKEN", hub.token)
    assert main([str(folder), REPOSITORY]) == 0


# What doesn't


@pytest.mark.parametrize("status, told", [(403, "the login is missing or refused"), (500, "error 500")])
def test_hub_that_refuses(folder, hub, checked, capsys, status, told):
    hub.status = status
    assert told in complaint(capsys, folder, REPOSITORY)


def test_hub_that_is_down(folder, hub, checked, capsys):
    hub.stop()
    assert "can't be reached" in complaint(capsys, folder, REPOSITORY)


def test_offline(folder, hub, checked, capsys, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in complaint(capsys, folder, REPOSITORY)
    assert hub.requests == []


def test_a_name_that_the_hub_cannot_have(folder, hub, checked, capsys):
    complaint(capsys, folder, "a/b/c")
    assert hub.requests == []


def test_a_checkpoint_that_does_not_load_stays_here(folder, hub, capsys):
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert "damaged" in complaint(capsys, folder, REPOSITORY)
    (folder / WEIGHTS).unlink()
    assert f"has no {WEIGHTS}" in complaint(capsys, folder, REPOSITORY)
    assert "no checkpoint folder" in complaint(capsys, folder / "nothing", REPOSITORY)
    assert hub.requests == []


def test_a_checkpoint_that_misreads_stays_here(folder, hub, capsys):
    checkpoints.save(tiny_model(), folder)
    assert "reads 1-printed.png as" in complaint(capsys, folder, REPOSITORY)
    assert hub.requests == []


def test_the_sample_is_what_it_is_said_to_be():
    drawn = runpy.run_path(publish.SAMPLE.with_name("make.py"))["PRINTED"]
    assert publish.SAMPLE.is_file() and drawn[publish.SAMPLE.stem] == publish.SAMPLE_LATEX


@pytest.mark.parametrize(
    "old, new, lacks",
    [
        ("license: cc-by-nc-sa-4.0\n", "", "license"),
        ("library_name: img2latex\n", "", "library_name"),
        ("## Limits", "## Ends", "the section '## Limits'"),
    ],
)
def test_a_card_that_is_not_complete_stays_here(folder, hub, capsys, old, new, lacks):
    edit_card(folder, old, new)
    assert f"lacks {lacks}." in complaint(capsys, folder, REPOSITORY)
    assert hub.requests == []


def test_a_card_without_figures_stays_here(folder, hub, capsys):
    whole = card.load(folder)
    whole.data.eval_results = None
    card.save(whole, folder)
    assert "lacks model-index" in complaint(capsys, folder, REPOSITORY)
    (folder / card.CARD).unlink()
    assert "no model card" in complaint(capsys, folder, REPOSITORY)
    assert hub.requests == []


@pytest.mark.parametrize("metadata", ["license: [", "just words", "model-index: 7"])
def test_a_card_with_damaged_metadata_stays_here(folder, hub, capsys, metadata):
    (folder / card.CARD).write_text(f"---\n{metadata}\n---\n# Words\n")
    assert "can't be read" in complaint(capsys, folder, REPOSITORY)


# The card


def test_figures_replace_those_of_older_weights_and_words_stay(folder, tmp_path, capsys):
    before = card.load(folder)
    for name, ned in (("ink_2014", 0.25), ("school-test", 0.0625)):
        (tmp_path / f"{name}.json").write_text(json.dumps(SCORES | {"ned": ned}))
    files = [str(tmp_path / f"{name}.json") for name in ("ink_2014", "school-test")]
    assert card.main([str(folder), *files]) == 0
    after = card.load(folder)
    rows = [line for line in after.text.splitlines() if line.startswith("| ") and "(300)" in line]
    assert rows == [
        "| ink 2014 (300) | 0.250 | 0.500 | `python -m something --x` |",
        "| school test (300) | 0.062 | 0.500 | `python -m something --x` |",
    ]
    told = {(r.dataset_name, r.metric_type): r.metric_value for r in after.data.eval_results}
    assert told["school test (300)", "ned"] == 0.0625 and told["ink 2014 (300)", "exact"] == 0.5
    assert [line for line in after.text.splitlines() if line not in rows] == [
        line for line in before.text.splitlines() if "(300)" not in line
    ]
    assert after.data.license == before.data.license and after.data.tags == before.data.tags
    content = (folder / card.CARD).read_bytes()
    assert card.main([str(folder), *files]) == 0
    assert (folder / card.CARD).read_bytes() == content


def test_a_card_without_a_table_gets_one():
    bare = ModelCard("---\nlicense: mit\n---\n# Name\n\n## Figures\n\nWords.\n\n## Limits\n\n| a | table |\n")
    card.fill(bare, "math", {"school": SCORES})
    figures, limits = bare.text.split("## Limits")
    assert "(300)" in figures and "Words." in figures
    assert limits == "\n\n| a | table |\n"
    with pytest.raises(card.CardError, match="no section"):
        card.fill(ModelCard("---\nlicense: mit\n---\n# Name\n"), "math", {"school": SCORES})


@pytest.mark.parametrize(
    "content, told",
    [("{", "is not JSON"), ("[]", "holds no scores"), ('{"ned": 1}', "holds no scores"), (None, "can't be read")],
)
def test_what_holds_no_scores_changes_no_card(folder, tmp_path, capsys, content, told):
    before = (folder / card.CARD).read_bytes()
    path = tmp_path / "scores.json"
    if content is not None:
        path.write_text(content)
    assert card.main([str(folder), str(path)]) == 1
    text = capsys.readouterr().err
    assert told in text and text.endswith(".\n") and text.count("\n") == 1
    assert (folder / card.CARD).read_bytes() == before


def test_sets_of_one_name_are_not_mixed_up(folder, tmp_path, capsys):
    (tmp_path / "school_test.json").write_text(json.dumps(SCORES))
    files = [str(tmp_path / name) for name in ("school-test.json", "school_test.json")]
    assert card.main([str(folder), *files]) == 1
    assert "could not be told apart" in capsys.readouterr().err


def test_what_evaluate_writes_fills_a_card(folder, tmp_path):
    pairs = tmp_path / "pairs"
    (pairs / "images").mkdir(parents=True)
    shutil.copy(publish.SAMPLE, pairs / "images" / "sample.png")
    (pairs / "labels.tsv").write_text(f"sample.png\t{publish.SAMPLE_LATEX}\n")
    scores = tmp_path / "own-sample.json"
    assert evaluate(["--pairs", str(pairs), "--checkpoint", str(folder), "--json", str(scores)]) == 0
    assert card.main([str(folder), str(scores)]) == 0
    found = card.load(folder)
    card.check(found)
    told = {result.metric_type: result.metric_value for result in found.data.eval_results}
    assert told == {"ned": 0, "exact": 1, "cer": 0, "bleu": 1}
    assert "| own sample (1) | 0.000 | 1.000 |" in found.text


@pytest.mark.parametrize("name", ["math", "biology", "handwriting"])
def test_the_card_of_shipped_weights_names_no_path_of_our_machines(name):
    text = (CHECKPOINTS / name / card.CARD).read_text(encoding="utf-8")
    assert "../" not in text and " /" not in text
