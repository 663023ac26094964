"""A bash that got its lease is, value by value, the bash that `bash -l` starts, whatever its start-up files do."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.pty.gate import Lease

RICH = r"""
alias ll='ls -l' read='echo alias' cd='echo alias' builtin='echo alias' local='echo alias' export='echo alias'
greet() { echo "hi $1"; }
PS1='\u \w $? \#\!\$ '
HISTCONTROL=ignoreboth HISTSIZE=77 HISTTIMEFORMAT='%F '
RUNS=0 PROMPT_COMMAND='RUNS=$((RUNS + 1)); STATUSES+="$? "; (exit 3)'
trap 'echo bye' EXIT
trap 'echo "it'\''s int"' INT
trap '' QUIT
trap 'echo tstp' TSTP
trap 'echo winch' WINCH
trap ': error' ERR
trap ': debug' DEBUG
bind '"\C-g": "abc"'
set -o vi
shopt -s extglob globstar autocd nocasematch histappend cdspell
shopt -u checkwinsize
MAILCHECK=33
declare -i COUNT=4
declare -r CONSTANT=1
declare -A MAP=([a]=b)
declare -a LIST=(1 "2 3")
declare -n REFERENCE=COUNT
\export EXPORTED='a b'
umask 027
ulimit -n 500
complete -W 'a b' greet
IFS=:
TMOUT=900
(exit 7)
"""
HOSTILE = r"""
PS1='\w $? \$ '
trap 'COUNT=$((COUNT + 1))' DEBUG
trap 'echo error' ERR
set -f -u -a -E -T -o noclobber
shopt -s extdebug
for name in cd read trap set printf export local exit shopt; do
    eval "$name() { echo FAKE $name; }"
