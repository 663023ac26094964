"""L7 for lists: the history with 500 entries, scrolled with the wheel and walked through with the arrow keys.

As in `scrolling.py` the clock runs from the event in the X server to the changed picture. The wheel turns once a frame of 60 Hz.
"""

import time

from measure import WARM_UPS, Options, Row, latency
from scrolling import FRAME_S, LIMIT_MS
from stage import Stage, staged
from xserver import XServer

from synk.storage.database import Database
from synk.storage.notices import NotificationRecord
from synk.storage.records import Records
from synk.storage.schema import STEPS

IDS = ("L7",)
ENTRIES = 500
WIDTH, HEIGHT = 1280, 800
LEVELS = ("info", "success", "warning", "error")


def run(options: Options, _wanted: set[str]) -> list[Row]:
    """A row for the wheel and one for the keys."""
    with staged(startup_s=0) as stage:
        remember_notices(stage)
        screen = stage.open_window()
        screen.place(stage.window_id, width=WIDTH, height=HEIGHT)
        screen.focus(stage.window_id)
        screen.settle()
        stage.ctl("do", line="history.open")
        screen.settle()
        steps = options.runs(400) + WARM_UPS
        wheel = _steps(screen, steps, is_wheel=True)
        keys = _steps(screen, steps, is_wheel=False)
    return [
        latency("L7", f"a frame of scrolling a list of {ENTRIES} notifications with the wheel", wheel, p95=LIMIT_MS),
        latency("L7", f"an arrow key in a list of {ENTRIES} notifications", keys, p95=LIMIT_MS),
    ]


def remember_notices(stage: Stage) -> None:
    """As an earlier window left them, a minute apart; every fifth one with a long text."""
    data = stage.profile / "data"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    records = Records(Database(data / "state.db", STEPS))
    now = time.time()
    for number in range(ENTRIES):
        at = now - 60 * (ENTRIES - number)
        body = "Pane 2 of api" if number % 5 else "It cannot be written: permission denied. " * 8
        title = f"the session that builds number {number} waits for you"
        records.add_notification(
            NotificationRecord(int(at * 1e6), "", LEVELS[number % 4], title, body, None, "/home/user/api", at)
        )
    records.close()


def _steps(screen: XServer, count: int, *, is_wheel: bool) -> list[float]:
    """Milliseconds of each step: down for the first half, up again for the second."""
    times: list[float] = []
    middle = (WIDTH // 2, HEIGHT // 2)
    # The titles: every step moves them, or the ground of the chosen one.
    place = (WIDTH // 4, HEIGHT // 5, WIDTH // 3, HEIGHT // 2)
    for number in range(count):
        is_down = number < count / 2
        before = screen.area(*place)
        started = screen.wheel(-1 if is_down else 1, middle) if is_wheel else screen.key("Down" if is_down else "Up")
        seen = screen.wait(lambda before=before: screen.area(*place) != before, what="scrolled")
        times.append((seen - started) * 1000)
        time.sleep(max(0.0, started + FRAME_S - time.perf_counter()))
    screen.settle()
    return times[WARM_UPS:]
