"""Progress of any program: tqdm bars and, with low confidence, a percentage; a result of its last lines."""

import re
from typing import Any

from synk.engine.evidence import Ended
from synk.engine.findings import Progress

LAST_LINES = 20
_TQDM = re.compile(
    r"(?:(?P<name>[^|]*?):\s*)?(?P<pct>\d{1,3})%\|[^|]*\|\s*(?P<done>[\d.]+)(?P<done_unit>[kMGTP]?)/"
    r"(?P<total>[\d.]+)(?P<total_unit>[kMGTP]?)"
    r"\s*\[(?P<elapsed>[\d:]+)<(?P<left>[\d:]+|\?),\s*(?P<speed>[^\]]*)\]"
)
_OPEN_TQDM = re.compile(r"(?:(?P<name>[^|]*?):\s*)?(?P<done>\d+)it \[[\d:]+,")
_SPEED_UNIT = re.compile(r"([A-Za-z]+)/s|s/([A-Za-z]+)")
_PERCENT = re.compile(r"(?<![\w.%/-])(?P<pct>\d{1,3}(?:\.\d+)?)\s?%(?![\w%])")
_SCALE = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}


class GenericProgress:
    """tqdm's bar, else the one percentage in a line."""

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if "%" not in text:
            return _open_bar(text) if "it [" in text else None
        return bar(text) or _percentage(text)


class NoProgress:
    """For programs that never end by themselves."""

    def line(self, text: str) -> Progress | None:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return None


def bar(text: str) -> Progress | None:
    """A bar as tqdm and its imitators draw it."""
    found = _TQDM.search(text)
    if found is None:
        return None
    unit = _SPEED_UNIT.search(found["speed"])
    return Progress(
        pct=min(float(found["pct"]), 100.0),
        done=float(found["done"]) * _SCALE[found["done_unit"]],
        total=float(found["total"]) * _SCALE[found["total_unit"]],
        unit=_unit(unit[1] or unit[2]) if unit else "",
        phase=(found["name"] or "").strip(),
        eta_s=seconds(found["left"]),
        confidence="high",
    )


def _unit(word: str) -> str:
    word = word.lstrip("kMGTP")
    return {"it": "steps", "B": "bytes", "iB": "bytes"}.get(word, word)


def _open_bar(text: str) -> Progress | None:
    found = _OPEN_TQDM.search(text)
    if found is None:
        return None
    return Progress(done=float(found["done"]), unit="steps", phase=(found["name"] or "").strip())


def _percentage(text: str) -> Progress | None:
    found = _PERCENT.findall(text)
    if len(found) != 1 or float(found[0]) > 100:
        return None
    return Progress(pct=float(found[0]), confidence="low")


def seconds(clock: str) -> float | None:
    """`01:02`, `1:02:03` in seconds; None for anything else."""
    parts = clock.split(":")
    if not all(part.isdigit() for part in parts):
        return None
    total = 0
    for part in parts:
        total = total * 60 + int(part)
    return float(total)


def last_lines(text: str, count: int = LAST_LINES) -> list[str]:
    """The last lines that are not blank."""
    lines = [line.rstrip() for line in text.splitlines()]
    return [line for line in lines if line][-count:]


def result(ended: Ended) -> dict[str, Any]:
    """Exit and last lines: what is known of any program."""
    return {"source": "text", "exit_code": ended.exit_code, "signal": ended.signal, "last_lines": last_lines(ended.text)}


def no_result(ended: Ended) -> None:  # noqa: ARG001 - the registry's shape
    """For programs whose output is a screen."""
    return None
