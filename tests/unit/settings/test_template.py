"""The file of the first start: it changes nothing, and every line of it may be uncommented."""

import re

from synk.settings.check import check
from synk.settings.edit import edited
from synk.settings.schema import Settings, all_settings
from synk.settings.template import template, toml_value


def test_it_means_the_same_as_no_file() -> None:
    loaded = check(template().encode(), "settings.toml")
    assert loaded.settings == Settings()
    assert loaded.problems == ()
    assert loaded.is_writable


def test_with_every_default_uncommented_it_still_means_the_same() -> None:
    text = re.sub(r"^# (\w+ = )", r"\1", template(), flags=re.MULTILINE)
    loaded = check(text.encode(), "settings.toml")
    assert loaded.problems == ()
    assert loaded.settings == Settings()
    assert [setting.name for setting in all_settings() if loaded.line(setting.group, setting.key) is None] == []


def test_a_change_of_the_dialog_stands_in_its_group_and_keeps_the_comments() -> None:
    data = edited(template().encode(), {"ui.font_px": 15, "keyboard.navigation": {"ctrl+n": "session.new"}}, {})
    loaded = check(data, "settings.toml")
    assert loaded.settings.ui.font_px == 15
    assert loaded.settings.keyboard.navigation == {"ctrl+n": "session.new"}
    assert [line for line in template().splitlines() if line and line not in data.decode().splitlines()] == []


def test_values_are_written_as_toml_reads_them() -> None:
    assert toml_value('a "b" \\ ü') == '"a \\"b\\" \\\\ ü"'
    assert toml_value(True) == "true"
    assert toml_value(["a", "b"]) == '["a", "b"]'
    assert toml_value({"ctrl+n": "x"}) == '{ "ctrl+n" = "x" }'
