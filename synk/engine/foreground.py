"""A run in the foreground of a shell: its output goes to ours live and byte-exact, our keys and signals go to it.

No asyncio and no thread: one loop over the host's socket, our streams and a pipe of signals. The program's bytes are read
from the spool, so a slow reader of ours slows nobody but us.
"""

import contextlib
import os
import select
import signal
import stat
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from synk.base.wire import Message
from synk.engine.kept import tails_of
from synk.engine.live import LiveOutput
from synk.engine.own_terminal import OwnTerminal, size_of
from synk.engine.requests import encoded_input
from synk.hostclient import SyncHostClient

READ_BYTES = 256 << 10
PIPE_BYTES = 4096
"""PIPE_BUF: what a pipe or terminal that is writable takes without blocking; a signal must not wait for our reader."""
SEEN_BYTES = 8 << 20
"""How often the host is told how far we are; a program that is 64 MiB ahead of us waits (`run.seen`)."""
INPUT_BYTES = 32 << 10
"""One message of input; the next is sent when the host has taken it."""
STDIN, STDOUT, STDERR = 0, 1, 2
_STOP_MODES = {signal.SIGINT: "interrupt", signal.SIGTERM: "terminate", signal.SIGHUP: "terminate"}

Filter = Callable[[str, bytes], bytes]
"""Changes what is shown of a stream, to hide secrets; without data it gives what it held back."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How following came to its end."""

    record: Message
    """Of the host; with `status` ready of a server that goes on."""
    ended_by: int
    """The first signal that somebody sent us, 0 if nobody did."""
    is_reader_gone: bool
    """Whoever read our output has left (`| head -1`)."""


