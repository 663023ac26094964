"""Splits a byte stream into text and control sequences, in any chunking, and runs an action for each.

The state machine is the one of the VT500 (ECMA-48, DEC STD 070, as drawn by Paul Flo Williams). One regular
expression finds whole sequences in C; only what it leaves over (a sequence cut by the end of a chunk, or with
control characters inside) goes through the machine character by character.
"""

import codecs
import re
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import Protocol

from synk.terminal.sent import SGR

Action = Callable[[], object]
BEL = "\x07"
ST = "\x1b\\"

# A printable run ends at a control character (C0, DEL, C1). After ESC a complete sequence is taken along; SGR
# sequences with text between and after them are one token, from the third sequence on: one or two are known ones,
# most times, and as fast by themselves. So are positions with text after them, from the fifth on. Characters that are told by
# what they are take a third of the time of those that are told by what they are not.
_TOKEN = re.compile(
    r"""(
    [\x00-\x1f\x7f-\x9f]
    (?:
        (?<=\x1b)
        (?: \[ [0-9:;]*+ m (?: [\ -~\xa0-\U0010ffff]*+ \x1b (?: \[ [0-9:;]*+ m | \(B ) ){2,}+ [\ -~\xa0-\U0010ffff]*+
          | (?: \[ [0-9:;]*+ m | \(B ) (?: \x1b (?: \[ [0-9:;]*+ m | \(B ) )++
          | \[ [0-9]{1,5}+;[0-9]{1,5}+H [\ -~]++ (?: \x1b\[ [0-9]{1,5}+;[0-9]{1,5}+H [\ -~]++ ){4,}+
          | \[ (?: [0-9]{1,5}+ (?: ; [0-9]{1,5}+ )?+ )?+ H [\ -~\xa0-\U0010ffff]*+
            (?: \x1b (?: \[ (?: [0-9:;]{0,255}+ m | K ) | \(B ) [\ -~\xa0-\U0010ffff]*+ )++
            (?:
                (?: \x1b\[ (?: [0-9]{1,5}+ (?: ; [0-9]{1,5}+ )?+ )?+ H | \r\n )
                [\ -~\xa0-\U0010ffff]*+ (?: \x1b (?: \[ (?: [0-9:;]{0,255}+ m | K ) | \(B ) [\ -~\xa0-\U0010ffff]*+ )*+
            )++
          | \[ [0-?]*+ [\ -/]*+ [@-~]
          | \] [^\x00-\x1f\x7f-\x9f]*+ (?: \x07 | \x1b\\ )
          | [\ -/]++ [0-~]
          | 6 (?: \x1b6 )*+ | 9 (?: \x1b9 )*+ | c (?: \x1bc )*+
          | [0-OQ-WYZ\\`-~]
        )
      | (?<=\r) \n
      | (?<=[\n\v\f]) [\n\v\f]++
    )?+
    )""",
    re.VERBOSE,
)
# How the tokens begin that have positions with text after them: nothing but that, or sequences of SGR and EL too.
_SCATTERED = re.compile(r"\x1b\[[0-9]++;[0-9]++H[ -~]++\x1b\[[0-9]++;[0-9]++H")
_POSITION = re.compile(r"\x1b\[[0-9;]*+H")
# Lines of text, plain or colored: the bulk of what scrolls by.
_LINES = re.compile(r"(?:[ -~]*+(?:\x1b\[(?:[0-9:;]*+m|K)[ -~]*+)*+\r\n)*+")
# Fewer are not worth the try.
_MIN_LINES_CHARS = 100
_MIN_LINES = 8
_PRINTABLE = bytes(range(0x20, 0x7F))

# Longer than any sequence a program sends; what is longer is consumed and means nothing.
MAX_CSI_CHARS = 4096
MAX_OSC_CHARS = 64 * 1024
MAX_CLIPBOARD_CHARS = 1024 * 1024
MAX_DCS_CHARS = 4 * 1024 * 1024
# A file given in one piece is cut: the list of its tokens would take twenty times its size.
_MAX_BITE_BYTES = 256 * 1024
# Sequences whose action is remembered: every place of a 120 x 40 screen, and the few hundred others of one program.
_MAX_REMEMBERED = 8192
_MAX_REMEMBERED_CHARS = 48
_NEVER_REMEMBERED = ("\x1b]",)
_SENT_STARTS = ("\x1b[", "\x1b(")


