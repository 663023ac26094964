"""L7: one pane of about 120 x 40 with 10,000 lines; the wheel and Page Up and Down from end to end.

The clock runs from the wheel's or key's event in the X server to the changed picture on the screen, so a frame is all that
happens for it: the event, the new place, painting 40 rows, and the way to the server. Each step waits for the one before, and
then for the rest of a frame of 60 Hz, as a turning wheel does.
"""

import time

from measure import WARM_UPS, Options, Row, latency
from stage import Stage, staged
from xserver import XServer

IDS = ("L7",)
LINES = 10_000
WIDTH, HEIGHT = 1000, 800
"""Of the window: its one pane then has about 120 x 40 cells."""
FRAME_S = 1 / 60
LIMIT_MS = 16.7


def run(options: Options, _wanted: set[str]) -> list[Row]:
    """A row for the wheel and one for pages."""
    with staged(startup_s=0, settings={"terminal.scrollback_lines": 2 * LINES}) as stage:
        screen = stage.open_window()
        screen.place(stage.window_id, width=WIDTH, height=HEIGHT)
        session = stage.new()
        stage.ctl("focus", target=f"session:{session}")
        stage.ctl("do", line="pane.type")
        stage.send(session, f"seq -f 'line %.0f of the log of a long build, with a color: ok' {LINES}; echo all-shown")
        stage.wait_text(session, "^all-shown")
        screen.settle()
        what = f"one pane of about 120 x 40, {LINES:,} lines"
        steps = options.runs(400) + WARM_UPS
        wheel = _steps(stage, screen, steps, is_wheel=True)
        pages = _steps(stage, screen, min(steps, 2 * LINES // 50), is_wheel=False)
    return [
        latency("L7", f"a frame of scrolling with the wheel, {what}", wheel, p95=LIMIT_MS),
        latency("L7", f"a frame of Page Up and Page Down, {what}", pages, p95=LIMIT_MS),
    ]


def _steps(stage: Stage, screen: XServer, count: int, *, is_wheel: bool) -> list[float]:
    """Milliseconds of each step: back for the first half, forward again for the second."""
    times: list[float] = []
    middle = (WIDTH // 2, HEIGHT // 2)
    for number in range(count):
        is_back = number < count / 2
        # Where the numbers of the lines stand: every step changes these pixels.
        before = screen.area(0, HEIGHT // 4, WIDTH // 4, HEIGHT // 2)
        started = screen.wheel(1 if is_back else -1, middle) if is_wheel else screen.key(_page(is_back))
        seen = screen.wait(lambda before=before: screen.area(0, HEIGHT // 4, WIDTH // 4, HEIGHT // 2) != before, what="scrolled")
        times.append((seen - started) * 1000)
        time.sleep(max(0.0, started + FRAME_S - time.perf_counter()))
    stage.ctl("do", line="scroll.move bottom")
    screen.settle()
    return times[WARM_UPS:]


def _page(is_back: bool) -> str:
    return "shift+pageup" if is_back else "shift+pagedown"
