"""Installers of JavaScript packages: npm, pnpm, yarn, bun."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure, Progress
from synk.engine.modules import nearest

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_PNPM = re.compile(
    r"Progress: resolved (?P<resolved>\d+), reused (?P<reused>\d+), downloaded (?P<downloaded>\d+)(?:, added "
    r"(?P<added>\d+))?(?P<done>, done)?"
)
_YARN_STEP = re.compile(r"^\[(?P<done>\d)/(?P<total>\d)\] (?P<name>[\w ]+?)(?:\.\.\.|$)")
_YARN_BAR = re.compile(r"^\[[#-]+\] (?P<done>\d+)/(?P<total>\d+)")
_BUN = re.compile(r"^\[(?P<done>\d+)/(?P<total>\d+)\]")


class NpmProgress:
    """npm itself shows a spinner only; pnpm, yarn and bun count."""

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if found := _PNPM.search(text):
            resolved, ready = float(found["resolved"]), float(found["added"] or 0)
            pct = 100.0 if found["done"] else 100 * ready / resolved if resolved else None
            return Progress(pct, ready, resolved or None, "packages", "adding" if found["added"] else "resolving")
        if found := _YARN_BAR.match(text):
            done, total = float(found["done"]), float(found["total"])
            return Progress(100 * done / total if total else None, done, total, "packages", "fetching")
        if found := _YARN_STEP.match(text):
            done, total = float(found["done"]), float(found["total"])
            return Progress(100 * (done - 1) / total, done - 1, total, "steps", confidence="medium")
        return None


_COUNT = re.compile(r"(?P<word>added|removed|changed|audited) (?P<count>\d+) packages?")
_PNPM_COUNT = re.compile(r"^Packages: (?P<counts>(?:[+-]\d+ ?)+)", re.MULTILINE)
_PNPM_DIRECT = re.compile(r"^(?P<sign>[+-]) (?P<name>(?:@[\w.-]+/)?[\w.-]+) (?P<version>\d\S*)", re.MULTILINE)
_YARN_DIRECT = re.compile(r"^[├└]─ (?P<name>(?:@[\w.-]+/)?[\w.-]+)@(?P<version>\S+)", re.MULTILINE)
_YARN_SAVED = re.compile(r"^success Saved (?P<count>\d+) new dependenc", re.MULTILINE)
_BERRY_FETCHED = re.compile(
    r"^➤ YN0013: [│ ]*(?P<name>(?:@[\w.-]+/)?[\w.-]+)@npm:(?P<version>\S+) can't be found in the cache", re.MULTILINE
)
_BERRY_DIRECT = re.compile(r"^➤ YN0085: [│ ]*\+ (?P<name>(?:@[\w.-]+/)?[\w.-]+)@npm:(?P<version>[^\s,]+)", re.MULTILINE)
_BUN_DIRECT = re.compile(r"^installed (?P<name>(?:@[\w.-]+/)?[\w.-]+)@(?P<version>\S+)", re.MULTILINE)
_BUN_COUNT = re.compile(r"^(?P<count>\d+) packages? (?P<word>installed|removed)", re.MULTILINE)
_AUDIT = re.compile(r"^(?:found )?(?P<count>\d+) (?:\w+ severity )?vulnerabilit", re.MULTILINE)


def result(ended: Ended) -> dict[str, Any] | None:
    """{added, removed, changed, audited, vulnerabilities, packages}; on error {code, log}."""
    text = ended.text
    if not ended.is_fine:
        code, log = _code(text), _LOG.search(text)
        return {"source": "text", "code": code, "log": log["path"] if log else None} if code or log else None
    counts = {"added": 0, "removed": 0, "changed": 0, "audited": 0}
    for found in _COUNT.finditer(text):
        counts[found["word"]] = int(found["count"])
    if pnpm := _PNPM_COUNT.search(text):
        for sign, count in re.findall(r"([+-])(\d+)", pnpm["counts"]):
            counts["added" if sign == "+" else "removed"] += int(count)
    for found in _BUN_COUNT.finditer(text):
        counts["added" if found["word"] == "installed" else "removed"] += int(found["count"])
    if (saved := _YARN_SAVED.search(text)) and not counts["added"]:
        counts["added"] = int(saved["count"])
    if fetched := list(_BERRY_FETCHED.finditer(text)):
        counts["added"] = len(fetched)
    direct = [
        *_BERRY_DIRECT.finditer(text),
        *fetched,
        *_PNPM_DIRECT.finditer(text),
        *_YARN_DIRECT.finditer(text),
        *_BUN_DIRECT.finditer(text),
    ]
    packages = {found["name"]: {"name": found["name"], "version": found["version"]} for found in direct}
    is_known = (
        any(counts.values())
        or packages
        or re.search("up to date|Already up.to.date|no changes|success |YN0000: (?:· )?Done", text)
    )
    if not is_known:
        return None
    audit = _AUDIT.search(text)
    vulnerabilities = int(audit["count"]) if audit else None
    return {"source": "text", **counts, "vulnerabilities": vulnerabilities, "packages": list(packages.values())}


_LINE = re.compile(r"^(?:npm (?:error|ERR!)) ?(?P<text>.*)$", re.MULTILINE)
_CODE = re.compile(r"^npm (?:error|ERR!) code (?P<code>\w+)", re.MULTILINE)
_LOG = re.compile(r"A complete log of this run can be found in:\s*(?:npm (?:error|ERR!))?\s*(?P<path>\S+)")
_PNPM_ERROR = re.compile(r"^\s*(?:Error: )?\[?(?P<code>ERR_PNPM_\w+)\]?(?:[ \t]+(?P<text>\S.*))?$", re.MULTILINE)
_YARN_ERROR = re.compile(
    r"^(?:error|Usage Error:) (?P<text>(?!Command failed).+)$|^➤ (?P<code>YN\d+): .*?(?P<berry>(?:\S+@|Error|Internal).+)$",
    re.MULTILINE,
)
_BUN_ERROR = re.compile(r"^error: (?P<text>.+)$", re.MULTILINE)


def _code(text: str) -> str | None:
    if found := _CODE.search(text) or _PNPM_ERROR.search(text):
        return found["code"]
    return None


def explain(facts: Facts) -> Failure | None:
    """The error code and message of the package manager."""
    text = facts.text
    if facts.runs("npm", "npx") and _LINE.search(text):
        return _npm(text, facts)
    if facts.runs("pnpm") and (pnpm := _PNPM_ERROR.search(text)):
        return _other(_pnpm_text(pnpm, text), pnpm["code"], text)
    if facts.runs("yarn") and (yarn := _YARN_ERROR.search(text)):
        return _other((yarn["text"] or yarn["berry"]).strip().strip('"'), yarn["code"], text)
    if facts.runs("bun", "bunx") and (bun := _BUN_ERROR.search(text)):
        return _other(bun["text"].strip(), None, text)
    return None


def _pnpm_text(found: re.Match[str], text: str) -> str:
    """Behind the code, or since pnpm 11 in the branch drawn below it, broken at 80 columns."""
    if found["text"]:
        return found["text"].strip()
    branch = re.search(r"╰─▶ (?P<text>.+(?:\n {3,}\S.*)*)", text)
    return re.sub(r"-?\n\s+", lambda joint: "-" if joint[0].startswith("-") else " ", branch["text"]) if branch else found["code"]


def _npm(text: str, facts: Facts) -> Failure | None:
    lines = [found["text"].strip() for found in _LINE.finditer(text)]
    code = _code(text)
    if code is None and (script := _missing_script(lines, text, facts.cwd)):
        return script
    said = [
        line
        for line in lines
        if line and not line.startswith(("code ", "A complete log", "errno", "syscall", "path ", "command "))
    ]
    if not said or code == "ELIFECYCLE":
        return None
    log = _LOG.search(text)
    details = {"code": code or facts.exit_code, "log": log["path"] if log else None}
    hints = tuple(_hints(code or "", text))
    return Failure("npm", "\n".join(said[:3]) if code == "ERESOLVE" else said[0], suggestions=hints, details=details)


def _missing_script(lines: list[str], text: str, folder: str) -> Failure | None:
    missing = re.search(r"Missing script: \"(?P<name>[^\"]+)\"", text)
    if missing is None:
        return None
    meant = re.search(r"Did you mean this\?\s*\n(?:npm (?:error|ERR!))?\s*(?:npm run )?(?P<name>[\w:.-]+)", text)
    near = meant["name"] if meant else nearest(missing["name"], _scripts(folder), cutoff=0.6)
    hint = f"Did you mean {near}?" if near else "`npm run` lists the scripts of package.json."
    return Failure(
        "npm", lines[0] if lines else missing[0], "package.json", suggestions=(hint,), details={"script": missing["name"]}
    )


def _scripts(folder: str) -> list[str]:
    try:
        with open(os.path.join(folder, "package.json"), "rb") as file:
            return list(json.load(file)["scripts"])
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _other(message: str, code: str | None, text: str) -> Failure:
    return Failure("npm", message, suggestions=tuple(_hints(code or "", text)), details={"code": code})


_POPULAR = (
    "axios", "babel", "chalk", "commander", "cors", "dotenv", "esbuild", "eslint", "express", "fastify", "jest",
    "lodash", "mocha", "moment", "mongoose", "next", "nodemon", "prettier", "react", "react-dom", "rollup", "socket.io",
    "svelte", "tailwindcss", "typescript", "uuid", "vite", "vitest", "vue", "webpack", "yargs", "zod", "left-pad",
    "is-odd", "ts-node",
)  # fmt: skip


def _hints(code: str, text: str) -> Iterator[str]:
    if code == "E404" or re.search(r"ERR_PNPM_FETCH_404|\b404\b|Couldn't find package|not found in registry", text):
        name = re.search(
            r"'((?:@[\w.-]+/)?[\w.-]+)@[^']*' is not in|[Cc]ouldn't find package \"([\w@/.-]+)\"|/([\w@%.-]+): Not Found", text
        )
        wanted = next((group for group in name.groups() if group), "") if name else ""
        near = nearest(wanted, _POPULAR, cutoff=0.8) if wanted else None
        yield (
            f"Did you mean {near}?"
            if near
            else "There is no such package in the registry: check the name, or log in if it is private."
        )
    elif code == "ERESOLVE":
        yield (
            "Two packages want different versions of a third: choose versions that go together, or accept it with "
            "--legacy-peer-deps."
        )
    elif code in ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ECONNRESET", "ENETUNREACH") or re.search(
        r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|getaddrinfo", text
    ):
        yield "The registry cannot be reached: check the network, the proxy and `npm config get registry`."
    elif code in ("EJSONPARSE", "EPACKAGEJSON") or "JSON.parse" in text:
        yield "package.json is not valid JSON: the message names the place."
    elif code == "EUSAGE" and "npm ci" in text:
        yield "npm ci needs a package-lock.json that fits package.json: run npm install once."
    elif code == "ENOENT" and "package.json" in text:
        yield "There is no package.json in this folder: change the folder, or run npm init."
    elif code in ("EACCES", "EPERM"):
        yield "A folder cannot be written: install below your home directory, not as another user."
    elif code == "ETARGET" or "No matching version" in text:
        yield "The package has no such version: `npm view NAME versions` lists them."
    elif code == "EBADENGINE":
        yield "The package is for another version of node."
