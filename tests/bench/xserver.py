"""A private X server whose picture is mapped into this process: real key events go in, painted pixels come out.

Xvfb writes its screen into a file (`-fbdir`) that is mapped here, so looking at a pixel costs neither the server nor
the window anything. Keys and window sizes go through Xlib and the X test extension, called with ctypes.
"""

import contextlib
import ctypes
import ctypes.util
import mmap
import os
import shutil
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from measure import NotMeasured

POLL_S = 0.0002
"""Between two looks at the picture: small against what is measured, and about 3 % of one core."""
START_LIMIT_S = 10.0
_MODIFIERS = {"shift": "Shift_L", "ctrl": "Control_L", "alt": "Alt_L"}
_KEYS = {"enter": "Return", "escape": "Escape", "backspace": "BackSpace", "space": "space", "pageup": "Prior", "pagedown": "Next"}
_ERROR_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_WHEEL_UP, _WHEEL_DOWN = 4, 5
_REVERT_TO_PARENT = 2
_IS_VIEWABLE = 2

Point = tuple[int, int]


class _Attributes(ctypes.Structure):
    """`XWindowAttributes` up to `map_state`, and room for the rest."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("x", "y", "width", "height", "border_width", "depth")),
        ("visual", ctypes.c_void_p),
        ("root", ctypes.c_ulong),
        *((name, ctypes.c_int) for name in ("class_", "bit_gravity", "win_gravity", "backing_store")),
        ("backing_planes", ctypes.c_ulong),
        ("backing_pixel", ctypes.c_ulong),
        ("save_under", ctypes.c_int),
        ("colormap", ctypes.c_ulong),
        ("map_installed", ctypes.c_int),
        ("map_state", ctypes.c_int),
        ("rest", ctypes.c_char * 128),
    )


class XServer:
    """One Xvfb with a screen of `width` x `height` pixels; owns its process."""

    def __init__(self, folder: Path, *, width: int = 1920, height: int = 1080) -> None:
        """Start it; its picture goes to `folder`.

        Raises:
            NotMeasured: Xvfb, libX11 or libXtst is missing, or it does not start.
        """
        self.width, self.height = width, height
        self._x11, self._xtest = _libraries()
        program = shutil.which("Xvfb")
        if program is None:
            raise NotMeasured("no Xvfb (package xvfb)")
        read, write = os.pipe()
        command = [
            program, "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-fbdir", str(folder),
            "-nolisten", "tcp", "-noreset",
        ]  # fmt: skip
        self._process = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read, "rb") as answer:
            number = answer.readline().strip().decode()
        if not number:
            self._process.wait()
            raise NotMeasured("Xvfb did not start")
        self.name = f":{number}"
        self._map_picture(folder / "Xvfb_screen0")
        self._display = self._x11.XOpenDisplay(self.name.encode())
        if not self._display:
            self.close()
            raise NotMeasured("the X server does not answer")
        # Xlib's own handler ends the process, for instance when a window is gone that was there a moment ago.
        self._on_error = _ERROR_HANDLER(lambda _display, _error: 0)
        self._x11.XSetErrorHandler(self._on_error)

    def close(self) -> None:
        """End the server."""
        if getattr(self, "_display", None):
            self._x11.XCloseDisplay(self._display)
            self._display = None
        self._process.terminate()
        self._process.wait(10)
        self._picture.close()

    def key(self, text: str) -> float:
        """Press and release a key such as `n`, `enter` or `shift+n`; returns `time.perf_counter()` before the press."""
        *modifiers, name = text.split("+")
        codes = [self._keycode(_MODIFIERS[modifier]) for modifier in modifiers]
        codes.append(self._keycode(_KEYS.get(name, name)))
        started = time.perf_counter()
        for code in codes:
            self._xtest.XTestFakeKeyEvent(self._display, code, 1, 0)
        for code in reversed(codes):
            self._xtest.XTestFakeKeyEvent(self._display, code, 0, 0)
        self._x11.XFlush(self._display)
        return started

    def wheel(self, notches: int, at: Point) -> float:
        """Turn the wheel over a place, positive is back; returns `perf_counter()` before."""
        button = _WHEEL_UP if notches > 0 else _WHEEL_DOWN
        self._xtest.XTestFakeMotionEvent(self._display, -1, *at, 0)
        started = time.perf_counter()
        for _ in range(abs(notches)):
            for is_down in (1, 0):
                self._xtest.XTestFakeButtonEvent(self._display, button, is_down, 0)
        self._x11.XFlush(self._display)
        return started

    def window(self, limit_s: float = START_LIMIT_S) -> int:
        """The largest visible top-level window; waits for one."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            found = max(self._windows(), default=(0, 0))
            if found[0] > 10_000:
                return found[1]
            time.sleep(0.005)
        raise NotMeasured(f"no window appeared within {limit_s:g} s")

    @property
    def windows(self) -> frozenset[int]:
        """Visible top-level windows large enough to be one of a program."""
        return frozenset(window for area, window in self._windows() if area > 10_000)

    def is_shown(self, window: int) -> bool:
        """Whether this window is on the screen."""
        return any(known == window for _, known in self._windows())

    def place(self, window: int, *, left: int = 0, top: int = 0, width: int = 0, height: int = 0) -> float:
        """Put a window there in this size (default: the whole screen); returns `perf_counter()` before."""
        started = time.perf_counter()
        size = (width or self.width, height or self.height)
        self._x11.XMoveResizeWindow(self._display, window, left, top, *size)
        self._x11.XFlush(self._display)
        return started

    def move(self, window: int, *, left: int, top: int) -> None:
        """Put a window there and leave its size as it is."""
        self._x11.XMoveWindow(self._display, window, left, top)
        self._x11.XSync(self._display, 0)

    def focus(self, window: int) -> None:
        """Give a window the keyboard: there is no window manager to do it."""
        self._x11.XSetInputFocus(self._display, window, _REVERT_TO_PARENT, 0)
        self._x11.XSync(self._display, 0)

    def pixel(self, place: Point) -> bytes:
        """Blue, green and red at `place` (x, y), as three bytes."""
        start = self._start + place[1] * self._line + place[0] * 4
        return self._picture[start : start + 3]

    def area(self, left: int, top: int, width: int, height: int) -> tuple[bytes, ...]:
        """The pixel lines of a rectangle, as far as it is on the screen."""
        left, top = max(0, left), max(0, top)
        width, height = min(width, self.width - left), min(height, self.height - top)
        starts = (self._start + (top + y) * self._line + left * 4 for y in range(height))
        return tuple(self._picture[start : start + 4 * width] for start in starts)

    def frame(self) -> bytes:
        """The whole picture, four bytes a pixel, `width` pixels a line."""
        return b"".join(self.area(0, 0, self.width, self.height))

    def find(self, color: str) -> list[Point]:
        """Where pixels of this color (`#rrggbb`) are: x and y, line by line."""
        wanted, frame, found = color_bytes(color), self.frame(), []
        at = frame.find(wanted)
        while at >= 0:
            if at % 4 == 0:
                found.append((at // 4 % self.width, at // 4 // self.width))
            at = frame.find(wanted, at + 1)
        return found

    def wait(self, is_true: Callable[[], object], limit_s: float = 10.0, *, what: str = "picture") -> float:
        """Look until `is_true()`; returns `perf_counter()` of the first look that saw it.

        Raises:
            NotMeasured: it did not happen within `limit_s`; `what` says what was expected.
        """
        deadline = time.perf_counter() + limit_s
        while True:
            is_seen = is_true()
            now = time.perf_counter()
            if is_seen:
                return now
            if now > deadline:
                raise NotMeasured(f"{what}: not seen within {limit_s:g} s")
            time.sleep(POLL_S)

    def wait_points(self, points: Sequence[Point], pixels: Sequence[bytes], limit_s: float = 10.0, *, what: str) -> float:
        """Wait until each of `points` has the color it had in `pixels`; as `wait`."""
        expected = list(zip(points, pixels, strict=True))
        return self.wait(lambda: all(self.pixel(point) == pixel for point, pixel in expected), limit_s, what=what)

    def settle(self, quiet_s: float = 0.25, limit_s: float = 10.0) -> bytes:
        """Wait until nothing changed for `quiet_s`, a blinking cursor aside; returns the picture."""
        deadline = time.monotonic() + limit_s
        before = self.frame()
        while time.monotonic() < deadline:
            time.sleep(quiet_s)
            now = self.frame()
            if now == before:
                return now
            before = now
        return before

    def _keycode(self, name: str) -> int:
        code = int(self._x11.XKeysymToKeycode(self._display, self._x11.XStringToKeysym(name.encode())))
        if not code:
            raise NotMeasured(f"the X server's keyboard has no key {name}")
        return code

    def _windows(self) -> list[tuple[int, int]]:
        """Area and id of each top-level window that is on the screen."""
        root = self._x11.XDefaultRootWindow(self._display)
        ignored, parent, children, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        self._x11.XQueryTree(
            self._display, root, ctypes.byref(ignored), ctypes.byref(parent), ctypes.byref(children), ctypes.byref(count)
        )
        ids = [children[index] for index in range(count.value)]
        if count.value:
            self._x11.XFree(children)
        found = []
        for window in ids:
            attributes = _Attributes()
            is_known = self._x11.XGetWindowAttributes(self._display, window, ctypes.byref(attributes))
            if is_known and attributes.map_state == _IS_VIEWABLE:
                found.append((attributes.width * attributes.height, window))
        return found

    def _map_picture(self, path: Path) -> None:
        """The file begins with an X window dump header (XWDFile.h), big-endian; the colors of the map stand after it."""
        with path.open("rb") as file:
            self._picture = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        fields = struct.unpack(">25I", self._picture[:100])
        header_bytes, bits_per_pixel, self._line, colors = fields[0], fields[11], fields[12], fields[19]
        if bits_per_pixel != 32:
            raise NotMeasured(f"the X server has {bits_per_pixel} bits per pixel")
        self._start = header_bytes + 12 * colors


def color_bytes(color: str) -> bytes:
    """`#rrggbb` as the three bytes `XServer.pixel` gives."""
    return bytes.fromhex(color[1:])[::-1]


def _libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    found = []
    for name, package in (("X11", "libx11-6"), ("Xtst", "libxtst6")):
        path = ctypes.util.find_library(name)
        if path is None:
            raise NotMeasured(f"no lib{name} (package {package})")
        found.append(ctypes.CDLL(path))
    x11, xtest = found
    pointer, number = ctypes.c_void_p, ctypes.c_ulong
    x11.XOpenDisplay.restype = pointer
    x11.XOpenDisplay.argtypes = [ctypes.c_char_p]
    x11.XDefaultRootWindow.restype = x11.XStringToKeysym.restype = number
    x11.XKeysymToKeycode.restype = ctypes.c_ubyte
    x11.XKeysymToKeycode.argtypes = [pointer, number]
    for name in ("XCloseDisplay", "XFlush", "XDefaultRootWindow"):
        getattr(x11, name).argtypes = [pointer]
    x11.XSync.argtypes = [pointer, ctypes.c_int]
    x11.XFree.argtypes = [pointer]
    x11.XQueryTree.argtypes = [pointer, number, *[pointer] * 4]
    x11.XGetWindowAttributes.argtypes = [pointer, number, pointer]
    x11.XMoveResizeWindow.argtypes = [pointer, number, *[ctypes.c_int] * 2, *[ctypes.c_uint] * 2]
    x11.XMoveWindow.argtypes = [pointer, number, *[ctypes.c_int] * 2]
    x11.XSetInputFocus.argtypes = [pointer, number, ctypes.c_int, number]
    xtest.XTestFakeKeyEvent.argtypes = [pointer, ctypes.c_uint, ctypes.c_int, number]
    xtest.XTestFakeButtonEvent.argtypes = [pointer, ctypes.c_uint, ctypes.c_int, number]
    xtest.XTestFakeMotionEvent.argtypes = [pointer, ctypes.c_int, ctypes.c_int, ctypes.c_int, number]
    with contextlib.suppress(AttributeError):
        x11.XInitThreads()
    return x11, xtest
