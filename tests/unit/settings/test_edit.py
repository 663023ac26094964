"""Changing one value in the text of the file: every other byte stays."""

import tomllib

import pytest

from synk.settings.edit import edited

FILE = b"""\
# mine
[keyboard.navigation]   # my keys
"ctrl+n" = "session.new"  # often
"ctrl+m" = ""

[automation.languages.python]
# for work
preload = ["pandas"]  # slow
count = 2
"""


def test_an_entry_more_keeps_the_comments_of_the_others() -> None:
    keys = {"ctrl+n": "session.new", "ctrl+m": "", "ctrl+x": "session.close"}
    after = edited(FILE, {"keyboard.navigation": keys}, {}).decode()
    assert after == FILE.decode().replace('"ctrl+m" = ""\n', '"ctrl+m" = ""\n"ctrl+x" = "session.close"\n')


def test_an_entry_less_and_one_changed() -> None:
    after = edited(FILE, {"keyboard.navigation": {"ctrl+m": "pane.zoom"}}, {}).decode()
    assert after == FILE.decode().replace('"ctrl+n" = "session.new"  # often\n"ctrl+m" = ""', '"ctrl+m" = "pane.zoom"')


def test_inner_tables_change_value_by_value() -> None:
    languages = {"python": {"preload": ["pandas"], "count": 3}, "node": {"count": 1}}
    after = edited(FILE, {"automation.languages": languages}, {}).decode()
    assert '# for work\npreload = ["pandas"]  # slow\ncount = 3\n' in after
    assert "[automation.languages.node]\ncount = 1\n" in after


def test_true_and_one_are_not_the_same() -> None:
    after = edited(b"[terminal]\nimages = 1 # odd\n", {"terminal.images": True}, {})
    assert after == b"[terminal]\nimages = true # odd\n"


@pytest.mark.parametrize("value", [None, {}])
@pytest.mark.parametrize(
    "text",
    [
        "[automation.languages.python]\ncount = 2\n",
        "[automation]\nmax_runs = 3\n[automation.languages.python]\ncount = 2\n",
        "[automation.languages]\npython = {count = 2}\n",
        "automation.languages.python.count = 2\n",
    ],
)
def test_the_last_entry_of_a_table_goes_however_it_is_written(text: str, value: object) -> None:
    after = edited(text.encode(), {"automation.languages": value}, {})
    left = tomllib.loads(after.decode()).get("automation", {})
    assert not left.get("languages")
    assert left.get("max_runs") == (3 if "max_runs" in text else None)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_new_line_ends_as_the_others_do(end: str) -> None:
    before = end.join(["version = 1", "[ui] # mine", "font_px = 14", ""])
    after = edited(before.encode(), {"ui.sidebar_width": 300}, {}).decode()
    assert after == before + f"sidebar_width = 300{end}"
