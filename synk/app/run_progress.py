"""How far a run is, in a few words for the pool panel: read from its output and from how long it took before."""

from pathlib import Path

from synk.base.errors import SynkError
from synk.base.wire import Message
from synk.engine.commands import recognise
from synk.engine.durations import Durations
from synk.engine.findings import Progress
from synk.engine.outcomes import result_of
from synk.engine.projects import Project
from synk.engine.requests import Reading
from synk.engine.shipped import shipped_classes

SHOWN_AFTER_MS = 3000
"""A run shorter than this is over before anybody has read how far it is."""


class RunProgress:
    """Called with a run's record; reads its files, so not on the GUI thread."""

    def __init__(self, state: Path, resources: Path) -> None:
        """`state`: where durations are kept; `resources`: with the classes of commands."""
        self._state = state
        self._classes = shipped_classes(resources)

    def __call__(self, record: Message) -> str:
        """`45 %, 2 min left`, `waits for a password`; "" if nothing is known."""
        waiting = record.get("waiting")
        if waiting:
            return f"waits for a {waiting['kind']}"
        if record["duration_ms"] < SHOWN_AFTER_MS or record["kind"] not in ("exec", "job", "command"):
            return ""
        recognised = recognise(record["command"], self._classes)
        try:
            usual = Durations(self._state, Project.around(record["cwd"]).folder).usual(recognised.cls.name, recognised.label)
            progress = result_of(record, Reading(recognised=recognised, usual=usual, max_output_chars=0)).progress
        except (SynkError, OSError):  # its folder was removed in this moment
            return ""
        return "" if progress is None else progress_text(progress)


def progress_text(progress: Progress) -> str:
    """`receiving, 45 %, 2 min left`."""
    words = [progress.phase]
    if progress.pct is not None:
        words.append(f"{progress.pct:.0f} %")
    elif progress.total:
        words.append(f"{progress.done or 0:g} of {progress.total:g} {progress.unit}".rstrip())
    if progress.eta_s is not None:
        words.append(f"{_duration(progress.eta_s)} left")
    return ", ".join(word for word in words if word)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
