"""Every setting: default, bounds, unit and help, as pydantic models that settings.toml is checked with."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

VERSION = 1
"""Of the file's meaning; a file of a newer version is read as far as it is known and never written."""

RENAMED: dict[str, str] = {}
"""Old name to new name, both as `group.key`. An old name is read until the key is next changed."""


class Group(BaseModel):
    """A table of settings.toml. Strict: `"4"` is not a number and 1 is not true."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


def _whole(title: str, default: int, low: int, high: int, unit: str, help_text: str) -> Any:
    return Field(default, ge=low, le=high, title=title, description=help_text, json_schema_extra={"unit": unit})


def _number(title: str, default: float, low: float, high: float, unit: str, help_text: str) -> Any:
    return Field(
        default,
        ge=low,
        le=high,
        allow_inf_nan=False,
        title=title,
        description=help_text,
        json_schema_extra={"unit": unit},
    )


def _plain(title: str, default: Any, help_text: str) -> Any:
    return Field(default, title=title, description=help_text, json_schema_extra={"unit": ""})


def _list(title: str, default: tuple[str, ...], help_text: str) -> Any:
    return Field(default_factory=lambda: list(default), title=title, description=help_text, json_schema_extra={"unit": ""})


def _table(title: str, help_text: str) -> Any:
    return Field(default_factory=dict, title=title, description=help_text, json_schema_extra={"unit": ""})


class Performance(Group):
    """The pool of warm shells (01-pool-and-sessions.md, section 12)."""

    shell: str = _plain(
        "Login shell",
        "",
        "Login shell of new sessions: the path of an executable file. Empty: $SHELL, then the passwd entry, then /bin/bash.",
    )
    initial_pool_size: int = _whole("Warm shells", 2, 0, 12, "shells", "Warm shells kept waiting. 0 turns the pool off.")
    max_pool_size: int = _whole(
        "Warm shells at most", 4, 1, 64, "shells", "Warm shells at most, recycled ones included. At least initial_pool_size."
    )
    max_active: int = _whole(
        "Most sessions", 12, 1, 64, "sessions", "Sessions with a running program at most, over all tabs."
    )
    recycle_enabled: bool = _plain(
        "Recycle shells", True, "Run the login shell again on the terminal of a closed session instead of ending it."
    )
    max_pty_age_minutes: int = _whole(
        "Age of a waiting shell at most", 30, 1, 1440, "minutes", "A waiting shell older than this is replaced."
    )
    warmup_delay_ms: int = _whole("Pause between warm starts", 100, 0, 5000, "ms", "Pause between two starts of warm shells.")
    poll_interval_ms: int = _whole(
        "Look at files every", 5000, 250, 60000, "ms", "How often files are looked at that cannot be watched."
    )

    @model_validator(mode="after")
    def _sizes_agree(self) -> Self:
        if self.max_pool_size < self.initial_pool_size:
            raise contradiction(
                "max_pool_size",
                "initial_pool_size",
                f"performance.max_pool_size ({self.max_pool_size}) is less than "
                f"performance.initial_pool_size ({self.initial_pool_size})",
            )
        return self


class Keyboard(Group):
    """Leaving terminal mode, and the user's own key bindings (03-workspace.md, sections 3 and 4)."""

    terminal_exit_method: Literal["double_escape", "ctrl_backslash", "ctrl_shift_escape"] = _plain(
        "Leave terminal mode with", "double_escape", "Keys that leave terminal mode. Ctrl+Shift+Escape always does."
    )
    double_escape_timeout_ms: int = _whole(
        "Time for a double Escape", 300, 50, 1200, "ms", "Longest time between the two Escapes."
    )
    hold_first_escape: bool = _plain(
        "Hold the first Escape",
        False,
        "Keep the first Escape back until it is known not to be the first of two, also in full-screen programs.",
    )
    navigation: dict[str, str] = _table(
        "Own keys in navigation mode",
        'Own keys of navigation mode: "ctrl+shift+n" = "session.new claude". An empty command frees the key.',
    )
    terminal: dict[str, str] = _table(
        "Own keys in terminal mode", "Own keys of terminal mode, written like those of navigation mode."
    )


