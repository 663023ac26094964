"""Servers: the addresses they print, and why one did not come up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure
from synk.engine.tools import node, npm
from synk.engine.tools.python import final_traceback, with_hints

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_URL = re.compile(
    r"\bhttps?://(?:localhost|\[[0-9a-fA-F:]+\]|0\.0\.0\.0|127(?:\.\d+){3}|(?:\d{1,3}\.){3}\d{1,3}|[\w.-]+)(?::\d{1,5})?[\w./%-]*"
)
_LISTENS = re.compile(
    r"listening|running|serving|started|local:|network:|ready|available|server at|http server|on port|➜|visit|press ctrl", re.I
)
_PORT_TAKEN = re.compile(
    r"EADDRINUSE|Address already in use|address already in use|[Pp]ort (?P<port>\d+) is (?:already )?in use|\[Errno 98\]"
)
_PORT = re.compile(r"(?::|port[ =:]+)(?P<port>\d{2,5})\b", re.IGNORECASE)


def urls_in(text: str) -> list[str]:
    """Addresses of servers that say they listen there, each once; links to documentation are none."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        if _LISTENS.search(line):
            found.update(dict.fromkeys(url.rstrip(".,") for url in _URL.findall(line) if _is_local(url)))
    return list(found)


def _is_local(url: str) -> bool:
    host = url.partition("://")[2]
    return bool(re.match(r"localhost|127\.|0\.0\.0\.0|\[|\d+\.\d+\.\d+\.\d+", host)) or re.match(r"[\w.-]+:\d+", host) is not None


def result(ended: Ended) -> dict[str, Any] | None:
    """{urls} it printed."""
    urls = urls_in(ended.text)
    return {"source": "text", "urls": urls} if urls else None


def explain(facts: Facts) -> Failure | None:
    """The port is taken, a stack of node, a traceback of Python, or npm's complaint."""
    text = facts.text
    if taken := _PORT_TAKEN.search(text):
        near = _PORT.search(text, taken.start()) or _PORT.search(text, max(taken.start() - 200, 0))
        port = taken["port"] or (near["port"] if near else None)
        who = f"`ss -ltnp 'sport = :{port}'`" if port else "`ss -ltnp`"
        hint = f"Another program listens there: {who} shows which; end it or use another port."
        message = f"Port {port} is already in use" if port else "The address is already in use"
        return Failure(
            "server", message, suggestions=(hint,), details={"port": int(port) if port else None, "code": facts.exit_code}
        )
    if (failure := node.explain(facts)) or (failure := npm.explain(facts)):
        return failure
    traceback = final_traceback(facts.own_text)
    return with_hints(traceback.failure, facts) if traceback and not traceback.is_cut else None
