"""Attacks by output: what a hostile file or server prints must neither type for the user nor deceive him."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator
from synk.terminal.events import ClipboardAsked, NotificationSent, StatusReported, TerminalEvent
from synk.terminal.paste import encode_paste

COMMAND = "\r\nrm -rf ~\r\n"


def attacked(stream: str, *, may_read_clipboard: bool = False) -> tuple[Emulator, bytes, list[TerminalEvent]]:
    replies: list[bytes] = []
    emulator = Emulator(cols=40, rows=4, reply=replies.append)
    emulator.allow_clipboard_read(may_read_clipboard)
    emulator.describe_window(cell_width=8, cell_height=16, is_dark=True)
    emulator.feed(stream.encode("utf-8", "surrogatepass"))
    return emulator, b"".join(replies), emulator.take_events()


@pytest.mark.parametrize(
    "ask", ["\x1b[21t", "\x1b[20t", "\x1b]0;?\a", "\x1b]2;?\a", "\x1b]l\x1b\\", "\x1b[>0;2t\x1b[21t", "\x05"]
)
def test_a_title_does_not_come_back(ask: str) -> None:
    _, reply, _ = attacked(f"\x1b]2;{COMMAND}\a\x1b]2;`rm -rf ~`\a\x1b[22t\x1b[23t{ask}")
    assert reply == b""


@pytest.mark.parametrize("name", ["m;rm -rf ~", "\rrm -rf ~\r", "x" * 5000, "rm -rf ~\n", "0;touch /tmp/x m"])
def test_a_question_for_a_setting_does_not_come_back(name: str) -> None:
    _, reply, _ = attacked(f"\x1bP$q{name}\x1b\\")
    assert reply in (b"\x1bP0$r\x1b\\", b"")


@pytest.mark.parametrize("name", ["726d202d7266207e;0d0a", "0d726d0d", "zz", "TN", "0d" * 200, "\r\nid\r\n"])
def test_a_question_for_a_capability_comes_back_as_hex_digits_only(name: str) -> None:
    _, reply, _ = attacked(f"\x1bP+q{name}\x1b\\")
    assert re.fullmatch(rb"(?:\x1bP0\+r[0-9a-fA-F]{0,64}\x1b\\)*", reply)


def test_the_clipboard_is_not_read() -> None:
    emulator, reply, events = attacked("\x1b]52;c;?\a\x1b]52;;?\x1b\\\x1b]52;pc;?\a\x1b]1337;Copy=?\a")
    assert (reply, events) == (b"", [])
    emulator.tell_clipboard("c", "secret")
    assert reply == b""


def test_the_clipboard_is_read_if_the_user_allows_it_and_comes_as_base64() -> None:
    replies: list[bytes] = []
    emulator = Emulator(cols=40, rows=4, reply=replies.append)
    emulator.allow_clipboard_read(True)
    encoded = base64.b64encode(COMMAND.encode())
    for question, target, answer in (
        (b"\x1b]52;c;?\a", "c", b"\x1b]52;c;" + encoded + b"\a"),
        (b"\x1b]52;p;?\x1b\\", "p", b"\x1b]52;p;" + encoded + b"\x1b\\"),
        (b"\x1b]52;;?\a", "s0", b"\x1b]52;s0;" + encoded + b"\a"),
    ):
        emulator.feed(question)
        assert emulator.take_events() == [ClipboardAsked(target)]
        emulator.tell_clipboard(target, COMMAND)
        assert replies == [answer]
        replies.clear()


@pytest.mark.parametrize(
    "end",
    [
        "\x1b[201~",
        "\x9b201~",
        "\x1b[201\x1b[201~~",
        "\x1b\x1b[201~[201~",
        "\x1b[\x00201~",
        "\x1b[0201~",
        "\x1b[201;1~",
        "\x1b[20\u0081",
    ],
)
def test_pasted_text_cannot_end_its_brackets(end: str) -> None:
    emulator, _, _ = attacked("\x1b[?2004h")
    data = encode_paste(f"ls{end}rm -rf ~", emulator.modes)
    assert data.startswith(b"\x1b[200~")
    assert data.endswith(b"\x1b[201~")
    inside = data[6:-6]
    assert b"\x1b" not in inside
    assert "\x9b" not in inside.decode()


@pytest.mark.parametrize(
    "target", ["http://x/\x1b[31m", "http://x/\x07", "http://x/\r\nrm", "http://x/\x9b31m", "x" * 5000, "http://x/\x00"]
)
def test_the_target_of_a_link_has_no_controls_and_an_end(target: str) -> None:
    emulator, _, _ = attacked(f"\x1b]8;;{target}\x1b\\text\x1b]8;;\x1b\\")
    for x in range(40):
        found = emulator.link_at(x, 0)
        assert len(found) <= 2083
        assert not re.search("[\x00-\x1f\x7f-\x9f]", found)


HOSTILE = "done\x1b[2J\x07\u202eevil\u200b\u2066x\u2028y\x9b31m\x00"


@pytest.mark.parametrize(
    "stream",
    [
        f"\x1b]9;{HOSTILE}\x1b\\",
        f"\x1b]777;notify;{HOSTILE};{HOSTILE}\x1b\\",
        f"\x1b]99;;{HOSTILE}\x1b\\",
        "\x1b]99;e=1;" + base64.b64encode(HOSTILE.encode()).decode() + "\x1b\\",
        "\x1b]99;i=1:d=0:e=1;"
        + base64.b64encode(HOSTILE.encode()).decode()
        + "\a\x1b]99;i=1:e=1:p=body;"
        + base64.b64encode((HOSTILE * 500).encode()).decode()
        + "\a",
        "\x1b]7501;state=done:msg=" + base64.b64encode(HOSTILE.encode()).decode() + "\a",
    ],
)
def test_texts_for_the_window_have_no_controls_and_an_end(stream: str) -> None:
    emulator, reply, events = attacked(stream)
    texts = [emulator.title, *(record.message + record.title for record in emulator.program_status)]
    for event in events:
        if isinstance(event, NotificationSent):
            texts += [event.title, event.body]
        else:
            assert not isinstance(event, StatusReported)
    for text in texts:
        assert len(text) <= 1024
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b\u202e\u2066]", text)
    assert reply == b""


@pytest.mark.parametrize("identifier", ["a b", "$(id)", "a\rb", "a;b", "`id`", "x" * 200, "é"])
def test_an_identifier_comes_back_only_if_it_is_harmless(identifier: str) -> None:
    _, reply, _ = attacked(f"\x1b]99;i={identifier}:p=?;\x1b\\\x1b]22;?{identifier}\x1b\\")
    assert identifier.encode() not in reply


@given(
    st.sampled_from(
        [
            "\x1b]{}\a",
            "\x1bP{}\x1b\\",
            "\x1b_{}\x1b\\",
            "\x1b[{}",
            "\x1b]4;{}\a",
            "\x1b]99;{}\a",
            "\x1bP$q{}\x1b\\",
            "\x1bP+q{}\x1b\\",
        ]
    ),
    st.text(max_size=30),
    st.text("0123456789;:?ip=x,", max_size=20),
)
def test_no_answer_holds_a_control_that_could_type(form: str, text: str, parameters: str) -> None:
    _, reply, _ = attacked(form.format(parameters + text) * 2 + form.format(text))
    # Answers are escape sequences: nothing in them but printable ASCII, ESC, and the BEL that ended the question.
    assert re.fullmatch(rb"[\x20-\x7e\x1b\x07]*", reply)
    assert not re.search(rb"\x1b(?![\[\]P\\])", reply)
