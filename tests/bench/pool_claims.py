"""Claims and releases in a loop: claim-to-answer and fork times, and whether fds, threads and memory stay flat.

Run from the checkout: `python tests/bench/pool_claims.py --claims 1000 --startup-ms 300`. Prints one JSON object.
"""

import argparse
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import ModuleType

from synk.pty.messages import ForkBegan, ForkEnded
from synk.pty.processes import resident_bytes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=100)
    parser.add_argument("--startup-ms", type=int, default=300)
    parser.add_argument("--shell", default="/bin/bash")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), options), indent=2))
    return 0


def measure(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """One pool with two warm shells, claimed and released as often as asked."""
    home = folder / "home"
    home.mkdir()
    startup = f"sleep {options.startup_ms / 1000}\nPS1='$ '\n"
    for name in (".bash_profile", ".zprofile"):
        (home / name).write_text(startup)
    host = stand_in().Host(home, folder / "gates")
    forks: list[float] = []
    began = 0.0

    def timed(event: object) -> None:
        nonlocal began
        if isinstance(event, ForkBegan):
            began = time.perf_counter()
        elif isinstance(event, ForkEnded):
            forks.append((time.perf_counter() - began) * 1000)
        incoming(event)

    incoming = host.on_event
    host.on_event = timed
    host.start(shell=options.shell, warmup_delay_ms=100)
    claims: list[float] = []
    warm = 0
    host.warm(2)
    before = facts()
    for turn in range(options.claims):
        host.until(lambda: host.stats.idle >= 2)
        session = host.session()
        host.close(session, reusable=turn % 2 == 0)
        claims.append(session.claim_ms)
        warm += session.is_warm
        host.events.clear()
        host.sessions.clear()
    host.until(lambda: host.is_calm)
    after = facts()
    stats = host.stats.as_dict()
    host.shut_down()
    return {
        "claims": len(claims),
        "warm": warm,
        "claim_ms": spread(claims),
        "fork_ms": spread(forks),
        "before": before,
        "after": after,
        "stats": stats,
    }


def facts() -> dict[str, int]:
    """What must not grow."""
    return {
        "fds": len(os.listdir("/proc/self/fd")),
        "threads": threading.active_count(),
        "rss_kb": (resident_bytes(os.getpid()) or 0) // 1024,
    }


def spread(times: list[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum."""
    ordered = sorted(times)
    return {
        "p50": round(statistics.median(ordered), 3),
        "p95": round(ordered[int(len(ordered) * 0.95)], 3),
        "max": round(ordered[-1], 3),
    }


def stand_in() -> ModuleType:
    """The stand-in for the host's main thread that the tests use."""
    path = Path(__file__).parents[1] / "process" / "pool" / "conftest.py"
    spec = importlib.util.spec_from_file_location("pool_conftest", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
