#!/usr/bin/python3
"""Looks at a running Synk as a screen reader does: over AT-SPI, from outside. Run by `.ci/accessibility`, not by pytest.

Needs the system's Python with `gi` and Atspi, a session bus and a display; `walk.py SYNK PROFILE FOLDER` starts SYNK there.
Prints one line per check; the status is 1 if one failed.
"""

import json
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

LIMIT_S = 60
UNNAMED_OK = {"filler", "scroll bar", "viewport", "layered pane", "separator", "scroll pane"}
"""Roles that only hold others or are not stopped at: a reader does not speak them."""


class Walk:
    """One window, its checks, and what failed."""

    def __init__(self, synk, profile, folder):
        self.command = [*synk, "--profile", profile]
        self.window = subprocess.Popen([*self.command, folder])
        self.failed = []

    def run(self):
        """All checks; 1 if one failed."""
        try:
            application = self.until(self.application, "Synk is on the accessibility bus")
            self.until(lambda: self.ctl("list") is not None, "it answers")
            self.check_workspace(application)
            self.check_part(application, "settings.open", "settings")
            self.check_part(application, "help.open", "the keyboard overlay")
            self.check_part(application, "session.new", "the question for an agent")
            self.check_part(application, "home.show", "the home screen", closes=False)
        finally:
            self.window.terminate()
            self.window.wait(30)
            subprocess.run([*self.command, "host", "stop"], check=False, capture_output=True)
        return 1 if self.failed else 0

    def check_workspace(self, application):
        """A terminal's text can be read, and each thing in the window has a name."""
        session = self.ctl("new")["session"]
        self.ctl("wait-for", f"session:{session}", "status=idle")
        self.ctl("send-text", f"session:{session}", "echo read-$((40+2))-me", "--enter")
        self.ctl("wait-for", f"session:{session}", "text=read-42-me")
        self.until(lambda: any("read-42-me" in text for text in self.texts(application)), "the terminal's text can be read")
        self.check_names(application, "the workspace")

    def check_part(self, application, line, name, closes=True):
        """What a command opens is named, and so is all in it."""
        before = self.shown(application)
        self.ctl("do", line)
        self.until(lambda: self.shown(application) - before, f"{name}: something new is there")
        self.check_names(application, name)
        if closes:
            self.ctl("do", "close")

    def check_names(self, application, where):
        """Nothing that can be stopped at is without a name."""
        nameless = []
        for node in self.tree(application):
            states = node.get_state_set()
            is_shown = states.contains(Atspi.StateType.SHOWING)
            can_stop = states.contains(Atspi.StateType.FOCUSABLE)
            if is_shown and can_stop and not node.get_name() and node.get_role_name() not in UNNAMED_OK:
                nameless.append(self.path(node))
        self.expect(not nameless, f"{where}: all that can have the keyboard is named {nameless or ''}")

    def application(self):
        """Synk's root on the bus, None before it is there."""
        desktop = Atspi.get_desktop(0)
        for index in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(index)
            if child is not None and child.get_name() == "synk":
                return child
        return None

    def tree(self, node):
        """A node and all below it as they are now; what vanishes meanwhile is left out."""
        yield node
        try:
            node.clear_cache()
            children = [node.get_child_at_index(index) for index in range(node.get_child_count())]
        except gi.repository.GLib.Error:
            return
        for child in children:
            if child is not None:
                yield from self.tree(child)

    def shown(self, application):
        """Names of all that is shown."""
        return {
            node.get_name() for node in self.tree(application) if node.get_state_set().contains(Atspi.StateType.SHOWING)
        }

    def texts(self, application):
        """What every text in the window says."""
        for node in self.tree(application):
            if node.get_state_set().contains(Atspi.StateType.SHOWING) and "Text" in node.get_interfaces():
                yield Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node))

    def path(self, node):
        """Where a node is: roles and names from the root on."""
        words = []
        while node is not None and len(words) < 8:
            words.append(f"{node.get_role_name()} {node.get_name()!r}")
            node = node.get_parent()
        return " < ".join(words)

    def ctl(self, *arguments):
        """The answer of `synk ctl`, None if there is none."""
        verb, *rest = arguments
        done = subprocess.run([*self.command, "ctl", verb, "--json", *rest], check=False, capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def until(self, find, what):
        """Look until it is found; what was found."""
        deadline = time.monotonic() + LIMIT_S
        while not (found := find()) and time.monotonic() < deadline:
            pass  # each look asks the bus or starts a program
        self.expect(bool(found), what)
        return found

    def expect(self, holds, what):
        """Say so."""
        print(f"{'ok' if holds else 'FAILED'}: {what}", flush=True)
        if not holds:
            self.failed.append(what)


if __name__ == "__main__":
    program, profile_folder, project = sys.argv[1:]
    sys.exit(Walk(program.split(), profile_folder, project).run())
