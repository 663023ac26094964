"""What is done before Qt is imported: directories, log, settings, the host and its pool. Shells warm up while Qt loads."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synk.app.records import open_records
from synk.base.errors import HostEnding, SynkError, WindowUnavailable
from synk.base.events import Hub, NoticeRaised
from synk.base.log import ProcessLog
from synk.base.paths import Directories, absolute, find_directories, make_runtime_directory, resource_directory
from synk.base.wire import Message
from synk.hostclient import HostClient, SyncHostClient
from synk.hoststart import HostAddress, host_argv
from synk.sessions.manager import SessionRules
from synk.settings.check import Problem
from synk.settings.schema import Settings
from synk.settings.store import SettingsStore
from synk.storage.records import Records

ENDING_LIMIT_S = 8.0
"""A host that was told to quit needs 3 s for stubborn programs and 5.5 s at most."""
ENDING_POLL_S = 0.05


@dataclass(slots=True)
class Waker:
    """Wakes the GUI thread; until Qt runs there is nobody to wake, and what is queued is delivered at the start."""

    wake: Callable[[], None] = lambda: None

    def __call__(self) -> None:
        self.wake()


class HostEvents:
    """Where the host's events go; filled in once the window's objects exist, and they are queued in the hub until then."""

    def __init__(self) -> None:
        self.event: Callable[[Message, tuple[int, ...]], None] = _drop
        self.lost: Callable[[], None] = lambda: None
        self.back: Callable[[Message], None] = lambda _welcome: None


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything that exists before Qt does."""

    version: str
    start_folder: str
    """Project of what is opened at the home screen: the folder named, else the one Synk was started in; resolved."""
    project: str | None
    """The folder to open at the start, resolved; None: the home screen."""
    directories: Directories
    log: ProcessLog
    settings: SettingsStore
    waker: Waker
    hub: Hub
    events: HostEvents
    host: HostClient
    records: Records
    """What is remembered between starts; opened, and this start is noted."""
    started: float
    """`time.monotonic` at the start of the process, for `--debug`."""


def launch(options: argparse.Namespace, version: str) -> Launch:
    """Start the host, connect, and have it warm the first shells.

    Raises:
        HostUnavailable: no host could be started.
        WindowRunning: another start was quicker.
        DirectoryUnusable: the runtime directory cannot be used.
    """
    started = time.monotonic()
    directories = find_directories(Path(options.profile) if options.profile else None)
    make_runtime_directory(directories.runtime)
    log = ProcessLog(directories.log, debug=options.debug)
    waker = Waker()
    hub = Hub(waker)
    if log.problem:
        hub.publish(NoticeRaised("error", log.problem))
    events = HostEvents()
    host = connect_window(host_address(directories, version), hub, events)
    settings = SettingsStore(None if options.safe else directories.settings)
    loaded = settings.load()
    for problem in loaded.problems:
        hub.publish(settings_notice(problem, settings.path))
    host.call("configure", **host_settings(loaded.settings, options.profile))
    records = open_records(None if options.safe else directories.data, version, hub.publish)
    project = choose_project(options.path, hub)
    folder = project or start_folder()
    return Launch(version, folder, project, directories, log, settings, waker, hub, events, host, records, started)


def settings_notice(problem: Problem, path: Path | None) -> NoticeRaised:
    """A mistake in the settings file, with a button that opens it there; without one if it cannot be read at all."""
    if path is None or problem.line is None:
        return NoticeRaised(problem.level, problem.text)
    return NoticeRaised(problem.level, problem.text, action="Open file", command=f"file.edit {path}:{problem.line}")


def connect_window(address: HostAddress, hub: Hub, events: HostEvents) -> HostClient:
    """Connect as the profile's window; waits for a host that is just ending the programs of the last one.

    Raises:
        HostUnavailable: no host could be started, or it refused.
        WindowRunning: there is a window of this profile.
        HostEnding: it did not end in time.
    """
    deadline = time.monotonic() + ENDING_LIMIT_S
    while True:
        try:
            return HostClient(
                address,
                environment=dict(os.environ),
                deliver=hub.call,
                on_event=lambda message, fds: events.event(message, fds),
                on_lost=lambda: events.lost(),
                on_back=lambda welcome: events.back(welcome),
            )
        except HostEnding:
            if time.monotonic() >= deadline:
                raise
            time.sleep(ENDING_POLL_S)


def hand_over(options: argparse.Namespace, version: str) -> bool:
    """True if a window of this profile runs already: it was asked to come to the front, with this folder if one is given."""
    directories = find_directories(Path(options.profile) if options.profile else None)
    try:
        client = SyncHostClient(host_address(directories, version), start=False)
    except SynkError:
        return False
    with client:
        if client.call("host.status")["window"] is None:
            return False
        try:
            client.call("ctl", verb="open", args={"path": os.path.abspath(options.path) if options.path else ""})
        except WindowUnavailable:
            return False
        except SynkError as error:
            print(f"synk: {error.message}", file=sys.stderr)
    return True


def host_address(directories: Directories, version: str) -> HostAddress:
    """Where this profile's host is, and how to start it."""
    return HostAddress(
        runtime=str(directories.runtime),
        state=str(directories.state),
        resources=str(resource_directory()),
        version=version,
        argv=host_argv(),
    )


def host_settings(settings: Settings, profile: str | None) -> dict[str, Any]:
    """The settings as the host's `configure` takes them; with `profile`, `synk ctl` inside a pane finds it again."""
    performance = settings.performance
    return {
        "pool": {
            "shell": performance.shell,
            "initial_pool_size": performance.initial_pool_size,
            "max_pool_size": performance.max_pool_size,
            "max_active": performance.max_active,
            "recycle_enabled": performance.recycle_enabled,
            "max_pty_age_minutes": performance.max_pty_age_minutes,
            "warmup_delay_ms": performance.warmup_delay_ms,
            "poll_interval_ms": performance.poll_interval_ms,
            "shell_integration": settings.terminal.shell_integration,
        },
        "profile": str(absolute(Path(profile))) if profile else "",
        "kill_detached": settings.session.kill_detached,
        "keep_after_crash_minutes": settings.automation.keep_after_crash_minutes,
        "automation": settings.automation.model_dump(),
    }


def session_rules(settings: Settings) -> SessionRules:
    """The settings as the session manager takes them."""
    return SessionRules(
        max_active=settings.performance.max_active,
        shell_exit=settings.session.shell_exit,
        scrollback_lines=settings.terminal.scrollback_lines,
        images=settings.terminal.images,
    )


def choose_project(path: str | None, hub: Hub) -> str | None:
    """The folder to open, resolved; None for the home screen. What is no folder is said on stderr and as a toast."""
    if not path:
        return None
    if os.path.isdir(path):
        return os.path.realpath(path)
    message = f"{path} is not a folder"
    print(f"synk: {message}", file=sys.stderr)
    hub.publish(NoticeRaised("error", message))
    return None


def start_folder() -> str:
    """The folder Synk was started in, resolved; the user's home if it has been removed."""
    return os.path.realpath(_current_directory())


def _current_directory() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # the folder Synk was started in has been removed
        return os.path.expanduser("~")


def _drop(_message: Message, fds: tuple[int, ...]) -> None:
    for fd in fds:
        os.close(fd)

