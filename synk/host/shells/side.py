"""The private side of an engine session: a folder with the command for the shell to read, and a FIFO for its records."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Callable

READ_BYTES = 1 << 16
LEFT_BYTES = 1 << 16
"""Of an earlier command that may stand behind a shorter one; zsh reads the whole file."""
Record = Callable[[str, int, str], None]
"""Gets id, exit status and working directory."""


class SideChannel:
    """One shell's folder, 0700; the main loop. The shell opens what is in it by name, one thing at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, folder: str, *, on_record: Record) -> None:
        self._loop = loop
        self.folder = folder
        self._on_record = on_record
        self._data = b""
        self._files: dict[str, int] = {}
        self._command_bytes = 0
        """Of the last one."""
        os.makedirs(os.path.dirname(folder), mode=0o700, exist_ok=True)
        os.mkdir(folder, 0o700)
        path = os.path.join(folder, "record")
        os.mkfifo(path, 0o600)
        # For reading and writing: the shell's open never waits, and the end of one record is not the end of the pipe.
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        loop.add_reader(self._fd, self._readable)

    def put(self, id: str, command: str) -> None:
        """Lay a command down for our lines in bash and zsh, which read up to the first NUL."""
        data = f"{id}\n{command}\0".encode("utf-8", "surrogateescape")
        # What stands behind it of an earlier one is not read: to cut a file costs ext4 0.3 ms, on a busy disk 5 ms.
        self._write("command", data, is_cut=self._command_bytes > LEFT_BYTES)
        self._command_bytes = len(data)

    def put_script(self, command: str) -> None:
        """Lay a command down for a shell that sources it."""
        self._write("script", f"{command}\n".encode("utf-8", "surrogateescape"), is_cut=True)

    def _write(self, name: str, data: bytes, *, is_cut: bool) -> None:
        """Into a file that stays open: ext4 flushes a file to disk when it is closed after it was made empty (0.5 ms)."""
        if name not in self._files:
            path = os.path.join(self.folder, name)
            self._files[name] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        if is_cut:
            os.ftruncate(self._files[name], 0)
        at = 0
        while at < len(data):
            at += os.pwrite(self._files[name], data[at:], at)

    def close(self) -> None:
        """Remove the folder."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            for fd in (self._fd, *self._files.values()):
                os.close(fd)
            self._files.clear()
            self._fd = -1
            shutil.rmtree(self.folder, ignore_errors=True)

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._data += os.read(self._fd, READ_BYTES)
        while self._data.count(b"\0") >= 3:
            id, status, directory, self._data = self._data.split(b"\0", 3)
            with contextlib.suppress(ValueError):
                self._on_record(id.decode(), int(status), os.fsdecode(directory))
