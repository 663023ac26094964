"""When a shell that did not become ready is tried again, and when the pool stops trying for a while."""

RETRY_AFTER_S = (1.0, 2.0, 4.0)
"""A start-up file may hang on a network that is just coming up, so three more tries, further and further apart."""
PAUSE_S = 60.0
"""After the last retry; changed settings or start-up files end it at once."""


class Retries:
    """Counts failures in a row. Shells that warm at the same time fail together and count once: they share a round."""

    def __init__(self) -> None:
        self.round = 0
        """Note it at a start and hand it to `failed`."""
        self.not_before = 0.0
        """No shell is started before this time."""
        self.is_degraded = False
        """All retries failed: sessions open cold until a shell becomes ready."""
        self._failures = 0
        self._was_told = False

    @property
    def is_failing(self) -> bool:
        """True after a failure: one shell at a time is enough to find out."""
        return self._failures > 0 or self.is_degraded

    def failed(self, now: float, round_started: int) -> bool:
        """A start of that round failed; True if the user is to be told now."""
        if round_started != self.round:
            return False
        self.round += 1
        self._failures += 1
        if self._failures <= len(RETRY_AFTER_S):
            self.not_before = now + RETRY_AFTER_S[self._failures - 1]
            return False
        self._failures = 0
        self.not_before = now + PAUSE_S
        self.is_degraded = True
        was_told, self._was_told = self._was_told, True
        return not was_told

    def start_over(self) -> None:
        """A shell became ready, or something changed that may have been the cause."""
        self.round += 1
        self.not_before = 0.0
        self.is_degraded = False
        self._failures = 0
        self._was_told = False
