"""What a few letters find, and in which order."""

from hypothesis import given
from hypothesis import strategies as st

from synk.base.fuzzy import fuzzy_match, ranked


def best(needle: str, *names: str) -> list[str]:
    return [name for name, _ in ranked(needle, names, str)]


def test_letters_match_in_order_whatever_their_case() -> None:
    match = fuzzy_match("MLP", "ml-pipeline")
    assert match is not None
    assert match.places == (0, 1, 3)
    assert fuzzy_match("pm", "ml-pipeline") is None


def test_beginnings_of_names_and_words_come_first() -> None:
    assert best("a", "data", "web-api", "api") == ["api", "web-api", "data"]
    assert best("pip", "snippets-in-php", "ml-pipeline") == ["ml-pipeline", "snippets-in-php"]


def test_the_shorter_of_two_equal_matches_comes_first() -> None:
    assert best("api", "api-server-for-everything", "api") == ["api", "api-server-for-everything"]


def test_a_jump_to_a_later_word_does_not_lose_a_match() -> None:
    match = fuzzy_match("bc", "abcd-b")
    assert match is not None
    assert match.places == (1, 2)


def test_nothing_typed_leaves_all_in_their_order() -> None:
    assert best("", "b", "a") == ["b", "a"]


@given(st.text(max_size=8), st.text(max_size=20))
def test_places_spell_what_was_typed(needle: str, text: str) -> None:
    match = fuzzy_match(needle, text)
    if match is None:
        return
    assert list(match.places) == sorted(set(match.places))
    assert len(match.places) == len(needle.lower())
    spelled = "".join(text[place] for place in match.places)
    assert spelled.lower() == needle.lower() or spelled == needle.lower()


@given(st.text("abc-", max_size=6), st.text("abc-", max_size=10))
def test_a_match_is_found_exactly_if_there_is_one(needle: str, text: str) -> None:
    rest = iter(text)
    is_there = all(letter in rest for letter in needle)
    assert (fuzzy_match(needle, text) is not None) == is_there
