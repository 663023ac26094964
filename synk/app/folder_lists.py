"""What the folder picker shows, read from the disk on threads of their own: a mount that does not answer holds up nothing."""

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from synk.base.jobs import Jobs
from synk.ui.pickers.typed_folders import FolderNames


@dataclass(frozen=True, slots=True)
class Entries:
    """What a folder holds."""

    names: FolderNames
    """Its folders."""
    links: Sequence[str] = ()
    """Its links, wherever they lead."""


class FolderLists:
    """Lists folders for one window. GUI thread; answers come there too, or never."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._waiting: dict[str, list[Callable[[FolderNames], None]]] = {}
        """Who waits for which folder: a second question about one that hangs starts no second thread."""

    def list_folder(self, folder: str, done: Callable[[FolderNames], None]) -> None:
        """Sub folders, hidden ones too. `done` is called again with those that are links, once it is known where they lead."""
        if folder in self._waiting:
            self._waiting[folder].append(done)
            return
        self._waiting[folder] = [done]
        self._jobs.aside(lambda: list_entries(folder), self._listed)

    def find_repositories(self, folders: Sequence[str], done: Callable[[Collection[str]], None]) -> None:
        """Those with a `.git` in them."""
        self._jobs.aside(lambda: repositories(folders), done)

    def _listed(self, entries: Entries) -> None:
        waiting = self._waiting.pop(entries.names.folder, [])
        for done in waiting:
            done(entries.names)
        if entries.links:
            # By itself: one link to a mount that does not answer would keep the whole folder from being seen.
            self._jobs.aside(lambda: with_links(entries), lambda names: _tell(waiting, names))


def _tell(waiting: Sequence[Callable[[FolderNames], None]], names: FolderNames) -> None:
    for done in waiting:
        done(names)


def list_entries(folder: str) -> Entries:
    """List a folder without following links; may wait for the disk."""
    names, links = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink():
                    links.append(entry.name)
                elif entry.is_dir(follow_symlinks=False):
                    names.append(entry.name)
    except OSError as error:
        return Entries(FolderNames(folder, problem=(error.strerror or str(error)).lower()))
    return Entries(FolderNames(folder, _sorted(names)), links)


def with_links(entries: Entries) -> FolderNames:
    """The folders, and the links that lead to one; may wait for other disks."""
    folder = entries.names.folder
    linked = [name for name in entries.links if os.path.isdir(os.path.join(folder, name))]
    return FolderNames(folder, _sorted([*entries.names.names, *linked]))


def _sorted(names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: (name.lower(), name))


def repositories(folders: Sequence[str]) -> Collection[str]:
    """Those of the folders in which git keeps something; `.git` is a file in a worktree. May wait for the disk."""
    return frozenset(folder for folder in folders if os.path.lexists(os.path.join(folder, ".git")))
