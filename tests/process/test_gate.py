"""What every shell does at its gate: takes a lease unchanged, refuses what it cannot do, and leaves no trace of it."""

import os
import re
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.pty.gate import Lease

EVERY_BYTE = os.fsdecode(bytes(range(1, 256)))
HISTORIES = {
    "bash": (".bash_history", "echo {}\n"),
    "zsh": (".zsh_history", "echo {}\n"),
    "fish": (".local/share/fish/fish_history", "- cmd: echo {}\n  when: 1700000000\n"),
}
STARTUP_FILES = {"bash": ".bash_profile", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}


@pytest.fixture(params=["bash", "zsh", "fish"])
def shells(request: pytest.FixtureRequest, start_shells: Callable[[str], Any], home: Path) -> Any:
    """Shells of each family. The start-up file keeps zsh from asking how it wants to be set up."""
    shells = start_shells(request.param)
    write_startup_file(home, request.param, "")
    return shells


def write_startup_file(home: Path, family: str, text: str) -> None:
    path = home / STARTUP_FILES[family]
    path.parent.mkdir(parents=True, exist_ok=True)
    history = "HISTFILE=~/.zsh_history HISTSIZE=99 SAVEHIST=99\n" if family == "zsh" else ""
    path.write_text(history + text)


def environment_of(pid: int) -> dict[str, str]:
    pairs = (entry.split("=", 1) for entry in os.fsdecode(Path(f"/proc/{pid}/environ").read_bytes()).split("\0") if entry)
    return dict(pairs)  # type: ignore[arg-type]


def test_variables_arrive_unchanged_and_unexecuted(shells: Any, home: Path) -> None:
    pwned = home / "pwned"
    variables = {
        "SPACES": "  a  b\t ",
        "QUOTES": "it's \"quoted\" `touch pwned`",
        "NEWLINES": "\none\n\ntwo\n",
        "SUBSTITUTION": f"$(touch {pwned}) ${{HOME}} a[$(touch {pwned})]",
        "BACKSLASH": "\\n \\\\ \\",
        "EMPTY": "",
        "DASH": "-n",
        "EVERY_BYTE": EVERY_BYTE,
        "LARGE": "large " * 20_000,
        "A_PATH": "/one:/two:",
    }
    shell = shells.claimed(Lease(str(home), variables))
    dump = shell.run("env -0", home / "out")
    seen = dict(entry.split("=", 1) for entry in dump.split("\0") if entry)
    assert {name: seen.get(name) for name in variables} == variables
    assert not pwned.exists()


def test_variables_of_the_lease_replace_others_and_unset_ones_are_gone(shells: Any, home: Path) -> None:
    write_startup_file(home, shells.family, "export ONE=1 TWO=2\n")
    shell = shells.claimed(Lease(str(home), {"ONE": "new"}, unset=("TWO", "USER", "NEVER_SET")))
    lines = shell.run("env", home / "out").splitlines()
    assert "ONE=new" in lines
    assert not [line for line in lines if line.startswith(("TWO=", "USER=", "NEVER_SET="))]


def test_startup_files_run_in_the_home_directory_without_the_lease(shells: Any, home: Path, tmp_path: Path) -> None:
    write_startup_file(home, shells.family, "pwd >~/where; env >~/environment\n")
    shell = shells.claimed(Lease(str(tmp_path), {"SECRET": "s3cret"}))
    assert (home / "where").read_text() == f"{home}\n"
    environment = (home / "environment").read_text()
    assert "SECRET" not in environment
    assert "GATE" not in environment
    assert shell.run("pwd", home / "out") == f"{tmp_path}\n"


def test_refused_folder_leaves_the_shell_at_the_gate(shells: Any, home: Path, tmp_path: Path, answer: Any) -> None:
    shell, gate, _startup = shells.at_gate()
    file = tmp_path / "file"
    file.write_text("")
    gate.send(Lease("/nowhere at/all", {"A": "1"}))
    assert answer(shell, gate) == "Folder /nowhere at/all does not exist"
    gate.send(Lease(str(file), {"A": "1"}))
    assert answer(shell, gate) == f"Folder {file} is not a folder"
    target = tmp_path / "odd 'name'\n$(x) -"
    target.mkdir()
    gate.send(Lease(str(target), {"B": "2"}))
    assert answer(shell, gate) == ""
    lines = shell.run("env", home / "out")
    assert "B=2\n" in lines
    assert "A=1\n" not in lines
    assert f"PWD={target}\n" in lines


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_forbidden_folder_is_refused(shells: Any, tmp_path: Path, answer: Any) -> None:
    shell, gate, _startup = shells.at_gate()
    forbidden = tmp_path / "forbidden"
    forbidden.mkdir(mode=0)
    gate.send(Lease(str(forbidden)))
    assert answer(shell, gate) == f"Folder {forbidden} cannot be entered: permission denied"


