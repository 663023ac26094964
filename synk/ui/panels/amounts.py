"""Ages, sizes and durations as the panels write them."""

UNITS = ("B", "KB", "MB", "GB")


def age_text(seconds: float | None) -> str:
    """`12 s`, `4 min`, `1.5 h`; `-` if unknown."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def size_text(count: float | None) -> str:
    """`812 B`, `20.6 MB`; `-` if unknown."""
    if count is None:
        return "-"
    unit = 0
    while count >= 1024 and unit < len(UNITS) - 1:
        count, unit = count / 1024, unit + 1
    return f"{count:.1f} {UNITS[unit]}" if unit else f"{count:.0f} B"


def milliseconds_text(value: float | None) -> str:
    """`19 ms`, `1.4 ms`; `-` if unknown."""
    return "-" if value is None else f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"
