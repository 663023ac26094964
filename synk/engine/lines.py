"""A cell or command where state lasts (REPLs, sessions): the options both have, and waiting for what becomes of it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypedDict

from synk.base.wire import Message
from synk.engine.active import ActiveRun
from synk.engine.commands import Recognised
from synk.engine.environment import Masks
from synk.engine.following import followed
from synk.engine.options import OnTimeout
from synk.engine.requests import MAX_OUTPUT_CHARS, MAX_ROWS, Reading, check_parse_as
from synk.engine.results import Event, ExecResult


class LineOptions(TypedDict, total=False):
    """What can be said about one cell or command; the defaults are those of `Line`."""

    parse_as: str
    timeout_s: float | None
    on_timeout: OnTimeout
    max_output_chars: int
    max_rows: int


class ExecOptions(LineOptions, total=False):
    """The same, and how its end is waited for."""

    yield_after_s: float | None
    """Return then, and let it go on."""
    on_event: Callable[[Event], object] | None


@dataclass(frozen=True, slots=True)
class Line:
    """The options of one cell or command.

    Raises:
        UsageError: unknown format.
    """

    parse_as: str = "none"
    timeout_s: float | None = None
    on_timeout: OnTimeout = "stop"
    max_output_chars: int = MAX_OUTPUT_CHARS
    max_rows: int = MAX_ROWS

    def __post_init__(self) -> None:
        check_parse_as(self.parse_as)

    def as_message(self) -> Message:
        """What the host is told of them."""
        return {"timeout_s": self.timeout_s, "on_timeout": self.on_timeout, "watch": True}

    def reading(self, masks: Masks, recognised: Recognised | None = None) -> Reading:
        """How the output is read."""
        return Reading(
            recognised=recognised,
            masks=masks,
            parse_as=self.parse_as,
            max_output_chars=self.max_output_chars,
            max_rows=self.max_rows,
            limits={"timeout_s": self.timeout_s},
        )


Begin = Callable[[Line], Awaitable[ActiveRun]]


async def ran(begin: Begin, options: ExecOptions) -> ExecResult:
    """Run it to its end, until it waits for input, or until `yield_after_s`; cancelled, it is interrupted."""
    given = dict(options)
    on_event, yield_after_s = given.pop("on_event", None), given.pop("yield_after_s", None)
    line = Line(**given)  # type: ignore[arg-type]
    if yield_after_s is None and line.on_timeout == "background":
        # At the limit it goes on and the call does not.
        yield_after_s = line.timeout_s
    active = await begin(line)
    return await followed(active, on_event=on_event, yield_after_s=yield_after_s)  # type: ignore[arg-type]


async def streamed(begin: Begin, options: LineOptions) -> AsyncGenerator[Event, None]:
    """Run it and give its events, the exit last; who leaves the loop interrupts it."""
    active = await begin(Line(**options))
    try:
        async with aclosing(active.events()) as events:
            async for event in events:
                yield event
    finally:
        active.stop_soon()
        active.close()
