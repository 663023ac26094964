"""What Synk knows about login shells: which one to use, how each is started, and which files it reads at its start."""

import os
import re
import subprocess
from collections.abc import Mapping
from functools import lru_cache

VERSION_LIMIT_S = 2.0
"""A shell that does not tell its version in this time is not pooled; it takes a few milliseconds."""

_OLDEST = {"bash": 4, "zsh": 5, "fish": 3}
"""Major versions from which on the integration scripts in resources/shell work."""
_RESTRICTED = frozenset({"sh", "rbash", "rzsh", "rsh"})
"""Names under which bash and zsh behave as another shell, or may not run the scripts."""
_NO_SHELLS = frozenset({"nologin", "false", "true", "sync"})
"""Entered for accounts that are not meant to log in."""
_TAKES_L = frozenset(
    {"ash", "bash", "csh", "dash", "fish", "ksh", "ksh93", "mksh", "nu", "oksh", "rc", "sh", "tcsh", "xonsh", "yash", "zsh"}
)
"""Shells that become login shells with `-l`."""

_Stamp = tuple[int, int, int]


def choose_shell(setting: str, environment: Mapping[str, str], passwd_shell: str) -> tuple[str, str]:
    """The shell to use, and a sentence for the user if the first choice cannot be.

    In this order: the setting (a path, or a name looked up in PATH), `$SHELL`, the entry in the user database,
    /bin/bash, /bin/sh. Empty ones are passed over silently, and so are `$SHELL` and the entry where they name a program
    that only refuses logins.
    """
    missing = ""
    for candidate in (setting, environment.get("SHELL", ""), passwd_shell, "/bin/bash"):
        if not candidate or (candidate != setting and os.path.basename(candidate) in _NO_SHELLS):
            continue
        path = _find(os.path.expanduser(candidate), environment)
        if path and not missing:
            return path, ""
        if path:
            return path, f"{missing} Synk uses {path}."
        reason = "is not an executable file" if os.path.exists(candidate) else "does not exist"
        missing = missing or f"Shell {candidate} {reason}."
    return "/bin/sh", f"{missing} Synk uses /bin/sh." if missing else ""


def family_of(path: str) -> str | None:
    """ "bash", "zsh" or "fish" if the shell can be kept warm; None: it only starts cold.

    Blocks for some milliseconds the first time it sees a shell, to ask for its version; then two calls of `stat`.
    """
    family, stamp = _family_name(path), _stamp(path)
    if family is None or stamp is None or os.path.basename(path) in _RESTRICTED:
        return None
    if _major_version(*stamp) < _OLDEST[family]:
        return None
    if family == "zsh" and _sets_zdotdir(f"{zsh_folder(path)}/zshenv"):
        return None
    return family


