"""A profile's secrets: the keyring where there is one, never silently a file beside it; what was kept before moves."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from synk.base.errors import UsageError
from synk.engine.keyring_store import KeyringStore, find_keyring
from synk.engine.profile_secrets import ProfileSecrets
from synk.engine.secrets import SecretFile, SecretsUnreadable


class FakeKeyring:
    """A keyring in memory, which may be locked: then it does not answer before it is unlocked."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.is_unlocked = threading.Event()
        self.is_unlocked.set()

    def get_password(self, service: str, username: str) -> str | None:
        self.is_unlocked.wait()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.is_unlocked.wait()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture
def keyring() -> Iterator[FakeKeyring]:
    made = FakeKeyring()
    yield made
    made.is_unlocked.set()


def secrets(folder: Path, keyring: FakeKeyring | None) -> ProfileSecrets:
    return ProfileSecrets(folder, lambda: keyring)


def test_secrets_are_in_the_keyring_under_the_profile(tmp_path: Path, keyring: FakeKeyring) -> None:
    store = secrets(tmp_path, keyring).store()
    store.set("gh", "hidden-value")
    assert keyring.entries == {(f"synk {tmp_path}", "gh"): "hidden-value"}
    assert secrets(tmp_path, keyring).get("gh") == "hidden-value"
    assert secrets(tmp_path / "other", keyring).get("gh") is None
    assert (store.place, store.remove("gh"), store.remove("gh")) == ("the keyring", True, False)
    with pytest.raises(UsageError):
        store.set("gh", "abc")
    assert not list(tmp_path.rglob("*.json"))


def test_without_a_keyring_they_are_in_a_file_of_the_users_alone(tmp_path: Path) -> None:
    store = secrets(tmp_path, None).store()
    store.set("gh", "hidden-value")
    file = tmp_path / "data" / "credentials.json"
    assert (store.place, file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (str(file), 0o600, 0o700)
    file.chmod(0o640)
    with pytest.raises(SecretsUnreadable, match=f"chmod 600 {file}"):
        secrets(tmp_path, None).get("gh")
    file.chmod(0o600)
    assert secrets(tmp_path, None).get("gh") == "hidden-value"


@pytest.mark.parametrize("has_keyring", [True, False])
def test_what_an_earlier_version_kept_moves(tmp_path: Path, keyring: FakeKeyring, has_keyring: bool) -> None:
    old = tmp_path / "config" / "secrets.json"
    SecretFile(old).set("gh", "hidden-value")
    SecretFile(old).set("db", "other-value")
    chosen = secrets(tmp_path, keyring if has_keyring else None)
    assert chosen.get("gh") == "hidden-value"
    assert not old.exists()
    assert chosen.get("db") == "other-value"


def test_a_keyring_that_does_not_answer_is_not_passed_over(tmp_path: Path, keyring: FakeKeyring) -> None:
    SecretFile(tmp_path / "data" / "credentials.json").set("gh", "from-the-file")
    SecretFile(tmp_path / "config" / "secrets.json").set("gh", "from-before")
    keyring.is_unlocked.clear()
    store = KeyringStore("synk", keyring, limit_s=0.05)
    begun = time.monotonic()
    with pytest.raises(SecretsUnreadable, match=r"Keyring did not answer in 0.05 s\. Unlock it"):
        store.get("gh")
    assert time.monotonic() - begun < 5
    keyring.is_unlocked.set()
    assert store.get("gh") is None


def test_a_fault_of_the_keyring_is_told(keyring: FakeKeyring) -> None:
    def broken(*_: str) -> str | None:
        raise RuntimeError("the collection is gone")

    keyring.get_password = broken
    with pytest.raises(SecretsUnreadable, match="cannot be used: the collection is gone"):
        KeyringStore("synk", keyring).get("gh")


def test_a_session_without_a_keyring_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    # The library keeps its choice; the one of the tests is the one that keeps nothing.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    assert find_keyring(60.0) is None
