"""Programs asked for their versions by a real host."""

import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any as Place

from synk.app.programs import Program, VersionRound
from synk.base.events import Hub
from synk.engine import Engine

Wait = Callable[..., None]


def program(folder: Path, name: str, script: str) -> Program:
    """A program that does this when it is asked."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return Program(name, name, "PR", "blue", str(path), "")


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "synk-job-versions"]


def test_versions_come_as_programs_answer_and_one_that_fails_holds_up_no_other(
    place: Place, tmp_path: Path, wait_until: Wait
) -> None:
    hub = Hub(lambda: None)
    told: dict[str, str] = {}
    programs = [
        program(tmp_path, "good", 'echo "good version 2.39.5"'),
        program(tmp_path, "fails", "echo 1.2.3; exit 1"),
        program(tmp_path, "speaks-on-stderr", 'echo "v1.0.0-beta.2" >&2'),
        Program("missing", "missing", "MI", "blue", "", ""),
    ]
    VersionRound(programs, told.__setitem__, deliver=hub.call, profile=str(place.profile))
    wait_until(lambda: hub.deliver() or len(told) == 3, timeout_s=30)
    assert told == {"good": "2.39.5", "fails": "", "speaks-on-stderr": "1.0.0-beta.2"}
    wait_until(lambda: not threads(), timeout_s=30)
    with Engine.sync(profile=str(place.profile)) as engine:
        assert engine.runs.list() == [], "the user started none of them"


def test_closing_ends_what_is_still_asked_and_tells_nothing(place: Place, tmp_path: Path, wait_until: Wait) -> None:
    hub = Hub(lambda: None)
    told: list[str] = []
    begun, pid = tmp_path / "begun", tmp_path / "pid"
    slow = program(tmp_path, "slow", f"echo $$ > {pid}; mv {pid} {begun}; exec sleep 1000")
    asked = VersionRound([slow], lambda id, _version: told.append(id), deliver=hub.call, profile=str(place.profile))
    wait_until(begun.exists, timeout_s=30)
    asked.close()
    wait_until(lambda: not threads(), timeout_s=30)
    wait_until(lambda: not Path(f"/proc/{begun.read_text().strip()}").exists(), timeout_s=30)
    hub.deliver()
    assert told == []
