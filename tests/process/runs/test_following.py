"""Following a run: events, waits, questions at its terminal (A10), servers that come up."""

import base64
import os
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Output = Callable[..., bytes]
ASK_ON_STDOUT = "x = input('Your name? ')"


def test_each_line_of_a_slow_printer_is_told_of_within_50_ms(engine: Any) -> None:
    """A6: the program says when it printed; the event's arrival is compared with that."""
    code = "import time\nfor _ in range(12):\n print(time.monotonic_ns(), flush=True); time.sleep(0.06)"
    started = engine.start(argv=["python3", "-c", code], watch=True, every_ms=16)
    path = Path(started["folder"], "out.raw")
    late, seen = [], 0
    while seen < 12:
        engine.event("output", started["run"])
        now = time.monotonic_ns()
        lines = path.read_bytes().splitlines()
        late += [(now - int(line)) / 1e6 for line in lines[seen:]]
        seen = len(lines)
    assert sorted(late)[10] < 50
    assert engine.event("exit", started["run"])["out"]["lines"] == 12


def test_a_watcher_gets_totals_then_the_record_and_nothing_more(engine: Any) -> None:
    started = engine.start("echo one; echo two >&2; exit 4", watch=True)
    event = engine.event("exit", started["run"])
    assert (event["status"], event["exit_code"], event["out"]["bytes"], event["err"]["bytes"]) == ("failed", 4, 4, 4)
    engine.ask("run.watch", run=started["run"])
    assert engine.event("exit", started["run"])["exit_code"] == 4


def test_a_client_that_does_not_read_slows_nothing(engine_clients: Callable[[], Any]) -> None:
    lazy, other = engine_clients(), engine_clients()
    started = lazy.start("for i in {1..3000}; do echo $i; done; sleep 0.1; echo end", watch=True)
    assert other.wait(started)["out"]["lines"] == 3001
    assert lazy.event("exit", started["run"])["out"]["lines"] == 3001


def test_a_wait_ends_with_output_or_without_anything_after_its_time(engine: Any) -> None:
    started = engine.start("read x; echo $x", stdin="pipe")
    record = engine.wait(started, "output", cursor=0, timeout_s=0.05)
    assert (record["happened"], record["status"]) == (None, "running")
    engine.ask("run.input", run=started["run"], text="hello\n")
    assert engine.wait(started, ["output", "exit"], cursor=0)["happened"] in ("output", "exit")
    assert engine.wait(started)["out"]["bytes"] == 6


@pytest.mark.parametrize(
    ("argv", "kind", "prompt", "program"),
    [
        (["bash", "-c", "read -p 'Name: ' x"], "line", "Name: ", "bash"),
        (["bash", "-c", "read -s -p 'Password: ' x"], "password", "Password: ", "bash"),
        (["bash", "-c", "read -n1 -p 'Key? ' x"], "key", "Key? ", "bash"),
        (["python3", "-c", ASK_ON_STDOUT], "line", "Your name? ", "python3"),
        (["python3", "-c", "import getpass; getpass.getpass()"], "password", "Password: ", "python3"),
        (["bash", "-c", "cat | grep x"], "line", "", "cat"),
        (["python3", "-c", "import select, sys; select.select([sys.stdin], [], [], 60)"], "line", "", "python3"),
        (["python3", "-c", "import select; e = select.epoll(); e.register(0, 1); e.poll(60)"], "line", "", "python3"),
        (["vim", "-u", "NONE"], "fullscreen", "", "vim"),
        (["bash", "-c", "seq 1000 | less"], "fullscreen", "", "less"),
    ],
)
def test_a_program_that_waits_for_input_is_known_by_kind_and_prompt(
    engine: Any, argv: list[str], kind: str, prompt: str, program: str
) -> None:
    if shutil.which(argv[0]) is None or (program == "less" and shutil.which("less") is None):
        pytest.skip(f"{argv[0]} is not installed")
    started = engine.start(argv=argv, tty="both")
    waiting = engine.wait(started, "awaiting_input")["waiting"]
    assert waiting == {"kind": kind, "prompt": prompt, "program": program, "confidence": "high"}
    assert engine.ask("run.show", run=started["run"])["status"] == "awaiting_input"
    engine.ask("run.stop", run=started["run"], mode="kill")


SLEEPERS = {
    "sleep": "printf 'Continue? [y/n] '; exec sleep 60",
    "python sleeps": "printf 'Password: '; python3 -c 'import time; time.sleep(60)'",
    "busy": "printf '>>> '; while :; do :; done",
    "select without terminal": "printf 'Name: '; python3 -c 'import select; select.select([], [], [], 60)'",
    "server": "printf '? '; python3 -c \"import socket; s = socket.create_server(('127.0.0.1', 0)); s.accept()\"",
    "reads a pipe": "printf '? '; read x < <(sleep 60)",
    "reads while it works": "python3 -c 'import threading\nthreading.Thread(target=input, daemon=True).start()\nwhile 1: pass'",
    "in the background": "read x & printf 'Name: '; sleep 60",
}


