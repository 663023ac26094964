"""Work that would go on for ever ends; work that is quick is left alone."""

import re
import threading

import pytest

from synk.base.time_limit import TimeIsUp, TimeLimit

ENDLESS, LINE = re.compile("(a+)+$"), "a" * 60 + "b"


def test_an_endless_match_is_stopped() -> None:
    with pytest.raises(TimeIsUp), TimeLimit(0.02):
        ENDLESS.search(LINE)


def test_a_limit_can_be_used_again_after_it_was_reached() -> None:
    limit = TimeLimit(0.02)
    for _ in range(3):
        with pytest.raises(TimeIsUp), limit:
            ENDLESS.search(LINE)
    with limit:
        assert ENDLESS.search("aaa")


def test_what_ends_in_time_is_not_disturbed_later() -> None:
    with TimeLimit(0.02):
        pass
    # Far more than the limit; it would raise here.
    assert sum(range(2_000_000)) > 0


def test_another_error_passes() -> None:
    with pytest.raises(KeyError), TimeLimit(10):
        {}["x"]


def test_on_other_threads_there_is_no_limit() -> None:
    results = []

    def work() -> None:
        with TimeLimit(0.001):
            results.append(sum(range(500_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(results) == 1
