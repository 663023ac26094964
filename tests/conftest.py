"""What holds for every test: no display, no files of the user, nothing left behind, no sleeping by the clock."""

import gc
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before anything imports Qt. Tests with a real window start their own X server and say so in the child's environment.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# The same examples in every run, however slow the machine; `--hypothesis-profile=explore` looks for others.
settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

LIMIT_S = 30.0
"""A busy machine may need long; a test that waits this long has failed."""
SETTLE_S = 10.0
"""How long what a test stopped may take to be gone."""

# Ctrl+C is tested with real signals, which a program ignores if whoever started it does: `pytest &` in a script.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """`wait_until(predicate)`: returns once it is true, fails the test after the deadline."""

    def wait(predicate: Callable[[], object], timeout_s: float = LIMIT_S) -> None:
        deadline = time.monotonic() + timeout_s
        while not predicate():
            assert time.monotonic() < deadline, f"still false after {timeout_s} s: {predicate}"
            select.select([], [], [], 0.005)

    return wait


@pytest.fixture(scope="session", autouse=True)
def _own_directories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Synk's default directories are empty ones, so that no test reads or writes those of the user."""
    with pytest.MonkeyPatch.context() as patch:
        base = tmp_path_factory.mktemp("xdg")
        for name in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR"):
            folder = base / name.lower()
            folder.mkdir(mode=0o700)
            patch.setenv(f"XDG_{name}", str(folder))
        # Nor puts secrets of its own into the user's keyring.
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        yield


@dataclass(frozen=True, slots=True)
class Belongings:
    """What this process holds that a test can leave behind."""

    threads: frozenset[threading.Thread]
    children: frozenset[int]
    fds: frozenset[tuple[int, str]]
    """Number and what it is open on."""

    @classmethod
    def now(cls) -> "Belongings":
        return cls(frozenset(threading.enumerate()), frozenset(_children()), frozenset(_open_fds()))

    def more_than(self, before: "Belongings") -> list[str]:
        """What is here and was not before, in words."""
        return [
            *(f"thread {thread.name}" for thread in self.threads - before.threads if thread.is_alive()),
            *(f"child {pid} ({_command(pid)})" for pid in self.children - before.children),
            *(f"fd {fd} on {target}" for fd, target in self.fds - before.fds),
        ]


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that leaves a thread, a child process or an open fd fails."""
    if {"qtbot", "qapp"} & set(request.fixturenames):
        request.getfixturevalue("_warm_qt")
    before = Belongings.now()
    yield
    if not Belongings.now().more_than(before):
        return
    gc.collect()
    deadline = time.monotonic() + SETTLE_S
    while left := Belongings.now().more_than(before):
        if time.monotonic() > deadline:
            pytest.fail("left behind: " + ", ".join(sorted(left)))
        select.select([], [], [], 0.01)


@pytest.fixture(scope="session")
def _warm_qt(qapp: object) -> object:
    """What Qt opens once per process and keeps (fonts, wake-up pipes) is open before the first count."""
    from PySide6.QtWidgets import QLabel

    label = QLabel("warm")
    label.show()
    label.grab()
    label.close()
    qapp.processEvents()  # type: ignore[attr-defined]
    return qapp


def _children() -> Iterator[int]:
    for task in Path("/proc/self/task").iterdir():
        try:
            yield from map(int, (task / "children").read_text().split())
        except FileNotFoundError:  # the thread ended while we looked
            continue


def _open_fds() -> Iterator[tuple[int, str]]:
    for name in os.listdir("/proc/self/fd"):
        try:
            yield int(name), os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:  # the fd of this very listing
            continue


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "gone"
