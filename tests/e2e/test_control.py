"""Every verb of `synk ctl` against a real window: results, errors and exit statuses as scripts see them."""

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from typing import Any as App

import pytest


@pytest.fixture
def app(shared_app: App) -> Iterator[App]:
    yield shared_app
    for row in shared_app.ctl("list")["sessions"]:
        shared_app.ctl("close", f"session:{row['session']}", "--yes")


def refused(app: App, *words: str, text: str | None = None) -> tuple[int, str, str]:
    """Exit status, kind and message of a call that fails."""
    verb, *rest = words
    done = app.run("ctl", verb, "--json", *rest, text=text)
    error = json.loads(done.stdout)["error"]
    return done.returncode, error["kind"], error["message"]


def test_a_program_can_be_started_with_its_own_command_and_typed_into(app: App) -> None:
    session = app.ctl("new", "--command", "sh", "-c", "echo asked; read a; echo got $a; exit 7")["session"]
    app.ctl("wait-for", f"session:{session}", "text=^asked")
    app.send(session, "hello")
    assert app.ctl("wait-for", f"session:{session}", "exit")["code"] == 7
    assert "got hello" in app.text(session)
    (row,) = app.ctl("list")["sessions"]
    assert row["bar"] == "sh ended with status 7 - Enter restart, s shell here, x close"
    assert refused(app, "send-text", "@1", "x") == (4, "target", f"Session {session} has ended: nothing was sent")


def test_text_comes_from_standard_input_as_it_is(app: App) -> None:
    session = app.ctl("new", "--command", "sh", "-c", "stty raw -echo; echo ready; head -c 12 | od -An -tx1; read x")["session"]
    app.ctl("wait-for", f"session:{session}", "text=^ready")
    data = b"a\xff\xc3\xa9\x1b[31m\r\n"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "synk", "--profile", str(app.profile), "ctl", "send-text", "@1", "-", "--key", "ctrl+b"],
        input=data, env=app.environment, check=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    wanted = " ".join(f"{byte:02x}" for byte in data + b"\x02")
    app.ctl("wait-for", "@1", f"text={wanted}")


def test_a_paste_is_bracketed_if_the_program_asked_for_it(app: App) -> None:
    session = app.new()
    app.ctl("send-text", f"session:{session}", "echo one\necho two", "--paste")
    app.ctl("wait-for", f"session:{session}", "text=echo two")
    assert "one\n" not in app.text(session).replace("echo one\n", "")
    app.ctl("send-text", f"session:{session}", "--enter")
    app.ctl("wait-for", f"session:{session}", "text=^two")


def test_text_can_be_read_with_colors_and_from_a_cursor(app: App) -> None:
    session = app.new()
    cursor = app.ctl("get-text", f"session:{session}")["cursor"]
    app.send(session, "printf '\\033[1;31mred\\033[0m\\n'")
    app.ctl("wait-for", f"session:{session}", "text=^red")
    assert "\x1b[0;1;38;5;1mred\x1b[0m" in app.ctl("get-text", f"session:{session}", "--ansi")["text"]
    assert app.ctl("get-text", f"session:{session}", "--cursor", str(cursor + 1))["text"].startswith("red")


def test_a_text_of_more_than_a_mebibyte_arrives_whole(app: App) -> None:
    session = app.new()
    line = "é界" * 30
    app.send(session, f"for i in $(seq 1 4500); do echo $i {line}; done; echo finished")
    app.ctl("wait-for", f"session:{session}", "text=^finished")
    lines = app.text(session, "scrollback").split("\n")
    assert [text for text in lines if text.endswith(f" {line}") and text[0].isdigit()] == [
        f"{number} {line}" for number in range(1, 4501)
    ]


