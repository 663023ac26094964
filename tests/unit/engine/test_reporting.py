"""What the verbs say to people: options of the command line, places, tables."""

from argparse import Namespace

import pytest

from synk.engine.command_line.pool import _show
from synk.engine.command_line.reporting import advice, parse_error_text
from synk.engine.findings import ParseError


def test_advice_names_options_of_the_command_line() -> None:
    assert advice("Give it more time: timeout_s=60.") == "Give it more time: --timeout 60."
    assert advice("Let it go on after the limit: on_timeout=background.") == "Let it go on after the limit: --background."
    assert advice("Install it: npm install left") == "Install it: npm install left"


def test_a_parse_error_tells_its_place() -> None:
    assert parse_error_text(ParseError("Expecting value", 2, 5)).endswith("Expecting value (line 2, column 5)")
    assert parse_error_text(ParseError("there is no header")).endswith("there is no header")


def test_counts_of_the_pool_are_a_table_and_problems_are_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    stats = {
        "languages": {"python": {"idle": 2, "count": 2}},
        "claim_p50_ms": 0.104,
        "is_short_of_memory": False,
        "preload_problems": {"nope": "ModuleNotFoundError: No module named 'nope'"},
    }
    _show(stats, Namespace(json=False))
    assert capsys.readouterr().out.splitlines() == [
        "language  idle  count",
        "python       2      2",
        "",
        "claim p50        0.1 ms",
        "short of memory  no",
        "nope cannot be preloaded: ModuleNotFoundError: No module named 'nope'",
    ]
