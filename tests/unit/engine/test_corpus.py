"""Real logs, on pipes and on terminals: class, progress, result and reason are what a person has accepted."""

import importlib.util
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

LOGS = Path(__file__).resolve().parents[2] / "data" / "logs"
PATHS = sorted(LOGS.glob("*/*.json"))
ROWS = (
    "python exception", "module not found", "name", "foreign python", "node", "pip", "npm", "git", "rustc", "make", "apt", "R",
    "shell", "signal", "out of memory", "exit", "builds", "pytest", "containers",
)  # fmt: skip
CLASSES = (
    "pip", "npm", "git", "pytest", "cargo", "apt", "containers", "native", "builds", "tests", "python", "download", "curl",
    "deploy", "server", "interactive", "generic", "compare", "git-local", "containers-local", "node", "r",
)  # fmt: skip
DECOYS = 23


def _reader() -> Any:
    spec = importlib.util.spec_from_file_location("corpus_expectations", LOGS / "expectations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


READER = _reader()


def _load(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_a_real_log_is_read_as_a_person_has_accepted_it(path: Path, tmp_path: Path) -> None:
    log = _load(path)
    for mode in log["taken"]:
        folder = tmp_path / mode
        folder.mkdir()
        expected = log["expected"].get("both") or log["expected"][mode]
        assert READER.read_log(log, mode, folder) == expected
        assert expected["class"] == log["class"]


def test_every_log_was_taken_on_a_pipe_and_on_a_terminal() -> None:
    recorded = {path.stem: set(log["taken"]) for path in PATHS if (log := _load(path))["source"] == "recorded"}
    assert [name for name, modes in recorded.items() if modes != {"pipe", "pty"}] == []


def test_every_class_has_logs() -> None:
    assert set(CLASSES) <= {path.parent.name for path in PATHS}
    assert set(CLASSES) == {cls.name for cls in READER.shipped()}


def test_every_kind_of_failure_has_three_logs() -> None:
    counts = Counter(_load(path)["row"] for path in PATHS)
    assert {row: counts[row] for row in ROWS if counts[row] < 3} == {}


def test_output_that_only_looks_like_an_error_is_none() -> None:
    decoys = [path for path in PATHS if _load(path)["row"] == "decoy"]
    assert len(decoys) >= DECOYS
    for path in decoys:
        for told in _load(path)["expected"].values():
            assert told["failure"] is None or told["failure"]["kind"] == "exit", path.stem
