"""The command line: `/name [target] [argument ...]`, read and run (03-workspace.md, section 5)."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from synk.base.errors import NoSuchTarget, UsageError
from synk.commands.registry import Command, Parameter, Registry, Targets
from synk.sessions.session import Session, Status

WORD = re.compile(r"""(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\])+""", re.DOTALL)
"""One complete word with its quotes: quotes keep words together, a backslash takes the next character as it is."""


class NothingSelected(NoSuchTarget):
    """What the line is about is not there: no session is selected, or no project is shown. A key that meets this does nothing."""


class CommandRunner:
    """Runs command lines; the one way from keys, `synk ctl do` and tests to the actions. GUI thread."""

    def __init__(
        self,
        registry: Registry,
        *,
        sessions: Callable[[], Sequence[Session]],
        selected: Callable[[], Session | None],
        everywhere: Callable[[], Sequence[Session]] | None = None,
    ) -> None:
        """`sessions` lists those of the tab shown, in pane order; `selected` is the default target.

        `everywhere` lists those of all tabs: what `session:12` may name.
        """
        self.registry = registry
        self.sessions = sessions
        """Those of the tab shown, in pane order."""
        self._everywhere = everywhere or sessions
        self._selected = selected

    def run(self, line: str) -> str:
        """Run one line, with or without the slash; returns its result line, "" if there is nothing to say.

        Raises:
            UsageError: unknown command, missing, wrong or surplus argument. Nothing has run.
            NoSuchTarget: a target is not there. Nothing has run.
            SynkError: what the command itself raises.
        """
        name, words = self._split(line)
        command = self.registry.find(name)
        return command.function(*self._arguments(command, name, words)) or ""

    def check(self, line: str) -> None:
        """Raises UsageError if the line names no command; nothing runs, and arguments are not looked at."""
        self.registry.find(self._split(line)[0])

    def _split(self, line: str) -> tuple[str, "Words"]:
        words = Words(line.lstrip().removeprefix("/"))
        name = words.next()
        if name is None:
            raise UsageError("Type a command, for example /new")
        return name, words

    def _arguments(self, command: Command, name: str, words: "Words") -> list[Any]:
        targets = self._targets(command, name, words)
        values: list[Any] = []
        for parameter in command.parameters:
            if parameter.kind == "targets":
                values.append(targets)
            elif parameter.kind in ("rest", "whole"):
                text = words.rest() if parameter.kind == "rest" else words.whole()
                if parameter.is_required and not text:
                    raise UsageError(f"/{name} needs {parameter.name}")
                values.append(text)
            elif parameter.kind == "words":
                values.extend(words.all())
            elif (word := words.next()) is not None:
                values.append(_value(parameter, word, name))
            elif parameter.is_required:
                raise UsageError(f"/{name} needs {parameter.describe()}")
            else:
                break  # the defaults of the function; nothing can follow a missing word
        if surplus := words.rest().strip():
            raise UsageError(f'/{name} does not take "{surplus}". Usage: {command.usage}')
        return values

    def _targets(self, command: Command, name: str, words: "Words") -> Targets | None:
        spec = words.target()
        wanted = next((p for p in command.parameters if p.kind == "targets"), None)
        if spec is not None:
            if wanted is None:
                raise UsageError(f'/{name} does not take a target, but got "{spec}". Usage: {command.usage}')
            return resolve_targets(spec, self.sessions(), self._everywhere())
        if wanted is None or not wanted.is_required:
            return None
        selected = self._selected()
        if selected is None:
            raise NothingSelected(f"/{name} needs a target: no session is selected. Name one, for example @1")
        return Targets((selected,))


class Words:
    """Cuts a line into words: quotes keep words together, a backslash takes the next character as it is."""

    _BLANKS = re.compile(r"\s*")
    _PIECE = re.compile(r"""\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'|([^\s"'\\]+)""", re.DOTALL)
    _TARGET = re.compile(r"(?:@|session:)\S+")

    def __init__(self, line: str) -> None:
        self._line = line
        self._at = 0

    def next(self) -> str | None:
        """The next word, None at the end.

        Raises:
            UsageError: a quote is not closed, or a backslash ends the line.
        """
        start = self._after_blanks()
        match = WORD.match(self._line, start)
        after = match.end() if match else start
        if self._line.startswith(("'", '"', "\\"), after):
            raise UsageError(f"A quote is not closed in: {self._line[start:].strip()}")
        if match is None:
            return None
        self._at = after
        return "".join(_unescape(piece) for piece in self._PIECE.finditer(match[0]))

    def target(self) -> str | None:
        """The next word if it is a target (`@5`, `@1,@3`, `@idle`, `session:12`), else None and nothing is taken."""
        match = self._TARGET.match(self._line, self._after_blanks())
        if match is None:
            return None
        self._at = match.end()
        return match[0]

    def rest(self) -> str:
        """Everything not taken yet, exactly as typed, without the blank that ends the word before."""
        text = self._line[self._at :]
        self._at = len(self._line)
        return text[1:] if text[:1].isspace() else text

    def whole(self) -> str:
        """Everything not taken yet as one word, blanks and all; quotes around the whole of it are taken off."""
        text = self.rest().strip()
        match = WORD.fullmatch(text) if text.startswith(("'", '"')) else None
        return "".join(_unescape(piece) for piece in self._PIECE.finditer(text)) if match else text

    def all(self) -> list[str]:
        """All words that are left."""
        return list(iter(self.next, None))

    def _after_blanks(self) -> int:
        match = self._BLANKS.match(self._line, self._at)
        return match.end() if match else self._at


def resolve_targets(spec: str, sessions: Sequence[Session], everywhere: Sequence[Session] | None = None) -> Targets:
    """The sessions a target names, in pane order and each once.

    `sessions` are those of the tab shown, which pane numbers and words mean; `session:12` is looked for `everywhere`.

    Raises:
        NoSuchTarget: one of them is not there; the text says what is.
    """
    found: dict[int, Session] = {}
    for word in spec.split(","):
        among = sessions if everywhere is None or not word.startswith("session:") else everywhere
        chosen = [session for session in among if _matches(word, session)]
        if not chosen:
            raise NoSuchTarget(_missing(word))
        found.update((session.id, session) for session in chosen)
    return Targets(sorted(found.values(), key=lambda session: session.pane))


_GROUPS: dict[str, Callable[[Session], bool]] = {
    "@all": lambda _session: True,
    "@idle": lambda session: session.is_live and session.status in (Status.IDLE, Status.DONE_UNSEEN),
    "@active": lambda session: session.status in (Status.WORKING, Status.WAITING),
    "@waiting": lambda session: session.status is Status.WAITING,
}


def _matches(word: str, session: Session) -> bool:
    if group := _GROUPS.get(word):
        return group(session)
    if word.startswith("session:"):
        return word.removeprefix("session:") == str(session.id)
    name = word.removeprefix("@")
    return name == str(session.pane) if name.isdigit() else name == session.agent


def _missing(word: str) -> str:
    if word == "@all":
        return "No session is open"
    if word in _GROUPS:
        return f"No {word.removeprefix('@')} session"
    if word.startswith("session:"):
        return f"No session {word.removeprefix('session:')}"
    name = word.removeprefix("@")
    if name.isdigit():
        return f"No pane {name}"
    return f'No session of an agent called "{name}"'


def _value(parameter: Parameter, word: str, name: str) -> str | int:
    if parameter.kind == "choice" and word not in parameter.choices:
        raise UsageError(f'/{name} takes {parameter.describe()}, not "{word}"')
    if parameter.kind == "number":
        if not word.isdigit():
            raise UsageError(f'/{name} takes a number, not "{word}"')
        return int(word)
    return word


def _unescape(piece: re.Match[str]) -> str:
    escaped, double, single, plain = piece.groups()
    if double is not None:
        return re.sub(r"\\(.)", r"\1", double, flags=re.DOTALL)
    return next(text for text in (escaped, single, plain) if text is not None)
