"""Unexpected exceptions are told once for each place they come from."""

import logging
from collections.abc import Iterator

import pytest

from synk.app.faults import Faults
from synk.base.events import Event, NoticeRaised
from synk.keys.chords import parse_chord


@pytest.fixture
def told() -> Iterator[list[Event]]:
    events: list[Event] = []
    handler = Faults(events.append)
    logging.getLogger().addHandler(handler)
    yield events
    logging.getLogger().removeHandler(handler)


def fail_elsewhere(logger: str) -> None:
    try:
        [].pop()
    except IndexError:
        logging.getLogger(logger).exception("a turn failed")


def test_a_place_that_fails_in_every_frame_is_told_once_with_a_way_to_the_log(told: list[Event]) -> None:
    for _ in range(3):
        fail_elsewhere("synk.ui.bridge")
    title = "Something went wrong in ui.bridge. Nothing was changed."
    assert told == [NoticeRaised("error", title, "Details: log", action="Show log", command="log.show")]


def test_the_part_is_the_innermost_of_ours(told: list[Event]) -> None:
    try:
        parse_chord(3)  # type: ignore[arg-type]
    except Exception:
        logging.getLogger("synk").critical("an exception reached the top", exc_info=True)
    (event,) = told
    assert isinstance(event, NoticeRaised)
    assert event.title == "Something went wrong in keys.chords. Nothing was changed."


def test_two_places_are_two_messages(told: list[Event]) -> None:
    fail_elsewhere("synk.ui.bridge")
    fail_elsewhere("synk.base.jobs")
    assert len(told) == 2


def test_what_is_shown_in_its_own_place_and_what_is_no_exception_is_not_told(told: list[Event]) -> None:
    fail_elsewhere("synk.ui.drawer")
    logging.getLogger("synk.app.gui").error("no exception")
    logging.getLogger("synk.app.gui").warning("a warning", exc_info=ValueError("x"))
    assert told == []
