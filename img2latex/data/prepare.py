"""Label folders, im2latex-100k or a list of formulas -> clean lists, cropped pictures, a vocabulary and shards.

    python -m img2latex.data.prepare --images DIR --labels DIR --out OUT             # a label file for each picture
    python -m img2latex.data.prepare --images DIR --formulas im2latex_formulas.lst --out OUT   # im2latex-100k
    python -m img2latex.data.prepare --formulas formulas.txt --out OUT --render      # formulas only, drawn by LaTeX

OUT receives, in the layout of im2latex-100k:

    im2latex_formulas.norm.lst                     a label a line, tokens separated by spaces
    im2latex_{train,validate,test}_filter.lst      `NAME.png N`: the picture, and its label's line counted from 0
    images/NAME.png                                the pictures, cropped to the ink
    vocab.json                                     {token: id}, in the order of the ids
    {train,validate,test}-00000.zip, ...           the same as shards: `python train.py --data OUT`
    report.json                                    what each step kept and dropped, why, with examples

Every file appears whole or not at all, pictures that are done are not done again, and a run that has nothing new to do
changes nothing. Files of an earlier run with other options or input are removed from OUT. Damaged input is reported,
never fatal.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from img2latex.data import lists, render, shards
from img2latex.data.records import SPLITS, Drop, PrepareError, Record, Report, read_folders, read_lists, read_vocab
from img2latex.files.atomic import remove_drafts, replacing
from img2latex.latex import normalize
from img2latex.latex.tokens import SPECIAL, build_vocab, split_label, tokenize
from img2latex.picture import images, levelling, loading
from img2latex.picture.components import box, connected

CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
PER_SHARD = 5000  # pictures


# The reference's steps ------------------------------------------------------------------------------------------------


def one_line(record: Record) -> Record:
    """Drops labels of several lines."""
    count = 1 + len(re.findall(r"\r\n?|\n", record.latex))
    if count > 1:
        raise Drop("several lines", f"{count} lines")
    return record


def no_error(record: Record) -> Record:
    """Drops labels in which the labelling service wrote its own failure."""
    if "error mathpix" in record.latex.lower():
        raise Drop("`error mathpix`")
    return record


def longest_match(vocab: Iterable[str]) -> Callable[[str], list[str]]:
    """Forward maximum matching: at each place the longest token of the vocabulary that fits.

    What no token fits is one token more, outside the vocabulary: a character, or a whole command. So `\\infty` does not
    become `\\in`, `f`, `t`, `y` where the vocabulary lacks it.
    """
    words = sorted({token for token in vocab if token.split() == [token]}, key=lambda token: (-len(token), token))
    whole = (re.escape(word) + (r"(?![A-Za-z])" if re.fullmatch(r"\\[A-Za-z]+", word) else "") for word in words)
    return re.compile("|".join([*whole, r"\\[A-Za-z]+", r"\\\S", r"\S"])).findall


def spell(record: Record, split_up: Callable[[str], list[str]], vocab: frozenset[str], as_written: bool) -> Record:
    """Writes the label as tokens.

    Args:
        split_up: text to tokens.
        vocab: what a label may hold; empty: everything that isn't Chinese.
        as_written: keep the author's spelling, as the reference does, instead of the one canonical spelling.
    """
    try:
        meaning = normalize(record.latex)
    except ValueError as error:
        if not as_written:
            raise Drop("Chinese text" if CHINESE.search(record.latex) else "unreadable LaTeX", str(error)) from None
        meaning = record.latex
    tokens = split_up(record.latex if as_written else meaning)
    outside = [token for token in tokens if (token not in vocab if vocab else CHINESE.search(token))]
    if outside:
        chinese = any(CHINESE.search(token) for token in outside)
        raise Drop("Chinese text" if chinese else "tokens outside the vocabulary", " ".join(dict.fromkeys(outside)))
    return replace(record, label=" ".join(tokens), meaning=meaning)


def paired(record: Record) -> Record:
    """Drops labels without a picture."""
    if record.picture is None:
        raise Drop("no picture of this name")
    if not record.name.isprintable():  # a line break, or bytes that are not UTF-8: no list could hold it
        raise Drop("an unusable file name")
    return record


def crop(record: Record, folder: Path) -> Record:
    """Crops the picture to its ink, black on white, unless `folder` holds the result already."""
    target = folder / f"{record.name}.png"
    if not _is_done(target, record.picture):
        try:
            clean = levelling.level(loading.load(record.picture))
        except (loading.PictureError, OSError) as error:
            raise Drop("unreadable picture", str(error)) from None
        _replace(target, shards.encode(_ink(clean)), record.picture.stat().st_mtime_ns)
    return replace(record, png=target)


def _ink(clean: np.ndarray) -> np.ndarray:
    """The part of a levelled picture that holds its ink, in its own size: the loader scales it, after augmentation."""
    components = connected(clean)
    if not len(components):
        raise Drop("blank picture")
    left, top, right, bottom = box(components)
    margin = images.MARGIN
    return clean[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin]


def _is_done(target: Path, source: Path) -> bool:
    """Whether a crop is up to date: it has the modification time of the picture that it was made from."""
    return target.is_file() and target.stat().st_mtime_ns == source.stat().st_mtime_ns


# Splits ---------------------------------------------------------------------------------------------------------------


def divide(records: Sequence[Record], key: Callable[[Record], str], seed: int) -> list[str]:
    """A split for each record, 70 : 10 : 20 and as near as can be; records of one key stay together.

    Keys are ordered by a hash of the seed and the key, so that the result depends on neither machine nor order.
    """
    sizes = Counter(map(key, records))
    order = sorted(sizes, key=lambda word: hashlib.sha256(f"{seed} {word}".encode()).digest())
    chosen, before = {}, 0
    for word in order:
        place = (before + sizes[word] / 2) / len(records)  # where the middle of its records lies, in 0..1
        chosen[word] = "train" if place < 0.7 else "validate" if place < 0.8 else "test"
        before += sizes[word]
    return [chosen[key(record)] for record in records]


def leaks(records: Sequence[Record], splits: Sequence[str]) -> dict[str, int]:
    """How many labels of validate and test also stand in train, in any spelling."""
    trained = {record.meaning for record, split in zip(records, splits, strict=True) if split == "train"}
    return {
        name: sum(split == name and record.meaning in trained for record, split in zip(records, splits, strict=True))
        for name in ("validate", "test")
    }


def assign(records: list[Record], way: str, seed: int, report: Report) -> list[Record]:
    """Records with their splits, in the order of the lists: train, validate, test; the leaks go into the report."""
    ways = {
        "by file": divide(records, lambda record: record.name, seed),
        "by formula": divide(records, lambda record: record.meaning, seed),
    }
    if all(record.split for record in records):
        ways = {"as given": [record.split for record in records]} | ways
    splits = ways["as given" if way == "given" else f"by {way}"]
    report.content["split"] = way
    report.content["splits"] = {name: splits.count(name) for name in SPLITS}
    report.content["leaks"] = {name: leaks(records, each) for name, each in ways.items()}
    records = [replace(record, split=split) for record, split in zip(records, splits, strict=True)]
    return [record for name in SPLITS for record in records if record.split == name]


# Writing --------------------------------------------------------------------------------------------------------------


def write_lists(records: Sequence[Record], vocab: Sequence[str], out: Path, report: Report) -> None:
    """Writes the formulas, the list of each split and the vocabulary: the given one, or that of train."""
    _write(out / "im2latex_formulas.norm.lst", "".join(f"{record.label}\n" for record in records))
    for split in SPLITS:
        lines = [f"{record.name}.png {number}\n" for number, record in enumerate(records) if record.split == split]
        _write(out / f"im2latex_{split}_filter.lst", "".join(lines))
    vocab = vocab or build_vocab(split_label(record.label) for record in records if record.split == "train")
    ids = {token: number for number, token in enumerate(vocab)}
    _write(out / "vocab.json", json.dumps(ids, ensure_ascii=False, indent=0) + "\n")
    strange = Counter(record.split for record in records if not ids.keys() >= set(split_label(record.label)))
    report.content["vocabulary"] = len(vocab)
    report.content["labels beyond the vocabulary"] = {split: strange[split] for split in SPLITS}


def write_shards(records: Sequence[Record], out: Path) -> None:
    """Writes the shards of each split; one that holds the same already is not written again."""
    for split in SPLITS:
        mine = [record for record in records if record.split == split]
        parts = [mine[start : start + PER_SHARD] for start in range(0, len(mine), PER_SHARD)]
        for number, part in enumerate(tqdm(parts, f"shards of {split}", leave=False, disable=None)):
            rows = [shards.Row(record.png.read_bytes(), "prepared", record.latex, record.label) for record in part]
            path, digest = out / f"{split}-{number:05d}.zip", hashlib.sha256(repr(rows).encode()).hexdigest()
            if _origin(path) != digest:
                shards.write_shard(path, rows, digest)


def draw_shards(records: Sequence[Record], out: Path, seed: int, workers: int, report: Report) -> None:
    """Draws formulas that have no pictures into shards."""
    for split in SPLITS:
        rows = [("prepared", record.latex) for record in records if record.split == split]
        counts = lists.build(rows, out, render.render, render.looks, split, seed, workers, PER_SHARD)
        refused = len(rows) - counts["pictures"]
        report.content["steps"].append(
            {"step": f"draw {split}", "kept": counts["pictures"], "dropped": refused, "reasons": {}}
        )


def _origin(path: Path) -> str:
    try:
        return shards.Shard(path).origin
    except shards.ShardError:
        return ""


def sweep(out: Path, records: Sequence[Record], with_shards: bool) -> None:
    """Removes files of an earlier run that this one will not write: they would be taken for results of this one.

    Only pictures that the earlier run's lists name are removed; other files in that folder stay.
    """
    former = {split: out / f"im2latex_{split}_filter.lst" for split in SPLITS}
    listed = [line for path in former.values() if path.is_file() for line in path.read_text("utf-8").splitlines()]
    gone = {line.rpartition(" ")[0] for line in listed} - {f"{record.name}.png" for record in records if record.png}
    stale = [out / "images" / name for name in gone]
    for split in SPLITS:
        count = sum(record.split == split for record in records) if with_shards else 0
        numbers = {path: path.stem.rpartition("-")[2] for path in out.glob(f"{split}-?????.zip")}
        stale += [path for path, n in numbers.items() if n.isdecimal() and int(n) >= -(-count // PER_SHARD)]
    if not records:
        stale += [*former.values(), out / "im2latex_formulas.norm.lst", out / "vocab.json"]
    for path in stale:
        path.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    """Writes a text, unless the file holds it already."""
    data = text.encode()
    if not path.is_file() or path.read_bytes() != data:
        _replace(path, data)


def _replace(path: Path, data: bytes, time_ns: int | None = None) -> None:
    """Writes a file whole or not at all; `time_ns` is when it was last changed, instead of now."""
    with replacing(path) as draft:
        draft.write_bytes(data)
        if time_ns is not None:
            os.utime(draft, ns=(time_ns, time_ns))


# The command ----------------------------------------------------------------------------------------------------------


def prepare(options: argparse.Namespace) -> Report:
    """Runs all steps; `options` as `main` parses them.

    Raises:
        ValueError: there is nothing to prepare, the options contradict each other, or LaTeX is missing.
    """
    vocab = read_vocab(options.vocab) if options.vocab else ()
    _check_options(options)
    remove_drafts(options.out)
    report = Report()
    if options.labels:
        records = read_folders(options.images, options.labels, report)
    else:
        records = read_lists(options.formulas, options.images, report)
    given = all(record.split for record in records)
    if options.split == "given" and not given:
        raise PrepareError("--split given needs lists of train, validate and test beside the formulas")
    records = clean(records, vocab, options, report)
    if records:
        records = assign(records, options.split or ("given" if given else "file"), options.seed, report)
    sweep(options.out, records, bool(options.images or options.render))
    if records:
        write_lists(records, vocab, options.out, report)
        if options.images:
            write_shards(records, options.out)
        elif options.render:
            draw_shards(records, options.out, options.seed, options.workers, report)
    _write(options.out / "report.json", json.dumps(report.content, ensure_ascii=False, indent=2) + "\n")
    return report


def clean(records: list[Record], vocab: Sequence[str], options: argparse.Namespace, report: Report) -> list[Record]:
    """Those records that pass every step, with their labels and cropped pictures."""
    split_up = longest_match(vocab[len(SPECIAL) :]) if options.tokens == "longest" else tokenize
    known = frozenset(vocab)
    steps: list[tuple[str, Callable[[Record], Record]]] = [
        ("one line", one_line),
        ("no `error mathpix`", no_error),
        ("tokenize", lambda record: spell(record, split_up, known, options.as_written)),
    ]
    if options.images:
        steps += [("pair", paired), ("crop", lambda record: crop(record, options.out / "images"))]
    for step, work in steps:
        workers = options.workers if step == "crop" else 1  # the others are Python, which gains nothing from threads
        records = report.sift(step, records, work, lambda record: record.source, workers)
    return records


def _check_options(options: argparse.Namespace) -> None:
    """Raises PrepareError for options that contradict each other, and if output and input folders overlap.

    In such a folder a run would overwrite its input, or the next one would read the output.
    """
    if options.tokens == "longest" and not options.vocab:
        raise PrepareError("--tokens longest matches the tokens of a vocabulary: name one with --vocab")
    if options.render and (options.images or options.as_written):
        raise PrepareError("--render draws formulas that have no pictures, in the canonical spelling")
    out = options.out.resolve()
    folders = [folder for folder in (options.images, options.labels) if folder]
    shared = [path for path in folders if out.is_relative_to(path.resolve()) or path.resolve().is_relative_to(out)]
    if options.formulas and options.formulas.resolve().parent == out:
        shared.append(options.formulas.parent)
    if shared:
        raise PrepareError(f"--out {options.out} must lie apart from the input folder {shared[0]}")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 when something was kept, 1 when nothing was, 2 when the command itself was wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m img2latex.data.prepare",
        description=__doc__.partition("\n\n")[0],
    )
    formulas = parser.add_mutually_exclusive_group(required=True)
    formulas.add_argument("--labels", type=Path, help="folder with a label file for each picture of the same name")
    formulas.add_argument("--formulas", type=Path, help="file with a formula a line, such as im2latex_formulas.lst")
    parser.add_argument("--images", type=Path, help="folder of pictures")
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--vocab", type=Path, help="JSON or text: the tokens that labels may hold (default: any)")
    parser.add_argument(
        "--tokens", choices=("regex", "longest"), default="regex", help="longest: forward maximum matching by --vocab"
    )
    parser.add_argument("--as-written", action="store_true", help="keep each author's spelling (the reference does)")
    parser.add_argument(
        "--split", choices=("file", "formula", "given"), help="default: given where lists name the splits, else file"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the split, and of the looks with --render")
    parser.add_argument("--render", action="store_true", help="draw formulas that have no pictures, by LaTeX")
    parser.add_argument("--workers", type=int, default=2, help="pictures at a time")
    options = parser.parse_args(arguments)
    if options.labels and not options.images:
        parser.error("--labels needs --images")
    try:
        report = prepare(options)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command resumes from here", file=sys.stderr)
        return 130
    print(report)
    return 0 if "splits" in report.content else 1


if __name__ == "__main__":
    sys.exit(main())
