"""Ages as lists show them."""

import pytest

from synk.base.ages import ago_text, ago_words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "now"), (0, "now"), (59.9, "now"), (60, "1m ago"), (5 * 60 + 59, "5m ago"), (3599, "59m ago"), (3600, "1h ago"),
        (86399, "23h ago"), (86400, "1d ago"), (6.9 * 86400, "6d ago"), (7 * 86400, "1w ago"), (60 * 86400, "8w ago"),
    ],
)  # fmt: skip
def test_an_age_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert ago_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (310, "5 minutes ago"), (7300, "2 hours ago"),
     (86_400, "1 day ago"), (15 * 86_400, "2 weeks ago")],
)  # fmt: skip
def test_an_age_in_a_sentence(seconds: float, words: str) -> None:
    assert ago_words(seconds) == words
