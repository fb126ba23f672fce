"""The training loop: steps on batches, with a state saved and a validation from time to time."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
import time
from pathlib import Path

from torch.utils.data import DataLoader

from img2latex.config import ModelConfig, TrainConfig
from img2latex.data import recipes
from img2latex.data.dataset import Shards, Source, Stream, parse_source
from img2latex.files.atomic import remove_drafts, replacing
from img2latex.training.logger import Logger
from img2latex.training.run import Run, choose_device, first_process_first, load_state
from img2latex.training.schedule import Limit
from img2latex.training.start import check_sources, default_data, known_only, new_model_config
from img2latex.training.validation import validate_all

SETTINGS = "train.json"


def train(config: TrainConfig, out: Path, resume: bool) -> None:
    """Trains until the run is done.

    Raises:
        ValueError: no data, no state to resume, or a checkpoint that does not fit.
    """
    device = choose_device(config.device)
    state = load_state(out, device) if resume else None
    if config.recipe and not config.data:
        config.data = recipes.sources(config.recipe, Path(config.data_root))
    if not config.data:
        with first_process_first():
            config.data, val = default_data(Path("runs") / "data")
        config.val = config.val or val
    sources = [parse_source(text) for text in config.data]
    if not config.val:  # as data/prepare.py lays them beside the training shards
        folders = [Path(text.partition("=")[0]) for text in config.data]
        config.val = [str(folder) for folder in folders if list(folder.glob("validate-*.zip"))]
    model_config = ModelConfig.from_dict(state["model_config"]) if state else new_model_config(config, sources)
    for source in sources:
        known_only(source, model_config)
    check_sources(sources)
    run = Run(config, model_config, sum(len(s.by_length) for s in sources), device)
    if state:
        run.load(state)
    elif config.init:
        run.start_from(config.init)
    vals = [Source(Shards(path, split="validate")) for path in config.val]
    names = [Path(path).stem for path in config.val]
    if run.rank == 0:
        remove_drafts(out)
        with replacing(out / SETTINGS) as draft:
            draft.write_text(json.dumps(dataclasses.asdict(config), indent=1) + "\n")
    loop(run, sources, dict(zip(names, vals, strict=True)), out)


def loop(run: Run, sources: list[Source], vals: dict[str, Source], out: Path) -> None:
    config = run.config
    shortest = min(int(source.lengths[source.by_length[0]]) for source in sources if len(source.by_length))
    limit = Limit(run.schedule, config.pool, shortest)
    limit.clock[0] = run.schedule.progress(run.seen, run.minutes)
    stream = Stream(sources, run.model.config, config, limit, run.pool, (run.rank, run.world))
    # Batches prepared ahead: more than a pool, so that training never waits for the next pool.
    ahead = 128 if config.workers else None
    loader = DataLoader(
        stream, batch_size=None, num_workers=config.workers, prefetch_factor=ahead, worker_init_fn=follow_parent
    )
    logger = Logger(run, out) if run.rank == 0 else None
    last = saved = time.monotonic()
    validated = run.minutes
    for batch in loader:
        numbers = run.train_batch(batch)
        now = time.monotonic()
        pictures = run.count(batch, (now - last) / 60)
        seconds, last = now - last, now
        progress = limit.clock[0] = run.schedule.progress(run.seen, run.minutes)
        if logger:
            logger.note(numbers, pictures, seconds, float(progress))
        if run.local_steps:
            continue
        if logger:
            if now - saved > 60 * config.save_minutes or progress >= 1:
                logger.writer.flush()  # so that after a kill the curves reach as far as the state
                run.save(out)
                saved = now
            if run.minutes - validated > config.validate_minutes or progress >= 1:
                validate_all(run, vals, logger.writer, out)
                validated = run.minutes
                last = time.monotonic()
        if progress >= 1:
            break
    if logger:
        logger.close()


def follow_parent(_: int) -> None:
    """Ends a worker of the loader when its parent is killed; it would wait for ever with its batches in memory."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
