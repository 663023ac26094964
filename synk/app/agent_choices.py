"""The agents that can be started, as the new-session card and `synk ctl new` offer them."""

import os
from collections.abc import Sequence

from synk.actions.ports import TERMINAL, AgentChoice
from synk.agents.catalog import Agent, Catalog
from synk.hoststart import synk_argv

COLORS = {"grey": "text-dim"}
"""Catalog color to theme token, where they differ."""


def choices_of(catalog: Catalog) -> list[AgentChoice]:
    """One choice per agent, the terminal first. Looks at the disk for the executables: not on the GUI thread."""
    path = os.environ.get("PATH", os.defpath)
    others = [_choice(agent, path) for agent in catalog.agents if not agent.is_shell]
    return [TERMINAL, *others]


def _choice(agent: Agent, path: str) -> AgentChoice:
    executable = agent.find_executable(path)
    return AgentChoice(
        id=agent.id,
        name=agent.name,
        badge=agent.badge,
        color=COLORS.get(agent.color, agent.color),
        argv=_command(agent, executable) if executable else (),
        is_found=executable is not None,
        command=agent.detect.executables[0],
        variables=tuple(agent.launch.env.items()),
        unset=agent.launch.unset,
        is_repl=bool(agent.launch.repl),
    )


def _command(agent: Agent, executable: str) -> tuple[str, ...]:
    if agent.launch.repl:
        return (*synk_argv(), "repl", "open", agent.launch.repl)
    return (executable, *agent.launch.argv)


class AgentList:
    """The current choices; replaced as a whole when the catalog was read. GUI thread."""

    def __init__(self) -> None:
        self.choices: Sequence[AgentChoice] = (TERMINAL,)
