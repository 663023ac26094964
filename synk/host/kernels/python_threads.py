"""How many threads BLAS and OpenMP use: one while a zygote imports, in a kernel what its owner may use.

Libraries read their variables once, when they are loaded; later only their own functions reach them.
"""

from __future__ import annotations

import os
import sys
from typing import Any

SETTERS = (
    "scipy_openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "openblas_set_num_threads",
)
ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""Set to 1 while modules are imported."""
NO_HELPERS = {"JE_ARROW_MALLOC_CONF": "background_thread:false", "_RJEM_MALLOC_CONF": "background_thread:false"}
"""The allocators of pyarrow (which pandas imports where it is installed) and polars start a thread when they are loaded."""


def count() -> int:
    """Threads of this process."""
    return len(os.listdir("/proc/self/task"))


class Pools:
    """The thread pools of loaded libraries, found once by the zygote, set in each kernel."""

    def __init__(self) -> None:
        self._setters: list[Any] = []
        self._is_at_rest = False
        """The zygote has set them already."""

    def find(self) -> None:
        """Look for loaded libraries. Does nothing unless something that computes was imported."""
        if "numpy" not in sys.modules:
            return
        import ctypes  # numpy has imported it

        for path in sorted(_loaded(("openblas", "libgomp", "libomp", "libiomp"))):
            try:
                library = ctypes.CDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_NOW)
            except OSError:
                continue
            for name in (*SETTERS, "omp_set_num_threads"):
                setter = getattr(library, name, None)
                if setter is not None:
                    self._setters.append(setter)
                    break

    def set_before_forks(self) -> None:
        """In the zygote: one thread per core, for kernels whose owner wants nothing else.

        OpenBLAS starts its threads at once, where they look for work for 20 ms before they sleep: half of this machine for
        each claim. But it ends them before a fork, and a kernel starts them with its first large operation.
        """
        for setter in self._setters:
            setter(_cores())
        self._is_at_rest = True

    def set(self, environment: dict[str, str]) -> None:
        """As the owner's variables say, else one thread per core that this process may use."""
        if not self._setters:
            return
        wanted = 0
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            if environment.get(name, "").isdigit():
                wanted = max(1, int(environment[name]))
                break
        if wanted or not self._is_at_rest:
            for setter in self._setters:
                setter(wanted or _cores())


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _loaded(words: tuple[str, ...]) -> set[str]:
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
        paths = {line.split(None, 5)[5].strip() for line in file if "/" in line}
    return {path for path in paths if any(word in os.path.basename(path) for word in words)}
