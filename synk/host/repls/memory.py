"""What the machine and a kernel have in use, and whether the system killed something for want of memory (proc(5))."""

import os

from synk.pty.memory import available_memory

LEAST_AVAILABLE = 0.10
MOST_PRESSURE = 10.0
"""Per cent of the last ten seconds in which some task waited for memory (PSI)."""


def is_short() -> bool:
    """True below 10 % available memory or above 10 % memory pressure: then no spare members are made."""
    return available_memory() < LEAST_AVAILABLE or pressure() > MOST_PRESSURE


def pressure() -> float:
    """`some avg10` of /proc/pressure/memory; 0.0 where the system does not measure it."""
    try:
        with open("/proc/pressure/memory", "rb") as file:
            line = file.readline()
        return float(line.partition(b"avg10=")[2].split()[0])
    except (OSError, ValueError, IndexError):
        return 0.0


def oom_kills() -> int:
    """How many processes the system has killed for want of memory since it started."""
    try:
        with open("/proc/vmstat", "rb") as file:
            for line in file:
                if line.startswith(b"oom_kill "):
                    return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0


def share_of(pid: int) -> int:
    """Bytes that a process has of its own and its share of what it has together with others (PSS); 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0


def total() -> int:
    """Bytes of memory the machine has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
