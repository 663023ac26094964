"""One table for all ways to reach the engine: each case is a few calls with what their JSON answers have to say.

The calls are written as in Python (`exec`, `runs.wait`); `test_cases.py` has a runner for the Python API and one for the
command line, the MCP server's tests have a third.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Expected = Mapping[str, Any]
"""Path in the answer (`output.text`, `jobs.0.status`) -> value, or a function that says whether the value is right."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call. `$name` in an argument stands for what an earlier step has kept."""

    call: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    expected: Expected = field(default_factory=dict)
    error: str = ""
    """Kind of the error it ends with: usage, target, ..."""
    exit_code: int = 0
    """Of the command line."""
    keep: Mapping[str, str] = field(default_factory=dict)
    """Name -> path of the value to keep."""


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence that holds for every way to reach the engine, and the steps that show it."""

    sentence: str
    steps: Sequence[Step]
    needs: Sequence[str] = ()
    """Programs without which it is skipped."""


def holds(text: str) -> Callable[[Any], bool]:
    """The value is a text that contains this one."""
    return lambda value: isinstance(value, str) and text in value


def above(number: float) -> Callable[[Any], bool]:
    """The value is a larger number."""
    return lambda value: isinstance(value, int | float) and value > number


def one_of(*values: object) -> Callable[[Any], bool]:
    """The value is one of these."""
    return lambda value: value in values


CASES = (
    Case("a command that ends well is completed", (
        Step("exec", {"command": "echo out; echo err >&2"}, {
            "status": "completed", "reason": "exited", "exit_code": 0, "signal": None, "kind": "exec", "owner": "user",
            "output.text": "out\n", "output.bytes": 4, "output.lines": 1, "output.truncated": False, "stderr.text": "err\n",
            "error": None, "run_id": holds("r"),
        }),
    )),
    Case("a command that fails is a result with its code", (
        Step("exec", {"command": "echo no >&2; exit 7"}, {
            "status": "failed", "exit_code": 7, "error.kind": "exit", "stderr.text": "no\n",
        }, exit_code=7),
    )),
    Case("grep without a match is no failure", (
        Step("exec", {"command": "echo a | grep b"}, {"status": "completed", "exit_code": 1, "error": None}, exit_code=1),
    )),
    Case("a signal is named and is no code", (
        Step("exec", {"command": "kill -SEGV $$"}, {
            "status": "crashed", "reason": "signaled", "signal": "SIGSEGV", "exit_code": None, "error.kind": "signal",
        }, exit_code=139),
    )),
    Case("a list reaches the program without a shell", (
        Step("exec", {"command": ["printf", "%s|", "a b", "$HOME", ";"]}, {"output.text": "a b|$HOME|;|", "status": "completed"}),
    )),
    Case("a missing program is not started, and its name is said", (
        Step("exec", {"command": ["no-such-program", "x"]}, {
            "status": "not_started", "reason": "spawn_error", "exit_code": None, "error.message": holds("no-such-program"),
        }, exit_code=127),
    )),
    Case("a missing directory is not started, and its name is said", (
        Step("exec", {"command": "true", "cwd": "/no/such/folder"}, {
            "status": "not_started", "error.message": holds("/no/such/folder"),
        }, exit_code=126),
    )),
    Case("variables reach the command, and a clean environment hides secrets", (
        Step("exec", {"command": "echo $A-$MY_TOKEN-", "env": {"A": "1"}, "environment": "clean"}, {"output.text": "1--\n"}),
        Step("exec", {"command": "echo $MY_TOKEN"}, {"output.text": "inherited\n"}),
    )),
    Case("the SSH agent is given only to a command that asks for it", (
        Step("exec", {"command": "echo $SSH_AUTH_SOCK-", "environment": "clean"}, {"output.text": "-\n"}),
        Step("exec", {"command": "echo $SSH_AUTH_SOCK-", "environment": "clean", "ssh_agent": True}, {
            "output.text": "/run/agent-\n",
        }),
    )),
    Case("a limit of time ends the tree", (
        Step("exec", {"command": "echo before; sleep 60", "timeout_s": 1.5}, {
            "status": "timeout", "reason": "hard_timeout", "output.text": "before\n", "error.kind": "timeout",
        }, exit_code=124),
    )),
    Case("output is parsed on request, and what cannot be parsed changes no status", (
        Step("exec", {"command": "echo '{\"a\": [1, 2]}'", "parse_as": "json"}, {"parsed.a": [1, 2], "parse_error": None}),
        Step("exec", {"command": "echo '{\"a\":'", "parse_as": "json"}, {
            "status": "completed", "parsed": None, "parse_error.line": above(0),
        }),
    )),
    Case("an unknown format is refused before anything runs", (
        Step("exec", {"command": "echo", "parse_as": "poetry"}, error="usage", exit_code=2),
    )),
    Case("an unknown shell is refused", (
        Step("exec", {"command": "echo", "shell": "oyster"}, error="usage", exit_code=2),
    )),
    Case("a run in the background is waited for and read by its id", (
        Step("exec", {
            "command": "echo begun; read a < $F; echo got $a; exit 3", "env": {"F": "$fifo"}, "background": True,
        }, {"run_id": holds("r")}, keep={"run": "run_id"}),
        Step("runs.wait", {"run_id": "$run", "until": "pattern", "pattern": "^beg.n$"}, {
            "happened": "pattern", "match": "begun",
        }),
        Step("runs.list", {"state": "live"}, {"runs.0.run_id": "$run", "runs.0.status": "running"}),
        Step("runs.wait", {"run_id": "$run", "until": "exit", "timeout_s": 0.05}, {"happened": None, "status": "running"},
             exit_code=124),
        Step("exec", {"command": "echo 42 > $F", "env": {"F": "$fifo"}}, {"status": "completed"}),
        Step("runs.wait", {"run_id": "$run"}, {"happened": "exit", "status": "failed", "exit_code": 3}, exit_code=3),
        Step("runs.read", {"run_id": "$run"}, {"text": "begun\ngot 42\n", "is_end": True}),
        Step("runs.read", {"run_id": "$run", "cursor": 6, "stream": "out"}, {"text": "got 42\n", "cursor": 13}),
        Step("runs.read", {"run_id": "$run", "tail_lines": 1}, {"text": "got 42\n"}),
        Step("runs.read", {"run_id": "$run", "grep": "[0-9]+"}, {"text": "got 42\n", "lines": [2]}),
        Step("runs.read", {"run_id": "$run", "cursor": 9999}, {"text": ""}),
        Step("runs.show", {"run_id": "$run"}, {"status": "failed", "exit_code": 3, "output.text": "begun\ngot 42\n"}),
    )),
    Case("a run is stopped by its id", (
        Step("exec", {"command": "sleep 60", "background": True}, keep={"run": "run_id"}),
        Step("runs.stop", {"run_id": "$run", "mode": "terminate"}, {"run_id": "$run", "status": "killed", "reason": "stopped"}),
    )),
    Case("an unknown run is named", (
        Step("runs.show", {"run_id": "r999999"}, error="target", exit_code=4),
        Step("runs.read", {"run_id": "r999999"}, error="target", exit_code=4),
        Step("runs.stop", {"run_id": "r999999"}, error="target", exit_code=4),
    )),
    Case("a question at the terminal is seen and answered", (
        Step("exec", {"command": "read -p 'Name? ' n < /dev/tty; echo hello $n", "background": True}, keep={"run": "run_id"}),
        Step("runs.wait", {"run_id": "$run", "until": "awaiting_input", "timeout_s": 30}, {
            "happened": "awaiting_input", "status": "awaiting_input", "waiting.kind": "line", "waiting.prompt": holds("Name?"),
        }),
        Step("input", {"target": "$run", "text": "Ada\n"}),
        Step("runs.wait", {"run_id": "$run"}, {"status": "completed", "output.text": "hello Ada\n"}),
    )),
    Case("an interpreter keeps its state, gives values and tells its errors", (
        Step("repl.start", {"language": "python", "name": "calc"}, {"repl_id": holds("k")}, keep={"repl": "repl_id"}),
        Step("repl.exec", {"repl": "$repl", "code": "x = 20\nprint('set')"}, {"status": "completed", "output.text": "set\n"}),
        Step("repl.exec", {"repl": "calc", "code": "[x, x + 1.5, None, 'é']", "parse_as": "python"}, {
            "kind": "cell", "parsed": [20, 21.5, None, "é"], "status": "completed",
        }),
        Step("repl.exec", {"repl": "$repl", "code": "x / 0"}, {
            "status": "failed", "error.kind": "python_exception", "error.message": holds("ZeroDivisionError"), "error.line": 1,
        }, exit_code=1),
        Step("repl.exec", {"repl": "$repl", "code": "while True: pass", "timeout_s": 0.3}, {"status": "timeout"}, exit_code=124),
        Step("repl.exec", {"repl": "$repl", "code": "x", "parse_as": "python"}, {"parsed": 20}),
        Step("repl.list", {}, {"repls.0.name": "calc", "repls.0.language": "python"}),
        Step("repl.stop", {"repl": "$repl"}),
        Step("repl.exec", {"repl": "$repl", "code": "1"}, error="target", exit_code=4),
    )),
    Case("an unknown language is named", (
        Step("repl.start", {"language": "klingon"}, error="usage", exit_code=2),
    )),
    Case("a batch runs in the order of its dependencies", (
        Step("batch", {"jobs": [
            {"cmd": "echo a", "name": "a"},
            {"cmd": "exit 4", "name": "b", "depends_on": ["a"]},
            {"cmd": "echo never", "depends_on": ["b"]},
            {"argv": ["echo", "c d"], "depends_on": [0]},
            {"code": "import sys; print(sys.argv[1:]); sys.exit(3)", "shell": "python", "args": ["x y"]},
            {"cmd": "sleep 60", "timeout_s": 0.2},
            {"argv": ["no-such-program"]},
        ]}, {
            "ok": 2, "failed": 3, "timeout": 1, "skipped": 1,
            "jobs.0.output.text": "a\n", "jobs.1.exit_code": 4, "jobs.2.status": "skipped", "jobs.2.skipped_for": "b",
            "jobs.3.output.text": "c d\n", "jobs.4.output.text": "['x y']\n", "jobs.4.exit_code": 3, "jobs.4.kind": "job",
            "jobs.5.status": "timeout", "jobs.6.status": "not_started", "wall_ms": above(0),
        }, exit_code=1),
    )),
    Case("jobs that wait for each other are refused, and named", (
        Step("batch", {"jobs": [{"cmd": "a", "depends_on": [1]}, {"cmd": "b", "depends_on": [0]}]}, error="usage", exit_code=2),
        Step("batch", {"jobs": [{"cmd": "a", "depends_on": [7]}]}, error="usage", exit_code=2),
        Step("batch", {"jobs": [{"cmd": "a", "code": "b"}]}, error="usage", exit_code=2),
    )),
    Case("an unknown operation of an analysis is refused", (
        Step("analyze", {"language": "python", "load": "x = 1", "operations": ["@poem"]}, error="usage", exit_code=2),
        Step("analyze", {"language": "klingon", "load": "x = 1", "operations": ["x"]}, error="usage", exit_code=2),
    )),
    Case("R analyses a file, and an error in one operation stops no other", (
        Step("analyze", {"language": "R", "load": "$csv", "operations": [
            "@head 2", "mean(df$n)", "stop('no')", "@groupby kind sum", "plot(df$n)",
        ]}, {
            "error": None, "source.rows": 3, "operations.0.kind": "table", "operations.0.data.data": [["a", 1], ["b", 2]],
            "operations.1.kind": "scalar", "operations.1.data": 2, "operations.2.kind": "error",
            "operations.2.error.message": holds("no"), "operations.3.kind": "table",
            "operations.3.data.data": [["a", 4], ["b", 2]], "operations.4.kind": "figure",
            "operations.4.images": lambda images: len(images) == 1,
        }, exit_code=1),
    ), needs=("R",)),
    Case("the pool is sized and counted", (
        Step("pool.init", {"config": {"python": {"count": 1, "max": 2}}}, {"languages.python.count": 1}),
        Step("pool.scale", {"language": "python", "count": 2}, {"languages.python.count": 2}),
        Step("pool.stats", {}, {"languages.python.max": above(0), "forks": above(-1)}),
        Step("pool.drain", {}, {"idle": 0}),
        Step("pool.init", {"config": {"klingon": {"count": 1}}}, error="usage", exit_code=2),
    )),
    Case("a shell keeps directory and variables", (
        Step("session.create", {"kind": "bash", "cwd": "/tmp", "env": {"A": "1"}, "preload": ["f() { echo f$1; }"]},
             {"session_id": bool}, keep={"session": "session_id"}),
        Step("session.exec", {"session": "$session", "input": "cd /; export B=2; f 3"}, {
            "status": "completed", "output.text": "f3\n", "kind": "command", "cwd": "/",
        }),
        Step("session.exec", {"session": "$session", "input": "echo $PWD $A $B; (exit 5)"}, {
            "output.text": "/ 1 2\n", "exit_code": 5, "status": "failed",
        }, exit_code=5),
        Step("session.list", {}, {"sessions.0.session_id": "$session", "sessions.0.kind": "bash"}),
        Step("session.close", {"session": "$session"}),
        Step("session.exec", {"session": "$session", "input": "true"}, error="target", exit_code=4),
    ), needs=("bash",)),
)  # fmt: skip
"""All of it; a new call gets a case here, and with it a test in every runner."""
