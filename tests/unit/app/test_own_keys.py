"""Own keys of settings.toml: what is wrong costs that key and is told; everything else works."""

from synk.app.own_keys import OwnKeys, own_keys
from synk.base.errors import UsageError
from synk.keys.chords import press_of
from synk.keys.keymap import Where
from synk.settings.check import check

COMMANDS = {"session.new", "pane.zoom", "help.open"}


def find(line: str) -> None:
    name = line.split()[0]
    if name not in COMMANDS:
        raise UsageError(f"Unknown command /{name}. Did you mean /pane.zoom?")


def keys_of(text: str) -> OwnKeys:
    return own_keys(check(text.encode(), "settings.toml"), find)


def command_of(keys: OwnKeys, press: str, where: Where = Where.NAVIGATION) -> str | None:
    binding = keys.keymap.find(press_of(press), where)
    return binding.command if binding else None


def test_a_mistake_names_file_and_line_and_costs_only_its_own_key() -> None:
    keys = keys_of('[keyboard.navigation]\n"ctrl+alt+zzz" = "pane.zoom"\n"ctrl+shift+n" = "session.new claude"\n')
    [problem] = keys.problems
    assert problem.startswith('settings.toml line 2: Unknown key "ctrl+alt+zzz"')
    assert problem.endswith("The default binding stays.")
    assert command_of(keys, "ctrl+shift+n") == "session.new claude"


def test_an_unknown_command_is_told_when_the_file_is_read_and_the_default_binding_stays() -> None:
    keys = keys_of('[keyboard.navigation]\nz = "pane.zoon"\n')
    assert keys.problems == (
        'settings.toml line 2: "z": Unknown command /pane.zoon. Did you mean /pane.zoom? The default binding stays.',
    )
    assert command_of(keys, "z") == "pane.zoom"


def test_one_key_bound_twice_names_both_lines_and_commands_and_keeps_its_default() -> None:
    keys = keys_of('[keyboard.terminal]\n"ctrl+shift+v" = "pane.zoom"\n"shift+ctrl+v" = "help.open"\n')
    [problem] = keys.problems
    assert problem.startswith("settings.toml lines 2 and 3: ")
    assert '"pane.zoom" and to "help.open"' in problem
    assert command_of(keys, "ctrl+shift+v", Where.TERMINAL) == "text.paste"


def test_an_empty_command_frees_the_key_without_a_word() -> None:
    keys = keys_of('[keyboard.navigation]\nz = ""\n')
    assert not keys.problems
    assert command_of(keys, "z") is None
