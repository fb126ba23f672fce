"""Training: a run survives kill -9 and goes on where it was, writes its curves, and tells mistakes in a sentence."""

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import train
from img2latex import Recognizer
from img2latex.config import ModelConfig, TrainConfig
from img2latex.data import render, synthesize
from img2latex.data.dataset import Shards, Source, collate
from img2latex.data.shards import write_shard
from img2latex.latex import normalize
from img2latex.latex.tokens import SPECIAL, Tokenizer, build_vocab
from img2latex.picture import images
from img2latex.reader import checkpoints
from img2latex.training.run import Run, load_state
from img2latex.training.schedule import Limit, Schedule
from img2latex.training.start import default_data, known_only
from img2latex.training.validation import validate
from tests import overfit as overfitting

torch.set_num_threads(1)
ROOT = Path(__file__).resolve().parents[2]
FORMULAS = [f"{a}{sign}{b}" for a in "abxy" for b in "12nm" for sign in "+-="] + [r"x^2", r"\frac12", r"\sqrt{a}"]
QUICK = "--threads 1 --batch-size 8 --pool 16 --warmup-steps 5 --no-bf16".split()
SMALL = [*"--d-model 32 --num-layers 1 --letter-height 12 --column-stride 16".split(), *QUICK]
SECONDS = 1200  # how long a slow machine may take


def write_shards(folder, formulas):
    pictures = render.render(formulas, render.Look(dpi=120))
    rows = [(p, "test", f, normalize(f)) for f, p in zip(formulas, pictures, strict=True)]
    write_shard(folder / "some-00000.zip", rows)
    return str(folder)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return write_shards(folder / "train", FORMULAS), write_shards(folder / "val", FORMULAS[::7])


def command(out, *options):
    return [sys.executable, "train.py", "--out", str(out), *options]


def run(out, *options):
    return subprocess.run(command(out, *options), cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)


def state_of(out):
    return torch.load(out / "state.pt", weights_only=True)


def wait_for(condition, process):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.fixture(scope="module")
def resumed(data, tmp_path_factory):
    """A run killed in the middle and gone on with: its folder, the state it went on from, its second output.

    The state is older than the last numbers that the run told TensorBoard, as it is wherever not each step is saved.
    """
    out = tmp_path_factory.mktemp("runs") / "small"
    options = ["--data", data[0], "--val", data[1], *SMALL, "--max-epochs", "10", "--save-minutes", "0"]
    with open(out.parent / "log.txt", "w") as log:
        process = subprocess.Popen(command(out, *options), cwd=ROOT, stdout=log, stderr=log)
        wait_for(lambda: (out / "state.pt").exists() and state_of(out)["step"] >= 22, process)
        saved = (out / "state.pt").read_bytes()
        wait_for(lambda: state_of(out)["step"] >= 42, process)
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.send_signal(signal.SIGKILL)
        process.wait()
    (out / "state.pt").write_bytes(saved)
    killed = state_of(out)
    again = run(out, "--resume", "--max-epochs", "12")
    return out, killed, again, workers


# Stopping and going on


def test_a_killed_run_goes_on_where_it_was(resumed):
    out, killed, again, _ = resumed
    assert again.returncode == 0, again.stderr
    assert 22 <= killed["step"] < 40  # it was in the middle
    state = state_of(out)
    assert state["step"] > killed["step"] and state["pool"] > killed["pool"]
    assert state["seen"] >= 12 * len(FORMULAS)
    assert state["minutes"] > killed["minutes"]