def test_a_program_that_only_looks_like_waiting_fools_nobody(engine_clients: Callable[[], Any]) -> None:
    """All decoys at once, each watched for longer than a real question needs to be known."""
    engine = engine_clients()
    started = {name: engine.start(line, tty="both") for name, line in SLEEPERS.items()}
    began = time.monotonic()
    fooled = {}
    for name, run in started.items():
        left_s = max(0.3, 1.5 - (time.monotonic() - began))
        record = engine.wait(run, "awaiting_input", timeout_s=left_s)
        if record["happened"] is not None:
            fooled[name] = record
    assert fooled == {}


def test_an_answer_lets_it_go_on_and_what_was_not_asked_for_is_noted(engine: Any, output_of: Output) -> None:
    line = "read -p 'Name: ' x; read -s -p 'Password: ' y; echo; echo \"$x/$y\""
    started = engine.start(line, stdin="tty")
    assert engine.wait(started, "awaiting_input")["waiting"]["prompt"] == "Name: "
    assert engine.ask("run.input", run=started["run"], text="me\n") == {"note": ""}
    assert engine.wait(started, "awaiting_input")["waiting"]["kind"] == "password"
    engine.ask("run.input", run=started["run"], text="secret\n")
    assert output_of(engine.wait(started)) == b"\nme/secret\n"
    started = engine.start("sleep 0.3; read x; echo got $x", stdin="tty")
    assert "sent all the same" in engine.ask("run.input", run=started["run"], text="early\n")["note"]
    assert output_of(engine.wait(started)) == b"got early\n"


def test_keys_and_the_end_of_input_reach_the_terminal(engine: Any, output_of: Output) -> None:
    started = engine.start("read -n1 x; echo \" key $x\"; cat; echo over", tty="both")
    engine.wait(started, "awaiting_input")
    engine.ask("run.input", run=started["run"], key="y")
    engine.wait(started, "awaiting_input")
    engine.ask("run.input", run=started["run"], text="", eof=True)
    assert output_of(engine.wait(started)) == b"y key y\r\nover\r\n"


def test_a_password_is_asked_for_at_the_terminal_although_stdin_is_a_pipe(engine: Any, output_of: Output) -> None:
    line = "read a; read -s -p 'Password: ' b </dev/tty; read c; echo $a $b $c"
    started = engine.start(line, stdin="pipe", input="one\n")
    assert engine.wait(started, "awaiting_input")["waiting"]["kind"] == "password"
    engine.ask("run.input", run=started["run"], text="two\n")
    engine.ask("run.input", run=started["run"], text="three\n", eof=True)
    assert output_of(engine.wait(started)) == b"one two three\n"


def test_a_server_is_ready_when_it_listens(engine: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = f"import socket, time; time.sleep(0.2); s = socket.create_server(('127.0.0.1', {port})); time.sleep(600)"
    started = engine.start(argv=["bash", "-c", f"python3 -c \"{code}\" & wait"], watch_ready=True)
    record = engine.wait(started, "ready")
    assert record["happened"] == "ready"
    assert (record["status"], record["ready"]["ports"]) == ("ready", [port])
    assert record["ready"]["urls"] == [f"http://127.0.0.1:{port}/"]
    assert os.readlink(f"/proc/{record['ready']['pid']}/exe").rpartition("/")[2].startswith("python")
    engine.ask("run.stop", run=started["run"], mode="kill")


def test_a_server_elsewhere_is_ready_when_it_prints_its_address(engine: Any) -> None:
    started = engine.start("echo 'Local: \x1b[36mhttp://localhost:5173/app\x1b[0m'; sleep 600", watch_ready=True)
    ready = engine.wait(started, "ready")["ready"]
    assert (ready["urls"], ready["ports"]) == (["http://localhost:5173/app"], [5173])
    engine.ask("run.stop", run=started["run"], mode="kill")


def test_a_terminal_can_be_resized_while_it_runs(engine: Any, output_of: Output) -> None:
    started = engine.start("trap 'stty size; exit' WINCH; echo up; while :; do sleep 0.05; done", tty="both", cols=80, rows=24)
    engine.wait(started, "output", cursor=0)
    engine.ask("run.resize", run=started["run"], cols=100, rows=50)
    assert output_of(engine.wait(started)) == b"up\r\n50 100\r\n"


def test_the_tail_of_a_running_program_is_in_memory(engine: Any) -> None:
    started = engine.start("seq 100000; echo last; sleep 600")
    engine.wait(started, "output", cursor=588_899)
    tail = base64.b64decode(engine.ask("run.tail", run=started["run"])["tail"]["out"])
    assert len(tail) == 64 << 10
    assert tail.endswith(b"100000\nlast\n")
    engine.ask("run.stop", run=started["run"], mode="kill")
