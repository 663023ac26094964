"""Program status (OSC 7501): what a report does to the records, and which reports are refused whole."""

import base64

import pytest

from synk.terminal.emulator import Emulator
from synk.terminal.program_status import MAX_RECORDS, StatusRecord


def records(*reports: str) -> tuple[StatusRecord, ...]:
    emulator = Emulator(cols=10, rows=2, reply=lambda _: None)
    emulator.feed("".join(f"\x1b]7501;{report}\x1b\\" for report in reports).encode())
    return emulator.program_status


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        (["state=working"], [StatusRecord((), "working")]),
        (
            ["state=working:progress=40:msg=" + encoded("Building")],
            [StatusRecord((), "working", progress=40, message="Building")],
        ),
        (["state=blocked:kind=permission"], [StatusRecord((), "blocked", "permission")]),
        (["state=blocked:kind=whim"], [StatusRecord((), "blocked")]),
        (["state=working:kind=permission"], [StatusRecord((), "working")]),
        (["state=working:app=a", "state=done"], [StatusRecord((), "done", app="a")]),
        (
            ["state=working:app=a", "id=x/y:state=done"],
            [StatusRecord((), "working", app="a"), StatusRecord(("x", "y"), "done", app="a")],
        ),
        (["state=idle:state=done:what=ever:x"], [StatusRecord((), "done")]),
        (["id=a:state=done", "id=a/b:state=done", "id=ab:state=done", "id=a:state=clear"], [StatusRecord(("ab",), "done")]),
        (["id=a:state=done", "state=clear"], []),
        (
            ["id=a:state=done", "id=b:state=done", "id=a:state=error"],
            [StatusRecord(("b",), "done"), StatusRecord(("a",), "error")],
        ),
        (["state=done:title=" + encoded("a\u202eb\u200bc")], [StatusRecord((), "done", title="abc")]),
    ],
)
def test_a_report_gives_records(reports: list[str], expected: list[StatusRecord]) -> None:
    assert records(*reports) == tuple(expected)


@pytest.mark.parametrize(
    "report",
    [
        "state=sleeping",
        "progress=4",
        "",
        "state=done:progress=101",
        "state=done:progress=-1",
        "state=done:progress=٤",
        "state=done:msg=!",
        "state=done:msg=" + base64.b64encode(b"\xff").decode(),
        "state=done:msg=" + encoded("a\x1b[31m"),
        "state=done:msg=" + encoded("x" * 2049),
        "state=done:title=" + encoded("x" * 193),
        "state=done:app=a b",
        "state=done:app=" + "a" * 33,
        "state=done:id=a//b",
        "state=done:id=" + "/".join("abcdefghi"),
        "state=done:id=" + "/".join(["a" * 32] * 4),
        "state=done:x=" + "x" * 4096,
    ],
)
def test_a_report_that_breaks_a_rule_changes_nothing(report: str) -> None:
    assert records("state=working", report) == (StatusRecord((), "working"),)


def test_the_oldest_record_goes_first() -> None:
    kept = records(*[f"id=r{number}:state=done" for number in range(MAX_RECORDS + 1)])
    assert (len(kept), kept[0].id) == (MAX_RECORDS, ("r1",))


@pytest.mark.parametrize(("stream", "count"), [("\x1bc", 0), ("\x1b[!p", 1), ("\x1b[?1049h", 1)])
def test_only_a_full_reset_clears_the_records(stream: str, count: int) -> None:
    emulator = Emulator(cols=10, rows=2, reply=lambda _: None)
    emulator.feed(b"\x1b]7501;state=done\a" + stream.encode())
    assert len(emulator.program_status) == count


def test_a_prompt_ends_what_worked_or_waited() -> None:
    emulator = Emulator(cols=10, rows=2, reply=lambda _: None)
    emulator.feed(b"\x1b]7501;state=working\a\x1b]7501;id=a:state=blocked\a\x1b]7501;id=b:state=error\a\x1b]133;A\a")
    assert emulator.program_status == (StatusRecord(("b",), "error"),)