def test_waiting_ends_at_the_event_or_with_124(app: App) -> None:
    session = app.new()
    target = f"session:{session}"
    app.send(session, "echo one")
    assert app.ctl("wait-for", target, "text=^o(n)e")["match"] == "one"
    assert refused(app, "wait-for", target, "text=^one", "--new", "--timeout", "0.1")[:2] == (124, "timeout")
    assert app.ctl("wait-for", target, "idle=0.1")["happened"] == "idle"
    app.send(session, "sleep 600")
    assert app.ctl("wait-for", target, "status=working")["status"] == "working"
    app.ctl("send-text", target, "--key", "ctrl+c")
    assert app.ctl("wait-for", target, "status=idle")["status"] == "idle"
    app.send(session, "exit 0")
    assert app.ctl("wait-for", target, "exit")["code"] == 0
    # Its pane is gone; whoever asks late is told all the same.
    assert app.ctl("wait-for", target, "exit")["code"] == 0


def test_the_last_command_is_known_with_its_output_status_and_directory(app: App) -> None:
    session = app.new()
    target = f"session:{session}"
    (folder := app.home / "a folder").mkdir()
    app.send(session, f"cd '{folder}'")
    assert app.ctl("wait-for", target, "command") == {"happened": "command", "status": 0}
    # As long as it takes or quicker than the next call: both are the command that was sent.
    for line, status in (("seq 3; sh -c 'exit 3'", 3), ("sleep 0.3; seq 3", 0)):
        app.send(session, line)
        assert app.ctl("wait-for", target, "command")["status"] == status
        (row,) = app.ctl("list")["sessions"]
        assert (row["last_exit"], row["current_dir"], row["working_dir"]) == (status, str(folder), str(app.project))
        result = app.ctl("get-text", target, "last-command")
        assert (result["text"], result["status"], result["is_running"]) == ("1\n2\n3", status, False)
    app.send(session, "printf '%0500d' 7")
    app.ctl("wait-for", target, "command")
    assert app.ctl("get-text", target, "last-command")["text"] == "0" * 499 + "7"
    app.send(session, "echo begun; sleep 600")
    app.ctl("wait-for", target, "text=^begun")
    result = app.ctl("get-text", target, "last-command")
    assert (result["text"], result["status"], result["is_running"]) == ("begun", None, True)
    app.ctl("send-text", target, "--key", "ctrl+c")
    assert app.ctl("wait-for", target, "command")["status"] == 130
    agent = app.ctl("new", "--command", "sh", "-c", "echo no shell; read x")["session"]
    app.ctl("wait-for", f"session:{agent}", "text=^no shell")
    assert refused(app, "get-text", f"session:{agent}", "last-command")[:2] == (4, "target")


def test_waiting_for_a_port(app: App) -> None:
    app.new()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert app.ctl("wait-for", "@1", f"port={port}") == {"happened": "port", "port": port}
    assert refused(app, "wait-for", "@1", f"port={port}", "--timeout", "0")[:2] == (124, "timeout")


def test_focus_selects_what_new_left_alone(app: App) -> None:
    first, second = app.new(), app.new()
    before = app.ctl("list")["selected"]
    assert app.ctl("focus", f"session:{second}") == {"session": second, "pane": 2}
    assert app.ctl("list")["selected"] == 2
    app.ctl("focus", f"session:{first}")
    assert [row["is_selected"] for row in app.ctl("list", "panes")["panes"]] == [True, False]
    assert before in (None, 1)


def test_a_busy_pane_is_closed_with_yes_only(app: App) -> None:
    session = app.new()
    app.send(session, "sleep 600")
    app.ctl("wait-for", f"session:{session}", "status=working")
    status, _, message = refused(app, "close", "@1")
    assert status == 5
    assert message.endswith("Add --yes to end it.")
    assert app.ctl("close", "@1", "--yes") == {"closed": [session]}
    assert app.ctl("list")["sessions"] == []


