"""Reads the formulas of many pages, by as many processes as there are cores, into Parquet tables.

    python -m img2latex.bulk scans/ read/                 # pictures, PDFs and tar archives in a folder and those below
    python -m img2latex.bulk paper.pdf read/              # or one of them
    python -m img2latex.bulk list.txt read/               # paths and addresses (https, s3, gs), one a line
    python -m img2latex.bulk crops/ read/ --single        # each picture is one formula
    python -m img2latex.bulk s3list.txt /shared/read --address ray://head:10001     # on a cluster of Ray

OUT gets three folders of Parquet files: `formulas` (source, page, box, kind, latex, tag, confidence, warning), `pages`
(pages that were read) and `bad` (pages that failed, and why). The same command, run again, resumes where it was
stopped. Exit status: 0 all pages were read, 1 some are in `bad`, 2 the run could not start.
"""

from __future__ import annotations

import argparse
import logging
import sys
from importlib.util import find_spec
from pathlib import Path

MISSING = "This command needs Ray: pip install 'ray[data]'."


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m img2latex.bulk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("place", metavar="IN", help="a folder, a file, a list of files (.txt), or an address")
    parser.add_argument("out", metavar="OUT", type=Path, help="folder for the tables")
    parser.add_argument("--checkpoint", default="math", help="name, folder or ORG/NAME (default: math)")
    parser.add_argument("--single", action="store_true", help="each picture is one formula, no page")
    parser.add_argument("--workers", type=_positive, metavar="N", help="reading processes (default: one for each core)")
    parser.add_argument("--part", type=_positive, default=16, metavar="N",
                        help="pages for each file of the tables, the most that a killed process loses (default: 16)"
                        )  # fmt: skip
    parser.add_argument("--address", help="of a Ray cluster, or auto; default: this machine alone")
    options = parser.parse_args(arguments)
    if not find_spec("ray"):
        print(f"bulk: {MISSING}", file=sys.stderr)
        return 2
    from img2latex.bulk.run import run  # late: --help needs no Ray

    logging.disable(logging.WARNING)  # Ray Data logs each step
    try:
        counts = run(
            options.place, options.out, options.checkpoint, options.single, options.workers, options.part,
            options.address,
        )  # fmt: skip
    except (ValueError, OSError) as error:
        print(f"bulk: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bulk: stopped; the same command resumes.", file=sys.stderr)
        return 130
    print(f"{counts.pages:,} pages read, {counts.formulas:,} formulas, {counts.bad:,} not read.", file=sys.stderr)
    return 1 if counts.bad else 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
