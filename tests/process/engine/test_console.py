"""A person at the prompt of an interpreter on a real terminal, and what is left when the pane goes."""

import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from synk.pty.processes import read_process
from synk.pty.spawn import Spawned, spawn

CLOSINGS = {
    "hung up": (signal.SIGHUP,),
    "both": (signal.SIGTERM, signal.SIGHUP, signal.SIGCONT),
    "killed": (signal.SIGKILL,),
}


class Pane:
    """`synk repl open` on a terminal."""

    def __init__(self, program: Spawned) -> None:
        self._program = program
        self.text = b""

    def is_asking(self) -> bool:
        """True when it waits for a line after the last one that was typed.

        It sleeps: a signal that comes between the prompt and the waiting is only seen with the next key.
        """
        while select.select([self._program.master], [], [], 0)[0]:
            try:
                self.text += os.read(self._program.master, 65536)
            except OSError:  # the other end is closed
                break
        process = read_process(self._program.pid)
        return b">>> " in self.text and process is not None and process.state == "S"

    def type(self, line: bytes) -> None:
        """Type a line at the prompt, and Enter."""
        self.text = b""
        os.write(self._program.master, line + b"\r")

    def close(self, *numbers: signal.Signals) -> None:
        """As the host does when its pane is closed: these signals one right after the other."""
        for number in numbers:
            signal.pidfd_send_signal(self._program.pidfd, number)

    def end(self) -> None:
        """End it, if it still runs, and close its fds."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._program.pidfd, signal.SIGKILL)
        os.waitpid(self._program.pid, 0)
        os.close(self._program.pidfd)
        os.close(self._program.master)


@pytest.fixture
def open_pane(place: Any) -> Iterator[Callable[[str], Pane]]:
    """`open_pane("python")`: a pane with the prompt of this interpreter."""
    made: list[Pane] = []

    def open_pane(repl: str) -> Pane:
        argv = [sys.executable, "-P", "-m", "synk", "--profile", str(place.profile), "repl", "open", repl]
        environment = {**place.environment, "TERM": "xterm-256color"}
        made.append(Pane(spawn(argv, cwd=str(place.home), environment=environment, cols=100, rows=30)))
        return made[-1]

    yield open_pane
    for pane in made:
        pane.end()


def test_tab_completes_names_of_the_interpreter_and_indents_an_empty_line(
    open_pane: Callable[[str], Pane], wait_until: Callable[..., None]
) -> None:
    pane = open_pane("python")
    wait_until(pane.is_asking, 60)
    pane.type(b"unmistakable_name = [3]")
    wait_until(pane.is_asking, 30)
    pane.type(b"unmist\t.ind\t(3) + 400")
    wait_until(pane.is_asking, 30)
    assert b"unmistakable_name.index(3) + 400" in pane.text
    assert b"\r\n400\r" in pane.text
    pane.type(b"for n in [51]:")
    wait_until(lambda: pane.is_asking() or b"... " in pane.text, 30)
    pane.type(b"\tprint(n + 400)\r")
    wait_until(lambda: pane.is_asking() and b"451" in pane.text, 30)


def living(engine: Any) -> list[str]:
    """Interpreters that have not ended."""
    return [each.repl_id for each in engine.repl.list() if each.state != "dead"]


@pytest.mark.parametrize("signals", CLOSINGS.values(), ids=CLOSINGS)
def test_an_interpreter_ends_with_the_pane_that_started_it(
    open_pane: Callable[[str], Pane], engine: Any, signals: tuple[signal.Signals, ...], wait_until: Callable[..., None]
) -> None:
    pane = open_pane("python")
    wait_until(pane.is_asking)
    assert len(living(engine)) == 1
    pane.close(*signals)
    wait_until(lambda: not living(engine))


def test_an_interpreter_outlives_the_pane_that_only_joined_it(
    open_pane: Callable[[str], Pane], engine: Any, place: Any, wait_until: Callable[..., None]
) -> None:
    repl = engine.repl.start("python")
    pane = open_pane(repl.id)
    wait_until(pane.is_asking)
    pane.type(b"typed = 42")
    wait_until(pane.is_asking)
    pane.close(*CLOSINGS["both"])
    history = place.profile / "state" / "history" / "python"
    wait_until(lambda: history.exists() and "typed = 42" in history.read_text())
    assert repl.exec("typed", parse_as="python").parsed == 42
    repl.stop()
