"""Marks of the shell: prompts, commands and what they print."""

import pytest

from synk.terminal.emulator import Emulator
from synk.terminal.events import PromptMarked
from synk.terminal.marks import Mark, MarkKind

PROMPT, COMMAND, OUTPUT, END, PICTURE = MarkKind


class Shell:
    """A terminal, and a shell that sets its marks on it."""

    def __init__(self, *, cols: int = 20, rows: int = 6) -> None:
        self.emulator = Emulator(cols=cols, rows=rows, reply=lambda _: None, scrollback_lines=1000)

    def mark(self, kind: MarkKind, status: int | None = None) -> None:
        """As shells write it."""
        self.emulator.feed(f"\x1b]133;{kind.value}{'' if status is None else f';{status}'}\x07".encode())

    def prompt(self, text: str = "$ ") -> None:
        self.mark(PROMPT)
        self.emulator.feed(text.encode())
        self.mark(COMMAND)

    def run(self, command: str, output: str, status: int | None = 0) -> None:
        """At a prompt: the command, its output, and the next prompt."""
        self.emulator.feed(command.encode() + b"\r\n")
        self.mark(OUTPUT)
        self.emulator.feed(output.replace("\n", "\r\n").encode())
        self.mark(END, status)
        self.prompt()


@pytest.fixture
def shell() -> Shell:
    shell = Shell()
    shell.prompt()
    return shell


def test_prompts_are_found_from_any_line(shell: Shell) -> None:
    for number in range(10):
        shell.run(f"c{number}", "out\n" * 3)
    emulator = shell.emulator
    line = emulator.scrolled_total + emulator.cursor.y
    found = []
    while (above := emulator.previous_prompt(line)) is not None:
        found.append(above)
        line = above
    assert found == list(range(36, -1, -4))
    assert emulator.next_prompt(5) == 8
    assert emulator.next_prompt(-3) == 0
    assert emulator.next_prompt(40) is None


def test_the_last_output_is_known_with_its_status(shell: Shell) -> None:
    emulator = shell.emulator
    assert emulator.last_output() is None
    shell.run("ls", "one\ntwo\n", 3)
    output = emulator.last_output()
    assert output is not None
    assert output.text(emulator) == "one\ntwo"
    assert emulator.shell.last_status == 3


def test_output_without_a_line_break_ends_where_the_prompt_begins(shell: Shell) -> None:
    shell.run("printf x", "x")
    output = shell.emulator.last_output()
    assert output is not None
    assert output.text(shell.emulator) == "x"


def test_a_command_without_output_has_an_empty_one(shell: Shell) -> None:
    shell.run("ls", "one\n")
    shell.run("true", "")
    output = shell.emulator.last_output()
    assert output is not None
    assert output.text(shell.emulator) == ""


def test_a_running_command_has_the_output_so_far(shell: Shell) -> None:
    emulator = shell.emulator
    emulator.feed(b"make\r\n")
    shell.mark(OUTPUT)
    assert not emulator.shell.is_at_prompt
    emulator.feed(b"compiling\r\nlinking")
    output = emulator.last_output()
    assert output is not None
    assert output.text(emulator) == "compiling\nlinking"


def test_long_output_is_copied_as_it_was_printed_at_any_width(shell: Shell) -> None:
    emulator = shell.emulator
    lines = ["x" * 50, "", "y" * 3] * 20
    shell.run("cat", "\n".join(lines) + "\n")
    for cols in (7, 90, 20):
        emulator.resize(cols=cols, rows=6)
        output = emulator.last_output()
        assert output is not None
        assert output.text(emulator) == "\n".join(lines)


def test_a_prompt_drawn_again_has_each_mark_once(shell: Shell) -> None:
    emulator = shell.emulator
    emulator.feed(b"\r\x1b[K")
    shell.prompt()
    assert emulator.marks(0, 5) == [(0, (Mark(PROMPT, 0), Mark(COMMAND, 2)))]


