"""REPLs of a real host, driven by a real client."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from synk.base.errors import SynkError
from synk.base.wire import Message


class Client(Protocol):
    """What tests/process/conftest.py gives as `engine`."""

    environment: dict[str, str]
    cwd: str

    def ask(self, do: str, **arguments: Any) -> Message: ...
    def wait(self, run: Message, until: str = "exit", **options: Any) -> Message: ...


class LiveRepl:
    """One REPL of a client."""

    def __init__(self, client: Client, started: Message) -> None:
        self.client = client
        self.started = started
        self.id: str = started["repl"]
        self.pid: int = started["pid"]

    def exec(self, code: str, **options: Any) -> Message:
        """Run a cell to its end; its record."""
        given = {"want": "value", "wait_s": 30, **options}
        return self.client.ask("repl.exec", repl=self.id, code=code, **given)

    def begin(self, code: str, **options: Any) -> Message:
        """Start a cell; `{run, repl, folder}`."""
        return self.client.ask("repl.exec", repl=self.id, code=code, **{"want": "value", **options})

    def value(self, code: str) -> Any:
        """The plain value of a cell that has to succeed."""
        record = self.exec(code)
        assert record["status"] == "completed", record["extra"].get("error")
        return record["extra"]["value"]["value"]

    def interrupt(self) -> None:
        self.client.ask("repl.interrupt", repl=self.id)

    def row(self) -> Message:
        """Its row of the list."""
        return next(row for row in self.client.ask("repl.list")["repls"] if row["repl"] == self.id)

    def stop(self) -> None:
        self.client.ask("repl.stop", repl=self.id)


@pytest.fixture
def start(engine: Client) -> Iterator[Callable[..., LiveRepl]]:
    """`start(language="python", **options)`: a REPL, stopped after the test. Python is the one of the tests."""
    made: list[LiveRepl] = []

    def begin(language: str = "python", *, client: Client | None = None, **options: Any) -> LiveRepl:
        asker = client or engine
        given = {"environment": dict(asker.environment), "cwd": asker.cwd, **options}
        if language == "python":
            given.setdefault("interpreter", sys.executable)
        made.append(LiveRepl(asker, asker.ask("repl.start", language=language, **given)))
        return made[-1]

    yield begin
    for repl in made:
        with contextlib.suppress(SynkError, OSError):
            repl.stop()


@pytest.fixture
def repl(start: Callable[..., LiveRepl]) -> LiveRepl:
    """A Python REPL."""
    return start()


@pytest.fixture
def is_gone() -> Callable[[int], bool]:
    """`is_gone(pid)`: there is no such process, or only its remains."""

    def look(pid: int) -> bool:
        try:
            return " Z " in Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return True

    return look
