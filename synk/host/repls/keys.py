"""Which kernels are alike: the key of the pool, and whether what a zygote has imported is still what is installed."""

import fnmatch
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MANAGED = (".dist-info", ".egg-info", ".egg-link", ".pth")
"""Endings by which package managers leave their traces in a folder of packages."""


@dataclass(frozen=True, slots=True)
class KernelKey:
    """Kernels with the same key can stand in for each other."""

    language: str
    program: str
    """Real path of the interpreter."""
    prefix: str = ""
    """Virtual environment the interpreter was called from; "" for none."""
    preload: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    """Those that are read at the start or at import."""
    rest: str = ""
    """What else cannot be changed later: directory and environment of a declared language."""


def key_of(
    *,
    language: str,
    program: str,
    preload: Iterable[str],
    environment: Mapping[str, str],
    key_variables: Iterable[str],
    fixed: tuple[str, ...] = (),
) -> KernelKey:
    """The key of a start. `program` is an absolute path, not resolved; `fixed`: texts that make a difference too."""
    patterns = tuple(key_variables)
    wanted = {name for name in environment if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)}
    variables = sorted((name, environment[name]) for name in wanted)
    rest = "\0".join(fixed)
    return KernelKey(language, os.path.realpath(program), virtual_environment(program), tuple(preload), tuple(variables), rest)


def virtual_environment(program: str) -> str:
    """The folder of the virtual environment that `program` (not resolved: it is a link there) belongs to, or ""."""
    folder = os.path.dirname(os.path.dirname(program))
    return folder if os.path.exists(os.path.join(folder, "pyvenv.cfg")) else ""


class Fingerprint:
    """What was installed when a zygote imported it. A claim asks `is_stale`: about 0.1 ms with ten folders."""

    def __init__(self, folders: Iterable[str], sources: Iterable[str], *, began_ns: int = 0) -> None:
        """`folders`: the interpreter's `sys.path`; `sources`: imported files that no package manager looks after.

        `began_ns`: when the import began, by the clock of files; what changed since may be half imported.
        """
        self._folders = tuple(folders)
        self._listing = self._list()
        # A `.pth` file is edited in place, which its folder does not show.
        self._files = (*sources, *(path for path, _ in self._listing if path.endswith(".pth")))
        self._times = self._look()
        stamps = [*self._times[1], *(stamp for _, stamp in self._listing)]
        self._is_torn = bool(began_ns) and any(changed_ns > began_ns for changed_ns, _ in stamps)

    def is_stale(self) -> bool:
        """True if packages came, went or changed, or a file of the user's own that was imported."""
        times = self._look()
        if self._is_torn:
            return True
        if times == self._times:
            return False
        if times[1] != self._times[1] or self._list() != self._listing:
            return True
        # Something else was written beside the packages (a __pycache__).
        self._times = times
        return False

    def _look(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        return [_stamp(path) for path in self._folders], [_stamp(path) for path in self._files]

    def _list(self) -> tuple[tuple[str, tuple[int, int]], ...]:
        found = []
        for folder in self._folders:
            try:
                names = os.listdir(folder)
            except OSError:
                continue
            found += [os.path.join(folder, name) for name in names if name.endswith(MANAGED)]
        return tuple((path, _stamp(path)) for path in sorted(found))


def _stamp(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_ino)
