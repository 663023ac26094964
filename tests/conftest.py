"""Fixtures for every test: waiting on a real condition without sleeping by the clock."""

import select
import time
from collections.abc import Callable

import pytest


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """`wait_until(predicate, timeout_s=5)`: returns once it is true, fails the test after the deadline."""

    def wait(predicate: Callable[[], object], timeout_s: float = 5.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not predicate():
            assert time.monotonic() < deadline, f"still false after {timeout_s} s: {predicate}"
            select.select([], [], [], 0.005)

    return wait
