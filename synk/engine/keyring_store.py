"""Secrets in the desktop's keyring (Secret Service, KWallet) through the library `keyring`; each call has a limit of time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from synk.engine.secrets import SecretsUnreadable, check_secret

LIMIT_S = 5.0
"""A keyring that is locked asks the user, and answers when he has; nobody is kept waiting longer (04-persistence.md, 6)."""
Found = TypeVar("Found")


class Backend(Protocol):
    """What is used of `keyring.backend.KeyringBackend`."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


def find_keyring(limit_s: float = LIMIT_S) -> Backend | None:
    """The user's keyring; None if this machine or session has none. Importing it takes 0.3 s.

    Raises:
        SecretsUnreadable: looking for one took too long.
    """

    def find() -> Any:
        from keyring import get_keyring  # 0.3 s

        found = get_keyring()
        # `fail` and `null` stand for "none": nothing that is given to them is kept.
        return None if type(found).__module__ in ("keyring.backends.fail", "keyring.backends.null") else found

    backend: Backend | None = within(find, limit_s)
    return backend


@dataclass(frozen=True, slots=True)
class KeyringStore:
    """One entry a secret, under `service`. Every call blocks, at most `limit_s`: not for an event loop."""

    service: str
    backend: Backend
    limit_s: float = field(default=LIMIT_S)

    @property
    def place(self) -> str:
        """For people."""
        return "the keyring"

    def get(self, name: str) -> str | None:
        """The value of the secret; None if there is none of that name.

        Raises:
            SecretsUnreadable: the keyring is locked, does not answer, or has a fault.
        """
        return within(lambda: self.backend.get_password(self.service, name), self.limit_s)

    def set(self, name: str, value: str) -> None:
        """Keep `value` under `name`.

        Raises:
            UsageError: the name is not one word, or the value cannot be hidden in output.
            SecretsUnreadable: as `get`.
        """
        check_secret(name, value)
        within(lambda: self.backend.set_password(self.service, name, value), self.limit_s)

    def remove(self, name: str) -> bool:
        """Forget it; False if there was none.

        Raises:
            SecretsUnreadable: as `get`.
        """
        if self.get(name) is None:
            return False
        within(lambda: self.backend.delete_password(self.service, name), self.limit_s)
        return True


def within(work: Callable[[], Found], limit_s: float) -> Found:
    """What `work` gives, on a thread of its own that nobody waits for longer than that.

    Raises:
        SecretsUnreadable: it failed, or is not done yet. Then it goes on, and what it gives is dropped.
    """
    done: list[Found] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            done.append(work())
        except Exception as error:
            # The loop of a thread: backends raise what D-Bus, a daemon or a library of theirs raises.
            failed.append(error)

    thread = threading.Thread(target=run, name="synk-keyring", daemon=True)
    thread.start()
    thread.join(limit_s)
    if done:
        return done[0]
    if failed:
        raise SecretsUnreadable(f"The keyring cannot be used: {failed[0] or type(failed[0]).__name__}") from failed[0]
    raise SecretsUnreadable(f"Keyring did not answer in {limit_s:g} s. Unlock it, and try again.")