done
builtin() { echo FAKE builtin; }
COUNT=0
declare -r COUNTS=1
"""


@pytest.fixture
def shells(start_shells: Callable[[str], Any]) -> Any:
    return start_shells("bash")


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


@pytest.mark.parametrize("files", ["none", "profile", "rich", "posix profile"])
@pytest.mark.parametrize("is_integrated", [False, True], ids=["plain", "integrated"])
def test_claimed_shell_knows_what_one_started_by_hand_knows(
    shells: Any, home: Path, tmp_path: Path, files: str, state_of: Any, is_integrated: bool
) -> None:
    if files == "rich":
        (home / ".bash_profile").write_text("echo from the profile\n. ~/.bashrc\n")
        (home / ".bashrc").write_text(RICH)
        (home / ".bash_history").write_text("#1700000000\nls\n#1700000001\npwd\n")
    elif files == "profile":
        (home / ".profile").write_text("echo only this; false\n")
    elif files == "posix profile":
        (home / ".bash_login").write_text("echo this\nreturn\n")
        (home / ".profile").write_text("echo and not this\n")
    by_hand, claimed = both(shells, tmp_path, {"OF_THE_SESSION": "a b"}, is_integrated=is_integrated)
    assert bool(claimed.told) is is_integrated
    assert claimed.plain == by_hand.output
    mine = state_of(by_hand, shells, undo_integration=is_integrated)
    assert state_of(claimed, shells, undo_integration=is_integrated) == mine


def test_hostile_startup_files_neither_stop_nor_bend_the_gate(
    shells: Any, home: Path, tmp_path: Path, state_of: Any
) -> None:
    (home / ".bash_profile").write_text(HOSTILE)
    # A function called `builtin` keeps the shell integration out: it could not do its work behind the user's back.
    by_hand, claimed = both(shells, tmp_path, {"COUNTS": "readonly", "OTHER": "set"}, is_integrated=True)
    assert claimed.output == by_hand.output
    mine = [line for line in state_of(by_hand, shells) if "COUNT" not in line]
    other = [line for line in state_of(claimed, shells) if "COUNT" not in line]
    assert other == mine


@pytest.mark.parametrize(
    "line",
    [
        "set -x",
        "set -v",
        "set -k",
        "set -P",
        "set -m",
        "set -e; [ -e /nowhere ] && true",
        "trap 'echo \"debug: $BASH_COMMAND\"' DEBUG",
        "set -T; trap 'echo \"debug: $BASH_COMMAND\"' DEBUG",
        "set -E; trap 'echo error' ERR; false",
        "shopt -s extdebug; trap ': debug' DEBUG",
        "shopt -u expand_aliases interactive_comments sourcepath",
        "exec 5>/dev/null",
        "exec 2>&1",
        "unset HISTFILE MAILCHECK SECONDS RANDOM",
        "readonly HISTFILE=~/history TMOUT=900",
        "export HISTFILE=~/history MAILCHECK=600",
        "builtin() { command builtin \"$@\"; }; export -f builtin",
        "alias -- -=echo .=echo",
        "FUNCNEST=9",
        "stty -echo -icanon",
    ],
)
@pytest.mark.parametrize("is_integrated", [False, True], ids=["plain", "integrated"])
def test_setting_survives_and_nothing_of_ours_is_printed(
    shells: Any, home: Path, tmp_path: Path, line: str, state_of: Any, is_integrated: bool
) -> None:
    if is_integrated and line == "set -v":
        pytest.skip("bash shows every element of PROMPT_COMMAND it runs, ours too")
    (home / ".bash_profile").write_text(f"PS1='$? \\w> '\n{line}\necho last\n")
    by_hand, claimed = both(shells, tmp_path, is_integrated=is_integrated)
    # One level deeper, because the file is sourced: "++ echo last". It cannot be helped.
    printed = claimed.plain.replace(b"++ echo", b"+ echo")
    assert printed == by_hand.output
    # The probe runs one level deeper too while `set -x` is on.
    mine, other = (state_of(shell, shells, undo_integration=is_integrated) for shell in (by_hand, claimed))
    assert [entry.lstrip("+ ") for entry in other] == [entry.lstrip("+ ") for entry in mine]


def test_directory_of_the_lease_comes_after_that_of_the_startup_files(shells: Any, home: Path, tmp_path: Path) -> None:
    (home / ".bash_profile").write_text("cd /usr; cd /tmp\n")
    shell = shells.claimed(Lease(str(tmp_path)))
    assert shell.run("pwd; echo $OLDPWD; dirs", home / "out") == f"{tmp_path}\n/usr\n{tmp_path}\n"


def test_trap_of_the_user_works_after_the_gate(shells: Any, home: Path) -> None:
    (home / ".bash_profile").write_text("trap 'echo caught the interrupt' INT\n")
    shell, gate, _startup = shells.at_gate()
    os.kill(shell.pid, signal.SIGINT)
    gate.send(Lease(str(home)))
    shell.at_prompt()
    assert b"caught" not in shell.output
    os.kill(shell.pid, signal.SIGINT)
    shell.type("")
    shell.wait_for("caught the interrupt")


def test_exported_function_named_like_a_builtin_does_not_stop_the_gate(shells: Any, home: Path) -> None:
    shells.environment["BASH_FUNC_read%%"] = "() {  echo FAKE\n}"
    shell = shells.claimed(Lease(str(home), {"A": "1"}))
    assert shell.run("echo $A; declare -F read", home / "out") == "1\nread\n"


def test_values_are_not_evaluated_by_attributes(shells: Any, home: Path) -> None:
    (home / ".bash_profile").write_text("declare -i NUMBER=1\ndeclare -u UPPER=x\nTARGET=t\ndeclare -n NAMED=TARGET\n")
    evil = f"a[$(touch {home}/pwned)]"
    shell = shells.claimed(Lease(str(home), {"NUMBER": evil, "UPPER": "lower", "NAMED": evil}))
    assert shell.run("printenv NUMBER UPPER NAMED; echo $TARGET", home / "out") == f"{evil}\nlower\n{evil}\nt\n"
    assert not (home / "pwned").exists()


def test_agent_gets_the_terminal_and_only_its_variables(shells: Any, home: Path) -> None:
    (home / ".bash_profile").write_text("set -a\nexec </dev/null >~/redirected 2>&1\n")
    shell = shells.claimed(Lease(str(home), argv=("sh", "-c", "test -t 0 -a -t 1 -a -t 2 && env")))
    assert shell.ends() == 0
    assert b"SYNK_HOST=" in shell.output
    assert b"__synk" not in shell.output


def test_own_variable_env_is_given_back(shells: Any, home: Path) -> None:
    shells.environment["ENV"] = "/my/$HOME/rc"
    shell = shells.claimed()
    assert shell.run("printenv ENV; set -o | grep posix", home / "out") == "/my/$HOME/rc\nposix          \toff\n"


def test_seconds_do_not_count_the_time_at_the_gate(shells: Any, home: Path) -> None:
    (home / ".bash_profile").write_text("SECONDS=-5000\n")
    shell = shells.claimed()
    assert int(shell.run("echo $SECONDS", home / "out")) < -4900


def test_login_shell_with_job_control_and_history(shells: Any, home: Path) -> None:
    shell = shells.claimed()
    command = 'shopt -q login_shell && echo login; echo $- ; echo "$HISTFILE $MAILCHECK $SHLVL"; sleep 999 & jobs; kill %1'
    assert shell.run(command, home / "out").splitlines()[:3] == ["login", "himBHs", f"{home}/.bash_history 60 1"]


def test_tmout_does_not_end_the_wait(shells: Any, home: Path, answer: Any) -> None:
    (home / ".bash_profile").write_text("TMOUT=1\n")
    shell, gate, _startup = shells.at_gate()
    # Longer than TMOUT: nothing but the clock can show that the shell still waits.
    assert not shell.read(timeout_s=1.3)
    gate.send(Lease(str(home)))
    assert answer(shell, gate) == ""
