"""The folder of a Hugging Face Space; its size, its start-up time and the time to its first answer.

    python -m img2latex.space                   # builds it aside, starts the app from it, prints the three
    python -m img2latex.space --out space       # keeps the folder
    hf upload ORG/NAME space --repo-type space  # and sends it

The front matter of README.md says what the Space installs and starts. Training code is left out: serving needs none.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from img2latex.hub.space import SpaceError, build, measure


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m img2latex.space", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="keep the Space's folder under this name")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as aside:
            folder = options.out or Path(aside) / "space"
            build(folder)
            found = measure(folder)
    except (SpaceError, OSError) as error:
        print(f"space: {error}", file=sys.stderr)
        return 1
    print(f"size          {found.size / 1e6:.1f} MB in {found.files} files")
    print(f"start-up      {found.start:.1f} s")
    print(f"first answer  {found.answer:.1f} s: {found.latex}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
