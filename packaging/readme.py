#!/usr/bin/env python3
"""Writes the tables of README.md that come from the code: keys and settings. Run it after changing either."""

import sys
from collections.abc import Iterable
from pathlib import Path

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
    """The README with both tables as the code has them now."""
    for name, table in (("keys", keys_table(Keymap().bindings)), ("settings", settings_table(all_settings()))):
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
        places = "anywhere" if len(where) > 2 else ", ".join(place.value.lower() for place in where)
        lines.append(f"| {' '.join(_code(key) for key in keys)} | {places} | {effect} |")
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
