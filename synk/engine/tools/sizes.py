"""Numbers as tools print them: sizes with units, times with colons."""

import re

_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_SIZE = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>[kKMGTP]?(?:i?[Bb]|bytes)?)")


def byte_count(number: float, unit: str) -> float:
    """`1.5`, `MiB` in bytes; without i thousands count."""
    letters = unit.strip().lower()
    if letters in ("", "b", "bytes", "byte"):
        return number
    base = 1024 if "i" in letters else 1000
    return float(number * base ** _POWERS.get(letters[0], 0))


def parse_size(text: str, *, is_binary: bool = False) -> int | None:
    """`3.2 MiB`, `14k` in bytes; None for anything else. `is_binary`: a bare letter means powers of 1024, as with curl."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    unit = found["unit"]
    if is_binary and unit and "i" not in unit:
        unit = f"{unit[0]}iB" if unit[0].lower() in _POWERS else unit
    return round(byte_count(float(found["number"].replace(",", ".")), unit))
