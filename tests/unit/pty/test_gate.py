"""The gate without a shell: how a lease is written, how an answer reads, and what start-up output is kept."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.pty import gate as gate_module
from synk.pty.gate import Gate, Lease, StartupOutput

TOKEN = "0123456789abcdef"
MARKER = f"__SYNK_READY__:{TOKEN}\r\n".encode()
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate.open(str(tmp_path), family="bash", shell="/bin/bash", resources="/resources")
    yield gate
    gate.close()


def fields(data: bytes) -> list[bytes]:
    *parts, last = data.split(b"\0")
    assert last == b""
    return parts


def received(gate: Gate) -> bytes:
    """What a shell would find in its pipe now; the gate's own end reads as well as writes."""
    try:
        return os.read(gate.lease_fd, 1 << 20)
    except BlockingIOError:
        return b""


def answer(gate: Gate, text: bytes) -> None:
    os.write(gate.answer_fd, text)


def test_lease_is_written_in_fields_that_end_with_nul() -> None:
    lease = Lease("/tmp/a b", {"ONE": "1\n2", "EMPTY": ""}, unset=("GONE",), argv=("agent", ""))
    assert fields(lease.encode()) == [
        b"/", b"/tmp/a b", b"-", b"GONE", b"+", b"ONE", b"1\n2", b"+", b"EMPTY", b"", b"=", b"agent", b"=", b"", b".",
    ]  # fmt: skip


def test_bytes_that_are_not_utf8_are_escaped_for_a_shell_that_reads_characters() -> None:
    lease = Lease(os.fsdecode(b"/\xff\\"), {"PLAIN": "é\\", "BYTES": os.fsdecode(b"a\n\xe9")})
    assert fields(lease.encode()) == [b"/", b"/\xff\\", b"+", b"PLAIN", "é\\".encode(), b"+", b"BYTES", b"a\n\xe9", b"."]
    assert fields(lease.encode(only_utf8=True)) == [
        b"/%", b"/\\xff\\x5c", b"+", b"PLAIN", "é\\".encode(), b"+%", b"BYTES", b"a\\x0a\\xe9", b".",
    ]  # fmt: skip


@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True), texts), st.lists(texts))
def test_every_lease_can_be_read_back(variables: dict[str, str], argv: list[str]) -> None:
    rest = iter(fields(Lease("/", variables, argv=tuple(argv)).encode()))
    seen: dict[str, str] = {}
    arguments: list[str] = []
    while (mark := next(rest)) != b".":
        text = next(rest).decode()
        if mark == b"+":
            seen[text] = next(rest).decode()
        elif mark == b"=":
            arguments.append(text)
    assert (seen, arguments) == (variables, argv)
    assert next(rest, None) is None


