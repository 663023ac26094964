"""L2: from the start of the process to the first grid, and to a first session that echoes, with warm and with cold file caches.

`synk` is started on a running Xvfb. The grid counts as painted when the pixels of the empty grid's text are there; then
`n` and Enter are pressed at once, the prompt is awaited, a letter is typed and its echo is awaited: "ready" is the first
changed pixel behind the prompt. Before each cold run the kernel's file caches are dropped, which only root may. bash has a
start-up file of 300 ms. Nothing is restored, but in the last rows: there the four panes of the last start open by themselves,
and the first prompt that is painted counts.
"""

import gc
import os
import time
from pathlib import Path

from measure import NotMeasured, Options, Row, latency
from stage import PROMPT_COLOR, Stage, staged
from xserver import Point, XServer, color_bytes

IDS = ("L2",)
TEXT_COLOR = "#e0e0e8"
"""Text of an empty grid (resources/themes)."""
LIMIT_MS = 2000.0
RESTORED = 4
"""Panes of the layout (04-persistence.md, section 9)."""
DROP = Path("/proc/sys/vm/drop_caches")


def run(options: Options, wanted: set[str]) -> list[Row]:
    """First grid and first prompt, twice."""
    del wanted
    rows = []
    with staged(settings={"session.restore": "never"}) as stage:
        screen = stage.open_screen()
        starts = Starts(stage, screen)
        for is_cold in (False, True):
            caches = "cold" if is_cold else "warm"
            try:
                times = [starts.measure(is_cold=is_cold) for _ in range(options.runs(20 if is_cold else 40))]
            except PermissionError:
                rows.append(Row("L2", "start, cold file caches", reason="only root may drop the file caches"))
                continue
            grid, prompt, echo = (list(samples) for samples in zip(*times, strict=True))
            limit = {"p95": LIMIT_MS}
            rows += [
                latency("L2", f"start to first grid painted, {caches} file caches", grid),
                latency("L2", f"... to first prompt painted, {caches}", prompt),
                latency("L2", f"... and echoing, {caches}", echo, **limit),
            ]
    with staged(settings={"session.restore": "always"}) as stage:
        restores = Restores(stage, stage.open_screen())
        for is_cold in (False, True):
            caches = "cold" if is_cold else "warm"
            try:
                samples = [restores.measure(is_cold=is_cold) for _ in range(options.runs(20 if is_cold else 40))]
            except PermissionError:
                rows.append(Row("L2", "start with 4 panes, cold file caches", reason="only root may drop the file caches"))
                continue
            rows.append(latency("L2", f"start to the first of {RESTORED} restored prompts, {caches}", samples, p95=LIMIT_MS))
    return rows


class Restores:
    """Starts a stage whose last start had four panes, again and again."""

    def __init__(self, stage: Stage, screen: XServer) -> None:
        self._stage, self._screen = stage, screen
        stage.open_window()
        for _ in range(RESTORED):
            stage.new()
        screen.wait(lambda: len(stage.prompts()) == RESTORED, what="the prompts to be restored")
        self._end()

    def measure(self, *, is_cold: bool) -> float:
        """Milliseconds to the first prompt; the others follow before it ends. Raises PermissionError as `Starts.measure`."""
        if is_cold:
            os.sync()
            DROP.write_text("3")
        gc.collect()
        stage, screen = self._stage, self._screen
        started = time.perf_counter()
        stage.launch()
        stage.take_window()
        prompt = screen.wait(stage.prompts, what="the first restored prompt")
        screen.wait(lambda: len(stage.prompts()) == RESTORED, what="all restored prompts")
        self._end()
        return (prompt - started) * 1000

    def _end(self) -> None:
        self._stage.quit()
        self._screen.wait(lambda: not self._screen.find(PROMPT_COLOR), what="an empty screen")


class Starts:
    """Starts the same stage again and again; the first start, which does not count, shows where things appear."""

    def __init__(self, stage: Stage, screen: XServer) -> None:
        self._stage, self._screen = stage, screen
        stage.launch()
        stage.take_window()
        stage.wait_warm()
        picture = screen.settle()
        middle = range(screen.width // 4, screen.width * 3 // 4)
        text = [point for point in screen.find(TEXT_COLOR) if point[0] in middle and point[1] > 100]
        if not text:
            raise NotMeasured("the empty grid shows no text")
        self._text: list[Point] = text[:: max(1, len(text) // 20)]
        del picture
        self._end()

    def measure(self, *, is_cold: bool) -> tuple[float, float, float]:
        """Milliseconds to grid, prompt and echo. Raises PermissionError if caches cannot be dropped."""
        if is_cold:
            os.sync()
            DROP.write_text("3")
        gc.collect()
        stage, screen = self._stage, self._screen
        started = time.perf_counter()
        stage.launch()
        stage.take_window()
        grid = screen.wait(lambda: all(screen.pixel(p) == color_bytes(TEXT_COLOR) for p in self._text), what="the empty grid")
        screen.key("n")
        screen.key("enter")
        prompt = screen.wait(stage.prompts, what="the first prompt")
        left, top = stage.prompts()[0]
        behind = (left + 60, top, 400, 12)
        before = screen.area(*behind)
        screen.key("a")
        echo = screen.wait(lambda: screen.area(*behind) != before, what="the echo")
        self._end()
        return (grid - started) * 1000, (prompt - started) * 1000, (echo - started) * 1000

    def _end(self) -> None:
        self._stage.quit()
        self._screen.wait(lambda: not self._screen.find(PROMPT_COLOR), what="an empty screen")
