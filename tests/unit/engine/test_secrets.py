"""Secrets in a file that only the user can read."""

import os
from pathlib import Path

import pytest

from synk.base.errors import UsageError
from synk.engine.secrets import SecretFile, SecretsUnreadable


def test_a_secret_is_kept_found_and_forgotten(tmp_path: Path) -> None:
    store = SecretFile(tmp_path / "config" / "secrets.json")
    assert store.get("gh") is None
    store.set("gh", "grün & lang")
    store.set("db", "other")
    assert SecretFile(tmp_path / "config" / "secrets.json").get("gh") == "grün & lang"
    assert store.names() == ["db", "gh"]
    assert store.remove("gh")
    assert not store.remove("gh")
    assert store.names() == ["db"]


def test_the_file_is_the_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    SecretFile(path).set("gh", "value")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_open_to_others_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    SecretFile(path).set("gh", "value")
    path.chmod(0o644)
    with pytest.raises(SecretsUnreadable, match=f"chmod 600 {path}"):
        SecretFile(path).get("gh")


def test_a_link_or_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    os.symlink("/etc/hostname", path)
    with pytest.raises(SecretsUnreadable, match="Cannot read"):
        SecretFile(path).get("gh")
    path.unlink()
    path.write_text('{"a": 1}')
    path.chmod(0o600)
    with pytest.raises(SecretsUnreadable, match="damaged"):
        SecretFile(path).names()


@pytest.mark.parametrize(("name", "value"), [("a b", "value"), ("", "value"), ("a", "abc"), ("a", "ab\0cd")])
def test_what_could_not_be_hidden_or_handed_over_is_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(UsageError):
        SecretFile(tmp_path / "secrets.json").set(name, value)
