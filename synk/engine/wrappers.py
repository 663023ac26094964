"""Which program a simple command really runs: past sudo, env, timeout, `python -m`, `uv run`, npx and their like."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from synk.engine.lexing import SimpleCommand, Unlexable, lex

MAX_LAYERS = 12
"""Wrappers around wrappers; more is no command line of this world."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is started in the end."""

    name: str
    """Without path: "pip3.11", "http.server" of `python -m http.server`."""
    words: tuple[str, ...]
    """What follows the name."""
    is_fed: bool = False
    """Its standard input is a pipe, a file or a here-document."""
    path: str = ""
    """As it was written: "v/bin/pip"; of `v/bin/python -m pip` the interpreter."""


@dataclass(frozen=True, slots=True)
class _Wrapper:
    valued: frozenset[str] = frozenset()
    """Options whose value is the next word."""
    skipped: int = 0
    """Words of its own before the command: the duration of timeout."""
    stops: frozenset[str] = frozenset()
    """With one of these it is no wrapper: `command -v`."""
    verbs: frozenset[str] = frozenset()
    """It wraps only behind one of these words: `uv run`. Empty: always."""
    feeds: bool = False
    """The command does not get the terminal as its input."""
    required: bool = True
    """Without command it is a program by itself."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_RUNNERS: Mapping[str, _Wrapper] = {
    "sudo": _Wrapper(
        _set("-u -g -h -p -C -D -R -T -U -r -t --user --group --host --prompt --chdir --role --type --other-user"),
        stops=_set("-i -s -e -l -v -k -K --login --shell --edit --list --validate"),
    ),
    "doas": _Wrapper(_set("-u -C"), stops=_set("-s -L")),
    "env": _Wrapper(_set("-u -C --unset --chdir"), stops=_set("-0 --null")),
    "time": _Wrapper(_set("-f -o --format --output")),
    "nice": _Wrapper(_set("-n --adjustment")),
    "nohup": _Wrapper(),
    "command": _Wrapper(stops=_set("-v -V")),
    "builtin": _Wrapper(),
    "exec": _Wrapper(_set("-a")),
    "setsid": _Wrapper(),
    "setpriv": _Wrapper(),
    "stdbuf": _Wrapper(_set("-i -o -e --input --output --error")),
    "ionice": _Wrapper(_set("-c -n -p -P -u --class --classdata"), stops=_set("-p --pid")),
    "timeout": _Wrapper(_set("-s -k --signal --kill-after"), skipped=1),
    "gtimeout": _Wrapper(_set("-s -k --signal --kill-after"), skipped=1),
    "chrt": _Wrapper(skipped=1),
    "taskset": _Wrapper(skipped=1, stops=_set("-p --pid -cp -pc")),
    "flock": _Wrapper(_set("-w -E --timeout --conflict-exit-code"), skipped=1, stops=_set("-c --command")),
    "chroot": _Wrapper(skipped=1),
    "strace": _Wrapper(_set("-o -e -p -s -u -E -a -b -I -O -P -S -U -X"), stops=_set("-p --attach")),
    "ltrace": _Wrapper(_set("-o -e -p -s -u -n -l")),
    "unbuffer": _Wrapper(),
    "catchsegv": _Wrapper(),
    "dbus-run-session": _Wrapper(),
    "xvfb-run": _Wrapper(_set("-e -f -n -p -s -w --error-file --auth-file --server-num --server-args --wait")),
    "xargs": _Wrapper(_set("-n -P -I -L -d -a -s -E --max-args --max-procs --replace --delimiter --arg-file"), feeds=True),
    "direnv": _Wrapper(skipped=1, verbs=_set("exec")),
    "uvx": _Wrapper(_set("--from --with -p --python --index --index-url --default-index --with-requirements -w")),
    "npx": _Wrapper(_set("-p --package -w --workspace"), stops=_set("-c --call")),
    "bunx": _Wrapper(),
    "pnpx": _Wrapper(),
    "corepack": _Wrapper(),
    "ccache": _Wrapper(),
    "bear": _Wrapper(_set("--output")),
    "uv": _Wrapper(
        _set(
            "--with -w -p --python --project --directory --extra --group --only-group --env-file --index --index-url"
            " --default-index --with-editable --with-requirements --package --from"
        ),
        verbs=_set("run tool"),
    ),
    "poetry": _Wrapper(_set("-C --directory -P --project"), verbs=_set("run")),
    "pipenv": _Wrapper(verbs=_set("run")),
    "pdm": _Wrapper(_set("-p --project"), verbs=_set("run")),
    "rye": _Wrapper(verbs=_set("run")),
    "hatch": _Wrapper(_set("-e --env"), verbs=_set("run")),
    "pixi": _Wrapper(_set("-e --environment --manifest-path"), verbs=_set("run")),
    "conda": _Wrapper(_set("-n --name -p --prefix --cwd"), verbs=_set("run")),
    "mamba": _Wrapper(_set("-n --name -p --prefix --cwd"), verbs=_set("run")),
    "micromamba": _Wrapper(_set("-n --name -p --prefix"), verbs=_set("run")),
    "bundle": _Wrapper(verbs=_set("exec")),
    "mise": _Wrapper(verbs=_set("exec x")),
    "asdf": _Wrapper(verbs=_set("exec")),
    "npm": _Wrapper(_set("--prefix -w --workspace -C --package"), verbs=_set("exec x"), required=False),
    "pnpm": _Wrapper(_set("-C --dir -F --filter --package"), verbs=_set("exec dlx"), required=False),
    "yarn": _Wrapper(_set("--cwd -p --package"), verbs=_set("exec dlx"), required=False),
    "bun": _Wrapper(_set("--cwd"), verbs=_set("x"), required=False),
}

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:t|d)?")
_SHELL = re.compile(r"(?:ba|da|z|k|a)?sh|fish")
_SCRIPT = re.compile(r"\.py[w3]?\Z")
_PACKAGE_VERSION = re.compile(r"(?<=.)@[^/]*\Z")
_SCRIPT_RUNNERS = frozenset(("yarn", "pnpm", "bun"))
"""They run a program of the project named in place of a verb: `yarn jest`."""


def programs_of(command: SimpleCommand) -> Iterator[tuple[Program, ...]]:
    """For each program that `command` starts the ways to see it, most telling first; several for `bash -c "a; b"`."""
    words = command.words
    is_fed = command.is_fed
    seen: list[Program] = []
    for _ in range(MAX_LAYERS):
        program = Program(base_name(words[0]), words[1:], is_fed, words[0])
        if script := _script_of_shell(program):
            yield from _programs_in(script)
            return
        inner, feeds = _unwrapped(program)
        if inner is None:
            seen.insert(0, program)
            break
        is_fed |= feeds
        if not feeds or program.name != "xargs":
            seen.insert(0, program)
        words = inner
    yield tuple(_in_python(seen[0])) + tuple(seen[1:]) if seen else ()


def base_name(word: str) -> str:
    """The program's name without its path."""
    return word.rstrip("/").rpartition("/")[2] or word


