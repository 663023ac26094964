"""Which names changed in a few folders, told by the kernel (inotify(7)); owns one descriptor."""

import ctypes
import os
import struct
from collections.abc import Iterable

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.inotify_init1.argtypes = [ctypes.c_int]
_LIBC.inotify_add_watch.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32]
_LIBC.inotify_rm_watch.argtypes = [ctypes.c_int, ctypes.c_int]

CLOSE_WRITE, MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x8, 0x40, 0x80, 0x100, 0x200
ONLYDIR = 0x0100_0000
CHANGES = CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE | ONLYDIR
_EVENT = struct.Struct("iIII")
_READ_BYTES = 65536


class FolderChanges:
    """Watches folders, not what is below them."""

    def __init__(self) -> None:
        """Raises OSError: the user has no more instances left (`fs.inotify.max_user_instances`)."""
        self._fd = _checked(_LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        self._folders: dict[int, str] = {}

    def fileno(self) -> int:
        """Readable while there are changes to `take`."""
        return self._fd

    def watch(self, folder: str) -> None:
        """Tell of this folder from now on; any thread. Waits for the file system; nothing new if it is watched.

        Raises:
            OSError: it is not there, or the user watches too much (`fs.inotify.max_user_watches`).
        """
        number = _checked(_LIBC.inotify_add_watch(self._fd, os.fsencode(folder), CHANGES))
        self._folders[number] = folder

    def keep(self, folders: Iterable[str]) -> None:
        """Watch no others than these any more. Does not wait."""
        wanted = set(folders)
        for number, folder in list(self._folders.items()):
            if folder not in wanted:
                del self._folders[number]
                _LIBC.inotify_rm_watch(self._fd, number)

    def take(self) -> set[tuple[str, str]]:
        """Folder and name of everything that was written, made, moved or removed since the last call. Does not wait."""
        found: set[tuple[str, str]] = set()
        while True:
            try:
                data = os.read(self._fd, _READ_BYTES)
            except BlockingIOError:
                return found
            at = 0
            while at < len(data):
                number, _mask, _cookie, length = _EVENT.unpack_from(data, at)
                name = data[at + _EVENT.size : at + _EVENT.size + length].rstrip(b"\0")
                at += _EVENT.size + length
                folder = self._folders.get(number)
                if folder is not None and name:
                    found.add((folder, os.fsdecode(name)))

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._fd)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
