"""The flags of the kitty keyboard protocol that a program set, with a stack for each of the two screens."""

DISAMBIGUATE, EVENT_TYPES, ALTERNATE_KEYS, ALL_KEYS, ASSOCIATED_TEXT = 1, 2, 4, 8, 16
ALL_FLAGS = DISAMBIGUATE | EVENT_TYPES | ALTERNATE_KEYS | ALL_KEYS | ASSOCIATED_TEXT

MAX_SAVED = 32
"""Nobody nests programs deeper; the oldest entry goes when another one is pushed."""

Stack = tuple[int, ...]
"""Flags pushed, oldest first; the last ones are in force."""


class KeyFlags:
    """What `CSI > u`, `CSI < u` and `CSI = u` change; the main and the alternate screen each have their own."""

    def __init__(self) -> None:
        self._stacks: dict[bool, list[int]] = {}
        self.reset()

    def reset(self) -> None:
        """Legacy keys on both screens, nothing pushed."""
        self._stacks = {False: [0], True: [0]}

    def of(self, is_alternate: bool) -> int:
        """The flags in force on the main or the alternate screen."""
        return self._stacks[is_alternate][-1]

    def push(self, is_alternate: bool, flags: int) -> None:
        """`CSI > flags u`: set these flags, keep the ones before for `pop`."""
        stack = self._stacks[is_alternate]
        stack.append(flags & ALL_FLAGS)
        del stack[: max(0, len(stack) - MAX_SAVED - 1)]

    def pop(self, is_alternate: bool, count: int) -> None:
        """`CSI < count u`: back by so many pushes; no flag is set when there were fewer."""
        stack = self._stacks[is_alternate]
        del stack[max(0, len(stack) - count) :]
        if not stack:
            stack.append(0)

    def change(self, is_alternate: bool, flags: int, how: int) -> None:
        """`CSI = flags ; how u`: 1 exactly these, 2 these as well, 3 without these."""
        stack = self._stacks[is_alternate]
        flags &= ALL_FLAGS
        if how == 1:
            stack[-1] = flags
        elif how == 2:
            stack[-1] |= flags
        elif how == 3:
            stack[-1] &= ~flags

    def stacks(self) -> tuple[Stack, Stack]:
        """Of the main and the alternate screen, for `restore`."""
        return tuple(self._stacks[False]), tuple(self._stacks[True])

    def restore(self, main: Stack, alternate: Stack) -> None:
        """Take over what `stacks` gave; neither is empty."""
        self._stacks = {False: list(main), True: list(alternate)}
