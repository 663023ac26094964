"""Limits of a kernel, set from outside, so that every kind of kernel is limited in the same way (prlimit(2))."""

import contextlib
import resource

from synk.host.runs.start import RunLimits


def set_limits(pid: int, limits: RunLimits, *, data_bytes: int | None) -> None:
    """What is asked for, as far as the hard limits allow; `data_bytes` is the memory limit of one process.

    Memory is limited as RLIMIT_DATA: a Python gets a MemoryError and lives. RLIMIT_AS would break pandas itself.
    """
    wanted = {
        resource.RLIMIT_DATA: data_bytes,
        resource.RLIMIT_CPU: None if limits.cpu_s is None else max(1, int(limits.cpu_s + 0.999)),
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        if value is None:
            continue
        with contextlib.suppress(OSError, ValueError):
            hard = resource.prlimit(pid, kind)[1]
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.prlimit(pid, kind, (most, hard))
