"""Which secrets a run was given, by name and beside its spool: so that every reader, also a later one, can hide their values."""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress

from synk.engine.environment import Masks
from synk.engine.secrets import SecretSource

FILE = "secrets"


def note_secrets(folder: str, names: Sequence[str]) -> None:
    """Write the names, never the values, into the folder of the run; nothing for a run without secrets."""
    if not names:
        return
    # Without it a later reader hides less; the run is none the worse.
    with suppress(OSError):
        fd = os.open(os.path.join(folder, FILE), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(fd, "w", encoding="utf-8") as file:
            file.write("\n".join(names))


def noted_masks(folder: str, secrets: SecretSource) -> Masks:
    """What hides the secrets of a run, with the values they have now.

    Raises:
        SecretsUnreadable: the run was given secrets, and the store cannot be read.
    """
    try:
        with open(os.path.join(folder, FILE), encoding="utf-8") as file:
            names = file.read().split("\n")
    except OSError:
        return Masks()
    return masks_of(names, secrets)


def masks_of(names: Iterable[str], secrets: SecretSource) -> Masks:
    """What hides secrets of these names, with the values they have now.

    Raises:
        SecretsUnreadable: there are names, and the store cannot be read.
    """
    return Masks([(name, value) for name in names if (value := secrets.get(name))])
