"""Checks a checkpoint, and commits its files to the Hugging Face Hub: what `python -m img2latex.publish` does.

Only the files of a checkpoint go, whatever else lies in the folder. A repository that isn't there yet is made, a
public one.
"""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import HfApi

from img2latex.files.beside import beside
from img2latex.hub import card
from img2latex.latex import normalize
from img2latex.reader import download
from img2latex.reader.checkpoints import BACKWARDS, CONFIG, WEIGHTS, CheckpointError
from img2latex.reader.recognizer import Recognizer

FILES = (CONFIG, WEIGHTS, BACKWARDS, card.CARD)
SAMPLE = beside("examples") / "1-printed.png"
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
    reader = Recognizer.from_pretrained(folder.resolve())
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
    except Exception as error:  # the client passes on errors of its HTTP, file and transfer libraries
        raise PublishError(f"{repository} can't be published: {download.explain(error)}.") from error
    return commit.oid
