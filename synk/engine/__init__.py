"""The process engine's public face: `from synk.engine import Engine, PoolConfig, Limits, Timeouts, Job`.

Names are looked up when they are asked for (PEP 562): `synk exec` imports modules of this package, and must not pay for asyncio.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synk.engine.api import Engine as Engine
    from synk.engine.options import Job as Job
    from synk.engine.options import Limits as Limits
    from synk.engine.options import PoolConfig as PoolConfig
    from synk.engine.options import Timeouts as Timeouts
    from synk.engine.results import ExecResult as ExecResult
    from synk.engine.sync import SyncEngine as SyncEngine

_HOMES = {
    "Engine": "api", "SyncEngine": "sync", "Job": "options", "Limits": "options", "PoolConfig": "options",
    "Timeouts": "options", "ExecResult": "results",
}  # fmt: skip
__all__ = ["Engine", "ExecResult", "Job", "Limits", "PoolConfig", "SyncEngine", "Timeouts"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"synk.engine.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
