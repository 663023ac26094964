"""Reads pictures that a program of this machine left in a file or in shared memory (kitty graphics protocol, t=f, t, s).

The only module of `terminal` that reads files. It is called while output is parsed, on the GUI thread: only regular files
are opened, never waiting for a writer, and no more is read than the program may keep.
"""

import os
import stat
from contextlib import suppress

from synk.terminal.kitty_command import Refused

_NAME = "tty-graphics-protocol"
"""In the name of a file that is deleted after it was read."""
_SHARED_MEMORY = "/dev/shm"
_FORBIDDEN = ("/proc/", "/sys/", "/dev/")


def read_medium(medium: str, name: bytes, *, offset: int, size: int, limit: int) -> bytes:
    """The bytes of a file or of shared memory, from `offset` on, `size` of them (0: all).

    Shared memory is deleted, and a file of t if it is in a folder for temporary files and has the name of this protocol:
    another is read and left alone, as kitty does it.

    Raises:
        Refused: there is no such thing, or it may not be read, or it has more than `limit` bytes.
    """
    try:
        path = os.fsdecode(name)
        if not path or "\0" in path or (medium != "s" and not os.path.isabs(path)):
            raise Refused("EINVAL", "not the path of a file")
        path = _shared(path) if medium == "s" else os.path.realpath(path)
        is_ours = medium == "s" or (medium == "t" and _is_temporary(path))
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            return _read(fd, path, offset=offset, size=size, limit=limit)
        finally:
            os.close(fd)
            if is_ours:
                with suppress(OSError):
                    os.unlink(path)
    except FileNotFoundError as error:
        raise Refused("EBADF", "no such file") from error
    except OSError as error:
        raise Refused("EBADF", "the file cannot be read") from error


def _read(fd: int, path: str, *, offset: int, size: int, limit: int) -> bytes:
    state = os.fstat(fd)
    is_device = path.startswith(_FORBIDDEN) and not path.startswith(_SHARED_MEMORY + "/")
    if not stat.S_ISREG(state.st_mode) or is_device:
        raise Refused("EPERM", "not a regular file")
    wanted = max(0, min(size or state.st_size, state.st_size - offset))
    if wanted > limit:
        raise Refused("EFBIG", "more than a picture may have")
    pieces: list[bytes] = []
    while wanted > 0 and (piece := os.pread(fd, wanted, offset)):
        pieces.append(piece)
        offset += len(piece)
        wanted -= len(piece)
    return b"".join(pieces)


def _shared(name: str) -> str:
    """shm_open(3): one slash at most, at the beginning."""
    name = name.removeprefix("/")
    if "/" in name or name in ("", ".", ".."):
        raise Refused("EINVAL", "not the name of shared memory")
    return f"{_SHARED_MEMORY}/{name}"


def _is_temporary(path: str) -> bool:
    folder, name = os.path.split(path)
    # Not `tempfile`, whose import takes longer than all of this package's.
    folders = ("/tmp", _SHARED_MEMORY, os.environ.get("TMPDIR") or "/tmp")
    return _NAME in name and any([f"{folder}/".startswith(f"{os.path.realpath(known)}/") for known in folders])
