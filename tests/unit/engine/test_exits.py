"""Exit codes, and how results are laid out."""

import pytest

from synk.base.errors import (
    FolderMissing,
    HostUnavailable,
    NoSuchTarget,
    NotAllowed,
    SynkError,
    TimedOut,
    UsageError,
    WindowUnavailable,
)
from synk.engine.command_line.exits import code_of_error, code_of_record, number_of_signal
from synk.engine.command_line.reporting import duration_text, one_line, print_table, size_text
from synk.engine.outputs import UnknownFormat


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"status": "completed", "exit_code": 1}, 1),
        ({"status": "failed", "exit_code": 7}, 7),
        ({"status": "crashed", "exit_code": None, "signal": "SIGSEGV"}, 139),
        ({"status": "killed", "signal": "TERM"}, 143),
        ({"status": "interrupted"}, 130),
        ({"status": "timeout", "exit_code": 3}, 124),
        ({"status": "not_started", "error": "Cannot start x: not found in PATH"}, 127),
        ({"status": "not_started", "extra": {"error": "Cannot start x: not executable"}}, 126),
        ({"status": "crashed", "reason": "host_lost"}, 125),
        ({"status": "running"}, 0),
    ],
)
def test_a_run_ends_as_a_shell_would_say_it(record: dict[str, object], code: int) -> None:
    assert code_of_record(record) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2), (UnknownFormat("x"), 2), (NoSuchTarget("x"), 4), (NotAllowed("x"), 5), (HostUnavailable("x"), 6),
        (WindowUnavailable("x"), 7), (TimedOut("x"), 124), (FolderMissing("x"), 125), (SynkError("x"), 125),
    ],
)  # fmt: skip
def test_each_kind_of_error_has_its_code(error: SynkError, code: int) -> None:
    assert code_of_error(error) == code


def test_signals_are_known_by_both_names() -> None:
    assert number_of_signal("KILL") == number_of_signal("SIGKILL") == number_of_signal("9") == 9
    assert number_of_signal("SIGNOTHING") == 0


def test_times_and_sizes_are_short() -> None:
    assert [duration_text(ms) for ms in (0.4, 340, 2400, 185_000, 3_723_000)] == ["0 ms", "340 ms", "2.4 s", "3:05", "1:02:03"]
    assert [size_text(n) for n in (0, 312, 4200, 61_000_000, 999_900)] == ["0 B", "312 B", "4.2 kB", "61 MB", "1.0 MB"]
    assert one_line("a\n  b", 3) == "a b"
    assert one_line("abcdef", 3) == "ab…"


def test_a_table_is_aligned_and_says_when_it_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("run", "code"), [("r1", 7), ("r12", 130), ("r3", None)])
    assert capsys.readouterr().out == "run  code\nr1      7\nr12   130\nr3      -\n"
    print_table(("run",), [], empty="no runs")
    assert capsys.readouterr().out == "no runs\n"
