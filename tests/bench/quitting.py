"""M5 and L15: memory of the host with 64 sessions, and how long quitting them takes; half ignore SIGTERM and SIGHUP.

SIGTERM to the window, as at logout. The window counts as gone when the X server no longer shows it; everything counts as gone
when window, host and every process they ever started (found by the benchmark's own HOME) have ended.
"""

import select
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from os import close, pidfd_open

from measure import Limit, NotMeasured, Options, Row, latency
from memory import resident
from stage import STUBBORN, Stage, staged

IDS = ("M5", "L15")
SESSIONS = 64
LIMIT_S = 15.0
SETTINGS = {"performance.max_active": SESSIONS, "performance.initial_pool_size": 4}


def run(options: Options, wanted: set[str]) -> list[Row]:
    """The host's memory, from the first round, and both times of the quit."""
    memory = 0
    gone: list[float] = []
    ended: list[float] = []
    for _ in range((1 if options.is_quick else 5) if "L15" in wanted else 1):
        with staged(startup_s=0, settings=SETTINGS) as stage:
            stage.open_window()
            _fill(stage)
            memory = memory or resident(stage.host_pid)
            if "L15" in wanted:
                times = _quit(stage)
                gone.append(times[0])
                ended.append(times[1])
    rows = []
    if "M5" in wanted:
        values = {"RSS": memory / 1e6}
        rows.append(Row("M5", f"host with {SESSIONS} sessions, RSS", "MB", values, [Limit("RSS", 25)]))
    if "L15" in wanted:
        what = f"quit with {SESSIONS} sessions, half ignoring SIGTERM and SIGHUP"
        rows.append(latency("L15", f"{what}: window gone", gone, max=200))
        rows.append(latency("L15", f"{what}: no process left", ended, max=3500))
    return rows


def _fill(stage: Stage) -> None:
    for index in range(SESSIONS):
        if index % 2:
            session = stage.new(argv=STUBBORN)
            stage.wait_text(session, "deaf")
        else:
            stage.new()
    stage.wait_warm()


def _quit(stage: Stage) -> tuple[float, float]:
    """Milliseconds until the window is gone, and until no process is left."""
    assert stage.window is not None
    assert stage.screen is not None
    screen, window = stage.screen, stage.window
    with _watched(stage.processes()) as poll:
        stage.client.close()
        started = time.perf_counter()
        window.send_signal(signal.SIGTERM)
        gone = screen.wait(lambda: not screen.is_shown(stage.window_id), LIMIT_S, what="the window gone")
        left = len(stage_left := set(poll[1]))
        while stage_left:
            if time.perf_counter() - started > LIMIT_S:
                raise NotMeasured(f"{len(stage_left)} of {left} processes still there after {LIMIT_S:g} s")
            for fd, _ in poll[0].poll(1000):
                poll[0].unregister(fd)
                stage_left.discard(fd)
        ended = time.perf_counter()
    window.wait(5)
    if late := stage.processes():
        raise NotMeasured(f"{len(late)} processes were started while quitting and are still there")
    return (gone - started) * 1000, (ended - started) * 1000


@contextmanager
def _watched(pids: list[int]) -> Iterator[tuple[select.poll, list[int]]]:
    """A poll object that tells when each of the processes has ended, and the descriptors in it."""
    poll, fds = select.poll(), []
    with ExitStack() as stack:
        for pid in pids:
            try:
                fd = pidfd_open(pid)
            except ProcessLookupError:
                continue
            stack.callback(close, fd)
            poll.register(fd, select.POLLIN)
            fds.append(fd)
        yield poll, fds
