"""Pasted text is text only, in brackets it cannot end; dropped files are one word each."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.terminal.modes import Modes
from synk.terminal.paste import encode_paste, quote_path, quote_paths

PLAIN = Modes()


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a\nb\r\nc\rd", b"a\rb\rc\rd"),
        ("tab\tbell\a\x00\x7f\x1b[31m", b"tab\tbell[31m"),
        ("é\x85", "é".encode()),
        ("\ud800", b"?"),
    ],
)
def test_paste_is_text_without_control_characters(text: str, sent: bytes) -> None:
    assert encode_paste(text, PLAIN) == sent


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[201~ rm -rf",
        "\x9b201~ rm -rf",
        "\x1b[20\x1b[201~1~ rm -rf",
        "\x1b[20\x1b[20\x9b201~1~1~ rm -rf",
        "\x1b\0[2\x7f01\b~ rm -rf",
        "\x1b[201~\x1b[201~ rm -rf",
    ],
)
def test_paste_cannot_end_its_brackets(text: str) -> None:
    assert encode_paste(text, Modes(bracketed_paste=True)) == b"\x1b[200~ rm -rf\x1b[201~"
    assert encode_paste(text, PLAIN) == b" rm -rf"


def test_a_tilde_and_numbers_that_are_no_marker_stay() -> None:
    assert encode_paste("~ [201~ 201~ ~~", PLAIN) == b"~ [201~ 201~ ~~"


def test_a_hostile_clipboard_of_a_megabyte_takes_one_pass() -> None:
    text = "\x1b[201" * 150_000 + "~" * 150_000
    assert encode_paste(text, PLAIN) == b""


@given(st.text(st.sampled_from("\x1b\x9b[201~;a\r\n\t\0\x85é")))
def test_what_is_pasted_has_no_controls_and_pasting_it_again_changes_nothing(text: str) -> None:
    sent = encode_paste(text, PLAIN).decode()
    assert all(character in "\t\r" or character.isprintable() for character in sent)
    assert encode_paste(sent, PLAIN).decode() == sent


@given(st.text())
def test_text_without_controls_is_pasted_as_it_is(text: str) -> None:
    plain = "".join(character for character in text if character.isprintable())
    assert encode_paste(plain, Modes(bracketed_paste=True)) == b"\x1b[200~" + plain.encode() + b"\x1b[201~"


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/home/me/a-b_c.txt", "/home/me/a-b_c.txt"),
        ("/home/me/a b", "'/home/me/a b'"),
        ("/home/it's", "'/home/it'\\''s'"),
        ("/größe/数", "/größe/数"),
        ("/a\nb", "$'/a\\012b'"),
        ("/a\x1b[201~", "$'/a\\033[201~'"),
        ("/\udcff", "$'/\\377'"),
        ("", "''"),
    ],
)
def test_a_dropped_file_is_one_quoted_word(path: str, word: str) -> None:
    assert quote_path(path) == word


def test_dropped_files_are_words_with_room_for_the_next() -> None:
    assert quote_paths(["/a", "/b c"]) == "/a '/b c' "
    assert quote_paths([]) == ""


AWKWARD = ["/a b", "/it's", "/a\\b", "/a\\\\b'c\\'", "/$HOME `id` $(id)", "/*?[x]{a,b}", "/~x;&|<>#!\"", "=x", "~", "-n", "/ü ☃"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_read_a_quoted_path_as_it_was(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    paths = AWKWARD if shell == "fish" else [*AWKWARD, "/a\nb", "/a\t\x01'\\7", "/\udcff8"]
    command = "printf '%s\\0' " + quote_paths(paths)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    run = [program, "--no-config", "-c"] if shell == "fish" else [program, "-c"]
    done = subprocess.run([*run, command], env=environment, capture_output=True, check=True)
    assert done.stdout.split(b"\0")[:-1] == [path.encode("utf-8", "surrogateescape") for path in paths]
