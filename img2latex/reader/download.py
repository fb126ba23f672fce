"""Checkpoints of the Hugging Face Hub: its cache, a download, and why there is none.

Imported only when one is asked for.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import (
    EntryNotFoundError,
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

_COMMIT = re.compile(r"[0-9a-f]{40}")
_log = logging.getLogger(__name__)


class DownloadError(ValueError):
    """Why files cannot be downloaded from the Hub, in one sentence for a person."""


def folder(repository: str, revision: str, names: Sequence[str]) -> Path:
    """The folder of the Hub's cache that holds these files of one commit, downloaded unless they are there already.

    Raises:
        DownloadError: they are not in the cache, and can't be downloaded.
    """
    cached = _cached(repository, revision, names)
    if cached and _COMMIT.fullmatch(revision):
        return cached
    try:
        # One plain request first: hf_hub_download would retry for half a minute if the Hub is down.
        first, *others = names
        url = hf_hub_url(repository, first, revision=revision)
        if get_hf_file_metadata(url, timeout=constants.HF_HUB_ETAG_TIMEOUT).commit_hash is None:
            raise FileMetadataError(url)
        found = Path(hf_hub_download(repository, first, revision=revision)).parent
        for name in others:
            hf_hub_download(repository, name, revision=found.name)  # of the same commit, even if a branch moves now
    except Exception as error:  # the client passes on errors of its HTTP, file and transfer libraries
        reason = explain(error, names)
        if not cached:
            raise DownloadError(f"{repository}@{revision} cannot be downloaded from the Hub: {reason}.") from error
        _log.warning("%s@%s is taken from the cache, since asking the Hub failed: %s.", repository, revision, reason)
        return cached
    return found


def forget(folder: Path, names: Sequence[str]) -> bool:
    """Takes files out of the Hub's cache; False if the folder is not there."""
    if Path(constants.HF_HUB_CACHE).resolve() not in folder.resolve().parents:
        return False
    for name in names:
        (folder / name).resolve().unlink(missing_ok=True)
        (folder / name).unlink(missing_ok=True)
    return True


def explain(error: Exception, names: Sequence[str] = ()) -> str:
    """Why a request to the Hub failed, for these files: a clause for a person, without a full stop."""
    if isinstance(error, LocalEntryNotFoundError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # hf_hub_download's way of saying that it had no cached file to fall back on
    reasons = {
        OfflineModeIsEnabled: "HF_HUB_OFFLINE forbids to ask it",
        GatedRepoError: "its owner must grant access first (log in with `hf auth login`)",
        RepositoryNotFoundError: "no such repository, or it is private (log in with `hf auth login`)",
        RevisionNotFoundError: "the repository has no such revision",
        EntryNotFoundError: f"the repository has no {' or no '.join(names)}",
        FileMetadataError: "what answered is not a Hub (see HF_ENDPOINT)",
    }
    for kind, reason in reasons.items():
        if isinstance(error, kind):
            return reason
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        refused = "the login is missing or refused (log in with `hf auth login`)"
        return refused if status in (401, 403) else f"it answered with error {status}"
    if "Timeout" in type(error).__name__:
        return "it didn't answer in time"
    if "Connect" in type(error).__name__:
        return "it can't be reached"
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__


def _cached(repository: str, revision: str, names: Sequence[str]) -> Path | None:
    paths = [try_to_load_from_cache(repository, name, revision=revision) for name in names]
    return Path(paths[0]).parent if all(isinstance(path, str) for path in paths) else None
