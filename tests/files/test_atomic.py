"""A file is there whole or not at all, and what a killed process leaves is cleared away."""

import pytest

from img2latex.files.atomic import remove_drafts, replacing


def test_a_failure_midway_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "state"
    path.write_text("old")
    with pytest.raises(OSError, match="disk full"), replacing(path) as draft:
        draft.write_text("ne")
        raise OSError("disk full")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "new folder" / "state"
    with replacing(path) as draft:
        draft.write_text("new")
        assert not path.exists() and draft.parent == path.parent
    assert path.read_text() == "new" and list(path.parent.iterdir()) == [path]


def test_two_writers_of_one_file_do_not_mix(tmp_path):
    path = tmp_path / "state"
    with replacing(path) as one, replacing(path) as other:
        one.write_text("one")
        other.write_text("other")
    assert path.read_text() == "one", "the last to end"


def test_drafts_of_killed_processes_are_removed_and_other_files_stay(tmp_path):
    (tmp_path / "deeper").mkdir()
    kept = [tmp_path / "a.part", tmp_path / "deeper" / ".hidden"]
    for path in [*kept, tmp_path / ".state.1.part", tmp_path / "deeper" / ".state.2.part"]:
        path.write_text("half")
    remove_drafts(tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)
