"""Links on the screen: declared ones, addresses and places in files, and which may be opened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator
from synk.terminal.links import FoundLink, link_at, links_in, refusal


def screen(data: str, cols: int = 60, rows: int = 6) -> Emulator:
    emulator = Emulator(cols=cols, rows=rows, reply=lambda _data: None)
    emulator.feed(data.encode())
    return emulator


def targets(data: str, **size: int) -> list[str]:
    emulator = screen(data, **size)
    top = emulator.scrolled_total
    return [link.target for link in links_in(emulator, top, top + emulator.rows - 1)]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("see https://example.com/a?b=c#d.", "https://example.com/a?b=c#d"),
        ("(http://example.com/x_(y))", "http://example.com/x_(y)"),
        ("<https://example.com>", "https://example.com"),
        ('"https://example.com/",', "https://example.com/"),
        ("mailto:a@example.com!", "mailto:a@example.com"),
        ("file:///etc/hosts", "file:///etc/hosts"),
        ("https://例え.jp/ü", "https://例え.jp/ü"),
        ("src/app.py:12: error", "src/app.py:12"),
        ("./a.c:3:14: warning", "./a.c:3:14"),
        ("/usr/include/stdio.h:27", "/usr/include/stdio.h:27"),
        ("~/notes.md:1", "~/notes.md:1"),
        ('  File "/opt/x y.py", line 7, in f', "/opt/x y.py:7"),
    ],
)
def test_addresses_and_places_are_recognised_without_the_punctuation_around_them(text: str, target: str) -> None:
    assert targets(text) == [target]


@pytest.mark.parametrize(
    "text", ["12:30:45", "localhost:8080", "127.0.0.1:80", "javascript:alert(1)", "ratio 3:4", "https://", "a:b"]
)
def test_what_only_looks_like_a_link_is_none(text: str) -> None:
    assert targets(text) == []


def test_an_address_over_wrapped_rows_is_one_link() -> None:
    address = "https://example.com/" + "x" * 70
    emulator = screen("go " + address + " on", cols=30)
    [link] = links_in(emulator, 1, 1)
    assert link.target == address
    assert link.spans == ((0, 3, 30), (1, 0, 30), (2, 0, 30), (3, 0, 3))
    assert link_at(emulator, 2, 5) == link
    assert link_at(emulator, 3, 3) is None


def test_a_declared_link_hides_what_is_recognised_in_its_text() -> None:
    emulator = screen("\x1b]8;;https://evil.example\x1b\\https://good.example\x1b]8;;\x1b\\ https://other.example")
    first, second = links_in(emulator, 0, 0)
    assert (first.target, first.is_declared) == ("https://evil.example", True)
    assert first.spans == ((0, 0, 20),)
    assert (second.target, second.is_declared) == ("https://other.example", False)


def test_a_declared_link_that_a_program_wrapped_is_one() -> None:
    emulator = screen("\x1b]8;id=1;https://a.example\x1b\\one\r\ntwo\x1b]8;;\x1b\\")
    assert links_in(emulator, 0, 1) == [
        FoundLink("address", "https://a.example", ((0, 0, 3), (1, 0, 3)), is_declared=True)
    ]


def test_wide_characters_before_a_link_do_not_move_it() -> None:
    emulator = screen("你好 https://a.example 你")
    [link] = links_in(emulator, 0, 0)
    assert link.spans == ((0, 5, 22),)


def test_links_in_the_scrollback_are_found() -> None:
    emulator = screen("https://a.example\r\n" + "\r\n" * 20)
    [link] = links_in(emulator, 0, 0)
    assert link.target == "https://a.example"


@pytest.mark.parametrize(
    "target",
    ["javascript:x", "vscode://x", "", "http:", "https://a\x1b[2J", "https://a\u202egpj.exe", "data:text/html,x", "/etc/hosts"],
)
def test_a_dangerous_or_empty_target_is_refused(target: str) -> None:
    assert refusal(target)


@pytest.mark.parametrize("target", ["http://a", "HTTPS://a", "mailto:a@b", "file:///a"])
def test_the_four_kinds_are_opened(target: str) -> None:
    assert refusal(target) == ""


@given(st.text(max_size=200), st.integers(2, 40))
def test_no_text_breaks_the_search_and_spans_lie_on_the_screen(text: str, cols: int) -> None:
    emulator = screen(text, cols=cols)
    top = emulator.scrolled_total
    for link in links_in(emulator, top, top + emulator.rows - 1):
        for line, start, end in link.spans:
            assert top + emulator.first_row() <= line < top + emulator.rows
            assert 0 <= start < end <= cols
