"""Which command opens a file at a line, by editor."""

from pathlib import Path

import pytest

from synk.actions.editing import editor_argv
from synk.base.errors import UsageError


@pytest.mark.parametrize(
    ("editor", "argv"),
    [
        ("vim", ["vim", "+7", "/a b.py"]),
        ("/usr/bin/nano -l", ["/usr/bin/nano", "-l", "+7", "/a b.py"]),
        ("emacsclient -t", ["emacsclient", "-t", "+7", "/a b.py"]),
        ("code --wait", ["code", "--wait", "-g", "/a b.py:7"]),
        ("hx", ["hx", "/a b.py:7"]),
    ],
)
def test_each_editor_is_told_the_line_its_way(editor: str, argv: list[str]) -> None:
    assert editor_argv({"EDITOR": editor}, "/a b.py", 7) == argv


def test_visual_comes_before_editor() -> None:
    assert editor_argv({"EDITOR": "ed", "VISUAL": "vi"}, "/x", 1)[0] == "vi"


def test_without_an_editor_a_usual_one_is_taken(tmp_path: Path) -> None:
    (tmp_path / "vi").touch(mode=0o755)
    assert editor_argv({"PATH": str(tmp_path)}, "/x", 3) == [str(tmp_path / "vi"), "+3", "/x"]


@pytest.mark.parametrize("environment", [{}, {"EDITOR": ""}, {"EDITOR": "'"}])
def test_without_an_editor_it_says_what_to_set(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="VISUAL"):
        editor_argv(environment, "/x", 1)
