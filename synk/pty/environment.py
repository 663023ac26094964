"""The environment of sessions: that of the client without what belongs to Synk or to the terminal it was started from."""

import os
import sys
from collections.abc import Collection, Mapping

_FOREIGN_PREFIXES = ("SYNK_", "TMUX", "ZELLIJ", "TERM_PROGRAM", "KITTY_")
"""Of Synk itself, and of terminals and multiplexers whose features a session does not have."""
_FOREIGN_NAMES = frozenset({"COLUMNS", "LINES", "STY", "VTE_VERSION"})


def clean_environment(
    environment: Mapping[str, str], *, prefix: str = sys.prefix, own_qt: Collection[str] = ()
) -> dict[str, str]:
    """What programs in a session inherit (01-pool-and-sessions.md, section 2).

    `prefix` is the folder Synk's Python runs from; if it is a virtual environment or a bundle, the variables that
    point into it are removed, and others with the same names are not. `own_qt` names the `QT_*` variables that Synk
    set for itself; those of the user stay.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(_FOREIGN_PREFIXES) and name not in _FOREIGN_NAMES and name not in own_qt
    }
    if _is_own(prefix):
        _leave_prefix(kept, os.path.realpath(prefix))
    return kept


def terminal_variables(version: str) -> dict[str, str]:
    """What Synk says about its terminal to the programs in it; to be added to a cleaned environment."""
    return {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "TERM_PROGRAM": "Synk",
        "TERM_PROGRAM_VERSION": version,
    }


def _is_own(prefix: str) -> bool:
    """A virtual environment or a frozen bundle; the system's Python belongs to everybody."""
    return os.path.exists(os.path.join(prefix, "pyvenv.cfg")) or bool(getattr(sys, "frozen", False))


def _leave_prefix(kept: dict[str, str], prefix: str) -> None:
    for name in ("VIRTUAL_ENV", "PYTHONHOME"):
        if name in kept and _is_below(kept[name], prefix):
            del kept[name]
            kept.pop(f"{name}_PROMPT", None)
    _drop_entries(kept, "PATH", prefix)
    # PyInstaller's starter puts the bundle in front and keeps the user's value under another name.
    original = kept.pop("LD_LIBRARY_PATH_ORIG", None)
    if original is not None:
        kept["LD_LIBRARY_PATH"] = original
    _drop_entries(kept, "LD_LIBRARY_PATH", prefix)


def _drop_entries(kept: dict[str, str], name: str, prefix: str) -> None:
    if name not in kept:
        return
    entries = kept[name].split(os.pathsep)
    # An empty entry means the current folder, which is not ours even when Synk was started from its prefix.
    others = [entry for entry in entries if not entry or not _is_below(entry, prefix)]
    if len(others) == len(entries):
        return
    if others:
        kept[name] = os.pathsep.join(others)
    else:
        del kept[name]


def _is_below(path: str, prefix: str) -> bool:
    real = os.path.realpath(path)
    return real == prefix or real.startswith(prefix + os.sep)
