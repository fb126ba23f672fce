"""Checkpoints: what is saved comes back, and everything that can be wrong with one is told in one sentence."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from img2latex import Recognizer
from img2latex.reader import checkpoints
from img2latex.reader.checkpoints import CONFIG, WEIGHTS, CheckpointError, load, resolve, save
from tests.hub_server import Hub
from tests.tiny import tiny_model

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "somebody/formulas"


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture
def folder(model, tmp_path):
    """A good checkpoint, for the test to spoil."""
    save(model, tmp_path / "good")
    return tmp_path / "good"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A Hub of the test's own with an empty cache, as `HF_ENDPOINT` and `HF_HOME` would choose them."""
    with Hub() as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub.url + "/{repo_id}/resolve/{revision}/{filename}"
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_IMPLICIT_TOKEN", True)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield hub


@pytest.fixture
def clone(monkeypatch, tmp_path):
    """An empty checkpoints/ folder in place of the clone's, and no word in the environment."""
    for variable in ("IMG2LATEX_MATH", "IMG2LATEX_BIOLOGY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", tmp_path / "checkpoints")
    return tmp_path / "checkpoints"


def complaint(name, **options):
    """The one sentence that loading a bad checkpoint ends with."""
    with pytest.raises(CheckpointError) as caught:
        load(name, **options)
    text = str(caught.value)
    assert "\n" not in text and text.endswith("."), text
    return text


def edit_config(folder, **changes):
    path = folder / CONFIG
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def flip_last_byte(content):
    return content[:-1] + bytes(byte ^ 1 for byte in content[-1:])


# Saving and loading


def test_what_is_saved_comes_back(model, folder):
    loaded, config = load(folder)
    assert config == model.config == loaded.config
    assert not loaded.training
    for name, tensor in model.state_dict().items():
        found = loaded.state_dict()[name]
        assert found.dtype == tensor.dtype
        assert torch.equal(found, tensor.half().to(tensor.dtype) if tensor.is_floating_point() else tensor), name


def test_a_saved_and_loaded_checkpoint_saves_to_the_same_bytes(folder, tmp_path):
    save(load(folder)[0], tmp_path / "again")
    for name in (CONFIG, WEIGHTS):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_weights_take_two_bytes_each(model, folder):
    numbers = sum(tensor.numel() for tensor in model.state_dict().values() if tensor.is_floating_point())
    assert (folder / WEIGHTS).stat().st_size < 2 * numbers + 64_000


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e6])
def test_weights_that_float16_cannot_hold_are_not_saved(folder, value):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    spoilt = tiny_model()
    with torch.no_grad():
        next(spoilt.parameters()).view(-1)[0] = value
    with pytest.raises(ValueError, match="float16"):
        save(spoilt, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_save_that_breaks_off_leaves_the_old_checkpoint(folder, monkeypatch):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def half_a_file(tensors, path, metadata):
        path.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(checkpoints, "save_file", half_a_file)
    with pytest.raises(OSError, match="no space"):
        save(tiny_model(seed=1), folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


# What can be wrong with a folder


def test_a_model_that_only_reads_backwards_is_no_reader(tmp_path):
    save(tiny_model(direction="backwards"), tmp_path)
    with pytest.raises(CheckpointError, match="writes backwards"):
        Recognizer.from_pretrained(tmp_path)


def test_a_second_model_that_is_missing_is_told(tmp_path):
    save(tiny_model(direction="both"), tmp_path)
    with pytest.raises(CheckpointError, match="has no backwards.safetensors"):
        Recognizer.from_pretrained(tmp_path)


def test_missing_folder(tmp_path):
    assert "no checkpoint folder" in complaint(tmp_path / "nothing")


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS])
def test_missing_file(folder, name):
    (folder / name).unlink()
    assert f"has no {name}" in complaint(folder)


@pytest.mark.parametrize("text", ["[]", "{}", '{"version": "soon"}', '{"version": 1}', '{"version": 1, "depth": 2}'])
def test_config_that_is_none(folder, text):
    (folder / CONFIG).write_text(text)
    assert "not the config of an img2latex checkpoint" in complaint(folder)


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 1', b'{"vocab": "\xff"}'])
def test_damaged_config(folder, content):
    (folder / CONFIG).write_bytes(content)
    assert f"{folder / CONFIG} is damaged" in complaint(folder)


