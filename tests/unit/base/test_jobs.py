"""Jobs run one after the other on their own thread; their results come back on the owner's."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from synk.base.jobs import Jobs


class Owner:
    """The thread results are delivered to."""

    def __init__(self) -> None:
        self.delivered: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.jobs = Jobs(self.delivered.put)

    def run_one(self) -> None:
        self.delivered.get(timeout=30)()


@pytest.fixture
def owner() -> Iterator[Owner]:
    made = Owner()
    yield made
    made.jobs.close()


def test_work_runs_elsewhere_and_its_result_comes_back(owner: Owner) -> None:
    results: list[tuple[str, str]] = []
    owner.jobs.submit(
        lambda: threading.current_thread().name, lambda name: results.append((name, threading.current_thread().name))
    )
    assert results == []
    owner.run_one()
    assert results == [("synk-job-1", threading.current_thread().name)]


def test_jobs_run_in_the_order_they_were_given(owner: Owner) -> None:
    results: list[int] = []
    for number in range(20):
        owner.jobs.submit(lambda number=number: number, results.append)
    for _ in range(20):
        owner.run_one()
    assert results == list(range(20))


def test_a_failure_comes_back_to_whoever_wants_it(owner: Owner) -> None:
    failures: list[Exception] = []
    owner.jobs.submit(lambda: 1 // 0, lambda _: None, failed=failures.append)
    owner.run_one()
    assert isinstance(failures[0], ZeroDivisionError)


def test_a_failure_nobody_wants_is_logged_and_the_next_job_runs(owner: Owner, caplog: pytest.LogCaptureFixture) -> None:
    results: list[int] = []
    owner.jobs.submit(lambda: 1 // 0, results.append)
    owner.jobs.submit(lambda: 7, results.append)
    owner.run_one()
    assert results == [7]
    assert "a job failed" in caplog.text


def test_a_repeated_job_delivers_each_result_that_is_not_none_and_survives_a_failure(
    owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    results: list[int] = []
    calls = iter(range(100))

    def work() -> int | None:
        number = next(calls)
        if number == 2:
            raise ValueError("once")
        return number if number % 2 else None

    owner.jobs.every(0.001, work, results.append)
    for _ in range(3):
        owner.run_one()
    assert results == [1, 3, 5]
    assert caplog.record_tuples[0][:2] == ("synk.base.jobs", logging.ERROR)


def test_closing_finishes_what_runs_and_drops_the_rest(owner: Owner) -> None:
    began, go_on, ran = threading.Event(), threading.Event(), []
    owner.jobs.submit(lambda: (began.set(), go_on.wait(30), ran.append("first")), lambda _: None)
    owner.jobs.submit(lambda: ran.append("second"), lambda _: None)
    assert began.wait(30)
    closing = threading.Thread(target=owner.jobs.close)
    closing.start()
    go_on.set()
    closing.join(30)
    assert ran == ["first"]
    assert "synk-job-1" not in [thread.name for thread in threading.enumerate()]


def test_closing_wakes_a_thread_that_waits_for_its_time(owner: Owner) -> None:
    owner.jobs.every(3600, lambda: 1, lambda _: None)
    owner.run_one()
    owner.jobs.close()
    assert "synk-job-1" not in [thread.name for thread in threading.enumerate()]


def test_work_set_aside_that_never_comes_back_holds_up_nothing(owner: Owner) -> None:
    stuck = threading.Event()
    results: list[str] = []

    def hang() -> str:
        stuck.wait()
        return "stuck"

    owner.jobs.aside(hang, results.append)
    owner.jobs.aside(lambda: "other", results.append)
    owner.run_one()
    owner.jobs.submit(lambda: "in order", results.append)
    owner.run_one()
    assert results == ["other", "in order"]
    owner.jobs.close()
    stuck.set()
    for thread in threading.enumerate():
        if thread.name == "synk-job-aside":
            thread.join(30)
    assert owner.delivered.empty(), "it came back after the end"


def test_a_failure_of_work_set_aside_comes_back_or_is_logged(owner: Owner, caplog: pytest.LogCaptureFixture) -> None:
    failures: list[Exception] = []
    owner.jobs.aside(lambda: 1 // 0, lambda _: None, failed=failures.append)
    owner.run_one()
    assert isinstance(failures[0], ZeroDivisionError)
    with caplog.at_level(logging.ERROR):
        owner.jobs.aside(lambda: 1 // 0, lambda _: None)
        for thread in threading.enumerate():
            if thread.name == "synk-job-aside":
                thread.join(30)
    assert "a job failed" in caplog.text
