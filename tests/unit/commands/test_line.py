"""The command line: words, targets, and the errors of a line that cannot run."""

from contextlib import suppress
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.base.errors import NoSuchTarget, UsageError
from synk.commands.line import CommandRunner, NothingSelected, Words, resolve_targets
from synk.commands.registry import Registry, Rest, Targets, Whole, command
from synk.sessions.session import Session, Status
from synk.terminal.emulator import Emulator

NO_PATH = Whole("")


def session(pane: int, *, number: int = 0, agent: str = "terminal", status: Status = Status.IDLE) -> Session:
    emulator = Emulator(cols=20, rows=4, reply=lambda _data: None)
    number = number or pane + 100
    return Session(id=number, pane=pane, agent=agent, project="/p", working_dir="/p", emulator=emulator, status=status)


class Verbs:
    """Record what they were called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    @command("pane.move")
    def move(self, direction: Literal["left", "right"]) -> None:
        """Move."""
        self.calls.append(("move", direction))

    @command("session.new", short="new")
    def new(self, agent: str | None = None, branch: str = "") -> str:
        """Open."""
        self.calls.append(("new", agent, branch))
        return "Opened pane 1"

    @command("session.send", short="send")
    def send(self, target: Targets, text: Rest) -> None:
        """Send."""
        self.calls.append(("send", [s.pane for s in target], text))

    @command("pane.select", short="goto")
    def select(self, target: Targets | None = None, position: int | None = None) -> None:
        """Select."""
        self.calls.append(("select", target and [s.pane for s in target], position))

    @command("session.key", short="key")
    def key(self, target: Targets, *keys: str) -> None:
        """Keys."""
        self.calls.append(("key", [s.pane for s in target], keys))

    @command("tab.open")
    def open(self, path: Whole = NO_PATH) -> None:
        """Open."""
        self.calls.append(("open", path))


class Bench:
    """A runner over sessions in panes 1, 3 and 5, of which 3 is selected."""

    def __init__(self) -> None:
        self.sessions = [
            session(1, status=Status.WORKING),
            session(3, number=12, agent="claude", status=Status.WAITING),
            session(5, agent="claude"),
        ]
        self.selected: Session | None = self.sessions[1]
        self.verbs = Verbs()
        registry = Registry()
        registry.add(self.verbs)
        self.runner = CommandRunner(registry, sessions=lambda: self.sessions, selected=lambda: self.selected)

    def call(self, line: str) -> tuple[Any, ...]:
        self.runner.run(line)
        return self.verbs.calls[-1]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("/tab.open ~/my folder ", "~/my folder"),
        ('/tab.open "~/my folder"', "~/my folder"),
        ("/tab.open '~/my folder'", "~/my folder"),
        ('/tab.open "a" and "b"', '"a" and "b"'),
        ('/tab.open "half', '"half'),
        ("/tab.open /tmp/a\\b", "/tmp/a\\b"),
        ("/tab.open", ""),
    ],
)
def test_a_name_with_blanks_may_stand_in_quotes_and_need_not(bench: Bench, typed: str, path: str) -> None:
    assert bench.call(typed) == ("open", path)


def test_quotes_of_a_text_are_part_of_it(bench: Bench) -> None:
    assert bench.call('/send "two words"') == ("send", [3], '"two words"')


@pytest.mark.parametrize("line", ["pane.move left", "/pane.move left", "  /pane.move   left  "])
def test_a_line_runs_with_and_without_the_slash(bench: Bench, line: str) -> None:
    assert bench.call(line) == ("move", "left")


def test_a_line_can_be_checked_without_running(bench: Bench) -> None:
    bench.runner.check("/session.send @1 whatever")
    with pytest.raises(UsageError, match="Unknown command"):
        bench.runner.check("session.sned")
    assert not bench.verbs.calls


def test_the_result_line_is_what_the_command_returns(bench: Bench) -> None:
    assert bench.runner.run("/new claude") == "Opened pane 1"
    assert bench.runner.run("/pane.move left") == ""


def test_missing_words_take_the_defaults(bench: Bench) -> None:
    assert bench.call("/new") == ("new", None, "")
    assert bench.call("/new claude feat/x") == ("new", "claude", "feat/x")


@pytest.mark.parametrize(
    ("line", "panes"),
    [
        ("/send @5 hi", [5]),
        ("/send @1,@5 hi", [1, 5]),
        ("/send @5,@1,@5 hi", [1, 5]),
        ("/send @all hi", [1, 3, 5]),
        ("/send @idle hi", [5]),
        ("/send @active hi", [1, 3]),
        ("/send @waiting hi", [3]),
        ("/send @claude hi", [3, 5]),
        ("/send session:12 hi", [3]),
        ("/send @1,session:12 hi", [1, 3]),
        ("/send hi", [3]),
    ],
)
def test_targets_name_sessions_in_pane_order(bench: Bench, line: str, panes: list[int]) -> None:
    assert bench.call(line) == ("send", panes, "hi")


def test_text_is_the_rest_of_the_line_as_it_is(bench: Bench) -> None:
    assert bench.call("""/send @5  echo "a  b" 'c' \\n  """) == ("send", [5], """ echo "a  b" 'c' \\n  """)
    assert bench.call("/send @5 @all") == ("send", [5], "@all")


def test_words_in_quotes_stay_together_and_a_backslash_escapes(bench: Bench) -> None:
    assert bench.call("""/new "my agent" 'a "b"'""") == ("new", "my agent", 'a "b"')
    assert bench.call(r"""/new my\ agent a\"b""") == ("new", "my agent", 'a"b')
    assert bench.call("""/new ""  x""") == ("new", "", "x")