@pytest.mark.parametrize(
    "changes", [{"vocab": ["x"] * 9}, {"vocab": 7}, {"num_heads": 5}, {"d_model": -1}, {"d_model": "wide"}]
)
def test_config_that_describes_no_model(folder, changes):
    edit_config(folder, **changes)
    assert "not the config of an img2latex checkpoint" in complaint(folder)


def test_config_of_a_newer_version(folder):
    edit_config(folder, version=999)
    assert "999, newer than this img2latex knows" in complaint(folder)


def test_config_of_other_weights(model, folder):
    special, tokens = model.config.vocab[:4], model.config.vocab[4:]
    edit_config(folder, vocab=[*special, *reversed(tokens)])
    assert "was not saved with" in complaint(folder)


@pytest.mark.parametrize(
    "spoil", [lambda content: content[:-100], lambda content: content[:5], lambda content: b"", flip_last_byte]
)
def test_damaged_weights(folder, spoil):
    path = folder / WEIGHTS
    path.write_bytes(spoil(path.read_bytes()))
    assert f"{path} is damaged" in complaint(folder)
    assert path.exists()  # a person's own file is not ours to remove


def test_weights_of_another_program(folder):
    save_file(load_file(folder / WEIGHTS), folder / WEIGHTS)
    assert "not saved by img2latex" in complaint(folder)


@pytest.mark.parametrize(
    "change, told",
    [
        (lambda state: state.pop(sorted(state)[0]), "lacks "),
        (lambda state: state.update(stranger=torch.zeros(3)), "has the unknown stranger"),
        (lambda state: state.update({sorted(state)[0]: torch.zeros(3, 5, 7)}), "has another shape of "),
    ],
)
def test_weights_of_another_model(model, folder, change, told):
    state = model.state_dict()
    change(state)

    class Other:
        config = model.config

        def state_dict(self):
            return state

    save(Other(), folder)
    text = complaint(folder)
    assert "doesn't fit its config" in text and told in text


# What a name means


def test_a_name_means_the_folder_in_the_clone(model, clone):
    save(model, clone / "math")
    assert resolve("math") == clone / "math"


def test_the_environment_comes_before_the_clone(model, clone, folder, monkeypatch):
    save(model, clone / "math")
    monkeypatch.setenv("IMG2LATEX_MATH", str(folder))
    assert resolve("math") == folder


def test_the_hub_comes_last(clone, folder, hub, monkeypatch):
    commit = hub.push(REPOSITORY, folder)
    monkeypatch.setitem(checkpoints.PUBLISHED, "math", f"{REPOSITORY}@{commit}")
    assert load("math")[1] == load(folder)[1]
    hub.requests.clear()
    save(tiny_model(seed=1), clone / "math")
    assert resolve("math") == clone / "math"
    assert hub.requests == []


def test_the_environment_may_name_a_repository(clone, folder, hub, monkeypatch):
    commit = hub.push(REPOSITORY, folder)
    monkeypatch.setenv("IMG2LATEX_BIOLOGY", f"{REPOSITORY}@{commit}")
    assert resolve("biology").name == commit


def test_an_unknown_name_is_told_with_those_there_are(model, clone):
    save(model, clone / "math")
    assert complaint("maths") == "There is no checkpoint named 'maths'; there is math."