def test_the_end_of_a_command_and_the_next_prompt_share_a_cell(shell: Shell) -> None:
    shell.run("true", "", 1)
    (_, marks) = shell.emulator.marks(1, 1)[0]
    assert [mark.kind for mark in marks] == [OUTPUT, END, PROMPT, COMMAND]
    assert marks[1].status == 1


def test_marks_of_a_cleared_screen_are_gone(shell: Shell) -> None:
    shell.run("ls", "a\nb\n")
    shell.emulator.feed(b"\x1b[H\x1b[2J")
    shell.prompt()
    assert [line for line, _ in shell.emulator.marks(0, 5)] == [0]


def test_the_alternate_screen_has_no_marks(shell: Shell) -> None:
    shell.emulator.feed(b"\x1b[?1049h")
    shell.mark(PROMPT)
    assert shell.emulator.marks(0, 5) == []
    shell.emulator.feed(b"\x1b[?1049l")
    assert len(shell.emulator.marks(0, 5)) == 1


def test_marks_and_status_come_back_with_a_snapshot(shell: Shell) -> None:
    for number in range(4):
        shell.run("ls", "a\nb\n", number)
    copy = Emulator.restore(shell.emulator.snapshot(), reply=lambda _: None)
    assert copy.shell.last_status == 3
    assert copy.shell.is_at_prompt
    assert copy.marks(-100, 100) == shell.emulator.marks(7 - 6, 100)


def test_a_full_reset_forgets_the_shell(shell: Shell) -> None:
    shell.run("false", "", 1)
    shell.emulator.feed(b"\x1bc")
    assert shell.emulator.shell.latest is None
    assert shell.emulator.marks(-100, 100) == []


def test_events_tell_where_the_shell_stands(shell: Shell) -> None:
    shell.emulator.take_events()
    shell.mark(END, 7)
    assert shell.emulator.take_events() == [PromptMarked("end", 7)]


@pytest.mark.parametrize("payload", ["133", "133;", "133;X", "133;A;k=s", "133;P;k=r", "133;A;k=c", "133;a"])
def test_what_is_no_mark_changes_nothing(shell: Shell, payload: str) -> None:
    shell.emulator.feed(b"ls\r\n> ")
    before = shell.emulator.marks(0, 5)
    shell.emulator.feed(f"\x1b]{payload}\x1b\\".encode())
    assert shell.emulator.marks(0, 5) == before


@pytest.mark.parametrize(
    ("options", "status"),
    [("", None), (";", None), (";0", 0), (";130;aid=1", 130), (";-1", -1), (";x", None), (";--5", None), (";" + "9" * 99, None)],
)
def test_an_exit_status_is_a_number_or_not_told(shell: Shell, options: str, status: int | None) -> None:
    shell.emulator.feed(f"\x1b]133;D{options}\x07".encode())
    assert shell.emulator.shell.last_status == status


def test_a_flood_of_plain_lines_keeps_the_mark_of_the_row_it_begins_in() -> None:
    for chunks in (1, 2):
        emulator = Emulator(cols=40, rows=4, reply=lambda _data: None)
        before, after = b"\r\n" * 5 + b"\x1b]133;C\x07", b"out\r\n" * 20
        for chunk in (before, after) if chunks == 2 else (before + after,):
            emulator.feed(chunk)
        assert [mark.kind for _, marks in emulator.marks(0, 40) for mark in marks] == [MarkKind.OUTPUT]


def test_marks_of_pictures_are_no_business_of_the_shell() -> None:
    emulator = Emulator(cols=20, rows=5, reply=lambda _data: None)
    emulator.feed(b"\x1b]133;A\a$ \r\nx\r\n\x1b[1;1H")
    picture = Mark(PICTURE, 3, 1 << 12)
    for row in emulator.screen.grid.rows:
        row.marks = (*row.marks, picture)
    emulator.feed(b"\x1b]133;A\a")
    assert emulator.marks(0, 4) == [(0, (Mark(PROMPT, 0),))]
    assert all(picture in row.marks for row in emulator.screen.grid.rows)
    restored = Emulator.restore(emulator.snapshot(), reply=lambda _data: None)
    assert [row.marks for row in restored.screen.grid.rows] == [(Mark(PROMPT, 0),), (), (), (), ()]
