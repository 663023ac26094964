"""Settings in force: what they mean to window, sessions and host, at the start and after each change."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from synk.app.launch import host_settings, session_rules, settings_notice
from synk.app.own_keys import own_keys
from synk.base.errors import SynkError
from synk.base.events import Event, NoticeRaised, SettingsChanged
from synk.commands.line import CommandRunner
from synk.keys.modes import ModeMachine
from synk.services import Services
from synk.settings.check import LoadedSettings
from synk.settings.schema import Settings
from synk.ui.options import UiOptions

SETTINGS_POLL_S = 0.5
"""A change of the file takes effect within 1 s."""


class SettingsFollower:
    """Carries a change of the settings, by an editor or the dialog, to everything that follows them. GUI thread."""

    def __init__(self, services: Services, profile: str | None) -> None:
        self._services = services
        self._profile = profile
        self._known = services.settings.current

    def start(self) -> None:
        """Look at the file from now on."""
        self._services.jobs.every(SETTINGS_POLL_S, self._services.settings.poll, self.changed)

    @property
    def loaded(self) -> LoadedSettings:
        """What is in force."""
        return self._services.settings.current

    @property
    def unsaved(self) -> Mapping[str, Any]:
        """Changes in force that could not be written."""
        return self._services.settings.unsaved

    @property
    def unsaved_because(self) -> str:
        """Why they could not."""
        return self._services.settings.unsaved_because

    @property
    def path(self) -> str:
        """The file; "" if changes live in memory only."""
        return str(self._services.settings.path or "")

    def change(self, values: Mapping[str, Any], done: Callable[[str], None] | None = None) -> None:
        """Write `group.key` to a value (None: back to the default) in a job; it is in force before `done` is called.

        `done` gets "", or why nothing was changed; without `done` that becomes a notice.
        """

        def work() -> LoadedSettings:
            _refuse_bad_shell(values)
            return self._services.settings.change(values)

        self._submit(work, done)

    def retry(self, done: Callable[[str], None] | None = None) -> None:
        """Write what is not saved."""
        self._submit(self._services.settings.retry, done)

    def tell(self, text: str) -> None:
        """An error, to whoever looks."""
        self._services.hub.publish(NoticeRaised("error", text))

    def _submit(self, work: Callable[[], LoadedSettings], done: Callable[[str], None] | None) -> None:
        tell = done or (lambda text: self.tell(text) if text else None)

        def written(loaded: LoadedSettings) -> None:
            self.changed(loaded)
            tell("")

        def failed(error: Exception) -> None:
            if not isinstance(error, SynkError):
                raise error
            self.changed(self._services.settings.current)
            # What holds without being saved is shown as such where settings are changed.
            tell("" if done is not None and self.unsaved else error.message)

        self._services.jobs.submit(work, written, failed=failed)

    def changed(self, loaded: LoadedSettings) -> None:
        """These are the settings now; problems the last ones had already are not told again."""
        services, before, after = self._services, self._known.settings, loaded.settings
        for problem in loaded.new_problems(self._known):
            services.hub.publish(settings_notice(problem, services.settings.path))
        self._known = loaded
        services.manager.use_rules(session_rules(after))
        services.window.apply(ui_options(after))
        if before.keyboard != after.keyboard:
            services.window.use_keys(mode_machine(loaded, services.runner, services.hub.publish))
        if host_settings(before, self._profile) != host_settings(after, self._profile):
            services.host.call("configure", **host_settings(after, self._profile))
        services.hub.publish(SettingsChanged())


def ui_options(settings: Settings) -> UiOptions:
    """The settings as the window takes them."""
    ui, notifications = settings.ui, settings.notifications
    return UiOptions(
        font_family=ui.font_family,
        font_px=ui.font_px,
        sidebar_width=ui.sidebar_width,
        drawer_height=ui.drawer_height,
        drawer_panel_order=tuple(ui.drawer_panel_order),
        dim_unfocused=ui.dim_unfocused,
        unfocused_opacity=ui.unfocused_opacity,
        reduce_motion=ui.reduce_motion,
        toast_corner=notifications.position,
        toast_ms=notifications.duration_ms,
        confirm_multiline_paste=settings.terminal.confirm_multiline_paste,
        minimum_contrast=settings.terminal.minimum_contrast,
        clipboard_read=settings.terminal.clipboard_read,
    )


def mode_machine(loaded: LoadedSettings, runner: CommandRunner, notify: Callable[[Event], None]) -> ModeMachine:
    """The keys in force: the table, and the user's own on top."""
    keyboard = loaded.settings.keyboard
    keys = own_keys(loaded, runner.check)
    for problem in keys.problems:
        notify(NoticeRaised("error", problem, action="Open file", command="settings.edit"))
    return ModeMachine(
        keys.keymap,
        double_escape_s=keyboard.double_escape_timeout_ms / 1000,
        hold_first_escape=keyboard.hold_first_escape,
    )


def _refuse_bad_shell(values: Mapping[str, Any]) -> None:
    shell = values.get("performance.shell")
    if shell and not (os.path.isfile(shell) and os.access(shell, os.X_OK)):
        raise SynkError(f"performance.shell: {shell} is not an executable file. Nothing was changed.")
