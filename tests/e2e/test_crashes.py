"""kill -9 of the window, of the host, of both: what runs goes on, and nothing it printed is lost."""

import os
import signal
from collections.abc import Callable
from typing import Any as App


def restart_window(app: App, wait_until: Callable[..., None]) -> None:
    app.start()
    wait_until(lambda: app.run("ctl", "list", "--json").returncode == 0)


def test_after_a_crash_of_the_window_the_next_one_shows_every_byte_in_the_right_modes(
    app: App, wait_until: Callable[..., None]
) -> None:
    session = app.new()
    pid = app.ctl("list")["sessions"][0]["pid"]
    flag = app.project / "go"
    app.send(
        session,
        "printf '\\033[?2004h\\033[?1h'; i=0; while [ $i -lt 3000 ]; do echo line-$i; i=$((i+1)); "
        f"[ $i = 1500 ] && while [ ! -e {flag} ]; do :; done; done; echo finished; cat",
    )
    app.ctl("wait-for", f"session:{session}", "text=^line-1499")
    assert app.window is not None
    app.window.kill()
    app.window.wait()
    flag.touch()
    restart_window(app, wait_until)
    app.ctl("wait-for", f"session:{session}", "text=^finished")
    (row,) = app.ctl("list")["sessions"]
    assert (row["session"], row["pid"], row["pane"]) == (session, pid, 1)
    lines = [line for line in app.text(session, "scrollback").split("\n") if line.startswith("line-")]
    assert lines == [f"line-{number}" for number in range(3000)]
    # `cat` echoes what an up arrow sends: application cursor keys survived the crash.
    app.ctl("send-text", f"session:{session}", "--key", "up", "--enter")
    app.ctl("wait-for", f"session:{session}", r"text=\^\[OA")


def test_a_program_that_ended_while_no_window_was_there_shows_its_end(app: App, wait_until: Callable[..., None]) -> None:
    session = app.new()
    flag = app.project / "go"
    app.send(session, f"while [ ! -e {flag} ]; do :; done; echo last words; exit 9")
    assert app.window is not None
    app.window.kill()
    app.window.wait()
    flag.touch()
    pid = int(app.run("host", "status", "--json").stdout.split('"pid":')[1].split(",")[0])
    assert os.path.exists(f"/proc/{pid}")
    restart_window(app, wait_until)
    assert app.ctl("wait-for", f"session:{session}", "exit")["code"] == 9
    assert "last words" in app.text(session)


def test_a_dead_host_is_replaced_and_the_sessions_go_on(app: App, wait_until: Callable[..., None]) -> None:
    session = app.new()
    host = app.stats()["host"]["pid"]
    os.kill(host, signal.SIGKILL)
    wait_until(lambda: app.run("ctl", "pool-stats", "--json").returncode == 0)
    app.send(session, "echo still here")
    wait_until(lambda: app.stats().get("idle") == 2)
    assert app.stats()["host"]["pid"] != host
    assert app.stats()["adopted"] == 1
    app.ctl("wait-for", f"session:{session}", "text=^still here")
    app.send(session, "exit 4")
    ended = app.ctl("wait-for", f"session:{session}", "exit")
    assert (ended["code"], ended["signal"]) == (None, None)
    (row,) = app.ctl("list")["sessions"]
    assert row["bar"] == "bash ended, exit status unknown - Enter restart, s shell here, x close"


def test_idle_shells_of_a_dead_host_do_not_stay(app: App, wait_until: Callable[..., None]) -> None:
    wait_until(lambda: app.stats()["idle"] == 2)
    before = {pid for pid, mark in app.processes().items() if mark}
    assert len(before) == 2
    os.kill(app.stats()["host"]["pid"], signal.SIGKILL)
    wait_until(lambda: not before & set(app.processes()))


def test_killing_window_and_host_leaves_nothing_that_was_not_wanted(app: App, wait_until: Callable[..., None]) -> None:
    session = app.new()
    app.send(session, "trap '' HUP TERM; echo deaf")
    app.ctl("wait-for", f"session:{session}", "text=^deaf")
    assert app.window is not None
    os.kill(app.stats()["host"]["pid"], signal.SIGKILL)
    app.window.kill()
    app.window.wait()
    restart_window(app, wait_until)
    pool = {str(row["pid"]) for row in app.ctl("list")["sessions"]}
    assert pool == set()
    wait_until(lambda: len({m.partition(".")[0] for m in app.processes().values() if m}) == 1)
