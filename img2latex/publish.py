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

from huggingface_hub import HfApi

from img2latex import card, checkpoints
from img2latex.checkpoints import CONFIG, WEIGHTS, CheckpointError
from img2latex.latex import normalize
from img2latex.recognizer import Recognizer

FILES = (CONFIG, WEIGHTS, card.CARD)
SAMPLE = Path(__file__).resolve().parent.parent / "examples" / "1-printed.png"
SAMPLE_LATEX = r"x=\frac{-b\pm\sqrt{b^{2}-4ac}}{2a}"  # as examples/make.py draws it


class PublishError(ValueError):
    """Why a checkpoint was not published, in one sentence for a person."""


def check(folder: Path) -> None:
    """Refuses a checkpoint that its users could not use.

    Raises:
        checkpoints.CheckpointError: it doesn't load: every tensor must fit, and match its sum.
        card.CardError: its card is missing or not complete.
        PublishError: it misreads the sample.
    """
    if not folder.is_dir():
        raise CheckpointError(f"There is no checkpoint folder {folder}.")
    card.check(card.load(folder))
    reader = Recognizer(checkpoints.load(folder.resolve())[0])
    found = reader.recognize(SAMPLE).latex
    if not found or normalize(found) != normalize(SAMPLE_LATEX):
        raise PublishError(f"The checkpoint reads {SAMPLE.name} as {found or 'nothing'} instead of {SAMPLE_LATEX}.")


def upload(folder: Path, repository: str, revision: str | None = None) -> str:
    """Commits the files of a checkpoint, in one commit.

    Args:
        folder: checked before.
        repository: `ORG/NAME`, made if it isn't there.
        revision: a branch, made if it isn't there; `main` by default.

    Returns:
        The commit's id, 40 hex digits.

    Raises:
        PublishError: the Hub can't be reached, or refuses.
    """
    hub = HfApi()
    try:
        hub.create_repo(repository, exist_ok=True)
        if revision:
            hub.create_branch(repository, branch=revision, exist_ok=True)
        commit = hub.upload_folder(
            repo_id=repository, folder_path=folder, allow_patterns=list(FILES), revision=revision,
            commit_message=f"Checkpoint {folder.resolve().name}",
        )  # fmt: skip
    except Exception as error:  # the client lets the errors of its HTTP, file and transfer libraries through
        raise PublishError(f"{repository} can't be published: {checkpoints.explain(error)}.") from error
    return commit.oid


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
        for name in FILES:
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
