"""What Qt needs from the machine, checked before Qt is touched: shared libraries and a display.

With a library or the display missing Qt aborts with a misleading message (status 134). Standard library
only: `packaging/dev.py` loads this file by its path before anything is installed.
"""

import os
import shutil
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Library:
    """A shared library and the Debian package that holds it."""

    soname: str
    package: str
    """The name without Ubuntu's t64 suffix: apt follows `Provides` from the old name to the new one."""


QT_LIBRARIES = (
    Library("libGL.so.1", "libgl1"),
    Library("libEGL.so.1", "libegl1"),
    Library("libglib-2.0.so.0", "libglib2.0-0"),
    Library("libfontconfig.so.1", "libfontconfig1"),
    Library("libdbus-1.so.3", "libdbus-1-3"),
    Library("libxkbcommon.so.0", "libxkbcommon0"),
)
"""Linked by QtCore, QtGui and QtWidgets: without them even the import fails."""

X11_LIBRARIES = (
    Library("libX11-xcb.so.1", "libx11-xcb1"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4"),
    Library("libxcb-image.so.0", "libxcb-image0"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Library("libxcb-randr.so.0", "libxcb-randr0"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0"),
    Library("libxcb-shape.so.0", "libxcb-shape0"),
    Library("libxcb-sync.so.1", "libxcb-sync1"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1"),
)
"""Linked by Qt's platform plugin `xcb`."""

WAYLAND_LIBRARIES = (
    Library("libwayland-client.so.0", "libwayland-client0"),
    Library("libwayland-cursor.so.0", "libwayland-cursor0"),
)
"""Linked by Qt's platform plugin `wayland`."""

COMMANDS_WITHOUT_WINDOW = frozenset({"batch", "analyze", "ctl", "exec", "host", "mcp", "pool", "repl", "runs", "session"})
"""First words of the command line that never open a window."""

OPTIONS_WITHOUT_WINDOW = ("--help", "-h", "--version", "--screenshot", "--backup")
"""Options of `synk` that answer without a window."""

DISPLAY_TIMEOUT_S = 2.0
"""Longest wait for a Wayland socket; it answers at once or is not served."""


def missing_libraries(*, for_window: bool, environment: Mapping[str, str] | None = None) -> list[Library]:
    """The libraries Qt needs that the dynamic loader cannot open; about 5 ms, Qt finds them loaded then.

    `for_window` adds those of the display that `environment` (default: ours) names: X11 if DISPLAY is
    set, else Wayland; none with a Qt platform that needs no display.
    """
    variables = os.environ if environment is None else environment
    wanted = list(QT_LIBRARIES)
    if for_window and needs_display(variables):
        wanted += X11_LIBRARIES if variables.get("DISPLAY") else WAYLAND_LIBRARIES
    return [library for library in wanted if not _can_load(library.soname)]


def needs_display(environment: Mapping[str, str]) -> bool:
    """False if `QT_QPA_PLATFORM` names a platform that draws without X11 and Wayland, e.g. `offscreen`."""
    platform = environment.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    return platform in ("", "xcb") or platform.startswith("wayland")


def has_display(environment: Mapping[str, str]) -> bool:
    """True if a window can be asked for at all: a display is named, or none is needed."""
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")) or not needs_display(environment)


def silent_displays(environment: Mapping[str, str]) -> list[str]:
    """The displays that `environment` names, as `NAME=value`, if none of them lets us in; [] if one does or none is needed.

    A display of a session that has ended, or of another user, aborts Qt with status 134. Waits for the X server's
    answer, a round trip.
    """
    if not needs_display(environment):
        return []
    silent = []
    wayland, x11 = environment.get("WAYLAND_DISPLAY"), environment.get("DISPLAY")
    if wayland:
        if _answers_wayland(os.path.join(environment.get("XDG_RUNTIME_DIR", ""), wayland)):
            return []
        silent.append(f"WAYLAND_DISPLAY={wayland}")
    if x11:
        if _answers_x11(x11):
            return []
        silent.append(f"DISPLAY={x11}")
    return silent


def opens_window(arguments: Sequence[str]) -> bool:
    """True if `synk ARGUMENTS` opens a window; False for `--version`, `--screenshot`, `ctl` and the like."""
    words = iter(arguments)
    for word in words:
        if word.partition("=")[0] in OPTIONS_WITHOUT_WINDOW or word in COMMANDS_WITHOUT_WINDOW:
            return False
        if word == "--profile":
            next(words, None)
        elif not word.startswith("-"):
            break  # the project's folder: a command can only come before it
    return not any(word.partition("=")[0] in OPTIONS_WITHOUT_WINDOW for word in words)


def apt_arguments(packages: Iterable[str]) -> list[str]:
    """What to pass to apt-get to install `packages`, each once, without questions."""
    return ["install", "--yes", "--no-install-recommends", *dict.fromkeys(packages)]


def apt_line(packages: Iterable[str]) -> str:
    """The line that installs `packages` on Debian and Ubuntu, to be pasted into a shell."""
    return " ".join(["sudo apt-get", *apt_arguments(packages)])


def no_display_text(program: str = "synk") -> str:
    """What to say instead of opening a window when nothing names a display."""
    return (
        "no display: neither DISPLAY nor WAYLAND_DISPLAY is set, so no window can be opened.\n"
        f"A picture without one: {program} --screenshot FILE"
    )


def silent_displays_text(silent: Sequence[str], program: str = "synk") -> str:
    """What to say instead of opening a window when the displays that are named refuse it."""
    return (
        f"no display: {' and '.join(silent)} cannot be reached, so no window can be opened.\n"
        f"A picture without one: {program} --screenshot FILE"
    )


def missing_libraries_text(missing: Sequence[Library]) -> str:
    """What to say when Qt cannot be loaded: each library, then the exact line that installs them."""
    names = ", ".join(library.soname for library in missing)
    packages = [library.package for library in missing]
    if shutil.which("apt-get"):
        return f"Qt needs libraries that are not installed: {names}\nInstall them with: {apt_line(packages)}"
    return (
        f"Qt needs libraries that are not installed: {names}\n"
        f"Install them with your package manager (on Debian they are in: {' '.join(dict.fromkeys(packages))})"
    )


def _answers_wayland(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(DISPLAY_TIMEOUT_S)
        try:
            client.connect(path)
        except OSError:
            return False
    return True


def _answers_x11(display: str) -> bool:
    """Ask as Qt will, with the same library: names, hosts and the right to connect are its business."""
    import ctypes

    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # a missing library has its own message
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    error = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)  # also what failed is freed by it
    return not error


def _can_load(soname: str) -> bool:
    import ctypes  # 2 ms that only the check pays, not everyone who asks whether there is a display

    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True