class Ui(Group):
    """Look and sizes (03-workspace.md, sections 8 and 11)."""

    theme: str = _plain(
        "Theme",
        "dark",
        "`dark`, `light`, `system` (follow the desktop), or the name of a file in the folder `themes` beside settings.toml.",
    )
    font_family: str = _plain(
        "Terminal font", "JetBrains Mono", "Font of the terminals; the bundled one where it is not installed."
    )
    font_px: int = _whole("Terminal font size", 13, 6, 32, "px", "Size of the terminal font.")
    sidebar_width: int = _whole("Sidebar width", 280, 220, 520, "px", "Width of the sidebar.")
    drawer_height: int = _whole("Drawer height", 250, 140, 700, "px", "Height of the bottom drawer.")
    drawer_panel_order: list[str] = _list(
        "Order of the panels",
        ("cost", "git", "tasks", "reviews", "servers", "pool"),
        "Panels of the drawer from left to right; unknown ones are skipped, missing ones come last.",
    )
    dim_unfocused: bool = _plain("Dim other panes", True, "In terminal mode, dim the panes that do not have the keyboard.")
    unfocused_opacity: float = _number(
        "Strength of dimmed panes", 0.7, 0.35, 1.0, "", "How much of a dimmed pane remains: 1 does not dim."
    )
    reduce_motion: bool = _plain("Reduce motion", False, "Nothing turns, pulses or slides.")


class Notifications(Group):
    """Which events are told, where and for how long (03-workspace.md, section 9)."""

    session_waits: bool = _plain("A session waits for you", True, "Tell when a program needs an answer.")
    agent_failed: bool = _plain("An agent failed", True, "Tell when an agent failed or crashed.")
    agent_finished: bool = _plain("An agent finished", True, "Tell when an agent finished its turn while you looked elsewhere.")
    pool_exhausted: bool = _plain("No session is free", True, "Tell when no further session can be started.")
    layout_restored: bool = _plain("A layout was restored", True, "Tell how many panes came back, and which could not.")
    desktop: bool = _plain(
        "Desktop notifications", True, "While the window is inactive, also tell the desktop that a session waits or failed."
    )
    position: Literal["top-left", "top-right", "bottom-left", "bottom-right"] = _plain(
        "Corner for messages", "top-right", "Corner of the window where toasts appear."
    )
    duration_ms: int = _whole(
        "Messages stay for", 5000, 500, 60000, "ms", "How long a toast stays. Errors stay until they are closed."
    )


class SessionDefaults(Group):
    """New and ended sessions (01-pool-and-sessions.md, sections 8 and 10)."""

    default_agent: str = _plain(
        "Default agent", "terminal", "Agent offered first for a new session; `terminal` is a plain shell."
    )
    auto_save: bool = _plain("Save the panes", True, "Keep the panes of each project saved, so that they can be restored.")
    auto_save_interval_seconds: int = _whole(
        "Save every", 60, 10, 3600, "seconds", "How often the panes are saved while there are any; a new or closed pane at once."
    )
    restore: Literal["ask", "always", "never"] = _plain(
        "Restore panes at the start", "ask", "Whether the panes of the last time come back when Synk starts."
    )
    shell_exit: Literal["close_on_success", "keep", "close"] = _plain(
        "When a shell ends", "close_on_success", "What happens to the pane of a shell that ended."
    )
    kill_detached: Literal["agents", "always", "never"] = _plain(
        "End detached processes",
        "agents",
        "Whose detached processes (a tmux server, ssh-agent) end with their session: agents', all, or none.",
    )


class Terminal(Group):
    """The emulator (02-terminal.md, section 3)."""

    scrollback_lines: int = _whole(
        "Scrollback", 5000, 0, 200_000, "lines", "Lines kept above the screen, 8 MB at most whichever comes first."
    )
    images: bool = _plain("Pictures", True, "Show pictures that programs draw with sixel or the kitty graphics protocol.")
    shell_integration: bool = _plain(
        "Shell integration",
        True,
        "bash, zsh and fish tell where prompts and output begin, the status of commands, and their directory.",
    )
    confirm_multiline_paste: bool = _plain(
        "Confirm pasting several lines",
        True,
        "Ask before several lines are pasted into a program that would run each as it comes (no bracketed paste).",
    )
    minimum_contrast: float = _number(
        "Least contrast",
        3.0,
        1.0,
        21.0,
        "",
        "Least contrast of text to its background (WCAG 2); 1 leaves all as it is. Text in 24-bit or cube colors is changed "
        "from 4.5 on only, box drawing and Powerline shapes never.",
    )
    clipboard_read: Literal["never", "ask", "always"] = _plain(
        "Programs may read the clipboard",
        "never",
        "Whether programs may read the clipboard (OSC 52). Also those on other machines, over ssh.",
    )


class WarmLanguage(Group):
    """How many interpreters of one language wait warm: one entry of `automation.languages`."""

    count: int = _whole("Warm", 1, 0, 32, "interpreters", "Warm interpreters at least.")
    max: int = _whole("Warm at most", 8, 1, 32, "interpreters", "Warm interpreters at most, however many were used lately.")
    preload: list[str] | None = _plain(
        "Modules", None, "Modules imported before anybody asks; without it the language's own choice."
    )
    memory: str = Field(
        "", title="Memory", pattern=r"^(\d+(\.\d+)?[KMGT]?)?$", description="Limit of each: 2G.", json_schema_extra={"unit": ""}
    )


