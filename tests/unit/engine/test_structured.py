"""Results that come from files: reports and repositories; what comes from text is in test_corpus."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from synk.engine.classes import load_classes
from synk.engine.commands import recognise
from synk.engine.structured import structured_result
from synk.engine.tools.git import read_head
from synk.engine.tools.server import urls_in

SHIPPED = load_classes(Path(__file__).resolve().parents[3] / "resources" / "commands")


def git(folder: Path, *words: str) -> str:
    settings = ("-c", "user.name=u", "-c", "user.email=u@example.invalid", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *settings, *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def result(command: str, text: str = "", **more: Any) -> Any:
    given = {"err": "", "exit_code": 0, "signal": None, **more}
    return structured_result(recognise(command, SHIPPED), out=text, **given)


def test_head_and_branch_of_a_clone_are_read_from_its_files(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    git(source, "init", "-q")
    git(source, "commit", "-q", "--allow-empty", "-m", "one")
    git(tmp_path, "clone", "-q", str(source), "out")
    commit = git(source, "rev-parse", "HEAD")
    found = result("git clone src out", "", err="Cloning into 'out'...\ndone.\n", cwd=tmp_path)
    assert (found["path"], found["head"], found["branch"]) == ("out", commit, "main")
    assert result("git -C out pull", "Already up to date.\n", cwd=tmp_path)["head"] == commit
    git(source, "pack-refs", "--all")
    assert read_head(source) == (commit, "main")
    git(source, "checkout", "-q", "--detach")
    assert read_head(source) == (commit, None)
    assert read_head(tmp_path) == (None, None)


def test_a_worktree_is_followed_to_its_repository(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    git(source, "init", "-q")
    git(source, "commit", "-q", "--allow-empty", "-m", "one")
    git(source, "worktree", "add", "-q", "--detach", str(tmp_path / "tree"))
    assert read_head(tmp_path / "tree") == (git(source, "rev-parse", "HEAD"), None)


@pytest.mark.parametrize("report", ["", "{", "[]", '{"install": [{}]}', "<testsuite"])
def test_a_report_that_cannot_be_read_leaves_the_text(tmp_path: Path, report: str) -> None:
    path = tmp_path / "report"
    path.write_text(report)
    found = result("pip install x", "Successfully installed x-y-1.0\n", report=path)
    assert found["source"] == "text"
    assert found["installed"] == [{"name": "x-y", "version": "1.0", "requested": None, "url": None, "hash": None}]
    assert result("pytest", "= 1 passed in 0.1s =\n", report=path)["source"] == "text"


def test_the_report_comes_before_the_text(tmp_path: Path) -> None:
    path = tmp_path / "report"
    item = {
        "metadata": {"name": "x", "version": "1"},
        "requested": True,
        "download_info": {"url": "u", "archive_info": {"hash": "sha256=a"}},
    }
    path.write_text(json.dumps({"version": "1", "install": [item]}))
    found = result("pip install x", "Successfully installed x-1\n", report=path)
    assert found == {
        "source": "report", "satisfied": [], "removed": [],
        "installed": [{"name": "x", "version": "1", "requested": True, "url": "u", "hash": "sha256=a"}],
    }  # fmt: skip


def test_every_result_is_json() -> None:
    for cls in SHIPPED:
        for match in cls.matches:
            words = [match.programs[0].replace("*", ""), *(match.verbs[0].replace("*", "x").split() if match.verbs else ())]
            for code in (0, 1):
                json.dumps(structured_result(recognise(words, SHIPPED), out="a: 1\n", err="x", exit_code=code, signal=None))


def test_addresses_of_servers_are_found_and_links_are_none() -> None:
    text = (
        " * Running on http://127.0.0.1:5000\n  Local:   http://localhost:5173/\n"
        "Uvicorn running on http://0.0.0.0:80 (Press CTRL+C)\n"
        "Docs ready at https://docs.example.invalid/start\nlistening on http://[::1]:8080.\n"
    )
    assert urls_in(text) == ["http://127.0.0.1:5000", "http://localhost:5173/", "http://0.0.0.0:80", "http://[::1]:8080"]
