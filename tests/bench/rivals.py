"""What a new session is compared with: a bare login shell and a window of tmux, with the same home and start-up file."""

import contextlib
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

from measure import NotMeasured
from stage import PROMPT

COLS, ROWS = 120, 40


class Program:
    """A program on a pseudo terminal of its own, read by this process."""

    def __init__(self, path: str, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self.started = time.perf_counter()
        self._pid, self._master = pty.fork()
        if not self._pid:
            os.execve(path, list(argv), dict(environment))
        ioctl(self._master, TIOCSWINSZ, struct.pack("4H", ROWS, COLS, 0, 0))

    def write(self, data: bytes) -> float:
        """Type something; returns `perf_counter()` before."""
        started = time.perf_counter()
        os.write(self._master, data)
        return started

    def read_until(self, text: str, limit_s: float = 10.0) -> float:
        """Read until `text` was printed; returns `perf_counter()` then."""
        seen, wanted, deadline = b"", text.encode(), time.monotonic() + limit_s
        while wanted not in seen:
            if not select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise NotMeasured(f"{text!r} was not printed within {limit_s:g} s")
            seen += os.read(self._master, 65536)
        return time.perf_counter()

    def discard_until(self, text: str, limit_s: float = 10.0) -> None:
        """Read and forget everything up to `text`."""
        tail, wanted, deadline = b"", text.encode(), time.monotonic() + limit_s
        while wanted not in tail:
            if not select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise NotMeasured(f"{text!r} was not printed within {limit_s:g} s")
            tail = tail[-len(wanted) :] + os.read(self._master, 65536)

    def drain(self, quiet_s: float = 0.1) -> None:
        """Read until nothing comes for a while."""
        while select.select([self._master], [], [], quiet_s)[0]:
            os.read(self._master, 65536)

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGHUP)
        os.close(self._master)
        os.waitpid(self._pid, 0)


class BareShell:
    """`bash -l`, as a terminal without a pool starts it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)

    def new(self) -> float:
        """Start one, wait for its prompt, end it; milliseconds to the prompt."""
        shell = Program("/bin/bash", ["-bash"], self._environment)
        try:
            return (shell.read_until(PROMPT) - shell.started) * 1000
        finally:
            shell.close()


class Tmux:
    """A tmux server on a socket of its own with one attached client; without a configuration file."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        """Raises NotMeasured if there is no tmux."""
        path = shutil.which("tmux")
        if path is None:
            raise NotMeasured("no tmux")
        self._command = [path, "-S", str(folder / "tmux.sock"), "-f", "/dev/null"]
        self._environment = {key: value for key, value in environment.items() if key != "TMUX"}
        self._client = Program(path, [*self._command, "new-session"], self._environment)
        self._client.read_until(PROMPT)

    def new(self) -> float:
        """The keys of `new-window`, wait for its prompt, close it; milliseconds to the prompt on the client's terminal."""
        self._client.drain()
        started = self._client.write(b"\x02c")
        ended = self._client.read_until(PROMPT)
        self._client.drain(0.02)
        self._client.write(b"exit\r")
        self._client.read_until(PROMPT)
        return (ended - started) * 1000

    def close(self) -> None:
        """End the server and with it everything."""
        subprocess.run([*self._command, "kill-server"], env=self._environment, check=False)
        self._client.close()
