"""Who asks, and what they may: the one gate that every request passes which starts or feeds a process.

It protects from mistakes and from injected text, not from a hostile program, which can do what the user can
(07-automation.md, section 13).
"""

import logging
from collections.abc import Callable

from synk.base.errors import NotAllowed
from synk.pty.processes import MARK, read_process, start_environment

log = logging.getLogger(__name__)

USER = "user"
"""The owner of everything outside an agent's session."""
_LONGEST_CHAIN = 64
"""Parents followed upward; deeper trees are loops of a confusing process table."""


class Authority:
    """Finds the owner of a client by its process, and decides. The main loop only."""

    def __init__(self, *, host_id: str, agent_of: Callable[[int, str], int | None]) -> None:
        """`agent_of(pid, mark)`: the agent session that this process is the first of, or that carries the mark; else None."""
        self._host_id = host_id
        self._agent_of = agent_of
        self._owners: dict[str, str] = {}
        self.may_agents_run = False
        """Setting automation.agent_exec: agents may start runs, REPLs and shells outside their own sandbox."""
        self.is_open_for_agents = True
        """False after `/automation off`."""

    def note_owner(self, mark: str, owner: str) -> None:
        """What is started with this mark (a run, a REPL, a shell) acts for `owner`, although it is no child of its session."""
        if owner != USER:
            self._owners[mark] = owner

    def forget(self, mark: str) -> None:
        """Everything with this mark has ended."""
        self._owners.pop(mark, None)

    def owner_of(self, pid: int) -> str:
        """`user`, or `session:12` for a process in the tree of that agent or of what it started through the host.

        The peer's pid is followed upward; a process that has left its tree is known by the mark it was started with.
        """
        current = pid
        for _ in range(_LONGEST_CHAIN):
            owner = self._owner_of_process(current)
            if owner:
                return owner
            process = read_process(current)
            if process is None or process.ppid <= 1:
                break
            current = process.ppid
        return USER

    def _owner_of_process(self, pid: int) -> str:
        session = self._agent_of(pid, "")
        if session is None:
            mark = start_environment(pid, MARK) or ""
            if mark.partition(".")[0] != self._host_id:
                return ""
            if mark in self._owners:
                return self._owners[mark]
            session = self._agent_of(0, mark)
        return "" if session is None else f"session:{session}"

    def authorize(self, who: str, verb: str, target_owner: str = "") -> None:
        """Let the request pass, or refuse it; each decision about an agent is logged.

        `target_owner`: owner of the run, REPL or shell that is meant, "" for a new one.

        Raises:
            NotAllowed: with what the user can change.
        """
        if who == USER:
            return
        reason = self._refusal(who, target_owner)
        log.info("%s %s %s: %s", who, verb, target_owner or "(new)", reason or "allowed")
        if reason:
            raise NotAllowed(f"{verb}: {reason}")

    def _refusal(self, who: str, target_owner: str) -> str:
        if not self.is_open_for_agents:
            return "automation is off for agents. The user can turn it on: /automation on"
        if not self.may_agents_run:
            return "agents may not run programs outside their own session. The user can allow it: automation.agent_exec"
        if target_owner not in ("", who):
            return f"it belongs to {target_owner}"
        return ""
