"""apt and dpkg: progress from APT::Status-Fd, what was installed, why it was not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure, Progress

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_STATUS = re.compile(r"^(?P<kind>dlstatus|pmstatus|pmerror|pmconffile):(?P<name>[^:]*(?::\w+)?):(?P<pct>[\d.]+):(?P<text>.*)$")
_DRAWN = re.compile(r"^Progress: \[\s*(?P<pct>\d+)%\]")


class AptProgress:
    """`dlstatus:1:20.4:Downloading...`, `pmstatus:pkg:40.0:Unpacking pkg` (apt, README.progress-reporting)."""

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if found := _STATUS.match(text):
            phase = "downloading" if found["kind"] == "dlstatus" else "installing"
            return Progress(float(found["pct"]), phase=phase, confidence="high")
        if found := _DRAWN.match(text):
            return Progress(float(found["pct"]), phase="installing")
        return None


_COUNTS = re.compile(
    r"^(?P<upgraded>\d+) (?:packages )?upgraded, (?P<installed>\d+) newly installed,"
    r"(?: (?P<downgraded>\d+) downgraded,)? (?P<removed>\d+) to remove and (?P<held>\d+) not upgraded",
    re.MULTILINE,
)
_SETTING_UP = re.compile(r"^(?:Setting up|Conf) (?P<name>[\w.+-]+)(?::\w+)? \((?P<version>[^ )]+)", re.MULTILINE)
_REMOVING = re.compile(r"^(?:Removing|Remv) (?P<name>[\w.+-]+)(?::\w+)? [\[(](?P<version>[^\])]+)", re.MULTILINE)
_CONFFILE = re.compile(r"^\*\*\* (?P<file>\S+) \(Y/I/N/O/D/Z\)|^pmconffile:(?P<status>[^:]+):", re.MULTILINE)
_ERROR = re.compile(r"^(?:E|Err): (?P<text>.+)$", re.MULTILINE)


def result(ended: Ended) -> dict[str, Any] | None:
    """{counts, installed: [{name, version}], removed, errors, conffile}."""
    text = ended.text
    counted = _COUNTS.search(text)
    counts = {key: int(value or 0) for key, value in counted.groupdict().items()} if counted else None
    installed = list(
        {found["name"]: {"name": found["name"], "version": found["version"]} for found in _SETTING_UP.finditer(text)}.values()
    )
    removed = list(
        {found["name"]: {"name": found["name"], "version": found["version"]} for found in _REMOVING.finditer(text)}.values()
    )
    errors = list(dict.fromkeys(found["text"].strip() for found in _ERROR.finditer(text)))
    asked = _CONFFILE.search(text)
    if counts is None and not installed and not removed and not errors and asked is None:
        return None
    conffile = (asked["file"] or asked["status"].strip()) if asked else None
    return {
        "source": "text",
        "counts": counts,
        "installed": installed,
        "removed": removed,
        "errors": errors,
        "conffile": conffile,
    }


def explain(facts: Facts) -> Failure | None:
    """The first `E:` line, or dpkg's."""
    text = facts.text
    said = [found["text"].strip() for found in _ERROR.finditer(text)]
    said = said or re.findall(r"^dpkg(?:-deb)?: (?:error(?: processing [^:]*)?: )?(.+)$", text, re.MULTILINE)
    if not said:
        return None
    details: dict[str, Any] = {"code": facts.exit_code}
    hints = tuple(_hints(said, text, details))
    return Failure("apt", said[0].strip().rstrip(":"), suggestions=hints, details=details)


def _hints(said: list[str], text: str, details: dict[str, Any]) -> Iterator[str]:
    first = "\n".join(said)
    if missing := re.search(r"Unable to locate package (\S+)|Package '?(\S+?)'? has no installation candidate", first):
        details["package"] = missing[1] or missing[2]
        yield "Run apt-get update first; if it still is unknown the name is another one: apt-cache search WORD"
    elif "was not found" in first and "Version" in first:
        yield "There is no such version: apt-cache policy NAME lists the ones there are."
    elif re.search(r"are you root|Permission denied|requires superuser", first):
        details["reason"] = "permission"
        yield "It needs root: put sudo in front."
    elif "Could not get lock" in first or "is another process using it" in text:
        details["reason"] = "locked"
        yield "Another apt or dpkg is running: wait until it has ended."
    elif re.search(r"Unable to fetch|Failed to fetch|Could not resolve|Temporary failure resolving|Could not connect", first):
        details["reason"] = "network"
        yield "The package server cannot be reached, or its list is old: check the network, then apt-get update."
    elif "dpkg was interrupted" in first:
        yield "Finish what was begun: sudo dpkg --configure -a"
    elif re.search(r"unmet dependencies|held broken packages|dependency problems", text):
        details["reason"] = "dependencies"
        yield "Something it needs is missing: the lines above name it; apt-get -f install may bring it."
    elif "cannot access archive" in first:
        yield "There is no such file: check the path of the package."
