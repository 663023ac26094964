#!/usr/bin/env python3
"""Writes the tables of README.md that come from the code: keys, commands and settings. Run it after changing one."""

import inspect
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import synk.actions
from synk.commands.registry import Command, declared
from synk.keys.keymap import Binding, Keymap, Where
from synk.settings.schema import Setting, all_settings
from synk.settings.template import toml_value

README = Path(__file__).resolve().parent.parent / "README.md"


def main() -> int:
    """Rewrite README.md; with `--check` only say whether it is up to date."""
    old = README.read_text(encoding="utf-8")
    new = filled(old)
    if "--check" in sys.argv[1:]:
        return int(new != old)
    if new != old:
        README.write_text(new, encoding="utf-8")
    return 0


def filled(text: str) -> str:
    """The README with its tables as the code has them now."""
    tables = {
        "keys": keys_table(Keymap().bindings),
        "commands": commands_table(all_commands()),
        "settings": settings_table(all_settings()),
    }
    for name, table in tables.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"README.md lacks the marks {name}:begin and {name}:end")
        text = before + begin + table + end + after
    return text


def keys_table(bindings: Iterable[Binding]) -> str:
    """One row per area, effect and place, in the order of the table of keys."""
    rows: dict[tuple[str, str, tuple[Where, ...]], list[str]] = {}
    for binding in bindings:
        rows.setdefault((binding.area, binding.effect, binding.where), []).extend(binding.keys)
    lines = ["| keys | where | effect |", "|---|---|---|"]
    area = ""
    for (new_area, effect, where), keys in rows.items():
        if new_area != area:
            area = new_area
            lines.append(f"| **{area}** | | |")
        places = "anywhere" if len(where) > 3 else ", ".join(place.value.lower() for place in where)
        lines.append(f"| {' '.join(_code(key) for key in keys)} | {places} | {effect} |")
    return "\n".join(lines) + "\n"


def all_commands() -> list[Command]:
    """Every command that can be typed, those with a short name first."""
    found: dict[str, Command] = {}
    for module in iter_modules(synk.actions.__path__):
        for _, owner in inspect.getmembers(import_module(f"synk.actions.{module.name}"), inspect.isclass):
            found.update({command.name: command for command in declared(owner) if command.is_offered})
    return sorted(found.values(), key=lambda command: (command.short is None, command.title))


def commands_table(commands: Iterable[Command]) -> str:
    """One row per command: how it is typed, its full name, what it does."""
    lines = ["| line | command | effect |", "|---|---|---|"]
    for each in commands:
        name = _code(each.name) if each.short else ""
        lines.append(f"| {_code(each.usage.replace('|', chr(92) + '|'))} | {name} | {each.summary} |")
    return "\n".join(lines) + "\n"


def settings_table(settings: Iterable[Setting]) -> str:
    """One row per setting: name, default, what it may be, help."""
    lines = ["| setting | default | values | meaning |", "|---|---|---|---|"]
    lines += [f"| `{s.name}` | {_code(toml_value(s.default))} | {_values(s)} | {s.help} |" for s in settings]
    return "\n".join(lines) + "\n"


def _values(setting: Setting) -> str:
    if setting.kind == "choice":
        return ", ".join(_code(choice) for choice in setting.choices)
    if setting.low is not None and setting.high is not None:
        return f"{setting.low:g} - {setting.high:.10g} {setting.unit}".strip()
    return {"switch": "true, false", "text": "text", "list": "list", "table": "table"}.get(setting.kind, "")


def _code(text: str) -> str:
    return f"`{text}`"


if __name__ == "__main__":
    sys.exit(main())
