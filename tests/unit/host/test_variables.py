"""The variables of a session: bad names start nothing, ours cannot be replaced, values are not looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.base.errors import UsageError
from synk.host.variables import session_variables

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True).filter(lambda name: not name.startswith("SYNK_"))
VALUES = st.text().filter(lambda value: "\0" not in value)


def variables(given: dict[str, str], profile: str = "") -> dict[str, str]:
    return session_variables(given, session=12, project="/p", agent="claude", profile=profile)


@given(given=st.dictionaries(NAMES, VALUES))
def test_what_was_given_arrives_unchanged_beside_our_own(given: dict[str, str]) -> None:
    assert variables(given) == {**given, "SYNK_SESSION": "12", "SYNK_PROJECT": "/p", "SYNK_AGENT": "claude"}


def test_a_profile_of_its_own_is_told_so_that_ctl_finds_the_window() -> None:
    assert variables({}, "/profile")["SYNK_PROFILE"] == "/profile"
    assert "SYNK_PROFILE" not in variables({})


@pytest.mark.parametrize("name", ["9X", "", "A B", "A=B", "Ä", "A\n", "A-B", "A;B", "1"])
def test_a_name_no_shell_accepts_is_named(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        variables({name: "value"})
    assert refused.value.message == f"Variable {name} is not a valid name"


@pytest.mark.parametrize("name", ["SYNK_HOST", "SYNK_SESSION", "SYNK_ANYTHING"])
def test_our_names_are_reserved(name: str) -> None:
    with pytest.raises(UsageError, match="is reserved"):
        variables({name: "value"})


def test_a_nul_byte_is_refused_without_showing_the_value() -> None:
    with pytest.raises(UsageError) as refused:
        variables({"KEY": "secret\0tail"})
    assert refused.value.message == "Variable KEY holds a NUL byte, which no program can receive"
