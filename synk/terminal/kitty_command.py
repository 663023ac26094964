"""Commands of the kitty graphics protocol as they are written: keys, payload, and what is answered to them."""

import binascii
import re
from collections.abc import Callable

_NUMBER = re.compile("-?[0-9]{1,10}")
_SIGNED = frozenset("zHV")
# There are fewer keys than letters.
_MAX_FIELDS = 64


class Refused(Exception):
    """The command cannot be carried out; nothing the program sent is in the text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """As in errno.h, or one of the protocol."""
        self.message = message


class Command:
    """One escape code `APC G keys ; payload ST`."""

    def __init__(self, text: str) -> None:
        """`text` starts after the G."""
        control, _, self.payload = text.partition(";")
        """Base64."""
        self._keys: dict[str, str] = {}
        for part in control.split(",", _MAX_FIELDS)[:_MAX_FIELDS]:
            key, _, value = part.partition("=")
            self._keys[key] = value

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def letter(self, key: str, default: str) -> str:
        """A key whose value is one character."""
        return self._keys.get(key) or default

    def number(self, key: str, default: int = 0) -> int:
        """A key whose value is a number of 32 bits.

        Raises:
            Refused: it is not.
        """
        value = self._keys.get(key)
        if not value:
            return default
        number = int(value) if _NUMBER.fullmatch(value) else -(1 << 40)
        low, high = (-(1 << 31), (1 << 31) - 1) if key in _SIGNED else (0, (1 << 32) - 1)
        if not low <= number <= high:
            raise Refused("EINVAL", f"the value of {key} is no number of 32 bits" if key.isalpha() else "a value is no number")
        return number

    def keep(self, later: "Command") -> None:
        """Take over the keys that may be told with the last chunk."""
        for key in "qm":
            if key in later:
                self._keys[key] = later.letter(key, "0")

    def data(self) -> bytes:
        """The payload.

        Raises:
            Refused: it is not Base64.
        """
        try:
            return binascii.a2b_base64(self.payload + "=" * (-len(self.payload) % 4))
        except (binascii.Error, ValueError) as error:
            raise Refused("EINVAL", "the payload is not Base64") from error


def respond(
    reply: Callable[[bytes], None], command: Command, refused: Refused | None, *, id: int = 0, is_quiet: bool = False
) -> None:
    """Tell whether a command was carried out, if the program wants to know; `id` of the picture if the terminal gave it.

    `is_quiet`: the command is not acknowledged.
    """
    numbers = {}
    try:
        quiet = command.number("q")
        numbers = {key: command.number(key) for key in "iIp"}
    except Refused:
        return
    if quiet >= 2 or (refused is None and (quiet == 1 or is_quiet)):
        return
    numbers["i"] = numbers["i"] or id
    if not numbers["i"] and not numbers["I"]:
        return
    keys = ",".join([f"{key}={number}" for key, number in numbers.items() if number])
    message = "OK" if refused is None else f"{refused.code}:{refused.message}"
    reply(f"\x1b_G{keys};{message}\x1b\\".encode())
