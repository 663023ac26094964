"""What the engine runs, in the window: interpreters and runs as panes, an engine session that a person takes over."""

import json
import shutil
from collections.abc import Callable
from typing import Any as App

import pytest


@pytest.fixture
def app(shared_app: App) -> App:
    """One window for all of them: each leaves a pane or two."""
    return shared_app


def opened(app: App, before: set[int]) -> int:
    """The session that was opened since."""
    (session,) = {row["session"] for row in app.ctl("list")["sessions"]} - before
    return int(session)


def at_prompt(app: App, language: str, prompt: str) -> int:
    """A pane with the prompt of an interpreter."""
    session = int(app.ctl("new", language)["session"])
    app.ctl("wait-for", f"session:{session}", f"text={prompt}")
    return session


def sessions(app: App) -> set[int]:
    return {row["session"] for row in app.ctl("list")["sessions"]}


def state_of(app: App, repl: str) -> str | None:
    rows = json.loads(app.run("repl", "list", "--json").stdout)["repls"]
    return next((row["state"] for row in rows if row["repl_id"] == repl), None)


def test_a_python_prompt_is_a_pane_that_others_share_and_ends_with_it(app: App, wait_until: Callable[..., None]) -> None:
    session = at_prompt(app, "python", "^>>>")
    app.send(session, "sum(range(10))")
    app.ctl("wait-for", f"session:{session}", "text=^45$")
    repl = next(each for each in json.loads(app.run("repl", "list", "--json").stdout)["repls"] if each["language"] == "python")
    assert repl["owner"] == "user"
    shared = app.run("repl", "exec", repl["repl_id"], "_ + 1", "--parse-as", "python")
    assert shared.stdout.strip() == "46"
    app.ctl("close", f"session:{session}", "--yes")
    wait_until(lambda: state_of(app, repl["repl_id"]) in ("dead", None))


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_a_node_prompt_is_a_pane(app: App) -> None:
    session = at_prompt(app, "node", "^>")
    app.send(session, "[1, 2].map(x => x * 21)")
    app.ctl("wait-for", f"session:{session}", r"text=\[ 21, 42 \]")


def test_a_run_opens_as_a_pane_that_follows_its_output(app: App) -> None:
    before = sessions(app)
    run = app.run("exec", "--background", "echo first; read -r line < /dev/tty; echo got $line").stdout.strip()
    app.ctl("do", f"engine.open {run}")
    session = opened(app, before)
    app.ctl("wait-for", f"session:{session}", "text=^first$")
    app.run("runs", "input", run, "hello\n")
    app.ctl("wait-for", f"session:{session}", "text=^got hello$")


def test_a_person_takes_over_an_engine_session(app: App) -> None:
    app.ctl("list")
    number = app.run("session", "create", "bash").stdout.strip()
    app.run("session", "exec", number, "cd /tmp; secret=42")
    app.ctl("do", f"engine.open s{number}")
    app.ctl("wait-for", f"session:{number}", "idle=0.2")
    app.send(int(number), "echo $secret $PWD")
    app.ctl("wait-for", f"session:{number}", "text=^42 /tmp$")
    assert app.run("session", "exec", number, "echo still $secret").stdout == "still 42\n"


def test_a_stopped_run_is_told_as_stopped(app: App, wait_until: Callable[..., None]) -> None:
    run = app.run("exec", "--background", "sleep 600").stdout.strip()
    assert app.ctl("do", f"engine.stop {run}")["result"] == f"Stopping {run}"
    wait_until(lambda: json.loads(app.run("runs", "show", run, "--json").stdout)["status"] == "interrupted")
