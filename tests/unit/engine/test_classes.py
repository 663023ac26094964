"""Class files: what is shipped is sound, and what is wrong is named with file and line."""

from pathlib import Path

import pytest

from synk.engine import progress, structured
from synk.engine.classes import load_classes
from synk.engine.commands import recognise
from synk.engine.diagnosis import READERS as FAILURES
from synk.engine.readers import reader

SHIPPED = Path(__file__).resolve().parents[3] / "resources" / "commands"


def test_every_shipped_class_can_be_read() -> None:
    assert load_classes(SHIPPED).problems == ()


def test_every_reader_a_class_names_is_there() -> None:
    for cls in load_classes(SHIPPED):
        assert callable(reader(progress.READERS[cls.progress])), cls.name
        assert callable(reader(structured.READERS[cls.result])), cls.name
        assert cls.failure == "generic" or callable(reader(FAILURES[cls.failure])), cls.name


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("schema = 1\nidle_s = 'x'\n", "line 2 of bad.toml: idle_s has to be a number of seconds (0: no limit)"),
        ("schema = 2\n", "line 1 of bad.toml: schema has to be 1"),
        ("schema = 1\n\n[[match]]\nprograms = ['a']\nverb = ['b']\n", "line 5 of bad.toml: unknown key verb"),
        ("schema = 1\n[[match]]\nverbs = ['b']\n", "line 2 of bad.toml: programs is missing"),
        ("schema = 1\nnormal_codes = [300]\n", "line 2 of bad.toml: normal_codes has to be a list of exit codes"),
        ("schema = 1\n[codes]\nx = 'y'\n", "line 2 of bad.toml: codes has to be a table from exit codes to texts"),
        ("schema = 1\n]\n", "line 2 of bad.toml: "),
        ("schema = 1\nx = '\xff'\n", "line 2 of bad.toml: "),
    ],
)
def test_a_broken_file_is_named_with_its_line_and_the_others_work(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "bad.toml").write_bytes(text.encode("latin-1"))
    (tmp_path / "good.toml").write_text("schema = 1\n[[match]]\nprograms = ['mine']\n")
    classes = load_classes(tmp_path)
    assert len(classes.problems) == 1
    assert classes.problems[0].startswith(problem)
    assert recognise("mine", classes).cls.name == "good"


def test_a_later_folder_replaces_a_class_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "pip.toml").write_text("schema = 1\nidle_s = 7\n[[match]]\nprograms = ['pip']\n")
    found = recognise("pip install x", load_classes(SHIPPED, tmp_path))
    assert (found.cls.name, found.cls.idle_s, found.cls.hard_s) == ("pip", 7, None)


def test_a_variable_may_name_a_file_beside_the_class() -> None:
    value = load_classes(SHIPPED)["apt"].variables["APT_CONFIG"]
    assert Path(value) == SHIPPED / "apt.conf"
    assert 'APT::Status-Fd "2";' in Path(value).read_text()
