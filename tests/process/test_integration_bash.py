"""The shell integration of bash among the many things people do with PS1, PROMPT_COMMAND and the DEBUG trap."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.pty.gate import Lease

PROMPT = ["A", "B"]


@pytest.fixture
def shells(start_shells: Callable[[str], Any]) -> Any:
    return start_shells("bash")


@pytest.fixture
def start(shells: Any, home: Path) -> Callable[[str], Any]:
    """`start(text)`: a shell with the integration and this .bash_profile, at its first prompt."""

    def begin(text: str) -> Any:
        (home / ".bash_profile").write_text(text)
        shell = shells.claimed(Lease(str(home), is_integrated=True))
        shell.at_prompt()
        return shell

    return begin


def after(shell: Any, line: str) -> list[str]:
    """What the shell tells from Enter to the next prompt, without directories."""
    shell.output = b""
    shell.type(line)
    shell.at_prompt()
    return [text for text in shell.told if not text.startswith("7;")]


def printed(shell: Any, command: str, path: Path) -> str:
    """What a command prints."""
    after(shell, f"{command} >{path}")
    return path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "PS1='$ '\n",
        "PS1='$ ' PROMPT_COMMAND='echo hook'\n",
        "PS1='$ ' PROMPT_COMMAND=('echo one' 'echo two')\n",
        "PS1='$ '; export PROMPT_COMMAND='echo hook; # and a comment'\n",
        "PROMPT_COMMAND='PS1=\"[$?] $ \"'\n",
        "theme() { PS1=$'\\n\\\\w '$?$'\\n$ '; }; PROMPT_COMMAND=theme\n",
        "PS1='\\[\\e[1m\\]\\u\\[\\e[0m\\] $(echo from a command; exit 4)$ '\n",
        "PS1='$ '; set -o vi\n",
        "PS1='$ '; set -u\n",
        "PS1='$ '; set -eE; trap 'echo error' ERR\n",
        "PS1='$ '; shopt -s nocasematch extglob nullglob failglob; set -fkBH\n",
        "PS1='$ '; set -o posix\n",
        "PS1='$ '; IFS=0123\n",
        "PS1='$ ' PS0='started '\n",
        "PS1='$ '; POSIXLY_CORRECT=1; HISTCONTROL=ignoreboth HISTFILE=\n",
    ],
)
def test_commands_are_marked_whatever_the_user_sets(start: Callable[[str], Any], text: str) -> None:
    shell = start(text)
    assert [told for told in shell.told if not told.startswith("7;")] == ["D;0", *PROMPT]
    assert after(shell, "true") == ["C", "D;0", *PROMPT]
    assert after(shell, "! true") == ["C", "D;1", *PROMPT]
    assert after(shell, "") == ["D;1", *PROMPT]
    assert shell.plain.count(b"$ ") == 1


def test_prompt_may_be_changed_at_any_time(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '\n")
    for line in ("PS1='new $ '", "PS1=\"(venv) $PS1\"", "PS1=${PS1#(venv) }; unset PS0", "PROMPT_COMMAND='PS1=\"hook $ \"'"):
        after(shell, line)
        assert after(shell, "false") == ["C", "D;1", *PROMPT]
        assert shell.output.count(b"\x1b]133;A\x07") == 1
    assert shell.plain.endswith(b"hook $ ")


def test_prompt_command_may_be_changed_at_any_time(start: Callable[[str], Any], home: Path) -> None:
    shell = start("PS1='$ '\n")
    assert printed(shell, "echo \"<$PROMPT_COMMAND>\"", home / "out") == "<>\n"
    after(shell, "PROMPT_COMMAND='echo first'")
    after(shell, "PROMPT_COMMAND+=('PS1=\"later $ \"')")
    assert after(shell, "false") == ["C", "D;1", *PROMPT]
    assert b"first\r\n" in shell.output
    assert shell.plain.endswith(b"later $ ")
    assert printed(shell, "echo \"${PROMPT_COMMAND[*]::2}\"", home / "out") == "echo first PS1=\"later $ \"\n"
    after(shell, "unset PROMPT_COMMAND")
    assert after(shell, "false") == ["C", "D;1", *PROMPT]


def test_prompt_command_of_the_user_reaches_child_shells_as_before(start: Callable[[str], Any], home: Path) -> None:
    shell = start("PS1='$ '; export PROMPT_COMMAND='echo \"hook $?\" >>~/hook'\n")
    after(shell, "false")
    assert (home / "hook").read_text() == "hook 0\nhook 1\n"
    shell.output = b""
    shell.type("bash --norc")
    shell.at_prompt()
    shell.type("(exit 4); echo al''ive")
    shell.wait_for("alive\r\n")
    assert shell.told == ["C"]
    assert b"not found" not in shell.output


TIMER = r"""
PS1='$ '
started() { commands=$((commands + 1)); timer=${timer:-$SECONDS}; }
stopped() { echo "status $? commands $commands timer ${timer+set}"; commands=0; unset timer; }
trap started DEBUG
PROMPT_COMMAND=stopped
"""


def test_debug_trap_of_the_user_does_not_run_after_the_last_prompt_command(start: Callable[[str], Any]) -> None:
    shell = start(TIMER)
    assert after(shell, "(exit 3)") == ["C", "D;3", *PROMPT]
    assert b"status 3 " in shell.output
    # Run after `stopped`, it would have set the timer while nothing runs.
    after(shell, "echo \"timer <${timer--}> at $commands\"")
    assert b"at 1\r\n" in shell.output


def test_debug_trap_and_a_prompt_made_anew_every_time(start: Callable[[str], Any]) -> None:
    shell = start(TIMER.replace("PROMPT_COMMAND=stopped", "PROMPT_COMMAND='stopped; PS1=\"\\w $ \"'"))
    for line, status in (("true", 0), ("false", 1)):
        # Where the prompt ends cannot be told then.
        assert after(shell, line) == ["C", f"D;{status}", "A"]


def test_debug_trap_and_prompt_commands_that_are_exported_are_left_alone(start: Callable[[str], Any], home: Path) -> None:
    shell = start(TIMER + "export PROMPT_COMMAND\n")
    assert after(shell, "(exit 3)") == ["C", "D;3", *PROMPT]
    assert printed(shell, "printenv PROMPT_COMMAND", home / "out") == "stopped\n"


def test_debug_trap_without_prompt_commands_sees_nothing_of_ours(start: Callable[[str], Any], tmp_path: Path) -> None:
    shell = start("PS1='<$last> $ '; trap 'last=$BASH_COMMAND; echo \"ran $last\"' DEBUG\n")
    assert after(shell, "cd /usr") == ["C", "D;0", *PROMPT]
    assert f"7;file://{Path('/proc/sys/kernel/hostname').read_text().strip()}/usr" in shell.told
    assert shell.plain.endswith(b"<cd /usr> $ ")
    assert b"synk" not in shell.plain
    # A name that needs encoding is told as unknown, not wrongly.
    (tmp_path / "a b").mkdir()
    after(shell, f"cd '{tmp_path}/a b'")
    assert [text for text in shell.told if text.startswith("7;")][-1].count("/") == 2


def test_debug_trap_set_later_prints_nothing_about_ours(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '\n")
    after(shell, "trap 'echo \"ran $BASH_COMMAND\"' DEBUG")
    assert after(shell, "true") == ["C", "D;0", *PROMPT]
    assert re.findall(rb"ran (.*)\r\n", shell.output) == [b"true"]


PREEXEC = r"""
PS1='$ '
# As bash-preexec does it: what the trap sees first after the last prompt command is the command of the user.
armed=
on_debug() {
    [[ -t 1 ]] || return
    [[ $armed ]] || return
    armed=
    echo "preexec $BASH_COMMAND"
}
arm() { armed=on; }
install() { trap on_debug DEBUG; PROMPT_COMMAND='echo precmd $?'; PROMPT_COMMAND+=(arm); arm; }
PROMPT_COMMAND=install
"""


def test_hooks_that_wait_for_the_next_command_get_that_of_the_user(start: Callable[[str], Any]) -> None:
    shell = start(PREEXEC)
    for line, status in (("true", 0), ("false", 1), ("! true", 1)):
        assert after(shell, line) == ["C", f"D;{status}", *PROMPT]
        assert re.findall(rb"preexec (.*)\r\n", shell.output) == [line.removeprefix("! ").encode()]
        assert f"precmd {status}\r\n".encode() in shell.output


def test_nothing_of_ours_is_traced(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '; set -x\n")
    after(shell, "cd /usr")
    assert re.findall(rb"\+.*\r\n", shell.output) == [b"+ cd /usr\r\n"]


@pytest.mark.parametrize("names", ["PS1", "PROMPT_COMMAND", "PS0", "PS1 PS0 PROMPT_COMMAND"])
def test_readonly_variables_cost_marks_and_nothing_else(start: Callable[[str], Any], names: str) -> None:
    shell = start(f"PS1='$ ' PROMPT_COMMAND='echo hook' PS0='started '\nreadonly {names}\n")
    after(shell, "false")
    assert shell.plain.count(b"readonly") == 0
    assert shell.plain.endswith(b"started hook\r\n\x1b[?2004h$ ")
    if "PS1" in names:
        assert shell.told == []


def test_without_promptvars_nothing_is_shown_and_marks_come_back(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '\n")
    after(shell, "shopt -u promptvars")
    assert after(shell, "false") == []
    assert shell.plain.endswith(b"\x1b[?2004h$ ")
    after(shell, "shopt -s promptvars")
    assert after(shell, "false") == ["C", "D;1", *PROMPT]


def test_prompt_that_ends_with_a_backslash_keeps_it(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '\n")
    shell.output = b""
    shell.type("PS1='back\\\\'")
    shell.wait_for("\x1b[?2004hback\\")
    assert shell.told[-2:] == ["D;0", "A"]


def test_older_bash_runs_our_command_from_the_string(
    shells: Any, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PROMPT_COMMAND as an array came with bash 5.1; the way of the older ones works in newer ones too."""
    source = Path(shells.resources)
    old = tmp_path / "resources"
    old.mkdir()
    for name in ("gate.bash", "integration.bash"):
        text = (source / name).read_text()
        (old / name).write_text(text.replace("< 501", "< 9999"))
    assert (old / "integration.bash").read_text() != (source / "integration.bash").read_text()
    monkeypatch.setattr(shells, "resources", str(old))
    (home / ".bash_profile").write_text("PS1='$ ' PROMPT_COMMAND='echo \"hook $?\"'\n")
    shell = shells.claimed(Lease(str(home), is_integrated=True))
    shell.at_prompt()
    assert after(shell, "false") == ["C", "D;1", *PROMPT]
    assert b"hook 1\r\n" in shell.output
    assert "array" not in printed(shell, "declare -p PROMPT_COMMAND __synk", home / "out")
    after(shell, "PROMPT_COMMAND=\"echo more; $PROMPT_COMMAND\"")
    assert after(shell, "false") == ["C", "D;1", *PROMPT]
    assert b"more\r\nhook 0\r\n" in shell.output