def test_a_list_of_words_takes_all_of_them(bench: Bench) -> None:
    assert bench.call("/key @5 ctrl+b escape") == ("key", [5], ("ctrl+b", "escape"))
    assert bench.call("/key escape") == ("key", [3], ("escape",))


def test_an_optional_target_is_none_when_not_named(bench: Bench) -> None:
    assert bench.call("/goto 2") == ("select", None, 2)
    assert bench.call("/goto @5") == ("select", [5], None)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "Type a command"),
        ("/", "Type a command"),
        ("/nwe", "Unknown command /nwe. Did you mean /new?"),
        ("/send @5", "/send needs text"),
        ("/send", "/send needs text"),
        ("/pane.move", "/pane.move needs left or right"),
        ("/pane.move up", '/pane.move takes left or right, not "up"'),
        ("/pane.move left right", '/pane.move does not take "right". Usage: /pane.move left|right'),
        ("/goto five", '/goto takes a number, not "five"'),
        ("/pane.move @1 left", '/pane.move does not take a target, but got "@1"'),
        ('/new "my agent', "A quote is not closed"),
        ("/new my\\", "A quote is not closed"),
    ],
)
def test_a_line_that_cannot_run_says_why_and_nothing_has_run(bench: Bench, line: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        bench.runner.run(line)
    assert message in error.value.message
    assert bench.verbs.calls == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/send @9 hi", "No pane 9"),
        ("/send @1,@9 hi", "No pane 9"),
        ("/send session:99 hi", "No session 99"),
        ("/send @gemini hi", 'No session of an agent called "gemini"'),
    ],
)
def test_a_target_that_is_not_there_is_named(bench: Bench, line: str, message: str) -> None:
    with pytest.raises(NoSuchTarget) as error:
        bench.runner.run(line)
    assert message in error.value.message
    assert bench.verbs.calls == []


def test_a_group_without_members_is_an_error(bench: Bench) -> None:
    bench.sessions = bench.sessions[:1]
    with pytest.raises(NoSuchTarget, match="No idle session"):
        bench.runner.run("/send @idle hi")
    bench.sessions = []
    with pytest.raises(NoSuchTarget, match="No session is open"):
        bench.runner.run("/send @all hi")


def test_without_a_selection_a_target_has_to_be_named(bench: Bench) -> None:
    bench.selected = None
    with pytest.raises(NothingSelected, match="needs a target"):
        bench.runner.run("/send hi")


def test_a_session_is_found_once_however_often_it_is_named() -> None:
    sessions = [session(1), session(2)]
    assert resolve_targets("@all,@1,session:101", sessions) == tuple(sessions)


@given(st.lists(st.text(min_size=1), max_size=6))
def test_quoted_words_come_back_as_they_were(words: list[str]) -> None:
    quoted = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    assert Words(quoted).all() == words


@given(st.text())
def test_any_line_is_read_or_refused(line: str) -> None:
    with suppress(UsageError, NoSuchTarget):  # anything else is a bug
        Bench().runner.run(line)
