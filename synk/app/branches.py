"""Which branch is checked out in a folder: read from git's own files in a job, and again when git changes them."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass

from synk.base.folder_changes import FolderChanges
from synk.base.jobs import Jobs

log = logging.getLogger(__name__)

HEAD = "HEAD"
GIT = ".git"
LONGEST_FILE = 4096
"""Bytes read of HEAD or of a `.git` file: both are one line."""
HASH_DIGITS = 8
"""Of a commit that is checked out without a branch."""


@dataclass(frozen=True, slots=True)
class Head:
    """What was found in a folder."""

    branch: str
    """"" without git."""
    watched: str
    """The folder in which a change is told by `name`."""
    name: str


class Branches:
    """Known branches by folder. GUI thread; nothing waits but what runs in jobs of their own."""

    def __init__(self, jobs: Jobs, *, on_change: Callable[[], None], read: Callable[[str], Head] | None = None) -> None:
        """`on_change()`: another branch is known; `read(folder)` may wait for the disk, or hang forever."""
        self._jobs = jobs
        self._on_change = on_change
        self._read = read or read_head
        self._heads: dict[str, Head] = {}
        self._asked: set[str] = set()
        """Folders somebody is reading: one that hangs is not read by a second thread."""
        self._changes: FolderChanges | None = None
        try:
            self._changes = FolderChanges()
        except OSError as error:
            log.warning("branches are not followed: %s", error)

    @property
    def changes_fd(self) -> int | None:
        """Readable when git changed something: call `follow`. None: changes are not told."""
        return self._changes.fileno() if self._changes is not None else None

    def branch_of(self, folder: str) -> str:
        """The branch as far as it is known; "" without git, and until it was read for the first time."""
        if folder not in self._heads:
            self._ask(folder)
            return ""
        return self._heads[folder].branch

    def refresh(self) -> None:
        """Read all of them again."""
        for folder in list(self._heads):
            self._ask(folder)

    def follow(self) -> None:
        """Read those again that git changed."""
        if self._changes is None:
            return
        changed = self._changes.take()
        for folder, head in list(self._heads.items()):
            if (head.watched, head.name) in changed:
                self._ask(folder)

    def forget_others(self, folders: set[str]) -> None:
        """Only these are still of interest."""
        self._heads = {folder: head for folder, head in self._heads.items() if folder in folders}
        if self._changes is not None:
            self._changes.keep(head.watched for head in self._heads.values())

    def close(self) -> None:
        """Give back what tells of changes."""
        changes, self._changes = self._changes, None
        if changes is not None:
            changes.close()

    def _ask(self, folder: str) -> None:
        if folder in self._asked:
            return
        self._asked.add(folder)
        changes = self._changes

        def read() -> Head:
            head = self._read(folder)
            if changes is not None:
                try:
                    changes.watch(head.watched)
                except OSError as error:
                    log.info("%s is not followed: %s", head.watched, error)
                else:
                    head = self._read(folder)  # it may have changed before it was watched
            return head

        self._jobs.aside(read, lambda head: self._found(folder, head), failed=lambda error: self._failed(folder, error))

    def _found(self, folder: str, head: Head) -> None:
        self._asked.discard(folder)
        before = self._heads.get(folder)
        self._heads[folder] = head
        if before is None or before.branch != head.branch:
            self._on_change()

    def _failed(self, folder: str, error: Exception) -> None:
        log.info("the branch of %s cannot be read: %s", folder, error)
        self._found(folder, Head("", folder, GIT))


def read_head(folder: str) -> Head:
    """Look for git from this folder upwards, as git does (gitrepository-layout(5)). Waits for the disk.

    Raises:
        OSError: something is there and cannot be read.
    """
    for place in _upwards(folder):
        git = os.path.join(place, GIT)
        if os.path.isfile(git):  # a worktree, or a submodule
            git = os.path.join(place, _line(git).removeprefix("gitdir:").strip())
        if os.path.isfile(os.path.join(git, HEAD)):
            return Head(_branch(_line(os.path.join(git, HEAD))), git, HEAD)
    return Head("", folder, GIT)


def _upwards(folder: str) -> list[str]:
    places = [folder]
    while (above := os.path.dirname(places[-1])) != places[-1]:
        places.append(above)
    return places


def _branch(line: str) -> str:
    """`ref: refs/heads/main` is `main`; a commit without a branch is its first digits."""
    if line.startswith("ref:"):
        return line.removeprefix("ref:").strip().removeprefix("refs/heads/")
    return line.strip()[:HASH_DIGITS]


def _line(path: str) -> str:
    with open(path, "rb") as file:
        return os.fsdecode(file.read(LONGEST_FILE)).split("\n")[0]
