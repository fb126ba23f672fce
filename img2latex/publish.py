"""Puts a checkpoint on the Hugging Face Hub, after a check that it is whole, reads and says what it is.

    python -m img2latex.publish checkpoints/math ORG/NAME --dry-run     # checks, and lists what would go
    python -m img2latex.publish checkpoints/math ORG/NAME               # log in first: hf auth login

Only the three files of a checkpoint go, whatever else lies in the folder. A repository that isn't there yet is made, a
public one. The last line printed is the commit, as `checkpoints.PUBLISHED` pins it. Exit status: 0 when it went (or
would go), 1 when not, 2 for a wrong option.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from img2latex.hub.publish import FILES, check, upload


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m img2latex.publish", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the checkpoint: config.json, model.safetensors, README.md")
    parser.add_argument("repository", metavar="ORG/NAME", help="where on the Hub")
    parser.add_argument("--revision", metavar="BRANCH", help="commit to this branch (default main)")
    parser.add_argument("--dry-run", action="store_true", help="check, and list what would go, but send nothing")
    options = parser.parse_args(arguments)
    try:
        check(options.folder)
        for name in filter(lambda name: (options.folder / name).exists(), FILES):
            print(f"{(options.folder / name).stat().st_size:>12,} bytes  {name}")
        if options.dry_run:
            print(f"Nothing was sent to {options.repository}: this was a dry run.")
        else:
            print(f"{options.repository}@{upload(options.folder, options.repository, options.revision)}")
    except (ValueError, OSError) as error:  # CheckpointError, CardError and PublishError are ValueErrors
        print(f"publish: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
