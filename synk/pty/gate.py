"""The start gate of a pooled shell: two FIFOs through which it gets its lease, and what it printed on the way there."""

import fcntl
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from synk.pty.shells import gate_start

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Lease:
    """What turns a waiting shell into a session: where it runs, with which variables, and which program, if any."""

    directory: str
    """Absolute path of the working directory."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Exported, values unchanged and unexecuted."""
    unset: tuple[str, ...] = ()
    """Names removed before `variables` are set."""
    argv: tuple[str, ...] = ()
    """The agent, exec'ed in place of the shell; empty for an interactive shell."""
    is_integrated: bool = False
    """An interactive shell marks its prompts and commands, and tells its directory (resources/shell/integration.*)."""

    def encode(self, *, only_utf8: bool = False, integration: str = "") -> bytes:
        """The lease as the scripts in resources/shell read it: fields, each ended by NUL.

        "/" and the directory, "-" and a name to unset, "+" with name and value, "=" and an argument, "!" and the file
        `integration` if it is wanted, "." at the end. With `only_utf8`, what is not UTF-8 is written with escapes as in
        printf(1), and a "%" added to its mark.

        Raises:
            ValueError: the directory is not absolute, a name is not a variable name, or something contains NUL.
        """
        if not self.directory.startswith("/"):
            raise ValueError(f"The directory of a lease must be absolute, not {self.directory!r}")
        for name in (*self.unset, *self.variables):
            if not _NAME.fullmatch(name):
                raise ValueError(f"Variable {name} is not a valid name")
        fields = _field("/", self.directory, only_utf8)
        for name in self.unset:
            fields += _field("-", name, only_utf8)
        for name, value in self.variables.items():
            mark, value_field = _field("+", value, only_utf8)
            fields += (mark, name.encode(), value_field)
        for argument in self.argv:
            fields += _field("=", argument, only_utf8)
        if self.is_integrated and not self.argv:
            fields += _field("!", integration, only_utf8)
        fields.append(b".")
        if any(b"\0" in field for field in fields):
            raise ValueError("A lease cannot carry NUL characters")
        return b"".join(field + b"\0" for field in fields)


def _field(mark: str, text: str, only_utf8: bool) -> list[bytes]:
    data = os.fsencode(text)
    try:
        text.encode()
    except UnicodeEncodeError:
        if only_utf8:
            mark += "%"
            data = re.sub(rb"[^ -\[\]-~]", lambda found: b"\\x%02x" % ord(found[0]), data, flags=re.DOTALL)
    return [mark.encode(), data]


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Gate:
    """One start of one shell: two FIFOs in a private directory, and the command line that leads the shell to them.

    Used by one thread; nothing blocks. Both FIFOs are open for reading and writing here, so that neither side waits at
    its open, and the shell sees the end of the pipe only when the host has gone.
    """

    token: str
    """16 random hex digits: the shell prints `__SYNK_READY__:<token>` when it is at the gate."""
    argv: list[str]
    """Starts the shell; the first entry is the path of its program."""
    environment: dict[str, str]
    """To be added to the base environment of the start; the shell removes it again before its start-up files run."""
    lease_fd: int
    """Writable when `pump()` can go on."""
    answer_fd: int
    """Readable when the shell answered a lease."""

    def __init__(
        self, path: str, token: str, argv: list[str], environment: dict[str, str], *, only_utf8: bool, integration: str
    ) -> None:
        """Make the directory `path` with its FIFOs; `open()` knows what to pass."""
        self._only_utf8 = only_utf8
        self._integration = integration
        self._path = path
        self.token = token
        self.argv = argv
        self.environment = environment
        self.lease_fd = self.answer_fd = -1
        os.mkdir(path, 0o700)
        try:
            self.lease_fd = _open_fifo(f"{path}/lease")
            self.answer_fd = _open_fifo(f"{path}/answer")
        except OSError:
            self.close()
            raise
        self._unsent = b""
        self._answer = b""
        self._lease: Lease | None = None

    @classmethod
    def open(
        cls, directory: str, *, family: str, shell: str, resources: str, base: Mapping[str, str] = _NOTHING
    ) -> "Gate":
        """Prepare a start of `shell`, of the given family, with the integration scripts in `resources`.

        `base` is the environment the shell starts with apart from `Gate.environment`: variables that have to be
        replaced to reach the gate (ENV, ZDOTDIR) are put back to what they are there.

        Raises:
            OSError: the gate's directory cannot be made below `directory`.
        """
        token = os.urandom(8).hex()
        path = os.path.join(directory, token)
        argv, environment = gate_start(family, shell=shell, resources=resources, gate=path, base=base)
        # fish reads characters, not bytes.
        integration = f"{resources}/integration.{family}"
        return cls(path, token, argv, environment, only_utf8=family == "fish", integration=integration)

    @property
    def pending(self) -> bool:
        """Part of a lease did not fit into the pipe yet: call `pump()` when `lease_fd` is writable."""
        return bool(self._unsent)

    def send(self, lease: Lease) -> None:
        """Hand the shell its lease; one at a time, the next after a refusal.

        Raises:
            ValueError: see `Lease.encode`.
        """
        self._unsent = lease.encode(only_utf8=self._only_utf8, integration=self._integration)
        self._lease = lease
        _make_room(self.lease_fd, len(self._unsent))
        self.pump()

    def pump(self) -> None:
        """Write on where the pipe was full."""
        while self._unsent:
            try:
                written = os.write(self.lease_fd, self._unsent)
            except BlockingIOError:
                return
            self._unsent = self._unsent[written:]

    def read_answer(self) -> str | None:
        """The shell's answer to the lease: None while there is none, "" for accepted, else why it was refused.

        A refusal is a sentence for the user. The shell is at the gate as before and takes another lease.
        """
        try:
            self._answer += os.read(self.answer_fd, 4096)
        except BlockingIOError:
            return None
        word, newline, rest = self._answer.partition(b"\n")
        if not newline or self._lease is None:
            return None
        self._answer = rest
        return _explain(word.decode(), self._lease)

    def close(self) -> None:
        """Close the pipes and remove the directory; a shell that still waits there ends. May be called again."""
        for fd in (self.lease_fd, self.answer_fd):
            if fd >= 0:
                os.close(fd)
        self.lease_fd = self.answer_fd = -1
        shutil.rmtree(self._path, ignore_errors=True)


