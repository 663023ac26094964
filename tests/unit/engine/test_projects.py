"""The project around a folder and its variables."""

from pathlib import Path

import pytest

from synk.base.errors import UsageError
from synk.engine.durations import Usual
from synk.engine.findings import Progress
from synk.engine.outcomes import plain_value, signal_name, with_eta
from synk.engine.projects import Project
from synk.engine.requests import Reading


def test_the_nearest_folder_with_git_or_synk_is_the_project(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert Project.around(str(inner)) == Project(str(inner))
    (tmp_path / ".git").mkdir()
    assert Project.around(str(inner)).folder == str(tmp_path)
    (tmp_path / "a" / ".synk").mkdir()
    (tmp_path / "a" / ".synk" / "config.toml").write_text('[env]\nA = "1"\n')
    assert Project.around(str(inner)) == Project(str(tmp_path / "a"), {"A": "1"})


@pytest.mark.parametrize(
    ("text", "words"), [("[env\n", "line 1"), ("[env]\nA = 1\n", "holds texts only"), ("env = 3\n", "texts only")]
)
def test_a_broken_project_file_is_named_with_the_place(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / ".synk").mkdir()
    (tmp_path / ".synk" / "config.toml").write_text(text)
    with pytest.raises(UsageError, match=words) as caught:
        Project.around(str(tmp_path))
    assert "config.toml" in caught.value.message


def test_an_eta_comes_from_earlier_times_where_the_program_tells_none() -> None:
    reading = Reading(usual=Usual((10.0, 10.0, 10.0)))
    assert with_eta(Progress(pct=20.0), reading, 4.0, is_over=False) == Progress(pct=20.0, eta_s=6.0)
    assert with_eta(Progress(pct=20.0, eta_s=1.0), reading, 4.0, is_over=False) == Progress(pct=20.0, eta_s=1.0)
    assert with_eta(None, reading, 4.0, is_over=False) == Progress(pct=40.0, eta_s=6.0, confidence="low")
    assert with_eta(None, reading, 400.0, is_over=False) == Progress(pct=99.0, eta_s=0.0, confidence="low")
    assert with_eta(None, reading, 4.0, is_over=True) is None
    assert with_eta(Progress(pct=40.0, eta_s=3.0), reading, 4.0, is_over=True) == Progress(pct=40.0)
    assert with_eta(None, Reading(), 4.0, is_over=False) is None


def test_the_plain_part_of_a_value_is_what_a_caller_computes_with() -> None:
    assert plain_value({"type": "list", "value": [1]}) == [1]
    assert plain_value({"type": "none", "value": None}) is None
    frame = {"type": "dataframe", "columns": ["a"], "index": [0], "data": [[1]], "shape": [1, 1]}
    assert plain_value(frame) == {"columns": ["a"], "index": [0], "data": [[1]], "shape": [1, 1]}
    assert [signal_name(name) for name in (None, "KILL", "SIGKILL")] == [None, "SIGKILL", "SIGKILL"]
