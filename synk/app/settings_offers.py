"""What the settings dialog offers beside the settings: read from the disk and measured, in jobs."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from synk.app.about import about
from synk.base.paths import Directories, resource_directory
from synk.engine.languages import load_languages
from synk.settings.memory import Machine
from synk.ui.look import theme_names
from synk.ui.settings.about import About


@dataclass(frozen=True, slots=True)
class Offered:
    """What was read from the disk for the dialog."""

    themes: Sequence[str]
    languages: Sequence[str]
    about: About


def offered(version: str, directories: Directories, *, is_safe: bool) -> Offered:
    """Themes, languages and what there is to say about Synk. Reads files."""
    own_languages = [] if is_safe else [directories.config / "languages"]
    return Offered(
        themes=theme_names(None if is_safe else directories.config / "themes"),
        languages=load_languages(resource_directory() / "languages", *own_languages).names,
        about=about(version, directories),
    )


def measured(members: Sequence[Mapping[str, Any]]) -> Machine:
    """Memory and cores now; averages over the idle shells, and over the running sessions with all their programs."""
    memory = psutil.virtual_memory()
    idle = [float(row["memory_bytes"]) for row in members if row["state"] == "idle" and row["memory_bytes"]]
    active = [size for row in members if row["state"] == "active" and (size := tree_bytes(row["pid"]))]
    return Machine(
        used_bytes=memory.total - memory.available,
        installed_bytes=memory.total,
        cores=len(os.sched_getaffinity(0)),
        idle_shell_bytes=sum(idle) / len(idle) if idle else None,
        session_bytes=sum(active) / len(active) if active else None,
    )


def tree_bytes(pid: int) -> int:
    """Resident memory of a process and its descendants; 0 if it is gone."""
    total = 0
    try:
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            try:
                total += process.memory_info().rss
            except psutil.Error:
                continue  # it ended meanwhile
    except psutil.Error:
        return 0
    return total
