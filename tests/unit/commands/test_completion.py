"""Completion: what is offered, in what order, and what the line is once it is taken."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synk.base.errors import SynkError
from synk.commands.completion import Completer, Completion, Suggestion, quoted
from synk.commands.line import CommandRunner
from synk.commands.registry import ENDED, LIVE, Only, Registry, Rest, Source, Targets, command
from synk.sessions.session import Exit, Session, Status
from synk.terminal.emulator import Emulator

NO_TEXT = Rest("")


def session(pane: int, agent: str = "terminal", status: Status = Status.IDLE, title: str = "") -> Session:
    emulator = Emulator(cols=20, rows=4, reply=lambda _data: None)
    exit_ = Exit(code=0) if status is Status.ENDED else None
    return Session(
        id=pane + 100, pane=pane, agent=agent, project="/p", working_dir="/p", emulator=emulator, status=status,
        title=title, exit=exit_,
    )  # fmt: skip


class Verbs:
    """Commands of every kind of parameter."""

    def __init__(self) -> None:
        self.is_finding = False

    @command("session.new", short="new")
    def new(self, agent: Annotated[str, Source("agents")] | None = None) -> None:
        """Open a session."""

    @command("session.send", short="send")
    def send(self, target: Annotated[Targets, LIVE], text: Rest) -> None:
        """Write a text."""

    @command("session.key", short="key")
    def key(self, target: Annotated[Targets, LIVE], *keys: Annotated[str, Source("keys")]) -> None:
        """Press keys."""

    @command("session.shell")
    def shell(self, target: Annotated[Targets, ENDED]) -> None:
        """Open a shell in an ended pane."""

    @command("pane.select", short="goto")
    def select(self, target: Annotated[Targets, Only(is_single=True)] | None = None, position: int | None = None) -> None:
        """Select."""

    @command("pane.move")
    def move(self, direction: Literal["left", "right"], by: Literal["one", "all"] = "one") -> None:
        """Select the neighbor."""

    @command("layout.load", short="load")
    def load(self, name: Annotated[str, Source("layouts")]) -> None:
        """Open the panes of a layout."""

    @command("tab.open")
    def open(self, path: Annotated[Rest, Source("projects")] = NO_TEXT) -> None:
        """Open a folder."""

    @command("find.move", when="can_find")
    def find(self) -> None:
        """Go to the next hit."""

    @command("line.run", is_offered=False)
    def run(self) -> None:
        """Run the line."""

    def can_find(self) -> bool:
        return self.is_finding


class Bench:
    """A completer over sessions in panes 1 to 4."""

    def __init__(self) -> None:
        self.sessions = [
            session(1, status=Status.WORKING, title="api server"),
            session(2, "claude", Status.WAITING),
            session(3, "claude"),
            session(4, status=Status.ENDED),
        ]
        self.words = {
            "agents": ["terminal", "claude", "my agent"],
            "keys": ["escape", "ctrl+b", "enter"],
            "layouts": ["review", 'say "hi"'],
            "projects": ["/home/a b/api", "/home/web"],
        }
        self.verbs = Verbs()
        registry = Registry()
        registry.add(self.verbs)
        self.completer = Completer(
            registry,
            sessions=lambda: self.sessions,
            sources={name: self._source(name) for name in self.words},
            key_of=lambda line: {"session.new": "n"}.get(line, ""),
        )
        self.runner = CommandRunner(registry, sessions=lambda: self.sessions, selected=lambda: self.sessions[0])

    def _source(self, name: str) -> Callable[[], Iterable[Suggestion]]:
        return lambda: [Suggestion(word) for word in self.words[name]]

    def items(self, line: str) -> list[Completion]:
        """What is offered at the `|`, or at the end."""
        before, _, after = line.partition("|")
        return list(self.completer.offer(before + after, len(before)).items)

    def labels(self, line: str) -> list[str]:
        return [item.label for item in self.items(line)]

    def taken(self, line: str) -> str:
        """The line after the first completion, with the cursor as `|`."""
        item = self.items(line)[0]
        return f"{item.line[: item.cursor]}|{item.line[item.cursor :]}"


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_slash_offers_the_commands_those_with_a_short_name_first(bench: Bench) -> None:
    assert bench.labels("/") == ["/goto", "/key", "/load", "/new", "/send", "/pane.move", "/session.shell", "/tab.open"]


def test_an_empty_line_offers_them_too(bench: Bench) -> None:
    assert bench.labels("") == bench.labels("/")


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        ("/se", ["/send", "/session.shell", "/key", "/new", "/goto"]),
        ("/session.s", ["/session.shell", "/send"]),
        ("se", ["/send", "/session.shell", "/key", "/new", "/goto"]),
        ("/mo", ["/pane.move"]),
        ("/shel", ["/session.shell"]),
        ("/neighbor", ["/pane.move"]),
        ("/zzz", []),
    ],
)
def test_commands_are_found_by_any_part_of_their_names_and_by_what_they_do(bench: Bench, line: str, labels: list[str]) -> None:
    assert bench.labels(line) == labels


def test_a_command_tells_what_has_to_follow_what_it_does_and_its_key(bench: Bench) -> None:
    new = bench.items("/ne")[0]
    assert (new.more, new.detail, new.keys) == ("[agent]", "Open a session", "n")


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("/ne", "/new |"),
        ("ne", "new |"),
        ("/new cl", "/new claude|"),
        ("/new my", '/new "my agent"|'),
        ('/new "my', '/new "my agent"|'),
        ("/load say", '/load "say \\"hi\\""|'),
        ("/pane.move l", "/pane.move left |"),
        ("/pane.move left a", "/pane.move left all|"),
        ("/send @a", "/send @all |"),
        ("/key @1,@cl", "/key @1,@claude |"),
        ("/key @1 esc", "/key @1 escape |"),
        ("/key @1 escape ", "/key @1 escape ctrl+b |"),
        ("/se|x @1 hello", "/send |@1 hello"),
        ("/send @|1 hello", "/send @claude |hello"),
        ("/tab.open /home/a", "/tab.open /home/a b/api|"),
        ("/tab.open /home/a b", "/tab.open /home/a b/api|"),
    ],
)
def test_a_completion_takes_the_place_of_the_word_the_cursor_is_in(bench: Bench, line: str, taken: str) -> None:
    if "@|1" in line or line == "/send @a":
        bench.sessions.pop()  # an ended one takes no text
    assert (bench.taken(line) if "@|1" not in line else _of(bench, line, "@claude")) == taken


def _of(bench: Bench, line: str, label: str) -> str:
    item = next(item for item in bench.items(line) if item.label == label)
    return f"{item.line[: item.cursor]}|{item.line[item.cursor :]}"


def test_targets_are_groups_agents_and_panes_with_their_titles(bench: Bench) -> None:
    targets = {item.label: item.detail for item in bench.items("/goto @")}
    assert targets == {
        "@idle": "pane 3", "@waiting": "pane 2", "@1": "api server, working", "@2": "claude, waiting",
        "@3": "claude, idle", "@4": "terminal, ended",
    }  # fmt: skip
    assert bench.labels("/send ") == ["@idle", "@active", "@waiting", "@claude", "@1", "@2", "@3"]
    assert bench.labels("/goto @api") == ["@1"]


def test_a_list_of_targets_offers_what_is_not_named_yet(bench: Bench) -> None:
    assert bench.labels("/send @1,") == ["@idle", "@active", "@waiting", "@claude", "@2", "@3"]
    assert bench.labels("/goto @1,") == []


def test_a_command_that_cannot_find_its_object_is_not_offered(bench: Bench) -> None:
    bench.sessions = bench.sessions[:1]
    bench.words["layouts"] = []
    assert bench.labels("/") == ["/goto", "/key", "/new", "/send", "/pane.move", "/tab.open"]
    bench.sessions = []
    assert bench.labels("/") == ["/goto", "/new", "/pane.move", "/tab.open"]


def test_a_command_can_say_that_it_would_do_nothing_now(bench: Bench) -> None:
    assert "/find.move" not in bench.labels("/f")
    bench.verbs.is_finding = True
    assert "/find.move" in bench.labels("/f")


@pytest.mark.parametrize(
    "line",
    ["/nwe ", "/new claude ", "/pane.move up ", "/pane.move @1 ", "/goto @1 @", "/goto five ", "/send @1 hello", "/find.move "],
)
def test_where_nothing_can_follow_nothing_is_offered(bench: Bench, line: str) -> None:
    assert bench.labels(line) == []


def test_arguments_come_with_the_usage_of_their_command(bench: Bench) -> None:
    assert bench.completer.offer("/send @1 he", 11).usage == "/send [@target] text  Write a text"
    assert bench.completer.offer("/sen", 4).usage == ""


@given(st.text(alphabet="/@,.\\\"' \tsendkyglotpavm1234x", max_size=30), st.integers(0, 30))
def test_every_completion_of_any_line_can_be_taken(line: str, cursor: int) -> None:
    bench = Bench()
    cursor = min(cursor, len(line))
    for item in bench.completer.offer(line, cursor).items:
        assert item.line[: item.cursor].strip()
        assert item.cursor <= len(item.line)


@given(st.text(min_size=1))
@example("@5")
@example("session:1")
def test_a_quoted_word_is_one_word(word: str) -> None:
    class One:
        def __init__(self) -> None:
            self.got: Any = None

        @command("one.word")
        def take(self, word: str) -> None:
            self.got = word

    one, registry = One(), Registry()
    registry.add(one)
    CommandRunner(registry, sessions=list, selected=lambda: None).run(f"/one.word {quoted(word)}")
    assert one.got == word


def test_what_is_offered_would_run(bench: Bench) -> None:
    """Every line that completions alone can make either runs or still wants something that is typed."""
    lines = [item.line for item in bench.items("/")]
    for line in lines:
        for item in bench.items(line):
            if item.line != line and len(item.line) < 60 and not item.line.startswith("/key"):
                lines.append(item.line)
    assert [line for line in lines if _mistake(bench, line)] == []


def _mistake(bench: Bench, line: str) -> bool:
    """Whether a line is refused for another reason than that something is still to be typed."""
    try:
        bench.runner.run(line)
    except SynkError as error:
        return "needs" not in error.message
    return False
