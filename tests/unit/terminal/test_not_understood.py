"""Sequences nobody knows: consumed whole, and each kind is told once to whoever debugs."""

import logging

import pytest

from synk.terminal.emulator import Emulator
from synk.terminal.not_understood import MOST_KINDS


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says."""
    return [record.getMessage() for record in caplog.records]


def test_each_unknown_kind_is_logged_once_for_whoever_debugs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="synk")
    emulator = Emulator(cols=20, rows=2, reply=lambda _data: None)
    for number in range(3):
        emulator.feed(f"a\x1b[?{number}y\x1b[1;{number}&W\x1b#{{\x1b]4711;secret {number}\x07\x1b[1m\x1b]0;title\x07".encode())
    kinds = ("CSI ?y", "CSI &W", "ESC #{", "OSC 4711")
    assert told(caplog) == [f"not understood: {kind}" for kind in kinds]
    assert emulator.text(0) == "aaa"


def test_nothing_is_logged_without_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="synk")
    Emulator(cols=20, rows=2, reply=lambda _data: None).feed(b"\x1b[?1y")
    assert told(caplog) == []


def test_a_flood_of_kinds_is_told_up_to_a_limit(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="synk")
    emulator = Emulator(cols=20, rows=2, reply=lambda _data: None)
    emulator.feed("".join(f"\x1b]{number};x\x07" for number in range(8000, 8999)).encode())
    assert len(told(caplog)) == MOST_KINDS
