"""Who asks is found by the process, not told by the client; agents get what the user allowed them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from synk.base.errors import NotAllowed
from synk.host.authority import USER, Authority

HOST = "0a1b2c3d"


def authority_with(agents: dict[int, tuple[int, str]]) -> Authority:
    """Agents by session id: the pid of their first process and their mark."""

    def agent_of(pid: int, mark: str) -> int | None:
        return next((number for number, its in agents.items() if (pid and its[0] == pid) or (mark and its[1] == mark)), None)

    return Authority(host_id=HOST, agent_of=agent_of)


def test_a_process_outside_of_every_agent_is_the_user() -> None:
    assert authority_with({}).owner_of(os.getpid()) == USER


def test_a_process_below_an_agent_has_the_agents_scope() -> None:
    authority = authority_with({12: (os.getpid(), f"{HOST}.4")})
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert authority.owner_of(child.pid) == "session:12"
        child.communicate(b"\n")


def test_an_orphan_is_known_by_the_mark_it_was_started_with() -> None:
    environment = {**os.environ, "SYNK_HOST": f"{HOST}.4"}
    with subprocess.Popen([sys.executable, "-c", "print(1, flush=True); input()"], env=environment, stdin=-1, stdout=-1) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert authority_with({12: (1 << 30, f"{HOST}.4")}).owner_of(child.pid) == "session:12"
        assert authority_with({12: (1 << 30, "other.4")}).owner_of(child.pid) == USER
        child.communicate(b"\n")


def test_what_an_agent_starts_through_the_host_acts_for_the_agent() -> None:
    authority = authority_with({12: (1 << 30, f"{HOST}.4")})
    authority.note_owner(f"{HOST}.r7", "session:12")
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'], env={})"
    environment = {**os.environ, "SYNK_HOST": f"{HOST}.r7"}
    with subprocess.Popen([sys.executable, "-c", script], env=environment, stdin=-1, stdout=-1) as child:
        assert child.stdout is not None
        child.stdout.readline()
        (below,) = (int(pid) for pid in Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split())
        assert authority.owner_of(below) == "session:12"
        authority.forget(f"{HOST}.r7")
        assert authority.owner_of(below) == USER
        child.communicate(b"\n")


def test_a_process_that_is_gone_is_no_agent() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    assert authority_with({12: (1, "x")}).owner_of(child.pid) == USER


def test_the_user_may_do_everything() -> None:
    authority = authority_with({})
    authority.is_open_for_agents = False
    authority.authorize(USER, "run.stop", "session:3")


def test_an_agent_runs_nothing_unless_the_user_allows_it() -> None:
    authority = authority_with({})
    with pytest.raises(NotAllowed, match=r"automation\.agent_exec"):
        authority.authorize("session:3", "run.start")
    authority.may_agents_run = True
    authority.authorize("session:3", "run.start")


@pytest.mark.parametrize("target", [USER, "session:4"])
def test_an_agent_reaches_only_what_it_started(target: str) -> None:
    authority = authority_with({})
    authority.may_agents_run = True
    authority.authorize("session:3", "run.stop", "session:3")
    with pytest.raises(NotAllowed, match=f"belongs to {target}"):
        authority.authorize("session:3", "run.stop", target)


def test_turning_automation_off_closes_the_gate_for_agents_at_once() -> None:
    authority = authority_with({})
    authority.may_agents_run, authority.is_open_for_agents = True, False
    with pytest.raises(NotAllowed, match="/automation on"):
        authority.authorize("session:3", "run.start")
