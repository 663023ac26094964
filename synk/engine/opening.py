"""Finding the profile's host for the command line and the Python API, starting it, and telling a new one the settings."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from synk.base.errors import HostEnding, HostUnavailable, NotAllowed
from synk.base.paths import find_directories, make_runtime_directory, resource_directory, runtime_directory
from synk.base.version import synk_version
from synk.hostclient import SyncHostClient
from synk.hoststart import HostAddress, host_argv

ENDING_LIMIT_S = 8.0
"""A host that ends the programs of a window needs 5.5 s at most; then another one is started."""
ENDING_POLL_S = 0.05


def profile_folder(profile: str | None) -> Path | None:
    """The folder of the profile that is meant; inside a pane that of the window which owns it."""
    chosen = profile or os.environ.get("SYNK_PROFILE")
    return Path(chosen) if chosen else None


def full_address(profile: str | None, version: str) -> HostAddress:
    """Where the host is and how one is started; makes the runtime directory.

    Raises:
        DirectoryUnusable: the runtime directory cannot be used.
    """
    directories = find_directories(profile_folder(profile))
    make_runtime_directory(directories.runtime)
    return HostAddress(
        runtime=str(directories.runtime),
        state=str(directories.state),
        resources=str(resource_directory()),
        version=version,
        argv=host_argv(),
    )


def open_client(profile: str | None = None, *, start: bool = True) -> SyncHostClient:
    """A connection of the command line; starts a host if there is none and `start` is True. Blocks.

    With a running host nothing slow is imported: 14 ms for the directories and 20 ms for the version are spared.

    Raises:
        HostUnavailable: no host, or none could be started; names the place of its log.
    """
    address = HostAddress(str(runtime_directory(profile_folder(profile))), state="", resources="", version="", argv=())
    deadline = time.monotonic() + ENDING_LIMIT_S
    while True:
        try:
            return _told(SyncHostClient(address, start=bool(address.argv)), profile)
        except HostEnding:
            if time.monotonic() >= deadline:
                raise
            time.sleep(ENDING_POLL_S)
        except HostUnavailable:
            if not start or address.argv:
                raise
            address = full_address(profile, synk_version())


@dataclass(frozen=True, slots=True)
class LazySecrets:
    """The secret store of a profile; nothing of it is imported before a secret is asked for."""

    profile: str | None

    def get(self, name: str) -> str | None:
        """As `ProfileSecrets.get`."""
        made = import_module("synk.engine.profile_secrets").ProfileSecrets(profile_folder(self.profile))
        value: str | None = made.get(name)
        return value


def automation_settings(profile: str | None) -> dict[str, Any]:
    """The settings `automation.*` of the profile, as `automation.configure` takes them; what cannot be read is a default."""
    store = import_module("synk.settings.store")
    directories = find_directories(profile_folder(profile))
    settings = store.SettingsStore(directories.settings).load().settings
    return dict(settings.automation.model_dump())


def _told(client: SyncHostClient, profile: str | None) -> SyncHostClient:
    if not client.welcome.get("is_automation_set", True):
        # An agent may not; then the defaults hold, which are the strictest.
        with suppress(NotAllowed):
            client.call("automation.configure", automation=automation_settings(profile))
    return client
