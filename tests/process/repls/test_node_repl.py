"""The node kernel: values, redeclared names, await, import, interrupts, ends."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@pytest.fixture
def node(start: Callable[..., Any]) -> Any:
    return start("node")


def test_names_can_be_declared_again_and_await_stands_at_top_level(node: Any) -> None:
    node.exec("const a = 1; class B {}")
    assert node.value("const a = 2; class B {}; a") == 2
    assert node.value("await new Promise((resolve) => setTimeout(() => resolve('slept'), 5))") == "slept"


VALUES = [
    ("1 + 1", {"type": "int", "value": 2}),
    ("0.5", {"type": "float", "value": 0.5}),
    ("'ü\\u0000\\ud800'.length", {"type": "int", "value": 3}),
    ("[1, {a: new Map([['k', new Set([1])]])}]", {"type": "list", "value": [1, {"a": {"k": [1]}}]}),
    ("new Date(0)", {"type": "datetime", "value": "1970-01-01T00:00:00.000Z"}),
    ("undefined", {"type": "none", "value": None}),
    ("NaN", {"type": "float", "value": "NaN", "is_exact": False}),
    ("[-Infinity, 1.5]", {"type": "list", "value": ["-Infinity", 1.5], "is_exact": False}),
    ("10n ** 20n", {"type": "int", "value": "1" + "0" * 20, "is_exact": False}),
    ("new Int8Array([1, 2])", {"type": "array", "data": [1, 2], "dtype": "Int8Array", "shape": [2], "truncated": False}),
    ("({__proto__: null, ['__proto__']: 1})", {"type": "dict", "value": {"__proto__": 1}}),
]


def test_values(node: Any) -> None:
    for code, value in VALUES:
        assert node.exec(code)["extra"]["value"] == value


def test_broken_objects_do_not_break_the_kernel(node: Any) -> None:
    broken = "({get a() { throw 1 }, toJSON() { throw 2 }, [Symbol.for('nodejs.util.inspect.custom')]() { throw 3 }})"
    assert node.exec(broken)["status"] == "completed"
    assert node.exec("let c = {}; c.c = c; c")["extra"]["value"]["type"] == "dict"
    assert node.exec("throw {toString() { throw 1 }}")["status"] == "failed"
    assert node.value("1") == 1


def test_modules_can_be_required_and_imported(node: Any) -> None:
    assert node.value("require('path').posix.sep") == "/"
    assert node.value("(await import('node:path')).posix.sep") == "/"
    assert node.value("import path, {sep as s} from 'path'\nimport * as all from 'path'\npath.sep + s + all.sep") == "///"
    assert node.value("'import x from \"y\"'; // import('z')\n`import(1)`") == "import(1)"


def test_an_error_has_type_message_and_the_users_frames(node: Any) -> None:
    error = node.exec("function deep() { throw new TypeError('no') }\ndeep()")["extra"]["error"]
    assert (error["type"], error["message"]) == ("TypeError", "no")
    assert [(frame["function"], frame["line"]) for frame in error["frames"]] == [("<cell>", 2), ("deep", 1)]
    assert node.exec("let = (")["extra"]["error"]["type"] == "SyntaxError"
    assert node.exec("require('no-such-module')")["extra"]["error"]["code"] == "MODULE_NOT_FOUND"


@pytest.mark.parametrize(
    "code",
    ["console.log(1); while (true) {}", "console.log(1); await new Promise(() => 0)",
     "require('child_process').execFileSync('python3', ['-c', 'print(1, flush=True); input()'], {stdio: 'inherit'})"],
)  # fmt: skip
def test_an_interrupt_ends_the_cell_and_only_the_cell(node: Any, engine: Any, code: str) -> None:
    node.exec("var kept = 1")
    cell = node.begin(code)
    engine.wait(cell, "output", cursor=0)
    node.interrupt()
    assert engine.wait(cell)["status"] == "interrupted"
    assert node.value("kept") == 1


def test_printed_text_and_late_errors_do_not_end_it(node: Any, output_of: Callable[..., bytes]) -> None:
    record = node.exec("console.log('out'); console.error('err'); ({a: 1})", want="text")
    assert output_of(record) == b"out\r\nerr\r\n{ a: 1 }\r\n"
    node.exec("setTimeout(() => { throw new Error('late') }, 1); Promise.reject(new Error('too')); 1")
    assert node.value("await new Promise((resolve) => setTimeout(() => resolve(2), 20))") == 2


@pytest.mark.parametrize(
    ("code", "status", "reason", "exit_code", "signal"),
    [
        ("process.exit(3)", "failed", "exited", 3, None),
        ("process.exit(0)", "completed", "exited", 0, None),
        ("process.abort()", "crashed", "signaled", None, "SIGABRT"),
        ("require('fs').closeSync(100); 1", "crashed", "control_lost", 70, None),
    ],
)
def test_how_it_ended_is_known(
    node: Any, code: str, status: str, reason: str, exit_code: int | None, signal: str | None
) -> None:
    record = node.exec(code)
    found = (record["status"], record["reason"], record["exit_code"], record["signal"])
    # Whether a kernel without its channel sees that before we do is a matter of microseconds.
    assert found == (status, reason, exit_code, signal) or (found[:2], exit_code) == ((status, reason), 70)


@pytest.mark.parametrize("end", ["process.exit(3)", "process.kill(process.pid, 'SIGTERM')"])
def test_the_end_of_node_prints_nothing_of_ours(node: Any, end: str, output_of: Callable[..., bytes]) -> None:
    record = node.exec(f"console.log('last'); setTimeout(() => {end}, 10); await new Promise(() => {{}})")
    assert record["status"] in ("failed", "crashed")
    assert output_of(record) == b"last\r\n"


def test_the_owners_environment_and_folder(start: Callable[..., Any], tmp_path: Any, engine: Any) -> None:
    node = start("node", environment={"PATH": engine.environment["PATH"], "ONLY": "this"}, cwd=str(tmp_path))
    assert node.value("process.cwd()") == str(tmp_path)
    assert set(node.value("({...process.env})")) == {"PATH", "ONLY", "SYNK_HOST", "TERM"}