def unpinned(published):
    """Names that stand for whatever a branch holds on the day."""
    return [name for name, place in published.items() if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", place)]


def test_published_names_are_pinned():
    assert unpinned(checkpoints.PUBLISHED) == []
    pinned = f"org/name@{'0a' * 20}"
    assert unpinned({"a": pinned, "b": "org/name", "c": "org/name@main", "d": pinned[:-1]}) == ["b", "c", "d"]


@pytest.mark.parametrize("name", ["tests/nothing", "./nothing", "a/b/c", "/nothing", "..", ""])
def test_a_mistyped_folder_is_not_asked_of_the_hub(hub, monkeypatch, name):
    monkeypatch.chdir(ROOT)
    complaint(name)
    assert hub.requests == []


def test_a_folder_has_no_revision(folder):
    assert "has a revision" in complaint(folder, revision="main")


def test_two_revisions_are_one_too_many(hub):
    assert "another" in complaint(f"{REPOSITORY}@v1", revision="v2")
    assert hub.requests == []


# From the Hub


def test_cold_then_warm_then_offline(folder, hub, monkeypatch):
    commit = hub.push(REPOSITORY, folder)
    _, config = load(REPOSITORY)
    assert config == load(folder)[1]
    assert {path for method, path in hub.requests if method == "GET" and "/resolve/" in path} == {
        f"/{REPOSITORY}/resolve/main/{CONFIG}"
    }

    hub.requests.clear()
    load(REPOSITORY)
    assert {method for method, _ in hub.requests} == {"HEAD"}  # it asks whether main has moved, and fetches nothing

    hub.requests.clear()
    assert resolve(REPOSITORY, revision=commit) == resolve(f"{REPOSITORY}@{commit}")
    assert hub.requests == []

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert load(REPOSITORY)[1] == config
    assert hub.requests == []


def test_main_moves_and_a_pinned_commit_does_not(folder, hub):
    old = hub.push(REPOSITORY, folder)
    resolve(REPOSITORY)
    save(tiny_model(seed=1), folder)
    new = hub.push(REPOSITORY, folder)
    assert resolve(REPOSITORY).name == new
    assert resolve(REPOSITORY, revision=old).name == old


def test_a_cut_connection_is_taken_up_again(folder, hub):
    hub.push(REPOSITORY, folder)
    hub.cut = 1000
    assert load(REPOSITORY)[1] == load(folder)[1]
    assert len([1 for method, path in hub.requests if method == "GET" and "/blobs/" in path]) == 2


def test_offline_and_not_cached(folder, hub, monkeypatch):
    hub.push(REPOSITORY, folder)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in complaint(REPOSITORY)


def test_hub_that_is_down(folder, hub):
    hub.push(REPOSITORY, folder)
    resolve(REPOSITORY)
    hub.stop()
    assert load(REPOSITORY)[1] == load(folder)[1]  # from the cache
    assert "can't be reached" in complaint("somebody/else")


def test_hub_that_is_slow(folder, hub, monkeypatch):
    hub.push(REPOSITORY, folder)
    hub.delay = 2.0
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.2)
    assert "didn't answer in time" in complaint(REPOSITORY)


@pytest.mark.parametrize(
    "status, code, told",
    [
        (401, None, "the login is missing or refused"),
        (403, None, "the login is missing or refused"),
        (403, "GatedRepo", "its owner must grant access"),
        (404, "RepoNotFound", "no such repository"),
        (500, None, "error 500"),
        (503, None, "error 503"),
        (200, None, "not a Hub"),
    ],
)
def test_hub_that_refuses(folder, hub, status, code, told):
    hub.push(REPOSITORY, folder)
    hub.status, hub.error_code = status, code
    assert told in complaint(REPOSITORY)


def test_what_the_hub_has_not(folder, hub):
    hub.push(REPOSITORY, folder)
    assert "no such repository" in complaint("somebody/else")
    assert "no such revision" in complaint(f"{REPOSITORY}@v9")
    (folder / WEIGHTS).unlink()
    hub.push(REPOSITORY, folder)
    assert f"no {WEIGHTS}" in complaint(REPOSITORY)


@pytest.mark.parametrize(
    "of_config, of_weights, told",
    [
        (lambda content: content[:-10], lambda content: content, "removed from the cache"),
        (lambda content: content, flip_last_byte, "removed from the cache"),
        (lambda content: content, lambda content: content[:-10], "should be of size"),
    ],
)
def test_what_is_damaged_on_its_way_is_not_kept(folder, hub, of_config, of_weights, told):
    hub.push(REPOSITORY, folder)
    hub.spoil = lambda content: of_config(content) if content.startswith(b"{") else of_weights(content)
    assert told in complaint(REPOSITORY)
    hub.spoil = lambda content: content
    assert load(REPOSITORY)[1] == load(folder)[1]


def test_hf_endpoint_is_heeded(folder, hub, tmp_path):
    hub.push(REPOSITORY, folder)
    code = f"from img2latex.reader.checkpoints import load; print(len(load({REPOSITORY!r})[1].vocab))"
    environment = os.environ | {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0"}
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.stdout.strip() == str(len(load(folder)[1].vocab)), run.stderr
