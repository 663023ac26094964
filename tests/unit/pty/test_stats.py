"""Counts and percentiles of the pool."""

import json

from hypothesis import given
from hypothesis import strategies as st

from synk.pty.stats import TIMES_KEPT, PoolStats, RecentTimes


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.integers(1, 100))
def test_percentile_is_the_smallest_time_that_enough_others_do_not_exceed(times: list[float], percent: int) -> None:
    recent = RecentTimes()
    for time in times:
        recent.add(time)
    found = recent.percentile(percent)
    enough = percent * len(times) / 100
    assert found in times
    assert sum(time <= found for time in times) >= enough
    assert sum(time < found for time in times) < enough


def test_percentiles_follow_the_last_claims_only() -> None:
    recent = RecentTimes()
    assert (recent.last, recent.percentile(95)) == (0.0, 0.0)
    for _ in range(TIMES_KEPT):
        recent.add(500.0)
    for _ in range(TIMES_KEPT):
        recent.add(2.0)
    assert (recent.last, recent.percentile(50), recent.percentile(95)) == (2.0, 2.0, 2.0)


def test_snapshot_is_plain_data_with_the_targets_inside() -> None:
    data = json.loads(json.dumps(PoolStats(idle=2, shell="/bin/bash").as_dict()))
    assert data["idle"] == 2
    assert data["targets"] == {"initial_pool_size": 2, "max_pool_size": 4, "max_active": 12}
