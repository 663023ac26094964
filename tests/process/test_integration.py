"""What the shell integration tells the terminal: prompts, commands, status and directory, in bash, zsh and fish alike."""

import os
import re
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pytest

from synk.pty.gate import Lease
from synk.terminal.emulator import Emulator
from tests.process.conftest import TOLD

PROMPT = {"bash": ["A", "B"], "zsh": ["A", "B"], "fish": ["A"]}
"""fish 3 has no way to mark the end of the prompt that leaves the user's function alone."""
STARTUP_FILES = {"bash": ".bash_profile", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
EVERY_BYTE = bytes(number for number in range(1, 256) if number != ord("/"))


@pytest.fixture(params=["bash", "zsh", "fish"])
def shells(request: pytest.FixtureRequest, start_shells: Callable[[str], Any]) -> Any:
    """Shells of each family."""
    shells = start_shells(request.param)
    write(shells, "")
    return shells


def write(shells: Any, text: str) -> None:
    """Write the start-up file."""
    path = shells.home / STARTUP_FILES[shells.family]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def integrated(shells: Any, directory: Path | str | None = None) -> Any:
    """A shell with the integration, at its first prompt."""
    shell = shells.claimed(Lease(str(directory or shells.home), is_integrated=True))
    at_prompt(shells, shell)
    return shell


def at_prompt(shells: Any, shell: Any) -> None:
    """Return once the marks say that the shell is at its prompt; fish has then moved the cursor to where one types."""
    mine = PROMPT[shells.family]
    drawn = re.compile(rb"\x1b\[\d*C$" if shells.family == "fish" else b"")
    shell.until(lambda: shell.told[-len(mine) :] == mine and drawn.search(shell.output))


def after(shells: Any, shell: Any, line: str) -> list[str]:
    """What the shell tells from Enter to the next prompt."""
    shell.output = b""
    shell.type(line)
    at_prompt(shells, shell)
    return shell.told


def directories(told: list[str]) -> list[bytes]:
    """The paths of the directories told."""
    return [unquote_to_bytes(urlsplit(text[2:]).path) for text in told if text.startswith("7;")]


def marks(told: list[str]) -> list[str]:
    return [text for text in told if not text.startswith("7;")]


def test_command_is_marked_from_its_output_to_its_status(shells: Any) -> None:
    shell = integrated(shells)
    assert marks(shell.told)[-len(PROMPT[shells.family]) :] == PROMPT[shells.family]
    shell.output = b""
    shell.type("sh -c 'echo output; exit 3'")
    at_prompt(shells, shell)
    between = re.search(rb"\x1b\]133;C\x07(.*?)\x1b\]133;D;3\x07.*\x1b\]133;A\x07", shell.output, re.DOTALL)
    assert between is not None
    assert b"output\r\n" in between[1]
    assert marks(shell.told) == ["C", "D;3", *PROMPT[shells.family]]
    assert marks(after(shells, shell, "true")) == ["C", "D;0", *PROMPT[shells.family]]


def test_marks_of_the_prompt_stand_around_it(shells: Any) -> None:
    write(shells, {"fish": "function fish_prompt; printf 'first\\nlast> '; end\n"}.get(shells.family, "PS1=$'first\\nlast> '\n"))
    shell = integrated(shells)
    after(shells, shell, "true")
    end = rb"last> \x1b\]133;B\x07" if shells.family != "fish" else b"last> "
    shell.until(lambda: re.search(rb"\x1b\]133;D;0\x07.*\x1b\]133;A\x07[^\n]*first[^\n]*\n" + end, shell.output, re.DOTALL))


def test_terminal_finds_prompts_and_the_last_output(shells: Any) -> None:
    shell = integrated(shells)
    lines = ("seq 3", "", "sh -c 'echo one; echo; echo two >&2; exit 3'", "")
    for count, line in enumerate(lines):
        shell.type(line)
        shell.until(partial(lambda count: shell.told.count("A") == count + 2, count))
    at_prompt(shells, shell)
    emulator = Emulator(cols=80, rows=24, reply=lambda _data: None)
    emulator.feed(shell.output)
    output = emulator.last_output()
    assert output is not None
    assert output.text(emulator) == "one\n\ntwo"
    assert emulator.shell.last_status == 3
    assert emulator.shell.is_at_prompt
    line, prompts = emulator.scrolled_total + emulator.rows, []
    while (line := emulator.previous_prompt(line)) is not None:
        prompts.append(line)
    texts = [emulator.text(line).rstrip() for line in prompts]
    assert ["seq 3" in text for text in texts] == [False] * 4 + [True]


def test_line_without_a_command_is_no_command(shells: Any) -> None:
    shell = integrated(shells)
    after(shells, shell, "sh -c 'exit 3'")
    told = marks(after(shells, shell, ""))
    assert "C" not in told
    assert told.count("A") == 1


def test_line_that_was_given_up_is_no_command(shells: Any) -> None:
    shell = integrated(shells)
    shell.output = b""
    os.write(shell.master, b"abcd")
    shell.wait_for("d")
    shell.output = b""
    # Again when nothing comes, because fish loses the signal while it thinks about the line.
    shell.until(lambda: "A" in shell.told or shell.read(timeout_s=0.2) or not os.write(shell.master, b"\x03"))
    assert "C" not in shell.told


def test_command_of_several_lines_is_one_command(shells: Any) -> None:
    shell = integrated(shells)
    lines = "for i in 1 2; do\necho $i\ndone" if shells.family != "fish" else "for i in 1 2\necho $i\nend"
    shell.output = b""
    shell.type(lines.replace("\n", "\r"))
    # One that is certainly the last.
    shell.wait_for("2\r\n")
    at_prompt(shells, shell)
    assert marks(shell.told) == ["C", "D;0", *PROMPT[shells.family]]


def test_directory_is_told_at_the_first_prompt_and_when_it_changed(shells: Any, tmp_path: Path) -> None:
    shell = integrated(shells, tmp_path)
    assert directories(shell.told) == [os.fsencode(tmp_path)]
    assert directories(after(shells, shell, "true")) == []
    assert directories(after(shells, shell, "cd /usr")) == [b"/usr"]
    assert directories(after(shells, shell, "cd /usr")) == []
    assert directories(after(shells, shell, "cd /")) == [b"/"]


@pytest.mark.parametrize(
    "name",
    [EVERY_BYTE[:120], EVERY_BYTE[120:], "ünïcödé 你好 🦀".encode(), b"%41 %%", b"'\"`$(true)\\;&|<>*?[]{}~#!", b"-n"],
    ids=["low bytes", "high bytes", "utf-8", "percent", "punctuation", "dash"],
)
@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_any_name_of_a_directory_arrives(shells: Any, tmp_path: Path, name: bytes, locale: str) -> None:
    shells.environment["LANG"] = locale
    path = os.fsencode(tmp_path) + b"/" + name
    os.mkdir(path)
    shell = shells.claimed(Lease(os.fsdecode(path), is_integrated=True))
    shell.until(lambda: "A" in shell.told)
    (url,) = [text[2:] for text in shell.told if text.startswith("7;")]
    assert re.fullmatch(r"file://[\w.-]+/[!-~]*", url)
    assert urlsplit(url).hostname == socket.gethostname().lower()
    assert unquote_to_bytes(urlsplit(url).path) == path


def test_nothing_is_told_without_the_integration(shells: Any, home: Path) -> None:
    shell = shells.claimed(Lease(str(home)))
    shell.type("cd /; echo mo''ved")
    shell.wait_for("moved\r\n")
    shell.type("echo en''d")
    shell.wait_for("end\r\n")
    assert shell.told == []


def test_agent_gets_none_of_it(shells: Any, home: Path) -> None:
    shell = shells.claimed(Lease(str(home), argv=("sh", "-c", "env; echo end"), is_integrated=True))
    shell.ends()
    assert shell.told == []
    assert b"__synk" not in shell.output


@pytest.mark.parametrize("way", ["", "exec "], ids=["child", "exec"])
def test_shell_started_inside_has_no_marks(shells: Any, way: str) -> None:
    write(shells, "set -gx fish_greeting" if shells.family == "fish" else "export PS1='> '; set -a\n")
    if shells.family == "zsh":
        write(shells, "export PS1='> '; setopt all_export\n")
    shell = integrated(shells)
    inner = {"bash": "bash --norc", "zsh": "zsh -f", "fish": "fish --no-config"}[shells.family]
    shell.output = b""
    shell.type(way + inner)
    for line, text in (("echo al''ive", "alive\r\n"), ("cd /usr", "/usr"), ("echo mo''ved", "moved\r\n")):
        shell.type(line)
        shell.wait_for(text)
    assert shell.told == ["C"]
    if not way:
        assert marks(after(shells, shell, "exit 5")) == ["D;5", *PROMPT[shells.family]]


def test_nothing_of_it_is_exported(shells: Any, home: Path) -> None:
    if shells.family != "fish":
        write(shells, "set -a; PS1='> '\n")
    shell = integrated(shells)
    after(shells, shell, "cd /usr")
    shell.type(f"env >{home}/out; echo en''d")
    shell.wait_for("end\r\n")
    names = [line.split("=", 1)[0] for line in (home / "out").read_text().splitlines()]
    assert [name for name in names if "synk" in name.lower()] == ["SYNK_HOST"]


def test_status_of_the_command_is_kept_for_the_user(shells: Any) -> None:
    write(
        shells,
        {
            "bash": "PS1='prompt=$? $ '; PROMPT_COMMAND='echo hook=$?'\n",
            "zsh": "PS1='prompt=%? %# '; precmd() { echo hook=$? }; other() { echo hook=$? }; precmd_functions=(other)\n",
            "fish": "function hook --on-event fish_prompt; echo hook=$status; end\n"
            "function fish_prompt; echo prompt=$status '> '; end\n",
        }[shells.family],
    )
    shell = integrated(shells)
    for status in (7, 0):
        after(shells, shell, f"sh -c 'exit {status}'")
        assert set(re.findall(rb"(?:hook|prompt)=(\d+)", shell.plain)) == {b"%d" % status}
    after(shells, shell, "sh -c 'exit 9'")
    variable = "$status" if shells.family == "fish" else "$?"
    after(shells, shell, f"echo was={variable}")
    assert b"was=9\r\n" in shell.output


def test_prompt_forks_nothing(shells: Any) -> None:
    write(shells, "function fish_prompt; echo '> '; end\n" if shells.family == "fish" else "PS1='> '\n")
    shell = integrated(shells, "/usr")
    # Page faults of children that were waited for: what a fork cannot hide.
    before = Path(f"/proc/{shell.pid}/stat").read_text().rpartition(")")[2].split()[9]
    for line in ("cd /tmp", "", "cd /", "true"):
        assert "A" in after(shells, shell, line)
    assert Path(f"/proc/{shell.pid}/stat").read_text().rpartition(")")[2].split()[9] == before


def test_pattern_finds_what_the_shells_tell() -> None:
    assert TOLD.findall(b"a\x1b]133;D;1\x07b\x1b]7;file://h/\x07c") == [(b"133", b"D;1"), (b"7", b"file://h/")]
