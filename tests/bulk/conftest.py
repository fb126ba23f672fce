"""Files that are read in bulk, and a machine that reads them."""

import os
import shutil
import subprocess
import sys
import tarfile

import pyarrow.parquet as pq
import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="session")
def files(pictures, paper, tmp_path_factory):
    """A folder: pictures of formulas, a PDF of two pages, an archive of both, and damaged files."""
    folder = tmp_path_factory.mktemp("bulk")
    (folder / "deep").mkdir()
    for number, name in enumerate(("circle", "fraction") * 2):
        shutil.copy(pictures / f"{name}.png", folder / "deep" / f"{number}-{name}.png")
    shutil.copy(paper, folder / "paper.pdf")
    with tarfile.open(folder / "shard.tar", "w") as archive:
        archive.add(pictures / "circle.png", "inner/circle.png")
        archive.add(paper, "paper.pdf")
        archive.add(pictures / "text.png", "text.png")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    (folder / "notes.txt").write_text("no list, and no picture")
    return folder


def start(*arguments):
    """The command, in a group of processes of its own."""
    command = [sys.executable, "-m", "img2latex.bulk", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, start_new_session=True, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def rows(folder, table):
    """The rows of a table, sorted by page; within one as they were written."""
    found = [row for path in (folder / table).glob("*.parquet") for row in pq.read_table(path).to_pylist()]
    return sorted(found, key=lambda row: (row["source"], row["page"] or 0))
