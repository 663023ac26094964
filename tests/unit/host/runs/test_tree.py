"""Tags that tell one run's processes from another's."""

import os
import resource

from synk.host.runs.tree import RLIMIT_LOCKS, Tree, start_time_of, tag_of, tagged, tagged_processes


def test_marks_have_tags_of_their_own() -> None:
    marks = [f"{host}.{kind}{number}" for host in ("00ff00ff", "12345678") for kind in "rks" for number in (1, 2, 70_000)]
    tags = [tag_of(mark) for mark in marks]
    assert len(set(tags)) == len(marks)
    assert all(0 < tag < 1 << 60 for tag in tags)


def test_only_what_is_started_within_is_tagged() -> None:
    before = resource.prlimit(0, RLIMIT_LOCKS)
    tag = tag_of("00ff00ff.r1")
    with tagged(tag):
        pid = os.posix_spawn("/bin/sh", ["sh", "-c", "read x"], {}, setsid=True)
    try:
        assert resource.prlimit(0, RLIMIT_LOCKS) == before
        assert tagged_processes().get(tag) == [pid]
        assert resource.prlimit(pid, resource.RLIMIT_CORE)[0] == 0
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def test_what_a_run_left_behind_is_found_among_our_children_tagged_or_not() -> None:
    mark = "00ff00ff.r7"
    tree = Tree(1, start_time_of(os.getpid()), mark)
    assert tree.left_behind() == []
    with tagged(tag_of(mark)):
        pid = os.posix_spawn("/bin/sleep", ["sleep", "600"], {}, setsid=True)
    try:
        assert tree.left_behind() == [pid]
        assert Tree(1, start_time_of(os.getpid()), "00ff00ff.r8").left_behind() == []
        # It gives its tag away, as a Synk inside Synk does; what it has started still has one.
        soft, hard = resource.prlimit(pid, RLIMIT_LOCKS)
        resource.prlimit(pid, RLIMIT_LOCKS, (hard, hard))
        assert tree.left_behind() == []
        resource.prlimit(pid, RLIMIT_LOCKS, (soft, hard))
        assert tree.left_behind() == [pid]
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