def startup_files(family: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Absolute paths of the files and folders a login shell may read at its start, also of those that do not exist.

    They are what the shell reads by itself, and what the usual start-up files read in turn.
    """
    home = environment.get("HOME", "") or os.path.expanduser("~")
    if family == "bash":
        return _bash_files(home, environment)
    if family == "zsh":
        return _zsh_files(home, environment)
    if family == "fish":
        return _fish_files(home, environment)
    return ("/etc/profile", f"{home}/.profile")


def cold_start(path: str, environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Command line and environment that start the shell as a login shell without a gate."""
    name = _family_name(path) or os.path.basename(path)
    flags = ["-l"] if name in _TAKES_L else ["-Login"] if name == "pwsh" else []
    return [path, *flags], dict(environment)


def gate_start(
    family: str, *, shell: str, resources: str, gate: str, base: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Command line that leads a shell to the gate in the folder `gate`, and what it needs besides the environment `base`."""
    if family == "bash":
        # In posix mode an interactive bash reads the file $ENV names, after expanding it like text in double quotes.
        script = re.sub(r'([$`"\\])', r"\\\1", f"{resources}/gate.bash")
        return [shell, "--posix", "--login"], {"ENV": script, "SYNK_GATE": gate, **_kept("ENV", base)}
    if family == "zsh":
        variables = {"ZDOTDIR": f"{resources}/zsh", "SYNK_GATE": gate, "SYNK_GATE_ETC": zsh_folder(shell)}
        return [shell, "-l"], {**variables, **_kept("ZDOTDIR", base)}
    if family == "fish":
        # In single quotes fish takes only these two characters for special.
        script, folder = (re.sub(r"(['\\])", r"\\\1", text) for text in (f"{resources}/gate.fish", gate))
        return [shell, "-l", "-C", f"source '{script}' '{folder}' || exit"], {}
    raise ValueError(f"No start gate for {family}")


def zsh_folder(path: str) -> str:
    """Where this zsh looks for the global zshrc: fixed when it was built, /etc or a folder in it on most systems."""
    stamp = _stamp(path)
    return _built_in_folder(*stamp) if stamp else "/etc"


def _stamp(path: str) -> tuple[str, _Stamp] | None:
    """The real path of a program and what changes with its file; None if it is not there."""
    real = os.path.realpath(path)
    try:
        status = os.stat(real)
    except OSError:
        return None
    return real, (status.st_mtime_ns, status.st_size, status.st_ino)


def _family_name(path: str) -> str | None:
    """By the file's own name: /bin/sh may be a link to bash, and zsh-5.9 or bash5 are names of real files."""
    found = re.fullmatch(r"(bash|zsh|fish)[-.\d]*", os.path.basename(os.path.realpath(path)))
    return found[1] if found else None


def _find(name: str, environment: Mapping[str, str]) -> str:
    """Absolute path of an executable file; "" if there is none."""
    folders = [""] if "/" in name else environment.get("PATH", os.defpath).split(os.pathsep)
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return ""


@lru_cache(maxsize=16)
def _major_version(path: str, _stamp: _Stamp) -> int:
    """0 if it does not say."""
    try:
        answer = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C", "HOME": "/nonexistent"},
            timeout=VERSION_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(rb"(\d+)\.\d", answer.stdout)
    return int(found[1]) if found else 0


def _sets_zdotdir(path: str) -> bool:
    """A global zshenv, which zsh reads before ours, that deals with ZDOTDIR: then ours might not be found."""
    try:
        with open(path, "rb") as file:
            return re.search(rb"^[^#\n]*\bZDOTDIR\b", file.read(), re.MULTILINE) is not None
    except OSError:
        return False


@lru_cache(maxsize=16)
def _built_in_folder(path: str, _stamp: _Stamp) -> str:
    """The folder of the global files as it stands in the program; where it does not, the one this system has."""
    try:
        with open(path, "rb") as file:
            found = re.search(rb"(/[ -~]+)/zprofile\0", file.read())
    except OSError:
        found = None
    if found:
        return os.fsdecode(found[1])
    return "/etc/zsh" if os.path.isdir("/etc/zsh") else "/etc"


def _kept(name: str, base: Mapping[str, str]) -> dict[str, str]:
    """How the scripts are told the user's value of a variable that had to be replaced."""
    return {f"SYNK_GATE_{name}": base[name]} if name in base else {}


def _bash_files(home: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    own = (".bash_profile", ".bash_login", ".profile", ".bashrc", ".bash_aliases")
    return (
        "/etc/profile",
        *_with_entries("/etc/profile.d"),
        "/etc/bash.bashrc",
        "/etc/bashrc",
        *(f"{home}/{name}" for name in own),
        "/etc/inputrc",
        environment.get("INPUTRC") or f"{home}/.inputrc",
    )


def _zsh_files(home: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    names = ("zshenv", "zprofile", "zshrc", "zlogin")
    first = environment.get("ZDOTDIR") or home
    # Usually it is the user's .zshenv that sends zsh to another folder.
    folders = dict.fromkeys((first, _zdotdir_of(f"{first}/.zshenv", home, environment) or first))
    global_folders = [folder for folder in ("/etc/zsh", "/etc") if os.path.isdir(folder)]
    return (
        *(f"{folder}/{name}" for folder in global_folders for name in names),
        *(f"{folder}/.{name}" for folder in folders for name in names),
    )


def _zdotdir_of(path: str, home: str, environment: Mapping[str, str]) -> str:
    """The folder a .zshenv sets in a plain way: `export ZDOTDIR="$HOME/.config/zsh"`; "" otherwise."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            values = re.findall(r"^[^#\n]*\bZDOTDIR=([^\s;#]+)", file.read(), re.MULTILINE)
    except OSError:
        return ""
    if not values:
        return ""
    value = values[-1].strip("\"'")
    config = environment.get("XDG_CONFIG_HOME") or f"{home}/.config"
    value = re.sub(r"\$\{XDG_CONFIG_HOME[^}]*\}+|\$XDG_CONFIG_HOME\b", lambda _: config, value)
    value = re.sub(r"^~(?=/|$)|\$\{HOME\}|\$HOME\b", lambda _: home, value)
    return value if value.startswith("/") and "$" not in value else ""


def _fish_files(home: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    config = environment.get("XDG_CONFIG_HOME") or f"{home}/.config"
    data = environment.get("XDG_DATA_HOME") or f"{home}/.local/share"
    shared = (environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    return (
        *(f"{folder}/fish/config.fish" for folder in ("/etc", config)),
        *_with_entries(f"{config}/fish/conf.d"),
        *_with_entries("/etc/fish/conf.d"),
        *(path for folder in (data, *shared) for path in _with_entries(f"{folder}/fish/vendor_conf.d")),
    )


def _with_entries(folder: str) -> tuple[str, ...]:
    """The folder, which changes when a file comes or goes, and the files in it now."""
    try:
        return (folder, *(f"{folder}/{name}" for name in sorted(os.listdir(folder))))
    except OSError:
        return (folder,)
