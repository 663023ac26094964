"""Installers of Python packages: pip, uv, pipx, poetry and their like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure, Progress
from synk.engine.modules import PACKAGES, WELL_KNOWN, nearest
from synk.engine.tools.sizes import byte_count

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_RAW = re.compile(r"Progress (?P<done>\d+) of (?P<total>\d+)")
_BAR = re.compile(r"(?P<done>[\d.]+)/(?P<total>[\d.]+) (?P<unit>[kMGT]?i?B|bytes)\b(?:.*\beta (?P<eta>[\d:]+))?")
_STEP = re.compile(r"(?P<done>\d+)/(?P<total>\d+) \[(?P<name>[^\]]+)\]")
_DOWNLOADING = re.compile(r"Downloading (?P<name>\S+)")
_COLLECTING = re.compile(r"Collecting (?P<name>[\w.-]+)")
_UV_STEP = re.compile(r"(?P<phase>Resolving|Preparing|Building|Installing).*?\((?P<done>\d+)/(?P<total>\d+)\)")


class PipProgress:
    """The download bar, raw or drawn, and the steps of the installation."""

    def __init__(self) -> None:
        self._phase = ""

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if (named := _DOWNLOADING.search(text)) or (named := _COLLECTING.match(text)):
            self._phase = named["name"].rpartition("/")[2]
            return Progress(phase=self._phase)
        if raw := _RAW.search(text):
            return _bytes(float(raw["done"]), float(raw["total"]), self._phase, "high")
        if step := _STEP.search(text):
            done, total = float(step["done"]), float(step["total"])
            return Progress(100 * done / total if total else None, done, total, "packages", "installing", confidence="high")
        if step := _UV_STEP.search(text):
            done, total = float(step["done"]), float(step["total"])
            return Progress(100 * done / total if total else None, done, total, "packages", step["phase"].lower())
        if bar := _BAR.search(text):
            scale = byte_count(1, bar["unit"])
            return _bytes(float(bar["done"]) * scale, float(bar["total"]) * scale, self._phase, "medium")
        if text.startswith("Installing collected packages"):
            return Progress(phase="installing")
        return None


def _bytes(done: float, total: float, phase: str, confidence: Any) -> Progress:
    return Progress(100 * done / total if total else None, done, total, "bytes", phase, confidence=confidence)


_INSTALLED = re.compile(r"^Successfully installed (?P<items>.+)$", re.MULTILINE)
_WOULD = re.compile(r"^Would install (?P<items>.+)$", re.MULTILINE)
_SATISFIED = re.compile(
    r"^Requirement already satisfied: (?P<name>[\w.-]+)[^()\n]*?(?: in \S+)?(?: \((?:from [^)]*\) \()?"
    r"(?P<version>[\w.+!-]+)\))?$",
    re.M,
)
_UV_CHANGE = re.compile(r"^ (?P<sign>[+~-]) (?P<name>[\w.-]+)==(?P<version>[\w.+!-]+)", re.MULTILINE)
_PIPX = re.compile(r"installed package (?P<name>\S+) (?P<version>[\w.+!-]+)")


def result(ended: Ended) -> dict[str, Any] | None:
    """{installed: [{name, version, requested, url, hash}], satisfied, removed}; from the report file where there is one."""
    if not ended.is_fine:
        return None
    text = ended.text
    satisfied = [{"name": found["name"], "version": found["version"]} for found in _SATISFIED.finditer(text)]
    if (reported := _from_report(ended)) is not None:
        known = {item["name"].replace("_", "-").lower() for item in reported}
        # Of several pips in one line only the last one's report is left.
        told = [_split(word) for found in _INSTALLED.finditer(text) for word in found["items"].split()]
        reported += [item for item in told if item["name"].replace("_", "-").lower() not in known]
        return {"source": "report", "installed": reported, "satisfied": satisfied, "removed": []}
    changes = list(_UV_CHANGE.finditer(text))
    installed = [_item(found["name"], found["version"]) for found in changes if found["sign"] != "-"]
    removed = [_item(found["name"], found["version"]) for found in changes if found["sign"] == "-"]
    for said in _INSTALLED.finditer(text):
        installed += [_split(word) for word in said["items"].split()]
    installed += [_item(found["name"], found["version"].rstrip(",")) for found in _PIPX.finditer(text)]
    would = [_split(word) for said in _WOULD.finditer(text) for word in said["items"].split()]
    found_any = installed or removed or satisfied or would
    if not found_any and not re.search(r"Audited \d+ package|Resolved \d+ package|already installed|No dependencies", text):
        return None
    more = {"would_install": would} if would else {}
    return {"source": "text", "installed": installed, "satisfied": satisfied, "removed": removed, **more}


def _item(name: str, version: str) -> dict[str, Any]:
    return {"name": name, "version": version, "requested": None, "url": None, "hash": None}


def _split(word: str) -> dict[str, Any]:
    """`name-1.0`: names hold hyphens, versions do not."""
    name, _, version = word.rpartition("-")
    return _item(name, version)


def _from_report(ended: Ended) -> list[dict[str, Any]] | None:
    """pip's installation report, version 1 (pip documentation, Installation Report)."""
    if ended.report is None:
        return None
    try:
        told = json.loads(ended.report.read_bytes())
        return [_reported(item) for item in told["install"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _reported(item: dict[str, Any]) -> dict[str, Any]:
    origin = item.get("download_info") or {}
    archive = origin.get("archive_info") or {}
    hashes = archive.get("hashes") or {}
    digest = archive.get("hash") or next((f"{kind}={value}" for kind, value in hashes.items()), None)
    metadata = item["metadata"]
    return {
        "name": metadata["name"],
        "version": metadata["version"],
        "requested": item.get("requested"),
        "url": origin.get("url"),
        "hash": digest,
    }


_ERROR = re.compile(
    r"^(?:\S+: )?(?:ERROR|error|Error): ?(?P<text>.+)$|^\s*[×x] (?P<uv>(?:No solution|Failed|Because|.+ failed).*)$", re.MULTILINE
)
_NO_MATCH = re.compile(r"No matching distribution found for (?P<what>.+)$", re.MULTILINE)
_NO_VERSION = re.compile(
    r"Could not find a version that satisfies the requirement (?P<what>\S+)[^(]*\(from versions: (?P<versions>[^)]*)\)"
)
_PYTHON = re.compile(
    r"requires a different Python: (?P<have>\S+) not in '(?P<want>[^']+)'|requires Python\s*(?P<uv_want>[<>=!~][^\s,]*)"
)
_NETWORK = re.compile(
    r"Failed to establish a new connection|Name or service not known|Temporary failure in name resolution|ConnectTimeout"
    r"|Connection refused|Max retries exceeded|Could not fetch URL|[Ff]ailed to fetch|dns error|Network is unreachable"
)
_UV_CAUSE = re.compile(r"^\s*(?:cause: |╰─▶ )(?P<text>.+(?:\n {4,}\S.*)*)", re.MULTILINE)
_BUILD = re.compile(
    r"metadata-generation-failed|Failed building wheel|Getting requirements to build wheel did not run|Failed to build"
    r"|subprocess-exited-with-error|Preparing metadata .* did not run"
)


def explain(facts: Facts) -> Failure | None:
    """What the installer says it could not do."""
    text = facts.text
    errors = list(_ERROR.finditer(text))
    if not errors:
        return None
    message = _message(errors, text)
    details: dict[str, Any] = {"code": facts.exit_code}
    hints = list(_hints(text, details))
    return Failure("pip", message, suggestions=tuple(hints), details=details)


def _message(errors: list[re.Match[str]], text: str) -> str:
    said = [(found["text"] or found["uv"] or "").strip() for found in errors]
    if missing := _NO_MATCH.search(text):
        return missing[0].strip()
    if _BUILD.search(text) and (inner := re.findall(r"^\s+(\w*(?:Error|Exception): .+)$", text, re.MULTILINE)):
        return f"The package could not be built: {inner[-1].strip()}"
    if cause := _UV_CAUSE.search(text):
        return " ".join(cause["text"].split())
    return next((line for line in said if line and not line.startswith(("Exception", "subprocess"))), said[0])


def _hints(text: str, details: dict[str, Any]) -> Iterator[str]:
    if "externally-managed-environment" in text:
        details["reason"] = "externally_managed"
        yield "This Python belongs to the system: make a virtual environment, python3 -m venv .venv, and use .venv/bin/pip."
    elif different := _PYTHON.search(text):
        details["reason"] = "python_version"
        want = different["want"] or different["uv_want"]
        have = f", this is {different['have']}" if different["have"] else ""
        yield f"The package is not for this Python: it needs {want}{have}."
    elif "ResolutionImpossible" in text or "conflicting dependencies" in text:
        details["reason"] = "conflict"
        yield "Two requirements exclude each other: loosen one of the versions the lines above name."
    elif _NETWORK.search(text) and not _has_versions(text):
        details["reason"] = "network"
        yield "The package index cannot be reached: check the network, the proxy and the index's address."
    elif missing := _NO_VERSION.search(text) or _NO_MATCH.search(text):
        yield from _nothing_found(missing, text, details)
    elif re.search(r"was not found in the (?:package )?(?:registry|index)|no version of|there(?:'s| is) no version", text):
        details["reason"] = "no_match"
        yield "No such version or package: check name and version."
    elif _BUILD.search(text):
        details["reason"] = "build"
        yield (
            "The package had to be built and that failed: the lines above the error say what is missing, often a compiler "
            "or header files."
        )
    elif "Permission denied" in text or "[Errno 13]" in text:
        details["reason"] = "permission"
        yield "Install into a virtual environment: python3 -m venv .venv, then .venv/bin/pip install ..."


def _has_versions(text: str) -> bool:
    found = _NO_VERSION.search(text)
    return found is not None and found["versions"] not in ("none", "")


def _nothing_found(missing: re.Match[str], text: str, details: dict[str, Any]) -> Iterator[str]:
    details["reason"] = "no_match"
    name = re.split(r"[<>=!~;\[ ]", missing["what"], maxsplit=1)[0]
    details["package"] = name
    found = _NO_VERSION.search(text)
    versions = [] if found is None or found["versions"] == "none" else found["versions"].split(", ")
    if versions:
        details["versions"] = versions
        yield f"{name} has no such version; the newest is {versions[-1]}."
        if "requires a different python" in text.lower() or "Ignored the following versions that require" in text:
            yield "Some versions are left out because they are for another Python."
    elif name in PACKAGES:
        yield f"The package of the module {name} is called {PACKAGES[name]}: pip install {PACKAGES[name]}"
    elif near := nearest(name, (*WELL_KNOWN, *PACKAGES.values()), cutoff=0.8):
        yield f"Did you mean {near}?"
    else:
        yield f"There is no package named {name} on the index: check the name."