class Foreground:
    """Shows one run until it is over."""

    def __init__(
        self,
        client: SyncHostClient,
        run: str,
        folder: str,
        *,
        terminal: OwnTerminal,
        is_shown: bool = True,
        is_raw: bool = False,
        forwards_input: bool = False,
        ends_when_ready: bool = False,
        hide: Filter | None = None,
        interrupt: Callable[[], None] | None = None,
    ) -> None:
        """`is_shown` False only waits. `is_raw`: the program has our terminal, keys and Ctrl+C are its own.

        `ends_when_ready`: a server that listens is an end. `interrupt` is what Ctrl+C does, each time it is pressed, instead of
        ending the run. The client has to be watching the run.
        """
        self._client = client
        self._run = run
        self._live = LiveOutput(folder)
        self._terminal = terminal
        self._is_shown = is_shown
        self._is_raw = is_raw
        self._ends_when_ready = ends_when_ready
        self._hide = hide
        self._interrupt = interrupt
        self._told = {"out": 0, "err": 0}
        self._pieces: deque[tuple[int, memoryview]] = deque()
        self._targets = {"out": _own_way_to(STDOUT), "err": _own_way_to(STDERR)}
        self._chunks = {
            target: READ_BYTES if target > STDERR or _is_file(target) else PIPE_BYTES for target in self._targets.values()
        }
        self._gone: set[int] = set()
        self._seen = 0
        self._record: Message | None = None
        self._reads_input = forwards_input
        self._is_asked = False
        self._is_question_told = False
        self._untaken = 0
        """Number of the input the host has not taken yet; 0 if there is none."""
        self._ended_by = 0

    def follow(self) -> Ending:
        """Until the run is over and everything it printed was shown.

        Raises:
            HostUnavailable: the host went away.
        """
        with _signals() as wake:
            if self._is_raw:
                self._terminal.make_raw()
            try:
                while not self._is_done():
                    self._turn(wake)
            finally:
                self._terminal.restore()
                self._live.close()
                for target in self._targets.values():
                    if target > STDERR:
                        os.close(target)
        assert self._record is not None
        return Ending(self._record, self._ended_by, self._targets["out"] in self._gone)

    def _is_done(self) -> bool:
        if self._record is None or self._pieces:
            return False
        if not self._is_shown or self._fetch():
            return not self._pieces
        if self._hide is not None:
            self._queue("out", self._hide("out", b""))
            self._queue("err", self._hide("err", b""))
            self._hide = None
        return not self._pieces

    def _turn(self, wake: int) -> None:
        """Wait for anything to happen, and do it."""
        if self._client.has_events:
            self._hear()
            return
        if not self._pieces and self._is_shown:
            self._fetch()
        poll = select.poll()
        poll.register(self._client, select.POLLIN)
        poll.register(wake, select.POLLIN)
        if self._pieces:
            poll.register(self._pieces[0][0], select.POLLOUT)
        if (self._reads_input or self._is_asked) and not self._untaken:
            poll.register(STDIN, select.POLLIN)
        for fd, _events in poll.poll():
            if fd == wake:
                self._take_signals(wake)
            elif fd == self._client.fileno():
                self._hear()
            elif fd == STDIN:
                self._pass_input()
            elif self._pieces:
                self._write()

    def _fetch(self) -> bool:
        """Queue the next bytes to show; False if there are none now."""
        if not self._live.is_behind(**self._told):
            return False
        pieces = self._live.take(READ_BYTES, **self._told)
        if not pieces and self._record is not None:
            pieces = self._live.give_up(out=self._told["out"], err=self._told["err"], tails=tails_of(self._record))
        for piece in pieces:
            if piece.lost:
                self._note(f"{piece.lost} bytes of output were dropped before they could be shown: the spool was full.")
            data = piece.data if self._hide is None or not piece.data else self._hide(piece.stream, piece.data)
            self._queue(piece.stream, data)
        self._tell_seen()
        return bool(pieces)

    def _tell_seen(self) -> None:
        count = self._live.offset("out") + self._live.offset("err")
        if count - self._seen >= SEEN_BYTES:
            self._seen = count
            self._client.post("run.seen", run=self._run, bytes=count)

    def _queue(self, stream: str, data: bytes) -> None:
        fd = self._targets[stream]
        if data and fd not in self._gone:
            self._pieces.append((fd, memoryview(data)))

    def _write(self) -> None:
        fd, data = self._pieces[0]
        try:
            count = os.write(fd, data[: self._chunks[fd]])
        except BlockingIOError:
            return  # somebody made it non-blocking; the poll tells when there is room
        except OSError:
            self._lose(fd)
            return
        if count < len(data):
            self._pieces[0] = (fd, data[count:])
        else:
            self._pieces.popleft()

    def _lose(self, fd: int) -> None:
        """Nobody reads this stream any more: without standard output the command has no purpose, as in a pipe of a shell."""
        self._gone.add(fd)
        self._pieces = deque(piece for piece in self._pieces if piece[0] != fd)
        if fd == self._targets["out"] and self._record is None:
            self._client.post("run.stop", run=self._run, mode="terminate")

    def _hear(self) -> None:
        for message in self._client.take_events():
            if message.get("re") is not None:
                self._taken(message)
            elif message.get("run") != self._run:
                continue
            elif message.get("event") == "output":
                self._told = {"out": int(message["out"]), "err": int(message["err"])}
            elif message.get("event") == "state":
                self._change(message)
            elif message.get("event") == "exit":
                self._told = {stream: int(message[stream]["bytes"]) for stream in ("out", "err")}
                self._record = message

    def _taken(self, reply: Message) -> None:
        if reply["re"] == self._untaken:
            self._untaken = 0
            if "error" in reply:
                self._reads_input = False

    def _change(self, state: Message) -> None:
        if self._ends_when_ready and state.get("ready"):
            self._record = state
        waiting = state.get("waiting")
        if self._is_raw or self._reads_input:
            return
        was_asked, self._is_asked = self._is_asked, bool(waiting) and self._terminal.is_ours
        if self._is_asked and not was_asked:
            self._terminal.hide_typing()
        elif was_asked and not self._is_asked:
            self._terminal.restore()
        elif waiting and not self._is_question_told:
            self._is_question_told = True
            what = f"{waiting.get('program') or 'the program'} waits for a {waiting.get('kind', 'line')}"
            self._note(f"{what}. Answer it: synk runs input {self._run} TEXT")

    def _pass_input(self) -> None:
        try:
            data = os.read(STDIN, INPUT_BYTES)
        except OSError:
            data = b""
        if data:
            self._untaken = self._client.post("run.input", run=self._run, text=encoded_input(data))
        else:
            self._client.post("run.input", run=self._run, text="", eof=True)
            self._reads_input = self._is_asked = False

    def _take_signals(self, wake: int) -> None:
        for number in os.read(wake, 64):
            if number == signal.SIGWINCH:
                self._resize()
            elif number == signal.SIGINT and self._interrupt is not None:
                self._interrupt()
            elif self._ended_by:
                # Asked twice: now, without the steps in between.
                self._client.post("run.stop", run=self._run, mode="kill")
            elif number in _STOP_MODES:
                self._ended_by = number
                self._client.post("run.stop", run=self._run, mode=_STOP_MODES[signal.Signals(number)])

    def _resize(self) -> None:
        size = size_of(STDOUT, STDERR, STDIN)
        if size is not None:
            self._client.post("run.resize", run=self._run, cols=size[0], rows=size[1])

    def _note(self, text: str) -> None:
        self._queue("err", f"synk: {text}\n".encode())


@contextlib.contextmanager
def _signals() -> Iterator[int]:
    """A pipe that gets the number of each signal that ends us or tells of a new size; the handlers are put back."""
    read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    wanted = (*_STOP_MODES, signal.SIGWINCH)
    # One that our parent ignores, as `nohup` does, stays ignored.
    before = {number: signal.getsignal(number) for number in wanted if signal.getsignal(number) is not signal.SIG_IGN}
    old = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    try:
        for number in before:
            signal.signal(number, lambda *_: None)
        yield read
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(old)
        os.close(read)
        os.close(write)


def _own_way_to(fd: int) -> int:
    """A pipe opened once more, so that we can write without blocking and nobody who shares our end notices; else `fd` itself.

    With single pages of 4 KiB, each after a poll, a flood came at 107 MB/s, slower than the host takes it in.
    """
    try:
        if stat.S_ISFIFO(os.fstat(fd).st_mode):
            return os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        pass
    return fd


def _is_file(fd: int) -> bool:
    try:
        return stat.S_ISREG(os.fstat(fd).st_mode)
    except OSError:
        return False
