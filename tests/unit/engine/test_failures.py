"""Why a run failed, where the ending says it; real logs are in test_corpus."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from synk.engine.classes import load_classes
from synk.engine.commands import recognise
from synk.engine.evidence import Facts
from synk.engine.failures import explain
from synk.engine.findings import Failure

SHIPPED = load_classes(Path(__file__).resolve().parents[3] / "resources" / "commands")
FAULT = """Fatal Python error: Segmentation fault

Thread 0x00007f01 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 320 in wait

Current thread 0x00007f02 (most recent call first):
  File "/venv/lib/python3.11/site-packages/numpy/linalg/linalg.py", line 1681 in svd
  File "/home/u/a.py", line 4 in <module>

Extension modules: numpy.core._multiarray_umath, numpy.linalg._umath_linalg (total: 2)
"""


def why(command: str, status: str, **more: Any) -> Failure:
    failure = explain(Facts(status, recognised=recognise(command, SHIPPED), **more))
    assert failure is not None
    return failure


@pytest.mark.parametrize("status", ["completed", "ready", "running", "skipped"])
def test_a_run_that_did_not_fail_has_no_reason(status: str) -> None:
    assert explain(Facts(status, exit_code=0, err_tail="Traceback (most recent call last):\nValueError: x")) is None


@pytest.mark.parametrize(
    ("command", "said", "hint"),
    [
        ("su ada -c 'sudo true'", "sudo: a terminal is required to read the password; either use", "Let it ask on a terminal"),
        ("sudo true", "ada is not in the sudoers file.", "This user may not use sudo"),
        ("ssh host true", "ada@host: Permission denied (publickey,password).", "load one into the SSH agent"),
        ("sftp host", "Host key verification failed.\r\nConnection closed", "ssh-keygen -R HOST"),
    ],
)
def test_who_was_not_let_in_is_told_what_may_help(command: str, said: str, hint: str) -> None:
    failure = why(command, "failed", exit_code=1, err_tail=f"{said}\n")
    assert len(failure.suggestions) == 1
    assert hint in failure.suggestions[0]
    assert why("make", "failed", exit_code=1, err_tail=f"{said}\n").suggestions == ()


def test_the_question_of_ssh_for_a_host_has_its_own_option() -> None:
    asks = {"kind": "line", "program": "ssh", "prompt": "Are you sure you want to continue connecting (yes/no)?"}
    assert "StrictHostKeyChecking=accept-new" in why("git pull", "awaiting_input", waiting=asks).suggestions[1]
    shell = {"kind": "line", "program": "ssh", "prompt": "$ "}
    assert why("ssh host", "awaiting_input", waiting=shell).suggestions == ("Answer it with input.",)


def test_an_idle_limit_is_named_with_what_may_help() -> None:
    failure = why(
        "pip install x", "timeout", reason="idle_timeout", limits={"idle_s": 120, "hard_s": 1800}, out_tail="Collecting x\n"
    )
    assert failure.kind == "timeout"
    assert failure.message == "pip was stopped after 120 s without output, CPU time or I/O"
    assert failure.details["limit"] == "idle"
    assert failure.details["last_lines"] == ["Collecting x"]
    assert "Give it more time: timeout_s=480." in failure.suggestions
    assert "Let it go on after the limit: on_timeout=background." in failure.suggestions


def test_a_hard_limit_tells_the_age_of_the_last_output_and_where_it_was() -> None:
    stack = 'Current thread 0x1 (most recent call first):\n  File "a.py", line 3 in work\n  File "a.py", line 9 in <module>\n'
    failure = why("python a.py", "timeout", reason="hard_timeout", limits={"hard_s": 600}, output_age_s=42.0, stack=stack)
    assert failure.message == "python was stopped after 600 s, its limit of time; its last output was 42 s before"
    assert (failure.file, failure.line) == ("a.py", 3)
    assert [frame.function for frame in failure.frames] == ["<module>", "work"]


def test_a_stack_from_a_kernel_is_told_without_the_frames_of_the_kernel() -> None:
    ours = '  File "/opt/synk/host/kernels/python_cells.py", line 57 in run\n'
    stack = f'Current thread 0x1 (most recent call first):\n  File "<cell r1>", line 3 in f\n{ours}'
    late = why("python", "timeout", reason="hard_timeout", limits={"timeout_s": 5}, stack=stack)
    assert (late.file, late.line, len(late.frames)) == ("<cell r1>", 3, 1)
    assert "kernels" not in str(late.details["stack"])
    crash = why("python", "crashed", signal="SIGSEGV", stack=f"Fatal Python error: Segmentation fault\n\n{stack}")
    assert (crash.file, crash.line, len(crash.frames)) == ("<cell r1>", 3, 1)
    assert "<cell r1>:3 in f" in crash.suggestions[0]


def test_the_limit_of_the_caller_is_told_as_the_callers() -> None:
    failure = why("sleep 9", "timeout", reason="hard_timeout", limits={"timeout_s": 5, "hard_s": 120})
    assert (failure.details["limit"], failure.details["limit_s"]) == ("client", 5)


def test_lack_of_memory_names_limit_and_peak() -> None:
    failure = why("./sim", "crashed", reason="oom", signal="SIGKILL", limits={"memory_bytes": 2 << 30}, peak_rss=(2 << 30) - 5)
    assert failure.kind == "oom"
    assert failure.message == "sim ran out of memory (limit 2,048 MiB); its processes used up to 2,048 MiB"
    assert failure.suggestions == ("Raise the memory limit.", "Read or process the data in pieces.")


def test_our_own_limits_of_cpu_and_file_size_are_named() -> None:
    cpu = why("./sim", "crashed", reason="limit_cpu", signal="SIGXCPU", limits={"cpu_s": 60})
    assert "Raise the limit of CPU time (now 60 s)" in cpu.suggestions[0]
    size = why("./sim", "crashed", reason="limit_file", signal="SIGXFSZ", limits={"file_bytes": 1000})
    assert "Raise the limit of file size (now 1,000 bytes)" in size.suggestions[0]


def test_a_native_crash_shows_the_calls_that_led_there() -> None:
    failure = why("python a.py", "crashed", reason="signaled", signal="SIGSEGV", err_tail=FAULT)
    assert failure.kind == "signal"
    assert (failure.file, failure.line) == ("/venv/lib/python3.11/site-packages/numpy/linalg/linalg.py", 1681)
    assert [frame.line for frame in failure.frames] == [4, 1681]
    assert failure.suggestions[0] == "The crash is in native code below numpy, called from svd: try another version of it."
    assert failure.details["reason"] == "Segmentation fault"


def test_what_a_caller_stopped_is_no_crash() -> None:
    assert why("make", "killed", reason="stopped", signal="SIGTERM").message == "make was stopped by its caller (SIGTERM)"
    assert why("make", "interrupted", reason="cancelled", signal="SIGINT").kind == "stopped"


@pytest.mark.parametrize(
    ("waiting", "command", "message", "hint"),
    [
        (
            {"kind": "password", "prompt": "Password: ", "program": "sudo"},
            "sudo ls",
            "sudo waits for a password: Password:",
            "Send the",
        ),
        (
            {"kind": "line", "prompt": "Proceed? [y/N] "},
            "apt-get install x",
            "apt-get waits for a line of input: Proceed? [y/N]",
            "Answer",
        ),
        ({"kind": "fullscreen", "program": "vim"}, "git commit", "vim waits in a full screen program", "Send keys"),
    ],
)
def test_a_waiting_program_says_what_it_waits_for(waiting: Mapping[str, Any], command: str, message: str, hint: str) -> None:
    failure = why(command, "awaiting_input", waiting=waiting)
    assert (failure.kind, failure.message) == ("waiting", message)
    assert failure.suggestions[0].startswith(hint)


def test_the_option_that_says_yes_is_named() -> None:
    failure = why("apt-get install x", "awaiting_input", waiting={"kind": "line"})
    assert "The option -y answers such questions in advance." in failure.suggestions


def test_a_program_that_is_not_there_brings_the_nearest_name(tmp_path: Path) -> None:
    for name in ("grep", "git"):
        (tmp_path / name).touch()
    failure = why(
        "gerp x",
        "not_started",
        reason="spawn_error",
        start_error="Cannot start gerp: not found in PATH",
        variables={"PATH": str(tmp_path)},
    )
    assert (failure.kind, failure.message) == ("cannot_start", "Cannot start gerp: not found in PATH")
    assert failure.suggestions == ("Did you mean grep?",)


def test_an_exception_of_a_kernel_is_told_in_the_words_of_its_language() -> None:
    missing = {"type": "Error", "message": "Cannot find module 'left'\nRequire stack:\n- /x/cell.js"}
    failure = why("node", "failed", exit_code=1, traceback=missing, language="node")
    assert (failure.kind, failure.message) == ("node", "Error: Cannot find module 'left'")
    assert failure.suggestions == ("Install it: npm install left",)
    unknown = {"type": "simpleError", "message": "object 'x' not found"}
    failure = why("R", "failed", exit_code=1, traceback=unknown, language="R")
    assert (failure.kind, failure.message) == ("r", "object 'x' not found")
    assert "assign it first" in failure.suggestions[0]


def test_a_lost_host_is_named() -> None:
    assert "exit status is unknown" in why("make", "crashed", reason="host_lost").message


def test_a_traceback_object_is_read_before_any_text() -> None:
    told = {
        "type": "KeyError", "message": "'nmae'", "candidates": ["name", "age"],
        "frames": [{"file": "<cell 3>", "line": 2, "function": "<module>", "source": "row['nmae']"}],
    }  # fmt: skip
    failure = why(
        "python", "failed", exit_code=1, traceback=told, err_tail="Traceback (most recent call last):\nValueError: other\n"
    )
    assert (failure.kind, failure.line, failure.suggestions) == ("key", 2, ("Did you mean name?",))


def test_a_traceback_cut_by_the_quota_has_low_confidence() -> None:
    frames = '  File "a.py", line 7, in work\n    go()\n  File "a.py", line 3, in go\n    1 / 0\n'
    text = frames + "ZeroDivisionError: division by zero\n"
    failure = why("python a.py", "failed", exit_code=1, err_tail=text, is_cut=True)
    assert (failure.message, failure.line, failure.confidence) == ("ZeroDivisionError: division by zero", 3, "low")


def test_nothing_recognised_gives_the_code_and_the_last_lines() -> None:
    failure = why("./tool", "failed", exit_code=9, out_tail="".join(f"line {number}\n" for number in range(40)))
    assert (failure.kind, failure.message) == ("exit", "tool ended with exit code 9")
    assert failure.details["last_lines"] == [f"line {number}" for number in range(20, 40)]


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("pytest", 5, "No test was found"),
        ("git log", 129, "git does not understand its arguments"),
        ("timeout 5 x", 124, "a limit given to `timeout` was reached"),
        ("curl u", 60, "the server's certificate is not trusted"),
        ("cargo test", 101, "could not build"),
        ("grep a b", 2, "a file could not be read"),
        ("x", 143, "SIGTERM"),
        ("x", 130, "SIGINT"),
        ("x", 137, "SIGKILL"),
        ("x", 126, "could not be executed"),
        ("x", 127, "was not found"),
    ],
)
def test_exit_codes_have_names(command: str, code: int, words: str) -> None:
    assert words in why(command, "failed", exit_code=code).message


def test_facts_come_from_the_hosts_record() -> None:
    record = {
        "status": "timeout", "reason": "idle_timeout", "exit_code": None, "signal": "SIGTERM", "waiting": None, "cwd": "/x",
        "peak_rss": 5, "duration_ms": 1500, "out": {"bytes": 1, "dropped": [0, 5]}, "err": {"bytes": 0, "dropped": None},
        "extra": {"error": {"type": "X"}, "stack": "s"},
    }  # fmt: skip
    facts = Facts.of_record(record, recognised=None, out_tail="o", err_tail="", limits={"idle_s": 60}, variables={"PATH": "/bin"})
    assert (facts.status, facts.reason, facts.signal, facts.cwd, facts.duration_s) == (
        "timeout",
        "idle_timeout",
        "SIGTERM",
        "/x",
        1.5,
    )
    assert (facts.is_cut, facts.stack, facts.traceback, facts.own_text) == (True, "s", {"type": "X"}, "o")