class Automation(Group):
    """Runs, REPLs and sessions without a window (07-automation.md)."""

    agent_exec: bool = _plain(
        "Agents may run commands through Synk",
        False,
        "Agents may start runs and REPLs through Synk: these run outside the agent's own sandbox and questions.",
    )
    keep_after_crash_minutes: int = _whole(
        "Keep sessions after a crash",
        60,
        0,
        10080,
        "minutes",
        "How long sessions wait for a new window after a crash. 0 ends them at once.",
    )
    max_runs: int = _whole("Commands at once", 64, 1, 512, "runs", "Commands running at once at most.")
    run_quota_mb: int = _whole(
        "Output kept of a command", 256, 1, 65536, "MiB", "Output kept of one run: a quarter is its beginning, the rest its end."
    )
    all_runs_quota_mb: int = _whole(
        "Output kept of all commands", 2048, 16, 1048576, "MiB", "Output kept of all runs; the oldest ended ones go first."
    )
    run_retention_days: int = _whole("Keep output for", 7, 1, 365, "days", "How long the output of an ended run is kept.")
    warm_at_start: bool = _plain(
        "Warm interpreters at the start", False, "Warm the languages below when Synk starts, not at their first use."
    )
    languages: dict[str, WarmLanguage] = _table(
        "Interpreters kept warm",
        'Interpreters kept warm, by language: `languages.python = {count = 2, preload = ["pandas"], memory = "2G"}`.',
    )


class Settings(Group):
    """All of settings.toml; a default wherever the file says nothing."""

    version: int = Field(default=VERSION, ge=1, description="Version of the file's meaning.", json_schema_extra={"unit": ""})
    performance: Performance = Performance()
    keyboard: Keyboard = Keyboard()
    ui: Ui = Ui()
    notifications: Notifications = Notifications()
    session: SessionDefaults = SessionDefaults()
    terminal: Terminal = Terminal()
    automation: Automation = Automation()


def contradiction(first: str, second: str, text: str) -> PydanticCustomError:
    """The error of two keys of one group that cannot both hold; both then get their defaults."""
    return PydanticCustomError("contradiction", "{text}", {"keys": (first, second), "text": text})


@dataclass(frozen=True, slots=True)
class Setting:
    """One key as messages, the README and the settings dialog describe it."""

    group: str
    key: str
    title: str
    """What the dialog calls it; the unit stands apart."""
    kind: Literal["switch", "whole", "number", "text", "choice", "list", "table"]
    default: Any
    low: float | None
    """Smallest value allowed, None without bounds."""
    high: float | None
    choices: tuple[str, ...]
    unit: str
    """`ms`, `px`, `minutes`, ...; empty where there is none."""
    help: str

    @property
    def name(self) -> str:
        """`group.key`."""
        return f"{self.group}.{self.key}"

    @property
    def wanted(self) -> str:
        """What a value has to be, as it stands in a message: "a whole number from 1 to 64"."""
        match self.kind:
            case "switch":
                return "true or false"
            case "whole":
                return f"a whole number from {self.low:g} to {self.high:.0f}"
            case "number":
                return f"a number from {self.low:g} to {self.high:g}"
            case "choice":
                return f"one of {', '.join(self.choices)}"
            case "list":
                return "a list of words in quotes"
            case "table":
                return "a table of keys and commands"
            case "text":
                return "text in quotes"


def all_settings() -> Iterator[Setting]:
    """Every setting, group by group, in the order they are written down here."""
    for group, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            for key, inner in field.annotation.model_fields.items():
                yield _describe(group, key, inner)


def _describe(group: str, key: str, field: FieldInfo) -> Setting:
    bounds = {name: value for item in field.metadata for name in ("ge", "le") if (value := getattr(item, name, None)) is not None}
    is_choice = get_origin(field.annotation) is Literal
    extra = field.json_schema_extra
    return Setting(
        group=group,
        key=key,
        title=field.title or key,
        kind="choice" if is_choice else _kind(field.annotation),
        default=field.get_default(call_default_factory=True),
        low=bounds.get("ge"),
        high=bounds.get("le"),
        choices=get_args(field.annotation) if is_choice else (),
        unit=str(extra["unit"]) if isinstance(extra, dict) else "",
        help=field.description or "",
    )


def _kind(annotation: Any) -> Literal["switch", "whole", "number", "text", "list", "table"]:
    if annotation is bool:
        return "switch"
    if annotation is int:
        return "whole"
    if annotation is float:
        return "number"
    if annotation is str:
        return "text"
    return "list" if get_origin(annotation) is list else "table"
