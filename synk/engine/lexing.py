"""Takes a shell line apart into the simple commands it runs (POSIX shell command language, and what bash and zsh add)."""

import re
from dataclasses import dataclass

MAX_DEPTH = 40
"""Of substitutions in each other; nobody writes more, and a hostile line shall not exhaust the stack."""


class Unlexable(ValueError):
    """The line is not complete shell: a quote or bracket is left open, or one is closed that was never opened."""


@dataclass(frozen=True, slots=True)
class SimpleCommand:
    """One program with its words, as the shell would start it before expansion."""

    words: tuple[str, ...]
    """Without quotes and redirections; `$x` and `$(...)` as written. Never empty."""
    assignments: tuple[str, ...] = ()
    """`NAME=value` in front of the program."""
    is_fed: bool = False
    """Its standard input is a pipe, a file or a here-document."""
    is_piped: bool = False
    """Its standard output goes into another command or a file."""


def lex(line: str) -> tuple[SimpleCommand, ...]:
    """The simple commands of `line` in order of appearance, those in substitutions after the command they stand in.

    Raises:
        Unlexable: a shell would ask for more input, or report a syntax error.
    """
    lexer = _Lexer(line, 0)
    lexer.run("")
    return tuple(lexer.found)


_BLANK = " \t"
_META = frozenset(" \t\n;&|<>()")
_SKIPPED = frozenset(("if", "then", "elif", "else", "while", "until", "do", "{", "!", "fi", "done", "esac", "}", "coproc"))
"""Reserved words at the place of a command; what follows them is one, or the end of it."""
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^]]*\])?\+?=")
_SPECIAL = re.compile(r"[\\'\"$`\s;&|<>()]")