@pytest.mark.parametrize(
    ("lease", "message"),
    [
        (Lease("relative"), "The directory of a lease must be absolute, not 'relative'"),
        (Lease(""), "The directory of a lease must be absolute, not ''"),
        (Lease("/", {"9X": "1"}), "Variable 9X is not a valid name"),
        (Lease("/", {"A\n": "1"}), "is not a valid name"),
        (Lease("/", unset=("A=B",)), "Variable A=B is not a valid name"),
        (Lease("/", {"A": "\0"}), "A lease cannot carry NUL characters"),
        (Lease("/", argv=("a\0b",)), "A lease cannot carry NUL characters"),
        (Lease("/\0"), "A lease cannot carry NUL characters"),
    ],
)
def test_lease_that_would_not_arrive_unchanged_is_refused(gate: Gate, lease: Lease, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        gate.send(lease)
    assert received(gate) == b""


def test_gate_is_private_and_leaves_nothing(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    gate = Gate.open(str(tmp_path), family="bash", shell="/bin/bash", resources="/resources")
    (folder,) = tmp_path.iterdir()
    assert folder.name == gate.token
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not os.get_inheritable(gate.lease_fd)
    assert not os.get_inheritable(gate.answer_fd)
    gate.close()
    gate.close()
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_every_gate_has_its_own_token(tmp_path: Path) -> None:
    gates = [Gate.open(str(tmp_path), family="zsh", shell="/bin/zsh", resources="/r") for _ in range(20)]
    for gate in gates:
        gate.close()
    assert len({gate.token for gate in gates}) == 20
    assert all(len(gate.token) == 16 for gate in gates)


def test_gate_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_for_answer(path: str, _mode: int) -> None:
        if path.endswith("answer"):
            raise OSError(errno.ENOSPC, "No space left on device")
        make(path, _mode)

    make = os.mkfifo
    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(os, "mkfifo", fail_for_answer)
    with pytest.raises(OSError, match="No space"):
        Gate.open(str(tmp_path), family="bash", shell="/bin/bash", resources="/resources")
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == before


def test_answers_are_sentences_for_the_user(gate: Gate, tmp_path: Path) -> None:
    lease = Lease(str(tmp_path), argv=("agent",))
    gate.send(lease)
    assert gate.read_answer() is None
    for word, sentence in [
        (b"missing\n", f"Folder {tmp_path} does not exist"),
        (b"file\n", f"Folder {tmp_path} is not a folder"),
        (b"denied\n", f"Folder {tmp_path} cannot be entered: permission denied"),
        (b"program\n", "Cannot start agent: not found in PATH"),
        (b"ok\n", ""),
    ]:
        answer(gate, word)
        assert gate.read_answer() == sentence
    assert gate.read_answer() is None


def test_answer_in_pieces_is_complete_with_its_line_end(gate: Gate) -> None:
    gate.send(Lease("/"))
    answer(gate, b"o")
    assert gate.read_answer() is None
    answer(gate, b"k\n")
    assert gate.read_answer() == ""


def test_program_with_a_path_is_told_apart_from_one_that_may_not_run(gate: Gate, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("")
    gate.send(Lease(str(tmp_path), argv=("./text",)))
    answer(gate, b"program\n")
    assert gate.read_answer() == "Cannot start ./text: not executable"
    gate.send(Lease(str(tmp_path), argv=("./none",)))
    answer(gate, b"program\n")
    assert gate.read_answer() == "Cannot start ./none: no such file"


def test_lease_larger_than_the_pipe_goes_out_piece_by_piece(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    # As for a user who has used up the memory the system allows for pipes.
    monkeypatch.setattr(gate_module, "_make_room", lambda _fd, _size_bytes: None)
    lease = Lease("/", {f"V{number}": "x" * 50_000 for number in range(5)})
    gate.send(lease)
    data = b""
    while gate.pending:
        data += received(gate)
        gate.pump()
    assert data + received(gate) == lease.encode()


def test_pipe_grows_so_that_a_large_lease_goes_out_at_once(gate: Gate) -> None:
    lease = Lease("/", {"LARGE": "x" * 100_000})
    if fcntl.fcntl(gate.lease_fd, fcntl.F_GETPIPE_SZ) >= len(lease.encode()):
        pytest.skip("pipes are that large here")
    gate.send(lease)
    assert not gate.pending


@given(st.binary(max_size=300), st.binary(max_size=100), st.data())
def test_any_chunking_finds_the_marker_and_keeps_the_rest(before: bytes, after: bytes, data: st.DataObject) -> None:
    stream = before + MARKER + after
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8).map(sorted))
    output = StartupOutput(TOKEN)
    seen = [output.feed(stream[start:end]) for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert seen[-1]
    assert seen == sorted(seen)
    assert output.text == before + after


def test_marker_of_a_terminal_without_output_processing_is_found() -> None:
    output = StartupOutput(TOKEN)
    assert output.feed(f"raw\n__SYNK_READY__:{TOKEN}\n".encode())
    assert output.text == b"raw\n"


@pytest.mark.parametrize("text", [b"__SYNK_READY__:ffffffffffffffff\r\n", MARKER[:-2], b"__SYNK_READY__:\r\n"])
def test_what_only_resembles_the_marker_is_output(text: bytes) -> None:
    output = StartupOutput(TOKEN)
    assert not output.feed(text)
    assert output.text == text


def test_marker_counts_once_and_a_second_one_is_output() -> None:
    output = StartupOutput(TOKEN)
    assert output.feed(MARKER + MARKER)
    assert output.text == MARKER


def test_of_too_much_output_the_last_whole_lines_are_kept() -> None:
    output = StartupOutput(TOKEN, limit_bytes=100)
    for number in range(50):
        output.feed(f"line {number}\r\n".encode())
    assert output.feed(MARKER)
    lines = output.text.split(b"\r\n")
    assert len(output.text) <= 100
    assert lines[-2] == b"line 49"
    assert all(line.startswith(b"line ") for line in lines[:-1])


def test_marker_is_found_after_a_flood_of_output() -> None:
    output = StartupOutput(TOKEN, limit_bytes=1000)
    for _ in range(100):
        assert not output.feed(b"x" * 999 + b"\n")
    for byte in MARKER[:-1]:
        assert not output.feed(bytes([byte]))
    assert output.feed(b"\n")
    assert MARKER.strip() not in output.text