class Sequences(Protocol):
    """What the parser needs from the terminal behind it."""

    def draw(self, data: str) -> None:
        """Show printable text, without control characters."""

    def draw_lines(self, block: str) -> None:
        """Show lines of ASCII text, with sequences of SGR and EL in it, each ended by CR LF."""

    def draw_sent(self, source: str) -> None:
        """Show text with SGR sequences in it, among which may be some that select the US character set as G0."""

    def select_all(self, source: str) -> None:
        """Carry out SGR sequences, among which may be some that select the US character set as G0."""

    def draw_scattered(self, source: str) -> None:
        """Carry out cursor positions (CUP with two parameters), each followed by ASCII text."""

    def redraw(self, source: str) -> str:
        """Carry out cursor positions (CUP or CR LF), each followed by text with SGR and EL; returns what follows the last."""

    def linefeeds(self, count: int) -> None:
        """Carry out so many LF, VT or FF."""

    def control(self, char: str) -> Action | None:
        """The action of a C0 control (or of CR LF), None if it has none."""

    def escape(self, intermediates: str, final: str, count: int = 1) -> Action | None:
        """The action of `ESC intermediates final`, or of so many of these in a row."""

    def csi(self, prefix: str, parameters: str, intermediates: str, final: str) -> Action | None:
        """The action of a control sequence; `prefix` is one of `? > < =` or empty."""

    def osc(self, payload: str, end: str) -> None:
        """Carry out an operating system command; `end` is what ended it, BEL or ST."""

    def dcs_part(self, text: str, *, is_first: bool) -> None:
        """Look at a part of a device control string as it comes; `dcs` follows with the whole, unless it is given up."""

    def dcs(self, payload: str) -> None:
        """Carry out a device control string; `payload` starts with its parameters."""

    def apc(self, payload: str) -> None:
        """Carry out an application program command."""


class State(Enum):
    """Where in a sequence the stream is."""

    GROUND = auto()
    ESCAPE = auto()
    CSI = auto()
    OSC = auto()
    DCS = auto()
    APC = auto()
    STRING = auto()
    """SOS, PM: consumed to their end."""


_STRING_STATES = (State.OSC, State.DCS, State.APC, State.STRING)
_STRING_STARTS = {"]": State.OSC, "P": State.DCS, "X": State.STRING, "^": State.STRING, "_": State.APC}
_CSI = re.compile(r"([?><=]?)([0-9:;]*)([ -/]*)([@-~])")
# Pieces of a string are joined now and then: a list of single characters takes ten times the memory.
_MAX_PIECES = 4096


def _nothing() -> None:
    """The action of everything that is not known."""


