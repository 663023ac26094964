"""How long ago something was, in a few characters."""

STEPS = ((60.0, "m"), (3600.0, "h"), (86400.0, "d"), (7 * 86400.0, "w"))
"""Seconds of each unit, smallest first."""


def ago_text(seconds: float) -> str:
    """`now` within the first minute, then `5m ago`, `3h ago`, `2d ago`, `6w ago`; a time to come is `now`."""
    unit = next((step for step in reversed(STEPS) if seconds >= step[0]), None)
    return f"{int(seconds // unit[0])}{unit[1]} ago" if unit is not None else "now"
