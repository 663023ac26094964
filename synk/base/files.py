"""Replacing a file so that a crash at any moment leaves the old or the new one, complete."""

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

_LEFTOVER = re.compile(r"^\.(?P<name>.+)\.(?P<pid>\d+)\.synk-new$")


def replace_file(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write `data` to a new file beside `path`, flush it to disk, and rename it over `path`.

    Owner and mode of an existing file are kept, a symbolic link is followed and stays a link; a file that
    did not exist gets `mode`. Blocks for the disk: not on the GUI thread.

    Raises:
        OSError: the file could not be written; the old one is untouched and no temporary file remains.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}.synk-new")
    try:
        old: os.stat_result | None = target.stat()
    except FileNotFoundError:
        old = None
    with suppress(FileNotFoundError):
        temporary.unlink()
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            with open(fd, "wb", closefd=False) as file:
                file.write(data)
            if old is not None and (old.st_uid, old.st_gid) != (os.getuid(), os.getgid()):
                os.fchown(fd, old.st_uid, old.st_gid)
            os.fchmod(fd, mode if old is None else stat.S_IMODE(old.st_mode))
            os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _flush_directory(target.parent)


def remove_leftovers(path: Path) -> None:
    """Remove temporary files that a killed process left beside `path`; those of living processes stay."""
    target = Path(os.path.realpath(path))
    try:
        names = os.listdir(target.parent)
    except OSError:
        return
    for name in names:
        match = _LEFTOVER.match(name)
        if match and match["name"] == target.name and not _is_running(int(match["pid"])):
            with suppress(OSError):
                (target.parent / name).unlink()


def _flush_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
