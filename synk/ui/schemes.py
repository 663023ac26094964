"""Theme files: the colors of resources/themes/NAME.toml and of the user's own, each mistake with its file and line."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from PySide6.QtGui import QColor

from synk.base.errors import SynkError
from synk.base.paths import resource_directory
from synk.base.toml import TomlBroken, TomlDocument, TomlPath, decode_toml

COLOR = re.compile("#[0-9a-fA-F]{6}")
NAMED_COLORS = 16
"""Of a terminal's 256 the theme has these; xterm fixes the others."""
LIMIT_BYTES = 1 << 18
"""A larger theme file is a mistake."""

Appearance = Literal["dark", "light"]


class ThemeBroken(SynkError):
    """A theme file cannot be read, lacks a token, has one too many, or a value that is no color or number."""


@dataclass(frozen=True, slots=True)
class Colors:
    """Tokens of 03-workspace.md, section 11, and two of our own: text_soft for cards, scrim below them."""

    bg_primary: QColor
    bg_secondary: QColor
    bg_sidebar: QColor
    bg_tertiary: QColor
    bg_hover: QColor
    border: QColor
    text: QColor
    text_soft: QColor
    text_dim: QColor
    blue: QColor
    green: QColor
    orange: QColor
    red: QColor
    purple: QColor
    scrim: QColor

    def by_token(self) -> dict[str, QColor]:
        """Every color by its name in the file: `bg-primary`."""
        return {field.name.replace("_", "-"): getattr(self, field.name) for field in fields(self)}

    def token(self, name: str) -> QColor:
        """The color of a token as agents and toasts name it (`text-dim`); the text color for an unknown one."""
        color = getattr(self, name.replace("-", "_"), None)
        return color if isinstance(color, QColor) else self.text


@dataclass(frozen=True, slots=True)
class TerminalColors:
    """What programs paint with unless they set colors of their own."""

    background: QColor
    foreground: QColor
    cursor: QColor
    selection: QColor
    search: QColor
    link: QColor
    palette: tuple[QColor, ...]
    """256 colors: 16 from the theme, then xterm's cube of 216 and its 24 greys."""


@dataclass(frozen=True, slots=True)
class Opacity:
    """How much of something remains, 0 to 1."""

    scrim: float
    selection: float
    search: float
    search_current: float
    dim_text: float
    tint: float
    primary: float
    primary_border: float


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a theme file says."""

    is_dark: bool
    colors: Colors
    terminal: TerminalColors
    opacity: Opacity


def bundled_scheme(name: str) -> Path:
    """The file of a theme that comes with Synk; there are at least `dark` and `light`."""
    return resource_directory() / "themes" / f"{name}.toml"


def read_scheme(path: Path, base: Callable[[Appearance], Scheme] | None = None) -> Scheme:
    """Read a theme file; what it leaves out is taken from `base`, and without `base` nothing may be left out.

    Blocks for the disk: not on the GUI thread once the window is there.

    Raises:
        ThemeBroken: names the file, the line and the token.
    """
    document = _read_document(path)
    appearance = document.values.get("appearance")
    if appearance not in ("dark", "light"):
        raise _broken(path, document, ("appearance",), f'appearance is "dark" or "light", not {appearance!r}')
    for name in document.values:
        if name not in ("appearance", "colors", "terminal", "opacity"):
            raise _broken(path, document, (name,), f"unknown: {name}")
    under = base(appearance) if base is not None else None
    colors = _values(under.colors if under else None)
    terminal = _values(under.terminal if under else None)
    opacity = _values(under.opacity if under else None)
    colors |= read_tokens(document, "colors", Colors, _color, path, colors)
    terminal |= read_tokens(document, "terminal", TerminalColors, _terminal_color, path, terminal)
    opacity |= read_tokens(document, "opacity", Opacity, _share, path, opacity)
    return Scheme(appearance == "dark", Colors(**colors), TerminalColors(**terminal), Opacity(**opacity))


def read_tokens(
    document: TomlDocument,
    table: str,
    kind: type[Any],
    read: Callable[[str, Any], Any],
    path: Path,
    known: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The values of one table by attribute of `kind`; what is in `known` may be left out.

    `read(name, value)` turns one into what the attribute holds, or raises ValueError with what it has to be.

    Raises:
        ThemeBroken: a token is missing, unknown or of the wrong kind.
    """
    found = document.values.get(table, {})
    if not isinstance(found, dict):
        raise _broken(path, document, (table,), f"{table} is a table")
    names = {field.name.replace("_", "-") for field in fields(kind)}
    given = {name.replace("_", "-") for name in known or ()}
    for name in found:
        if name not in names:
            raise _broken(path, document, (table, name), f"unknown token: {name}")
    if missing := sorted(names - found.keys() - given):
        raise _broken(path, document, (table,), f"tokens missing: {', '.join(missing)}")
    values = {}
    for name, value in found.items():
        try:
            values[name.replace("-", "_")] = read(name, value)
        except ValueError as error:
            raise _broken(path, document, (table, name), f"{name} is {error}, not {value!r}") from error
    return values


def pixels(_name: str, value: Any) -> int:
    """A size as `read_tokens` reads it."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a whole number of pixels")
    return value


def pixels_or_family(name: str, value: Any) -> int | str:
    """A size or the name of a font."""
    if name.endswith("-px"):
        return pixels(name, value)
    if not isinstance(value, str):
        raise ValueError("the name of a font")
    return value


def _read_document(path: Path) -> TomlDocument:
    try:
        with open(path, "rb") as file:
            data = file.read(LIMIT_BYTES + 1)
        if len(data) > LIMIT_BYTES:
            raise ThemeBroken(f"{path}: larger than {LIMIT_BYTES >> 10} KB")
        return decode_toml(data)
    except OSError as error:
        raise ThemeBroken(f"{path} cannot be read: {error.strerror or error}") from error
    except TomlBroken as error:
        raise ThemeBroken(f"{path} line {error.line}, column {error.column}: {error.reason}") from error


def _values(of: Any) -> dict[str, Any]:
    return {} if of is None else {field.name: getattr(of, field.name) for field in fields(of)}


def _broken(path: Path, document: TomlDocument, where: TomlPath, text: str) -> ThemeBroken:
    line = document.line(where)
    return ThemeBroken(f"{path}{f' line {line}' if line is not None else ''}: {text}")


def _color(_name: str, value: Any) -> QColor:
    if not isinstance(value, str) or not COLOR.fullmatch(value):
        raise ValueError("a color such as #rrggbb")
    return QColor(value)


def _terminal_color(name: str, value: Any) -> QColor | tuple[QColor, ...]:
    if name != "palette":
        return _color(name, value)
    if not isinstance(value, list) or len(value) != NAMED_COLORS:
        raise ValueError(f"a list of {NAMED_COLORS} colors")
    return _palette([_color(name, each) for each in value])


def _share(_name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("a number from 0 to 1")
    return float(value)


def _palette(first: list[QColor]) -> tuple[QColor, ...]:
    """16 colors of the theme and xterm's 240 fixed ones (XTerm Control Sequences, 256 color mode)."""
    steps = (0, 95, 135, 175, 215, 255)
    cube = [QColor(r, g, b) for r in steps for g in steps for b in steps]
    greys = [QColor(level, level, level) for level in range(8, 248, 10)]
    return (*first, *cube, *greys)
