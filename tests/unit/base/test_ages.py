"""Ages as lists show them."""

import pytest

from synk.base.ages import ago_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "now"), (0, "now"), (59.9, "now"), (60, "1m ago"), (5 * 60 + 59, "5m ago"), (3599, "59m ago"), (3600, "1h ago"),
        (86399, "23h ago"), (86400, "1d ago"), (6.9 * 86400, "6d ago"), (7 * 86400, "1w ago"), (60 * 86400, "8w ago"),
    ],
)  # fmt: skip
def test_an_age_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert ago_text(seconds) == text
