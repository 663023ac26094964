"""The errors whose text a person reads; everything else is a bug and goes to the log."""


class SynkError(Exception):
    """A user error: says what failed, with which value, and what to do next (rule G4)."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        """One or two sentences, shown as they are."""


class PoolExhausted(SynkError):
    """`max_active` sessions are live; nothing was started."""


class PoolClosed(SynkError):
    """The pool is shutting down and takes no further calls."""


class SpawnFailed(SynkError):
    """A program could not be started: not found, not executable, or its folder is gone."""


class FolderMissing(SynkError):
    """The directory of a lease does not exist; the shell went back to the idle queue."""


class NoSuchTarget(SynkError):
    """A session, pane or shell that was named is not there."""


class UsageError(SynkError):
    """A command line that cannot be understood: unknown verb, missing or wrong argument."""


class HostUnavailable(SynkError):
    """The host could not be started, refused us, or went away in the middle of a call."""


class WindowUnavailable(SynkError):
    """The call needs a running window, and there is none."""
