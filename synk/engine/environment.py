"""The variables a run starts with, layer upon layer, with the secrets among them hidden from every view (07-automation.md, 2)."""

import json
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from synk.base.errors import UsageError
from synk.base.variables import check_variables
from synk.engine.secrets import SECRET_PREFIX, SecretSource

BASE_NAMES = frozenset(("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM", "TZ", "TMPDIR"))
BASE_PREFIXES = ("LC_", "XDG_")
"""With BASE_NAMES all of the client's environment that a `clean` run sees."""

NOT_INTERACTIVE: Mapping[str, str] = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "PAGER": "cat",
    "SYSTEMD_PAGER": "",
    "DEBIAN_FRONTEND": "noninteractive",
    "PIP_NO_INPUT": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONFAULTHANDLER": "1",
}
"""For runs nobody types into: no pager, no question, no output kept back."""

DEFAULTS: Mapping[str, str] = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "xterm-256color"}
"""Where the client has none: an MCP server started from a desktop file has no TERM, and programs would show no progress."""

_SECRET_WORDS = frozenset(
    ("TOKEN", "TOKENS", "SECRET", "SECRETS", "PASSWORD", "PASSWORDS", "PASSWD", "CREDENTIAL", "CREDENTIALS", "KEY", "KEYS")
)
_SECRET_VALUE = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY"
    r"|\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}\b"  # Amazon
    r"|\bAIza[\w-]{35}|\bya29\.[\w-]{20,}"  # Google
    r"|\bAccountKey=[\w+/=]{20,}"  # Azure
    r"|\bdop_v1_[0-9a-f]{60,}"  # DigitalOcean
    r"|\bgh[pousr]_\w{30,}|\bgithub_pat_\w{20,}"
    r"|\bgl(?:pat|ptt|dt|rt|cbt|ft|soat|agent)-[\w-]{20,}"  # GitLab
    r"|\bATBB\w{20,}|\bATATT[\w-]{20,}"  # Bitbucket, Atlassian
    r"|\bxox[abeoprs]-[\w-]{10,}|\bhf_\w{30,}|\bnpm_\w{30,}|\bpypi-[\w-]{40,}|\b[rs]k_live_\w{20,}|\bsk-[\w-]{20,}"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+"  # JWT
    r"|\b[a-zA-Z][a-zA-Z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"  # a URL with password
)


@dataclass(frozen=True, slots=True)
class Environment:
    """What a run is started with."""

    values: dict[str, str]
    """Complete; holds secrets in clear: for the start only, never for a log, a file or a message."""
    masks: "Masks"


