"""settings.toml as a person edits it: each kind of mistake costs one key and gives one exact message."""

import pytest

from synk.settings.check import LoadedSettings, check
from synk.settings.schema import Settings


def texts(loaded: LoadedSettings) -> list[str]:
    return [problem.text for problem in loaded.problems]


def test_an_empty_file_gives_defaults_and_no_problem() -> None:
    loaded = check(b"", "settings.toml")
    assert loaded.settings == Settings()
    assert loaded.problems == ()


def test_a_wrong_type_costs_that_key_only_and_names_file_line_key_value_and_default() -> None:
    loaded = check(b'# mine\n\nversion = 1\n\n[performance]\nmax_active = 20\nmax_pool_size = "four"\n', "settings.toml")
    assert texts(loaded) == ["settings.toml line 7: performance.max_pool_size: a whole number from 1 to 64, not 'four'. Using 4."]
    assert loaded.problems[0].line == 7
    assert loaded.problems[0].keys == ("performance.max_pool_size",)
    assert loaded.settings.performance.max_pool_size == 4
    assert loaded.settings.performance.max_active == 20


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("performance.max_active = 65", "performance.max_active: a whole number from 1 to 64, not 65. Using 12."),
        ("performance.max_active = 4.0", "performance.max_active: a whole number from 1 to 64, not 4.0. Using 12."),
        ("performance.max_active = true", "performance.max_active: a whole number from 1 to 64, not true. Using 12."),
        ("performance.recycle_enabled = 1", "performance.recycle_enabled: true or false, not 1. Using true."),
        ("ui.unfocused_opacity = nan", "ui.unfocused_opacity: a number from 0.35 to 1, not nan. Using 0.7."),
        ("ui.font_family = 3", "ui.font_family: text in quotes, not 3. Using 'JetBrains Mono'."),
        ("ui.font_px = []", "ui.font_px: a whole number from 6 to 32, not a list. Using 13."),
        ("performance.shell = {}", "performance.shell: text in quotes, not a table. Using ''."),
        ("ui = 3", "ui: a table of settings, not 3. Using defaults."),
        ("version = 'x'", "version: a whole number from 1, not 'x'. Using 1."),
        ("keyboard.navigation = 3", "keyboard.navigation: a table of keys and commands, not 3. Using the default bindings."),
        (
            "keyboard.navigation.'ctrl+n' = 3",
            'keyboard.navigation."ctrl+n": a command in quotes, not 3. The default binding stays.',
        ),
        (
            "notifications.position = 'middle'",
            "notifications.position: one of top-left, top-right, bottom-left, bottom-right, not 'middle'. Using 'top-right'.",
        ),
        ("performance.shell = 7", "performance.shell: text in quotes, not 7. Using ''."),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_what_would(line: str, message: str) -> None:
    loaded = check(line.encode(), "settings.toml")
    assert texts(loaded) == [f"settings.toml line 1: {message}"]
    assert loaded.settings == Settings()
    assert loaded.is_writable


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ui.drawer_panel_order = 3", "ui.drawer_panel_order: a list of words in quotes, not 3. Using the default."),
        ("ui.drawer_panel_order = [1, 2]", "ui.drawer_panel_order: a list of words in quotes, not 1. Using the default."),
        (
            "automation.languages.python = {preload = [1, 'pandas', 2]}",
            "automation.languages.python.preload: a valid string, not 1. Using the default.",
        ),
    ],
)
def test_a_wrong_entry_costs_its_list_and_is_told_once(line: str, message: str) -> None:
    loaded = check(line.encode(), "settings.toml")
    assert texts(loaded) == [f"settings.toml line 1: {message}"]
    assert loaded.settings.ui == Settings().ui


def test_whole_numbers_are_fine_where_a_number_is_wanted() -> None:
    assert check(b"ui.unfocused_opacity = 1", "settings.toml").settings.ui.unfocused_opacity == 1.0


def test_one_wrong_binding_leaves_the_others_in_force() -> None:
    loaded = check(b"[keyboard.navigation]\n'ctrl+n' = 3\n'ctrl+m' = 'session.new'\n", "settings.toml")
    assert loaded.settings.keyboard.navigation == {"ctrl+m": "session.new"}
    assert loaded.line("keyboard", "navigation", "ctrl+m") == 3


def test_one_wrong_value_of_a_warm_language_leaves_the_others_in_force() -> None:
    text = b'[automation.languages]\npython = {count = 99, preload = ["pandas"]}\nnode = 3\nr = {memory = "much"}\n'
    loaded = check(text, "settings.toml")
    assert texts(loaded) == [
        "settings.toml line 2: automation.languages.python.count: less than or equal to 32, not 99. Using the default.",
        "settings.toml line 3: automation.languages.node: a table, not 3. Using the default.",
        "settings.toml line 4: automation.languages.r.memory: a size as 512M or 2G, not 'much'. Using the default.",
    ]
    python = loaded.settings.automation.languages["python"]
    assert (python.count, python.preload) == (1, ["pandas"])
    assert "node" not in loaded.settings.automation.languages