def test_pictures_of_the_window_and_of_a_pane(app: App) -> None:
    app.new()
    window, pane = app.base / "window.png", app.base / "pane.png"
    assert app.ctl("screenshot", str(window)) == {"file": str(window)}
    app.ctl("screenshot", "@1", str(pane))
    sizes = []
    for path in (window, pane):
        data = path.read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        sizes.append(struct.unpack(">II", data[16:24]))
    assert sizes[1][0] <= sizes[0][0]
    assert sizes[1][1] < sizes[0][1]
    assert refused(app, "screenshot", "/no/such/folder/x.png")[0] == 5


def test_commands_of_the_command_line_run_and_their_errors_come_back(app: App) -> None:
    app.new()
    assert "pane 1" in app.ctl("do", "/rename", "@1", "my", "title")["result"]
    assert app.ctl("list")["sessions"][0]["title"] == "my title"
    assert refused(app, "do", "/fly")[:2] == (2, "usage")
    assert refused(app, "do", "/rename", "@9", "x")[:2] == (4, "target")


@pytest.mark.parametrize(
    ("words", "status", "kind"),
    [
        (["get-text", "@9"], 4, "target"),
        (["focus", "session:999"], 4, "target"),
        (["get-text", "1"], 2, "usage"),
        (["new", "no-such-agent"], 2, "usage"),
        (["new", "--env", "9X=1"], 2, "usage"),
        (["new", "--env", "SYNK_HOST=1"], 2, "usage"),
        (["wait-for", "@9", "exit"], 4, "target"),
    ],
)
def test_errors_have_their_status(app: App, words: list[str], status: int, kind: str) -> None:
    assert refused(app, *words)[:2] == (status, kind)
    assert app.ctl("list")["sessions"] == []


def test_a_folder_is_the_callers(app: App) -> None:
    (app.base / "here").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "synk", "ctl", "--profile", str(app.profile), "new", "--cwd", "here", "--json"],
        cwd=app.base, env=app.environment, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    session = json.loads(done.stdout)["session"]
    app.ctl("wait-for", f"session:{session}", "status=idle")
    assert app.ctl("list")["sessions"][0]["working_dir"] == str(app.base / "here")


def test_pool_stats_tell_about_pool_and_host(app: App) -> None:
    stats = app.stats()
    assert {"idle", "warming", "active", "recycling", "targets", "claim_last_ms", "claim_p50_ms", "claim_p95_ms"} <= set(stats)
    assert stats["host"]["window"] == app.window.pid
    assert json.loads(app.run("host", "status", "--json").stdout)["pid"] == stats["host"]["pid"]
    assert app.run("host", "stop").returncode == 6


def test_a_reader_that_goes_early_is_no_error(app: App) -> None:
    app.new()
    command = f"{sys.executable} -P -m synk --profile {app.profile} ctl list"
    for reader in ("head -1", "true"):
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command} | {reader}"],
            env=app.environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")


def test_a_secret_is_in_no_file_and_no_process_list(app: App) -> None:
    secret = "hunter2-e2e-5d4c3b2a"
    session = app.ctl("new", "--env", f"API_KEY={secret}")["session"]
    app.ctl("wait-for", f"session:{session}", "status=idle")
    app.send(session, "echo ${#API_KEY} history; history")
    app.ctl("wait-for", f"session:{session}", "text=^20 history")
    assert secret not in app.text(session, "scrollback")
    assert secret not in json.dumps([app.ctl("list"), app.stats()])
    lines = []
    for pid in app.processes():
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            lines.append(file.read())
    assert secret.encode() not in b"".join(lines)
    app.ctl("close", f"session:{session}", "--yes")
    found = [path for path in app.base.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert found == []


def test_the_window_has_no_child_but_the_host(app: App) -> None:
    app.new()
    children: set[int] = set()
    for task in os.listdir(f"/proc/{app.window.pid}/task"):
        with open(f"/proc/{app.window.pid}/task/{task}/children") as file:
            children |= {int(pid) for pid in file.read().split()}
    assert children == {app.stats()["host"]["pid"]}
