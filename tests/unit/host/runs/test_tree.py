"""Tags that tell one run's processes from another's."""

import os
import resource

from synk.host.runs.tree import RLIMIT_LOCKS, tag_of, tagged, tagged_processes


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
