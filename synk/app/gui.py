"""The window's process from start to shutdown: Qt's loop, signals, and one fixed order in which everything ends."""

import argparse
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QApplication

from synk.app.build import build
from synk.app.collector import Collector
from synk.app.faults import Faults
from synk.app.launch import Launch
from synk.base.events import NoticeRaised, SettingsChanged
from synk.hostclient import Reply
from synk.services import Services
from synk.ui.bridge import later
from synk.ui.look import Look, first_theme
from synk.ui.quit_signals import QuitSignals
from synk.ui.terminal import accessible
from synk.ui.terminal.terminal_view import TerminalView
from synk.ui.theme import Theme, dress, install_fonts

log = logging.getLogger(__name__)

ENDING_LIMIT_MS = 6000
"""Longest wait for the host to end all programs: its ladder takes 3 s, and 5 with a process nobody can end."""

THEME_POLL_S = 0.5
"""An edit of the user's own theme shows within 1 s; a theme that comes with Synk is not looked at."""


class Gui:
    """A running window: owns the application object and the shutdown."""

    def __init__(self, launched: Launch, options: argparse.Namespace) -> None:
        # By argument and not by QT_QPA_PLATFORM, which the programs in the sessions would inherit.
        self.application = QApplication(["synk", "-platform", "offscreen"] if options.screenshot else ["synk"])
        self.application.setApplicationName("synk")
        self.application.setDesktopFileName("synk")
        # The window hides long before the last program has ended.
        self.application.setQuitOnLastWindowClosed(False)
        self._launched = launched
        own_themes = None if options.safe else launched.directories.config / "themes"
        theme = first_theme(self.application, launched.settings.current.settings.ui.theme, own_themes)
        install_fonts()
        dress(self.application, theme)
        accessible.install(TerminalView)
        # A turn later: who asked for it from outside (`synk ctl do quit`) is answered before the host ends everything.
        self.services: Services = build(launched, options, theme, on_quit=lambda: later(0, self.quit))
        self._faults = Faults(self.services.hub.publish)
        logging.getLogger().addHandler(self._faults)
        self._follow_theme(theme, own_themes)
        self._collector = Collector(self.services.hub, later)
        self._signals = QuitSignals(self.quit)
        self._is_quitting = False
        self._steps_started = 0.0

    def run(self, script: Callable[["Gui"], None] | None = None) -> int:
        """Show the window and stay until it is quit; `script` is called once the loop runs. Returns the exit status."""
        self._place()
        self.services.window.show()
        self._collector.start()
        if script is not None:
            later(0, partial(script, self))
        self.application.exec()
        if not self._is_quitting:
            # The host takes it for a crash, rightly: the next window finds the sessions as they are.
            log.warning("Qt's loop ended without a quit: the display is gone")
            self._steps_started = time.monotonic()
        self._close_all()
        return 0

    def _place(self) -> None:
        """Put the window where it was, at first in the middle. (The offscreen platform has no real screen.)"""
        if self.application.platformName() != "offscreen":
            self.services.keeping.place_window()

    def _follow_theme(self, theme: Theme, own_themes: Path | None) -> None:
        """The setting, the desktop and the user's own file change the colors while everything runs."""
        services = self.services
        look = Look(
            self.application,
            theme,
            own_themes,
            submit=services.jobs.submit,
            tell=lambda text, level: services.hub.publish(NoticeRaised(level, text)),
            repaint=services.window.show_theme,
        )
        services.hub.subscribe(SettingsChanged, lambda _event: look.follow(services.settings.current.settings.ui.theme))
        services.jobs.every(THEME_POLL_S, look.poll, lambda _is_edited: look.read())
        look.follow(services.settings.current.settings.ui.theme)

    def quit(self) -> None:
        """Begin the shutdown, without questions: hide the window, end all programs, leave the loop. Once."""
        if self._is_quitting:
            return
        self._is_quitting = True
        self._steps_started = time.monotonic()
        self._step("hide the window", self.services.window.hide)
        self._step("remember what is open", self.services.keeping.finish)
        # The host hears of it before we let go of the terminals, so it knows that this is no crash.
        self.services.host.expect_end()
        self._step("end all programs", lambda: self.services.host.call("quit", self._ended))
        self._step("read no more", self.services.bridge.unwatch)
        self._step("let go of the terminals", self.services.manager.shut_down)
        later(ENDING_LIMIT_MS, self._leave)

    def _ended(self, reply: Reply) -> None:
        if reply.error is not None:
            log.warning("quit: %s", reply.error.message)
        self._leave()

    def _leave(self) -> None:
        # Not quit(): that asks every window that is shown, and ours answers by asking the user.
        self.application.exit(0)

    def _close_all(self) -> None:
        """What is left after the loop, each step with its own limit inside."""
        services = self.services
        self._step("leave the host", services.host.close)
        self._step("end the jobs", services.jobs.close)
        self._step("close the records", services.records.close)
        self._step("let go of the desktop", services.desktop.close)
        self._step("follow no branches", services.side.close)
        self._step("drop the window", services.window.close_down)
        self._step("let go of the loop", services.bridge.close)
        self._step("restore the signals", self._signals.close)
        self._step("restore the collector", self._collector.stop)
        self._step("tell of no more faults", lambda: logging.getLogger().removeHandler(self._faults))
        self._step("close the log", self._launched.log.close)

    def _step(self, name: str, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception:
            log.exception("shutdown: %s failed", name)
        else:
            log.info("shutdown: %s, %.0f ms after the start", name, (time.monotonic() - self._steps_started) * 1000)
