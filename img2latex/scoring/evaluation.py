"""Sets of pictures with known formulas, read by a checkpoint and scored: what `python -m img2latex.evaluate` does.

Labels are normalized; one that cannot be read as LaTeX is left out and counted.
"""

from __future__ import annotations

import base64
import html
import io
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from img2latex.latex import normalize, problem, repair, unframed, unnumbered
from img2latex.latex.spelling import NUMBERED
from img2latex.latex.tokens import split_label, tokenize
from img2latex.picture.loading import load
from img2latex.reader.recognizer import Recognition, Recognizer
from img2latex.scoring.metrics import calibration_error, coverage, ned, score

WORST = 50
UNSEEN = 10_000  # added to the seed of made-up formulas: training uses small seeds
LENGTHS = ((1, 10), (11, 25), (26, 50), (51, 100), (101, 10_000))  # tokens
SURE = 0.9  # confidence from which on 95 of 100 results should be exactly right
REJECTED_BELOW = (0.15, 0.5, 0.7, 0.8, 0.9, 0.95)  # of confidence


@dataclass
class Example:
    """A picture (grey uint8 HxW) with the tokens of its label and a word for its group."""

    name: str
    picture: np.ndarray
    label: list[str]
    group: str = ""


class Skipped:
    """Counts the labels and pictures that could not be scored."""

    def __init__(self):
        self.labels = self.pictures = 0


def _label(latex: str, skipped: Skipped) -> list[str] | None:
    try:
        return tokenize(unframed(normalize(latex)))
    except ValueError:
        skipped.labels += 1
        return None


def from_pairs(folder: Path, prefixes: list[str], skipped: Skipped) -> Iterator[Example]:
    """A folder with `labels.tsv` (picture name <tab> LaTeX) and `images/`; only names with one of the prefixes."""
    with open(folder / "labels.tsv", encoding="utf-8") as file:
        for line in file:
            name, _, latex = line.rstrip("\n").partition("\t")
            if prefixes and not name.startswith(tuple(prefixes)):
                continue
            label = _label(latex, skipped)
            if label is None:
                continue
            try:
                yield Example(name, load(folder / "images" / name), label, name.rpartition("_")[0])
            except ValueError:
                skipped.pictures += 1


def from_list(path: Path, options, skipped: Skipped) -> Iterator[Example]:
    """Formulas with columns split, source, latex (and tier), drawn by LaTeX."""
    from img2latex.data import held_out

    rows = [row for row in held_out.read_table(path) if row["split"] == options.split]
    rows = [
        row for row in rows if row["source"].startswith(options.source) and row.get("tier", "").startswith(options.tier)
    ]
    chosen = np.random.default_rng(options.seed).permutation(len(rows))[: options.limit]
    rows = [rows[i] for i in chosen]
    return drawn([(row.get("tier") or row["source"], row["latex"]) for row in rows], options, skipped)


def synthesized(kind: str, options, skipped: Skipped) -> Iterator[Example]:
    """Formulas that the project makes up, of categories, drawn by LaTeX."""
    from img2latex.data import synthesize

    return drawn(synthesize.labelled(kind, UNSEEN + options.seed, options.limit or 300), options, skipped)


def drawn(formulas: list[tuple[str, str]], options, skipped: Skipped) -> Iterator[Example]:
    """Pictures of formulas with their groups."""
    from img2latex.data import render

    looks = render.looks(options.seed + 1000)
    for start in range(0, len(formulas), 100):
        part = formulas[start : start + 100]
        look = render.Look(dpi=options.dpi) if options.plain else next(looks)
        for (group, latex), picture in zip(part, render.render([latex for _, latex in part], look), strict=True):
            label = _label(latex, skipped)
            if picture is None:
                skipped.pictures += 1
            elif label is not None:
                yield Example(latex, picture, label, group)


