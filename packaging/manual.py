#!/usr/bin/env python3
"""Writes the man page synk(1): options from the parser, keys and settings from the tables the program itself reads.

    .venv/bin/python packaging/manual.py > synk.1
"""

import argparse
import sys
from collections.abc import Iterable, Iterator

from readme import all_commands

from synk.base.version import synk_version
from synk.cli import ENGINE_COMMANDS, window_parser
from synk.commands.registry import Command
from synk.keys.keymap import Binding, Keymap
from synk.settings.schema import Setting, all_settings
from synk.settings.template import toml_value

OTHER_COMMANDS = {"ctl": "drive a running window: sessions, keys, text, waits", "host": "look at or stop the background process"}
FILES = {
    "~/.config/synk/settings.toml": "The settings; an edit takes effect within a second.",
    "~/.config/synk/agents/NAME.toml": "Further agents.",
    "~/.local/share/synk/state.db": "Recent projects, tabs, layouts, notifications.",
    "~/.local/state/synk/log/": "Logs of the last seven days.",
}
STATUSES = {
    0: "All went well.",
    1: "What was asked for failed.",
    2: "The command line is wrong.",
    3: "There is no display, a library or a folder is missing, or a backup cannot be written.",
    6: "The background process does not answer.",
}


def main() -> int:
    """Print the page."""
    sys.stdout.write(page())
    return 0


def page() -> str:
    """The whole page in the macros of man(7)."""
    return "\n".join(
        [
            f'.TH SYNK 1 "" "synk {synk_version()}" "User Commands"',
            ".SH NAME",
            r"synk \- many shells, REPLs and coding agents side by side",
            ".SH SYNOPSIS",
            r".B synk",
            r"[\fIOPTION\fR ...] [\fIFOLDER\fR]",
            ".br",
            r".B synk",
            r"\fICOMMAND\fR [\fIARGUMENT\fR ...]",
            ".SH DESCRIPTION",
            text(
                "Without a command Synk opens its window, on the home screen or with a folder as a project; a second start "
                "hands its folder to the window that runs. A background process keeps shells and interpreters warm and "
                "outlives a crash of the window."
            ),
            ".SH OPTIONS",
            *options(window_parser()),
            ".SH COMMANDS",
            *described({f"synk {name}": f"{help_text}." for name, help_text in {**ENGINE_COMMANDS, **OTHER_COMMANDS}.items()}),
            text("Each has --help."),
            ".SH KEYS",
            *keys(Keymap().bindings),
            ".SH COMMAND LINE OF THE WINDOW",
            text(
                "The slash key opens it. A target is a pane (@5), several (@1,@3), @all, @idle, @active, @waiting or an agent "
                "(@claude), all of the project shown; without one the selected session is meant."
            ),
            *commands(all_commands()),
            ".SH SETTINGS",
            *settings(all_settings()),
            ".SH FILES",
            *described(FILES),
            text("--profile DIR keeps all of them below DIR."),
            ".SH EXIT STATUS",
            *described({str(status): meaning for status, meaning in STATUSES.items()}),
            text("synk exec has the status of its command."),
            ".SH ENVIRONMENT",
            *described(
                {
                    "SHELL": "The shell of new sessions, unless the settings name another.",
                    "VISUAL, EDITOR": "The editor that opens a place in a file.",
                    "SYNK_PROFILE": "Set in sessions: the profile of the window they belong to.",
                }
            ),
            "",
        ]
    )


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """One entry per argument of a parser."""
    for action in parser._actions:
        names = ", ".join(action.option_strings) or action.dest.upper()
        value = f" {action.metavar}" if action.option_strings and action.metavar else ""
        yield from entry(f"{names}{value}", sentence(action.help or ""))


def keys(bindings: Iterable[Binding]) -> Iterator[str]:
    """All keys in force, by area; rows of the same effect are one."""
    effects: dict[tuple[str, str], list[str]] = {}
    for binding in bindings:
        known = effects.setdefault((binding.area, binding.effect), [])
        known.extend(key for key in binding.keys if key not in known)
    area = ""
    for (new_area, effect), chords in effects.items():
        if new_area != area:
            area = new_area
            yield f".SS {escaped(area)}"
        yield from entry("  ".join(chords), sentence(effect))


def commands(all_of_them: Iterable[Command]) -> Iterator[str]:
    """How each command is typed, and what it does."""
    for command in all_of_them:
        yield from entry(command.usage, sentence(command.summary))


def settings(all_of_them: Iterable[Setting]) -> Iterator[str]:
    """Every setting with its default, in the order of the file."""
    for setting in all_of_them:
        yield from entry(f"{setting.name} = {toml_value(setting.default)}", f"{setting.help}")


def described(entries: dict[str, str]) -> Iterator[str]:
    """A list of terms."""
    for term, meaning in entries.items():
        yield from entry(term, sentence(meaning))


def entry(term: str, meaning: str) -> Iterator[str]:
    """One term and what it means."""
    yield ".TP"
    yield f".B {text(term)}"
    yield text(meaning)


def sentence(words: str) -> str:
    """With a capital letter and a full stop."""
    words = words.strip()
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) or not words else ".")


def text(words: str) -> str:
    """A paragraph; a line must not begin with a character that is a request to the formatter."""
    shown = escaped(words)
    return rf"\&{shown}" if shown[:1] in (".", "'") else shown


def escaped(words: str) -> str:
    """Plain text as roff takes it."""
    return words.replace("\\", r"\e").replace("-", r"\-")


if __name__ == "__main__":
    sys.exit(main())
