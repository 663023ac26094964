"""Retries after 1, 2 and 4 s, then a pause, told once."""

from synk.pty.retries import Retries


def fail(retries: Retries, now: float) -> bool:
    return retries.failed(now, retries.round)


def test_three_retries_then_a_pause_and_one_notice() -> None:
    retries = Retries()
    told = []
    waits = []
    for now in (5.0, 11.0, 18.0, 27.0):
        told.append(fail(retries, now))
        waits.append(retries.not_before - now)
    assert told == [False, False, False, True]
    assert waits == [1, 2, 4, 60]
    assert retries.is_degraded


def test_user_is_not_told_again_until_a_shell_was_ready() -> None:
    retries = Retries()
    assert [fail(retries, now) for now in range(12)].count(True) == 1
    retries.start_over()
    assert [fail(retries, now) for now in range(4)] == [False, False, False, True]


def test_failures_of_the_same_round_count_once() -> None:
    retries = Retries()
    begun = retries.round
    for _ in range(5):
        retries.failed(1.0, begun)
    assert retries.not_before == 2.0
    assert not retries.is_degraded


def test_start_over_forgets_everything() -> None:
    retries = Retries()
    for now in range(4):
        fail(retries, now)
    begun = retries.round
    retries.start_over()
    assert not retries.is_failing
    assert retries.not_before == 0
    retries.failed(50.0, begun)
    assert not retries.is_failing, "a start from before does not count"
