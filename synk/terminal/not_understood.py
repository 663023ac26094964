"""Sequences that this terminal does not know: each kind is told once to whoever debugs a program."""

import logging

log = logging.getLogger(__name__)

MOST_KINDS = 256
"""Told of one terminal. No program has so many; a random stream has thousands."""


class NotUnderstood:
    """The kinds of sequences of one terminal that meant nothing to it."""

    def __init__(self) -> None:
        self._kinds: set[str] = set()

    def note(self, kind: str) -> None:
        """A sequence of this kind was consumed, such as `CSI ?z`: without its parameters and texts, which are the program's
        own business."""
        if log.isEnabledFor(logging.DEBUG) and kind not in self._kinds and len(self._kinds) < MOST_KINDS:
            self._kinds.add(kind)
            log.debug("not understood: %s", ascii(kind)[1:-1])
