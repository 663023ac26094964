"""What the pool panel shows of the engine, and what it may do to it: asked of the host, progress read from the spools."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from synk.base.errors import NoSuchTarget
from synk.base.events import Hub, NoticeRaised
from synk.base.jobs import Jobs
from synk.base.wire import Message
from synk.hostclient import HostClient, Reply

Rows = list[dict[str, Any]]
Entries = Callable[[Sequence[Mapping[str, Any]]], None]
ProgressOf = Callable[[Message], str]
"""Progress and remaining time of a run's record in words, "" if nothing is known; reads the run's files."""

ENDED_SHOWN = 5
"""Runs that have ended, the newest: enough to look at what one just started printed."""
STOP = {"run": "run.stop", "REPL": "repl.stop", "session": "shell.close"}


class HostEngine:
    """Runs, REPLs and engine sessions as the window sees them. GUI thread; nothing waits."""

    def __init__(self, host: HostClient, hub: Hub, jobs: Jobs, *, progress_of: ProgressOf) -> None:
        self._host = host
        self._hub = hub
        self._jobs = jobs
        self._progress_of = progress_of

    def request_entries(self, on_entries: Entries) -> None:
        """Ask for everything the engine runs; what runs comes first, then the newest that have ended."""
        found: dict[str, Rows] = {}

        def answered(what: str, rows_of: Callable[[Message], Rows], reply: Reply) -> None:
            found[what] = rows_of(reply.ok) if reply.ok is not None else []
            if len(found) == 3:
                self._with_progress(found["runs"], lambda runs: on_entries([*runs, *found["repls"], *found["sessions"]]))

        self._host.call("run.list", partial(answered, "runs", _runs))
        self._host.call("repl.list", partial(answered, "repls", _repls))
        self._host.call("shell.list", partial(answered, "sessions", _sessions))

    def stop(self, kind: str, id: str) -> None:
        """End it; an error is told as a notice."""
        if kind == "session":
            self._host.call(STOP[kind], self._report, session=int(id[1:]))
        elif kind == "REPL":
            self._host.call(STOP[kind], self._report, repl=id)
        else:
            self._host.call(STOP[kind], self._report, run=id, mode="interrupt")

    def show_session(self, session: int) -> None:
        """Have the host hand a session without a pane to this window: it comes as `attached`."""
        self._host.call("session.attach", self._report, session=session)

    def _with_progress(self, rows: Rows, done: Callable[[Rows], None]) -> None:
        running = [row for row in rows if row["is_live"]]
        if not running:
            done(rows)
            return

        def read() -> list[str]:
            return [self._progress_of(row["record"]) for row in running]

        def came(texts: list[str]) -> None:
            for row, text in zip(running, texts, strict=True):
                row["progress"] = text
            done(rows)

        self._jobs.submit(read, came)

    def _report(self, reply: Reply) -> None:
        if reply.error is not None and not isinstance(reply.error, NoSuchTarget):
            self._hub.publish(NoticeRaised("error", reply.error.message))


def _runs(answer: Message) -> Rows:
    rows = []
    for record in answer["runs"]:
        is_live = record["status"] in ("running", "awaiting_input", "ready")
        rows.append(
            {
                "id": record["run"],
                "state": record["status"],
                "age_s": time.time() - record["started_at"] if is_live else record["duration_ms"] / 1000,
                "memory_bytes": record["peak_rss"] or None,
                "owner": record["owner"],
                "text": " ".join(record["command"].split()),
                "is_live": is_live,
                "can_open": True,
                "record": record,
            }
        )
    live = [row for row in rows if row["is_live"]]
    ended = [row for row in rows if not row["is_live"]]
    return [*live, *sorted(ended, key=lambda row: int(row["id"][1:]), reverse=True)[:ENDED_SHOWN]]


def _repls(answer: Message) -> Rows:
    return [
        {
            "id": repl["repl"],
            "state": repl["state"],
            "age_s": repl.get("age_s"),
            "memory_bytes": repl.get("memory_bytes"),
            "owner": repl.get("owner") or "-",
            "text": " ".join(filter(None, (repl["language"], repl.get("name")))),
            "can_open": bool(repl.get("owner")),
        }
        for repl in answer["repls"]
    ]


def _sessions(answer: Message) -> Rows:
    return [
        {
            "id": f"s{session['session']}",
            "state": session["state"],
            "age_s": session.get("age_s"),
            "memory_bytes": session.get("memory_bytes"),
            "owner": session.get("owner") or "-",
            "text": " ".join(filter(None, (session["kind"], session.get("name"), session.get("cwd")))),
            "can_open": True,
        }
        for session in answer["sessions"]
    ]
