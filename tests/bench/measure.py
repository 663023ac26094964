"""What a benchmark gives back: rows with measured values, their limits, and whether they hold on this machine."""

import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FULL_CORES = 4
"""Machines with fewer cores than the reference machine get twice the time (10-targets.md, section 1)."""
WARM_UPS = 5
"""Runs that do not count, before the first that does."""


class NotMeasured(Exception):
    """A row could not be measured here; the text says why. It never counts as passed."""


@dataclass(frozen=True, slots=True)
class Options:
    """How thorough a run is."""

    is_quick: bool = False
    """Fewer runs and shorter waits: to see that everything works, not to publish."""

    def runs(self, full: int = 100) -> int:
        """How often to measure one thing."""
        return max(10, full // 5) if self.is_quick else full


@dataclass(frozen=True, slots=True)
class Limit:
    """Something one value must stay below (or, for a ratio, above)."""

    name: str
    """Which of the row's values is meant: `p95`, `max` ..."""
    value: float
    is_latency: bool = False
    """Doubled on machines with few cores."""
    is_floor: bool = False
    """The value must be at least this instead of below it."""

    @property
    def here(self) -> float:
        """The limit on this machine."""
        return self.value * 2 if self.is_latency and cores() < FULL_CORES else self.value

    def holds(self, values: Mapping[str, float]) -> bool:
        """Whether the value is within it."""
        value = values[self.name]
        return value >= self.here if self.is_floor else value < self.here


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    id: str
    what: str
    unit: str = "ms"
    values: Mapping[str, float] = field(default_factory=dict)
    limits: Sequence[Limit] = ()
    reason: str = ""
    """Why it was not measured; "" if it was."""
    note: str = ""

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, `not measured`, or "" for a row without a limit."""
        if self.reason:
            return "not measured"
        if not self.limits:
            return ""
        return "ok" if all(limit.holds(self.values) for limit in self.limits) else "MISSED"

    @property
    def measured_text(self) -> str:
        """The values in one cell."""
        if self.reason:
            return self.reason
        return "  ".join(f"{name} {number(value)}" for name, value in self.values.items()) + f" {self.unit}"

    @property
    def limit_text(self) -> str:
        """The limits, and what they are here if that differs."""
        parts = []
        for limit in self.limits:
            here = f" (here {number(limit.here)})" if limit.here != limit.value else ""
            parts.append(f"{limit.name} {'>=' if limit.is_floor else '<'} {number(limit.value)}{here}")
        return ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """The row for `--json`."""
        limits = [{"name": x.name, "limit": x.value, "here": x.here, "is_floor": x.is_floor} for x in self.limits]
        return {
            "id": self.id, "what": self.what, "unit": self.unit, "values": dict(self.values), "limits": limits,
            "verdict": self.verdict, "reason": self.reason, "note": self.note,
        }  # fmt: skip


def latency(row: str, what: str, samples_ms: Sequence[float], *, note: str = "", **limits_ms: float) -> Row:
    """A row of latencies; `limits_ms` such as `p95=100`."""
    limits = [Limit(name, value, is_latency=True) for name, value in limits_ms.items()]
    return Row(row, what, "ms", summary(samples_ms), limits, note=note)


def summary(samples: Sequence[float]) -> dict[str, float]:
    """Percentiles and the largest of some samples, and how many there were."""
    ordered = sorted(samples)
    values = {f"p{p}": percentile(ordered, p) for p in (50, 95, 99)}
    return {**values, "max": ordered[-1], "n": float(len(ordered))}


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Nearest-rank percentile of sorted samples."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def median(samples: Sequence[float]) -> float:
    """The middle one."""
    return percentile(sorted(samples), 50)


def number(value: float) -> str:
    """A number with three digits that count, never as a power of ten."""
    if value == int(value) and abs(value) < 1_000_000:
        return str(int(value))
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:.{min(digits, 3)}f}"


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0))


def machine() -> str:
    """This machine in one line: nothing that names it or its user."""
    model, memory_kib = platform.machine(), 0
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            memory_kib = int(line.split()[1])
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{model}, {cores()} cores, {memory_kib / 2**20:.0f} GiB, Linux {kernel}, Python {platform.python_version()}"
