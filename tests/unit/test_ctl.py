"""`synk ctl` without a window: what each command line asks for, what is printed, and the exit status of every error."""

import argparse
import io
import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk import ctl
from synk.base import errors
from synk.base.errors import SynkError
from synk.cli import _command_parser
from synk.hoststart import HostAddress

ADDRESS = HostAddress("/run", "/state", "/resources", "1", ())
Ask = Callable[..., tuple[int, dict[str, Any]]]


class FakeClient:
    """Answers control calls from a list and keeps what it was asked."""

    def __init__(self, answers: list[object]) -> None:
        self.answers = answers
        self.asked: list[dict[str, Any]] = []

    def __call__(self, address: HostAddress, *, start: bool) -> "FakeClient":
        assert (address, start) == (ADDRESS, False)
        return self

    def __enter__(self) -> "FakeClient":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def call(self, do: str, *, timeout_s: float | None = 10.0, verb: str, args: dict[str, Any]) -> dict[str, Any]:
        assert do == "ctl"
        self.asked.append({"verb": verb, "args": args, "timeout_s": timeout_s})
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, SynkError):
            raise answer
        return dict(answer)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """`ask(answers, *words)`: runs `synk ctl WORDS`; the exit status and what the window was asked."""

    def run(answers: list[object], *words: str) -> tuple[int, Any]:
        client = FakeClient(answers)
        monkeypatch.setattr(ctl, "SyncHostClient", client)
        status = ctl.run(_command_parser("ctl").parse_args(["ctl", *words]), ADDRESS)
        return status, client.asked

    return run


@pytest.mark.parametrize(
    ("words", "verb", "args"),
    [
        (["list"], "list", {"what": "sessions"}),
        (["list", "panes"], "list", {"what": "panes"}),
        (["new"], "new", {"agent": "terminal", "cwd": None, "env": {}, "argv": None}),
        (
            ["new", "claude", "--cwd", "/", "--env", "A=1=2", "--env", "B=", "--command", "bash", "-c", "x --json"],
            "new",
            {"agent": "claude", "cwd": "/", "env": {"A": "1=2", "B": ""}, "argv": ["bash", "-c", "x --json"]},
        ),
        (
            ["send-text", "@1", "hi", "--enter", "--key", "ctrl+c", "--key", "up", "--paste"],
            "send-text",
            {"target": "@1", "text": "hi", "enter": True, "keys": ["ctrl+c", "up"], "paste": True},
        ),
        (["get-text", "@1"], "get-text", {"target": "@1", "what": "screen", "ansi": False, "cursor": None}),
        (
            ["get-text", "session:3", "scrollback", "--ansi", "--cursor", "17"],
            "get-text",
            {"target": "session:3", "what": "scrollback", "ansi": True, "cursor": 17},
        ),
        (["close", "@1", "--yes"], "close", {"target": "@1", "yes": True}),
        (["focus", "@2"], "focus", {"target": "@2"}),
        (["screenshot", "/tmp/x.png"], "screenshot", {"target": "window", "file": "/tmp/x.png"}),
        (["screenshot", "@2", "/tmp/x.png"], "screenshot", {"target": "@2", "file": "/tmp/x.png"}),
        (["pool-stats"], "pool-stats", {}),
        (["do", "/rename", "@1", "two", "words"], "do", {"line": "/rename @1 two words"}),
        (["do", "--json", "/new", "--x"], "do", {"line": "/new --x"}),
    ],
)
def test_each_command_line_asks_for_what_it_says(ask: Ask, words: list[str], verb: str, args: dict[str, object]) -> None:
    result = {"sessions": [], "session": 1, "pane": 1, "text": "", "file": "", "result": ""}
    status, (asked,) = ask([result], *words)
    assert status == 0
    assert asked == {"verb": verb, "args": args, "timeout_s": 10.0}


@pytest.mark.parametrize(
    ("condition", "args"),
    [
        ("text=a=b", {"until": "text", "pattern": "a=b"}),
        ("text=", {"until": "text", "pattern": ""}),
        ("text=two\nlines", {"until": "text", "pattern": "two\nlines"}),
        ("idle=0.5", {"until": "idle", "idle_s": 0.5}),
        ("status=working", {"until": "status", "status": "working"}),
        ("exit", {"until": "exit"}),
        ("command", {"until": "command"}),
    ],
)
def test_conditions_are_read(ask: Ask, condition: str, args: dict[str, object]) -> None:
    status, (asked,) = ask([{"happened": "x"}], "wait-for", "@1", condition, "--timeout", "7", "--new")
    assert status == 0
    assert asked["args"] == {"target": "@1", "new": True, "timeout_s": 7.0, **args}
    # The window gives up; the caller must not do so before.
    assert asked["timeout_s"] is None


