"""Errors keep their type, kind and text on the way from one process to another."""

import pytest

from synk.base import errors
from synk.base.errors import NoSuchTarget, SynkError, describe, restore
from synk.commands.line import NothingSelected

ALL = [error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, SynkError)]


@pytest.mark.parametrize("kind", ALL, ids=lambda error: error.__name__)
def test_an_error_comes_back_as_what_it_was(kind: type[SynkError]) -> None:
    again = restore(describe(kind("Pane 3 is gone")))
    assert type(again) is kind
    assert (again.message, str(again)) == ("Pane 3 is gone", "Pane 3 is gone")


def test_every_kind_has_its_own_word() -> None:
    assert len({error.kind for error in ALL}) == len(ALL)


def test_a_special_case_comes_back_as_the_general_one() -> None:
    assert type(restore(describe(NothingSelected("nothing")))) is NoSuchTarget


@pytest.mark.parametrize("described", [{}, {"kind": "new in a later version"}, {"kind": None, "message": None}])
def test_what_is_not_known_becomes_a_plain_error(described: dict[str, object]) -> None:
    assert type(restore(described)) is SynkError
