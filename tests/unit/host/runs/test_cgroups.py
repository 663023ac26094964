"""Control groups: a part of the hierarchy is found, asked for or done without; limits that do not hold are not believed."""

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from synk.host.runs import cgroups
from synk.host.runs.cgroups import ControlGroups, Group

MIB = 1 << 20


class Hierarchy:
    """A folder that looks like a hierarchy of version 2, with the host in `app.slice/some.scope`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "cgroup"
        self.mounts, self.own = folder / "mountinfo", folder / "own"
        self.mounts.write_text(
            f"30 29 0:26 / {folder}/v1 rw - cgroup cgroup rw,memory\n"
            f"31 29 0:27 / {self.folder} rw shared:4 - cgroup2 cgroup2 rw\n"
        )
        self.memory_holds = True
        monkeypatch.setattr(cgroups, "make_folder", lambda path: self.make(Path(path)))
        self.asked: list[Sequence[str]] = []
        self.is_granted = True
        self.is_moved = True

    def put(self, inside: str, *, procs: Sequence[int], controllers: str = "cpu memory pids") -> Path:
        """The host is in this group, with these processes."""
        self.own.write_text(f"4:memory:/elsewhere\n0::/{inside}\n")
        folder = self.folder / inside
        self.make(folder)
        (folder / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in procs))
        (folder / "cgroup.controllers").write_text(f"{controllers}\n")
        return folder

    def make(self, folder: Path) -> None:
        """What the kernel puts into a group's folder."""
        folder.mkdir(parents=True)
        for name in ("cgroup.procs", "cgroup.subtree_control", "cgroup.kill", "pids.max", "memory.swap.max"):
            (folder / name).write_text("")
        if self.memory_holds:
            (folder / "memory.max").write_text("")
        else:
            (folder / "memory.max").symlink_to(os.devnull)
        (folder / "memory.events").write_text("low 0\noom 2\noom_kill 1\n")

    def groups(self) -> ControlGroups:
        """As the host makes them; time passes at once."""

        def run(argv: Sequence[str], on_end: Callable[[bool], None]) -> None:
            self.asked.append(argv)
            if self.is_granted and self.is_moved:
                self.put("app.slice/synk-host.scope", procs=[os.getpid()])
            on_end(self.is_granted)

        return ControlGroups(run=run, later=lambda _s, do: do(), own=str(self.own), mounts=str(self.mounts))


@pytest.fixture
def hierarchy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hierarchy:
    monkeypatch.setattr(cgroups, "_scope_request", lambda: ["busctl"])
    return Hierarchy(tmp_path, monkeypatch)


def test_a_group_of_our_own_is_used_and_its_controllers_handed_down(hierarchy: Hierarchy) -> None:
    scope = hierarchy.put("app.slice/some.scope", procs=[os.getpid()])
    groups = hierarchy.groups()
    group = groups.make("r1", memory_bytes=100 * MIB, processes=20)
    assert group == Group(str(scope / "r1"), limits_memory=True)
    assert hierarchy.asked == []
    assert (scope / "host" / "cgroup.procs").read_text() == str(os.getpid())
    assert (scope / "cgroup.subtree_control").read_text() == "+memory +pids"
    written = {name: (scope / "r1" / name).read_text() for name in ("memory.max", "memory.swap.max", "pids.max")}
    assert written == {"memory.max": str(100 * MIB), "memory.swap.max": "0", "pids.max": "20"}
    assert group.add(77)
    assert (scope / "r1" / "cgroup.procs").read_text() == "77"
    assert group.oom_kills() == 1


def test_in_a_group_with_others_systemd_is_asked_for_one(hierarchy: Hierarchy) -> None:
    before = hierarchy.put("session-1.scope", procs=[1, os.getpid()])
    groups = hierarchy.groups()
    group = groups.make("r1", memory_bytes=100 * MIB, processes=None)
    assert len(hierarchy.asked) == 1
    assert group is not None
    assert group.path.endswith("/app.slice/synk-host.scope/r1")
    assert not (before / "host").exists()
    groups.make("r2", memory_bytes=100 * MIB, processes=None)
    assert len(hierarchy.asked) == 1


@pytest.mark.parametrize("how", ["refused", "not moved", "no memory controller", "not mounted", "limit forgotten"])
def test_without_groups_that_hold_there_are_none(hierarchy: Hierarchy, how: str) -> None:
    hierarchy.put("session-1.scope", procs=[os.getpid()] if how == "limit forgotten" else [1, os.getpid()])
    hierarchy.is_granted, hierarchy.is_moved = how != "refused", how != "not moved"
    hierarchy.memory_holds = how != "limit forgotten"
    if how == "not mounted":
        hierarchy.mounts.write_text("30 29 0:26 / /v1 rw - cgroup cgroup rw,memory\n")
    elif how == "no memory controller":
        hierarchy.put("bare", procs=[os.getpid()], controllers="hugetlb")
        hierarchy.is_granted = False
    groups = hierarchy.groups()
    assert groups.make("r1", memory_bytes=100 * MIB, processes=None) is None
    assert groups.make("r2", memory_bytes=None, processes=None) is None


def test_a_real_group_ends_all_in_it_at_once_and_goes_when_it_is_empty(wait_until: Callable[..., None]) -> None:
    root = ControlGroups(run=lambda _argv, _end: None, later=lambda _s, _do: None)._own_group()
    path = f"{root}/synk-test-{os.getpid()}"
    try:
        os.mkdir(path)
    except OSError as error:
        pytest.skip(f"no group can be made: {error.strerror}")
    group = Group(path, limits_memory=False)
    try:
        child = subprocess.Popen(["sh", "-c", "read x; (setsid sleep 600 &) ; sleep 600"], stdin=subprocess.PIPE, text=True)
        assert child.stdin is not None
        assert group.add(child.pid)
        child.stdin.write("go\n")
        child.stdin.flush()
        wait_until(lambda: len(Path(path, "cgroup.procs").read_text().split()) == 3, 30)
        assert not group.remove()
        group.kill()
        assert child.wait(30) == -signal.SIGKILL
        child.stdin.close()
    finally:
        group.kill()
        wait_until(group.remove, 30)
