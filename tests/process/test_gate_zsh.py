"""A zsh that got its lease is, value by value, the zsh that `zsh -l` starts, whatever its start-up files do."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.pty.gate import Lease

RICH = r"""
alias ll='ls -l' builtin='echo alias' source='echo alias' read='echo alias' local='echo alias'
alias -g G='| grep' -- -r=zzz
greet() { echo "hi $1" }
PS1='%n %~ %? %# '
HISTFILE=~/history HISTSIZE=77 SAVEHIST=70
setopt append_history extended_history hist_ignore_space
RUNS=0
precmd() { (( RUNS++ )) }
autoload -Uz add-zsh-hook
add-zsh-hook precmd greet
chpwd() { echo changed directory }
TRAPINT() { echo int; return 130 }
trap 'echo usr1' USR1
trap 'echo bye' EXIT
bindkey '^G' beginning-of-line
bindkey -v
setopt extended_glob ksh_arrays sh_word_split no_unset auto_cd interactive_comments auto_pushd
MAILCHECK=33
typeset -i COUNT=4
typeset -r CONSTANT=1
typeset -A MAP=(a b)
typeset -a LIST=(1 '2 3')
typeset -F SECONDS
export EXPORTED='a b'
umask 027
IFS=:
zstyle ':x' y z
autoload -Uz compinit
compinit -u -D
"""
HOSTILE = r"""
PS1='%~ %? %# '
setopt no_glob no_clobber all_export err_return warn_create_global local_options local_traps ksh_arrays no_unset
for name in cd read trap printf exit unset source print exec; do
    eval "$name() { echo FAKE $name }"