def test_an_unknown_key_is_one_warning_with_the_nearest_known_key() -> None:
    loaded = check(b"[performance]\nmax_pool = 3\nmax_active = 5\n", "s.toml")
    assert texts(loaded) == ["s.toml line 2: unknown setting performance.max_pool. Did you mean performance.max_pool_size?"]
    assert loaded.problems[0].level == "warning"
    assert loaded.settings.performance.max_active == 5


def test_a_key_in_the_wrong_group_is_told_its_group() -> None:
    assert texts(check(b"[performance]\nfont_px = 9\n", "settings.toml")) == [
        "settings.toml line 2: unknown setting performance.font_px. Did you mean ui.font_px?"
    ]


def test_an_unknown_group_is_one_warning_however_many_keys_it_has() -> None:
    assert texts(check(b"[perfomance]\na = 1\nb = 2\n[zzz]\na = 1\n", "settings.toml")) == [
        "settings.toml line 1: unknown setting perfomance. Did you mean performance?",
        "settings.toml line 4: unknown setting zzz.",
    ]


def test_two_sizes_that_contradict_each_other_both_get_defaults_and_are_both_named() -> None:
    loaded = check(b"[performance]\ninitial_pool_size = 6\nmax_active = 3\nmax_pool_size = 5\n", "s.toml")
    assert texts(loaded) == [
        "s.toml lines 2 and 4: performance.max_pool_size (5) is less than performance.initial_pool_size (6). Using 4 and 2."
    ]
    assert loaded.problems[0].keys == ("performance.max_pool_size", "performance.initial_pool_size")
    performance = loaded.settings.performance
    assert (performance.initial_pool_size, performance.max_pool_size, performance.max_active) == (2, 4, 3)


def test_a_value_that_contradicts_the_other_keys_default_names_its_own_line() -> None:
    assert texts(check(b"[performance]\ninitial_pool_size = 6\n", "settings.toml")) == [
        "settings.toml line 2: performance.max_pool_size (4) is less than performance.initial_pool_size (6). Using 4 and 2."
    ]


def test_a_wrong_value_and_a_contradiction_with_its_default_are_both_told() -> None:
    loaded = check(b"[performance]\ninitial_pool_size = 6\nmax_pool_size = 'x'\n", "settings.toml")
    assert len(loaded.problems) == 2
    assert loaded.settings == Settings()


def test_broken_toml_gives_defaults_for_everything_with_line_and_column_and_must_not_be_written() -> None:
    loaded = check(b"[performance]\nmax_active = 5\nmax_pool_size == 3\n", "settings.toml")
    assert loaded.settings == Settings()
    assert not loaded.is_writable
    assert (loaded.problems[0].line, loaded.problems[0].column) == (3, 16)
    assert texts(loaded) == ["settings.toml line 3, column 16: Invalid value. Using defaults for everything."]


def test_bytes_that_are_no_text_are_broken_at_their_place() -> None:
    loaded = check(b"a = 1\nb = '\xff'\n", "settings.toml")
    assert texts(loaded) == ["settings.toml line 2, column 6: Not UTF-8 text. Using defaults for everything."]


def test_a_newer_file_is_read_as_far_as_it_is_known_and_not_written() -> None:
    loaded = check(b"version = 2\nui.font_px = 20\n", "settings.toml")
    assert texts(loaded) == [
        "settings.toml line 1: version 2 is newer than this Synk knows (1). It is read as far as possible, and not written."
    ]
    assert loaded.settings.ui.font_px == 20
    assert not loaded.is_writable


def test_an_old_name_is_read_and_its_mistakes_are_told_at_its_line() -> None:
    renamed = {"ui.font_size": "ui.font_px", "look.opacity": "ui.unfocused_opacity"}
    loaded = check(b"[ui]\nfont_size = 20\n[look]\nopacity = 'x'\n", "settings.toml", renamed)
    assert loaded.settings.ui.font_px == 20
    assert texts(loaded) == ["settings.toml line 4: ui.unfocused_opacity: a number from 0.35 to 1, not 'x'. Using 0.7."]


def test_a_new_name_wins_over_its_old_one() -> None:
    loaded = check(b"[ui]\nfont_size = 20\nfont_px = 9\n", "settings.toml", {"ui.font_size": "ui.font_px"})
    assert loaded.settings.ui.font_px == 9
    assert loaded.problems == ()


def test_long_values_are_cut_in_messages() -> None:
    (text,) = texts(check(b"ui.font_px = '" + b"x" * 5000 + b"'", "settings.toml"))
    assert len(text) < 200


def test_a_moved_mistake_is_not_new_but_another_one_is() -> None:
    before = check(b"ui.font_px = 'x'\n", "settings.toml")
    after = check(b"# one\nui.font_px = 'x'\nui.nope = 1\n", "settings.toml")
    assert [problem.keys for problem in after.new_problems(before)] == [("ui.nope",)]
