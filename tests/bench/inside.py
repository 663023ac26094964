"""The real window with instruments inside, for what cannot be seen from outside: the GUI thread's gaps and the cost of its calls.

Started as a program in place of `-m synk`. It takes one JSON object a line on its standard input, runs it on the GUI
thread and answers with one line; see `Instruments`. The window itself is made and run exactly as `synk` does.
"""

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSocketNotifier

from synk.app.gui import Gui
from synk.app.launch import launch
from synk.hostclient import Reply
from synk.ui.stalls import StallMonitor


class Instruments:
    """What a benchmark can ask for; each method is one command. GUI thread."""

    def __init__(self, gui: Gui) -> None:
        self._gui = gui
        self._stalls = StallMonitor()
        self._ballast = bytearray()
        self._calls: dict[str, list[float]] = defaultdict(list)
        self._replies: dict[str, list[float]] = defaultdict(list)
        self._call = gui.services.host.call
        self._notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._asked)

    def ping(self) -> bool:
        """The window runs."""
        return True

    def watch_stalls(self) -> None:
        """Begin to measure gaps of the event loop."""
        self._stalls.start()

    def stalls(self) -> dict[str, float]:
        """Gaps since then, milliseconds beyond the 4 ms tick."""
        self._stalls.stop()
        report = self._stalls.report()
        values = {"p50": report.p50_ms, "p99": report.p99_ms, "max": report.max_ms, "computed max": report.max_busy_ms}
        return {**values, "n": report.ticks}

    def parsed(self) -> int:
        """Bytes that the emulators of all sessions have seen."""
        return sum(terminal.channel.parsed for terminal in self._gui.services.manager._programs._terminals.values())

    def watch_calls(self) -> None:
        """Time each call to the host on this thread, and how long its answer takes to get here."""
        self._calls.clear()
        self._replies.clear()
        self._gui.services.host.call = self._timed_call  # type: ignore[method-assign]

    def calls(self) -> dict[str, dict[str, list[float]]]:
        """Milliseconds by verb, in the order of the calls: of the calls themselves, and up to their answers."""
        return {"calls": dict(self._calls), "replies": dict(self._replies)}

    def hold(self, size: int) -> None:
        """Take so many bytes of memory and write to each page of it."""
        self._ballast = bytearray(size)
        self._ballast[::4096] = b"\1" * len(range(0, size, 4096))

    def _timed_call(self, do: str, on_reply: Callable[[Reply], None] | None = None, **arguments: Any) -> None:
        started = time.perf_counter()

        def replied(reply: Reply) -> None:
            self._replies[do].append((time.perf_counter() - started) * 1000)
            if on_reply is not None:
                on_reply(reply)

        self._call(do, replied, **arguments)
        self._calls[do].append((time.perf_counter() - started) * 1000)

    def _asked(self) -> None:
        line = sys.stdin.readline()
        if not line:
            self._notifier.setEnabled(False)
            return
        request = json.loads(line)
        print(json.dumps(getattr(self, request.pop("do"))(**request)), flush=True)


def main() -> int:
    """As `synk --profile DIR PATH`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile")
    parser.add_argument("path")
    options = parser.parse_args(namespace=argparse.Namespace(safe=False, debug=False, screenshot=None))
    os.set_inheritable(sys.stdin.fileno(), False)
    gui = Gui(launch(options, "bench"), options)
    instruments: list[Instruments] = []
    return gui.run(lambda gui: instruments.append(Instruments(gui)))


if __name__ == "__main__":
    sys.exit(main())
