"""VTE, the terminal of GNOME, as a window of 80 x 24: `/usr/bin/python3 vte_window.py PROGRAM ARGUMENT...`.

The system's Python runs it, which has GTK's bindings where they are installed; nothing of Synk is imported.
"""

import sys

import gi  # type: ignore[import-not-found]

gi.require_version("Gtk", "3.0")
gi.require_version("Vte", "2.91")
from gi.repository import GLib, Gtk, Vte  # type: ignore[import-not-found]  # noqa: E402


def main() -> None:
    """Run the program until it ends."""
    terminal = Vte.Terminal()
    terminal.set_size(80, 24)
    terminal.set_scrollback_lines(5000)
    terminal.set_cursor_blink_mode(Vte.CursorBlinkMode.OFF)
    terminal.connect("child-exited", lambda _terminal, _status: Gtk.main_quit())
    terminal.spawn_async(Vte.PtyFlags.DEFAULT, None, sys.argv[1:], None, GLib.SpawnFlags.DEFAULT, None, None, -1, None, None)
    window = Gtk.Window(title="vte")
    window.add(terminal)
    window.show_all()
    Gtk.main()


if __name__ == "__main__":
    main()
