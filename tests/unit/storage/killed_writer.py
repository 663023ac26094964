"""A program for `test_killed.py`: forks writers that are killed; forked, because to start a Python for each takes 80 ms.

Each line on stdin (the number to begin with) forks a writer. It prints its pid, then the number of every layout it was told
is stored.
"""

import os
import signal
import sys
from pathlib import Path

from synk.storage.database import Database
from synk.storage.layouts import Layout, LayoutPane
from synk.storage.records import Records
from synk.storage.schema import STEPS


def tell(text: str) -> None:
    os.write(1, f"{text}\n".encode())  # a line is whole or not there, whenever the writer is killed


def write(path: Path, number: int) -> None:
    records = Records(Database(path, STEPS))
    tell(f"pid {os.getpid()}")
    panes = tuple(LayoutPane(pane, "terminal", "/code", title="x" * 300) for pane in range(1, 5))
    while True:
        records.save_layout(Layout("/code", f"layout {number}", "named", float(number), panes)).result()
        tell(str(number))
        number += 1


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # nobody is left to end it if the test is killed
        write(Path(sys.argv[1]), int(line))
    os.waitpid(child, 0)
    tell("ended")
