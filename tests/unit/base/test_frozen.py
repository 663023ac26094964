"""The environment that a frozen Synk hands on is the one it was started with."""

from synk.base.frozen import leave_no_traces


def test_the_library_path_of_the_user_comes_back() -> None:
    ours = {"LD_LIBRARY_PATH": "/opt/synk/_internal:/mine", "_PYI_ARCHIVE_FILE": "x"}
    environment = {**ours, "LD_LIBRARY_PATH_ORIG": "/mine", "A": "1"}
    leave_no_traces(environment, is_frozen=True)
    assert environment == {"LD_LIBRARY_PATH": "/mine", "A": "1"}


def test_a_library_path_that_only_the_boot_loader_set_goes() -> None:
    environment = {"LD_LIBRARY_PATH": "/opt/synk/_internal", "HOME": "/h"}
    leave_no_traces(environment, is_frozen=True)
    assert environment == {"HOME": "/h"}


def test_a_program_that_is_not_frozen_keeps_what_it_has() -> None:
    environment = {"LD_LIBRARY_PATH": "/mine", "_PYI_X": "1"}
    leave_no_traces(environment)
    assert environment == {"LD_LIBRARY_PATH": "/mine", "_PYI_X": "1"}
