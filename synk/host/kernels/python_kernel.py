"""The Python kernel: runs cells that the host sends and tells what became of them. Standard library, CPython 3.9 and later.

Messages from the host (`do`): claim, exec, ping, shutdown. To the host (`is`): warm, claimed, started, display,
input_request, input_taken, done, pong; those about a cell carry its id. Everything runs in the main thread.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import io
import json
import linecache
import os
import select
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any

from synk.host.kernels import (
    python_child,
    python_completion,
    python_preload,
    python_tables,
    python_threads,
    python_tracebacks,
    python_values,
)
from synk.host.kernels.python_cells import Cells, watching
from synk.host.kernels.python_channel import Channel, ControlLost
from synk.host.kernels.python_figures import Figures

CONTROL_LOST = 70
"""Exit code (EX_SOFTWARE) when nobody can hear us any more."""
REHEARSAL = "<rehearsal>"
REHEARSALS = {"": "1 + 1", "pandas": "import pandas\npandas.DataFrame({'a': [1, 2]}).sum()['a']"}
"""By module that has to be loaded already."""
MAX_VALUE_BYTES = 256 << 10
"""A larger value goes into a file of the run's folder; one message between Synk's processes has 1 MiB."""


def serve(control: int, fault: int | None) -> None:
    """A kernel in a process of its own: imports what the first message says, then runs cells."""
    channel = Channel(python_child.move_up(control, python_child.CONTROL_FD))
    fault = None if fault is None else python_child.move_up(fault, python_child.FAULT_FD)
    pools = python_threads.Pools()
    try:
        answer = python_preload.prepare(channel.receive())
    except ControlLost:
        os._exit(0)
    pools.find()
    run(channel, fault, pools, answer)


def run(channel: Channel, fault: int | None, pools: python_threads.Pools, prepared: dict[str, Any] | None = None) -> None:
    """Run cells until the end of this process; does not return."""
    kernel = Kernel(channel, pools)
    python_child.fresh_stdio(kernel.input_class())
    python_child.reseed()
    python_child.become_main(kernel.cells)
    if fault is not None:
        python_child.watch_faults(fault)
    kernel.install()
    rehearse()
    try:
        channel.send({"is": "warm", "pid": os.getpid(), **(prepared or {})})
        code = kernel.serve()
    except ControlLost:
        os._exit(CONTROL_LOST)
    _end(code)


def rehearse() -> None:
    """Run something small while nobody waits: the pages it writes to are then our own before the first cell needs them.

    The first sum of a pandas table takes 0.7 ms instead of 1.9, for 2.6 MB that it would need then.
    """
    for module, code in REHEARSALS.items():
        if not module or module in sys.modules:
            with contextlib.suppress(Exception):  # whatever is wrong with it, its user will see
                value = Cells().run(code, REHEARSAL)[1]
                json.dumps(python_values.encode(value, max_rows=1, specialists=(python_tables.table,)))
    linecache.cache.pop(REHEARSAL, None)


class Kernel:
    """Cells, one after the other, each answered by exactly one `done` that carries its id."""

    def __init__(self, channel: Channel, pools: python_threads.Pools) -> None:
        self.cells = Cells()
        self._channel = channel
        self._pools = pools
        self._pid = os.getpid()
        self._cell = ""
        """Id of the cell that runs; "" between cells."""
        self._is_interruptible = False
        self._is_late = False
        """Ctrl+C came while a message was on its way; half a message would be the last one the host understands."""
        self._sending = threading.RLock()
        self._figures = Figures("")
        self._max_rows = 200
        self._displays = 0
        self._display_room = MAX_VALUE_BYTES
        """Bytes that shown values of the cell may still take in its record."""

    def install(self) -> None:
        """Become visible to user code: `display`, an `input` that the host knows of, Ctrl+C."""
        builtins.display = self.display  # type: ignore[attr-defined]
        original = builtins.input

        def input(prompt: object = "", /) -> str:
            sys.stdout.flush()
            self._ask(str(prompt))
            try:
                return original(prompt)
            finally:
                self._tell({"is": "input_taken"})

        builtins.input = input
        signal.signal(signal.SIGINT, self._interrupted)
        os.register_at_fork(after_in_child=self._forked)

    def input_class(self) -> type[io.FileIO]:
        """Class of the raw standard input: tells the host before it waits."""
        kernel = self

        class Input(io.FileIO):
            def readinto(self, buffer: Any, /) -> int | None:
                kernel.waits_for_input()
                return super().readinto(buffer)

            def readall(self) -> bytes:
                kernel.waits_for_input()
                return super().readall()

        return Input

    def waits_for_input(self) -> None:
        """Standard input is about to be read: tell the host unless something can be read already."""
        if self._cell and not select.select([0], [], [], 0)[0]:
            self._ask("")

    def serve(self) -> int:
        """Obey the host until `shutdown` or until a cell ends the interpreter; returns the exit code.

        Raises:
            ControlLost: the host is gone, or user code closed our end.
        """
        while True:
            message = self._next()
            what = message["do"]
            if what == "exec":
                self._exec(message)
            elif what == "claim":
                problem = python_child.take_over(message)
                self._pools.set(message.get("environment") or {})
                self._channel.send({"is": "claimed", "error": problem})
            elif what == "complete":
                names = python_completion.complete(str(message["text"]), self.cells.namespace)
                self._channel.send({"is": "completions", "ask": message["ask"], "names": names})
            elif what == "ping":
                self._channel.send({"is": "pong", "cell": message.get("cell", "")})
            elif what == "shutdown":
                return 0

    def display(self, *values: object) -> None:
        """Show values besides the last one: tables as data, figures as pictures."""
        for value in values:
            self._displays += 1
            shown = self._fitting(self._encode(value), f"display-{self._displays}.json", self._display_room)
            self._display_room -= 0 if "file" in shown else len(str(shown))
            self._tell({"is": "display", "value": shown})

    def _next(self) -> dict[str, Any]:
        loop = self.cells.pending_loop()
        if loop is not None:
            # What a cell left running in its event loop goes on between cells.
            with watching(loop, self._channel.fileno()):
                loop.run_forever()
        return self._channel.receive()

    def _exec(self, message: dict[str, Any]) -> None:
        cell = message["cell"]
        done: dict[str, Any] = {"is": "done", "cell": cell, "ok": False, "value": None, "error": None, "interrupted": False}
        wants_value = message.get("want") == "value"
        self._figures = Figures(message.get("folder", ""))
        self._max_rows = int(message.get("max_rows", 200))
        self._displays, self._display_room = 0, MAX_VALUE_BYTES
        # Ctrl+C between cells meant none; from here on it means this one, also before its code runs.
        self._is_late = False
        self._channel.send({"is": "started", "cell": cell})
        cpu = time.process_time()
        begun = time.perf_counter()
        try:
            self._cell, self._is_interruptible = cell, True
            try:
                if self._is_late:
                    raise KeyboardInterrupt
                self._run(message["code"], f"<cell {cell}>", done, wants_value=wants_value)
            finally:
                self._is_interruptible = False
        except KeyboardInterrupt as error:
            done.update(ok=False, interrupted=True, value=None)
            self._describe(error, done, wants_value=wants_value)
        self._flush()
        if self._pid != os.getpid():
            os._exit(0)  # user code forked, and this is the child: only the parent may answer
        self._cell = ""
        if signal.getsignal(signal.SIGINT) != self._interrupted:
            signal.signal(signal.SIGINT, self._interrupted)
        done["images"] = self._figures.files
        if self._figures.left_out:
            done["images_left_out"] = self._figures.left_out
        done["ms"] = round((time.perf_counter() - begun) * 1000, 3)
        done["cpu_ms"] = round((time.process_time() - cpu) * 1000, 3)
        with self._sending:
            self._channel.send(done)

    def _run(self, code: str, filename: str, done: dict[str, Any], *, wants_value: bool) -> None:
        try:
            has_value, value = self.cells.run(code, filename)
            if has_value and value is not None and not wants_value:
                sys.displayhook(value)
            elif has_value and value is not None:
                builtins._ = value  # type: ignore[attr-defined]
            if wants_value:
                done["value"] = self._fitting(self._encode(value), "value.json", MAX_VALUE_BYTES)
            self._figures.collect()
            done["ok"] = True
        except KeyboardInterrupt:
            raise
        except SystemExit as error:
            self._leave(error)
        except BaseException as error:
            self._describe(error, done, wants_value=wants_value)
            self._figures.collect()

    def _describe(self, error: BaseException, done: dict[str, Any], *, wants_value: bool) -> None:
        try:
            done["error"] = python_tracebacks.describe(error)
            if not wants_value:
                print(done["error"]["text"], file=sys.stderr, end="")
        except KeyboardInterrupt:
            done["interrupted"] = True
        except BaseException:  # user code may have put anything in the place of stderr
            return

    def _encode(self, value: object) -> dict[str, Any]:
        return python_values.encode(
            value, max_rows=self._max_rows, specialists=(self._figures.value, python_tables.table)
        )

    def _fitting(self, value: dict[str, Any], name: str, room: int) -> dict[str, Any]:
        """The value, or if it takes more than `room` what it is and the file it is in."""
        text = json.dumps(value, separators=(",", ":"))
        if len(text) <= room:
            return value
        folder = self._figures.folder
        small = {"type": value["type"], "value": None, "truncated": True, "bytes": len(text)}
        small.update({key: value[key] for key in ("shape", "dtypes", "dtype", "python_type") if key in value})
        if folder:
            with open(os.path.join(folder, name), "x", encoding="ascii") as file:
                file.write(text)
            small["file"] = name
        return small

    def _leave(self, error: SystemExit) -> None:
        """`exit()` ends the interpreter, as everywhere else."""
        code = error.code
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
        self._tell({"is": "leaving"})
        _end(0 if code is None else code if isinstance(code, int) else 1)

    def _ask(self, prompt: str) -> None:
        self._tell({"is": "input_request", "prompt": prompt})

    def _tell(self, message: dict[str, Any]) -> None:
        """A message about the running cell; nothing from a forked child or between cells."""
        if not self._cell or self._pid != os.getpid():
            return
        is_main = threading.current_thread() is threading.main_thread()
        was_interruptible = self._is_interruptible
        if is_main:
            self._is_late = self._is_interruptible = False
        try:
            with self._sending:
                self._channel.send({**message, "cell": self._cell})
        except ControlLost:
            os._exit(CONTROL_LOST)
        finally:
            if is_main:
                self._is_interruptible = was_interruptible
        if is_main and self._is_late and was_interruptible:
            raise KeyboardInterrupt

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_interruptible:
            raise KeyboardInterrupt
        self._is_late = True

    def _forked(self) -> None:
        """In a child that user code forked: the host must not hear of it, and must see our end closed when we end."""
        self._channel.close()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    @staticmethod
    def _flush() -> None:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except KeyboardInterrupt:
                continue
            except BaseException:  # user code may have put anything there
                continue


def _end(code: int) -> None:
    """Leave as an interpreter does, without taking all modules apart first: that takes 30 ms with pandas."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    finally:
        Kernel._flush()
        os._exit(code & 0xFF)
