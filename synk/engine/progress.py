"""How far a command is, read from its output as it arrives; only by the reader of its class (section 4)."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from synk.engine.classes import CommandClass
from synk.engine.evidence import LineReader
from synk.engine.findings import Progress
from synk.engine.readers import reader
from synk.engine.texts import plain

READERS: Mapping[str, str] = {
    "apt": "apt.AptProgress",
    "builds": "builds.BuildProgress",
    "cargo": "cargo.CargoProgress",
    "containers": "containers.ContainerProgress",
    "deploy": "deploy.DeployProgress",
    "download": "download.DownloadProgress",
    "generic": "generic.GenericProgress",
    "git": "git.GitProgress",
    "native": "native.NativeProgress",
    "none": "generic.NoProgress",
    "npm": "npm.NpmProgress",
    "pip": "pip.PipProgress",
    "pytest": "pytest.PytestProgress",
}
"""By the word `progress` of a class: a LineReader in `tools/`."""

OPEN_BYTES = 16 << 10
"""Of a line whose end has not come; a program that prints more without one shows no progress."""
LINE_BYTES = 1000
"""Longer lines are data, not progress, and would keep the patterns busy."""
CHUNK_BYTES = 256 << 10
"""Of a chunk that is longer only beginning and end are read: a flood must not cost more than it is worth."""
ETA_AFTER_S = 1.0
ETA_AFTER_PCT = 2.0
"""Before that an ETA would jump about."""

_END = re.compile(rb"[\r\n]+")
_TASKBAR = re.compile(rb"\x1b\]9;4;([0-4])(?:;(\d{1,3}))?(?:\x07|\x1b\\)")


class ProgressReader:
    """Progress of one run. Feed it everything the run prints; the streams are kept apart.

    A line counts once LF or CR ended it. Within a phase progress never goes back: what does is a second bar, or noise.
    """

    def __init__(self, cls: CommandClass, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader: LineReader = reader(READERS.get(cls.progress, READERS["generic"]))()
        self._is_generic = cls.progress == "generic"
        self._clock = clock
        self._open: dict[str, bytes] = {}
        self._highest: dict[str, float] = {}
        self._begun: tuple[str, float, float] | None = None
        """Phase, when it was first seen, and at which percentage."""
        self._last: Progress | None = None

    @property
    def last(self) -> Progress | None:
        """The newest there was."""
        return self._last

    def feed(self, stream: str, data: bytes) -> Progress | None:
        """The newest progress if these bytes changed it, else None."""
        before = self._last
        if self._is_generic and b"\x1b]9;4;" in data:
            for found in _TASKBAR.finditer(data):
                self._take(_taskbar(found))
        held = self._open.get(stream, b"")
        if len(data) > CHUNK_BYTES:
            self._read_lines(stream, held + data[: CHUNK_BYTES // 4])
            held, data = b"", data[data.find(b"\n", len(data) - CHUNK_BYTES * 3 // 4) + 1 :][-CHUNK_BYTES:]
        self._read_lines(stream, held + data)
        return self._last if self._last is not before else None

    def _read_lines(self, stream: str, data: bytes) -> None:
        *lines, rest = _END.split(data)
        self._open[stream] = rest[-OPEN_BYTES:]
        for line in lines:
            if line and len(line) <= LINE_BYTES:
                self._take(self._reader.line(plain(line.decode("utf-8", "replace")).strip()))

    def _take(self, found: Progress | None) -> None:
        if found is None:
            return
        if found.pct is not None:
            if found.pct < self._highest.get(found.phase, 0.0):
                return
            self._highest[found.phase] = pct = found.pct
            if pct >= 100.0:
                found = replace(found, eta_s=0.0)  # several tools print the time it took in that place
            elif found.eta_s is None:
                found = replace(found, eta_s=self._eta(found.phase, pct))
        if self._last is None or _without_eta(found) != _without_eta(self._last):
            self._last = found

    def _eta(self, phase: str, pct: float) -> float | None:
        now = self._clock()
        if self._begun is None or self._begun[0] != phase:
            self._begun = (phase, now, pct)
            return None
        _, then, start = self._begun
        if now - then < ETA_AFTER_S or pct - start < ETA_AFTER_PCT:
            return None
        return round((now - then) * (100.0 - pct) / (pct - start), 1)


def _without_eta(progress: Progress) -> Progress:
    return replace(progress, eta_s=None)


def _taskbar(found: re.Match[bytes]) -> Progress | None:
    """ConEmu's OSC 9;4: state 1 normal, 2 error, 3 indeterminate, 4 paused; 0 removes the display."""
    if found[1] in (b"0", b"3") or not found[2]:
        return None
    return Progress(pct=min(float(found[2]), 100.0), confidence="high")
