"""What a client hears while a call waits: the first news at once, then gathered, values always larger."""

import asyncio

from synk.engine.findings import Progress
from synk.engine.results import OutputEvent, ProgressEvent, StateEvent
from synk.mcp.progress import MESSAGE_CHARS, ProgressReporter

Told = list[tuple[float, float | None, str | None]]


def told_of(*steps: object, with_output: bool = True, is_wanted: bool = True) -> Told:
    """What was reported; a step is an event, or None for the time it takes until everything was told."""
    told: Told = []

    async def report(progress: float, total: float | None = None, message: str | None = None) -> None:
        told.append((progress, total, message))

    async def run() -> None:
        reporter = ProgressReporter(report, is_wanted=is_wanted, with_output=with_output)
        async with reporter:
            for step in steps:
                if step is None:
                    count = len(told)
                    while len(told) == count:
                        await asyncio.to_thread(int)
                elif reporter.hears is not None:
                    reporter.hears(step)  # type: ignore[arg-type]

    asyncio.run(run())
    return told


def output(text: str) -> OutputEvent:
    return OutputEvent("r1", "out", 0, text.encode(), text)


def test_the_first_line_is_told_at_once_and_the_rest_at_the_end_together() -> None:
    told = told_of(StateEvent("r1", "running"), output("one\n"), None, output("two\n"), output("three\n"))
    assert [message for _, _, message in told] == ["one\n", "two\nthree\n"]


def test_an_unfinished_line_waits_for_its_end() -> None:
    told = told_of(output("one\ntw"), None, output("o\n"))
    assert [message for _, _, message in told] == ["one\n", "two\n"]


def test_values_always_grow_and_percentages_are_of_a_hundred() -> None:
    told = told_of(
        ProgressEvent("r1", Progress(pct=40, phase="receiving", eta_s=7)), None, ProgressEvent("r1", Progress(pct=40)), None,
        ProgressEvent("r1", Progress(pct=30)),
    )  # fmt: skip
    values = [value for value, _, _ in told]
    assert values == sorted(set(values))
    assert all(total == 100 for _, total, _ in told)
    assert told[0][2] == "receiving, 40 %, 7 s left"


def test_too_much_output_is_cut_to_its_end() -> None:
    (only,) = told_of(output("x" * 3 * MESSAGE_CHARS + "\nlast\n"))
    message = only[2] or ""
    assert message.endswith("last\n")
    assert "characters left out" in message
    assert len(message) < MESSAGE_CHARS + 100


def test_without_a_wish_for_progress_nothing_is_heard_or_told() -> None:
    assert told_of(output("one\n"), is_wanted=False) == []


def test_without_output_only_how_far_it_is_is_told() -> None:
    told = told_of(output("one\n"), StateEvent("r1", "awaiting_input"), with_output=False)
    assert [message for _, _, message in told] == ["awaiting input"]
