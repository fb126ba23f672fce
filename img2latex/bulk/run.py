"""Reads pages into tables, by processes with a model each, on Ray Data.

Files -> pages (tasks) -> blocks of a few pages -> readings (actors) -> tables (this process). Blocks are read only
as fast as the next step takes them. Only this process writes: no process that outlives it can damage the tables.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # both are read when ray is imported; if on, it reports its use
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")

import pyarrow as pa
import ray
from tqdm import tqdm

from img2latex.bulk import sources, tables
from img2latex.page.reading import PDF_DPI, Page, read_page
from img2latex.picture import loading, pdf
from img2latex.reader.recognizer import Recognition, Recognizer

MOST_BLOCKS = 10_000  # of files
BLOCK_BYTES = 16_000_000  # of pages on their way from the tasks that open files
OPENING_CPUS = 0.25  # of a core: to open files takes little beside reading them
OTHERS = 2  # cores, as Ray counts them, for tasks that open files and make blocks of pages
ATTEMPTS = 4  # at starting Ray
STORE_BYTES = 500_000_000  # for pages on their way, on one machine
BATCH = 16  # formulas decoded at a time
READ = pa.schema([
    ("source", pa.string()), ("page", pa.int32()), ("reason", pa.string()), ("width", pa.int32()),
    ("height", pa.int32()), ("warning", pa.string()),
    ("formulas", pa.list_(pa.struct([field for field in tables.FORMULAS if field.name not in ("source", "page")]))),
])  # fmt: skip


@dataclass
class Counts:
    """Rows of the tables."""

    pages: int
    formulas: int
    bad: int


class Reader:
    """An actor: reads blocks of pages with a model of its own.

    Args:
        single: each picture is one formula; pages of PDFs are still read as pages.
    """

    def __init__(self, checkpoint: str, single: bool):
        self.reader, self.single = Recognizer.from_pretrained(checkpoint, threads=1), single

    def __call__(self, sheets: pa.Table) -> pa.Table:
        rows = sheets.to_pylist()
        found = [self._read(sources.Sheet(**row)) for row in rows]
        waiting = [i for i, picture in enumerate(found) if not isinstance(picture, dict)]
        readings = self._together([found[i] for i in waiting])  # pictures of single formulas
        for i, reading in zip(waiting, readings, strict=True):
            width, height = found[i].shape[::-1]
            found[i] = _single(reading, width, height)
        rows = [{"source": row["source"], "page": row["page"], **each} for row, each in zip(rows, found, strict=True)]
        return pa.Table.from_pylist(rows, READ)

    def _together(self, pictures: list) -> list[Recognition]:
        return self.reader.recognize_many(pictures, BATCH, alternatives=1, attention=False)

    def _read(self, sheet: sources.Sheet):
        """The row of a page, or of its error; for a single formula its picture, uint8 H x W, to be read in a batch."""
        try:
            if sheet.reason:
                raise ValueError(sheet.reason)
            if self.single and not sheet.page:
                return loading.load(sheet.content)
            picture = pdf.draw_page(sheet.content, 1, dpi=PDF_DPI) if sheet.page else sheet.content
            return _page(read_page(picture, reader=self.reader, with_text=False, alternatives=1, attention=False))
        except Exception as error:  # no error in one page may stop a run of a million
            return {"reason": str(error) or type(error).__name__}


def _page(page: Page) -> dict:
    names = ("box", "kind", "latex", "tag", "confidence", "warning")
    formulas = [{name: getattr(region, name) for name in names} for region in page.formulas]
    return {"width": page.size[0], "height": page.size[1], "warning": page.warning, "formulas": formulas}


def _single(reading: Recognition, width: int, height: int) -> dict:
    formula = {"box": (0, 0, width, height), "kind": "displayed", "latex": reading.latex, "tag": ""}
    formula |= {"confidence": reading.confidence, "warning": reading.warning}
    formulas = [formula] if reading.latex else []
    return {"width": width, "height": height, "warning": reading.warning, "formulas": formulas}


def run(
    place: str, out: Path, checkpoint: str = "math", single: bool = False, workers: int | None = None, part: int = 16,
    address: str | None = None,
) -> Counts:  # fmt: skip
    """Reads the pages that no earlier run has read; returns the counts of rows in the tables.

    Args:
        place: see `sources.files`.
        workers: actors; by default one for each core.
        part: pages that an actor reads at a time, and pages for each file of the tables.
        address: of a Ray cluster; all its machines must have the package, and see the files.

    Raises:
        ValueError, OSError: the run cannot start; the message is one sentence.
    """
    found = sources.files(place)
    Recognizer.from_pretrained(checkpoint, threads=1)  # a wrong name fails here, in one sentence
    store = tables.Tables(out, {"checkpoint": checkpoint, "single": single})
    done = store.done()
    connect(address, workers or os.cpu_count() or 1)
    try:
        workers = workers or max(1, int(ray.cluster_resources()["CPU"]) - OTHERS)
        with tqdm(unit="page", initial=len(done), disable=None) as bar:
            for rows in _read(found, done, checkpoint, single, workers, part):
                store.add(rows)
                bar.update(len(rows["pages"]) + len(rows["bad"]))
    finally:
        ray.shutdown()
    return Counts(*map(store.count, ("pages", "formulas", "bad")))


def connect(address: str | None, workers: int) -> None:
    """Connects to a Ray cluster, or starts one on this machine.

    Raises:
        OSError: it fails; the message is one sentence.
    """
    alone = {"num_cpus": workers + OTHERS, "include_dashboard": False, "object_store_memory": STORE_BYTES}
    for attempt in range(1, ATTEMPTS + 1):
        try:
            ray.init(address or "local", logging_level=logging.ERROR, log_to_driver=False, **({} if address else alone))
            break
        except Exception as error:  # of many kinds; on a busy machine Ray times out after half a minute
            ray.shutdown()
            if attempt == ATTEMPTS or address:
                raise OSError(f"Ray does not start: {' '.join(str(error).split())}") from None
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = BLOCK_BYTES


def _read(found: list[str], done: tables.Done, *options) -> Iterator[dict[str, list[dict]]]:
    """The rows of each part, as soon as it is read."""
    checkpoint, single, workers, part = options
    count = min(max(-(-len(found) // part), min(len(found), 2 * workers)), MOST_BLOCKS)  # pictures fill a part
    blocks = ray.data.from_items(found, override_num_blocks=count)
    results = (
        blocks.flat_map(partial(_opened, done=done), num_cpus=OPENING_CPUS)
        .repartition(target_num_rows_per_block=part)
        .map_batches(
            Reader, fn_constructor_args=(checkpoint, single), batch_size=None, batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(size=workers), num_cpus=1,
        )
    )  # fmt: skip
    for block in results.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        if block.num_rows:
            yield _rows(block.to_pylist())


def _opened(row: dict, done: tables.Done) -> Iterator[dict]:
    return map(asdict, sources.pages(row["item"], done))


def _rows(results: list[dict]) -> dict[str, list[dict]]:
    """Results of the actors -> the rows of each table."""
    rows: dict[str, list[dict]] = {name: [] for name in tables.TABLES}
    for result in results:
        key = {"source": result["source"], "page": result["page"] or None}
        if result["reason"]:
            rows["bad"].append({**key, "reason": result["reason"]})
            continue
        rows["formulas"] += [{**key, **formula} for formula in result["formulas"]]
        page = {name: result[name] for name in ("width", "height", "warning")}
        rows["pages"].append({**key, **page, "formulas": len(result["formulas"])})
    return rows