def from_ink(path: Path, options, skipped: Skipped) -> Iterator[Example]:
    """Handwritten expressions as strokes, drawn in the look that is asked for."""
    from img2latex.data import ink, looks

    for number, expression in enumerate(ink.read_expressions(path)):
        label = _label(expression.latex, skipped)
        if label is not None:
            rng = np.random.default_rng([options.seed, number])
            yield Example(expression.id, looks.show(expression.strokes, options.look, rng), label, options.look)


def from_shards(folder: Path) -> Iterator[Example]:
    """A folder of shards."""
    from img2latex.data.shards import Shard

    for file in sorted(folder.glob("*.zip")):
        shard = Shard(file)
        for i, label in enumerate(shard.labels):
            tokens = repair(split_label(unframed(label)))
            yield Example(f"{file.name}/{shard.names[i]}", shard.picture(i), tokens, shard.sources[i])


def examples(options, skipped: Skipped) -> list[Example]:
    """The chosen set, at most `--limit` of it, resized by `--scale`; several folders of shards are a group each."""
    if options.shards:
        sets = [from_shards(folder) for folder in options.shards]
    elif options.pairs:
        sets = [from_pairs(options.pairs, options.prefix, skipped)]
    elif options.list:
        sets = [from_list(options.list, options, skipped)]
    elif options.synthesized:
        sets = [synthesized(options.synthesized, options, skipped)]
    else:
        sets = [from_ink(options.ink, options, skipped)]
    parts = [_sample(list(found), options) for found in sets]
    if len(parts) > 1:
        for folder, part in zip(options.shards, parts, strict=True):
            for example in part:
                example.group = folder.name
    chosen = [example for part in parts for example in part]
    if options.scale != 1:
        how = cv2.INTER_AREA if options.scale < 1 else cv2.INTER_CUBIC
        for example in chosen:
            example.picture = cv2.resize(example.picture, None, fx=options.scale, fy=options.scale, interpolation=how)
    return chosen


def _sample(found: list[Example], options) -> list[Example]:
    if not options.limit or len(found) <= options.limit:
        return found
    keep = np.random.default_rng(options.seed).permutation(len(found))[: options.limit]
    return [found[i] for i in sorted(keep)]


def read_all(
    reader: Recognizer, chosen: list[Example], batch_size: int, beam_size: int = 1, careful: bool | None = None,
    handwritten: bool | None = None,
) -> tuple[list[Recognition], list]:  # fmt: skip
    """Results in order, and seconds a picture of each batch."""
    order = sorted(range(len(chosen)), key=lambda i: len(chosen[i].label))
    results: list[Recognition | None] = [None] * len(chosen)
    seconds = []
    for start in tqdm(range(0, len(order), batch_size), unit="batch", disable=not sys.stderr.isatty()):
        part = order[start : start + batch_size]
        began = time.perf_counter()
        pictures = [chosen[i].picture for i in part]
        read = reader.recognize_many(pictures, batch_size, beam_size, careful, handwritten=handwritten)
        seconds += [(time.perf_counter() - began) / len(part)] * len(part)
        for i, result in zip(part, read, strict=True):
            result.attention = []  # large, and not scored
            results[i] = result
    return results, seconds


def predicted(result: Recognition, label: list[str]) -> list[str]:
    """The tokens to score: the LaTeX that a person would get, normalized like the label.

    They keep an equation's number only if the label has one: in some sets only the pictures have numbers.
    """
    latex = normalize(result.latex) if result.latex else ""
    return tokenize(latex if NUMBERED & set(label) else unnumbered(latex))


