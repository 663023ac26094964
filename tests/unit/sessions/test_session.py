"""What a session says about itself: the bar, the words of its end, and what another window is told."""

import signal

import pytest

from synk.sessions.session import Exit, Session
from synk.terminal.emulator import Emulator


def session(**values: object) -> Session:
    emulator = Emulator(cols=80, rows=24, reply=lambda _: None)
    return Session(id=5, pane=2, agent="claude", project="/p", working_dir="/w", emulator=emulator, **values)


@pytest.mark.parametrize(
    ("ended", "text"),
    [
        (Exit(0), "claude ended with status 0 - Enter restart, s shell here, x close"),
        (Exit(127), "claude ended with status 127 - Enter restart, s shell here, x close"),
        (Exit(signal=signal.SIGKILL), "claude ended with signal 9 (SIGKILL) - Enter restart, s shell here, x close"),
        (Exit(signal=signal.SIGSEGV), "claude ended with signal 11 (SIGSEGV) - Enter restart, s shell here, x close"),
        (Exit(signal=99), "claude ended with signal 99 - Enter restart, s shell here, x close"),
        (Exit(), "claude ended, exit status unknown - Enter restart, s shell here, x close"),
    ],
)
def test_the_bar_of_an_ended_pane_names_the_end(ended: Exit, text: str) -> None:
    assert session(program="claude", exit=ended).bar == text


def test_a_running_session_has_no_bar() -> None:
    assert session().bar == ""
    assert session().is_live


@pytest.mark.parametrize(("ended", "is_success"), [(Exit(0), True), (Exit(1), False), (Exit(signal=9), False), (Exit(), False)])
def test_only_status_0_is_a_success(ended: Exit, is_success: bool) -> None:
    assert ended.is_success is is_success


def test_the_description_holds_what_a_window_needs_and_no_variables() -> None:
    told = session(title="mine", note="n", program="claude", argv=("claude", "-c"), variables={"KEY": "secret"}).describe()
    assert told == {
        "pane": 2, "agent": "claude", "project": "/p", "working_dir": "/w", "title": "mine", "note": "n",
        "program": "claude", "argv": ["claude", "-c"], "is_repl": False,
    }  # fmt: skip
