"""What single keys send to a program that waits for one: for `run.input` and `shell.input`."""

from synk.base.errors import UsageError

_KEYS = {
    "enter": b"\r",
    "tab": b"\t",
    "space": b" ",
    "escape": b"\x1b",
    "backspace": b"\x7f",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "insert": b"\x1b[2~",
    "delete": b"\x1b[3~",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
}


def key_bytes(name: str) -> bytes:
    """The bytes of a key as xterm sends them: `enter`, `up`, `ctrl+c`, or a single character.

    Raises:
        UsageError: there is no such key.
    """
    lower = name.lower()
    if lower in _KEYS:
        return _KEYS[lower]
    if lower.startswith("ctrl+") and len(lower) == 6 and "a" <= lower[5] <= "z":
        return bytes([ord(lower[5]) - ord("a") + 1])
    if len(name) == 1:
        return name.encode()
    raise UsageError(f"There is no key {name!r}; there are {', '.join(_KEYS)}, ctrl+LETTER and single characters")
