"""The host as a process: small, gone when it is not needed, and clean when it goes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any as Profile

import pytest

from synk.base.errors import HostEnding, HostUnavailable
from synk.base.wire import encode_message
from synk.hostclient import SyncHostClient

NEVER = {
    "ssl", "_ssl", "pydantic", "PySide6", "shiboken6", "platformdirs", "psutil", "tomlkit", "pyte", "wcwidth", "http",
    "email", "urllib.request", "multiprocessing", "concurrent.futures.process", "sqlite3", "unittest", "xml", "tomllib",
}  # fmt: skip
REPORT = (
    "import atexit, sys; "
    "atexit.register(lambda: open({path!r}, 'w').write('\\n'.join(n for n, m in sys.modules.items() if m is not None)))"
)


def test_after_a_session_nothing_big_is_imported(profile: Profile, host_ends: Callable[[], None]) -> None:
    path = str(profile.base / "modules")
    profile.hasten(REPORT.format(path=path))
    window = profile.window(initial_pool_size=1)
    shell = window.start(1)
    shell.run("exit 3")
    assert window.exit_of(shell) == (3, None)
    window.call("pool.members")
    window.call("quit")
    host_ends()
    loaded = set(Path(path).read_text().split("\n"))
    assert {"synk.host.server", "synk.pty.pool", "ptyprocess"} <= loaded
    assert loaded & NEVER == set()
    ours = {name for name in loaded if name.startswith("synk.")}
    assert {name.split(".")[1] for name in ours} <= {"base", "host", "pty"}


def test_the_entry_point_keeps_ssl_out_before_anything_else() -> None:
    script = "import sys, synk.host.__main__ as m; import asyncio; print('_ssl' in sys.modules, sys.modules['ssl'])"
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False None\n"


def test_a_second_host_of_the_same_profile_ends_at_once_with_0(profile: Profile) -> None:
    first = profile.client()
    command = [
        *profile.address.argv, "--runtime", str(profile.runtime), "--state", str(profile.state), "--resources", "/",
        "--version", "0",
    ]  # fmt: skip
    assert subprocess.run(command, check=False, timeout=60).returncode == 0
    assert profile.hosts() == [first.welcome["pid"]]
    assert "another host serves this profile" in profile.log()


def test_why_a_host_failed_is_in_its_log(profile: Profile) -> None:
    command = [
        *profile.address.argv, "--runtime", "/no/such/folder", "--state", str(profile.state), "--resources", "/",
        "--version", "0",
    ]  # fmt: skip
    assert subprocess.run(command, check=False, timeout=60).returncode == 1
    assert "/no/such/folder/host-1.lock" in profile.log()


def test_a_host_that_fails_before_it_has_a_log_is_told_with_its_last_words(profile: Profile) -> None:
    program = "import sys; sys.exit('ModuleNotFoundError: No module named ptyprocess')"
    address = replace(profile.address, argv=(sys.executable, "-c", program))
    with pytest.raises(HostUnavailable, match=r"could not be started: ModuleNotFoundError: No module named ptyprocess\. Log: "):
        SyncHostClient(address)


def test_a_host_that_runs_keeps_no_memory_for_what_nobody_reads(profile: Profile) -> None:
    pid = profile.client().welcome["pid"]
    assert os.readlink(f"/proc/{pid}/fd/2") == "/dev/null"


def test_the_host_ends_when_the_window_quits_and_leaves_nothing(profile: Profile, host_ends: Callable[[], None]) -> None:
    window = profile.window(initial_pool_size=2)
    shell = window.start(1)
    shell.run('bash -c "sleep 600 & wait" & sleep 600 | cat &')
    window.start(2, ["/bin/sleep", "600"])
    assert len(profile.processes()) > 4
    window.call("quit", timeout_s=10)
    host_ends()
    assert profile.processes() == {}
    assert not (profile.runtime / "host-1.sock").exists()
    assert list((profile.runtime / "gates").rglob("*")) == []


def test_quitting_ends_stubborn_programs_side_by_side(profile: Profile, host_ends: Callable[[], None]) -> None:
    window = profile.window()
    for number in range(1, 5):
        window.start(number, ["/bin/bash", "-c", "trap '' TERM HUP INT; echo deaf; while :; do sleep 9; done"]).read_until("deaf")
    # One after the other they would take 12 s; the call allows 10.
    window.call("quit")
    host_ends()
    assert profile.processes() == {}


def test_sigterm_without_a_window_ends_everything(profile: Profile, host_ends: Callable[[], None]) -> None:
    process = profile.window_process({"argv": ["/bin/sleep", "600"]}, keep_after_crash_minutes=60)
    host = process.hears("ready")["host"]
    while process.hears("session")["pid"] is None:
        pass
    process.kill()
    os.kill(host, signal.SIGTERM)
    host_ends()
    assert profile.processes() == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_do_nothing_while_a_window_is_connected(profile: Profile, number: signal.Signals) -> None:
    window = profile.window()
    program = window.start(1, ["/bin/sleep", "600"])
    os.kill(window.welcome["pid"], number)
    assert window.call("session.list")["sessions"][0]["exit"] is None
    assert not program.has_ended
    window.start(2, ["/bin/true"])


def test_stop_is_refused_while_a_window_is_open(profile: Profile) -> None:
    profile.window()
    with pytest.raises(HostUnavailable, match=r"^A window is open: quit it \(Ctrl\+q\), and the host ends with it\.$"):
        profile.client().call("host.stop")


def test_stop_without_a_window_is_answered_when_nothing_is_left(profile: Profile, host_ends: Callable[[], None]) -> None:
    process = profile.window_process({"argv": ["/bin/sleep", "600"]})
    while process.hears("session")["pid"] is None:
        pass
    process.kill()
    cli = profile.client()
    assert cli.call("host.stop") == {}
    assert [line for line in profile.processes().values() if "--runtime" not in line] == []
    cli.close()
    host_ends()


def test_a_host_nobody_needs_ends_by_itself(profile: Profile, host_ends: Callable[[], None]) -> None:
    profile.hasten("server.IDLE_EXIT_S = 0.1")
    profile.client().close()
    host_ends()
    assert not (profile.runtime / "host-1.sock").exists()


def test_a_host_with_a_client_does_not_end_by_itself(profile: Profile, wait_until: Callable[..., None]) -> None:
    profile.hasten("server.IDLE_EXIT_S = 0.05")
    cli = profile.client()
    wait_until(lambda: cli.call("host.status")["uptime_s"] > 0.4)
    assert profile.hosts()


def test_the_host_stays_after_a_quit_while_a_command_line_is_connected(profile: Profile) -> None:
    window, cli = profile.window(), profile.client()
    window.start(1, ["/bin/sleep", "600"])
    window.call("quit")
    window.close()
    status = cli.call("host.status")
    assert (status["sessions"], status["window"], status["clients"]) == (0, None, 1)
    again = profile.window()
    assert again.start(2, ["/bin/true"]).id == 2


def test_what_other_clients_keep_open_survives_a_quit(profile: Profile, wait_until: Callable[..., None]) -> None:
    window, cli, gone = profile.window(), profile.client(), profile.client()
    window.start(1, ["/bin/sleep", "600"])
    given = {"environment": dict(os.environ), "cwd": "/"}
    repl = cli.call("repl.start", language="python", timeout_s=60, **given)["repl"]
    left = gone.call("repl.start", language="python", timeout_s=60, **given)["repl"]
    shell = cli.call("shell.create", kind="bash", timeout_s=60, **given)["session"]
    left_shell = gone.call("shell.create", kind="bash", timeout_s=60, **given)["session"]
    run = cli.call("run.start", argv=["/bin/sleep", "600"], on_disconnect="stop", **given)["run"]
    gone.close()
    wait_until(lambda: cli.call("host.status")["clients"] == 2, 30)
    window.call("quit", timeout_s=30)
    window.close()
    assert cli.call("run.show", run=run)["status"] == "running"
    assert {each["repl"]: each["state"] for each in cli.call("repl.list")["repls"]} == {repl: "idle", left: "dead"}
    assert [each["session"] for each in cli.call("shell.list")["sessions"]] == [shell]
    assert cli.call("repl.exec", repl=repl, code="1 + 1", want="value", wait_s=30)["extra"]["value"]["value"] == 2
    done = cli.call("shell.exec", session=shell, input="exit 3")
    assert cli.call("run.wait", run=done["run"], timeout_s=30)["exit_code"] == 3
    assert left_shell != shell


def test_a_window_that_comes_while_the_last_one_is_being_ended_is_told_to_wait(profile: Profile) -> None:
    process = profile.window_process({"argv": ["/bin/bash", "-c", "trap '' TERM HUP; echo deaf; while :; do sleep 9; done"]})
    while "deaf" not in process.hears("session")["lines"]:
        pass
    process.kill()
    cli = profile.client()
    cli.connection._sock.sendall(encode_message({"id": 900, "do": "host.stop"}))
    cli.call("host.status")
    with pytest.raises(HostEnding, match=r"^Synk is still ending the programs of the last window\."):
        profile.client("window")
    assert cli.connection.next_event(10).message == {"re": 900, "ok": {}}


def test_a_status_tells_about_the_host(profile: Profile) -> None:
    window = profile.window()
    status = profile.client().call("host.status")
    assert status["pid"] == window.welcome["pid"]
    assert status["version"] == "1.2.3"
    assert status["window"] == os.getpid()
    assert status["memory_bytes"] > 1 << 20
    assert status["clients"] == 2


def test_descriptors_stay_flat_over_many_sessions(profile: Profile, wait_until: Callable[..., None]) -> None:
    window = profile.window(max_active=4)

    def fds() -> int:
        return int(window.call("host.status")["fds"])

    window.start(1, ["/bin/sleep", "600"])
    window.call("session.close", session=1)
    wait_until(lambda: not profile.processes())
    before = fds()
    for number in range(2, 22):
        window.start(number, ["/bin/sh", "-c", "exit 1" if number % 2 else "sleep 600"])
        window.call("session.close", session=number)
    # The first session may not have been let go of to the last descriptor when they were counted.
    wait_until(lambda: fds() <= before)