def _programs_in(script: str) -> Iterator[tuple[Program, ...]]:
    try:
        commands = lex(script)
    except Unlexable:
        return
    for command in commands:
        yield from programs_of(command)


def _script_of_shell(program: Program) -> str | None:
    """The text of `bash -c TEXT`; None for anything else."""
    if not _SHELL.fullmatch(program.name):
        return None
    for number, word in enumerate(program.words):
        if not word.startswith(("-", "+")):
            return None
        if re.fullmatch(r"-[a-zA-Z]*c", word):
            return next((text for text in program.words[number + 1 :] if not text.startswith("-")), None)
    return None


def _unwrapped(program: Program) -> tuple[tuple[str, ...] | None, bool]:
    """The command inside a wrapper, or None; and whether the wrapper feeds its input."""
    if program.name == "env" and (text := _split_string(program.words)):
        return text, False
    wrapper = _RUNNERS.get(program.name)
    if wrapper is None:
        return None, False
    words = list(program.words)
    if wrapper.verbs:
        words = _skip_options(words, wrapper) or []
        if not words or words[0] not in wrapper.verbs:
            inner = words if words and program.name in _SCRIPT_RUNNERS and words[0].isidentifier() else None
            return (tuple(inner), False) if inner and words[0] not in _OWN_VERBS else (None, False)
        is_tool = program.name == "uv" and words.pop(0) == "tool"
        if is_tool and words[:1] != ["run"]:
            return None, False
        words = words[1:] if is_tool or program.name != "uv" else words
    rest = _skip_options(words, wrapper)
    if rest is None:
        return None, False
    rest = rest[wrapper.skipped :]
    while rest and _ASSIGNMENT.match(rest[0]):
        rest = rest[1:]
    if not rest:
        return None, False
    if program.name in ("npx", "bunx", "pnpx", "uvx", "npm", "pnpm", "yarn", "bun", "corepack"):
        rest[0] = _PACKAGE_VERSION.sub("", rest[0])  # jest@29
    if program.name in ("uv", "rye", "pdm") and _SCRIPT.search(rest[0]):
        rest = ["python", *rest]
    return tuple(rest), wrapper.feeds


_OWN_VERBS = _set(
    "install i add ci update upgrade up remove rm uninstall un run test t start stop restart build dev serve preview create init"
    " publish pack link unlink why audit outdated list ls info config cache import dedupe version login logout whoami workspace"
    " workspaces global set node store prune rebuild fetch patch deploy env setup help bin root licenses plugin pm repl outdated"
)
"""Words that yarn, pnpm and bun understand themselves."""


def _skip_options(words: list[str], wrapper: _Wrapper) -> list[str] | None:
    """`words` behind the options at their beginning; None if one of them says that nothing is wrapped."""
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        if words[at] in wrapper.stops:
            return None
        if words[at] == "--":
            return words[at + 1 :]
        at += 2 if words[at] in wrapper.valued else 1
    return words[at:]


def _split_string(words: tuple[str, ...]) -> tuple[str, ...]:
    """The command in `env -S "TEXT"`."""
    for number, word in enumerate(words):
        if word in ("-S", "--split-string") and number + 1 < len(words):
            return (*words[number + 1].split(), *words[number + 2 :])
        if not word.startswith("-"):
            break
    return ()


def _in_python(program: Program) -> list[Program]:
    """`python -m NAME` is NAME first, then Python."""
    if _PYTHON.fullmatch(program.name):
        at = 0
        while at < len(program.words) and program.words[at].startswith("-"):
            word = program.words[at]
            if re.fullmatch(r"-[bBdEhiIOPqRsSuvx]*m", word) and at + 1 < len(program.words):
                return [Program(program.words[at + 1], program.words[at + 2 :], program.is_fed, program.path), program]
            if word.startswith("-c") or word == "-":
                break
            at += 2 if word in ("-X", "-W") else 1
    return [program]