class _Lexer:
    """One pass over the text; nested lexers share `found`."""

    def __init__(self, text: str, depth: int, found: list[SimpleCommand] | None = None) -> None:
        if depth > MAX_DEPTH:
            raise Unlexable("nested too deeply")
        self.text = text
        self.at = 0
        self.depth = depth
        self.found: list[SimpleCommand] = [] if found is None else found
        self._words: list[str] = []
        self._assignments: list[str] = []
        self._is_fed = False
        self._writes_elsewhere = False
        self._after_pipe = False
        self._drops_words = False
        """In `for NAME in WORDS`: these are no command."""
        self._heredocs: list[tuple[str, bool]] = []
        self._nested: list[SimpleCommand] = []
        """What substitutions run in the command that is being read."""
        self._cases = 0

    def run(self, closing: str) -> None:
        """Read to the end of the text, or past `closing`."""
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in _BLANK:
                self.at += 1
            elif char == "\n":
                self.at += 1
                self._end()
                self._skip_heredocs()
            elif char == "\\" and self.text.startswith("\\\n", self.at):
                self.at += 2
            elif char == "#":
                self._skip_comment()
            elif char == ")":
                self._close(closing)
                return
            else:
                self._step(char)
        if closing:
            raise Unlexable(f"{closing} is missing")
        self._end()
        self._skip_heredocs()

    def _close(self, closing: str) -> None:
        if closing != ")" or self._cases:
            raise Unlexable(") closes nothing")
        self.at += 1
        self._end()

    def _step(self, char: str) -> None:
        if char in ";&|":
            self._operator(char)
        elif char in "<>":
            self._redirect(char)
        elif char == "(":
            self._bracket()
        else:
            self._word_or_reserved()

    def _operator(self, char: str) -> None:
        text, at = self.text, self.at
        if text.startswith("&>", at):
            self.at += 1
            self._redirect(">")
            return
        is_pipe = char == "|" and not text.startswith("||", at)
        is_case_end = text.startswith(";;", at)
        self.at += 2 if text[at : at + 2] in ("&&", "||", ";;", "|&", ";&") else 1
        self._writes_elsewhere |= is_pipe
        self._end(is_pipe)
        if is_case_end and self._cases:
            self._skip_pattern()

    def _end(self, is_pipe: bool = False) -> None:
        """The command read so far is complete."""
        nested, self._nested = self._nested, []
        if self._words and not self._drops_words:
            fed = self._is_fed or self._after_pipe
            self.found.append(SimpleCommand(tuple(self._words), tuple(self._assignments), fed, self._writes_elsewhere))
        self._words, self._assignments, self._is_fed, self._writes_elsewhere = [], [], False, False
        self._drops_words = False
        self._after_pipe = is_pipe
        self.found += nested

    def _redirect(self, char: str) -> None:
        text, at = self.text, self.at
        if text.startswith(("<(", ">("), at):
            self._words.append(self._substitution(at + 1, text[at : at + 2]))
            return
        if self._words and self._words[-1].isdigit() and text[at - 1].isdigit():
            self._words.pop()  # the number of the stream
        for sign in ("<<<", "<<-", "<<", "<>", "<&", ">>", ">&", ">|"):
            if text.startswith(sign, at):
                break
        else:
            sign = char
        self.at += len(sign)
        self._is_fed |= char == "<"
        while self.at < len(text) and text[self.at] in _BLANK:
            self.at += 1
        is_stream = self.at > 1 and self.text[at - 1 : at] == "2"
        target = self._word() if self.at < len(text) and text[self.at] not in "\n;|()" else ""
        if not target:
            raise Unlexable(f"nothing follows {sign}")
        if sign in ("<<", "<<-"):
            self._heredocs.append((target, sign == "<<-"))
        elif char == ">" and not is_stream and sign != ">&":
            self._writes_elsewhere = True

    def _bracket(self) -> None:
        text = self.text
        if text.startswith("((", self.at) and not self._words:
            self.at = self._balanced(self.at)
            self._words.append("((")
        elif not self._words:
            inner = _Lexer(text, self.depth + 1, self.found)  # a subshell
            inner.at = self.at + 1
            inner.run(")")
            self.at = inner.at
        elif text[self.at :].lstrip("( ").startswith(")") and len(self._words) == 1:
            self.at = text.index(")", self.at) + 1  # a function's name
            self._words = []
        else:
            raise Unlexable("( in the middle of a command")

    def _word_or_reserved(self) -> None:
        start = self.at
        word = self._word()
        is_bare = self.text[start : self.at] == word
        if self._words or self._drops_words:
            self._words.append(word)
            if word == "in" and self._words[0] == "case" and len(self._words) == 3:
                self._words = []
                self._cases += 1
                self._skip_pattern()
            return
        if is_bare and word in _SKIPPED and not self._assignments:
            if word == "esac" and self._cases:
                self._cases -= 1
        elif is_bare and word in ("for", "select", "function"):
            self._drops_words = word != "function"
            if word == "function":
                self._skip_name()
            else:
                self._skip_loop_head()
        elif is_bare and word == "[[":
            self._skip_test()
            self._words.append(word)
        elif _ASSIGNMENT.match(word):
            self._assignments.append(word)
        else:
            self._words.append(word)

    def _skip_loop_head(self) -> None:
        rest = self.text[self.at :].lstrip()
        if rest.startswith("(("):
            self.at = self._balanced(self.text.index("((", self.at))

    def _skip_name(self) -> None:
        match = re.compile(r"\s*[^\s(){};]+\s*(?:\(\s*\))?").match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _skip_test(self) -> None:
        end = re.compile(r"(?:^|\s)\]\](?=[\s;&|)]|$)").search(self.text, self.at)
        if end is None:
            raise Unlexable("]] is missing")
        self.at = end.end()

    def _skip_pattern(self) -> None:
        """In `case`: to the command behind the next pattern; nothing if `esac` comes first."""
        ahead = re.compile(r"\s*(?:#[^\n]*\s*)*").match(self.text, self.at)
        self.at = ahead.end() if ahead else self.at
        if re.compile(r"esac(?=[\s;&|)]|$)").match(self.text, self.at):
            return
        if self.at < len(self.text) and self.text[self.at] == "(":
            self.at += 1
        while self.at < len(self.text) and self.text[self.at] != ")":
            self.at += 1
            if self.text[self.at - 1] not in " \t|\n":
                self.at -= 1
                self._word()
        if self.at >= len(self.text):
            raise Unlexable("esac is missing")
        self.at += 1

    def _skip_comment(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _skip_heredocs(self) -> None:
        for word, strips_tabs in self._heredocs:
            while self.at < len(self.text):
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line = self.text[self.at : end]
                self.at = end + 1
                if (line.lstrip("\t") if strips_tabs else line) == word:
                    break
            self.at = min(self.at, len(self.text))
        self._heredocs = []

    def _word(self) -> str:
        """The word at the place reached, without its quotes."""
        text, parts = self.text, []
        while self.at < len(text):
            special = _SPECIAL.search(text, self.at)
            end = special.start() if special else len(text)
            parts.append(text[self.at : end])
            self.at = end
            if special is None:
                break
            char = text[end]
            if char == "(" and parts and (joined := "".join(parts)) and joined[-1] in "=?*+@!":
                self.at = self._balanced(end)  # an array, or a pattern of bash and ksh
                parts.append(text[end : self.at])
            elif char in _META:
                break
            elif char == "\\":
                parts.append("" if text.startswith("\\\n", end) else text[end + 1 : end + 2])
                self.at = end + 2
                if end + 1 >= len(text):
                    raise Unlexable("nothing follows \\")
            elif char == "'":
                parts.append(self._single(end + 1))
            elif char == '"':
                parts.append(self._double())
            else:
                parts.append(self._dollar_or_tick())
        return "".join(parts)

    def _single(self, start: int) -> str:
        end = self.text.find("'", start)
        if end < 0:
            raise Unlexable("' is missing")
        self.at = end + 1
        return self.text[start:end]

    def _double(self) -> str:
        text, parts = self.text, []
        self.at += 1
        while self.at < len(text):
            special = _IN_DOUBLE.search(text, self.at)
            if special is None:
                break
            end = special.start()
            parts.append(text[self.at : end])
            self.at = end
            if text[end] == '"':
                self.at += 1
                return "".join(parts)
            if text[end] == "\\":
                escaped = text[end + 1 : end + 2]
                parts.append("" if escaped == "\n" else escaped if escaped in '$`"\\' else "\\" + escaped)
                self.at = end + 2
            else:
                parts.append(self._dollar_or_tick())
        raise Unlexable('" is missing')

    def _dollar_or_tick(self) -> str:
        text, start = self.text, self.at
        if text[start] == "`":
            end = _TICK.match(text, start)
            if end is None:
                raise Unlexable("` is missing")
            _Lexer(end[1].replace("\\`", "`"), self.depth + 1, self._nested).run("")
            self.at = end.end()
            return end[0]
        if text.startswith("$((", start):
            self.at = self._balanced(start + 1)
        elif text.startswith("$(", start):
            return self._substitution(start + 1, "$(")
        elif text.startswith("${", start):
            self.at = self._balanced(start + 1, "{", "}")
        elif text.startswith("$'", start):
            match = _ANSI_QUOTED.match(text, start)
            if match is None:
                raise Unlexable("' is missing")
            self.at = match.end()
            return match[1]
        elif text.startswith('$"', start):
            self.at += 1
            return self._double()
        else:
            self.at += 1
        return text[start : self.at]

    def _substitution(self, start: int, opening: str) -> str:
        """`$(...)` or `<(...)` whose bracket is at `start`; its commands are found after the one around it."""
        inner = _Lexer(self.text, self.depth + 1, self._nested)
        inner.at = start + 1
        inner.run(")")
        self.at = inner.at
        return opening + self.text[start + 1 : self.at]

    def _balanced(self, start: int, opening: str = "(", closing: str = ")") -> int:
        """Behind the bracket that closes the one at `start`; quotes are respected."""
        depth, at, text = 0, start, self.text
        while at < len(text):
            char = text[at]
            if char == "\\":
                at += 1
            elif char in "'\"":
                at = text.find(char, at + 1)
                if at < 0:
                    break
            elif char == opening:
                depth += 1
            elif char == closing:
                depth -= 1
                if depth == 0:
                    return at + 1
            at += 1
        raise Unlexable(f"{closing} is missing")


_IN_DOUBLE = re.compile(r"[\"\\$`]")
_TICK = re.compile(r"`((?:[^`\\]|\\.)*)`", re.DOTALL)
_ANSI_QUOTED = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
