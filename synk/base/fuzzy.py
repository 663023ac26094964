"""Fuzzy matching of a few typed letters against names, as pickers rank them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

AT_WORD = 8
"""A letter at the beginning of a word counts as much as eight letters anywhere."""
IN_A_ROW = 5
FIRST = 6
"""More for the very first letter: who types `a` means `api` before `web-api`."""
BEGINNERS = "-_./ "


@dataclass(frozen=True, slots=True)
class Match:
    """How well a text fits."""

    score: int
    """Higher is better; comparable for one needle only."""
    places: tuple[int, ...]
    """Characters of the text that were typed, from 0, ascending."""


def fuzzy_match(needle: str, text: str) -> Match | None:
    """The letters of `needle` in this order somewhere in `text`, whatever their case; None if they are not there.

    Each letter is taken where it scores best among the nearest places: at the start of a word, or right after the last one.
    """
    low = text.lower()
    if len(low) != len(text):  # a letter whose small form is two: places would be off
        low = text
    letters = needle.lower()
    # Going to the starts of words can jump over letters that come after: then the first place of each it is.
    places = _walk(letters, low, to_words=True) or _walk(letters, low, to_words=False)
    if places is None:
        return None
    worth = sum(_worth(low, place, places[index - 1] if index else None) for index, place in enumerate(places))
    return Match(worth * 4 - len(text) // 4, tuple(places))


def ranked(needle: str, items: Iterable[T], text_of: Callable[[T], str]) -> Sequence[tuple[T, Match]]:
    """Those that fit, best first; equally good ones stay in the order given."""
    found = [(item, match) for item in items if (match := fuzzy_match(needle, text_of(item))) is not None]
    return sorted(found, key=lambda pair: -pair[1].score)


def _walk(letters: str, text: str, *, to_words: bool) -> list[int] | None:
    """A place for each letter, one after the other; None if one is not there."""
    places: list[int] = []
    for letter in letters:
        start = places[-1] + 1 if places else 0
        place = text.find(letter, start)
        if place < 0:
            return None
        is_next = bool(places) and place == start
        places.append(place if is_next or not to_words else _word_start(text, letter, place))
    return places


def _word_start(text: str, letter: str, first: int) -> int:
    """The next place of the letter at the start of a word; `first`, where it is anyway, if there is none."""
    at = first
    while at >= 0:
        if at == 0 or text[at - 1] in BEGINNERS:
            return at
        at = text.find(letter, at + 1)
    return first


def _worth(text: str, place: int, before: int | None) -> int:
    if place == 0:
        return AT_WORD + FIRST
    if text[place - 1] in BEGINNERS:
        return AT_WORD
    return IN_A_ROW if before is not None and place == before + 1 else 1