done
builtin() { echo FAKE builtin }
setopt err_exit
"""


@pytest.fixture
def shells(start_shells: Callable[[str], Any], home: Path) -> Any:
    """The .zshrc keeps zsh from asking how it wants to be set up."""
    shells = start_shells("zsh")
    (home / ".zshrc").write_text("")
    return shells


def both(
    shells: Any, folder: Path, variables: dict[str, str] | None = None, *, is_integrated: bool = False
) -> tuple[Any, Any]:
    """A shell started by hand and one that came through the gate, each at its first prompt, 100 x 30."""
    variables = variables or {}
    by_hand = shells.by_hand(cwd=folder, cols=100, rows=30, variables=variables)
    by_hand.at_prompt()
    claimed = shells.claimed(Lease(str(folder), variables, is_integrated=is_integrated), cols=100, rows=30)
    claimed.at_prompt()
    return by_hand, claimed


@pytest.mark.parametrize("files", ["empty", "rich", "all"])
@pytest.mark.parametrize("is_integrated", [False, True], ids=["plain", "integrated"])
def test_claimed_shell_knows_what_one_started_by_hand_knows(
    shells: Any, home: Path, tmp_path: Path, files: str, state_of: Any, is_integrated: bool
) -> None:
    if files == "rich":
        (home / ".zshrc").write_text(RICH)
        (home / "history").write_text(": 1700000000:0;ls\n")
    if files == "all":
        for name in ("zshenv", "zprofile", "zshrc", "zlogin"):
            (home / f".{name}").write_text(f"echo {name} ${{ZDOTDIR-unset}} $#; export {name.upper()}=1\n(exit 7)\n")
    by_hand, claimed = both(shells, tmp_path, {"OF_THE_SESSION": "a b"}, is_integrated=is_integrated)
    assert bool(claimed.told) is is_integrated
    assert claimed.plain == by_hand.output
    mine = state_of(by_hand, shells, undo_integration=is_integrated)
    assert state_of(claimed, shells, undo_integration=is_integrated) == mine


def test_hostile_startup_files_neither_stop_nor_bend_the_gate(
    shells: Any, home: Path, tmp_path: Path, state_of: Any
) -> None:
    (home / ".zshrc").write_text(HOSTILE)
    # A function called `builtin` keeps the shell integration out: it could not do its work behind the user's back.
    by_hand, claimed = both(shells, tmp_path, {"OTHER": "set"}, is_integrated=True)
    assert claimed.output == by_hand.output
    assert state_of(claimed, shells) == state_of(by_hand, shells)


@pytest.mark.parametrize(
    "line",
    [
        "set -x",
        "set -v",
        "set -m",
        "setopt err_exit; [[ -e /nowhere ]] && true",
        "trap 'echo error' ZERR; false",
        "setopt posix_builtins posix_traps chase_links",
        "setopt sh_file_expansion no_function_argzero prompt_subst print_exit_value",
        "setopt no_rcs",
        "setopt no_global_rcs",
        "setopt auto_name_dirs cdable_vars pushd_minus auto_pushd warn_nested_var",
        "readonly HISTFILE=~/history; TMOUT=900",
        "exec 6>&1 7>&2",
        "typeset -r name=1 folder=2",
        "return 4",
    ],
)
@pytest.mark.parametrize("is_integrated", [False, True], ids=["plain", "integrated"])
def test_setting_survives_and_nothing_of_ours_is_printed(
    shells: Any, home: Path, tmp_path: Path, line: str, state_of: Any, is_integrated: bool
) -> None:
    (home / ".zshrc").write_text(f"PS1='%? %~> '\n{line}\necho last\n")
    by_hand, claimed = both(shells, tmp_path, is_integrated=is_integrated)
    assert claimed.plain == by_hand.output
    mine = state_of(by_hand, shells, undo_integration=is_integrated)
    assert state_of(claimed, shells, undo_integration=is_integrated) == mine


@pytest.mark.parametrize("way", ["environment", "variable", "exported"])
def test_files_are_read_from_the_users_zdotdir(
    shells: Any, home: Path, tmp_path: Path, way: str, state_of: Any
) -> None:
    folder = tmp_path / "my zsh"
    folder.mkdir()
    if way == "environment":
        shells.environment["ZDOTDIR"] = str(folder)
    else:
        export = "export " if way == "exported" else ""
        (home / ".zshenv").write_text(f"{export}ZDOTDIR='{folder}'\nunsetopt global_rcs\n")
    for name in ("zshenv", "zprofile", "zshrc", "zlogin"):
        (folder / f".{name}").write_text(f"echo {name} $ZDOTDIR; printenv ZDOTDIR\n")
    by_hand, claimed = both(shells, tmp_path)
    assert claimed.output.count(str(folder).encode()) >= 3
    assert claimed.output == by_hand.output
    assert state_of(claimed, shells) == state_of(by_hand, shells)


def test_hooks_of_tools_see_the_directory_of_the_lease(shells: Any, home: Path, tmp_path: Path) -> None:
    (home / ".zshrc").write_text(
        "PS1='> '\nautoload -Uz add-zsh-hook\nchpwd() { echo mine }\n"
        "tool() { echo tool in $PWD; [[ -o ksh_arrays ]] && echo with my options }\n"
        "add-zsh-hook chpwd tool\nsetopt ksh_arrays\n"
    )
    shell = shells.claimed(Lease(str(tmp_path)))
    shell.at_prompt()
    assert shell.output.startswith(f"tool in {tmp_path}\r\nwith my options\r\n".encode())
    assert b"mine" not in shell.output
    at_home = shells.claimed(Lease(str(home)))
    at_home.at_prompt()
    assert b"tool" not in at_home.output


def test_values_are_not_evaluated_by_attributes(shells: Any, home: Path) -> None:
    (home / ".zshrc").write_text("typeset -i NUMBER=1\ntypeset -u UPPER=x\ntypeset -a LIST=(a b)\n")
    evil = f"a[$(touch {home}/pwned)]"
    shell = shells.claimed(Lease(str(home), {"NUMBER": evil, "UPPER": "lower", "LIST": "one", "PATH": "/opt:/usr/bin:/bin"}))
    text = shell.run("printenv NUMBER UPPER LIST PATH; print -r -- $path", home / "out")
    assert text == f"{evil}\nlower\none\n/opt:/usr/bin:/bin\n/opt /usr/bin /bin\n"
    assert not (home / "pwned").exists()


def test_agent_gets_the_terminal_though_startup_files_redirected_the_shell(shells: Any, home: Path) -> None:
    # As the instant prompt of powerlevel10k does until the first real prompt.
    (home / ".zshrc").write_text("exec </dev/null >~/redirected 2>&1\nsetopt all_export\n")
    shell = shells.claimed(Lease(str(home), argv=("sh", "-c", "tty; tty <&1; tty <&2; env >environment")))
    assert shell.ends() == 0
    lines = shell.output.decode().split()
    assert len(lines) == 3
    assert "__synk" not in (home / "environment").read_text()
    assert len(set(lines)) == 1
    assert lines[0].startswith("/dev/pts/")


def test_trap_of_the_user_works_after_the_gate(shells: Any, home: Path) -> None:
    (home / ".zshrc").write_text("TRAPINT() { echo caught the interrupt }\n")
    shell, gate, _startup = shells.at_gate()
    os.kill(shell.pid, signal.SIGINT)
    gate.send(Lease(str(home)))
    shell.at_prompt()
    assert b"caught" not in shell.output
    os.kill(shell.pid, signal.SIGINT)
    shell.wait_for("caught the interrupt")


def test_login_shell_with_job_control(shells: Any, home: Path) -> None:
    shell = shells.claimed()
    assert shell.run("[[ -o login && -o monitor && -o zle && -o interactive ]] && echo all", home / "out") == "all\n"