class Parser:
    """Feeds `Sequences` from bytes. Never raises for any input, holds at most one capped sequence."""

    def __init__(self, sequences: Sequences) -> None:
        self._sequences = sequences
        # One U+FFFD per maximal invalid part, whatever the chunking; ASCII takes its fast path in C.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._actions: dict[str, Action] = {}
        self._seen: set[str] = set()
        self._state = State.GROUND
        self._collected: list[str] = []
        self._size = 0
        self._ending = State.GROUND
        """The string that the ESC just seen may end, if a backslash follows."""
        self._before = ""
        """The text right before the sequence that comes next, "" after another sequence; or text with sequences in it."""

    def feed(self, data: bytes) -> None:
        """Parse `data`, the next bytes of the stream."""
        for start in range(0, len(data), _MAX_BITE_BYTES):
            bite = data[start : start + _MAX_BITE_BYTES] if start or len(data) > _MAX_BITE_BYTES else data
            if b"\x1b" not in bite and self._state is State.GROUND and not self._decoder.getstate()[0]:
                bite = self._feed_plain_lines(bite)
            self.feed_text(self._decoder.decode(bite))

    def _feed_plain_lines(self, bite: bytes) -> bytes:
        """Draw the lines of ASCII text if there is nothing else but the start of one more; returns the rest.

        Leaving out all printable bytes in C shows that: for short lines ten times as fast as the regular expression.
        """
        first = bite[:1] == b"\n"
        ends = bite.translate(None, _PRINTABLE)[first:]
        count = len(ends) // 2
        if count < _MIN_LINES or ends[: 2 * count] != b"\r\n" * count or ends[2 * count :] not in (b"", b"\r"):
            return bite
        end = bite.rfind(b"\r\n") + 2
        if bite.count(b"\r\n") != count or bite.find(b"\r", end) not in (-1, len(bite) - 1):
            return bite
        if first:
            self.feed_text("\n")
        self._sequences.draw_lines(bite[first:end].decode("ascii"))
        self._before = ""
        return bite[end:]

    def feed_text(self, text: str) -> None:
        """Parse text that is already decoded."""
        start, end = 0, len(text)
        if text[:1] == "\n" and self._state is State.GROUND:
            # The chunk before ended between CR and LF.
            self._feed_tokens("\n")
            start = 1
        tries_lines = True
        while start < end:
            if tries_lines and self._state is State.GROUND:
                rest = self._draw_lines(text, start)
                # Where lines follow on a line that holds something else they most likely do so again.
                tries_lines = rest - start >= _MIN_LINES_CHARS or start <= 1
                start = rest
            cut = text.find("\n", start) + 1 if tries_lines else 0
            if start < end:
                self._feed_tokens(text[start : cut or end])
                start = cut or end

    def _feed_tokens(self, text: str) -> None:
        draw, draw_sent = self._sequences.draw, self._sequences.draw_sent
        actions = self._actions
        # Text and sequences take turns; the first text is empty if the chunk starts with a sequence.
        tokens = iter(_TOKEN.split(text))
        first = next(tokens)
        if first:
            self._text(first)
        is_ground = self._is_ground()
        known = actions.get
        for token in tokens:
            # Two of three tokens of a redraw are known ones, and no action that is remembered leaves the ground state.
            if is_ground and (action := known(token)) is not None:
                action()
                self._before = token = next(tokens)
                if token:
                    draw(token)
                continue
            if token[:2] in _SENT_STARTS and token.find("\x1b", 2) > 0:
                # Text with sequences in it, and all text up to the next control: another one may have been cut by it.
                if not is_ground:
                    self._to_ground()
                if _SCATTERED.match(token):
                    self._sequences.draw_scattered(token)
                elif _POSITION.match(token):
                    self._before = self._sequences.redraw(token)
                    is_ground = True
                    if token := next(tokens):
                        self._before = token
                        draw(token)
                    continue
                else:
                    draw_sent(token)
                    if len(token) <= _MAX_REMEMBERED_CHARS and not SGR.sub("", token):
                        self._remember(token, partial(self._sequences.select_all, token))
                is_ground = True
                following = next(tokens)
                self._before = following or token
                if following:
                    draw(following)
                continue
            if is_ground or self._interrupt(token):
                self._action(token)()
            token = next(tokens)
            is_ground = self._is_ground()
            if is_ground:
                self._before = token
                if token:
                    draw(token)
            elif token:
                self._text(token)
                is_ground = self._is_ground()

    def _text(self, text: str) -> None:
        """Text, some of which may belong to the sequence in flight."""
        rest = text if self._state is State.GROUND else self._continue(text)
        if rest is not None:
            self._before = rest
            self._sequences.draw(rest)

    def _draw_lines(self, text: str, start: int) -> int:
        """Draw the lines that begin at `start`; returns where the rest begins."""
        lines = _LINES.match(text, start)
        if lines is None or lines.end() == start:
            return start
        self._sequences.draw_lines(lines[0])
        self._before = ""
        return lines.end()

    def pending(self) -> tuple[bytes, str, str, str, bool]:
        """What is in flight: bytes of a character, name of the state, text collected, name of the string being ended,
        and whether text came last before the sequence."""
        undecoded, _ = self._decoder.getstate()
        return undecoded, self._state.name, "".join(self._collected), self._ending.name, self._is_after_text()

    def _is_after_text(self) -> bool:
        before = self._before
        at = before.rfind("\x1b")
        return bool(before) if at < 0 else SGR.fullmatch(before, at) is None

    @staticmethod
    def check(undecoded: bytes, state: str, collected: str, ending: str, is_after_text: bool) -> None:
        """Refuse what cannot have come from `pending`.

        Raises:
            ValueError: it did not.
        """
        if state not in State.__members__ or ending not in State.__members__ or type(is_after_text) is not bool:
            raise ValueError(f"unknown parser state: {state!r:.40} {ending!r:.40}")
        if collected and State[state] is State.GROUND:
            raise ValueError("text collected outside of a sequence")
        if codecs.getincrementaldecoder("utf-8")("replace").decode(undecoded):
            raise ValueError("more than the start of one character")

    def resume(self, undecoded: bytes, state: str, collected: str, ending: str, is_after_text: bool) -> None:
        """Continue as a parser whose `pending` this was; see `check`."""
        self._before = " " if is_after_text else ""
        self._state, self._ending = State[state], State[ending]
        self._decoder.reset()
        self._decoder.decode(undecoded)
        self._collected = [collected] if collected else []
        self._size = len(collected)
        if collected and State.DCS in (self._state, self._ending):
            self._sequences.dcs_part(collected, is_first=True)

    def _action(self, token: str) -> Action:
        """Find (and remember) what a token does."""
        known = self._actions.get(token)
        if known is not None:
            return known
        if token == "\x1b":
            return self._enter_escape
        action = self._sequence_action(token) or _nothing
        if len(token) > _MAX_REMEMBERED_CHARS or token.startswith(_NEVER_REMEMBERED):
            return action
        # Remembered when it comes a second time: the colors of a picture come once, and would only fill the memory.
        if token in self._seen:
            self._remember(token, action)
            self._seen.discard(token)
        else:
            if len(self._seen) >= _MAX_REMEMBERED:
                self._seen.clear()
            self._seen.add(token)
        return action

    def _remember(self, token: str, action: Action) -> None:
        if len(self._actions) >= _MAX_REMEMBERED:
            self._actions.clear()
        self._actions[token] = action

    def _sequence_action(self, token: str) -> Action | None:
        if len(token) > 1 and token[0] in "\n\v\f":
            return partial(self._sequences.linefeeds, len(token))
        if token[0] != "\x1b":
            return self._sequences.control(token)
        if token[1] == "[":
            return self._csi_action(token[2:])
        if token[1] == "]":
            end = BEL if token[-1] == BEL else ST
            payload = token[2 : -len(end)]
            if len(payload) <= _osc_limit(payload):
                self._sequences.osc(payload, end)
            return None
        if token[2:3] == "\x1b":
            return self._sequences.escape("", token[1], len(token) // 2)
        return self._sequences.escape(token[1:-1], token[-1])

    def _csi_action(self, body: str) -> Action | None:
        if len(body) > MAX_CSI_CHARS:
            return None
        parameters, final = body[:-1], body[-1]
        digits = parameters.replace(";", "")
        if (digits.isdecimal() and digits.isascii()) or not parameters:
            if final == "b":
                return self._repeat_action(parameters)
            return self._sequences.csi("", parameters, "", final)
        match = _CSI.fullmatch(body)
        if match is None:
            return None
        prefix, parameters, intermediates, final = match.groups()
        return self._sequences.csi(prefix, parameters, intermediates, final)

    def _repeat_action(self, parameters: str) -> Action:
        """REP, the only sequence that depends on what was before it: nothing is repeated but text, as in xterm."""

        def repeat() -> None:
            if self._is_after_text() and action is not None:
                action()

        action = self._sequences.csi("", parameters, "", "b")
        return repeat

    def _enter_escape(self) -> None:
        self._ending = self._state if self._state in _STRING_STATES else State.GROUND
        if self._ending is State.GROUND:
            self._drop()
        self._state = State.ESCAPE

    def _drop(self) -> None:
        self._collected.clear()
        self._size = 0

    def _to_ground(self) -> None:
        self._state = self._ending = State.GROUND
        self._drop()

    def _interrupt(self, token: str) -> bool:
        """A control or a whole sequence came inside a sequence; True if it is to be carried out."""
        if token == "\x1b":
            if self._state is State.ESCAPE:
                # A second ESC gives up the string that the first one might have ended.
                self._to_ground()
            self._enter_escape()
            return False
        if token[0] == "\x1b":
            if token == ST and self._state in _STRING_STATES:
                self._end_string(self._state, ST)
                return False
            self._to_ground()
            return True
        if token in ("\x18", "\x1a"):
            self._to_ground()
            return False
        if token == BEL and self._state is State.OSC:
            self._end_string(State.OSC, BEL)
            return False
        # Controls inside a string are not part of it; inside other sequences they are carried out.
        return self._state not in _STRING_STATES and not (self._state is State.ESCAPE and self._ending is not State.GROUND)

    def _end_string(self, kind: State, end: str) -> None:
        payload = "".join(self._collected)
        is_whole = self._size <= _limit(kind, payload)
        self._to_ground()
        if is_whole and kind is State.OSC:
            self._sequences.osc(payload, end)
        elif is_whole and kind is State.DCS:
            self._sequences.dcs(payload)
        elif is_whole and kind is State.APC:
            self._sequences.apc(payload)

    def _continue(self, text: str) -> str | None:
        """Take what belongs to the sequence in flight; returns the rest, which is printable, or None if more is to come."""
        for position, char in enumerate(text):
            if self._state in _STRING_STATES:
                self._collect_string(text[position:])
                return None
            if char >= "\x7f":
                # Not part of any sequence: the sequence is given up, the character is shown.
                self._to_ground()
                return text[position:]
            if self._state is State.ESCAPE:
                self._continue_escape(char)
            else:
                self._continue_csi(char)
            if self._is_ground():
                return text[position + 1 :]
        return None

    def _is_ground(self) -> bool:
        return self._state is State.GROUND

    def _continue_escape(self, char: str) -> None:
        if self._ending is not State.GROUND:
            kind, self._ending = self._ending, State.GROUND
            if char == "\\":
                self._end_string(kind, ST)
                return
            self._drop()
        if char < "0":
            self._collect(char)
            return
        intermediates = "".join(self._collected)
        if not intermediates and char == "[":
            self._state = State.CSI
        elif not intermediates and char in _STRING_STARTS:
            self._state = _STRING_STARTS[char]
        else:
            self._to_ground()
            self._run(self._sequences.escape(intermediates[:MAX_CSI_CHARS], char))

    def _continue_csi(self, char: str) -> None:
        if char < "@":
            self._collect(char)
            return
        body = "".join(self._collected) + char
        self._to_ground()
        self._run(self._csi_action(body))

    def _collect(self, char: str) -> None:
        # One more than the limit is enough to know that it was passed.
        if self._size <= MAX_CSI_CHARS:
            self._collected.append(char)
            self._size += 1

    def _collect_string(self, text: str) -> None:
        state = self._state
        if state is State.STRING:
            return
        pieces = self._collected
        if pieces and (len(pieces[0]) < 3 or len(pieces) >= _MAX_PIECES):
            # The first piece must be long enough to tell a clipboard write from the rest.
            pieces[:] = ["".join(pieces)]
        # One character beyond the limit is enough to know that it was passed.
        room = _limit(state, pieces[0] if pieces else text) + 1 - self._size
        if room > 0:
            if state is State.DCS:
                self._sequences.dcs_part(text[:room], is_first=not self._size)
            pieces.append(text[:room])
            self._size += min(room, len(text))

    @staticmethod
    def _run(action: Action | None) -> None:
        if action is not None:
            action()


def _osc_limit(payload: str) -> int:
    return MAX_CLIPBOARD_CHARS if payload.startswith("52;") else MAX_OSC_CHARS


def _limit(state: State, payload: str) -> int:
    return _osc_limit(payload) if state is State.OSC else MAX_DCS_CHARS
