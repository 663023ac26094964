"""Frames: the terminal typed into is painted first, those in the background in turn and with rests."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from synk.ui.flushes import finish_flush
from synk.ui.frames import BACKGROUND_REST, FOREGROUND_REST, FRAME_S, GATHER_S, TURN_S, Frames

pytestmark = pytest.mark.usefixtures("qapp")


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Terminal:
    """Counts its paints, each of which takes a time."""

    def __init__(self, clock: Clock, name: str, painted: list[str], *, cost_s: float = 0.002, paints_first: bool = False) -> None:
        self._clock = clock
        self._name = name
        self._painted = painted
        self._cost_s = cost_s
        self.paints_first = paints_first
        self.is_frame_open = False

    def flush(self) -> None:
        self._painted.append(self._name)
        self._clock.now_s += self._cost_s

    def mark(self) -> None:
        self.flush()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def painted() -> list[str]:
    """Names of the terminals in the order in which they were painted."""
    return []


@pytest.fixture
def frames(clock: Clock) -> Frames:
    return Frames(now=clock)


def run_timer(frames: Frames) -> None:
    """As the event loop does when the timer is due; once, and not again by itself."""
    frames._paint_next()
    frames._timer.stop()


def test_the_first_output_after_a_pause_is_painted_at_once(clock: Clock, painted: list[str], frames: Frames) -> None:
    frames.ask(Terminal(clock, "a", painted, paints_first=True))
    assert painted == ["a"]
    assert not frames.is_waiting


def test_what_is_read_together_in_the_background_is_painted_together(
    clock: Clock, painted: list[str], frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminals = [Terminal(clock, name, painted, cost_s=TURN_S / 4) for name in "abc"]
    for terminal in terminals:
        frames.ask(terminal)
        clock.now_s += 1
        run_timer(frames)
    painted.clear()
    clock.now_s += 1
    pictures: list[list[str]] = []
    monkeypatch.setattr(frames, "_show_marked", lambda: pictures.append(painted.copy()))
    for terminal in terminals:
        frames.ask(terminal)
    assert painted == []
    assert frames._timer.remainingTime() == 0
    run_timer(frames)
    assert pictures == [["a", "b", "c"]]


def test_no_terminal_is_painted_twice_within_a_frame(clock: Clock, painted: list[str], frames: Frames) -> None:
    for is_first in (True, False):
        painted.clear()
        terminal = Terminal(clock, "a", painted, paints_first=is_first)
        clock.now_s += 1
        frames.ask(terminal)
        run_timer(frames)
        started = clock.now_s - 0.002
        for _ in range(50):
            frames.ask(terminal)
        run_timer(frames)
        assert painted == ["a"]
        clock.now_s = started + FRAME_S
        run_timer(frames)
        assert painted == ["a", "a"]


def test_terminals_in_the_background_are_painted_in_turn_and_rest_between(
    clock: Clock, painted: list[str], frames: Frames
) -> None:
    terminals = [Terminal(clock, name, painted) for name in "abc"]
    for terminal in terminals:
        frames.ask(terminal)
    run_timer(frames)
    assert painted == ["a"]
    run_timer(frames)
    assert painted == ["a"]  # still resting
    clock.now_s += BACKGROUND_REST * 0.002
    frames.ask(terminals[0])
    run_timer(frames)
    assert painted == ["a", "b"]
    clock.now_s += 1
    run_timer(frames)
    assert painted == ["a", "b", "c"]  # what that one takes was not known
    clock.now_s += 1
    run_timer(frames)
    assert painted == ["a", "b", "c", "a"]
    assert not frames.is_waiting


def test_quick_ones_in_the_background_are_one_picture_after_a_while(clock: Clock, painted: list[str], frames: Frames) -> None:
    terminals = [Terminal(clock, name, painted, cost_s=TURN_S / 4) for name in "abc"]
    for terminal in terminals:
        frames.ask(terminal)
        clock.now_s += 1
        run_timer(frames)
    painted.clear()
    clock.now_s += 1
    for terminal in terminals[:2]:
        frames.ask(terminal)
        run_timer(frames)
        clock.now_s += GATHER_S / 2
    assert painted == ["a", "b"]
    frames.ask(terminals[2])
    frames.ask(terminals[0])
    run_timer(frames)
    assert painted == ["a", "b"]
    clock.now_s += GATHER_S / 2
    run_timer(frames)
    assert painted == ["a", "b", "c", "a"]


def test_a_lone_one_in_the_background_is_painted_in_every_frame(clock: Clock, painted: list[str], frames: Frames) -> None:
    terminal = Terminal(clock, "a", painted, cost_s=0.001)
    for _ in range(20):
        frames.ask(terminal)
        clock.now_s += FRAME_S - 0.001
        run_timer(frames)
    assert len(painted) == 20


def test_what_is_painted_together_takes_no_longer_than_a_turn(clock: Clock, painted: list[str], frames: Frames) -> None:
    terminals = [Terminal(clock, str(number), painted, cost_s=TURN_S * 0.4) for number in range(5)]
    for _ in range(2):
        for terminal in terminals:
            frames.ask(terminal)
        while frames.is_waiting:
            clock.now_s += 1
            before = len(painted)
            run_timer(frames)
            assert len(painted) - before <= 2
    assert len(painted) == 2 * len(terminals)


def test_the_terminal_typed_into_waits_for_none_in_the_background(clock: Clock, painted: list[str], frames: Frames) -> None:
    frames.ask(Terminal(clock, "a", painted))
    frames.ask(Terminal(clock, "b", painted))
    typed_into = Terminal(clock, "typed into", painted, paints_first=True)
    frames.ask(typed_into)
    assert painted == ["typed into"]
    frames.ask(typed_into)
    clock.now_s += 1
    run_timer(frames)
    assert painted == ["typed into", "typed into"]
    run_timer(frames)
    assert painted == ["typed into", "typed into", "a"]


def test_painting_takes_a_quarter_of_the_time_at_most_where_it_is_slow(clock: Clock, painted: list[str], frames: Frames) -> None:
    slow = Terminal(clock, "slow", painted, cost_s=0.05, paints_first=True)
    frames.ask(slow)
    frames.ask(slow)
    clock.now_s += FOREGROUND_REST * 0.05 - 0.001
    run_timer(frames)
    assert painted == ["slow"]
    clock.now_s += 0.002
    run_timer(frames)
    assert painted == ["slow", "slow"]


def test_a_terminal_in_the_middle_of_a_frame_loses_its_turn_and_is_painted_at_once_when_that_ends(
    clock: Clock, painted: list[str], frames: Frames
) -> None:
    terminal = Terminal(clock, "a", painted, paints_first=True)
    frames.ask(terminal)
    frames.ask(terminal)
    terminal.is_frame_open = True
    clock.now_s += FRAME_S
    run_timer(frames)
    assert painted == ["a"]
    assert not frames.is_waiting
    terminal.is_frame_open = False
    frames.ask(terminal)
    assert painted == ["a", "a"]


def test_a_hidden_terminal_is_painted_no_more(clock: Clock, painted: list[str], frames: Frames) -> None:
    terminal = Terminal(clock, "a", painted)
    frames.ask(terminal)
    frames.forget(terminal)
    clock.now_s += 1
    run_timer(frames)
    assert painted == []
    frames.forget(terminal)
    frames.ask(terminal)
    run_timer(frames)
    assert painted == ["a"]


def test_the_timer_paints_what_waits(clock: Clock, painted: list[str], frames: Frames, qtbot: QtBot) -> None:
    frames.ask(Terminal(clock, "a", painted))
    assert painted == []
    qtbot.waitUntil(lambda: painted == ["a"])


def test_the_picture_is_settled_once_after_the_terminal_typed_into_was_painted(
    clock: Clock, painted: list[str], qtbot: QtBot
) -> None:
    settled: list[list[str]] = []
    frames = Frames(settle=lambda: settled.append(painted.copy()), now=clock)
    frames.ask(Terminal(clock, "a", painted))
    run_timer(frames)
    typed_into = Terminal(clock, "typed into", painted, paints_first=True)
    frames.ask(typed_into)
    assert settled == []
    qtbot.waitUntil(lambda: bool(settled))
    frames.forget(typed_into)
    QApplication.processEvents()
    assert settled == [["a", "typed into"]]


def test_finishing_a_flush_changes_nothing_that_is_shown(qtbot: QtBot) -> None:
    widget = QLabel("text")
    finish_flush(widget)
    qtbot.addWidget(widget)
    widget.show()
    before = widget.grab().toImage()
    finish_flush(widget)
    assert widget.grab().toImage() == before
