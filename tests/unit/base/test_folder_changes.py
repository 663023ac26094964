"""Changes in folders as the kernel tells them."""

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from synk.base.folder_changes import FolderChanges


@pytest.fixture
def changes() -> Iterator[FolderChanges]:
    changes = FolderChanges()
    yield changes
    changes.close()


def is_readable(changes: FolderChanges) -> bool:
    return bool(select.select([changes.fileno()], [], [], 0)[0])


def test_what_is_written_made_moved_or_removed_is_told_by_name(changes: FolderChanges, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("x")
    changes.watch(str(tmp_path))
    assert not is_readable(changes)
    (tmp_path / "new").write_text("x")
    (tmp_path / "HEAD.lock").write_text("x")
    os.replace(tmp_path / "HEAD.lock", tmp_path / "HEAD")
    (tmp_path / "old").unlink()
    assert is_readable(changes)
    assert changes.take() == {(str(tmp_path), name) for name in ("new", "HEAD.lock", "HEAD", "old")}
    assert changes.take() == set()


def test_reading_is_no_change(changes: FolderChanges, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    changes.watch(str(tmp_path))
    (tmp_path / "file").read_text()
    list(tmp_path.iterdir())
    assert changes.take() == set()


def test_a_folder_that_is_not_kept_is_silent(changes: FolderChanges, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        changes.watch(str(folder))
    changes.keep([str(two)])
    for folder in (one, two):
        (folder / "file").write_text("x")
    assert changes.take() == {(str(two), "file")}


def test_a_folder_that_is_not_there_is_an_error(changes: FolderChanges, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        changes.watch(str(tmp_path / "nothing"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotADirectoryError):
        changes.watch(str(tmp_path / "file"))