def test_no_worker_outlives_a_killed_run(resumed):
    workers = resumed[3]
    deadline = time.monotonic() + SECONDS
    assert workers
    while any(Path("/proc", worker).exists() for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_settings_that_are_not_told_anew_stay(resumed, data):
    settings = json.loads((resumed[0] / "train.json").read_text())
    assert settings["data"] == [data[0]] and settings["val"] == [data[1]]
    assert (settings["batch_size"], settings["d_model"], settings["bf16"]) == (8, 32, False)
    assert settings["max_epochs"] == 12  # told anew


def test_no_file_is_half_written(resumed):
    names = {path.name for path in resumed[0].iterdir() if not path.name.startswith("events.")}
    assert names == {"state.pt", "train.json", "config.json", "model.safetensors", "last"}
    assert {path.name for path in (resumed[0] / "last").iterdir()} == {"config.json", "model.safetensors"}


def test_what_is_trained_is_a_checkpoint(resumed):
    reader = Recognizer.from_pretrained(resumed[0])
    assert (reader.config.d_model, reader.config.num_layers) == (32, 1)
    assert set(reader.config.vocab) == {*SPECIAL, *(t for f in FORMULAS for t in normalize(f).split())}
    averaged, saved = state_of(resumed[0])["ema"], checkpoints.load(resumed[0] / "last")[0].state_dict()
    for name, tensor in saved.items():
        assert torch.allclose(tensor.float(), averaged[name].float(), atol=2e-3, rtol=2e-3), name


def test_what_there_is_to_watch(resumed):
    out, killed, *_ = resumed
    events = EventAccumulator(str(out), size_guidance={"scalars": 0, "images": 0, "tensors": 0})
    events.Reload()
    tags = events.Tags()
    assert {"train/loss", "train/learning_rate", "train/gradient_norm", "train/pictures_per_second", "val/val/ned",
            "val/val/exact"} <= set(tags["scalars"])  # fmt: skip
    assert tags["images"] == ["val/val/worst"]
    assert {"config/text_summary", "val/val/worst/text_summary"} <= set(tags["tensors"])
    losses = events.Scalars("train/loss")
    steps = [loss.step for loss in losses]
    # the curve goes on without a gap, and nothing is told twice
    assert steps == list(range(20, state_of(out)["step"] + 1, 20))
    assert all(0 < loss.value < 10 for loss in losses)
    rates = [rate.value for rate in events.Scalars("train/learning_rate")]
    assert rates == sorted(rates, reverse=True)
    assert all(0 <= scalar.value <= 1 for tag in ("val/val/ned", "val/val/exact") for scalar in events.Scalars(tag))
    table = events.Tensors("val/val/worst/text_summary")[-1].tensor_proto.string_val[0].decode()
    assert "| label | prediction |" in table and table.count("\n") >= len(FORMULAS[::7])
    picture = events.Images("val/val/worst")[-1]
    assert picture.height > 50 and picture.width > 20


def small_run(**settings):
    """A run on eight pictures, with its batches."""
    labels = [normalize(f).split(" ") for f in FORMULAS[:8]]
    config = ModelConfig(build_vocab(labels), d_model=32, num_layers=1, num_heads=2, feedforward=64, dropout=0.3)
    options = TrainConfig(**({"max_epochs": 9, "warmup_steps": 2, "bf16": False} | settings))
    torch.manual_seed(options.seed)
    return Run(options, config, len(labels), torch.device("cpu")), config, labels


def small_batches(config, labels, count):
    rng = np.random.default_rng(0)
    pictures = [np.where(rng.random((32, 48)) < 0.2, 0, 255).astype(np.uint8) for _ in labels]
    ids = [Tokenizer(config.vocab).encode(label) for label in labels]
    return [collate(pictures[i:] + pictures[:i], ids[i:] + ids[:i], pool=i) for i in range(count)]


def test_a_resumed_run_takes_the_very_steps_it_would_have_taken(tmp_path):
    first, config, labels = small_run()
    some = small_batches(config, labels, 6)
    for batch in some[:3]:
        first.train_batch(batch)
        first.count(batch, 0.5)
    first.save(tmp_path)
    expected = [first.train_batch(batch) for batch in some[3:]]

    second, _, _ = small_run(seed=9)
    second.load(load_state(tmp_path, torch.device("cpu")))
    assert (second.step, second.seen, second.pool, second.minutes) == (3, 24, 3, 1.5)
    for batch, numbers in zip(some[3:], expected, strict=True):
        assert second.train_batch(batch) == pytest.approx(numbers, rel=1e-4)
    for name, tensor in first.ema.state_dict().items():
        assert torch.allclose(second.ema.state_dict()[name].float(), tensor.float(), atol=1e-5), name


def test_a_save_that_breaks_off_leaves_the_old_state(tmp_path, monkeypatch):
    one, config, labels = small_run()
    one.save(tmp_path)
    one.train_batch(small_batches(config, labels, 1)[0])

    def half(state, path):
        Path(path).write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(OSError, match="no space"):
        one.save(tmp_path)
    assert load_state(tmp_path, torch.device("cpu"))["step"] == 0


# Steps


def test_training_lowers_the_loss_and_the_average_follows():
    one, config, labels = small_run(learning_rate=2e-3)
    before = {name: tensor.clone() for name, tensor in one.ema.state_dict().items()}
    losses = [one.train_batch(small_batches(config, labels, 1)[0])["loss"] for _ in range(20)]
    assert losses[-1] < losses[0] - 0.5
    now, mean = one.model.state_dict(), one.ema.state_dict()
    for name in ("head.weight", "trunk.bn1.running_mean", "memory_norm.weight"):
        moved, lag = (now[name] - before[name]).abs().mean(), (now[name] - mean[name]).abs().mean()
        assert 0 < lag < moved, name
    assert not any(p.requires_grad for p in one.ema.parameters()) and not one.ema.training


def test_one_bad_batch_does_not_poison_the_weights():
    one, config, labels = small_run()
    before = {name: tensor.clone() for name, tensor in one.model.named_parameters()}
    with torch.no_grad():
        broken = one.model.head.bias.clone()
        one.model.head.bias[5] = float("nan")
    numbers = one.train_batch(small_batches(config, labels, 1)[0])
    assert not np.isfinite(numbers["gradient_norm"])
    with torch.no_grad():
        one.model.head.bias.copy_(broken)
    assert all(torch.equal(p, before[name]) for name, p in one.model.named_parameters())


def test_gradients_are_clipped():
    one, config, labels = small_run(gradient_clip=0.01)
    assert one.train_batch(small_batches(config, labels, 1)[0])["gradient_norm"] > 0.01  # told as it was
    total = sum(float(p.grad.norm()) ** 2 for p in one.model.parameters()) ** 0.5
    assert total == pytest.approx(0.01, rel=1e-3)


def test_a_frozen_stem_stays_and_the_rest_learns():
    one, config, labels = small_run(freeze_stem=True)
    before = {name: tensor.clone() for name, tensor in one.model.state_dict().items()}
    for _ in range(3):
        one.train_batch(small_batches(config, labels, 1)[0])
    moved = {name for name, tensor in one.model.state_dict().items() if not torch.equal(tensor, before[name])}
    assert not any(name.startswith(("trunk.conv1", "trunk.bn1", "trunk.layer1")) for name in moved)
    assert {"trunk.layer2.0.conv1.weight", "trunk.layer2.0.bn1.running_mean", "head.bias"} <= moved


# Several processes


PLAIN = {"label_smoothing": 0.0, "gradient_clip": 1e9}


def gradients(model):
    return {name: parameter.grad.clone() for name, parameter in model.named_parameters()}


def distributed_step(rank, port, folder):
    """What one of two processes does: a step on its half of a batch."""
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
    torch.set_num_threads(1)
    one, config, labels = small_run(**PLAIN)
    one.model.eval()  # the statistics of batches would tell halves from a whole
    one.model.train = lambda: None
    batch = small_batches(config, labels, 1)[0]
    half = slice(rank * 4, rank * 4 + 4)
    part = dataclasses.replace(
        batch, pictures=batch.pictures[half], sizes=batch.sizes[half], tokens=batch.tokens[half], pool=rank
    )
    one.train_batch(part)
    pictures = one.count(part, minutes=1.0 + rank)
    torch.save((gradients(one.model), pictures, one.seen, one.pool, one.minutes), folder / f"{rank}.pt")
    torch.distributed.destroy_process_group()


def lonely_steps(rank, port, folder):
    """What one of two processes does that meet now and then: three steps on batches of its own, a meeting with one."""
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
    torch.set_num_threads(1)
    one, config, labels = small_run(local_seconds=1e9, learning_rate=1e-2)
    told = []
    for step, batch in enumerate(small_batches(config, labels, 6)[rank::2]):
        if step == 1:
            one.next_reduce = 0
        one.train_batch(batch)
        pictures = one.count(batch, minutes=1.0 + rank)
        weights, mean = ({k: v.clone() for k, v in m.state_dict().items()} for m in (one.model, one.ema))
        told.append((weights, mean, pictures, one.seen, one.pool, one.minutes))
    torch.save(told, folder / f"{rank}.pt")
    torch.distributed.destroy_process_group()


def both(work, folder):
    """What two processes that do `work` leave behind."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    # forked, they need not import all of it again
    torch.multiprocessing.start_processes(work, (port, folder), nprocs=2, start_method="fork")
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in (0, 1)]


def test_processes_that_go_alone_meet_in_the_mean_of_their_weights(tmp_path):
    first, second = both(lonely_steps, tmp_path)
    for step, (mine, its) in enumerate(zip(first, second, strict=True)):
        for name in ("head.weight", "trunk.conv1.weight", "trunk.bn1.running_mean"):
            assert torch.equal(mine[0][name], its[0][name]) == (step == 1), (step, name)
            assert torch.equal(mine[1][name], its[1][name]), (step, name)  # the average moves where they meet
    assert [one[2:] for one in first] == [(0, 0, 0, 0.0), (32, 32, 3, 2.0), (0, 32, 3, 2.0)]
    assert [one[3:] for one in first] == [one[3:] for one in second]


def test_two_processes_take_the_step_that_one_would_take(tmp_path):
    first, second = both(distributed_step, tmp_path)
    assert first[1:] == second[1:] == (8, 8, 1, 1.0)  # pictures of both, the later pool, the first one's clock
    alone, config, labels = small_run(**PLAIN)
    alone.model.eval()
    alone.model.train = lambda: None
    alone.train_batch(small_batches(config, labels, 1)[0])
    for name, gradient in gradients(alone.model).items():
        assert torch.equal(first[0][name], second[0][name]), name
        assert torch.allclose(first[0][name], gradient, rtol=1e-3, atol=1e-6), name


@pytest.mark.parametrize("meeting", [[], ["--local-seconds", "0.3"]])
def test_torchrun_trains_with_two_processes(data, tmp_path, meeting):
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", "train.py"]
    options = ["--data", data[0], "--val", data[1], "--out", str(tmp_path), "--device", "cpu", *SMALL]
    done = subprocess.run(
        [*launch, *options, *meeting, "--max-epochs", "3"], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr
    state = state_of(tmp_path)
    assert state["seen"] >= 3 * len(FORMULAS)
    assert 1 < state["step"] <= state["seen"] / 2
    assert len(list(tmp_path.glob("events.*"))) == 1 and checkpoints.load(tmp_path)


def test_the_schedule():
    config = TrainConfig(max_epochs=4, learning_rate=1e-3, final_learning_rate=1e-5, warmup_steps=10)
    schedule = Schedule(config, pictures=100)
    assert [schedule.progress(seen, 99) for seen in (0, 200, 400, 900)] == [0, 0.5, 1, 1]
    assert schedule.learning_rate(0, 0) == pytest.approx(1e-4)
    assert schedule.learning_rate(4, 0) == pytest.approx(5e-4)
    assert schedule.learning_rate(10, 0) == pytest.approx(1e-3)
    assert schedule.learning_rate(99, 0.5) == pytest.approx((1e-3 + 1e-5) / 2)
    assert schedule.learning_rate(99, 1) == pytest.approx(1e-5)
    assert [schedule.max_tokens(p) for p in (0, 0.11, 0.12, 0.29, 0.3, 1)] == [10, 10, 25, 25, 250, 250]
    by_clock = Schedule(dataclasses.replace(config, minutes=30), pictures=100)
    assert [by_clock.progress(10**6, minutes) for minutes in (0, 15, 60)] == [0, 0.5, 1]


def test_the_curriculum_by_pools_and_by_the_clock():
    config = TrainConfig(max_epochs=1)
    limit = Limit(Schedule(config, pictures=1000), pool=100)
    assert [limit(number) for number in (0, 1, 2, 3, 10, 99)] == [10, 10, 25, 250, 250, 250]
    limit = Limit(Schedule(dataclasses.replace(config, minutes=5), 1000), pool=100, shortest=14)
    assert limit(99) == 14  # the clock stands at the start, and nothing is shorter
    limit.clock[0] = 0.2
    assert limit(0) == 25


# Data


def test_labels_that_the_model_cannot_say_are_left_out(data):
    source = Source(Shards(data[0]))
    config = ModelConfig(vocab=(*SPECIAL, "a", "x", "+", "1", "2"))
    known_only(source, config)
    assert sorted(source.labels[i] for i in source.by_length) == ["a + 1", "a + 2", "x + 1", "x + 2"]
    assert source.count(100) == 4
    known_only(source, dataclasses.replace(config, max_length=2))
    assert source.count(100) == 0


def test_a_model_that_was_trained_backwards_is_scored_as_it_reads(tmp_path):
    known = overfitting.overfit(backwards=True)
    write_shards(tmp_path, overfitting.FORMULAS)
    scores, _ = validate(known.model, Source(Shards(tmp_path)))
    assert scores["exact"] == 1


def test_validation_scores_what_a_reader_would_say(data, tmp_path):
    source = Source(Shards(data[1]))
    one, config, _ = small_run()
    scores, rows = validate(one.ema, source, limit=4)
    assert scores["count"] == len(rows) == 4
    checkpoints.save(one.ema, tmp_path)
    reader = Recognizer.from_pretrained(tmp_path)
    for picture, prediction, label in rows:
        i = source.labels.index(" ".join(label))
        assert np.array_equal(picture, images.prepare(source.pictures.picture(i)))
        assert len(prediction) == len(reader.recognize(source.pictures.picture(i)).tokens)


def test_a_fresh_clone_trains_on_formulas_of_its_own(tmp_path, monkeypatch):
    few = {1: [r"x+1", r"\frac12", r"y^2"], 2: [r"\frac{1}{2}", "z"]}
    monkeypatch.setattr(synthesize, "math", lambda seed, count: few[seed])
    monkeypatch.setattr(synthesize, "biology", lambda seed, count: [r"\mathrm{H}_2\mathrm{O}"] if seed == 1 else [])
    folders, vals = default_data(tmp_path)
    trained, held_out = Source(Shards(folders[0])), Source(Shards(vals[0]))
    assert sorted(held_out.labels) == [r"\frac { 1 } { 2 }", "z"]
    assert sorted(trained.labels) == [r"\mathrm { H } _ { 2 } \mathrm { O }", "x + 1", "y ^ { 2 }"]


# The command line


def test_every_setting_has_a_flag():
    config, resume = train.parse([])
    assert config == TrainConfig() and not resume
    told = "--data a b=0.5 --batch-size 4 --device cpu --minutes 1.5 --bf16 --curriculum"
    config, _ = train.parse([*told.split(), "[[0.5, 8], [1, 99]]"])
    assert (config.data, config.batch_size, config.device) == (["a", "b=0.5"], 4, "cpu")
    assert (config.minutes, config.curriculum, config.bf16) == (1.5, [[0.5, 8], [1, 99]], True)
    assert train.parse(["--max-epochs", "2"])[0].max_epochs == 2


@pytest.mark.parametrize(
    "told, why",
    [
        ("--recipe nonsense --data x", "there is no recipe nonsense"),
        ("--recipe math --data x", "--recipe and --data exclude each other"),
        ("--minutes 3 --max-epochs 2", "--minutes and --max-epochs exclude each other"),
        ("--init math --d-model 64", "--init and --d-model exclude each other"),
        ("--init math --num-layers 2", "--init and --num-layers exclude each other"),
        ("--data x --data-root y", "--data-root needs --recipe"),
        (r"--new-tokens \wr", "--new-tokens needs --init"),
        ("--freeze-stem", "--freeze-stem needs --init"),
    ],
)
def test_an_option_without_effect_is_refused(tmp_path, capsys, told, why):
    assert why in complaint(capsys, "--out", str(tmp_path), *told.split())


@pytest.mark.parametrize(
    "told, why",
    [
        ("--data y", "--data that it was started with (['x'])"),
        ("--recipe math", "--recipe that it was started with (None)"),
        ("--recipe nonsense", "there is no recipe nonsense"),
        ("--init math", "--init that it was started with (None)"),
        ("--d-model 64", "--d-model that it was started with (32)"),
        ("--num-layers 2", "--num-layers that it was started with (3)"),
        ("--letter-height 20", "--letter-height that it was started with (None)"),
        ("--column-stride 8", "--column-stride that it was started with (None)"),
        ("--dropout 0.5", "--dropout that it was started with (0.0)"),
    ],
)
def test_a_resumed_run_keeps_its_data_and_its_model(tmp_path, capsys, told, why):
    begun = TrainConfig(data=["x"], d_model=32, minutes=5.0, curriculum=[[1.0, 250]])
    (tmp_path / "train.json").write_text(json.dumps(dataclasses.asdict(begun)))
    assert why in complaint(capsys, "--out", str(tmp_path), "--resume", *told.split())
    told = ["--out", str(tmp_path), "--resume", "--data", "x", "--val", "v", "--weight-decay", "0.5"]
    again = dataclasses.replace(begun, out=str(tmp_path), val=["v"], weight_decay=0.5)
    assert train.parse(told) == (again, True)
    by_epochs = dataclasses.replace(again, minutes=None, max_epochs=9)
    assert train.parse([*told, "--max-epochs", "9"]) == (by_epochs, True)


def test_a_resumed_run_takes_another_weight_decay(tmp_path):
    one, _, _ = small_run()
    one.save(tmp_path)
    two, _, _ = small_run(weight_decay=0.5)
    two.load(load_state(tmp_path, torch.device("cpu")))
    assert [group["weight_decay"] for group in two.optimizer.param_groups] == [0.5, 0.0]


def test_a_given_validation_set_replaces_that_of_prepared_data(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(synthesize, "math", lambda seed, count: FORMULAS[seed::2])
    monkeypatch.setattr(synthesize, "biology", lambda seed, count: [])
    assert train.main(["--val", data[1], "--out", "out", *SMALL, "--max-epochs", "1", "--workers", "0"]) == 0
    assert json.loads(Path("out/train.json").read_text())["val"] == [data[1]]


def test_settings_of_a_later_version_are_passed_over(tmp_path):
    (tmp_path / "train.json").write_text('{"seed": 3, "wings": 2}')
    config, resume = train.parse(["--out", str(tmp_path), "--resume", "--pool", "7"])
    assert resume and (config.seed, config.pool) == (3, 7)


def complaint(capsys, *options):
    assert train.main(list(options)) == 1
    said = capsys.readouterr()
    assert said.err.startswith("train.py: ") and said.err.count("\n") == 1, said.err
    return said.err


def test_mistakes_are_told_in_one_sentence(data, tmp_path, capsys):
    out = ["--out", str(tmp_path / "out"), "--threads", "1"]
    given = ["--data", data[0]]
    assert "no shards in /nowhere" in complaint(capsys, *out, "--data", "/nowhere")
    assert "no state to resume" in complaint(capsys, *out, *given, "--resume")
    assert "no device" in complaint(capsys, *out, *given, "--device", "abacus")
    assert "weights" in complaint(capsys, *out, "--data", f"{data[0]}=0")
    assert "no checkpoint" in complaint(capsys, *out, *given, "--init", str(tmp_path / "none"))
    assert "multiple of 8" in complaint(capsys, *out, *given, "--d-model", "30")
    assert "column_stride must be 16 or 8" in complaint(capsys, *out, *given, "--column-stride", "5")
    assert "letter_height must be above 0" in complaint(capsys, *out, *given, "--letter-height", "0")
    assert "no shard" in complaint(capsys, *out, "--data", str(ROOT / "train.py"))
    assert "no recipe pie" in complaint(capsys, *out, "--recipe", "pie")
    assert "needs math, " in complaint(capsys, *out, "--recipe", "base", "--data-root", str(tmp_path))
    (tmp_path / "out" / "state.pt").write_bytes(b"half")
    assert "damaged" in complaint(capsys, *out, *given, "--resume")
    assert not (tmp_path / "out" / "train.json").exists()
    (tmp_path / "file").write_text("")
    assert "file" in complaint(capsys, "--out", str(tmp_path / "file"), *given)


def test_a_checkpoint_that_can_write_no_label_is_refused(data, tmp_path, capsys):
    from tests.tiny import tiny_model

    model = tiny_model()
    model.config = dataclasses.replace(model.config, vocab=(*SPECIAL, *(f"<{i}>" for i in range(12))))
    checkpoints.save(model, tmp_path / "init")
    told = complaint(capsys, "--out", str(tmp_path / "out"), "--data", data[0], "--init", str(tmp_path / "init"))
    assert "cannot write any label" in told


def test_a_wrong_folder_ends_the_program_with_one_sentence(tmp_path):
    result = run(tmp_path / "out", "--data", str(tmp_path / "none"))
    assert result.returncode == 1
    assert result.stderr == f"train.py: there are no shards in {tmp_path / 'none'}\n"
    assert os.listdir(tmp_path / "out") == []


def test_a_run_starts_from_a_checkpoint(data, tmp_path, capsys):
    one, config, labels = small_run()
    checkpoints.save(one.model, tmp_path / "init")
    options = ["--data", data[0], "--out", str(tmp_path / "out"), "--init", str(tmp_path / "init"), "--workers", "0"]
    slow = ["--learning-rate", "1e-9", "--final-learning-rate", "1e-9", "--weight-decay", "0"]
    finer = ["--letter-height", "16", "--column-stride", "8"]
    assert train.main([*options, *slow, *QUICK, *finer, "--max-epochs", "1"]) == 0
    start, end = checkpoints.load(tmp_path / "init")[0], checkpoints.load(tmp_path / "out")[0]
    assert end.config.vocab == start.config.vocab
    assert (end.config.letter_height, end.config.column_stride) == (16, 8)
    assert torch.allclose(end.head.weight, start.head.weight, atol=1e-4)


def test_a_checkpoint_learns_to_write_new_tokens(data, tmp_path):
    one, _, _ = small_run()
    known = one.model.config.vocab
    checkpoints.save(one.model, tmp_path / "init")
    options = ["--data", data[0], "--out", str(tmp_path / "out"), "--init", str(tmp_path / "init"), "--workers", "0"]
    slow = ["--learning-rate", "1e-9", "--final-learning-rate", "1e-9", "--weight-decay", "0"]
    tokens = ["--new-tokens", r"\boxed", known[-1], r"\$", r"\boxed"]
    assert train.main([*options, *slow, *QUICK, "--max-epochs", "1", *tokens]) == 0
    start, end = checkpoints.load(tmp_path / "init")[0], checkpoints.load(tmp_path / "out")[0]
    assert end.config.vocab == (*known, r"\boxed", r"\$")
    assert torch.allclose(end.head.weight[: len(known)], start.head.weight, atol=1e-4)
    assert torch.allclose(end.embedding.weight[: len(known)], start.embedding.weight, atol=1e-4)
