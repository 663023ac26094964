"""packaging/dev.py: what it says on a machine that lacks something, and when it sets up again."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def dev() -> ModuleType:
    spec = importlib.util.spec_from_file_location("synk_dev", ROOT / "packaging" / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with an environment that was just set up."""
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    for name, path in (("VENV", ".venv"), ("PYTHON", ".venv/bin/python"), ("STAMP", ".venv/synk-setup")):
        monkeypatch.setattr(dev, name, tmp_path / path)
    (tmp_path / "pyproject.toml").write_text("[dependency-groups]\ndev = ['one']\n")
    dev.PYTHON.parent.mkdir(parents=True)
    dev.PYTHON.symlink_to(sys.executable)
    dev.STAMP.write_text(dev.fingerprint())
    return tmp_path


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    gone = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    variables = {name: value for name, value in os.environ.items() if name not in gone}
    return subprocess.run(
        [sys.executable, ROOT / "packaging" / "dev.py", *arguments],
        env={**variables, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_display_run_says_so_and_names_the_screenshot() -> None:
    done = run("run")
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("no display: neither DISPLAY nor WAYLAND_DISPLAY is set")
    assert "--screenshot FILE" in done.stderr


def test_an_unknown_verb_shows_the_usage() -> None:
    done = run("fly")
    assert done.returncode == 2
    assert "packaging/dev.py test" in done.stderr


def test_an_environment_that_was_set_up_is_used_as_it_is(dev: ModuleType, checkout: Path) -> None:
    assert dev.is_set_up()
    dev.set_up_environment()
    assert sorted(path.name for path in checkout.iterdir()) == [".venv", "pyproject.toml"]


def test_other_dependencies_a_lost_python_and_a_moved_checkout_are_noticed(
    dev: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (checkout / "pyproject.toml").read_text()
    (checkout / "pyproject.toml").write_text(text + "# more\n")
    assert not dev.is_set_up()
    (checkout / "pyproject.toml").write_text(text)
    assert dev.is_set_up()
    dev.PYTHON.unlink()
    dev.PYTHON.symlink_to(checkout / "gone")
    assert not dev.is_set_up()
    dev.PYTHON.unlink()
    dev.PYTHON.symlink_to(sys.executable)
    moved = checkout.with_name("moved")
    checkout.rename(moved)
    monkeypatch.setattr(dev, "ROOT", moved)
    monkeypatch.setattr(dev, "STAMP", moved / ".venv" / "synk-setup")
    assert not dev.is_set_up()


def test_missing_packages_are_named_with_the_line_that_installs_them(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as left:
        dev.install(dev.load_system(), ["zsh", "libgl1", "zsh"])
    assert left.value.code == 3
    assert capsys.readouterr().err.endswith("\nsudo apt-get install --yes --no-install-recommends zsh libgl1\n")


def test_the_package_with_venv_is_named_only_where_it_is_needed(
    dev: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert dev.environment_packages() == []
    dev.STAMP.unlink()
    dev.PYTHON.unlink()
    assert dev.environment_packages() == []
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find_spec(name))
    assert dev.environment_packages() == [f"python3.{sys.version_info.minor}-venv"]
    uv = checkout / "uv"
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", str(checkout))
    assert dev.environment_packages() == []


def test_the_development_group_is_read_from_the_project(dev: ModuleType) -> None:
    assert any(requirement.startswith("pytest>") for requirement in dev.development_packages())
