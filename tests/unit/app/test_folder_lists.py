"""What the folder picker is told of the disk."""

import os
import threading
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from synk.app import folder_lists
from synk.app.folder_lists import Entries, FolderLists, list_entries, repositories, with_links
from synk.base.events import Hub
from synk.base.jobs import Jobs
from synk.ui.pickers.typed_folders import FolderNames

Wait = Callable[..., None]


def test_folders_and_links_to_folders_are_listed_as_people_sort(tmp_path: Path) -> None:
    for name in ("b", "A", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("b")
    (tmp_path / "dead-link").symlink_to("nowhere")
    (tmp_path / "file-link").symlink_to("file")
    entries = list_entries(str(tmp_path))
    assert entries.names == FolderNames(str(tmp_path), [".hidden", "A", "b"])
    assert set(entries.links) == {"link", "dead-link", "file-link"}
    assert with_links(entries) == FolderNames(str(tmp_path), [".hidden", "A", "b", "link"])


def test_a_name_that_is_no_text_is_listed_too(tmp_path: Path) -> None:
    os.mkdir(os.fsencode(tmp_path) + b"/\xff")
    assert list_entries(str(tmp_path)).names.names == ["\udcff"]


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert list_entries(str(tmp_path / "gone")).names.problem == "no such file or directory"


def test_repositories_and_worktrees_are_found(tmp_path: Path) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text("gitdir: elsewhere")
    (tmp_path / "plain").mkdir()
    folders = [str(tmp_path / name) for name in ("repo", "tree", "plain", "gone")]
    assert repositories(folders) == set(folders[:2])


def test_a_folder_that_hangs_is_asked_once_and_others_answer(
    tmp_path: Path, wait_until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = threading.Event()
    asked: list[str] = []

    def list_one(folder: str) -> Entries:
        asked.append(folder)
        if folder == "/dead":
            stuck.wait()
        return Entries(FolderNames(folder, ["x"]))

    monkeypatch.setattr(folder_lists, "list_entries", list_one)
    hub = Hub(lambda: None)
    jobs = Jobs(hub.call)
    lists = FolderLists(jobs)
    came: list[str] = []
    found: list[Collection[str]] = []
    try:
        for folder in ("/dead", "/dead", str(tmp_path)):
            lists.list_folder(folder, lambda names: came.append(names.folder))
        lists.find_repositories([str(tmp_path)], found.append)
        wait_until(lambda: hub.deliver() or (came == [str(tmp_path)] and found == [frozenset()]), timeout_s=30)
        assert asked.count("/dead") == 1
        stuck.set()
        wait_until(lambda: hub.deliver() or came.count("/dead") == 2, timeout_s=30)
    finally:
        stuck.set()
        jobs.close()


def test_a_link_that_hangs_leaves_the_other_folders_in_sight(
    tmp_path: Path, wait_until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "link").symlink_to("api")
    stuck = threading.Event()

    def follow(entries: Entries) -> FolderNames:
        stuck.wait()
        return with_links(entries)

    monkeypatch.setattr(folder_lists, "with_links", follow)
    hub = Hub(lambda: None)
    jobs = Jobs(hub.call)
    came: list[list[str]] = []
    try:
        FolderLists(jobs).list_folder(str(tmp_path), lambda found: came.append(list(found.names)))
        wait_until(lambda: hub.deliver() or came == [["api"]], timeout_s=30)
        stuck.set()
        wait_until(lambda: hub.deliver() or came == [["api"], ["api", "link"]], timeout_s=30)
    finally:
        stuck.set()
        jobs.close()
