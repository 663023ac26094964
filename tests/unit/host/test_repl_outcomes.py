"""How a cell ended, by the kernel's answer or by its death."""

import signal
from typing import Any, cast

import pytest

from synk.host.repls.cell import Cell
from synk.host.repls.outcomes import Outcome, in_words, of_answer, of_death
from synk.host.repls.process import Exit
from synk.host.runs.run import Run


def cell(**state: Any) -> Cell:
    return Cell(cast(Run, None), "code", **state)


@pytest.mark.parametrize(
    ("state", "done", "outcome"),
    [
        ({}, {"ok": True}, Outcome("completed", "exited", 0)),
        ({}, {"ok": False}, Outcome("failed", "exited", 1)),
        ({"why": "interrupt"}, {"ok": False, "interrupted": True}, Outcome("interrupted", "cancelled", 130)),
        ({"why": "stop"}, {"ok": False}, Outcome("interrupted", "stopped", 130)),
        ({"why": "interrupt"}, {"ok": True}, Outcome("completed", "exited", 0)),
        ({"why": "timeout"}, {"ok": True}, Outcome("timeout", "hard_timeout")),
    ],
)
def test_an_answer(state: dict[str, Any], done: dict[str, Any], outcome: Outcome) -> None:
    assert of_answer(cell(**state), done) == outcome


@pytest.mark.parametrize(
    ("state", "status", "is_oom", "outcome"),
    [
        ({}, signal.SIGSEGV, False, Outcome("crashed", "signaled", None, "SIGSEGV")),
        ({}, signal.SIGKILL, True, Outcome("crashed", "oom", None, "SIGKILL")),
        ({}, signal.SIGXCPU, False, Outcome("crashed", "limit_cpu", None, "SIGXCPU")),
        ({"is_killed": True}, signal.SIGKILL, False, Outcome("killed", "stopped", None, "SIGKILL")),
        ({"why": "timeout", "is_killed": True}, signal.SIGTERM, False, Outcome("timeout", "hard_timeout", None, "SIGTERM")),
        ({}, 3 << 8, False, Outcome("failed", "exited", 3)),
        ({"is_leaving": True}, 70 << 8, False, Outcome("failed", "exited", 70)),
        ({}, 70 << 8, False, Outcome("crashed", "control_lost", 70)),
        ({}, None, False, Outcome("crashed", "host_lost")),
    ],
)
def test_a_death(state: dict[str, Any], status: int | None, is_oom: bool, outcome: Outcome) -> None:
    assert of_death(cell(**state), Exit(status), is_oom=is_oom) == outcome


def test_ends_in_words() -> None:
    assert in_words(Exit(int(signal.SIGABRT)), is_oom=False) == "SIGABRT"
    assert in_words(Exit(2 << 8), is_oom=False) == "exit code 2"
    assert in_words(Exit(int(signal.SIGKILL)), is_oom=True) == "out of memory"
    assert in_words(Exit(None), is_oom=False) == "unknown exit status"
