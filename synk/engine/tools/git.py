"""git: what is transferred, what came of it, what it refuses (git documentation; messages of git 2.20 to 2.50)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure, Progress
from synk.engine.tools.sizes import parse_size

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_PERCENT = re.compile(
    r"^(?P<remote>remote: )?(?P<phase>Enumerating|Counting|Compressing|Receiving|Resolving|Writing|Updating"
    r"|Unpacking|Filtering|Checking out)"
    r" (?:objects|deltas|files|content|connectivity)?:?\s*(?P<pct>\d{1,3})% \((?P<done>\d+)/(?P<total>\d+)\)(?:, "
    r"(?P<size>[\d.]+ \S+))?"
)
_SHARES = {"Counting": (0.0, 5.0), "Compressing": (5.0, 5.0), "Receiving": (10.0, 70.0), "Writing": (10.0, 70.0),
           "Unpacking": (10.0, 70.0), "Resolving": (80.0, 20.0)}  # fmt: skip
"""Where in the whole a phase begins and how much of it it takes: the network decides, not the counting."""


class GitProgress:
    """Percent lines of the phases, weighed."""

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if "%" not in text:
            return None
        found = _PERCENT.match(text)
        if found is None:
            return None
        phase = found["phase"]
        done, total = float(found["done"]), float(found["total"])
        share = _SHARES.get(phase)
        pct = round(share[0] + share[1] * done / total, 1) if share and total else 100.0
        unit = "deltas" if phase == "Resolving" else "files" if phase in ("Updating", "Filtering", "Checking out") else "objects"
        return Progress(pct, done, total, unit, phase.lower(), confidence="high")


_CLONING = re.compile(r"^Cloning into (?:bare repository )?'(?P<path>.+)'\.\.\.", re.MULTILINE)
_SIZE = re.compile(r"Receiving objects: 100% \(\d+/\d+\)(?:, (?P<size>[\d.]+ [KMG]?i?B|[\d.]+ bytes))?")
_REF = re.compile(
    r"^ (?P<flag>[ +\-t*!=]) (?P<summary>\[[^\]]+\]|[0-9a-f]{6,}\.{2,3}[0-9a-f]{6,})\s+(?P<src>\S+)\s+->\s+"
    r"(?P<dst>\S+)(?:\s+\((?P<why>.+)\))?",
    re.MULTILINE,
)
_TO = re.compile(r"^To (?P<url>\S+)", re.MULTILINE)
_FROM = re.compile(r"^From (?P<url>\S+)", re.MULTILINE)
_CHANGED = re.compile(
    r"^ (?P<files>\d+) files? changed(?:, (?P<plus>\d+) insertions?\(\+\))?(?:, (?P<minus>\d+) deletions?\(-\))?", re.MULTILINE
)
_UPDATING = re.compile(r"^Updating (?P<old>[0-9a-f]+)\.\.(?P<new>[0-9a-f]+)", re.MULTILINE)
_FATAL = re.compile(r"^(?:fatal|error): (?P<text>.+)$", re.MULTILINE)


def result(ended: Ended) -> dict[str, Any] | None:
    """{path, head, branch, refs, size_bytes, changed}; after an error the `fatal:` line."""
    text = ended.text
    if not ended.is_fine:
        said = _FATAL.search(text)
        return {"source": "text", "fatal": said["text"].strip(), "refs": _refs(text)} if said else None
    cloned = _CLONING.search(text)
    folder = ended.cwd / cloned["path"] if cloned else _folder(ended)
    head, branch = read_head(folder)
    size = _SIZE.search(text)
    url = _TO.search(text) or _FROM.search(text)
    changed = _CHANGED.search(text)
    return {
        "source": "text",
        "path": cloned["path"] if cloned else None,
        "head": head,
        "branch": branch,
        "url": url["url"] if url else None,
        "refs": _refs(text),
        "size_bytes": parse_size(size["size"]) if size and size["size"] else None,
        "is_current": bool(re.search(r"^(?:Already up.to.date|Everything up-to-date)", text, re.MULTILINE)),
        "changed": {
            "files": int(changed["files"]),
            "insertions": int(changed["plus"] or 0),
            "deletions": int(changed["minus"] or 0),
        }
        if changed
        else None,
    }


def _folder(ended: Ended) -> Path:
    """The repository it worked in: behind `-C`, else the run's directory."""
    words = ended.recognised.words
    folder = ended.cwd
    for option, value in itertools.pairwise(words):
        if option == "-C":
            folder = folder / value
    return folder


def read_head(folder: Path) -> tuple[str | None, str | None]:
    """Commit and branch of a repository, from its files; None where there is none (gitrepository-layout)."""
    store = folder / ".git"
    try:
        if store.is_file():
            store = folder / store.read_text().removeprefix("gitdir:").strip()
        elif not store.is_dir():
            store = folder
        head = (store / "HEAD").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None, None
    if not head.startswith("ref: "):
        return (head or None), None
    ref = head.removeprefix("ref: ")
    branch = ref.removeprefix("refs/heads/")
    try:
        return (store / ref).read_text().strip(), branch
    except OSError:
        return _packed(store, ref), branch


def _packed(store: Path, ref: str) -> str | None:
    try:
        lines = (store / "packed-refs").read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return next((line.partition(" ")[0] for line in lines if line.endswith(f" {ref}")), None)


