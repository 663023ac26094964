"""How long ago something was, in a few characters."""

STEPS = ((60.0, "m"), (3600.0, "h"), (86400.0, "d"), (7 * 86400.0, "w"))
"""Seconds of each unit, smallest first."""


def ago_text(seconds: float) -> str:
    """`now` within the first minute, then `5m ago`, `3h ago`, `2d ago`, `6w ago`; a time to come is `now`."""
    unit = next((step for step in reversed(STEPS) if seconds >= step[0]), None)
    return f"{int(seconds // unit[0])}{unit[1]} ago" if unit is not None else "now"


WORDS = ((60.0, "minute"), (3600.0, "hour"), (86400.0, "day"), (7 * 86400.0, "week"))


def ago_words(seconds: float) -> str:
    """As a sentence says it: `just now`, `1 minute ago`, `5 minutes ago`, `2 days ago`."""
    unit = next((step for step in reversed(WORDS) if seconds >= step[0]), None)
    if unit is None:
        return "just now"
    count = int(seconds // unit[0])
    return f"{count} {unit[1]}{'' if count == 1 else 's'} ago"