@pytest.mark.parametrize(
    "words",
    [
        ["wait-for", "@1", "sometime"],
        ["wait-for", "@1", "idle=soon"],
        ["wait-for", "@1", "idle=-1"],
        ["wait-for", "@1", "idle=nan"],
        ["wait-for", "@1", "port=http"],
        ["wait-for", "@1", "port=99999"],
        ["wait-for", "@1", "exited"],
        ["new", "--env", "NAME"],
        ["screenshot", "@1", "@2", "x.png"],
    ],
)
def test_what_makes_no_sense_is_refused_before_anybody_is_asked(
    ask: Ask, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, asked = ask([], *words)
    assert (status, asked) == (2, [])
    assert capsys.readouterr().err != ""


@pytest.mark.parametrize("words", [["fly"], ["list", "stars"], ["get-text"], ["get-text", "@1", "--cursor", "x"], []])
def test_what_cannot_be_parsed_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        _command_parser("ctl").parse_args(["ctl", *words])
    assert ended.value.code == 2
    assert "usage: synk" in capsys.readouterr().err


def test_a_minus_reads_standard_input_byte_by_byte(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    data = "one\r\ntwo é\n".encode() + b"\xff"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    _, (asked,) = ask([{}], "send-text", "@1", "-")
    assert asked["args"]["text"].encode("utf-8", "surrogateescape") == data


def test_folders_and_files_are_told_in_full(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    _, (new,) = ask([{"session": 1, "pane": 1}], "new", "--cwd", "sub")
    _, (shot,) = ask([{"file": "x"}], "screenshot", "x.png")
    assert (new["args"]["cwd"], shot["args"]["file"]) == (f"{tmp_path}/sub", f"{tmp_path}/x.png")


def test_a_long_text_is_asked_for_part_by_part(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [{"text": "a\nb", "next": 2, "cursor": 5}, {"text": "c", "next": 3, "cursor": 5}, {"text": "d", "cursor": 6}]
    status, asked = ask(parts, "get-text", "@1", "scrollback", "--json")
    assert status == 0
    assert [call["args"]["cursor"] for call in asked] == [None, 2, 3]
    assert json.loads(capsys.readouterr().out) == {"text": "a\nb\nc\nd", "cursor": 6}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.UsageError("x"), 2), (errors.NoSuchTarget("x"), 4), (errors.PoolExhausted("x"), 5), (SynkError("x"), 5),
        (errors.SpawnFailed("x"), 5), (errors.HostUnavailable("x"), 6), (errors.HostEnding("x"), 6),
        (errors.WindowUnavailable("x"), 7), (errors.TimedOut("x"), 124),
    ],
)  # fmt: skip
def test_every_error_has_its_status_and_its_kind_as_json(
    ask: Ask, error: SynkError, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    travelled = errors.restore(errors.describe(error))
    assert ask([travelled], "list")[0] == status
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "x\n")
    assert ask([travelled], "list", "--json")[0] == status
    told = capsys.readouterr()
    assert json.loads(told.out) == {"error": {"kind": error.kind, "message": "x"}}
    assert told.err == ""


@pytest.mark.parametrize(
    ("words", "result", "text"),
    [
        (["new"], {"session": 12, "pane": 3}, "session:12 @3\n"),
        (["get-text", "@1"], {"text": "one\ntwo"}, "one\ntwo\n"),
        (["send-text", "@1", "x"], {"bytes": 1}, ""),
        (["close", "@1"], {"closed": [1]}, ""),
        (["wait-for", "@1", "exit"], {"happened": "exit", "code": 7}, "exit\n"),
        (["wait-for", "@1", "text=x"], {"happened": "text", "match": "xyz", "line": "a xyz"}, "xyz\n"),
        (["wait-for", "@1", "status=idle"], {"happened": "status", "status": "idle"}, "idle\n"),
        (["do", "/x"], {"result": ""}, ""),
        (["do", "/x"], {"result": "Opened pane 2"}, "Opened pane 2\n"),
        (["screenshot", "a.png"], {"file": "/w/a.png"}, "/w/a.png\n"),
        (["pool-stats"], {"idle": 2, "host": {"pid": 3}}, f'{"idle":24} 2\n{"host":24} {{"pid": 3}}\n'),
    ],
)
def test_results_are_printed_for_people(
    ask: Ask, words: list[str], result: dict[str, object], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask([result], *words)[0] == 0
    assert capsys.readouterr().out == text


def test_a_list_marks_the_selected_pane(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"session": 12, "pane": 3, "agent": "terminal", "status": "idle", "title": "", "is_selected": True}
    ask([{"sessions": [row, {**row, "pane": 4, "title": "vim", "is_selected": False}]}], "list")
    assert capsys.readouterr().out == "* @3   session:12    terminal   idle\n  @4   session:12    terminal   idle         vim\n"


def test_a_list_of_several_projects_names_them_in_the_order_of_their_tabs(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"session": 1, "pane": 1, "agent": "terminal", "status": "idle", "title": "", "is_selected": False}
    rows = [{**row, "project": "/web"}, {**row, "session": 2, "project": "/api"}, {**row, "session": 3, "project": "/web"}]
    ask([{"sessions": rows, "tabs": ["/api", "/empty", "/web"]}], "list")
    lines = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert lines == [["/api"], ["@1", "session:2"], ["/web"], ["@1", "session:1"], ["@1", "session:3"]]


def test_a_port_is_waited_for_without_the_window(ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert ask([], "wait-for", "@1", f"port={port}", "--timeout", "5") == (0, [])
    assert ask([], "wait-for", "@1", f"port={port}", "--timeout", "0")[0] == 124


@pytest.mark.parametrize(
    "words",
    [["--profile", "/p", "ctl", "list"], ["ctl", "--profile", "/p", "list"], ["ctl", "list", "--profile", "/p"]],
)
def test_the_profile_may_stand_anywhere(words: list[str]) -> None:
    options = _command_parser("ctl").parse_args(words)
    assert options.profile == "/p"
    assert isinstance(options, argparse.Namespace)
