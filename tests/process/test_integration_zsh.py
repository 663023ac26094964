"""The shell integration of zsh among themes, options and hooks."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.pty.gate import Lease

PROMPT = ["A", "B"]


@pytest.fixture
def start(start_shells: Callable[[str], Any], home: Path) -> Callable[[str], Any]:
    """`start(text)`: a shell with the integration and this .zshrc, at its first prompt."""
    shells = start_shells("zsh")

    def begin(text: str) -> Any:
        (home / ".zshrc").write_text(text)
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


@pytest.mark.parametrize(
    "text",
    [
        "PS1='$ '\n",
        "PS1=$'%B%~%b\\n$ ' RPROMPT='[%?]'\n",
        "PS1='$(echo from a command)$ '; setopt prompt_subst\n",
        "precmd() { PS1=\"$? $ \" }\n",
        "theme() { PS1=\"$? $ \" }; precmd_functions=(theme)\n",
        "PS1='$ '; broken() { echo $NOT_SET }; precmd_functions=(broken); setopt no_unset\n",
        "PS1='$ '; bindkey -v\n",
        "PS1='$ '; setopt ksh_arrays sh_word_split no_unset extended_glob err_return warn_create_global\n",
        "PS1='$ '; setopt no_prompt_sp\n",
        "PS1='$ '; setopt no_prompt_sp no_prompt_cr\n",
        "PS1='100%%$ '; IFS=0123\n",
        "PS1='$ '; trap 'COUNT=$((COUNT + 1))' DEBUG\n",
        "PS1='$ '; setopt all_export xtrace\n",
    ],
)
def test_commands_are_marked_whatever_the_user_sets(start: Callable[[str], Any], text: str) -> None:
    shell = start(text)
    assert [told for told in shell.told if not told.startswith("7;")][:3] == ["D;0", *PROMPT]
    # A prompt that is drawn again is marked again.
    assert after(shell, "true")[:4] == ["C", "D;0", *PROMPT]
    assert after(shell, "(exit 3)")[:4] == ["C", "D;3", *PROMPT]
    assert after(shell, "")[:3] == ["D;3", *PROMPT]
    assert b"$ " in shell.plain


def test_prompt_is_clean_while_a_command_runs(start: Callable[[str], Any], home: Path) -> None:
    shell = start("PS1='%~ $ '\n")
    after(shell, f"print -r -- \"$PS1\" >{home}/out; PS1=\"new $PS1\"")
    assert (home / "out").read_text() == "%~ $ \n"
    assert after(shell, f"print -r -- \"$PS1\" >{home}/out") == ["C", "D;0", *PROMPT]
    assert (home / "out").read_text() == "new %~ $ \n"


def test_hooks_that_were_set_anew_get_ours_back(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '\n")
    for names in ("precmd_functions=()", "precmd_functions=(true)", "preexec_functions=()"):
        after(shell, names)
        after(shell, "true")
        assert after(shell, "false") == ["C", "D;1", *PROMPT]
    for name in ("precmd_functions", "preexec_functions"):
        after(shell, f"unset {name}")
        after(shell, "true")
        assert after(shell, "false") == ["C", "D;1", *PROMPT]


def test_theme_that_comes_later_is_marked_from_the_second_prompt_on(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '\n")
    after(shell, "late() { PS1='late $ ' }; precmd_functions+=(late)")
    assert after(shell, "false") == ["C", "D;1", *PROMPT]
    assert b"late $ " in shell.plain


def test_partial_line_ends_before_the_prompt(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '\n")
    after(shell, "printf partial")
    # PROMPT_SP goes to a line of its own before the hooks run, and only then the prompt begins.
    assert re.search(rb"\x1b\]133;C\x07partial.* \r \r\x1b\]133;D;0\x07\r.*\x1b\]133;A\x07\$ ", shell.output, re.DOTALL)


def test_nothing_of_ours_is_traced(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '; PS4='+trace '; setopt xtrace\n")
    after(shell, "cd /usr")
    assert re.findall(rb"\+trace (.*)\r\n", shell.output) == [b"cd /usr"]


def test_prompt_options_that_forbid_marks_are_respected(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '\n")
    after(shell, "setopt no_prompt_percent")
    assert after(shell, "false") == ["C", "D;1"]
    assert b"%{" not in shell.plain
    after(shell, "setopt prompt_percent")
    assert after(shell, "false") == ["C", "D;1", *PROMPT]
    # A lone % at the end would take a mark for its own.
    assert after(shell, "PS1='$ %'") == ["C", "D;0", "A"]
    after(shell, "readonly PS1='$ '")
    assert after(shell, "false") == ["C", "D;1"]


def test_prompt_that_is_drawn_again_is_marked_again(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '; again() { zle reset-prompt }; zle -N again; bindkey '^G' again\n")
    shell.output = b""
    os.write(shell.master, b"\x07")
    shell.until(lambda: shell.told == PROMPT)


def test_last_argument_is_kept(start: Callable[[str], Any]) -> None:
    shell = start("PS1='$ '\n")
    after(shell, "true one two")
    after(shell, "print -r -- \"<$_>\"")
    assert b"<two>\r\n" in shell.output
