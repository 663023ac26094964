"""A window killed at any moment leaves a sound database with everything it was told is stored."""

import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

KILLS = 200


def test_two_hundred_kills_at_random_moments_lose_no_layout_that_was_told_stored(tmp_path: Path) -> None:
    path, chance = tmp_path / "state.db", random.Random(5)
    command = [sys.executable, str(Path(__file__).with_name("killed_writer.py")), str(path)]
    next_number = 1
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as forker:
        assert forker.stdin is not None
        assert forker.stdout is not None
        for _ in range(KILLS):
            print(next_number, file=forker.stdin, flush=True)
            pid = int(forker.stdout.readline().removeprefix("pid "))
            told = next_number - 1
            for _ in range(chance.randrange(4)):
                told = int(forker.stdout.readline())
            # From the middle of a change to the end of the third: the moment is what is tested, not waited for.
            select.select([], [], [], chance.random() * 0.002)
            os.kill(pid, signal.SIGKILL)
            while (line := forker.stdout.readline().strip()) != "ended":
                told = int(line)
            with closing(sqlite3.connect(path)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                stored = connection.execute("SELECT count(*), coalesce(max(saved_at), 0) FROM layouts").fetchone()
                panes = connection.execute("SELECT count(*) FROM layout_panes").fetchone()[0]
            assert stored[0] == stored[1] >= told
            assert panes == 4 * stored[0]
            next_number = stored[0] + 1
        forker.stdin.close()
    assert next_number > KILLS