class Masks:
    """Replaces secrets by `***NAME***` in anything that is shown."""

    def __init__(self, secrets: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        pairs = dict(secrets)
        shapes = {shape: name for name, value in pairs.items() for shape in _shapes(value)}
        self._names = shapes
        # Longest first, so that a secret that contains another is replaced as a whole.
        alternatives = "|".join(re.escape(shape) for shape in sorted(shapes, key=len, reverse=True))
        self._pattern = re.compile(alternatives) if shapes else None
        self._longest = max(map(len, shapes), default=0)

    def __bool__(self) -> bool:
        return self._pattern is not None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the secrets."""
        return tuple(sorted(set(self._names.values())))

    def mask(self, text: str) -> str:
        """`text` with every secret replaced."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: f"***{self._names[found[0]]}***", text)

    def joined(self, other: "Masks") -> "Masks":
        """Both at once: a session's secrets and those of one command."""
        both = Masks()
        both._names = {**self._names, **other._names}
        alternatives = "|".join(re.escape(shape) for shape in sorted(both._names, key=len, reverse=True))
        both._pattern = re.compile(alternatives) if both._names else None
        both._longest = max(self._longest, other._longest)
        return both

    def held_back(self, text: str) -> int:
        """How many characters at the end of `text` may be the beginning of a secret that the next chunk completes."""
        for length in range(min(self._longest - 1, len(text)), 0, -1):
            end = text[-length:]
            if any(shape.startswith(end) for shape in self._names):
                return length
        return 0


class MaskStream:
    """Masks a text that arrives in chunks; a secret split over two of them is still found."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._rest = ""

    def feed(self, text: str) -> str:
        """What can be shown now; the beginning of a secret is kept until it is known whether it goes on."""
        if not self._masks:
            return text
        masked = self._masks.mask(self._rest + text)
        held = self._masks.held_back(masked)
        self._rest = masked[len(masked) - held :]
        return masked[: len(masked) - held]

    def finish(self) -> str:
        """The rest, at the end of the stream."""
        rest, self._rest = self._rest, ""
        return rest


def build_environment(
    client: Mapping[str, str],
    *,
    mode: Literal["clean", "inherit"],
    is_interactive: bool,
    class_variables: Mapping[str, str],
    class_appended: Mapping[str, str] | None = None,
    project: Mapping[str, str] | None = None,
    session: Mapping[str, str] | None = None,
    caller: Mapping[str, str] | None = None,
    secrets: SecretSource | None = None,
    with_ssh_agent: bool = False,
) -> Environment:
    """The environment of a run; later layers win: base, project, session, class, not interactive, caller.

    `client` is the environment of the process that asks, never the host's. `clean` keeps of it what programs need, `inherit`
    all but what is Synk's own. A value `secret:NAME` of the caller, a session or the project is read from `secrets` here and
    nowhere else.

    Raises:
        UsageError: a name that no program can be given, a reserved one, or a secret that is not in the store.
    """
    values = _base(client, mode, with_ssh_agent=with_ssh_agent)
    for name, default in DEFAULTS.items():
        values.setdefault(name, default)
    found: dict[str, str] = {}
    for layer in (project or {}, session or {}):
        values.update(_resolved(layer, secrets, found))
    values.update(class_variables)
    for name, addition in (class_appended or {}).items():
        values[name] = f"{values[name]} {addition}" if values.get(name) else addition
    if not is_interactive:
        values.update(NOT_INTERACTIVE)
    values.update(_resolved(caller or {}, secrets, found))
    return Environment(values, Masks(found))


def looks_secret(name: str, value: str) -> bool:
    """By a word of its name (`GITHUB_TOKEN`), or by the shape of the value whatever its name."""
    return not _SECRET_WORDS.isdisjoint(name.upper().split("_")) or _SECRET_VALUE.search(value) is not None


def _base(client: Mapping[str, str], mode: str, *, with_ssh_agent: bool) -> dict[str, str]:
    own = {name: value for name, value in client.items() if not name.startswith("SYNK_")}
    if mode == "inherit":
        return own
    kept = {
        name: value
        for name, value in own.items()
        if (name in BASE_NAMES or name.startswith(BASE_PREFIXES)) and not looks_secret(name, value)
    }
    if with_ssh_agent and (socket := own.get("SSH_AUTH_SOCK")):
        kept["SSH_AUTH_SOCK"] = socket
    return kept


def _resolved(layer: Mapping[str, str], secrets: SecretSource | None, found: dict[str, str]) -> dict[str, str]:
    check_variables(layer)
    values = dict(layer)
    for variable, value in layer.items():
        if not value.startswith(SECRET_PREFIX):
            continue
        name = value.removeprefix(SECRET_PREFIX)
        secret = secrets.get(name) if secrets is not None else None
        if secret is None:
            where = f"Put it there: synk secrets set {name or 'NAME'}"
            raise UsageError(f"Variable {variable}: there is no secret named {name or '(empty)'}. {where}")
        values[variable] = found[name] = secret
    return values


def _shapes(secret: str) -> set[str]:
    """The ways a secret may appear: as it is, on a terminal, in JSON, in a URL, and each long line of it."""
    if not secret:
        return set()
    shapes = {secret, secret.replace("\n", "\r\n"), json.dumps(secret)[1:-1], urllib.parse.quote(secret, safe="")}
    if "\n" in secret:
        shapes |= {line for line in secret.splitlines() if len(line) >= 16}
    return shapes
