"""What the folder picker shows, read from the disk on threads of their own: a mount that does not answer holds up nothing."""

import os
from collections.abc import Callable, Collection, Sequence

from synk.base.jobs import Jobs
from synk.ui.typed_folders import FolderNames


class FolderLists:
    """Lists folders for one window. GUI thread; answers come there too, or never."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._waiting: dict[str, list[Callable[[FolderNames], None]]] = {}
        """Who waits for which folder: a second question about one that hangs starts no second thread."""

    def list_folder(self, folder: str, done: Callable[[FolderNames], None]) -> None:
        """Sub folders, also those that are links; hidden ones too."""
        if folder in self._waiting:
            self._waiting[folder].append(done)
            return
        self._waiting[folder] = [done]
        self._jobs.aside(lambda: sub_folders(folder), self._listed)

    def find_repositories(self, folders: Sequence[str], done: Callable[[Collection[str]], None]) -> None:
        """Those with a `.git` in them."""
        self._jobs.aside(lambda: repositories(folders), done)

    def _listed(self, found: FolderNames) -> None:
        for done in self._waiting.pop(found.folder, ()):
            done(found)


def sub_folders(folder: str) -> FolderNames:
    """List a folder; may wait for the disk."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _is_folder(entry)]
    except OSError as error:
        return FolderNames(folder, problem=(error.strerror or str(error)).lower())
    return FolderNames(folder, sorted(names, key=lambda name: (name.lower(), name)))


def repositories(folders: Sequence[str]) -> Collection[str]:
    """Those of the folders in which git keeps something; `.git` is a file in a worktree. May wait for the disk."""
    return frozenset(folder for folder in folders if os.path.lexists(os.path.join(folder, ".git")))


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
