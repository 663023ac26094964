"""The pool with each kind of shell that has a start gate: warm, claimed, run again, and ended."""

import os
import shutil

import pytest

from synk.pty.messages import Retired

FILES = {"bash": ".bash_profile", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
PROMPTS = {
    "bash": "PS1='$ '\n",
    "zsh": "PS1='$ '\n",
    "fish": "function fish_prompt; echo '$ '; end\nset -U fish_greeting\n",
}


@pytest.fixture(params=["bash", "zsh", "fish"])
def family(request: pytest.FixtureRequest, host) -> str:
    """Name of a shell that is installed, with a start-up file in the home directory."""
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"no {name}")
    path = host.home / FILES[name]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PROMPTS[name])
    # Without these the first fish of a user makes completions in the background for minutes, and the other folder.
    (host.home / ".local/share/fish/generated_completions").mkdir(parents=True)
    (host.home / ".config/fish/conf.d").mkdir(parents=True)
    return name


def test_shell_is_warm_claimed_and_run_again(host, family: str, tmp_path) -> None:
    host.start(shell=shutil.which(family), initial_pool_size=1, max_pool_size=2)
    host.warm(1)
    session = host.session(tmp_path, {"X": "a 'b' $(c)"}, cols=91, rows=33)
    assert session.is_warm
    assert host.run(session, 'pwd; stty size; printf "%s\\n" "$X"') == f"{tmp_path}\n33 91\na 'b' $(c)\n"
    host.warm(1)
    host.close(session)
    host.until(lambda: host.stats.recycles + host.stats.recycles_failed == 1)
    host.turn()
    assert [event.reason for event in host.of(Retired)] == []
    host.warm(2)
    host.session()
    again = host.session()
    assert again.tty == session.tty
    assert host.run(again, 'pwd; stty size; printf "%s|\\n" "$X"') == f"{host.home}\n30 100\n|\n"


def test_agent_runs_in_the_place_of_the_shell(host, family: str) -> None:
    host.start(shell=shutil.which(family), initial_pool_size=1)
    host.warm(1)
    session = host.session(None, None, "sh", "-c", 'echo "$1|$$"; exit 7', "x", "two words")
    host.until(lambda: session.status is not None)
    session.read()
    assert session.output.decode().endswith(f"two words|{session.pid}\r\n")
    assert os.waitstatus_to_exitcode(session.status) == 7
    assert host.refused(None, None, "no-such-agent").error == "Cannot start no-such-agent: not found in PATH"
    assert host.refused("/no/such/folder").error == "Folder /no/such/folder does not exist"


def test_background_job_keeps_the_terminal_from_being_used_again(host, family: str) -> None:
    host.start(shell=shutil.which(family), initial_pool_size=1, max_pool_size=2)
    host.warm(1)
    session = host.session()
    host.run(session, "sleep 1000 & true")
    host.warm(1)
    host.close(session)
    host.until(lambda: host.stats.recycles_failed == 1 and host.is_calm)
    assert host.stats.recycles == 0


def test_changed_startup_file_is_noticed(host, family: str) -> None:
    host.start(shell=shutil.which(family), initial_pool_size=1)
    host.warm(1)
    path = host.home / FILES[family]
    path.write_text(path.read_text() + "export CHANGED=yes\n")
    session = host.session()
    assert not session.is_warm
    assert host.run(session, "echo $CHANGED") == "yes\n"


def test_file_that_is_added_to_a_watched_folder_is_watched_too(host) -> None:
    if shutil.which("fish") is None:
        pytest.skip("no fish")
    folder = host.home / ".config/fish/conf.d"
    folder.mkdir(parents=True)
    (host.home / ".local/share/fish/generated_completions").mkdir(parents=True)
    host.start(shell=shutil.which("fish"), initial_pool_size=1)
    host.warm(1)
    added = folder / "added.fish"
    for value in ("1", "22"):
        added.write_text(f"set -g ADDED {value}\n")
        session = host.session()
        assert not session.is_warm
        assert host.run(session, "echo $ADDED") == f"{value}\n"