_FLAGS = {" ": "updated", "+": "forced", "-": "deleted", "t": "tag", "*": "new", "!": "rejected", "=": "current"}


def _refs(text: str) -> list[dict[str, Any]]:
    return [
        {"state": _FLAGS[found["flag"]], "from": found["src"], "to": found["dst"], "why": found["why"]}
        for found in _REF.finditer(text)
    ]


def explain(facts: Facts) -> Failure | None:
    """The first `fatal:` or `error:` line, a conflict, or a command git does not know."""
    text = facts.text
    details: dict[str, Any] = {"code": facts.exit_code}
    if conflicts := re.findall(r"^CONFLICT \([^)]*\): .*? in (\S+)$", text, re.MULTILINE):
        details["files"] = conflicts
        hints = ("Resolve the files named, git add them, and git commit; or git merge --abort.",)
        return Failure("git", f"Merge conflict in {', '.join(conflicts)}", conflicts[0], suggestions=hints, details=details)
    if unknown := re.search(r"^git: '(?P<name>[^']+)' is not a git command", text, re.MULTILINE):
        meant = re.search(r"The most similar commands? (?:is|are)\n((?:\s+\S+\n?)+)", text)
        hint = f"Did you mean git {meant[1].split()[0]}?" if meant else "`git help -a` lists the commands there are."
        return Failure("git", unknown[0], suggestions=(hint,), details={**details, "word": unknown["name"]})
    said = list(_FATAL.finditer(facts.own_text))
    if not said or (facts.exit_code not in (1, 128, 129) and not _is_alone(facts)):
        return None
    fatal = next((found for found in said if found[0].startswith("fatal")), said[0])
    message = fatal["text"].strip()
    if rejected := [ref for ref in _refs(text) if ref["state"] == "rejected"]:
        message = f"{rejected[0]['to']} was rejected: {rejected[0]['why']}"
    elif message.startswith("Could not read from remote") and (ssh := _SSH.search(text)):
        message = ssh["text"].strip()
    return Failure("git", message, suggestions=tuple(_hints(message, text, details)), details=details)


_SSH = re.compile(
    r"^(?:ssh: )?(?P<text>Could not resolve hostname .+|connect to host .+|\S+: Permission denied \(.+|Host key .+)$",
    re.MULTILINE,
)


def _is_alone(facts: Facts) -> bool:
    return facts.recognised is not None and len(facts.recognised.parts) == 1


_REASONS: tuple[tuple[str, str, str], ...] = (
    (r"could not read (?:Username|Password)|Authentication failed|terminal prompts disabled|HTTP Basic: Access denied|"
     r"returned error: 40[13]|Invalid username or (?:password|token)", "authentication",
     "The server asks who you are and prompts are off: use an SSH key, a credential helper, or a token."),
    (r"Permission denied \(publickey|Host key verification failed", "authentication",
     "The server does not know your SSH key, or you not the server: check `ssh -T` to that host."),
    (r"Could not resolve host(?:name)?|Name or service not known|Temporary failure in name resolution", "network",
     "The host's name cannot be resolved: check the address and the network."),
    (r"Failed to connect|Connection refused|Connection timed out|Operation timed out|early EOF|The remote end hung up", "network",
     "The connection failed: check host, port and network, then try again."),
    (r"repository '.*' not found|does not appear to be a git repository|[Rr]epository not found", "no_repository",
     "There is no repository at that address, or you may not see it: check the URL."),
    (r"not a git repository", "not_a_repository", "Change to a folder inside a repository, or make one with git init."),
    (r"already exists and is not an empty directory", "exists", "Clone into another folder: git clone URL NAME"),
    (r"\[rejected\].*fetch first|non-fast-forward|Updates were rejected", "rejected",
     "The remote has commits you do not have: git pull --rebase, then push again."),
    (r"no upstream branch|has no upstream", "no_upstream", "Name the remote once: git push -u origin HEAD"),
    (r"Your local changes .* would be overwritten|Please commit your changes or stash them", "local_changes",
     "Commit your changes, or put them away with git stash."),
    (r"Need to specify how to reconcile divergent branches|Not possible to fast-forward", "diverged",
     "Both sides have new commits: git pull --rebase (or --no-rebase for a merge)."),
    (r"pathspec '.*' did not match|unknown revision|bad revision|invalid reference", "no_such_ref",
     "There is no such branch, commit or file here: `git branch -a` and `git log` show what there is."),
    (r"unable to create '.*\.lock'|index\.lock", "locked",
     "Another git works in this repository; if none does, remove the lock file it names."),
    (r"[Pp]lease tell me who you are|unable to auto-detect email", "identity",
     "Say who you are: git config user.name NAME and git config user.email ADDRESS"),
    (r"detected dubious ownership", "ownership",
     "The repository belongs to another user: git config --global --add safe.directory PATH"),
)  # fmt: skip


def _hints(message: str, text: str, details: dict[str, Any]) -> Iterator[str]:
    for pattern, reason, hint in _REASONS:
        if re.search(pattern, message) or re.search(pattern, text):
            details["reason"] = reason
            yield hint
            return
    if "unrecognized argument" in message or "unknown option" in message or "unknown switch" in message:
        details["reason"] = "usage"
        yield "git does not know this option: git help COMMAND lists them."