def summary(chosen: list[Example], results: list[Recognition], seconds: list[float]) -> dict:
    """All scores of a set: overall, by length of the label and by group."""
    labels = [example.label for example in chosen]
    predictions = [predicted(*pair) for pair in zip(results, labels, strict=True)]
    right = [p == t for p, t in zip(predictions, labels, strict=True)]

    def part(keep: list[int]) -> dict:
        return {key: value for key, value in score([predictions[i] for i in keep], [labels[i] for i in keep]).items()
                if key in ("ned", "exact", "count")}  # fmt: skip

    by_length = {}
    for low, high in LENGTHS:
        keep = [i for i, label in enumerate(labels) if low <= len(label) <= high]
        if keep:
            by_length[f"{low}-{high}" if high < 10_000 else f"over {low - 1}"] = part(keep)
    groups = sorted({example.group for example in chosen})
    confidences = [result.confidence for result in results]
    by_group = {}
    for group in groups if len(groups) > 1 else ():
        keep = [i for i, example in enumerate(chosen) if example.group == group]
        sure = coverage([confidences[i] for i in keep], [right[i] for i in keep], (SURE,))
        by_group[group] = part(keep) | {"sure": sure[SURE]}
    renders = [not result.latex or problem(result.latex) is None for result in results]
    return {
        **score(predictions, labels),
        "renders": float(np.mean(renders)),
        "ece": calibration_error(confidences, right),
        "rejected_below": coverage(confidences, right, REJECTED_BELOW),
        "seconds_p50": float(np.median(seconds)),
        "seconds_p95": float(np.percentile(seconds, 95)),
        "by_length": by_length,
        "by_group": by_group,
    }


def table(chosen: list[Example], results: list[Recognition]) -> str:
    """A line for each picture: its name, the label and the LaTeX that a person would get, separated by tabs."""
    rows = ((" ".join(e.name.split()), " ".join(e.label), r.latex) for e, r in zip(chosen, results, strict=True))
    return "".join("\t".join(row) + "\n" for row in rows)


def page(chosen: list[Example], results: list[Recognition]) -> str:
    """HTML of the worst cases: the picture as it came, as the model saw it, the label and the prediction."""
    said = [predicted(result, example.label) for result, example in zip(results, chosen, strict=True)]
    order = sorted(range(len(chosen)), key=lambda i: -ned(said[i], chosen[i].label))[:WORST]
    rows = []
    for i in order:
        e, r = chosen[i], results[i]
        rows.append(
            f"<tr><td>{ned(said[i], e.label):.2f}<td>{html.escape(e.name[:60])}"
            f"<br>{_image(e.picture)}<br>{_image(np.array(r.crop))}"
            f"<td><code>{html.escape(' '.join(e.label))}</code><hr><code>{html.escape(' '.join(said[i]))}</code>"
        )
    return (
        "<!doctype html><meta charset=utf-8><title>Worst cases</title><style>td{border:1px solid #ccc;padding:4px;"
        "vertical-align:top}img{max-width:700px}</style><p>Of each: NED; the picture and what the model saw; the label "
        "above the prediction.<table>" + "\n".join(rows) + "</table>"
    )


def _image(picture: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return f'<img src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}">'


def report(scores: dict) -> str:
    """The scores in lines for a terminal: overall, by length, by group, and by threshold of the confidence."""
    lines = [
        f"NED {scores['ned']:.4f} [{scores['ned_low']:.4f}, {scores['ned_high']:.4f}]  exact {scores['exact']:.4f}  "
        f"<=1 edit {scores['within_1']:.4f}  BLEU-4 {scores['bleu']:.4f}  CER {scores['cer']:.4f}  "
        f"renders {scores['renders']:.4f}  ECE {scores['ece']:.4f}  {scores['count']} pictures, "
        f"{scores['skipped_labels']} labels and {scores['skipped_pictures']} pictures left out, "
        f"{scores['seconds_p50'] * 1000:.0f} ms a picture"
    ]
    for name in ("by_length", "by_group"):
        for key, value in scores[name].items():
            lines.append(f"  {key or '-'}: NED {value['ned']:.4f} exact {value['exact']:.4f} of {value['count']}")
            if value.get("sure", {}).get("precision") is not None:
                sure = value["sure"]
                lines[-1] += f"; confidence {SURE} or more {sure['coverage']:.4f}, exact {sure['precision']:.4f}"
    for threshold, kept in scores["rejected_below"].items():
        precision = "-" if kept["precision"] is None else f"{kept['precision']:.4f}"
        lines.append(f"  confidence {threshold} or more: {kept['coverage']:.4f} of the pictures, exact {precision}")
    return "\n".join(lines)