def test_signals_from_the_keyboard_do_not_open_the_gate(shells: Any, home: Path, answer: Any) -> None:
    shell, gate, _startup = shells.at_gate()
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGINT, signal.SIGWINCH):
        os.kill(shell.pid, number)
    gate.send(Lease("/nowhere"))
    assert answer(shell, gate) == "Folder /nowhere does not exist"
    os.write(shell.master, b"\x03")
    shell.wait_for("^C")
    gate.send(Lease(str(home), {"A": "1"}))
    assert answer(shell, gate) == ""
    assert "A=1\n" in shell.run("env", home / "out")


def test_ctrl_c_works_after_the_gate(shells: Any, home: Path) -> None:
    shell = shells.claimed()
    shell.at_prompt()
    shell.type("sh -c 'echo started; exec sleep 999'")
    shell.wait_for("started\r\n")
    shell.output = b""
    os.write(shell.master, b"\x03")
    shell.at_prompt()
    assert shell.run("echo alive", home / "out") == "alive\n"


@pytest.mark.parametrize("way", ["pipe closes", "hangup"])
def test_shell_at_the_gate_ends_quietly_and_keeps_the_history_file(shells: Any, home: Path, answer: Any, way: str) -> None:
    name, form = HISTORIES[shells.family]
    history = home / name
    history.parent.mkdir(parents=True, exist_ok=True)
    history.write_text(form.format("old"))
    shell, gate, _startup = shells.at_gate()
    gate.send(Lease("/nowhere"))
    assert answer(shell, gate)
    if way == "pipe closes":
        gate.close()
    else:
        os.kill(shell.pid, signal.SIGHUP)
    shell.ends()
    # fish resets the colors at its end.
    assert re.sub(rb"\x1b(\[[\d;]*m|\(B)|\r", b"", shell.output) == b""
    assert history.read_text() == form.format("old")


def test_gate_leaves_no_file_behind(shells: Any) -> None:
    _shell, gate, _startup = shells.at_gate()
    (folder,) = shells.gates.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "lease").stat().st_mode) == 0o600
    gate.close()
    gate.close()
    assert list(shells.gates.iterdir()) == []


