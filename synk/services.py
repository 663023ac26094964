"""Every long-lived object of the window by name; built in `app/build.py`, handed to constructors, never looked up globally."""

from dataclasses import dataclass

from synk.actions.control import Control
from synk.app.desktop_notes import DesktopNotes
from synk.app.keeping import Keeping
from synk.app.sidebar import SideParts
from synk.base.events import Hub
from synk.base.jobs import Jobs
from synk.commands.line import CommandRunner
from synk.hostclient import HostClient
from synk.sessions.manager import SessionManager
from synk.sessions.tabs import Tabs
from synk.settings.store import SettingsStore
from synk.storage.records import Records
from synk.ui.bridge import Bridge
from synk.ui.window import Window


@dataclass(frozen=True, slots=True)
class Services:
    """One window's objects, innermost first. Shutdown goes through them in `app/gui.py`."""

    hub: Hub
    bridge: Bridge
    jobs: Jobs
    settings: SettingsStore
    records: Records
    keeping: Keeping
    host: HostClient
    manager: SessionManager
    tabs: Tabs
    runner: CommandRunner
    window: Window
    control: Control
    desktop: DesktopNotes
    side: SideParts
