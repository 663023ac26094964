"""How much memory pool and sessions will need, and the sizes that suit a machine (01-pool-and-sessions.md, section 12)."""

from dataclasses import dataclass

IDLE_SHELL_BYTES = 8 << 20
"""Of one idle shell until there are measurements (target M8)."""
SESSION_BYTES = 40 << 20
"""Of one session until there are measurements (target M8)."""
GB = 1_000_000_000
"""What is sold as 16 GB shows as 15.4 GiB after the firmware took its part: the smaller unit is the fairer one."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What is known of memory and cores."""

    used_bytes: int
    installed_bytes: int
    cores: int
    idle_shell_bytes: float | None = None
    """Average of the idle shells there are; None while there is none."""
    session_bytes: float | None = None
    """Average of the running sessions; None while there is none."""


@dataclass(frozen=True, slots=True)
class PoolSizes:
    """A row of the table of recommendations."""

    initial_pool_size: int
    max_pool_size: int


_ROWS = ((8 * GB, 4, PoolSizes(2, 3)), (16 * GB, 8, PoolSizes(3, 4)), (32 * GB, 12, PoolSizes(4, 6)))


def recommended(machine: Machine) -> PoolSizes:
    """The last row whose memory and cores the machine both has; the first for a smaller one."""
    fitting = [sizes for memory, cores, sizes in _ROWS if machine.installed_bytes >= memory and machine.cores >= cores]
    return fitting[-1] if fitting else _ROWS[0][2]


def estimated_bytes(initial_pool_size: int, max_active: int, machine: Machine) -> int:
    """Idle shells and sessions at these sizes, measured where there are measurements."""
    shell = IDLE_SHELL_BYTES if machine.idle_shell_bytes is None else machine.idle_shell_bytes
    session = SESSION_BYTES if machine.session_bytes is None else machine.session_bytes
    return round(initial_pool_size * shell + max_active * session)