def _open_fifo(path: str) -> int:
    os.mkfifo(path, 0o600)
    return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)


def _make_room(fd: int, size_bytes: int) -> None:
    # The default is 64 KiB and the usual limit 1 MiB. Over a limit the rest goes through pump().
    if size_bytes > fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ):
        try:
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, size_bytes)
        except OSError:
            return


def _explain(word: str, lease: Lease) -> str:
    """The sentence for the user; the words are those of the scripts."""
    if word == "ok":
        return ""
    if word == "program":
        name = lease.argv[0]
        if "/" not in name:
            return f"Cannot start {name}: not found in PATH"
        reason = "not executable" if os.path.exists(os.path.join(lease.directory, name)) else "no such file"
        return f"Cannot start {name}: {reason}"
    reasons = {"missing": "does not exist", "file": "is not a folder", "denied": "cannot be entered: permission denied"}
    return f"Folder {lease.directory} {reasons.get(word, 'cannot be entered')}"


class StartupOutput:
    """Collects what a starting shell prints, and finds the line in it that says the shell is at its gate."""

    def __init__(self, token: str, limit_bytes: int = 65536) -> None:
        self._marker = re.compile(rb"__SYNK_READY__:" + re.escape(token.encode()) + rb"\r?\n")
        # The marker may be spread over two chunks: that many bytes of the older one are looked at again.
        self._overlap = len("__SYNK_READY__:\r\n") + len(token)
        self._limit_bytes = limit_bytes
        self._data = bytearray()
        self._is_cut = False
        self.is_ready = False
        """The marker was seen."""

    def feed(self, data: bytes) -> bool:
        """Take the next bytes, in any chunks; True once the marker was seen."""
        old = len(self._data)
        self._data += data
        if not self.is_ready:
            found = self._marker.search(self._data, max(0, old - self._overlap))
            if found:
                self.is_ready = True
                start, end = found.span()
                del self._data[start:end]
        if len(self._data) > self._limit_bytes:
            self._is_cut = True
            del self._data[: -self._limit_bytes]
        return self.is_ready

    @property
    def text(self) -> bytes:
        """What was printed, without the marker line: unchanged, or of more than `limit_bytes` the last whole lines."""
        if self._is_cut:
            # The beginning may be the middle of a character or of an escape sequence.
            return bytes(self._data[self._data.find(b"\n") + 1 :])
        return bytes(self._data)
