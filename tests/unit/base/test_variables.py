"""Names of variables: what a shell accepts and Synk does not keep for itself; values are never shown."""

import pytest

from synk.base.errors import UsageError
from synk.base.variables import check_variables


@pytest.mark.parametrize("name", ["A", "_", "a1_B2", "SYNK", "XSYNK_Y"])
def test_good_names_are_accepted_with_any_value(name: str) -> None:
    check_variables({name: "$(touch x)\n'\"é"})


@pytest.mark.parametrize("name", ["9X", "", "A B", "A=B", "Ä", "A\n", "A-B"])
def test_a_name_no_shell_accepts_is_named(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_variables({"GOOD": "1", name: "secret"})
    assert refused.value.message == f"Variable {name} is not a valid name"


def test_reserved_names_and_nul_bytes_are_refused_without_the_value() -> None:
    for name, value in (("SYNK_HOST", "secret"), ("KEY", "secret\0")):
        with pytest.raises(UsageError) as refused:
            check_variables({name: value})
        assert name in refused.value.message
        assert "secret" not in refused.value.message
