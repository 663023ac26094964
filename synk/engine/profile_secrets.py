"""The secrets of one profile: in the user's keyring, or where there is none in `credentials.json` of the data folder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synk.base.paths import absolute, find_directories
from synk.engine.keyring_store import Backend, KeyringStore, find_keyring
from synk.engine.secrets import SecretFile, SecretStore

SERVICE = "synk"
"""Under which the keyring shows them; another profile than the user's own has its folder behind that."""
FILE = "credentials.json"
OLD_FILE = "secrets.json"
"""In the configuration folder: where they were until the keyring was used."""


@dataclass(frozen=True, slots=True)
class ProfileSecrets:
    """The secret store of a profile, looked for when a secret is asked for. Every call blocks, at most some seconds."""

    profile: Path | None
    find: Callable[[], Backend | None] = find_keyring

    def get(self, name: str) -> str | None:
        """The value of the secret; None if there is none of that name.

        Raises:
            SecretsUnreadable: the store cannot be used. A keyring that is there but does not answer is not passed over.
        """
        return self.store().get(name)

    def store(self) -> SecretStore:
        """The store that is used now.

        Raises:
            SecretsUnreadable: as `get`.
        """
        directories = find_directories(self.profile)
        backend = self.find()
        store: SecretStore = SecretFile(directories.data / FILE)
        if backend is not None:
            service = SERVICE if self.profile is None else f"{SERVICE} {absolute(self.profile)}"
            store = KeyringStore(service, backend)
        _move(directories.config / OLD_FILE, store)
        return store


def _move(old: Path, store: SecretStore) -> None:
    """Take over what an earlier version kept; the file goes when all of it is in the store."""
    if not old.exists():
        return
    before = SecretFile(old)
    for name in before.names():
        value = before.get(name)
        if value is not None:
            store.set(name, value)
    old.unlink()
