"""L1: from the start of the process to the recent projects of the home screen, with warm and with cold file caches.

The profile knows 30 projects, ten of them on a mount that does not answer, and five agents on PATH take 3 s to print their
version. The list counts as painted when the pixels of its first names are there.
"""

import gc
import os
import stat
import time
from pathlib import Path

from dead_mount import DeadMount
from measure import Options, Row, latency
from stage import Stage, staged
from startup import DROP, TEXT_COLOR
from xserver import Point, XServer, color_bytes

from synk.storage.database import Database
from synk.storage.records import Records
from synk.storage.schema import STEPS

IDS = ("L1",)
LIMIT_MS = 1500.0
PROJECTS, DEAD = 30, 10
SLOW_AGENTS = ("claude", "codex", "gemini", "opencode", "node")
PIXELS = 20
"""Looked at to know that the names are painted."""


def run(options: Options, wanted: set[str]) -> list[Row]:
    """Twice: as a second start finds the machine, and as one after a boot does."""
    del wanted
    rows = []
    with staged() as stage:
        dead = stage.base / "dead"
        dead.mkdir()
        mount = DeadMount(dead)
        try:
            remember_projects(stage, dead)
            put_slow_agents(stage)
            starts = HomeStarts(stage, stage.open_screen())
            for is_cold in (False, True):
                caches = "cold" if is_cold else "warm"
                try:
                    times = [starts.measure(is_cold=is_cold) for _ in range(options.runs(20 if is_cold else 40))]
                except PermissionError:
                    rows.append(Row("L1", "home, cold file caches", reason="only root may drop the file caches"))
                    continue
                rows.append(latency("L1", f"start to recent projects painted, {caches} file caches", times, p95=LIMIT_MS))
        finally:
            mount.close()
    return rows


def remember_projects(stage: Stage, dead: Path) -> None:
    """Thirty projects that were opened a minute apart, every third one on the mount that hangs."""
    data = stage.profile / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    at = [time.time() - 86_400.0]
    records = Records(Database(data / "state.db", STEPS), now=lambda: at[0])
    for number in range(PROJECTS):
        at[0] += 60
        is_dead = number % (PROJECTS // DEAD) == 1
        folder = (dead if is_dead else stage.base) / f"project-{number}"
        if not is_dead:
            folder.mkdir()
        records.project_opened(str(folder), folder.name)
    records.close()


def put_slow_agents(stage: Stage) -> None:
    """Programs that take 3 s for an answer, before all others on PATH."""
    folder = stage.base / "slow"
    folder.mkdir()
    for name in SLOW_AGENTS:
        program = folder / name
        program.write_text("#!/bin/sh\nsleep 3\necho 1.0.0\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    stage.first_on_path = str(folder)


class HomeStarts:
    """Starts the same stage again and again; the first start, which does not count, shows where the names appear."""

    def __init__(self, stage: Stage, screen: XServer) -> None:
        self._stage, self._screen = stage, screen
        stage.launch(at_home=True)
        stage.take_window()
        stage.wait_warm()
        screen.wait(lambda: bool(self._names()), what="the recent projects")
        screen.settle()
        names = self._names()
        self._text: list[Point] = names[:: max(1, len(names) // PIXELS)]
        self._end()

    def _names(self) -> list[Point]:
        """Pixels of the names in the list, which stands to the right of the middle."""
        right = range(self._screen.width // 2, self._screen.width * 3 // 4)
        return [point for point in self._screen.find(TEXT_COLOR) if point[0] in right and point[1] > 100]

    def measure(self, *, is_cold: bool) -> float:
        """Milliseconds to the list. Raises PermissionError if caches cannot be dropped."""
        if is_cold:
            os.sync()
            DROP.write_text("3")
        gc.collect()
        stage, screen = self._stage, self._screen
        started = time.perf_counter()
        stage.launch(at_home=True)
        stage.take_window()
        color = color_bytes(TEXT_COLOR)
        painted = screen.wait(lambda: all(screen.pixel(point) == color for point in self._text), what="the recent projects")
        self._end()
        return (painted - started) * 1000

    def _end(self) -> None:
        self._stage.quit()
        self._screen.wait(lambda: not self._screen.find(TEXT_COLOR), what="an empty screen")
