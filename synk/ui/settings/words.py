"""What the settings dialog calls groups and choices."""

GROUPS = {
    "ui": "Appearance",
    "keyboard": "Keyboard",
    "terminal": "Terminal",
    "session": "Sessions",
    "notifications": "Notifications",
    "performance": "Performance",
    "automation": "Automation",
}
"""In the order of the dialog; a group that is not named here comes after these under its own name."""

ABOUT = "about"
"""The one page without settings."""

_CHOICES = {
    "double_escape": "Esc Esc",
    "ctrl_backslash": "Ctrl+\\",
    "ctrl_shift_escape": "Ctrl+Shift+Esc",
    "close_on_success": "Close on success",
    "keep": "Keep",
    "agents": "Of agents",
}


def group_title(group: str) -> str:
    """`ui` -> `Appearance`."""
    return GROUPS.get(group, "About" if group == ABOUT else group.capitalize())


def choice_label(value: str) -> str:
    """`top-left` -> `Top left`."""
    return _CHOICES.get(value, value.replace("_", " ").replace("-", " ").capitalize())
