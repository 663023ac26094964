"""The errors whose text a person reads; everything else is a bug and goes to the log."""

from collections.abc import Mapping
from typing import Any, ClassVar


class SynkError(Exception):
    """A user error: says what failed, with which value, and what to do next (rule G4)."""

    kind: ClassVar[str] = "error"
    """Its word on the wire between host and clients."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        """One or two sentences, shown as they are."""


class PoolExhausted(SynkError):
    """`max_active` sessions are live; nothing was started."""

    kind = "exhausted"


class PoolClosed(SynkError):
    """The pool is shutting down and takes no further calls."""

    kind = "closed"


class SpawnFailed(SynkError):
    """A program could not be started: not found, not executable, or its folder is gone."""

    kind = "spawn"


class FolderMissing(SynkError):
    """The directory of a lease does not exist; the shell went back to the idle queue."""

    kind = "folder"


class NoSuchTarget(SynkError):
    """A session, pane or shell that was named is not there."""

    kind = "target"


class UsageError(SynkError):
    """A command line that cannot be understood: unknown verb, missing or wrong argument."""

    kind = "usage"


class HostUnavailable(SynkError):
    """The host could not be started, refused us, or went away in the middle of a call."""

    kind = "refused"


class HostEnding(SynkError):
    """The host is ending the programs of a window that was quit; a new one can be started in a few seconds."""

    kind = "ending"


class WindowRunning(SynkError):
    """Another window of this profile is connected: it is the one to talk to."""

    kind = "window_running"


class NotAllowed(SynkError):
    """The caller's scope does not cover this request, or a limit on what runs at once is reached."""

    kind = "not_allowed"


class TimedOut(SynkError):
    """What was waited for did not happen in time."""

    kind = "timeout"


class WindowUnavailable(SynkError):
    """The call needs a running window, and there is none."""

    kind = "no_window"


def describe(error: SynkError) -> dict[str, str]:
    """The error as it travels between host and clients."""
    return {"kind": error.kind, "message": error.message}


def restore(described: Mapping[str, Any]) -> SynkError:
    """The error that `describe` told of; an unknown kind becomes a plain `SynkError`."""
    kind, message = described.get("kind"), str(described.get("message", "unknown error"))
    own = {error.kind: error for error in SynkError.__subclasses__() if "kind" in vars(error)}
    return own.get(str(kind), SynkError)(message)
