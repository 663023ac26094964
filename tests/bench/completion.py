"""L16: from a key in the command bar to its completion list on the screen, with 64 panes, 200 words of one kind and 100 layouts.

The key goes in through the X test extension; the clock stops at the first changed pixel where the list is. A word is completed
and its last letter taken away again, so that each key changes the list. The 200 words are agents of the user's own: the list
has them as it would have branches.
"""

import time
from pathlib import Path

from measure import WARM_UPS, Options, Row, latency
from stage import Stage, staged
from xserver import XServer

from synk.storage.database import Database
from synk.storage.layouts import Layout, LayoutPane
from synk.storage.records import Records
from synk.storage.schema import STEPS

IDS = ("L16",)
PANES, WORDS, LAYOUTS = 64, 200, 100
LINES = (
    ("commands", "/s", "e"),
    (f"targets of {PANES} panes", "/goto @", "1"),
    (f"{WORDS} agents", "/new agent-", "1"),
    (f"{LAYOUTS} layouts", "/load layout-", "1"),
)
"""What is completed, what is typed first, and the key that comes and goes."""
NAMES = {" ": "space", "@": "shift+2", "-": "minus", "/": "slash"}
"""Characters whose keys the X server calls otherwise."""
PAUSE_S = 0.03


def run(options: Options, wanted: set[str]) -> list[Row]:
    """One row for each kind of word."""
    del wanted
    rows = []
    with staged(settings={"performance.max_active": PANES, "performance.initial_pool_size": 0}) as stage:
        _write_words(stage)
        screen = stage.open_window()
        for _ in range(PANES):
            stage.new(argv=["sleep", "100000"])
        screen.settle()
        for what, line, key in LINES:
            screen.key(NAMES["/"])
            screen.settle()
            for character in line[1:]:
                screen.key(NAMES.get(character, character))
            screen.settle()
            rows.append(latency("L16", f"key to completion list painted: {what}", _toggle(screen, key, options.runs()), p95=50))
            screen.key("Escape")
            screen.settle()
    return rows


def _write_words(stage: Stage) -> None:
    """Agents and layouts of the profile, before the window starts."""
    folder = stage.profile / "config" / "agents"
    folder.mkdir(parents=True)
    for number in range(WORDS):
        text = f'schema = 1\nid = "agent-{number}"\nname = "Agent {number}"\nbadge = "A1"\n[detect]\nexecutables = ["missing"]\n'
        (folder / f"agent-{number}.toml").write_text(text)
    data = stage.profile / "data"
    data.mkdir(parents=True, exist_ok=True)
    records = Records(Database(data / "state.db", STEPS))
    for number in range(LAYOUTS):
        panes = (LayoutPane(1, "terminal", str(stage.project)),)
        records.save_layout(
            Layout(str(Path(stage.project).resolve()), f"layout-{number}", "named", saved_at=time.time(), panes=panes)
        ).result()
    records.close()


def _toggle(screen: XServer, key: str, runs: int) -> list[float]:
    """Milliseconds from the key, and from the Backspace that takes it away, to another list."""
    area = (screen.width // 2 - 300, 60, 600, 300)
    samples = []
    for index in range(runs + WARM_UPS):
        time.sleep(PAUSE_S)
        before = screen.area(*area)
        started = screen.key(key if index % 2 == 0 else "BackSpace")
        ended = screen.wait(lambda before=before: screen.area(*area) != before, what="the list")
        if index >= WARM_UPS:
            samples.append((ended - started) * 1000)
    return samples
