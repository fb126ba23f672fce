"""Pictures and labels as others keep them (label folders, im2latex-100k, lists) -> records, and a report of steps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from img2latex.latex.tokens import SPECIAL
from img2latex.picture import loading

SPLITS = {"train": 0.7, "validate": 0.1, "test": 0.2}
RESERVED = re.compile(r"<(pad|bos|sos|eos|unk|blk)>", re.IGNORECASE)  # special tokens, also those of the reference
EXAMPLES = 5  # per reason

T = TypeVar("T")
R = TypeVar("R")


class PrepareError(ValueError):
    """There is nothing to prepare, or the options contradict each other; one sentence."""


class Drop(Exception):
    """A record that a step drops: the reason, in the same words for all of its kind, and the detail of this one."""

    def __init__(self, reason: str, detail: str = ""):
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Record:
    """One formula on its way through the steps.

    Attributes:
        name: of the picture, without suffix; may hold folders, `a/b`.
        source: the file, or the line of a file, that the formula is read from.
        picture: where the picture is; None where there is none.
        latex: the formula as its author wrote it.
        label: what the model has to say, tokens separated by spaces.
        meaning: the same for every spelling of a formula: what the split by formula and the leak count compare.
        split: one of SPLITS.
        png: the cropped picture as a shard holds it.
    """

    name: str
    source: str
    picture: Path | None = None
    latex: str = ""
    label: str = ""
    meaning: str = ""
    split: str = ""
    png: Path | None = None


class Report:
    """Counts what each step keeps and drops. `content` is plain data without times: equal input, equal report."""

    def __init__(self):
        self.content: dict = {"steps": []}

    def sift(
        self, step: str, items: Sequence[T], work: Callable[[T], R], name: Callable[[T], str], workers: int = 1
    ) -> list[R]:
        """What `work` returns for each item, in order, without those for which it raises `Drop`."""

        def attempt(item: T) -> R | Drop:
            try:
                return work(item)
            except Drop as drop:
                return drop

        pool = ThreadPoolExecutor(workers) if workers > 1 else None
        try:
            results = pool.map(attempt, items) if pool else map(attempt, items)
            outcomes = list(tqdm(results, step, len(items), leave=False, disable=None))
        finally:
            if pool:
                pool.shutdown(cancel_futures=True)  # a run that is stopped must not first do all the rest
        pairs = zip(items, outcomes, strict=True)
        dropped = [(name(item), outcome) for item, outcome in pairs if isinstance(outcome, Drop)]
        kept = [result for result in outcomes if not isinstance(result, Drop)]
        self.add(step, len(kept), dropped)
        return kept

    def add(self, step: str, kept: int, dropped: Sequence[tuple[str, Drop]] = ()) -> None:
        """Enters a step: how many it kept, and the name and the reason of each item that it dropped."""
        reasons: dict[str, dict] = {}
        for name, drop in dropped:
            entry = reasons.setdefault(drop.reason, {"count": 0, "examples": []})
            entry["count"] += 1
            if len(entry["examples"]) < EXAMPLES:
                example = f"{name}: {drop.detail}" if drop.detail else name
                entry["examples"].append(example.encode("utf-8", "backslashreplace").decode())
        self.content["steps"].append(
            {"step": step, "kept": kept, "dropped": len(dropped), "reasons": dict(sorted(reasons.items()))}
        )

    def __str__(self) -> str:
        lines = []
        for step in self.content["steps"]:
            lines.append(f"{step['step']}: {step['kept']} kept, {step['dropped']} dropped")
            for reason, entry in step["reasons"].items():
                lines.append(f"    {entry['count']} {reason}, as in {'; '.join(entry['examples'][:2])}")
        if "splits" in self.content:
            lines.append("splits: " + ", ".join(f"{count} {split}" for split, count in self.content["splits"].items()))
            lines += [_leak_sentence(way, leak) for way, leak in self.content["leaks"].items()]
            strange = sum(self.content["labels beyond the vocabulary"].values())
            lines.append(
                f"vocabulary: {self.content['vocabulary']} tokens; {strange} labels hold others, unseen in train"
            )
        return "\n".join(lines)


def _leak_sentence(way: str, leak: dict[str, int]) -> str:
    counts = " and ".join(f"{count} of {split}" for split, count in leak.items())
    return f"split {way}: of the labels, {counts} stand in train too" + (
        "; --split formula keeps them apart" if way != "by formula" and any(leak.values()) else ""
    )


# Reading -------------------------------------------------------------------------------------------------------------


def read_folders(image_dir: Path, label_dir: Path, report: Report) -> list[Record]:
    """Reads a folder of label files, and finds the picture of the same name for each."""
    pictures = _pictures(image_dir)
    files = [path for path in _files(label_dir) if path.suffix.lower() not in loading.SUFFIXES]
    if not files:
        raise PrepareError(f"{label_dir} holds no label files")
    seen: set[str] = set()

    def read(path: Path) -> Record:
        name = _stem(path, label_dir)
        if name in seen:
            raise Drop("a second label of the same name")
        seen.add(name)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Drop("cannot be read", error.strerror or "") from None
        return Record(name, str(path.relative_to(label_dir)), pictures.get(name), _text(content))

    records = report.sift("read labels", files, read, lambda path: str(path.relative_to(label_dir)))
    alone = sorted(pictures.keys() - {_stem(path, label_dir) for path in files})
    report.add("read pictures", len(pictures) - len(alone), [(name, Drop("no label of this name")) for name in alone])
    return records


def read_lists(formulas: Path, image_dir: Path | None, report: Report) -> list[Record]:
    """Reads a file with a formula a line, and the lists of pictures beside it if there are pictures.

    Those lists, as in im2latex-100k, are `*train*.lst`, `*validate*.lst` and `*test*.lst`. Their lines are
    `N NAME RENDERING`, as published, or `NAME.png N`, as filtered, which is preferred; N counts formulas from 0.
    """
    lines = _bytes(formulas).replace(b"\r", b" ").split(b"\n")  # stray ones stand within formulas of im2latex-100k
    if lines[-1] == b"":
        lines.pop()
    if image_dir is None:
        return _read_plain(formulas, lines, report)
    lists = _split_lists(formulas)
    if not lists:
        raise PrepareError(f"no lists such as im2latex_train_filter.lst beside {formulas} say which picture shows what")
    pictures = _pictures(image_dir)
    entries = [
        (split, f"{path.name}:{number}", line)
        for split, path in lists.items()
        for number, line in enumerate(_bytes(path).splitlines(), 1)
        if line.strip()
    ]
    seen: set[str] = set()

    def read(entry: tuple[str, str, bytes]) -> Record:
        split, source, line = entry
        name, number = _list_entry(_text(line))
        if number >= len(lines):
            raise Drop("a formula number beyond the list", f"{number} of {len(lines)}")
        if name in seen:
            raise Drop("a picture named twice", name)
        seen.add(name)
        return Record(name, source, pictures.get(name), _text(lines[number]), split=split)

    records = report.sift("read lists", entries, read, lambda entry: entry[1])
    alone = sorted(pictures.keys() - seen)
    report.add("read pictures", len(pictures) - len(alone), [(name, Drop("not in any list")) for name in alone])
    return records


def _read_plain(formulas: Path, lines: list[bytes], report: Report) -> list[Record]:
    if not any(lines):
        raise PrepareError(f"{formulas} holds no formulas")
    digits = len(str(len(lines)))

    def read(entry: tuple[int, bytes]) -> Record:
        number, line = entry
        return Record(f"{number:0{digits}d}", f"{formulas.name}:{number + 1}", None, _text(line))

    return report.sift("read formulas", list(enumerate(lines)), read, lambda entry: f"{formulas.name}:{entry[0] + 1}")


def _split_lists(formulas: Path) -> dict[str, Path]:
    """The list of each split beside the formulas; none, or all that there are."""
    found = {}
    for split in SPLITS:
        paths = [path for path in sorted(formulas.parent.glob(f"*{split}*.lst")) if path != formulas]
        paths.sort(key=lambda path: "filter" not in path.name)
        if paths:
            found[split] = paths[0]
    return found


def _list_entry(line: str) -> tuple[str, int]:
    """Name without suffix and formula number of a line in either form."""
    words = line.split()
    try:
        if len(words) >= 2 and words[-1].isdecimal():
            return str(Path(line.rsplit(maxsplit=1)[0]).with_suffix("")), int(words[-1])
        if len(words) == 3 and words[0].isdecimal():
            return words[1], int(words[0])
    except ValueError:  # a name such as `/`, or a number of thousands of digits
        pass
    raise Drop("a line that names no picture and number", line[:60])


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise PrepareError(f"{folder} is no folder")
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _pictures(folder: Path) -> dict[str, Path]:
    """Pictures by name without suffix; of `a.jpg` and `a.png` the last in the alphabet."""
    return {_stem(path, folder): path for path in _files(folder) if path.suffix.lower() in loading.SUFFIXES}


def _stem(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PrepareError(f"{path} cannot be read: {error.strerror}") from None


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise Drop("not UTF-8", f"byte {error.start} is {content[error.start]:#04x}") from None
    if not text:
        raise Drop("empty")
    return text


def read_vocab(path: Path) -> tuple[str, ...]:
    """A vocabulary from a JSON list, a JSON object of ids, or a text; the special tokens are put in front."""
    content = _bytes(path)
    try:
        text = _text(content)
        if path.suffix == ".json":
            tokens = json.loads(text)
            tokens = sorted(tokens, key=tokens.get) if isinstance(tokens, dict) else tokens
        else:
            tokens = text.split()
        if not isinstance(tokens, list):
            raise TypeError
        "".join(tokens).encode()  # raises where one is no text, or half of a character
    except (Drop, ValueError, TypeError, RecursionError):
        raise PrepareError(f"{path} is no vocabulary: a JSON list or object, or a text of tokens") from None
    return SPECIAL + tuple(dict.fromkeys(token for token in tokens if not RESERVED.fullmatch(token)))
