"""Branches of folders, read from what real git writes."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synk.app.branches import Branches, Head, read_head
from synk.base.jobs import Jobs

WaitUntil = Callable[..., None]
LIMIT_S = 30


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "api"
    folder.mkdir()
    git(folder, "init")
    git(folder, "commit", "--allow-empty", "-m", "first")
    return folder


class Followed:
    """Branches as the window follows them."""

    def __init__(self, read: Callable[[str], Head] | None = None) -> None:
        self.jobs = Jobs(lambda function: function())
        self.changes = 0
        self.branches = Branches(self.jobs, on_change=self._changed, read=read)

    def _changed(self) -> None:
        self.changes += 1

    def close(self) -> None:
        self.branches.close()
        self.jobs.close()


@pytest.fixture
def followed() -> Iterator[Followed]:
    followed = Followed()
    yield followed
    followed.close()


def test_the_branch_of_a_folder_and_of_those_below_it(repository: Path) -> None:
    below = repository / "src" / "api"
    below.mkdir(parents=True)
    assert read_head(str(repository)).branch == "main"
    assert read_head(str(below)).branch == "main"
    git(repository, "switch", "-c", "feat/tür")
    assert read_head(str(below)).branch == "feat/tür"


def test_a_worktree_has_its_own_branch(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", str(tmp_path / "wt"), "-b", "fix")
    assert (read_head(str(tmp_path / "wt")).branch, read_head(str(repository)).branch) == ("fix", "main")


def test_a_commit_without_a_branch_is_told_by_its_first_digits(repository: Path) -> None:
    git(repository, "switch", "--detach")
    assert read_head(str(repository)).branch == git(repository, "rev-parse", "HEAD")[:8]


def test_a_folder_without_git_has_no_branch(tmp_path: Path) -> None:
    assert read_head(str(tmp_path)).branch == ""


def test_it_is_known_after_it_was_read_and_follows_what_git_does(
    followed: Followed, repository: Path, wait_until: WaitUntil
) -> None:
    branches = followed.branches
    folder = str(repository)
    assert branches.branch_of(folder) == ""
    wait_until(lambda: branches.branch_of(folder) == "main", LIMIT_S)
    git(repository, "switch", "-c", "fix")

    def follows() -> bool:
        branches.follow()
        return branches.branch_of(folder) == "fix"

    wait_until(follows, LIMIT_S)
    assert followed.changes == 2


def test_a_repository_made_later_is_found(followed: Followed, tmp_path: Path, wait_until: WaitUntil) -> None:
    branches = followed.branches
    branches.branch_of(str(tmp_path))
    wait_until(lambda: followed.changes == 1, LIMIT_S)
    git(tmp_path, "init")
    git(tmp_path, "symbolic-ref", "HEAD", "refs/heads/first")

    def follows() -> bool:
        branches.follow()
        return branches.branch_of(str(tmp_path)) == "first"

    wait_until(follows, LIMIT_S)


def test_a_folder_that_hangs_is_read_once_and_holds_up_no_other(repository: Path, wait_until: WaitUntil) -> None:
    release, reads = threading.Event(), []

    def read(folder: str) -> Head:
        reads.append(folder)
        if folder == "/hanging":
            release.wait(LIMIT_S)
        return Head("main", folder, ".git")

    followed = Followed(read)
    try:
        for _ in range(3):
            followed.branches.branch_of("/hanging")
        followed.branches.branch_of(str(repository))
        wait_until(lambda: followed.branches.branch_of(str(repository)) == "main", LIMIT_S)
        assert reads.count("/hanging") == 1
    finally:
        release.set()
        wait_until(lambda: not any(thread.name == "synk-job-aside" for thread in threading.enumerate()), LIMIT_S)
        followed.close()


def test_a_head_that_cannot_be_read_is_no_branch(followed: Followed, tmp_path: Path, wait_until: WaitUntil) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").symlink_to("HEAD")
    followed.branches.branch_of(str(tmp_path))
    wait_until(lambda: followed.changes, LIMIT_S)
    assert followed.branches.branch_of(str(tmp_path)) == ""


def test_folders_nobody_shows_any_more_are_forgotten(followed: Followed, repository: Path, wait_until: WaitUntil) -> None:
    followed.branches.branch_of(str(repository))
    wait_until(lambda: followed.branches.branch_of(str(repository)) == "main", LIMIT_S)
    followed.branches.forget_others(set())
    git(repository, "switch", "-c", "fix")
    followed.branches.follow()
    assert followed.changes == 1
