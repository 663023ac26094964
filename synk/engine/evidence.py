"""What readers of results and failures are given: how a run ended, what it printed, what it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from synk.engine.texts import plain

if TYPE_CHECKING:
    from synk.engine.commands import Recognised
    from synk.engine.findings import Failure, Progress


LONG_LINE = 1000
"""Characters; no message of a tool is longer, and patterns may need the square of it."""
SMALL_TEXT = 4000
"""Characters that need no taming."""


def readable(text: str) -> str:
    """`text` for the patterns of readers: without escape sequences, long lines cut, at most one blank line at a time.

    Output is whatever a program prints; 200 kB of blank lines, or one line of that length, kept some patterns busy for minutes.
    """
    text = plain(text)
    if len(text) <= SMALL_TEXT:
        return text
    kept: list[str] = []
    was_blank = False
    for line in text.split("\n"):
        is_blank = not line or line.isspace()
        if not is_blank:
            kept.append(line if len(line) <= LONG_LINE else line[:LONG_LINE])
        elif not was_blank:
            kept.append("")
        was_blank = is_blank
    return "\n".join(kept)


class LineReader(Protocol):
    """Reads progress of one class."""

    def line(self, text: str) -> Progress | None:
        """What this line (complete, without escape sequences) says; None if nothing."""


_WORDS_OF_SHELLS = frozenset((":", ".", "eval", "exec", "exit", "return", "set", "source", "trap", "wait"))
"""A line is not named after these: "exit ended with exit code 3" says nothing."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A finished command, for the readers of its result."""

    recognised: Recognised
    out: str
    err: str
    """Empty where both streams were one terminal."""
    exit_code: int | None = 0
    signal: str | None = None
    report: Path | None = None
    """The file it was asked to write, if it did."""
    cwd: Path = Path()

    @property
    def is_fine(self) -> bool:
        """Its exit code is normal for its class."""
        return self.exit_code in self.recognised.cls.normal_codes

    @property
    def text(self) -> str:
        """Both streams, standard output first, without escape sequences."""
        return readable(self.out) if not self.err else readable(f"{self.out}\n{self.err}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a run that did not end well."""

    status: str
    reason: str = "exited"
    exit_code: int | None = None
    signal: str | None = None
    """Its name: "SIGSEGV"."""
    recognised: Recognised | None = None
    out_tail: str = ""
    err_tail: str = ""
    is_cut: bool = False
    """The beginning of the output is not there any more."""
    traceback: Mapping[str, Any] | None = None
    """From a kernel: {type, message, frames, cause, context, ...}."""
    language: str = ""
    """Of the kernel."""
    waiting: Mapping[str, Any] | None = None
    """{kind, prompt, program}."""
    limits: Mapping[str, Any] = field(default_factory=dict)
    """idle_s, hard_s, timeout_s, memory_bytes, cpu_s, file_bytes: what was in force."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Its environment; only names and PATH are looked at."""
    cwd: str = ""
    peak_rss: int = 0
    """Most memory of the tree, bytes."""
    duration_s: float = 0.0
    output_age_s: float | None = None
    """How long it had been silent when it was ended."""
    stack: str = ""
    """What it was doing when the limit came: faulthandler's text, or the names of program and wait channel."""
    start_error: str = ""
    """Why no process could be started, in the words of the host."""

    @classmethod
    def of_record(
        cls,
        record: Mapping[str, Any],
        *,
        recognised: Recognised | None,
        out_tail: str,
        err_tail: str,
        limits: Mapping[str, Any] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Facts:
        """From the host's record of a run."""
        extra: Mapping[str, Any] = record.get("extra") or {}
        streams = (record.get("out") or {}, record.get("err") or {})
        return cls(
            status=str(record["status"]),
            reason=str(record.get("reason") or ""),
            exit_code=record.get("exit_code"),
            signal=record.get("signal"),
            recognised=recognised,
            out_tail=out_tail,
            err_tail=err_tail,
            is_cut=any(stream.get("dropped") for stream in streams),
            traceback=extra.get("error"),
            language=str(extra.get("language") or ""),
            waiting=record.get("waiting"),
            limits=limits or {},
            variables=variables or {},
            cwd=str(record.get("cwd") or ""),
            peak_rss=int(record.get("peak_rss") or 0),
            duration_s=float(record.get("duration_ms") or 0) / 1000,
            output_age_s=record.get("output_age_s", extra.get("output_age_s")),
            stack=str(extra.get("stack") or ""),
            start_error=str(record.get("error") or ""),
        )

    @property
    def own_text(self) -> str:
        """Where a program writes its errors: its standard error, or all it printed where both are one terminal."""
        return readable(self.err_tail or self.out_tail)

    @property
    def text(self) -> str:
        """All it printed, errors last, without escape sequences."""
        return readable(f"{self.out_tail}\n{self.err_tail}" if self.err_tail else self.out_tail)

    @property
    def program(self) -> str:
        """The program that decides the class, or what can be said instead."""
        name = self.recognised.program if self.recognised else ""
        return "the command" if name in _WORDS_OF_SHELLS else name or "the command"

    def runs(self, *names: str) -> bool:
        """One of the programs in the line looks like one of `names`."""
        return self.recognised is not None and self.recognised.has_program(*names)


class Explain(Protocol):
    """Reads the failure of one class of commands."""

    def __call__(self, facts: Facts) -> Failure | None:
        """Why it failed; None if the output does not say."""
