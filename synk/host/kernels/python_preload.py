"""Imports what kernels are to find ready, and says what became of it."""

from __future__ import annotations

import gc
import os
import sys
import time
from typing import Any

from synk.host.kernels import python_threads

NEVER = ("torch", "tensorflow", "jax", "cupy")
"""They start threads or a GPU context that does not survive a fork."""
SOURCES_KEPT = 2_000


def prepare(request: dict[str, Any]) -> dict[str, Any]:
    """Import the modules of `request["preload"]`; with `is_default` one that is not installed is no failure."""
    started, began_ns = time.monotonic(), time.time_ns()
    failed = []
    loaded = []
    wanted = {**dict.fromkeys(python_threads.ONE_THREAD, "1"), **python_threads.NO_HELPERS}
    given = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    os.environ.setdefault("MPLBACKEND", "Agg")
    before = set(sys.modules)
    gc.disable()
    for module in request.get("preload", ()):
        problem = _import(module, is_default=bool(request.get("is_default")))
        if problem is None:
            continue
        if problem:
            failed.append({"module": module, "error": problem})
        else:
            loaded.append(module)
    gc.enable()
    for name, value in given.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    return {
        "loaded": loaded,
        "failed": failed,
        "threads": python_threads.count(),
        "began_ns": began_ns,
        "path": [os.path.abspath(folder) for folder in sys.path if folder],
        "sources": _sources(set(sys.modules) - before),
        "version": sys.version.split()[0],
        "prefix": sys.prefix,
        "import_ms": round((time.monotonic() - started) * 1000, 1),
    }


def _import(module: str, *, is_default: bool) -> str | None:
    """ "" if it was imported, None if it is to be passed over in silence, else the error."""
    if module.partition(".")[0] in NEVER:
        return "never preloaded: it starts threads or a GPU context that does not survive a fork"
    try:
        __import__(module)
    except ModuleNotFoundError as error:
        if is_default and error.name == module.partition(".")[0]:
            return None
        return f"{type(error).__name__}: {error}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _sources(names: set[str]) -> list[str]:
    """Files of imported modules that no package manager looks after: the user's own, which change without notice."""
    managed = (os.path.dirname(os.__file__), os.path.join(sys.base_prefix, "lib"))
    found = []
    for name in names:
        path = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(path, str) and "-packages" not in path and not path.startswith(managed):
            found.append(path)
    return sorted(found)[:SOURCES_KEPT]
