"""A profile of its own with a host that all tests of a file share."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import SynkError
from synk.engine.sync import SyncEngine
from synk.pty.processes import start_environment, table


class Place:
    """Where the tests of a file run: a profile, a home, and the environment of the caller."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.profile = base / "profile"
        self.home = base / "home"
        self.home.mkdir()
        self.fifo = base / "fifo"
        os.mkfifo(self.fifo)
        self.csv = base / "table.csv"
        self.csv.write_text("kind,n\na,1\nb,2\na,3\n")
        self.environment = {
            "HOME": str(self.home),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "USER": os.environ.get("USER", "root"),
            "MY_TOKEN": "inherited",
            "SSH_AUTH_SOCK": "/run/agent",
        }

    def engine(self) -> SyncEngine:
        """Not connected yet: `with place.engine() as engine`."""
        return SyncEngine(profile=str(self.profile), environment=self.environment)

    def processes(self, mark: str) -> list[int]:
        """Living processes whose start environment has this variable, `NAME=value`."""
        name, _, value = mark.partition("=")
        return [pid for pid, process in table().items() if process.is_alive and start_environment(pid, name) == value]

    def end(self) -> None:
        """End the host and all that it started."""
        with contextlib.suppress(SynkError, ProcessLookupError), self.engine() as engine:
            os.kill(int(engine.status()["pid"]), signal.SIGTERM)
        for pid in self.processes(f"HOME={self.home}"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The profile of this file's tests; its host runs until they are over."""
    made = Place(tmp_path_factory.mktemp("engine"))
    with made.engine() as engine:
        pid = int(engine.status()["pid"])
    yield made
    made.end()
    # The first host is our child; if it is not the one that serves by now, it still has to go.
    with contextlib.suppress(ChildProcessError, ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


@pytest.fixture
def engine(place: Place) -> Iterator[Any]:
    """A blocking engine; Any, because its calls are those of `Engine` without await."""
    with place.engine() as made:
        yield made


@pytest.fixture
def ended(place: Place, wait_until: Callable[..., None]) -> Callable[[str], None]:
    """`ended("NAME=value")`: wait until no process with this variable is left."""
    return lambda mark: wait_until(lambda: not place.processes(mark))
