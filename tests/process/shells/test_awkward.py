"""Awkward commands in engine sessions (A9): each must give the right status, exit code and output, in bash and zsh."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Output = Callable[..., bytes]
LONG = "x" * 100_000
BROKEN = ("echo 'abc", 'echo "abc', "echo $(", "if true; then", "echo )", "for", "}", "cat <<'E\nx", "echo ${", "`", "((1+")
READERS = {"read x; echo got $x": "", "head -n 1": "", "printf 'Name: '; read x; echo got $x": "Name: "}
MANY = "\n".join(f"echo line {number}" for number in range(1, 401))


class Case:
    """A session, and what its commands print."""

    def __init__(self, engine: Any, kind: str, output_of: Output) -> None:
        self.engine = engine
        self.kind = kind
        self._output_of = output_of
        answer = engine.ask("shell.create", kind=kind, cwd=engine.cwd, environment=dict(engine.environment))
        self.number = answer["session"]

    def start(self, command: str, **options: Any) -> Any:
        return self.engine.ask("shell.exec", session=self.number, input=command, **options)

    def run(self, command: str, **options: Any) -> tuple[str, int | None, str]:
        """(status, code, output as a text with plain line feeds)."""
        return self.result(self.engine.wait(self.start(command, **options), ["exit", "awaiting_input"]))

    def result(self, record: Any) -> tuple[str, int | None, str]:
        output = self._output_of(record).decode().replace("\r\n", "\n")
        return record["status"], record["exit_code"], output

    def close(self) -> None:
        sessions = self.engine.ask("shell.list")["sessions"]
        if self.number in [session["session"] for session in sessions]:
            self.engine.ask("shell.close", session=self.number)


@pytest.fixture(params=["bash", "zsh"])
def case(request: pytest.FixtureRequest, engine: Any, output_of: Output) -> Iterator[Case]:
    """A new session of each kind."""
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    made = Case(engine, request.param, output_of)
    yield made
    made.close()


def test_state_lasts_from_one_command_to_the_next(case: Case) -> None:
    assert case.run("cd /usr; X=1; export Y=2; f() { echo f $1; }; alias g='echo g'") == ("completed", 0, "")
    assert case.run("echo $PWD $X $(printenv Y); f a") == ("completed", 0, "/usr 1 2\nf a\n")
    assert case.run("g b") == ("completed", 0, "g b\n")
    assert case.run("declare -i N=7; local_is_error=1; declare Z=3") == ("completed", 0, "")
    assert case.run("echo $N $Z") == ("completed", 0, "7 3\n")
    assert case.run("cd ~- ; pwd") == ("completed", 0, f"{case.engine.cwd}\n")


def test_the_status_is_that_of_the_command_before(case: Case) -> None:
    assert case.run("false") == ("failed", 1, "")
    assert case.run("echo $?") == ("completed", 0, "1\n")
    assert case.run("(exit 42)") == ("failed", 42, "")
    assert case.run("echo $?") == ("completed", 0, "42\n")
    assert case.run("no-such-command-here")[:2] == ("failed", 127)
    assert case.run("sh -c 'kill -9 $$'")[:2] == ("failed", 137)


def test_broken_syntax_fails_and_leaves_the_session_in_order(case: Case) -> None:
    for broken in BROKEN:
        status, code, output = case.run(broken)
        assert (status, code) != ("completed", 0) or broken.startswith("cat"), broken
        assert output or broken.startswith("cat"), broken
        assert case.run("echo still here") == ("completed", 0, "still here\n"), broken


def test_long_commands_and_many_lines_arrive_whole(case: Case) -> None:
    assert case.run(f"v={LONG}; echo ${{#v}}") == ("completed", 0, "100000\n")
    assert case.run(MANY) == ("completed", 0, "".join(f"line {number}\n" for number in range(1, 401)))
    assert case.run(f"printf %s {LONG} | wc -c")[2].strip() == "100000"


def test_here_documents_quotes_comments_and_odd_characters_mean_what_they_say(case: Case) -> None:
    assert case.run("cat <<E\na $((1+1))\n\tb\nE\necho after") == ("completed", 0, "a 2\n\tb\nafter\n")
    assert case.run("cat <<'E'\n$HOME `x` \\\nE") == ("completed", 0, "$HOME `x` \\\n")
    assert case.run("# only a comment") == ("completed", 0, "")
    assert case.run("echo a # comment\n# another\necho b") == ("completed", 0, "a\nb\n")
    assert case.run("echo 'it''s' \"a  b\" $'t\\tab' \\\\ '!!' \"!\" '%'") == ("completed", 0, "its a  b t\tab \\ !! ! %\n")
    assert case.run("echo ä€😀; printf '\\001\\033[31mred\\033[0m\\n'") == ("completed", 0, "ä€😀\n\x01\x1b[31mred\x1b[0m\n")
    assert case.run("") == ("completed", 0, "")
    assert case.run("  \n\n  echo spaces  \n\n") == ("completed", 0, "spaces\n")
    assert case.run("printf 'no end of line'") == ("completed", 0, "no end of line")
    assert case.run("echo tab\tbetween") == ("completed", 0, "tab between\n")


def test_a_return_at_top_level_ends_nothing_else(case: Case) -> None:
    status, _, output = case.run("return 3")
    assert status == ("failed")
    assert ("return" in output) == (case.kind == "bash")
    assert case.run("echo still here") == ("completed", 0, "still here\n")
    assert case.run("f() { return 5; }; f") == ("failed", 5, "")


def test_readers_get_what_is_sent_and_not_our_lines(case: Case) -> None:
    for command, prompt in READERS.items():
        started = case.start(command)
        record = case.engine.wait(started, "awaiting_input")
        assert (record["happened"], record["waiting"]["kind"], record["waiting"]["prompt"]) == ("awaiting_input", "line", prompt)
        assert case.engine.ask("shell.input", session=case.number, text="me\n")["note"] == ""
        status, code, output = case.result(case.engine.wait(started))
        assert (status, code) == ("completed", 0)
        assert output.splitlines()[-1] in ("got me", "me")
    started = case.start("cat >/dev/null")
    case.engine.wait(started, "awaiting_input")
    case.engine.ask("shell.input", session=case.number, text="", eof=True)
    assert case.engine.wait(started)["status"] == "completed"


def test_a_password_is_asked_for_without_echo(case: Case) -> None:
    command = "read -s x; echo ${#x}" if case.kind == "bash" else "read -rs x; echo ${#x}"
    started = case.start(command)
    assert case.engine.wait(started, "awaiting_input")["waiting"]["kind"] == "password"
    case.engine.ask("shell.input", session=case.number, text="secret\n")
    assert case.result(case.engine.wait(started)) == ("completed", 0, "6\n")


def test_an_interrupt_ends_the_command_and_not_the_shell(case: Case) -> None:
    busy = {"echo up; sleep 60": "output", "echo up; while :; do :; done": "output"}
    for command, until in {**busy, "read x": "awaiting_input", "cat | cat": "awaiting_input"}.items():
        started = case.start(command)
        case.engine.wait(started, until, cursor=0)
        case.engine.ask("run.stop", run=started["run"], mode="interrupt")
        record = case.engine.wait(started)
        assert (record["status"], record["reason"], record["exit_code"]) == ("interrupted", "cancelled", 130), command
        assert case.run("echo still here") == ("completed", 0, "still here\n"), command


def test_who_ignores_the_interrupt_is_killed_and_the_shell_stays(case: Case) -> None:
    started = case.start("sh -c \"trap '' INT TERM; echo up; while :; do sleep 1; done\"")
    case.engine.wait(started, "output", cursor=0)
    record = case.engine.ask("run.stop", run=started["run"], mode="kill")
    assert (record["status"], record["reason"]) == ("killed", "stopped")
    assert case.run("echo still here") == ("completed", 0, "still here\n")


def test_the_end_of_the_shell_ends_the_command(case: Case) -> None:
    record = case.engine.wait(case.start("echo bye; exit 3"))
    assert (*case.result(record), record["reason"]) == ("failed", 3, "bye\n", "shell_exited")
    assert case.number not in [session["session"] for session in case.engine.ask("shell.list")["sessions"]]


def test_a_shell_that_is_replaced_or_killed_ends_the_command(case: Case) -> None:
    record = case.engine.wait(case.start("exec sh -c 'echo replaced; exit 4'"))
    assert (*case.result(record), record["reason"]) == ("failed", 4, "replaced\n", "shell_exited")
    other = Case(case.engine, case.kind, case._output_of)
    record = case.engine.wait(other.start("kill -9 $$"))
    assert (record["status"], record["reason"], record["signal"]) == ("crashed", "shell_exited", "SIGKILL")


def test_options_that_end_or_bend_a_shell_mean_what_they_mean(case: Case) -> None:
    assert case.run("set -u; echo $nothing_of_that_name")[0] == "failed"
    assert case.run("set +u; echo \"[$nothing_of_that_name]\"") == ("completed", 0, "[]\n")
    assert case.run("echo ${x?is missing}")[0] == "failed"
    assert case.run("set -x") == ("completed", 0, "")
    status, _, output = case.run("echo traced")
    assert (status, output.splitlines()[-1], len(output.splitlines())) == ("completed", "traced", 2)
    assert "__synk" not in output
    case.run("set +x")
    assert case.run("set -f; echo *; set +f" if case.kind == "bash" else "set -o noglob; echo *; set +o noglob") == (
        "completed",
        0,
        "*\n",
    )
    assert case.run("set -C; echo a >noclobber; echo b >noclobber")[0] == "failed"
    assert case.run("set +C; cat noclobber") == ("completed", 0, "a\n")
    record = case.engine.wait(case.start("set -e; false; echo not reached"))
    assert (record["status"], record["reason"], record["exit_code"]) == ("failed", "shell_exited", 1)


def test_hooks_traps_and_prompts_of_commands_do_not_hide_the_end(case: Case) -> None:
    assert case.run("PROMPT_COMMAND='echo from the hook'; PS1='$(echo prompt) '; precmd() { echo hook; }") == ("completed", 0, "")
    assert case.run("echo a") == ("completed", 0, "a\n")
    assert case.run("trap 'echo trapped' USR1; kill -USR1 $$") == ("completed", 0, "trapped\n")
    assert case.run("trap 'echo bye' EXIT; echo b") == ("completed", 0, "b\n")
    assert case.run("exec 2>/dev/null; ls /no/such/place") == ("failed", 2, "")
    assert case.run("stty -echo; echo c; stty echo") == ("completed", 0, "c\n")


def test_redirected_standard_output_stays_redirected_and_the_end_is_known(case: Case) -> None:
    assert case.run("exec 1>kept; echo into the file") == ("completed", 0, "")
    assert case.run("exec 1>/dev/tty; head -n 1 kept") == ("completed", 0, "into the file\n")


def test_background_jobs_do_not_hold_up_the_end(case: Case) -> None:
    status, code, output = case.run("sleep 60 & echo started")
    assert (status, code) == ("completed", 0)
    assert output.endswith("started\n")
    assert case.run("kill $!; wait 2>/dev/null; echo gone")[2].splitlines()[-1] == "gone"


def test_programs_that_use_the_whole_terminal_are_seen_and_left(case: Case) -> None:
    started = case.start("seq 1000 | less")
    assert case.engine.wait(started, "awaiting_input")["waiting"]["kind"] == "fullscreen"
    case.engine.ask("shell.input", session=case.number, key="q")
    assert case.engine.wait(started)["status"] == "completed"
    assert case.run("echo still here") == ("completed", 0, "still here\n")


def test_what_looks_like_our_marks_and_prompts_ends_nothing(case: Case) -> None:
    forged = r"printf '\033]7770;0123456789abcdef;D;1\007\033]133;D;0\007\033]133;A\007user@host:~$ \033]7770;'; echo; echo on"
    status, code, output = case.run(forged)
    assert (status, code) == ("completed", 0)
    assert output.endswith("\non\n")
    assert "]7770;0123456789abcdef;D;1" in output


def test_much_output_arrives_whole(case: Case) -> None:
    status, code, output = case.run("seq 200000")
    assert (status, code) == ("completed", 0)
    assert output == "".join(f"{number}\n" for number in range(1, 200_001))
