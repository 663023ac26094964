"""FLOOD: 12 panes of which 1, 4 and 11 print without pause: the echo of a key in a quiet one, gaps of the GUI thread, cost.

Two floods: a program that draws its whole screen again and again (sequences, every row changes), and plain lines (fast to
parse, everything scrolls). Measured inside the real window (`inside.py`) and at its pixels at the same time. STOP: Ctrl+C in a
flooding pane to the prompt painted behind what was printed before.
"""

import random
import time

from idle import used_s
from key_echo import type_keys
from measure import Limit, Options, Row, latency
from memory import MB, pss
from stage import PROMPT_COLOR, Stage, staged
from streams import plain_lines
from xserver import XServer, color_bytes

IDS = ("FLOOD", "STOP")
SESSIONS = 12
FLOODING = (1, 4, 11)
KEYS, STOPS = 100, 20
SIZE = 1 << 20
COLS, ROWS = 76, 18
"""What is redrawn: about a pane of twelve on the screen of the benchmarks."""
KEY_P99_MS, STALL_P99_MS, STOP_MS = 16, 8, 100


def run(options: Options, wanted: set[str]) -> list[Row]:
    """For each flood and each number of panes the keys, the gaps, and what it costs."""
    rows: list[Row] = []
    with staged(startup_s=0) as stage:
        screen = stage.open_instrumented()
        (stage.project / "redraw").write_bytes(redraws(SIZE))
        (stage.project / "plain").write_bytes(plain_lines(SIZE))
        sessions = [stage.new() for _ in range(SESSIONS)]
        stage.ctl("focus", target=f"session:{sessions[0]}")
        stage.ctl("do", line="pane.type")
        for name in ("redraw", "plain"):
            for count in FLOODING if "FLOOD" in wanted else ():
                rows += _flooded(stage, screen, sessions[-count:], name, options.runs(KEYS))
        if "STOP" in wanted:
            times = _stopped(stage, screen, sessions[-1], options.runs(STOPS))
            rows.append(latency("STOP", "Ctrl+C in a flooding pane to its prompt painted, 3 others flooding", times, max=STOP_MS))
    return rows


def redraws(size: int) -> bytes:
    """Whole screens of colored rows, each drawn from the top, as htop does."""
    chance = random.Random(8)
    parts: list[bytes] = []
    length = 0
    while length < size:
        lines = []
        for row in range(1, ROWS + 1):
            words = " ".join(f"\x1b[{chance.choice((31, 32, 36, 1, 0))}m{chance.randrange(10**6):>7}" for _ in range(COLS // 8))
            lines.append(f"\x1b[{row};1H{words}\x1b[0m\x1b[K")
        parts.append(("\x1b[?25l" + "".join(lines) + "\x1b[?25h").encode())
        length += len(parts[-1])
    return b"".join(parts)


def _flooded(stage: Stage, screen: XServer, sessions: list[int], name: str, keys: int) -> list[Row]:
    for session in sessions:
        stage.send(session, f"while :; do cat {name}; done")
    time.sleep(1.0)
    stage.ask("watch_stalls")
    used, started = used_s(stage.window_pid), time.monotonic()
    written = stage.ask("parsed")
    echoes = type_keys(stage, screen, keys)
    elapsed = time.monotonic() - started
    cost = {
        "window": 100 * (used_s(stage.window_pid) - used) / elapsed,
        "PSS MB": pss(stage.window_pid) / MB,
        "parsed MB/s": (stage.ask("parsed") - written) / elapsed / MB,
    }
    stalls = dict(stage.ask("stalls"))
    for session in sessions:
        stage.ctl("send-text", target=f"session:{session}", text="\x03")
        stage.ctl("wait-for", target=f"session:{session}", until="status", status="idle", timeout_s=30)
    what = f"{len(sessions)} of {SESSIONS} panes flooding ({name})"
    return [
        latency("FLOOD", f"key to echo painted, {what}", echoes, p99=KEY_P99_MS),
        Row("FLOOD", f"GUI thread away from its loop, {what}", "ms", stalls, [Limit("p99", STALL_P99_MS, is_latency=True)]),
        Row("FLOOD", f"processor of the window (% of one core), its memory, bytes parsed, {what}", "", cost),
    ]


def _stopped(stage: Stage, screen: XServer, session: int, runs: int) -> list[float]:
    """Milliseconds from Ctrl+C to the prompt, by turns in a flood of redraws and of lines."""
    samples = []
    sessions = stage.ctl("list")["sessions"]
    for other in [item["session"] for item in sessions if item["session"] != session][-3:]:
        stage.send(other, "while :; do cat redraw; done")
    stage.ctl("focus", target=f"session:{session}")
    stage.ctl("do", line="pane.type")
    color = color_bytes(PROMPT_COLOR)
    for index in range(runs):
        stage.send(session, f"while :; do cat {('redraw', 'plain')[index % 2]}; done")
        time.sleep(0.7)
        place = _last_body(screen)
        started = screen.key("ctrl+c")
        ended = screen.wait(lambda place=place: any(color in line for line in screen.area(*place)), what="prompt after Ctrl+C")
        samples.append((ended - started) * 1000)
        stage.send(session, "clear")
    return samples


def _last_body(screen: XServer) -> tuple[int, int, int, int]:
    """About the area of the last pane's text: the lower right one of four columns and three rows."""
    return (screen.width * 3 // 4 + 8, screen.height * 2 // 3 + 24, screen.width // 4 - 16, screen.height // 3 - 40)
