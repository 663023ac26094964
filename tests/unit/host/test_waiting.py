"""What a prompt is, from the end of a program's output."""

import pytest

from synk.host.waiting import last_line


@pytest.mark.parametrize(
    ("output", "prompt"),
    [
        (b"", ""),
        (b"all done\n", ""),
        (b"one\ntwo\nName: ", "Name: "),
        (b"\x1b[1mContinue?\x1b[0m [y/N] ", "Continue? [y/N] "),
        (b"50%\rInstall? ", "Install? "),
        (b"Overwrite?\r", "Overwrite?"),
        (b"\x1b]0;title\x07>>> \x1b[K", ">>> "),
        ("Größe: ".encode(), "Größe: "),
        (b"x" * 3000, "x" * 500),
    ],
)
def test_the_prompt_is_the_last_incomplete_line_as_it_is_read(output: bytes, prompt: str) -> None:
    assert last_line(output) == prompt
