"""Exit codes of `synk exec` and `synk runs wait`: the command's own, and four of Synk (07-automation.md, section 11)."""

import signal
from collections.abc import Mapping
from typing import Any

from synk.base.errors import (
    HostEnding,
    HostUnavailable,
    NoSuchTarget,
    NotAllowed,
    PoolExhausted,
    SynkError,
    TimedOut,
    UsageError,
    WindowUnavailable,
)

DONE, NOT_SO, USAGE, UNKNOWN_ID, REFUSED, NO_HOST, NO_WINDOW = 0, 1, 2, 4, 5, 6, 7
LIMIT, FAULT, CANNOT_START, NOT_FOUND = 124, 125, 126, 127
SIGNALLED = 128
"""Plus the signal's number, as shells do."""

ERROR_CODES: dict[type[SynkError], int] = {
    UsageError: USAGE, NoSuchTarget: UNKNOWN_ID, NotAllowed: REFUSED, PoolExhausted: REFUSED, HostUnavailable: NO_HOST,
    HostEnding: NO_HOST, WindowUnavailable: NO_WINDOW, TimedOut: LIMIT,
}  # fmt: skip
"""Of an error of Synk in all verbs but `exec`; every other error: `FAULT`."""


def code_of_error(error: SynkError) -> int:
    """For every verb but `exec`."""
    return next((code for kind, code in ERROR_CODES.items() if isinstance(error, kind)), FAULT)


def code_of_record(record: Mapping[str, Any]) -> int:
    """How the run ended, as a shell would say it; 0 for one that goes on."""
    match record["status"]:
        case "timeout":
            return LIMIT
        case "not_started":
            return NOT_FOUND if record.get("reason") == "not_found" or "not found" in _text(record) else CANNOT_START
        case "running" | "ready" | "awaiting_input":
            return DONE
    if record.get("exit_code") is not None:
        return int(record["exit_code"])
    if record.get("reason") == "host_lost":
        return FAULT
    if record.get("signal"):
        return SIGNALLED + number_of_signal(str(record["signal"]))
    return {"completed": DONE, "interrupted": SIGNALLED + signal.SIGINT, "killed": SIGNALLED + signal.SIGKILL}.get(
        record["status"], FAULT
    )


def number_of_signal(name: str) -> int:
    """`SIGKILL`, `KILL` or a number; 0 if there is no such signal here."""
    if name.isdigit():
        return int(name)
    full = name if name.startswith("SIG") else f"SIG{name}"
    return int(getattr(signal, full, 0))


def _text(record: Mapping[str, Any]) -> str:
    return str(record.get("error") or (record.get("extra") or {}).get("error") or "")
