"""What the client reads out of a run: how far it is, what the output says, why it failed (07-automation.md, 4, 5 and 10)."""

from dataclasses import dataclass, field
from typing import Any, Literal

Confidence = Literal["high", "medium", "low"]
"""high: a format made for programs, or stated by the source; medium: a tool's text for people; low: may mean something else."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a command is, as its own output says."""

    pct: float | None = None
    """0 to 100 of the whole command; None while only counts are known."""
    done: float | None = None
    total: float | None = None
    unit: str = ""
    """What `done` and `total` count: "bytes", "packages", "tests", "steps"; empty if the program does not say."""
    phase: str = ""
    """What it does at the moment, in the program's words: "receiving", "numpy"."""
    eta_s: float | None = None
    """Seconds left; None while it cannot be known."""
    confidence: Confidence = "medium"

    def as_dict(self) -> dict[str, Any]:
        return {
            "pct": self.pct,
            "done": self.done,
            "total": self.total,
            "unit": self.unit,
            "phase": self.phase,
            "eta_s": self.eta_s,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class ParseError:
    """Why an output could not be read in the format that was asked for; the run's status is untouched by it."""

    message: str
    line: int | None = None
    """From 1; None where the format has no lines."""
    column: int | None = None
    """From 1, in characters."""

    def as_dict(self) -> dict[str, Any]:
        return {"message": self.message, "line": self.line, "column": self.column}


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a stack, outermost first in a list of them."""

    file: str
    line: int | None = None
    function: str = ""
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "function": self.function, "source": self.source}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed, where, and what may help."""

    kind: str
    """One of the kinds of section 10: "python_exception", "module_not_found", "shell", "signal", "oom", "timeout", "exit", ..."""
    message: str
    """One or a few lines, the program's own words where it has some."""
    file: str | None = None
    line: int | None = None
    column: int | None = None
    """From 1."""
    frames: tuple[Frame, ...] = ()
    chain: tuple["Failure", ...] = ()
    """What led to it: causes and contexts, nearest first; the members of an exception group."""
    suggestions: tuple[str, ...] = ()
    """Complete sentences; a command in them can be run as it is."""
    confidence: Confidence = "high"
    details: dict[str, Any] = field(default_factory=dict)
    """What only this kind knows: "code", "module", "package", "package_name", "limit", "candidates"."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "frames": [frame.as_dict() for frame in self.frames],
            "chain": [failure.as_dict() for failure in self.chain],
            "suggestions": list(self.suggestions),
            "confidence": self.confidence,
            "details": self.details,
        }
