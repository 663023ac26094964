"""A secret given to a session travels to its program and nowhere else."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any as Profile

SECRET = "hunter2-9f8e7d6c5b4a"


def command_lines() -> str:
    texts = []
    for name in os.listdir("/proc"):
        try:
            texts.append(Path(f"/proc/{name}/cmdline").read_bytes().decode(errors="replace") if name.isdigit() else "")
        except OSError:
            continue
    return "\n".join(texts)


def test_a_variable_is_in_no_log_no_process_list_no_history_no_output_and_no_answer(
    profile: Profile, host_ends: Callable[[], None]
) -> None:
    (profile.home / ".bash_profile").write_text("PS1='ready$ '; HISTFILE=~/history; HISTCONTROL=; HISTSIZE=500\n")
    window = profile.window(initial_pool_size=1)
    shell = window.start(1, variables={"API_KEY": SECRET}, meta={"title": "x"})
    agent = window.start(2, ["/bin/sh", "-c", "echo ${#API_KEY}; read x"], variables={"API_KEY": SECRET})
    agent.read_until(str(len(SECRET)))
    shell.run("history; echo ${#API_KEY} do''ne")
    shell.read_until(f"{len(SECRET)} done")
    assert SECRET not in command_lines()
    told = [window.call(verb) for verb in ("session.list", "pool.stats", "pool.members", "host.status")]
    told += [frame.message for frame in window.connection.events]
    assert SECRET not in repr(told)
    for program in (shell, agent):
        assert SECRET.encode() not in program.output
        assert SECRET not in repr(program.result)
    shell.type("exit 3")
    assert window.exit_of(shell) == (3, None)
    window.call("quit")
    host_ends()
    assert "history" in (profile.home / "history").read_text()
    found = [path for path in profile.base.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert found == []


def test_a_secret_of_one_session_is_not_in_the_next_one_on_the_same_terminal(
    profile: Profile, wait_until: Callable[..., None]
) -> None:
    window = profile.window(initial_pool_size=1, max_pool_size=2)
    wait_until(lambda: window.call("pool.stats")["stats"]["idle"] == 1)
    for number in (1, 2, 3):
        shell = window.start(number, variables={"API_KEY": SECRET} if number == 1 else {})
        shell.run('echo "<${API_KEY-none}>" | tr a-z A-Z')
        shell.read_until(f"<{SECRET.upper()}>" if number == 1 else "<NONE>")
        window.call("session.close", session=number)
        wait_until(lambda: window.call("pool.stats")["stats"]["idle"] >= 1)
