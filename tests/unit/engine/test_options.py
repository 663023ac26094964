"""What callers may ask for is checked before anything is sent."""

import pytest

from synk.base.errors import UsageError
from synk.engine.options import Job, Limits, PoolConfig, seconds, size_in_bytes


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("2G", 2 << 30), ("512 MiB", 512 << 20), ("1.5g", 3 << 29), ("64kb", 64 << 10), ("100", 100), (4096, 4096), ("1T", 1 << 40)],
)
def test_sizes_are_read_as_people_write_them(text: int | str, wanted: int) -> None:
    assert size_in_bytes(text) == wanted


@pytest.mark.parametrize("text", ["", "G", "-1", "2X", "2 G B", 0, -5])
def test_what_is_no_size_is_refused_with_its_text(text: int | str) -> None:
    with pytest.raises(UsageError, match="is no size"):
        size_in_bytes(text)


@pytest.mark.parametrize(
    ("text", "wanted"), [("90", 90.0), (1.5, 1.5), ("1.5s", 1.5), ("10m", 600.0), ("2h", 7200.0), ("300ms", 0.3)]
)
def test_durations_have_units(text: float | str, wanted: float) -> None:
    assert seconds(text) == pytest.approx(wanted)


@pytest.mark.parametrize("text", ["", "0", "-1", "1d", "inf", "nan", "s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no duration"):
        seconds(text)


def test_limits_and_pool_sizes_travel_in_plain_numbers() -> None:
    assert Limits(memory="2G", open_files=64).as_message() == {"memory_bytes": 2 << 30, "open_files": 64}
    assert Limits().as_message() == {}
    assert PoolConfig.of({"count": 2, "memory_mb": 512}).as_message() == {"count": 2, "max": 8, "memory_mb": 512}
    with pytest.raises(UsageError, match="count 9"):
        PoolConfig(count=9).as_message()


def test_an_unknown_key_is_named_with_the_ones_there_are() -> None:
    with pytest.raises(UsageError, match=r"a job has no 'comand'; there are cmd, argv"):
        Job.of({"comand": "true"})
    assert Job.of("true") == Job(cmd="true")
