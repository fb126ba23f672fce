"""Training the finder: it learns, goes on where it was stopped, and its weights tell the same without torch."""

import cv2
import numpy as np
import pytest
import torch

from img2latex.data import pages
from img2latex.page import finder
from img2latex.page.cells import CELL, KINDS
from img2latex.training import finder as training


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two pages of letters with bars, of which those in the middle of a line are called formulas."""
    made = []
    for number in range(2):
        grey, formulas = np.full((400, 300), 255, np.uint8), []
        for y in range(30, 390, 30):
            cv2.putText(grey, "some words and", (10, y), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 0, 1, cv2.LINE_AA)
            cv2.putText(grey, "x=y+2", (150, y), cv2.FONT_HERSHEY_TRIPLEX, 0.4, 0, 1, cv2.LINE_AA)
            formulas.append(((150, y - 10, 205, y + 4), "inline" if number else "displayed", "x=y+2"))
        made.append((grey, formulas))
    folder = tmp_path_factory.mktemp("pages")
    pages.write(folder, made, 2)
    return folder


def test_a_crop_has_its_boxes_where_the_ink_is(folder):
    page = pages.load(folder, pages.read(folder)[0])
    rng = np.random.default_rng(3)
    for _ in range(8):
        grey, boxes, kinds = training.crop(page, rng)
        assert grey.shape == (training.CROP, training.CROP) and len(boxes) == len(kinds)
        for left, top, right, bottom in np.clip(boxes, 0, training.CROP).astype(int):
            assert grey[top : bottom + 1, left : right + 1].min() < 200


def test_training_goes_on_where_it_stopped_and_its_weights_read_without_torch(folder, tmp_path):
    def train(minutes):
        told = ["--pages", folder, "--val", folder, "--val-count", 1, "--out", tmp_path, "--minutes", minutes]
        assert training.main([*map(str, told), "--batch-size", "1"]) == 0
        return torch.load(tmp_path / training.STATE, weights_only=True)

    first, second = train(0.01), train(0.08)
    assert second["step"] > first["step"] > 0 and second["spent"] > first["spent"]
    assert any(tmp_path.glob("events*"))

    model = training.Finder()
    model.load_state_dict(second["model"])
    another = training.start(str(tmp_path)).state_dict()
    assert all(torch.allclose(another[name], tensor, atol=2e-3, rtol=2e-3)
               for name, tensor in second["model"].items() if tensor.is_floating_point())  # fmt: skip
    ink = np.random.default_rng(0).random((1, 1, 64, 96), np.float32)
    with torch.no_grad():
        logits, distances = model.eval()(torch.from_numpy(ink))
    scores, sides = finder.Finder(tmp_path, threads=1)._session.run(None, {"ink": ink})
    assert scores.shape == (1, len(KINDS), 64 // CELL, 96 // CELL)
    assert np.abs(scores - logits.sigmoid().numpy()).max() < 0.01  # saved in 16 bits
    assert np.abs(sides - distances.numpy()).max() < 0.02 * np.abs(sides).max()


def test_the_loss_falls_on_a_batch_that_is_seen_again(folder):
    torch.manual_seed(0)
    model = training.start("math").train()
    crops = training.Crops([folder], np.random.default_rng(0))
    crops.refresh()
    ink, *wanted = crops.batch(1)
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), 1e-3)
    seen = []
    for _ in range(4):
        loss = sum(training.losses(model(ink), *wanted))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(loss.item())
    assert seen[-1] < 0.8 * seen[0]
    assert all(not p.requires_grad for part in model.frozen() for p in part.parameters())


def test_weights_that_are_missing_or_damaged_are_told_in_one_sentence(tmp_path):
    with pytest.raises(finder.CheckpointError, match=f"{finder.WEIGHTS} is missing"):
        finder.Finder(tmp_path)
    (tmp_path / finder.WEIGHTS).write_bytes(b"no weights")
    with pytest.raises(finder.CheckpointError, match="is damaged"):
        finder.Finder(tmp_path)


def test_late_in_a_run_normalization_stays_as_it_will_be_used():
    model = training.Finder()

    def means_after_a_look():
        with torch.no_grad():
            model.train()(torch.rand(1, 1, 64, 64))
        return model.norm1.running_mean.clone()

    assert not torch.equal(means_after_a_look(), means_after_a_look())
    model.settled = True
    assert torch.equal(means_after_a_look(), means_after_a_look())


def test_a_crop_can_be_seen_at_a_slant(folder, monkeypatch):
    monkeypatch.setattr(training, "SLANT", 0.3)
    page = pages.load(folder, pages.read(folder)[0])
    heights = []
    for seed in range(30):
        grey, boxes, _ = training.crop(page, np.random.default_rng(seed))
        heights.append(np.ptp(boxes[:, 3] - boxes[:, 1]) if len(boxes) else 0)
        for left, top, right, bottom in np.clip(boxes, 0, training.CROP).astype(int):
            assert grey[top : bottom + 1, left : right + 1].min() < 200
    assert max(heights) > 3 and min(heights) < 1  # near formulas are larger, in some crops