def test_agent_replaces_the_shell(shells: Any, home: Path, tmp_path: Path) -> None:
    name, form = HISTORIES[shells.family]
    history = home / name
    history.parent.mkdir(parents=True, exist_ok=True)
    history.write_text(form.format("old"))
    agent = tmp_path / "my agent"
    agent.write_text('#!/bin/sh\necho "pid $$"\nprintf "<%s>" "$@"\necho done\nread line\n')
    agent.chmod(0o755)
    arguments = ("a b", "", "it's", "-x", "$(touch pwned)", "two\nlines", "*")
    shell = shells.claimed(Lease(str(tmp_path), {"SECRET": "s3cret"}, argv=(str(agent), *arguments)))
    shell.wait_for(f"pid {shell.pid}\r\n" + "".join(f"<{argument}>" for argument in arguments).replace("\n", "\r\n") + "done")
    status = Path(f"/proc/{shell.pid}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    assert (int(fields["SigBlk"], 16), int(fields["SigIgn"], 16)) == (0, 0)
    terminal = os.readlink(f"/proc/{shell.pid}/fd/0")
    assert terminal.startswith("/dev/pts/")
    targets = sorted(os.readlink(fd) for fd in Path(f"/proc/{shell.pid}/fd").iterdir())
    # sh itself has the script open.
    assert targets == [terminal, terminal, terminal, str(agent)]
    environment = environment_of(shell.pid)
    assert environment["SECRET"] == "s3cret"
    assert environment["PWD"] == str(tmp_path) == os.readlink(f"/proc/{shell.pid}/cwd")
    assert [entry for entry in environment if "synk" in entry.lower()] == ["SYNK_HOST"]
    assert history.read_text() == form.format("old")


def test_agent_is_looked_up_in_the_path_of_the_lease(shells: Any, tmp_path: Path, answer: Any) -> None:
    for folder in ("first dir", "second"):
        (tmp_path / folder).mkdir()
    agent = tmp_path / "second" / "test"
    agent.write_text("#!/bin/sh\necho agent at work\n")
    agent.chmod(0o755)
    (tmp_path / "first dir" / "test").write_text("not executable")
    shell, gate, _startup = shells.at_gate()
    gate.send(Lease(str(tmp_path), argv=("no-such-agent",)))
    assert answer(shell, gate) == "Cannot start no-such-agent: not found in PATH"
    gate.send(Lease(str(tmp_path), argv=("./second/none",)))
    assert answer(shell, gate) == "Cannot start ./second/none: no such file"
    gate.send(Lease(str(tmp_path), argv=("first dir/test",)))
    assert answer(shell, gate) == "Cannot start first dir/test: not executable"
    path = f"{tmp_path}/first dir:{tmp_path}/second:{os.environ['PATH']}"
    gate.send(Lease(str(tmp_path), {"PATH": path}, argv=("test",)))
    assert answer(shell, gate) == ""
    assert shell.ends() == 0
    assert shell.output == b"agent at work\r\n"


def test_nothing_of_the_gate_remains_in_the_shell(shells: Any, home: Path) -> None:
    listing = {
        "bash": "set; declare -p; declare -F; alias; trap",
        "zsh": "set; typeset; functions; alias; trap; dirs",
        "fish": "set; functions -a",
    }[shells.family]
    shell = shells.claimed(Lease(str(home)))
    text = shell.run(listing, home / "out")
    assert re.findall(r"(?i)\S*synk\S*", text.replace("SYNK_HOST", "")) == []
    fds = shell.run("ls -l /proc/$PPID/fd" if shells.family != "fish" else "ls -l /proc/$fish_pid/fd", home / "out")
    assert str(shells.gates) not in fds


def test_history_is_read_after_the_gate_and_holds_only_the_users_lines(shells: Any, home: Path, answer: Any) -> None:
    name, form = HISTORIES[shells.family]
    shell, gate, _startup = shells.at_gate()
    history = home / name
    history.parent.mkdir(parents=True, exist_ok=True)
    history.write_text(form.format("written-while-it-waited"))
    gate.send(Lease(str(home), {"SECRET": "s3cret"}))
    assert answer(shell, gate) == ""
    command = "fc -l 1" if shells.family == "zsh" else "history"
    lines = shell.run(command, home / "out").splitlines()
    commands = [re.sub(r"^ *\d+ +", "", line) for line in lines]
    earlier = [line for line in commands if str(home) not in line]
    assert earlier == ["echo written-while-it-waited"]
    shell.type("exit")
    shell.ends()
    assert re.search(r"(?i)synk|s3cret", history.read_text()) is None
    assert history.read_text().startswith(form.format("written-while-it-waited").rstrip())


def test_secrets_are_in_no_command_line_and_not_on_the_terminal(shells: Any, home: Path) -> None:
    shell = shells.claimed(Lease(str(home), {"SECRET": "s3cret-value"}))
    shell.at_prompt()
    assert b"s3cret-value" not in shell.output
    command_lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK)]
    assert not [line for line in command_lines if b"s3cret-value" in line]


def test_shell_has_the_size_of_its_pane(shells: Any, home: Path) -> None:
    write_startup_file(home, shells.family, "ls >/dev/null\n")
    shell = shells.claimed(cols=123, rows=45)
    assert shell.run("stty size", home / "out") == "45 123\n"
    assert shell.run("echo $COLUMNS $LINES", home / "out") == "123 45\n"


def test_shell_that_never_reaches_the_gate_shows_its_last_output(shells: Any, home: Path) -> None:
    write_startup_file(home, shells.family, "echo about to go\nexec sleep 999\n")
    shell, _gate, startup = shells.warm()
    while b"about to go\r\n" not in startup.text:
        assert not startup.feed(shell.read())
    assert startup.text == b"about to go\r\n"
