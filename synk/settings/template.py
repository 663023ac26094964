"""The settings.toml that the first start writes: every setting with its help and default, all commented out."""

import json
from collections.abc import Iterator
from typing import Any

from synk.settings.schema import VERSION, Setting, all_settings

HEAD = f"""\
# Settings of Synk. Every line with a default is commented out: remove the "# " before one and change its value.
# It takes effect within a second. The settings dialog (Ctrl+comma) writes into this file too and keeps what you wrote.

version = {VERSION}
"""
WIDTH = 110
"""Columns of a comment line."""


def template() -> str:
    """The text of the file; it means the same as an empty one."""
    lines = [HEAD.rstrip("\n")]
    group = ""
    for setting in all_settings():
        if setting.group != group:
            group = setting.group
            lines += ["", f"[{group}]"]
        else:
            lines.append("")
        lines += [f"# {line}" for line in _wrapped(f"{setting.help}{_bounds(setting)}")]
        lines.append(f"# {setting.key} = {toml_value(setting.default)}")
    return "\n".join(lines) + "\n"


def toml_value(value: Any) -> str:
    """A value of a setting as it stands in the file."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{', '.join(map(toml_value, value))}]"
        case dict():
            return "{}" if not value else "{ " + ", ".join(f"{json.dumps(k)} = {toml_value(v)}" for k, v in value.items()) + " }"
        case _:
            return str(value)


def _bounds(setting: Setting) -> str:
    if setting.choices:
        return f" One of {', '.join(setting.choices)}."
    if setting.low is None or setting.high is None:
        return ""
    return f" {setting.low:g} to {setting.high:.10g}{f' {setting.unit}' if setting.unit else ''}."


def _wrapped(text: str) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > WIDTH:
            yield line
            line = ""
        line += f" {word}" if line else word
    yield line
