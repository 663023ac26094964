"""Shell lines taken apart as a shell would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.engine.lexing import SimpleCommand, Unlexable, lex


def words(line: str) -> list[tuple[str, ...]]:
    return [command.words for command in lex(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pip install 'a b' \"c\"d\\ e", [("pip", "install", "a b", "cd e")]),
        ("a && b || c; d & e | f |& g", [("a",), ("b",), ("c",), ("d",), ("e",), ("f",), ("g",)]),
        ("a # b; c\nd", [("a",), ("d",)]),
        ("echo a#b", [("echo", "a#b")]),
        ("a \\\n b", [("a", "b")]),
        ("a > out 2>&1 < in >> more &> all b", [("a", "b")]),
        ("echo $((1 + (2))) ${x:-)} $'it\\'s'", [("echo", "$((1 + (2)))", "${x:-)}", "it\\'s")]),
        ("(cd a && make) & { b; }", [("cd", "a"), ("make",), ("b",)]),
        ("if [[ -f x && $a =~ (b) ]]; then make; else ninja; fi", [("[[",), ("make",), ("ninja",)]),
        ("for f in a b; do python $f; done", [("python", "$f")]),
        ("for ((i=0; i<3; i++)); do ls; done", [("ls",)]),
        ("while read l; do echo; done < f", [("read", "l"), ("echo",)]),
        ("case $x in a|b) make;; (c) ninja ;; *) ;; esac; ls", [("make",), ("ninja",), ("ls",)]),
        ("f() { git push; }; function g { ls; }; f", [("git", "push"), ("ls",), ("f",)]),
        ("x=(a b); declare -a y=(c)", [("declare", "-a", "y=(c)")]),
        ("! grep x y", [("grep", "x", "y")]),
        ("", []),
    ],
)
def test_a_line_is_taken_apart(line: str, expected: list[tuple[str, ...]]) -> None:
    assert words(line) == expected


def test_commands_in_substitutions_follow_the_one_they_stand_in() -> None:
    assert words('x=$(pip install $(echo a)) echo "$(date) `id`"') == [
        ("echo", "$(date) `id`"), ("pip", "install", "$(echo a)"), ("echo", "a"), ("date",), ("id",),
    ]  # fmt: skip
    assert words("diff <(sort a) <(sort b)")[1:] == [("sort", "a"), ("sort", "b")]


def test_the_text_of_a_here_document_is_no_command() -> None:
    assert words("cat <<EOF | psql\nselect 'it''s $(x\nEOF\nls") == [("cat",), ("psql",), ("ls",)]
    assert words("cat <<-'E O'\n\tpip install x\n\tE O\nls") == [("cat",), ("ls",)]


def test_what_feeds_a_command_and_where_it_writes_is_known() -> None:
    first, second = lex("A=1 B='x y' a | b > f")
    assert first == SimpleCommand(("a",), ("A=1", "B=x y"), is_fed=False, is_piped=True)
    assert (second.is_fed, second.is_piped) == (True, True)
    assert [command.is_fed for command in lex("a < f; b <<< x; c 2> f")] == [True, True, False]


@pytest.mark.parametrize(
    "line", ["echo 'a", 'echo "a', "echo $(a", "echo `a", "a )", "(a", "[[ a", "case x in a", "a >", "echo a\\"]
)
def test_a_line_that_is_not_complete_is_refused(line: str) -> None:
    with pytest.raises(Unlexable):
        lex(line)


def test_nesting_costs_neither_time_nor_the_stack() -> None:
    deep = "echo " + "$(a " * 30 + ")" * 30
    assert len(lex(deep)) == 31
    with pytest.raises(Unlexable):
        lex("echo " + "$(a " * 500 + ")" * 500)


@given(st.text(alphabet="ab '\"\\$(){}`;|&<>\n#=[]!*", max_size=40))
def test_any_text_is_taken_apart_or_refused(line: str) -> None:
    try:
        commands = lex(line)
    except Unlexable:
        return
    assert all(command.words for command in commands)
