"""Cells of Python: values, output, input, interrupts, errors."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import NotAllowed
from synk.base.wire import Message

Start = Callable[..., Any]
Output = Callable[..., bytes]


def test_a_cell_gives_its_last_value_and_keeps_its_names(repl: Any) -> None:
    assert repl.exec("x = 20\nx + 1")["extra"]["value"] == {"type": "int", "value": 21}
    assert repl.value("x * 2") == 40


def test_without_a_wish_for_the_value_it_is_printed(repl: Any, output_of: Output) -> None:
    record = repl.exec("[1, 'two']", want="text")
    assert output_of(record) == b"[1, 'two']\r\n"
    assert record["extra"]["value"] is None


def test_await_works_at_top_level_and_tasks_go_on_between_cells(repl: Any, wait_until: Callable[..., None]) -> None:
    repl.exec("import asyncio\ndone = []\nasync def later():\n    await asyncio.sleep(0.05)\n    done.append(1)")
    assert repl.value("task = asyncio.create_task(later()); await asyncio.sleep(0, 'slept')") == "slept"
    wait_until(lambda: repl.value("done") == [1])


def test_input_between_cells_is_sent_and_noted(repl: Any, engine: Any) -> None:
    note = engine.ask("repl.input", repl=repl.id, text="early\n")["note"]
    assert note == "No cell runs in this REPL; it was sent, and the next one that reads its input gets it."
    assert engine.wait(repl.begin("input()"))["extra"]["value"]["value"] == "early"
    with pytest.raises(NotAllowed, match="runs no cell"):
        engine.ask("repl.input", repl=repl.id, eof=True)


def test_all_output_of_a_cell_and_its_children_is_there_when_it_ends(repl: Any, output_of: Output) -> None:
    code = "import subprocess, sys\nfor n in range(3000): print(n)\nsubprocess.run(['seq', '3000', '5999'])\nNone"
    for _ in range(3):
        record = repl.exec(code)
        assert output_of(record) == b"".join(b"%d\r\n" % n for n in range(6000))


def test_input_is_asked_for_and_answered(repl: Any, engine: Any, output_of: Output) -> None:
    cell = repl.begin("name = input('Who? ')\nname.upper()")
    waiting = engine.wait(cell, "awaiting_input")
    assert waiting["status"] == "awaiting_input"
    assert (waiting["waiting"]["kind"], waiting["waiting"]["prompt"]) == ("line", "Who? ")
    assert repl.row()["state"] == "awaiting_input"
    engine.ask("repl.input", repl=repl.id, text="ada\n")
    record = engine.wait(cell)
    assert record["extra"]["value"]["value"] == "ADA"
    assert output_of(record) == b"Who? ada\r\n"


def test_the_end_of_input_reaches_the_cell(repl: Any, engine: Any) -> None:
    cell = repl.begin("input()")
    engine.wait(cell, "awaiting_input")
    engine.ask("repl.input", repl=repl.id, eof=True)
    assert engine.wait(cell)["extra"]["error"]["type"] == "EOFError"


def test_standard_input_is_known_to_wait_too(repl: Any, engine: Any) -> None:
    cell = repl.begin("import sys; sys.stdin.readline()")
    assert engine.wait(cell, "awaiting_input")["status"] == "awaiting_input"
    engine.ask("repl.input", repl=repl.id, text="line\n")
    assert engine.wait(cell)["extra"]["value"]["value"] == "line\n"


def test_a_question_of_a_child_process_is_found(repl: Any, engine: Any) -> None:
    cell = repl.begin("import subprocess\nsubprocess.run(['bash', '-c', 'read -p \"Sure? \" x; exit $((x))']).returncode")
    waiting = engine.wait(cell, "awaiting_input")
    assert waiting["waiting"]["program"] == "bash"
    assert waiting["waiting"]["prompt"].strip() == "Sure?"
    engine.ask("repl.input", repl=repl.id, text="7\n")
    assert engine.wait(cell)["extra"]["value"]["value"] == 7


def test_an_interrupt_ends_the_cell_and_only_the_cell(repl: Any, engine: Any) -> None:
    repl.exec("kept = 'here'")
    cell = repl.begin("print('begun')\nwhile True: pass")
    engine.wait(cell, "output", cursor=0)
    repl.interrupt()
    record = engine.wait(cell)
    assert (record["status"], record["exit_code"]) == ("interrupted", 130)
    assert record["extra"]["error"]["type"] == "KeyboardInterrupt"
    assert repl.value("kept") == "here"


def test_an_interrupt_reaches_a_child_process_and_an_awaiting_cell(repl: Any, engine: Any) -> None:
    waits = ("import subprocess; print(1)\nsubprocess.run(['sleep', '60'])", "import asyncio; print(1)\nawait asyncio.sleep(60)")
    for code in waits:
        cell = repl.begin(code)
        engine.wait(cell, "output", cursor=0)
        repl.interrupt()
        assert engine.wait(cell)["status"] == "interrupted"
    assert repl.value("1 + 1") == 2


def test_an_interrupt_between_cells_does_nothing(repl: Any) -> None:
    for number in range(20):
        repl.interrupt()
        os.kill(repl.pid, 2)
        assert repl.value(f"{number}") == number


def test_user_code_that_takes_ctrl_c_away_has_it_for_one_cell(repl: Any, engine: Any) -> None:
    repl.exec("import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)")
    cell = repl.begin("print(1)\nwhile True: pass")
    engine.wait(cell, "output", cursor=0)
    repl.interrupt()
    assert engine.wait(cell)["status"] == "interrupted"


def test_a_late_answer_is_never_given_to_another_cell(repl: Any, engine: Any, tmp_path: Path) -> None:
    stubborn = (
        "import os, time\ntry:\n    print('begun')\n    time.sleep(60)\nexcept KeyboardInterrupt:\n"
        "    while not os.path.exists({}): time.sleep(0.01)\n'late'"
    )
    record = repl.exec(stubborn.format("'/'"), timeout_s=0.3)
    assert (record["status"], record["reason"]) == ("timeout", "hard_timeout")
    for number in range(3):
        assert repl.value(f"'cell {number}'") == f"cell {number}"
    cell = repl.begin(stubborn.format(repr(str(tmp_path / "go on"))))
    engine.wait(cell, "output", cursor=0)
    repl.interrupt()
    with pytest.raises(NotAllowed, match=f"busy with {cell['run']}"):
        repl.begin("'too early'")
    (tmp_path / "go on").touch()
    assert engine.wait(cell)["extra"]["value"]["value"] == "late"
    assert repl.value("'mine'") == "mine"


def test_an_interrupt_that_is_held_back_shows_the_stack(repl: Any, engine: Any) -> None:
    code = (
        "import signal, time\ndef held_back():\n    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})\n"
        "    print('begun')\n"
        "    time.sleep(4)\n    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})\nheld_back()"
    )
    cell = repl.begin(code)
    engine.wait(cell, "output", cursor=0)
    repl.interrupt()
    record = engine.wait(cell)
    assert record["status"] == "interrupted"
    assert "in held_back" in record["extra"]["stack"]


def test_the_traceback_has_the_users_frames_only(repl: Any) -> None:
    code = "def inner(x):\n    return 1 / x\ntry:\n    inner(0)\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e"
    record = repl.exec(code)
    assert (record["status"], record["exit_code"]) == ("failed", 1)
    error = record["extra"]["error"]
    assert (error["type"], error["message"]) == ("KeyError", "'k'")
    assert [frame["line"] for frame in error["frames"]] == [6]
    assert [(frame["function"], frame["source"]) for frame in error["cause"]["frames"]][-1] == ("inner", "return 1 / x")
    assert "synk" not in error["text"]
    assert "python_cells" not in error["text"]


def test_wrong_syntax_has_line_and_column(repl: Any) -> None:
    error = repl.exec("a = 1\nb = = 2")["extra"]["error"]
    assert error["type"] == "SyntaxError"
    assert (error["syntax"]["line"], error["syntax"]["column"]) == (2, 5)
    assert error["syntax"]["text"] == "b = = 2"


def test_a_forked_child_cannot_answer_for_the_kernel(repl: Any) -> None:
    assert repl.value("import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)\n'parent' if pid else 'child'") == "parent"
    assert repl.value("'next'") == "next"
    code = "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as pool: r = pool.map(abs, [-1, -2])\nr"
    assert repl.value(code) == [1, 2]


def test_objects_that_break_everything_do_not_break_the_kernel(repl: Any) -> None:
    repl.exec("class Bad:\n    def __repr__(self): raise SystemExit\n    def __str__(self): 1 / 0\n    __eq__ = __hash__ = None")
    assert repl.exec("Bad()")["extra"]["value"]["type"] == "repr"
    assert repl.exec("[Bad()]")["status"] == "completed"
    assert repl.exec("raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})")["extra"]["error"]["type"].endswith("E")
    assert repl.exec("import sys; sys.stdout = sys.stderr = None; 4")["extra"]["value"]["value"] == 4
    assert repl.exec("sys.modules.clear(); del __builtins__; 5")["extra"]["value"]["value"] == 5


def test_a_large_value_comes_as_a_file(repl: Any) -> None:
    record = repl.exec("list(range(99_999))")
    value = record["extra"]["value"]
    assert (value["type"], value["value"], value["file"]) == ("list", None, "value.json")
    assert Path(record["folder"], "value.json").read_text().endswith("99998]}")


def test_shown_values_come_in_order(repl: Any) -> None:
    record = repl.exec("for n in range(3): display(n)")
    assert [shown["value"] for shown in record["extra"]["display"]] == [0, 1, 2]


def test_many_large_shown_values_fit_the_record(repl: Any) -> None:
    record = repl.exec("for n in range(120): display('x' * 50_000)")
    shown = record["extra"]["display"]
    assert shown[0]["value"] == "x" * 50_000
    assert shown[50]["file"] == "display-51.json"
    assert Path(record["folder"], "display-51.json").stat().st_size > 50_000
    assert (len(shown), record["extra"]["displays_left_out"]) == (100, 20)


def test_a_cell_is_followed_like_any_run(repl: Any, engine: Any) -> None:
    cell = repl.begin("print('one')\n2", watch=True)
    event: Message = engine.event("exit", cell["run"])
    assert event["out"]["bytes"] == 5
    assert event["extra"]["value"]["value"] == 2
