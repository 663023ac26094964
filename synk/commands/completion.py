"""What may be typed next in the command bar: commands, then what their arguments want; only what would run. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from synk.commands.line import WORD
from synk.commands.registry import Command, Only, Parameter, Registry
from synk.sessions.session import Session, Status

MOST = 200
"""More are never read; with 200 branches each of them can still be reached."""

_PLAIN = re.compile(r"""[^\s"'\\]+""")
"""A word that needs no quotes."""
_QUOTES = re.compile(r"""\\(.)|["']""", re.DOTALL)
_IS_TARGET = re.compile(r"@|session:")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word somebody knows to be right for a parameter."""

    word: str
    detail: str = ""
    """What it is, in a few words."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One line of the list under the command bar."""

    label: str
    """What is taken: `/send`, `@5`, `feat/login`."""
    more: str
    """What still has to follow: `[@target] text`; "" for nothing."""
    detail: str
    """What it is or does."""
    line: str
    """The whole line once it is taken."""
    cursor: int
    """Where the cursor stands then."""
    keys: str = ""
    """The key that does the same, as on its keycap; "" for none."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the command bar shows under the line."""

    items: tuple[Completion, ...] = ()
    """The best first."""
    usage: str = ""
    """How the command is used whose arguments are being typed, and what it does."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The word the cursor is in."""

    line: str
    start: int
    cursor: int
    typed: str
    """What stands between the two, without quotes."""

    def take(self, word: str, *, goes_on: bool, is_quoted: bool = True) -> tuple[str, int]:
        """The line with `word` in that place, and where the cursor stands then; `goes_on`: another word may follow."""
        tail = self.line[self.cursor :]
        tail = tail[_end_of_word(tail) :].lstrip()
        text = quoted(word) if is_quoted else word
        head = self.line[: self.start] + text + (" " if goes_on or tail else "")
        return head + tail, len(head)


Names = Mapping[str, Callable[[], Iterable[Suggestion]]]


class Completer:
    """Answers from what is known at the moment it is asked; nothing in it waits. GUI thread."""

    def __init__(
        self,
        registry: Registry,
        *,
        sessions: Callable[[], Sequence[Session]],
        sources: Names,
        key_of: Callable[[str], str] = lambda _command: "",
    ) -> None:
        """`sessions` as in `CommandRunner`; `sources` by the names parameters give them.

        `key_of(command line)`: the key bound to it, as on its keycap, "" for none.
        """
        self._registry = registry
        self._sessions = sessions
        self._sources = sources
        self._key_of = key_of

    def offer(self, line: str, cursor: int) -> Offer:
        """What may stand where the cursor is."""
        words, start = _words_before(line[:cursor])
        place = _Place(line, start, cursor, _unquoted(line[start:cursor]))
        if not words:
            return Offer(tuple(self._commands(place)))
        command = self._find(words[0].removeprefix("/"))
        if command is None:
            return Offer()
        usage = f"{command.usage}  {command.summary}" if command.summary else command.usage
        return Offer(tuple(self._arguments(command, words[1:], place))[:MOST], usage)

    def _find(self, name: str) -> Command | None:
        return next((command for command in self._registry if name in (command.name, command.short)), None)

    def _commands(self, place: _Place) -> list[Completion]:
        # Without a slash in front the line runs as well.
        slash = "/" if place.typed.startswith("/") or not place.typed else ""
        needle = place.typed.removeprefix("/").lower()
        ranked = [(rank, command) for command in self._registry if (rank := _rank_command(command, needle)) is not None]
        ranked.sort(key=lambda pair: (pair[0], pair[1].short is None, pair[1].title))
        found = []
        for _, command in ranked:
            if self._would_run(command):
                line, cursor = place.take(slash + command.title, goes_on=bool(command.parameters), is_quoted=False)
                more = command.usage.partition(" ")[2]
                keys = self._key_of(command.name)
                found.append(Completion(f"/{command.title}", more, command.summary, line, cursor, keys))
        return found

    def _would_run(self, command: Command) -> bool:
        """Whether there is a way to end the line so that it runs."""
        if not command.is_offered or (command.when is not None and not command.when()):
            return False
        for parameter in command.parameters:
            if parameter.kind == "targets" and parameter.is_required:
                if not any(parameter.only.accepts(session) for session in self._sessions()):
                    return False
            elif parameter.source and parameter.is_required and not any(self._known(parameter)):
                return False
        return True

    def _arguments(self, command: Command, before: Sequence[str], place: _Place) -> Iterator[Completion]:
        """What may stand where the cursor is, after the words before it."""
        targets, wanted, texts = _left_over(command, before)
        if targets is not None:
            yield from self._targets(targets.only, place, goes_on=bool(wanted))
        if wanted:
            yield from self._values(wanted[0], place, texts, goes_on=len(wanted) > 1 or wanted[0].kind == "words")

    def _values(self, parameter: Parameter, place: _Place, before: Sequence[str], *, goes_on: bool) -> Iterator[Completion]:
        known: Iterable[Suggestion] = map(Suggestion, parameter.choices) if parameter.choices else self._known(parameter)
        is_rest = parameter.kind in ("rest", "whole")
        if is_rest and before:  # the rest of the line is one text
            text = place.line[: place.cursor]
            start = _start_of_rest(text, len(before))
            place = _Place(place.line, start, place.cursor, text[start:])
        needle = place.typed.lower()
        ranked = []
        for order, known_word in enumerate(known):
            rank = _rank(known_word.word.lower(), needle)
            if rank is not None and not (parameter.kind == "words" and known_word.word in before):
                ranked.append((rank, order, known_word))
        for _, _, found in sorted(ranked, key=lambda each: each[:2]):
            line, cursor = place.take(found.word, goes_on=goes_on, is_quoted=not is_rest)
            yield Completion(found.word, "", found.detail, line, cursor)

    def _known(self, parameter: Parameter) -> Iterable[Suggestion]:
        source = self._sources.get(parameter.source)
        return source() if source is not None else ()

    def _targets(self, only: Only, place: _Place, *, goes_on: bool) -> Iterator[Completion]:
        """`@words`, agents and panes; after a comma those not named yet."""
        listed, comma, piece = place.typed.rpartition(",")
        if comma and only.is_single:
            return
        named = set(listed.split(",")) if comma else set()
        needle = piece.lower()
        ranked = []
        for order, target in enumerate(target_words(self._sessions(), only)):
            rank = _rank_target(target, needle)
            if rank is not None and target.word not in named and not (named and target.word == "@all"):
                ranked.append((rank, order, target))
        for _, _, target in sorted(ranked, key=lambda each: each[:2]):
            line, cursor = place.take(listed + comma + target.word, goes_on=goes_on, is_quoted=False)
            yield Completion(target.word, "", target.detail, line, cursor)


