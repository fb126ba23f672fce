"""The whole command on Ray: what it writes, and that it goes on after it was killed."""

import os
import random
import signal
import time

import pytest
import ray

from img2latex.bulk.run import connect
from img2latex.latex import normalize
from tests.bulk.conftest import rows, start
from tests.conftest import FORMULAS, PAPER_FORMULAS

PATIENCE = 600  # seconds for a slow machine


@pytest.fixture(scope="module")
def cluster():
    """The address of a Ray cluster of this machine, which outlives the commands that use it."""
    connect(None, 2)
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


@pytest.fixture(scope="module")
def undisturbed(files, cluster, tmp_path_factory):
    """The tables of a run that nobody disturbed."""
    out = tmp_path_factory.mktemp("undisturbed")
    run = start(files, out, "--workers", "2", "--address", cluster)
    _, told = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1, told
    assert "9 pages read" in told and "2 not read" in told and "Traceback" not in told
    return out


def test_files_of_all_kinds_become_rows_and_damaged_ones_are_told_apart(undisturbed, files):
    told = {}
    for row in rows(undisturbed, "formulas"):
        told.setdefault((row["source"], row["page"]), []).append(row)
    for source in (files / "deep" / "0-circle.png", files / "shard.tar" / "inner" / "circle.png"):
        (row,) = told[str(source), None]
        assert normalize(row["latex"]) == normalize(FORMULAS["circle"])
        assert row["confidence"] == pytest.approx(1, abs=0.3) and row["box"][0] < row["box"][2]
    for source in (files / "paper.pdf", files / "shard.tar" / "paper.pdf"):
        found = told[str(source), 1]
        assert [normalize(row["latex"]) for row in found] == [normalize(formula) for formula in PAPER_FORMULAS]
        assert [(row["kind"], row["tag"]) for row in found] == [("displayed", "1"), ("displayed", "2")]
        assert (str(source), 2) not in told
    pages = {(row["source"], row["page"]): row for row in rows(undisturbed, "pages")}
    assert pages[str(files / "paper.pdf"), 2]["formulas"] == 0
    bad = {row["source"]: row["reason"] for row in rows(undisturbed, "bad")}
    assert set(bad) == {str(files / "broken.pdf"), str(files / "shard.tar" / "text.png")}
    assert "not a PDF" in bad[str(files / "broken.pdf")]


def test_killed_at_random_and_given_again_it_reads_the_rest_and_nothing_twice(undisturbed, files, cluster, tmp_path):
    command = (files, tmp_path, "--workers", "2", "--part", "1", "--address", cluster)
    kept = {}
    for _ in range(3):
        run, before = start(*command), len(kept)
        deadline = time.monotonic() + PATIENCE
        while len(kept) == before and run.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
            kept = parts(tmp_path)
        time.sleep(random.uniform(0, 0.3))
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        kept = parts(tmp_path)
        assert before < len(kept)
    run = start(*command)
    _, told = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1, told
    assert kept.items() <= parts(tmp_path).items()  # not written again
    for table in ("formulas", "pages", "bad"):
        assert rows(tmp_path, table) == rows(undisturbed, table)  # confidences too: no page's depends on others


def parts(folder):
    """{name of a finished part: when it was written}."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "pages").glob("*.parquet")}
