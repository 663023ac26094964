"""What is remembered of how long commands took."""

import threading
from pathlib import Path

import pytest

from synk.engine.durations import KEPT, Durations, Usual


def test_from_three_successes_on_there_is_an_eta_and_a_longer_limit(tmp_path: Path) -> None:
    durations = Durations(tmp_path, "/home/me/project")
    for seconds in (10.0, 100.0):
        durations.add("cargo", "cargo build", seconds)
    assert durations.usual("cargo", "cargo build").eta_s(1.0) is None
    assert durations.usual("cargo", "cargo build").hard_limit(120.0) == 120.0
    durations.add("cargo", "cargo build", 60.0)
    usual = durations.usual("cargo", "cargo build")
    assert usual.eta_s(20.0) == 40.0
    assert usual.eta_s(70.0) == 0.0
    assert usual.hard_limit(120.0) == 300.0
    assert usual.hard_limit(3600.0) == 3600.0
    assert usual.hard_limit(None) is None


def test_projects_and_commands_are_kept_apart(tmp_path: Path) -> None:
    for _ in range(3):
        Durations(tmp_path, "/a/project").add("generic", "make", 5.0)
    assert Durations(tmp_path, "/b/project").usual("generic", "make") == Usual()
    assert Durations(tmp_path, "/a/project").usual("generic", "make test") == Usual()
    assert Durations(tmp_path, "/a/project").usual("generic", "make").typical_s == 5.0


def test_only_the_newest_are_kept_and_short_ones_are_not_worth_a_file(tmp_path: Path) -> None:
    durations = Durations(tmp_path, "/p")
    durations.add("generic", "true", 0.2)
    assert list(tmp_path.iterdir()) == []
    for number in range(KEPT + 5):
        durations.add("generic", "make", 10.0 + number)
    assert durations.usual("generic", "make").durations == tuple(15.0 + number for number in range(KEPT))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"generic make": 3}', b'{"generic make": ["x"]}', b"\xff\xfe"])
def test_a_damaged_file_is_as_none_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    durations = Durations(tmp_path, "/p")
    durations.add("generic", "make", 10.0)
    (file,) = (tmp_path / "durations").glob("*.json")
    file.write_bytes(content)
    assert durations.usual("generic", "make") == Usual()
    durations.add("generic", "make", 10.0)
    assert durations.usual("generic", "make").durations == (10.0,)


def test_nothing_is_lost_when_many_write_at_once(tmp_path: Path) -> None:
    def add(number: int) -> None:
        Durations(tmp_path, "/p").add("generic", f"make {number}", 10.0)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(Durations(tmp_path, "/p").usual("generic", f"make {number}").durations for number in range(8))


def test_a_state_directory_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    durations = Durations(tmp_path / "state", "/p")
    durations.add("generic", "make", 10.0)
    assert durations.usual("generic", "make") == Usual()
