r"""Scores a checkpoint on a set of pictures with known formulas.

    python -m img2latex.evaluate --pairs FOLDER                     # images/ and labels.tsv
    python -m img2latex.evaluate --list formulas.tsv.gz --split test --source k12   # drawn by LaTeX on the fly
    python -m img2latex.evaluate --ink crohme_test2014.jsonl.gz     # strokes
    python -m img2latex.evaluate --ink crohme_test2013.jsonl.gz --look photo    # with a pen on paper, by a phone
    python -m img2latex.evaluate --shards val/math val/ink          # as train.py uses them
    python -m img2latex.evaluate --synthesized layouts --limit 300  # made up by data.synthesize, drawn by LaTeX
    python -m img2latex.evaluate --pages pages/val                  # whole pages: which formulas are found, and read

Labels are normalized; one that cannot be read as LaTeX is left out and counted. By default greedy, one view, float32 on
the CPU.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path

from img2latex.reader.recognizer import Recognizer
from img2latex.scoring import pages
from img2latex.scoring.evaluation import Skipped, examples, page, read_all, report, summary, table


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m img2latex.evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = made.add_mutually_exclusive_group(required=True)
    which.add_argument("--pairs", type=Path, help="folder with images/ and labels.tsv")
    which.add_argument("--list", type=Path, help="file with columns split, source, latex; drawn on the fly")
    which.add_argument("--ink", type=Path, help="file of strokes, .jsonl.gz")
    which.add_argument("--shards", type=Path, nargs="+", help="folders of shards; of several, --limit from each")
    which.add_argument("--synthesized", metavar="KIND", help="what data.synthesize makes up, e.g. layouts")
    which.add_argument("--pages", type=Path, help="folder of pages that data.pages made")
    made.add_argument("--boxes-only", action="store_true", help="with --pages: find, do not read")
    made.add_argument("--look", default="plain", help="with --ink: plain, felt, pencil, ruled, photo or pad")
    made.add_argument("--checkpoint", default="math", help="name, folder or ORG/NAME (default math)")
    made.add_argument("--prefix", nargs="+", default=[], help="with --pairs: how the pictures' names begin")
    made.add_argument("--split", default="test", help="with --list")
    made.add_argument("--source", default="", help="with --list: only sources whose names begin with this")
    made.add_argument("--tier", default="", help="with --list: only this tier")
    made.add_argument("--plain", action="store_true", help="where LaTeX draws: Computer Modern at --dpi alone")
    made.add_argument("--dpi", type=int, default=140, help="with --plain")
    made.add_argument("--limit", type=int, help="score a fixed random sample of this many pictures")
    made.add_argument("--seed", type=int, default=0, help="of the random sample, and of fonts and sizes")
    made.add_argument("--scale", type=float, default=1.0, help="resize the pictures first, e.g. 0.5")
    made.add_argument("--beam", type=int, default=1, help="beam size (default 1: greedy)")
    made.add_argument(
        "--careful", action=argparse.BooleanOptionalAction,
        help="read at three sizes (default: handwriting and print in doubt)",
    )
    made.add_argument("--batch-size", type=int, default=16)
    made.add_argument("--device", default="cpu")
    made.add_argument("--engine", choices=["onnx", "torch"], help="default: onnx on the CPU, if it is installed")
    made.add_argument("--fast", action="store_true", help="onnx only: the decoder in 8 bits")
    made.add_argument("--threads", type=int, default=1)
    made.add_argument("--json", type=Path, help="write the scores here")
    made.add_argument("--predictions", type=Path, help="write a table of name, label and LaTeX here")
    made.add_argument("--worst", type=Path, help="write the worst cases here, an HTML page")
    return made


def command(told: list[str]) -> str:
    """The command that gives the same figures, without the files it wrote; of a path elsewhere, the last two names."""
    files = {"--json", "--predictions", "--worst"}
    kept = [word for before, word in zip(["", *told], told, strict=False)
            if before not in files and word.partition("=")[0] not in files]  # fmt: skip
    kept = ["/".join(Path(word).parts[-2:]) if word.startswith(("../", "/")) else word for word in kept]
    return shlex.join(["python", "-m", "img2latex.evaluate", *kept])


def main(arguments: list[str] | None = None) -> int:
    told = sys.argv[1:] if arguments is None else arguments
    options = parser().parse_args(told)
    skipped = Skipped()
    if options.pages:
        return _pages(options, told)
    try:
        chosen = examples(options, skipped)
        if not chosen:
            raise ValueError("there is nothing to score in this set")
        reader = Recognizer.from_pretrained(
            options.checkpoint, device=options.device, engine=options.engine, fast=options.fast, threads=options.threads
        )
    except (ValueError, OSError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 1
    results, seconds = read_all(reader, chosen, options.batch_size, options.beam, options.careful)
    scores = summary(chosen, results, seconds)
    scores |= {
        "checkpoint": str(options.checkpoint),
        "command": command(told),
        "skipped_labels": skipped.labels,
        "skipped_pictures": skipped.pictures,
    }
    if options.json:
        options.json.write_text(json.dumps(scores, indent=1) + "\n")
    if options.predictions:
        options.predictions.write_text(table(chosen, results), encoding="utf-8")
    if options.worst:
        options.worst.write_text(page(chosen, results), encoding="utf-8")
    print(report(scores))
    return 0


def _pages(options: argparse.Namespace, told: list[str]) -> int:
    try:
        reader = None if options.boxes_only else Recognizer.from_pretrained(options.checkpoint, threads=options.threads)
        scores = pages.score_pages(options.pages, options.limit, reader, options.threads)
    except ValueError as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 1
    if options.json:
        options.json.write_text(json.dumps(scores | {"command": command(told)}, indent=1) + "\n")
    print(pages.report(scores))
    return 0


if __name__ == "__main__":
    sys.exit(main())