def _left_over(command: Command, before: Sequence[str]) -> tuple[Parameter | None, list[Parameter], Sequence[str]]:
    """What the words before the cursor leave to be typed: a target, parameters, and words that belong to the first of these.

    Nothing if the command would refuse one of the words, or takes no more.
    """
    targets = next((parameter for parameter in command.parameters if parameter.kind == "targets"), None)
    wanted = [parameter for parameter in command.parameters if parameter is not targets]
    if before and _IS_TARGET.match(before[0]):
        if targets is None:
            return None, [], ()
        before, targets = before[1:], None
    while before and wanted and wanted[0].kind not in ("words", "rest", "whole"):
        if not _fits(wanted.pop(0), before[0]):
            return None, [], ()
        before, targets = before[1:], None  # a target stands in front or not at all
    if before and not wanted:
        return None, [], ()
    return (None if before else targets), wanted, before


def _fits(parameter: Parameter, word: str) -> bool:
    return word in parameter.choices if parameter.choices else parameter.kind != "number" or word.isdigit()


def target_words(sessions: Sequence[Session], only: Only) -> Iterator[Suggestion]:
    """Every word that names sessions such a command takes: groups, agents, then panes in their order."""
    groups: list[tuple[str, list[Session]]] = [
        ("@all", list(sessions)),
        ("@idle", [s for s in sessions if s.is_live and s.status in (Status.IDLE, Status.DONE_UNSEEN)]),
        ("@active", [s for s in sessions if s.status in (Status.WORKING, Status.WAITING)]),
        ("@waiting", [s for s in sessions if s.status is Status.WAITING]),
    ]
    agents = dict.fromkeys(session.agent for session in sessions)
    groups += [(f"@{agent}", [s for s in sessions if s.agent == agent]) for agent in agents if not agent.isdigit()]
    for word, members in groups:
        if members and all(map(only.accepts, members)) and not (only.is_single and len(members) > 1):
            yield Suggestion(word, f"{len(members)} sessions" if len(members) > 1 else f"pane {members[0].pane}")
    for session in sessions:
        if only.accepts(session):
            title = session.title.strip() or session.program_title.strip() or session.agent
            yield Suggestion(f"@{session.pane}", f"{title}, {session.status.value}")


def quoted(word: str) -> str:
    """The word as it has to be typed to stay one."""
    if _PLAIN.fullmatch(word) and not _IS_TARGET.match(word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words_before(head: str) -> tuple[list[str], int]:
    """The complete words before the cursor, and where the word begins that it is in (or that would begin there)."""
    words: list[str] = []
    at = len(head) - len(head.lstrip())
    while match := WORD.match(head, at):
        after = match.end()
        if after == len(head) or not head[after].isspace():  # the cursor is in it, or in a quote that is not closed
            return words, at
        words.append(_unquoted(match[0]))
        at = after + len(head[after:]) - len(head[after:].lstrip())
    return words, at


def _start_of_rest(head: str, count: int) -> int:
    """Where the last `count` complete words begin, before the one the cursor is in."""
    starts = []
    at = len(head) - len(head.lstrip())
    while match := WORD.match(head, at):
        starts.append(at)
        at = match.end()
        at += len(head[at:]) - len(head[at:].lstrip())
    if at == len(head) and head[-1:].isspace():
        starts.append(at)
    return starts[-count - 1]


def _unquoted(text: str) -> str:
    return _QUOTES.sub(lambda match: match[1] or "", text)


def _end_of_word(text: str) -> int:
    return next((index for index, character in enumerate(text) if character.isspace()), len(text))


def _rank_command(command: Command, needle: str) -> int | None:
    """0 for the best match, None for none: the beginning of what is typed for it, of its name, of a part, then the summary."""
    if command.title.startswith(needle):
        return 0
    if command.name.startswith(needle):
        return 1
    if any(part.startswith(needle) for part in re.split(r"[.-]", command.name)):
        return 2
    if needle in command.name or needle in command.title:
        return 3
    is_word = len(needle) > 2 and any(word.startswith(needle) for word in command.summary.lower().split())
    return 4 if is_word else None


def _rank(word: str, needle: str) -> int | None:
    if word.startswith(needle):
        return 0
    return 1 if needle in word else None


def _rank_target(target: Suggestion, needle: str) -> int | None:
    """`@5` by its beginning, and any pane by a part of its title: `@api`."""
    if target.word.startswith(needle):
        return 0
    wanted = needle.removeprefix("@")
    return 1 if len(wanted) > 1 and needle.startswith("@") and wanted in target.detail.lower() else None
