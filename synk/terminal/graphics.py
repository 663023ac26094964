"""What control sequences do to pictures: sixel (DCS q), the kitty graphics protocol (APC G), and what erases them."""

import re
from collections.abc import Callable

from synk.terminal.state import TerminalState

_IMAGE_NUMBER = re.compile("[0-9]{1,10}")
_SIXEL = re.compile("[0-9;]*q")


class Graphics:
    """The interpreter's way to the pictures of one terminal."""

    def __init__(self, state: TerminalState, reply: Callable[[bytes], None]) -> None:
        self._screen = state.screen
        self._reply = reply

    def reset(self) -> None:
        """RIS: no pictures are left."""

    def erase_in_display(self, how: int = 0) -> None:
        """ED."""
        self._screen.erase_in_display(how)

    def dcs_part(self, text: str, *, is_first: bool) -> None:
        """A part of a device control string, as it comes."""

    def take_dcs(self, payload: str) -> bool:
        """Carry out a device control string if it is a picture."""
        return _SIXEL.match(payload) is not None

    def kitty(self, command: str) -> None:
        """Carry out a command of the kitty graphics protocol, without its G."""
        keys = dict(field.split("=", 1) for field in command.partition(";")[0].split(",") if "=" in field)
        number = keys.get("i", "")
        if keys.get("a") == "q" and _IMAGE_NUMBER.fullmatch(number) and keys.get("q") != "2":
            self._reply(f"\x1b_Gi={number};ENOTSUP:no graphics\x1b\\".encode())

    def attributes(self, parameters: tuple[int, ...]) -> None:
        """XTSMGRAPHICS: there are no graphics, every item is answered with failure."""
        self._reply(f"\x1b[?{parameters[0]};3;0S".encode())
