"""Runs are numbered, found again, and kept on disk within their quotas."""


import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import NoSuchTarget, NotAllowed, UsageError
from synk.base.spool import SpoolReader
from synk.host.runs.registry import RunRegistry
from synk.host.runs.run import Run, Waiting

Make = Callable[[], RunRegistry]


@pytest.fixture
def make(tmp_path: Path, turner: Any) -> Iterator[Make]:
    """`make()`: the registry of one more host of the same profile."""
    made: list[RunRegistry] = []

    def registry() -> RunRegistry:
        made.append(RunRegistry(turner.loop, str(tmp_path), on_problem=problems.append))
        return made[-1]

    problems: list[str] = []
    yield registry
    for each in made:
        for run in each.live:
            run.finish(status="killed")
        each.close()
    turner.turn()


def start(registry: RunRegistry) -> Run:
    return registry.create(kind="exec", command="x", owner="user", cwd="/")


def test_numbers_are_never_used_twice(make: Make, turner: Any) -> None:
    first = make()
    names = [start(first).id for _ in range(3)]
    assert names == ["r1", "r2", "r3"]
    assert int(start(make()).id[1:]) > 3
    turner.turn()


def test_an_ended_run_is_known_by_its_record_also_to_the_next_host(make: Make, turner: Any) -> None:
    run = start(first := make())
    run.write("out", b"one\ntwo")
    run.finish(status="failed", reason="exited", exit_code=2, extra={"note": 1})
    turner.turn()
    for registry in (first, make()):
        record = registry.record(run.id)
        assert (record["status"], record["exit_code"], record["extra"]) == ("failed", 2, {"note": 1})
        assert record["out"] == {"bytes": 7, "lines": 2, "dropped": None}
    with pytest.raises(NoSuchTarget, match="No run r99"):
        first.record("r99")
    with pytest.raises(NoSuchTarget, match="r1 is over: failed"):
        first.get("r1")


def test_a_run_of_a_host_that_died_was_lost_with_it(make: Make) -> None:
    run = start(first := make())
    run.write("out", b"12345")
    first._store(run)
    record = make().record(run.id)
    assert (record["status"], record["reason"], record["out"]["bytes"]) == ("crashed", "host_lost", 5)


def test_more_than_max_runs_are_refused_until_one_ends(make: Make) -> None:
    registry = make()
    registry.settings.max_runs = 2
    run, _ = start(registry), start(registry)
    with pytest.raises(NotAllowed, match=r"automation\.max_runs is 2"):
        start(registry)
    run.finish(status="completed")
    start(registry)


def test_old_runs_go_first_and_those_that_run_never(make: Make, turner: Any) -> None:
    registry = make()
    registry.settings.all_runs_quota_bytes = 250_000
    live = start(registry)
    live.write("out", b"x" * 100_000)
    for _ in range(4):
        run = start(registry)
        run.write("out", b"x" * 100_000)
        run.finish(status="completed")
    turner.turn()
    removed: list[int] = []
    registry.prune(removed.append, everything=False)
    turner.until(lambda: removed == [3])
    assert [record["run"] for record in registry.records()] == ["r5", "r1"]
    other = make()
    folder = Path(other.record("r5")["folder"])
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    other._live["r1"] = live
    other.prune(removed.append, everything=False)
    turner.until(lambda: removed == [3, 1])
    assert [record["run"] for record in other.records()] == ["r1"]
    registry.prune(removed.append, everything=True)
    turner.until(lambda: removed == [3, 1, 0])


def test_a_run_that_is_being_read_is_not_removed(make: Make, turner: Any) -> None:
    registry = make()
    run = start(registry)
    run.write("out", b"12345")
    run.finish(status="completed")
    turner.turn()
    removed: list[int] = []
    with SpoolReader(run.folder) as reader:
        assert reader.read("out", 0, 3)[0] == b"123"
        registry.prune(removed.append, everything=True)
        turner.until(lambda: removed == [0])
        assert reader.read("out", 3, 3)[0] == b"45"
    registry.prune(removed.append, everything=True)
    turner.until(lambda: removed == [0, 1])


def test_one_run_is_forgotten_by_its_id_and_not_while_it_runs(make: Make, turner: Any) -> None:
    registry = make()
    first, second = start(registry), start(registry)
    first.finish(status="completed")
    turner.turn()
    assert registry.forget(first.id) == 1
    assert [record["run"] for record in registry.records()] == [second.id]
    with pytest.raises(UsageError, match="Run r2 is not over"):
        registry.forget(second.id)
    with pytest.raises(NoSuchTarget, match="No run r1"):
        registry.forget(first.id)


def test_a_small_quota_holds_soon_after_it_is_reached(make: Make, turner: Any) -> None:
    registry = make()
    registry.settings.all_runs_quota_bytes = 3 << 20
    for _ in range(6):
        run = start(registry)
        run.write("out", b"x" * (1 << 20))
        run.finish(status="completed")
        turner.turn()
    turner.until(lambda: [record["run"] for record in registry.records()] == ["r6", "r5"])


def test_many_runs_are_cleaned_without_holding_up_the_loop(
    make: Make, turner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synk.host.runs.registry.SLICE_S", 0.0)
    registry = make()
    for number in range(1, 401):
        (tmp_path / "runs" / f"r{number}").mkdir(parents=True)
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1
        if not removed:
            turner.loop.call_soon(beat)

    removed: list[int] = []
    beat()
    registry.prune(removed.append, everything=True)
    turner.until(lambda: removed)
    assert removed == [400]
    assert beats > 300


def test_observers_hear_of_changes_in_order_and_of_the_end_once(make: Make) -> None:
    run = start(make())
    heard: list[str] = []
    unwatch = run.watch(lambda each, change: heard.append(f"{change} {each.status}"))
    run.write("out", b"x")
    run.set_waiting(Waiting("line", "? ", "sh"))
    run.set_waiting(Waiting("line", "? ", "sh"))
    run.finish(status="killed", reason="stopped", signal="SIGKILL")
    run.finish(status="completed")
    run.write("out", b"late")
    assert heard == ["output running", "state awaiting_input", "exit killed"]
    assert (run.status, run.waiting, run.written) == ("killed", None, 1)
    unwatch()


def test_a_disk_without_room_is_told_of_once(make: Make, turner: Any) -> None:
    problems: list[str] = []
    registry = RunRegistry(turner.loop, make()._root.removesuffix("/runs"), on_problem=problems.append)
    registry.settings.free_bytes = 1 << 60
    runs = [start(registry) for _ in range(2)]
    for run in runs * 2:
        run.write("out", b"lost")
    assert len(problems) == 1
    assert runs[0].record()["out"] == {"bytes": 8, "lines": 1, "dropped": [0, 8]}
    for run in runs:
        run.finish(status="completed")
    assert runs[0].record()["extra"]["tail"] == {"out": "bG9zdGxvc3Q="}  # what memory had, in base64
    registry.close()
