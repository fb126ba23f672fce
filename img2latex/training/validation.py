"""Scores of the averaged weights while a run goes on."""

from __future__ import annotations

from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from img2latex.data.dataset import Source, validation_set
from img2latex.latex import repair
from img2latex.latex.automaton import formulas
from img2latex.latex.tokens import Tokenizer, split_label
from img2latex.picture import images
from img2latex.reader import checkpoints, decoding
from img2latex.reader.engine_torch import TorchEngine
from img2latex.reader.model import Img2Latex
from img2latex.scoring.metrics import score
from img2latex.training.logger import report
from img2latex.training.run import Run

VAL_PICTURES = 128  # of each validation source


def validate(model: Img2Latex, source: Source, limit: int = VAL_PICTURES) -> tuple[dict, list]:
    """Greedy scores on a fixed sample, and its rows (picture, prediction, label) to show."""
    tokenizer = Tokenizer(model.config.vocab)
    chosen = validation_set(source, limit)
    pictures = [images.prepare_for(model.config, source.pictures.picture(i)) for i in chosen]
    engine = TorchEngine(model, half=False)
    order = sorted(range(len(pictures)), key=lambda k: -pictures[k].size)  # those read together are of similar size
    backwards = model.config.direction == "backwards"
    valid = None if backwards else formulas(model.config.vocab)  # what people get is written under it
    read = decoding.search(engine, (engine.encode(pictures[k]) for k in order), grammar=valid, attention=False, rows=32)
    turn = slice(None, None, -1 if backwards else 1)
    found = {k: repair(tokenizer.decode(decoded.ids)[turn]) for k, decoded in zip(order, read, strict=True)}
    labels = [repair(split_label(source.labels[i])) for i in chosen]
    predictions = [found[k] for k in range(len(chosen))]
    return score(predictions, labels), list(zip(pictures, predictions, labels, strict=True))


def validate_all(run: Run, vals: dict[str, Source], writer: SummaryWriter, out: Path) -> None:
    """Scores the averaged weights, and exports them as a checkpoint if they are the best so far."""
    mean = 0.0
    for name, source in vals.items():
        scores, rows = validate(run.ema, source)
        report(writer, name, scores, rows, run.step)
        where = f"step {run.step} seen {run.seen} {run.minutes:.1f} min"
        print(f"\n{where}: {name} NED {scores['ned']:.4f} exact {scores['exact']:.3f}", flush=True)
        mean += scores["ned"] / len(vals)
    writer.flush()
    checkpoints.save(run.ema, out / "last")  # a small validation set does not tell which of two good ones is better
    if not vals or mean <= run.best:
        run.best = mean if vals else run.best
        checkpoints.save(run.ema, out)
        run.save(out)
