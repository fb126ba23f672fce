"""The model card of a checkpoint: checked for what it must hold, its figures filled in from the scores of evaluate.py.

    python -m img2latex.evaluate --checkpoint math --pairs sample --json results/genuine-pictures.json
    python -m img2latex.hub.card checkpoints/math results/*.json

The table below the heading `## Figures` of README.md is replaced as a whole, with a row for each file in the order
given, and so is the `model-index` of the metadata: a figure of older weights never stays beside those of newer ones.
The rest of the text is kept as it stands. A set is called as its file, with spaces for `-` and `_`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from itertools import takewhile
from pathlib import Path

from huggingface_hub import EvalResult, ModelCard

from img2latex.files.atomic import replacing

CARD = "README.md"
REQUIRED = ("license", "library_name", "pipeline_tag")
SECTIONS = ("Trained on", "Figures", "Limits")  # in words, for people
TASK = "image-to-text"
METRICS = {"ned": "NED", "exact": "exact match", "cer": "CER", "bleu": "BLEU-4"}  # name in the scores -> for people
COLUMNS = ("| set | NED | exact | command |", "|---|---|---|---|")


class CardError(ValueError):
    """What a card or a file of scores lacks, in one sentence for a person."""


def load(folder: Path) -> ModelCard:
    """Reads the card of a checkpoint's folder.

    Raises:
        CardError: there is none, or its metadata can't be read.
    """
    path = folder / CARD
    if not path.is_file():
        raise CardError(f"The folder {folder} has no model card {CARD}.")
    try:
        return ModelCard(path.read_text(encoding="utf-8"))
    except Exception:  # the library passes on errors of its YAML parser and of the content
        raise CardError(f"The metadata of {path} can't be read.") from None


def check(card: ModelCard) -> None:
    """Raises CardError for a card without the metadata, figures or sections that a user of the weights needs."""
    metadata = card.data.to_dict()
    lacks = [field for field in REQUIRED if not metadata.get(field)]
    lacks += [] if card.data.eval_results else ["model-index (fill it with `python -m img2latex.hub.card`)"]
    lacks += [f"the section '## {name}'" for name in SECTIONS if not re.search(rf"^## {name}\s*$", card.text, re.M)]
    if lacks:
        raise CardError(f"The model card {CARD} is not complete: it lacks {', '.join(lacks)}.")


def fill(card: ModelCard, name: str, scores: dict[str, dict]) -> None:
    """Replaces the figures of a card.

    Args:
        card: changed in place.
        name: of the checkpoint.
        scores: the name of each set -> what evaluate.py found.

    Raises:
        CardError: the card has no place for them.
    """
    lines = card.text.split("\n")
    lines[_table(lines)] = [*COLUMNS, *(_row(*item) for item in scores.items())]
    card.text = "\n".join(lines)
    card.data.model_name = f"img2latex {name}"
    card.data.eval_results = [result for item in scores.items() for result in _results(*item)]


def read_scores(path: Path) -> dict:
    """Raises CardError for a file that evaluate.py didn't write."""
    try:
        scores = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CardError(f"{path} can't be read: {error.strerror}.") from None
    except ValueError:
        raise CardError(f"{path} is not JSON.") from None
    if not isinstance(scores, dict) or not all(isinstance(scores.get(key), int | float) for key in (*METRICS, "count")):
        raise CardError(f"{path} holds no scores of `python -m img2latex.evaluate --json`.")
    return scores


def save(card: ModelCard, folder: Path) -> None:
    """Writes the card into the folder in one step."""
    with replacing(folder / CARD) as draft:
        draft.write_text(card.content, encoding="utf-8")


def _table(lines: list[str]) -> slice:
    """Where the table of figures stands; an empty place below the heading and a blank line if there is none yet."""
    if "## Figures" not in lines:
        raise CardError(f"The model card {CARD} has no section '## Figures' to be filled.")
    heading = lines.index("## Figures")
    section = list(takewhile(lambda line: not line.startswith("## "), lines[heading + 1 :]))
    before = list(takewhile(lambda line: not line.startswith("|"), section))
    if len(before) == len(section):
        lines.insert(heading + 1, "")
        return slice(heading + 2, heading + 2)
    start = heading + 1 + len(before)
    return slice(start, start + len(list(takewhile(lambda line: line.startswith("|"), lines[start:]))))


def _row(name: str, scores: dict) -> str:
    command = f"`{scores['command']}`" if scores.get("command") else ""
    return f"| {name} ({scores['count']}) | {scores['ned']:.3f} | {scores['exact']:.3f} | {command} |"


def _results(name: str, scores: dict) -> list[EvalResult]:
    # The type tells the sets apart: results of one type are taken for results on one set.
    where = {"task_type": TASK, "dataset_type": name.replace(" ", "-"), "dataset_name": f"{name} ({scores['count']})"}
    return [
        EvalResult(**where, metric_type=key, metric_name=label, metric_value=round(scores[key], 4))
        for key, label in METRICS.items()
    ]


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m img2latex.hub.card", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the checkpoint, with a README.md")
    parser.add_argument("scores", type=Path, nargs="+", help="files that `python -m img2latex.evaluate --json` wrote")
    options = parser.parse_args(arguments)
    try:
        card = load(options.folder)
        found = {re.sub(r"[-_]+", " ", path.stem): read_scores(path) for path in options.scores}
        if len(found) < len(options.scores):
            raise CardError("Two of the files have the same name, so their sets could not be told apart.")
        fill(card, options.folder.resolve().name, found)
        save(card, options.folder)
    except (CardError, OSError) as error:
        print(f"card: {error}", file=sys.stderr)
        return 1
    print(f"{options.folder / CARD}: figures of {len(found)} sets")
    return 0


if __name__ == "__main__":
    sys.exit(main())
