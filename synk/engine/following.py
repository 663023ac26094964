"""Waiting for the result of a run, with events on the way, for all calls that have one."""

import inspect
from collections.abc import Callable

from synk.engine.active import ActiveRun, Early
from synk.engine.results import Event, ExecResult

EARLY: tuple[Early, ...] = ("ready", "awaiting_input")
"""A call returns although the run goes on: its server listens, or it waits for an answer."""


async def followed(
    active: ActiveRun,
    *,
    on_event: Callable[[Event], object] | None = None,
    yield_after_s: float | None = None,
    early: tuple[Early, ...] = EARLY,
) -> ExecResult:
    """The result once the run is over, one of `early` is so, or `yield_after_s` have passed. Cancelled, it stops the run."""
    try:
        if on_event is None:
            await active.until(early, timeout_s=yield_after_s)
        else:
            await _tell(active, on_event, yield_after_s, early)
        return await active.result()
    except BaseException:
        active.stop_soon()
        raise
    finally:
        active.close()


async def _tell(
    active: ActiveRun, on_event: Callable[[Event], object], yield_after_s: float | None, early: tuple[Early, ...]
) -> None:
    async for event in active.events(early, timeout_s=yield_after_s):
        told = on_event(event)
        if inspect.isawaitable(told):
            await told
