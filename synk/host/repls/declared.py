"""Talks to a declared language: types a statement, then one that prints a mark, and reads until the mark.

It stands in for the control channel of our own kernels and speaks the same messages to the rest of the host.
"""

import asyncio
import os
import re
from collections import deque
from collections.abc import Mapping

from synk.base.wire import Message
from synk.host.repls.process import Kernel
from synk.host.repls.specs import LanguageSpec

HOLD_S = 0.05
"""How long the beginning of a line may wait for its rest."""
MARK_TRIES_S = 0.5
"""After an interrupt the mark is asked for again: the first one may have been thrown away with the statement."""

class TextSpeaker:
    """One program that reads statements and prints results. Main loop only."""

    def __init__(self, loop: asyncio.AbstractEventLoop, spec: LanguageSpec, kernel: Kernel, stdin: int) -> None:
        """`stdin`: our end of its input pipe, ours from now on; -1 if it reads from the terminal."""
        self._loop = loop
        self._spec = spec
        self._kernel = kernel
        self._stdin = stdin
        self._queue: deque[bytes] = deque()
        self._is_writing = False
        self._cell = ""
        """Id of the cell that runs; "claim" and "warm" for our own statements, "" for none."""
        self._number = 0
        self._mark = b""
        self._held = b""
        """Output that may be the beginning of a mark or a prompt."""
        self._is_failed = False
        self._was_interrupted = False
        self._at_line_start = True
        prompts = b"|".join(b"(?:%s)" % text.encode() for text in spec.prompts)
        self._prompt = re.compile(prompts) if prompts else None
        self._last_prompt = re.compile(b"(?:%s)+\\Z" % prompts) if prompts else None
        self._failure = re.compile(spec.failed.encode(), re.MULTILINE) if spec.failed else None
        self._timer: asyncio.TimerHandle | None = None
        if stdin >= 0:
            os.set_blocking(stdin, False)

    def begin(self) -> None:
        """Send the set-up statements; `warm` is said when they have been read."""
        self._cell = "warm"
        self._send_statement("\n".join(self._spec.setup))

    def send(self, message: Mapping[str, object]) -> None:
        """A message of the kernel protocol."""
        what = message.get("do")
        if what == "exec":
            self._exec(str(message["cell"]), str(message["code"]), str(message.get("folder", "")))
        elif what == "claim":
            folder = str(message.get("cwd") or "")
            if self._spec.chdir and folder:
                self._cell = "claim"
                self._send_statement(self._spec.chdir.format(folder=folder))
            else:
                self._tell({"is": "claimed", "error": ""})
        elif what == "interrupt":
            self._interrupt()
        elif what == "input":
            self._type(str(message["text"]).encode())
        elif what == "ping":
            self._tell({"is": "pong"})
        elif what == "shutdown":
            self._quit()

    def filter(self, data: bytes) -> bytes:
        """What the user is to see: without marks, and without prompts at the beginnings of lines."""
        data = (self._held + data).replace(b"\r\n", b"\n")
        self._held = shown = b""
        at = _find_mark(data, self._mark) if self._mark else None
        if at is not None:
            shown = self._shown(self._without_last_prompt(data[: at[0]]))
            self._at_line_start = True
            self._loop.call_soon(self._done, self._cell)
            self._mark, data = b"", data[at[1] :]
        keep = self._undecided(data)
        if keep:
            data, self._held = data[:-keep], data[-keep:]
            self._loop.call_later(HOLD_S, self._let_go, self._held)
        return shown + self._shown(data)

    def drain(self) -> None:
        """Show what is still held back."""
        self._let_go(self._held)

    def close(self) -> None:
        """Let go of its input."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._stdin >= 0:
            if self._is_writing:
                self._loop.remove_writer(self._stdin)
            os.close(self._stdin)
            self._stdin = -1

    def _exec(self, cell: str, code: str, folder: str) -> None:
        self._cell = cell
        self._tell({"is": "started", "cell": cell})
        lines = code.rstrip("\n").split("\n")
        template = self._spec.multiline if len(lines) > 1 and self._spec.multiline else self._spec.statement
        if "{file}" in template:
            path = os.path.join(folder, "cell.txt")
            with open(path, "w", encoding="utf-8") as file:
                file.write(code.rstrip("\n") + "\n")
            text = template.replace("{file}", path)
        else:
            text = template.replace("{code}", code.rstrip("\n"))
        self._send_statement(text)

    def _send_statement(self, text: str) -> None:
        self._is_failed = self._was_interrupted = False
        self._ask_for_mark(text)

    def _ask_for_mark(self, before: str = "") -> None:
        self._number += 1
        mark = f"synk-{self._kernel.number}-{self._number}-{os.urandom(4).hex()}"
        self._mark = mark.encode()
        sentinel = self._spec.sentinel.replace("{mark}", mark)
        self._type((f"{before}\n{sentinel}\n" if before else f"{sentinel}\n").encode())

    def _interrupt(self) -> None:
        self._was_interrupted = True
        if self._spec.interrupt != "signal":
            self._type(self._spec.interrupt.encode())
        if self._timer is None:
            self._timer = self._loop.call_later(MARK_TRIES_S, self._ask_again)

    def _ask_again(self) -> None:
        self._timer = None
        if self._mark:
            self._ask_for_mark()

    def _quit(self) -> None:
        if self._spec.quit:
            self._type(self._spec.quit.encode() + b"\n")
        elif self._stdin >= 0:
            self.close()
        else:
            self._type(b"\x04")

    def _done(self, cell: str) -> None:
        if not cell or cell != self._cell:
            return
        self._cell = ""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if cell == "warm":
            self._tell({"is": "warm"})
        elif cell == "claim":
            self._tell({"is": "claimed", "error": ""})
        else:
            self._tell(
                {
                    "is": "done",
                    "cell": cell,
                    "ok": not self._is_failed and not self._was_interrupted,
                    "interrupted": self._was_interrupted,
                    "value": None,
                    "error": None,
                    "images": [],
                }
            )

    def _tell(self, message: Message) -> None:
        self._loop.call_soon(self._kernel.heard, message)

    def _shown(self, data: bytes) -> bytes:
        shown = self._without_prompts(data)
        if self._failure is not None and shown and self._failure.search(shown):
            self._is_failed = True
        return shown if self._cell != "claim" else b""

    def _without_prompts(self, data: bytes) -> bytes:
        if self._prompt is None or not data:
            return data
        lines = data.split(b"\n")
        for place, line in enumerate(lines):
            if place or self._at_line_start:
                while (found := self._prompt.match(line)) is not None and found.end():
                    line = line[found.end() :]
                lines[place] = line
        self._at_line_start = data.endswith(b"\n")
        return b"\n".join(lines)

    def _let_go(self, held: bytes) -> None:
        """What was held back and did not become a mark in time is output: a question without a line feed, for one."""
        if held and held == self._held and not self._kernel.is_over:
            keep = _begun_mark(held, self._mark)
            self._held = held[len(held) - keep :]
            shown = self._shown(held[: len(held) - keep])
            if shown:
                self._kernel.watcher.printed(self._kernel, shown)

    def _without_last_prompt(self, data: bytes) -> bytes:
        """A prompt right before the mark, behind output without a line feed."""
        if self._last_prompt is None:
            return data
        begin = data.rfind(b"\n") + 1
        return data[:begin] + self._last_prompt.sub(b"", data[begin:])

    def _undecided(self, data: bytes) -> int:
        """Bytes at the end that can still become a mark or a prompt: the last, unfinished line if it is short."""
        if not self._mark and self._prompt is None:
            return 0
        last = len(data) - (data.rfind(b"\n") + 1)
        return last if last <= len(self._mark) + 80 else max(int(data.endswith(b"\r")), _begun_mark(data, self._mark))

    def _type(self, data: bytes) -> None:
        self._queue.append(data)
        if not self._is_writing:
            self._write()

    def _write(self) -> None:
        fd = self._stdin if self._stdin >= 0 else self._kernel.terminal.master
        while self._queue:
            try:
                taken = os.write(fd, self._queue[0])
            except BlockingIOError:
                break
            except OSError:
                self._queue.clear()
                break
            if taken < len(self._queue[0]):
                self._queue[0] = self._queue[0][taken:]
            else:
                self._queue.popleft()
        if bool(self._queue) != self._is_writing:
            self._is_writing = bool(self._queue)
            if self._is_writing:
                self._loop.add_writer(fd, self._write)
            else:
                self._loop.remove_writer(fd)


def _begun_mark(data: bytes, mark: bytes) -> int:
    """Bytes at the end of `data` that are the beginning of the mark, or the whole mark and what follows it."""
    if not mark:
        return 0
    at = data.rfind(mark)
    if at >= 0:
        return len(data) - at
    return next((length for length in range(min(len(mark), len(data)), 0, -1) if data.endswith(mark[:length])), 0)


def _find_mark(data: bytes, mark: bytes) -> tuple[int, int] | None:
    """Where the mark begins and where its line ends; None if there is none that ends a line.

    Before it may stand a prompt, or output without a line feed; the echo of a sentinel goes on behind the mark.
    """
    at = data.find(mark)
    while at >= 0:
        end = at + len(mark)
        # A program may print the mark as text: "mark".
        tail = 1 if data[end : end + 1] in (b'"', b"'") else 0
        if data[end + tail : end + tail + 1] == b"\n":
            begin = at - 1 if tail and data[at - 1 : at] in (b'"', b"'") else at
            return begin, end + tail + 1
        at = data.find(mark, end)
    return None


