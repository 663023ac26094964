"""A fish that got its lease is, value by value, the fish that `fish -l` starts, whatever its configuration does."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.pty.gate import Lease

RICH = r"""
echo from the configuration
set -g fish_greeting welcome
function fish_prompt; echo "$status "(pwd)'> '; end
function cd; echo FAKE cd; end
function echo_twice; echo $argv; echo $argv; end
function onusr --on-signal USR1; echo usr; end
abbr -a gs git status
alias ll 'ls -l'
set -gx EXPORTED 'a b'
set -gx LIST 1 2 3
set -U UNIVERSAL all
umask 027
bind \cg 'echo x'
fish_vi_key_bindings
false
"""


@pytest.fixture
def shells(start_shells: Callable[[str], Any]) -> Any:
    return start_shells("fish")


@pytest.fixture
def config(home: Path) -> Path:
    """The folder of the user's configuration."""
    folder = home / ".config" / "fish"
    (folder / "conf.d").mkdir(parents=True)
    return folder


def both(
    shells: Any, folder: Path, variables: dict[str, str] | None = None, *, is_integrated: bool = False
) -> tuple[Any, Any]:
    """A shell started by hand and one that came through the gate, each at its first prompt, 100 x 30."""
    variables = variables or {}
    # The very first fish of a home directory sets it up; both others find that done.
    first = shells.by_hand()
    first.at_prompt()
    # Ctrl+D: a command would be in the history of those that start in a later second.
    os.write(first.master, b"\x04")
    first.ends()
    by_hand = shells.by_hand(cwd=folder, cols=100, rows=30, variables=variables)
    by_hand.at_prompt()
    claimed = shells.claimed(Lease(str(folder), variables, is_integrated=is_integrated), cols=100, rows=30)
    claimed.at_prompt()
    return by_hand, claimed


@pytest.mark.parametrize("files", ["none", "rich"])
@pytest.mark.parametrize("is_integrated", [False, True], ids=["plain", "integrated"])
def test_claimed_shell_knows_what_one_started_by_hand_knows(
    shells: Any, config: Path, tmp_path: Path, files: str, state_of: Any, is_integrated: bool
) -> None:
    if files == "rich":
        (config / "config.fish").write_text(RICH)
        (config / "conf.d" / "more.fish").write_text("set -gx FROM_CONF_D 1\n")
    by_hand, claimed = both(shells, tmp_path, {"OF_THE_SESSION": "a b"}, is_integrated=is_integrated)
    assert bool(claimed.told) is is_integrated
    assert claimed.plain == by_hand.output
    # fish remembers which variables it inherited; those of the lease it has not.
    by_hand_state = state_of(by_hand, shells, undo_integration=is_integrated)
    mine = [line for line in by_hand_state if "OF_THE_SESSION: originally" not in line]
    assert state_of(claimed, shells, undo_integration=is_integrated) == mine


def test_functions_that_follow_the_directory_see_that_of_the_lease(shells: Any, config: Path, tmp_path: Path) -> None:
    (config / "config.fish").write_text("function tool --on-variable PWD; echo tool in $PWD; end\n")
    shell = shells.claimed(Lease(str(tmp_path)))
    shell.at_prompt()
    assert f"tool in {tmp_path}\r\n".encode() in shell.output


def test_unset_empties_an_exported_universal_variable_here_and_keeps_it_elsewhere(
    shells: Any, config: Path, home: Path
) -> None:
    (config / "config.fish").write_text("set -Ux EVERYWHERE yes\n")
    shell = shells.claimed(Lease(str(home), unset=("EVERYWHERE",)))
    assert shell.run("echo \"<$EVERYWHERE>\"; printenv EVERYWHERE", home / "out") == "<>\n\n"
    assert "EVERYWHERE:yes" in (config / "fish_variables").read_text()


def test_read_only_variable_in_the_lease_is_passed_over(shells: Any, home: Path) -> None:
    shell = shells.claimed(Lease(str(home), {"fish_pid": "1", "AFTER": "set"}))
    shell.at_prompt()
    assert b"fish_pid" not in shell.output
    assert shell.run("echo $AFTER", home / "out") == "set\n"


def test_signal_handler_of_the_user_works_after_the_gate(shells: Any, config: Path, home: Path) -> None:
    (config / "config.fish").write_text("function onusr --on-signal USR1; echo caught it; end\n")
    shell = shells.claimed(Lease(str(home)))
    shell.at_prompt()
    os.kill(shell.pid, signal.SIGUSR1)
    shell.type("")
    shell.wait_for("caught it")


def test_agent_starts_though_the_configuration_left_a_background_job(shells: Any, config: Path, home: Path) -> None:
    (config / "config.fish").write_text("sleep 5 &\n")
    shell = shells.claimed(Lease(str(home), argv=("sh", "-c", "echo agent $$")))
    shell.wait_for(f"agent {shell.pid}\r\n")


def test_login_shell_with_job_control(shells: Any, home: Path) -> None:
    shell = shells.claimed()
    assert shell.run("status is-login; and status is-interactive; and echo yes", home / "out") == "yes\n"
