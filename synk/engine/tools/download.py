"""Downloads, copies and conversions: meters of curl, wget, aria2, rsync, dd, ffmpeg, yt-dlp and what was transferred."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure, Progress
from synk.engine.tools.generic import seconds
from synk.engine.tools.sizes import parse_size

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_CURL = re.compile(
    r"^(?P<pct>\d{1,3})\s+(?P<total>[\d.]+[kMGTP]?)\s+\d{1,3}\s+"
    r"(?P<done>[\d.]+[kMGTP]?)\s+\d{1,3}\s+[\d.]+[kMGTP]?\s+(?P<down>[\d.]+[kMGTP]?)\s+"
    r"[\d.]+[kMGTP]?\s+(?P<time>[\d:-]+)\s+(?P<spent>[\d:-]+)\s+(?P<left>[\d:-]+)"
)
_HASHES = re.compile(r"^#*[ #O=-]*\s*(?P<pct>\d{1,3}(?:[.,]\d)?)%$")
_WGET_BAR = re.compile(
    r"(?P<pct>\d{1,3})%\[[=>+ ]*\]\s+(?P<done>[\d.,]+[KMGT]?)\s+(?:(?P<speed>[\d.,]+[KMG]?B/s|--.-KB/s)\s+)?(?:"
    r"(?:eta|in) (?P<left>[\dhms. ]+))?"
)
_WGET_DOT = re.compile(r"^(?P<done>\d+)K [. ]+\s(?P<pct>\d{1,3})%\s+(?P<speed>[\d.]+[KMG]?)(?:[ =](?P<left>[\dhms.]+))?$")
_ARIA = re.compile(
    r"^\[#\w+ (?P<done>[\d.]+\w+)/(?P<total>[\d.]+\w+)\((?P<pct>\d{1,3})%\)(?: CN:\d+)?(?: DL:(?P<speed>\S+?))?"
    r"(?: ETA:(?P<left>\S+?))?\]"
)
_RSYNC = re.compile(r"^(?P<done>[\d,.]+[KMG]?)\s+(?P<pct>\d{1,3})%\s+(?P<speed>[\d.,]+\w+/s)\s+(?P<left>\d+:\d\d:\d\d)")
_YTDLP = re.compile(
    r"^\[download\]\s+(?P<pct>[\d.]+)% of\s+~?\s*(?P<total>[\d.]+\w+)(?: at\s+(?P<speed>\S+))?(?: ETA (?P<left>[\d:]+))?"
)
_SCP = re.compile(r"^(?P<name>\S.*?)\s+(?P<pct>\d{1,3})%\s+(?P<done>[\d.]+\w*)\s+(?P<speed>[\d.]+\w+/s)\s+(?P<left>[\d:]+)")
_PV = re.compile(
    r"^(?P<done>[\d.]+\w+) (?P<spent>[\d:]+) \[\s*(?P<speed>\S+)\] \[.*\]\s+(?P<pct>\d{1,3})%(?: ETA (?P<left>[\d:]+))?"
)
_DD = re.compile(r"^(?P<done>\d+) bytes(?: \([^)]*\))? copied, (?P<seconds>[\d.,e-]+) s, (?P<speed>.+?/s)")
_DD_LINE = re.compile(_DD.pattern, re.MULTILINE)
_DURATION = re.compile(r"Duration: (?P<clock>\d+:\d\d:\d\d\.\d+)")
_FFMPEG = re.compile(r"time=(?P<clock>\d+:\d\d:\d\d\.\d+)")
_FFMPEG_LIMIT = re.compile(r"duration=(?P<seconds>[\d.]+)")


class DownloadProgress:
    """The meter of whichever program draws one."""

    def __init__(self) -> None:
        self._duration_s: float | None = None

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if found := _CURL.match(text):
            done, total = parse_size(found["done"], is_binary=True), parse_size(found["total"], is_binary=True)
            if not total:
                return None
            return Progress(float(found["pct"]), done, total, "bytes", "downloading", seconds(found["left"]), "high")
        for pattern in (_ARIA, _RSYNC, _YTDLP, _PV, _WGET_BAR, _WGET_DOT, _SCP):
            if found := pattern.match(text) if pattern is not _WGET_BAR else pattern.search(text):
                return _from_bar(found)
        if found := _HASHES.match(text):
            return Progress(float(found["pct"].replace(",", ".")), phase="downloading", confidence="high")
        if found := _DD.match(text):
            return Progress(done=float(found["done"]), unit="bytes", phase="copying", confidence="high")
        return self._ffmpeg(text)

    def _ffmpeg(self, text: str) -> Progress | None:
        if found := _DURATION.search(text):
            self._duration_s = _clock(found["clock"])
            return None
        found = _FFMPEG.search(text)
        if found is None:
            return None
        done = _clock(found["clock"])
        total = self._duration_s
        pct = min(100.0, round(100 * done / total, 1)) if total else None
        return Progress(pct, done, total, "seconds", "converting", confidence="high")


def _from_bar(found: re.Match[str]) -> Progress:
    groups = found.groupdict()
    done = parse_size((groups.get("done") or "").replace(",", ""), is_binary=True) if groups.get("done") else None
    if groups.get("done") and found.re is _WGET_DOT:
        done = int(groups["done"]) * 1024
    total = parse_size(groups["total"], is_binary=True) if groups.get("total") else None
    return Progress(float(groups["pct"]), done, total, "bytes", "downloading", _left(groups.get("left")), "high")


def _left(text: str | None) -> float | None:
    """`0:00:12`, `1m30s`, `12s` in seconds."""
    if not text:
        return None
    if ":" in text:
        return seconds(text)
    parts = re.findall(r"([\d.]+)\s*([hms])", text)
    return sum(float(number) * {"h": 3600, "m": 60, "s": 1}[unit] for number, unit in parts) if parts else None


def _clock(text: str) -> float:
    hours, minutes, rest = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


_WGET_SAVED = re.compile(r"\((?P<speed>[\d.,]+ \w+/s)\) - [‘'](?P<file>.+?)[’'] saved \[(?P<bytes>\d+)(?:/\d+)?\]")
_WGET_STATUS = re.compile(r"HTTP request sent, awaiting response\.\.\. (?P<code>\d{3})")
_CURL_HTTP = re.compile(
    r"The requested URL returned error: (?P<code>\d{3})|^< HTTP/[\d.]+ (?P<verbose>\d{3})|^HTTP/[\d.]+ (?P<head>\d{3})",
    re.MULTILINE,
)
_RSYNC_SENT = re.compile(
    r"sent (?P<sent>[\d,.]+[KMG]?) bytes\s+received (?P<received>[\d,.]+[KMG]?) bytes\s+(?P<speed>[\d,.]+[KMG]?) bytes/sec"
)
_ARIA_DONE = re.compile(r"^\w{6}\|(?:OK|ERR)\s*\|\s*(?P<speed>\S+)\|(?P<file>.+)$", re.MULTILINE)
_FFMPEG_OUT = re.compile(r"^Output #0, \S+, to '(?P<file>.+)':", re.MULTILINE)
_FFMPEG_SIZE = re.compile(r"L?size=\s*(?P<size>\d+)\s?[kK]i?B")


def result(ended: Ended) -> dict[str, Any] | None:
    """{file, bytes, speed, http_code} as far as the program prints them."""
    text = ended.text.replace("\r", "\n")
    found: dict[str, Any] = {"file": _option(ended, "-o", "--output", "-O"), "bytes": None, "speed": None, "http_code": None}
    if status := list(_WGET_STATUS.finditer(text)):
        found["http_code"] = int(status[-1]["code"])
    if status := list(_CURL_HTTP.finditer(text)):
        found["http_code"] = int(next(group for group in status[-1].groups() if group))
    if saved := _WGET_SAVED.search(text):
        found |= {"file": saved["file"], "bytes": int(saved["bytes"]), "speed": saved["speed"]}
    elif copied := list(_DD_LINE.finditer(text)):
        found |= {"file": _operand(ended, "of="), "bytes": int(copied[-1]["done"]), "speed": copied[-1]["speed"]}
    elif sent := _RSYNC_SENT.search(text):
        found |= {"bytes": parse_size(sent["sent"].replace(",", "")), "speed": f"{sent['speed']} bytes/sec"}
    elif done := _ARIA_DONE.search(text):
        found |= {"file": done["file"].strip(), "speed": done["speed"]}
    elif made := _FFMPEG_OUT.search(text):
        size = list(_FFMPEG_SIZE.finditer(text))
        found |= {"file": made["file"], "bytes": int(size[-1]["size"]) * 1024 if size else None}
    elif bars := [each for line in text.split("\n") if (each := _RSYNC.match(line.strip()))]:
        found |= {"bytes": parse_size(bars[-1]["done"].replace(",", "")), "speed": bars[-1]["speed"]}
    elif meter := [each for line in text.split("\n") if (each := _CURL.match(line.strip()))]:
        found |= {"bytes": parse_size(meter[-1]["done"], is_binary=True), "speed": f"{meter[-1]['down']}/s"}
    return {"source": "text", **found} if any(value is not None for value in found.values()) else None


def _option(ended: Ended, *names: str) -> str | None:
    words = ended.recognised.words
    for word, value in itertools.pairwise(words):
        if word in names and not value.startswith("-") and ended.recognised.program in ("curl", "aria2c"):
            return value
    return None


def _operand(ended: Ended, prefix: str) -> str | None:
    return next((word.removeprefix(prefix) for word in ended.recognised.words if word.startswith(prefix)), None)


_CURL_SAID = re.compile(r"^curl: \((?P<code>\d+)\) (?P<text>.+)$", re.MULTILINE)
_WGET_ERROR = re.compile(r"^[\d:\- ]*ERROR (?P<code>\d{3}): (?P<text>.+?)\.?$", re.MULTILINE)
_WGET_HOST = re.compile(r"^wget: unable to resolve host address [‘'](?P<host>[^’']+)", re.MULTILINE)
_OWN = re.compile(
    r"^(?:rsync|tar|dd|scp|unzip|gzip|xz|zstd|7z|yt-dlp|aria2c|ERROR): (?P<text>(?!Exiting with failure"
    r"|error is not recoverable).+)$",
    re.IGNORECASE | re.MULTILINE,
)
_FFMPEG_ERROR = re.compile(
    r"^(?:\[[^\]]+\] )?(?:Error opening input(?: file)?:? )?(?P<text>\S.*: (?:No such file or directory"
    r"|Invalid data found.*|Invalid argument|Unknown encoder.*|Protocol not found))\.?$",
    re.MULTILINE,
)


def explain(facts: Facts) -> Failure | None:
    """The tool's own last word, with what its exit code means."""
    text = facts.own_text
    details: dict[str, Any] = {"code": facts.exit_code}
    if said := _CURL_SAID.search(text):
        code = int(said["code"])
        details["code"] = code
        return Failure("download", said["text"].strip(), suggestions=tuple(_curl_hints(code)), details=details)
    if facts.exit_code in _CURL_HINTS and _is_only(facts, "curl"):  # silenced with -s
        meaning = facts.recognised.cls.codes[facts.exit_code] if facts.recognised else ""
        return Failure("download", meaning, suggestions=tuple(_curl_hints(facts.exit_code)), details=details)
    if status := _WGET_ERROR.search(text):
        details["http_code"] = int(status["code"])
        hint = (
            "The server has no such file: check the URL."
            if status["code"] == "404"
            else "The server refused it: check URL and login."
        )
        return Failure("download", f"HTTP {status['code']} {status['text']}", suggestions=(hint,), details=details)
    if host := _WGET_HOST.search(text):
        hint = "The host's name cannot be resolved: check the address and the network."
        return Failure("download", f"Cannot resolve {host['host']}", suggestions=(hint,), details=details)
    if facts.runs("ffmpeg", "ffprobe"):
        found = _FFMPEG_ERROR.search(text)
        return Failure("download", found["text"], suggestions=_file_hints(found["text"]), details=details) if found else None
    if own := _OWN.search(text):
        return Failure("download", own["text"].strip(), suggestions=_file_hints(own["text"]), details=details)
    return None


def _is_only(facts: Facts, program: str) -> bool:
    return facts.recognised is not None and [part.program for part in facts.recognised.parts] == [program]


_CURL_HINTS = {
    6: "The host's name cannot be resolved: check the address and the network.",
    7: "Nothing answers at that host and port: check both, and whether the server runs.",
    18: "The transfer broke off: try again with `-C -` to go on where it ended.",
    22: "The server refused it: check the URL, and the login if it needs one.",
    28: "It took longer than allowed: raise --max-time or --connect-timeout.",
    35: "The TLS handshake failed: check that the port speaks HTTPS.",
    52: "The server closed the connection without an answer: check http or https, and the port.",
    56: "The connection broke while receiving: try again.",
    60: "The server's certificate is not trusted: install its authority's certificate, or check the clock and the address.",
}


def _curl_hints(code: int) -> list[str]:
    return [_CURL_HINTS[code]] if code in _CURL_HINTS else []


def _file_hints(message: str) -> tuple[str, ...]:
    if re.search(r"No such file|Cannot open|cannot find", message):
        return ("The file does not exist: check the path and the folder the command runs in.",)
    if "No space left" in message:
        return ("The disk is full.",)
    if "Permission denied" in message:
        return ("This user may not read or write there.",)
    return ()
