"""A mount that does not answer: FUSE whose server never reads a request. Whoever looks into it waits until it is closed."""

import ctypes
import os
from pathlib import Path

from measure import NotMeasured

_FLAGS = 2 | 4  # MS_NOSUID | MS_NODEV
_DETACH_NOW = 1 | 2  # MNT_FORCE | MNT_DETACH


class DeadMount:
    """Mounted over an empty folder; only root may. A killed process leaves a mount that fails at once, and hangs nobody."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.fsencode(folder)
        self._libc = ctypes.CDLL(None, use_errno=True)
        try:
            self._fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise NotMeasured(f"no mount can be made to hang here: /dev/fuse: {error.strerror}") from error
        options = f"fd={self._fd},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}".encode()
        if self._libc.mount(b"synk-dead", self._folder, b"fuse", _FLAGS, options) != 0:
            os.close(self._fd)
            raise NotMeasured(f"no mount can be made to hang here: {os.strerror(ctypes.get_errno())}")

    def close(self) -> None:
        """Everybody who waits gets an error, and the folder is empty again."""
        os.close(self._fd)
        self._libc.umount2(self._folder, _DETACH_NOW)
