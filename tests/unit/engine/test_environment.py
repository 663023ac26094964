"""The environment of a run: layers, the filter of a clean base, secrets that no view shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.base.errors import UsageError
from synk.engine.environment import Environment, Masks, MaskStream, build_environment, looks_secret

CLIENT = {
    "PATH": "/usr/bin:/bin", "HOME": "/home/u", "USER": "u", "LOGNAME": "u", "SHELL": "/bin/bash", "LANG": "C.UTF-8",
    "LC_TIME": "de_DE.UTF-8", "TERM": "xterm-kitty", "TZ": "UTC", "TMPDIR": "/tmp/u", "XDG_RUNTIME_DIR": "/run/user/1000",
    "XDG_SESSION_TOKEN": "abc", "SSH_AUTH_SOCK": "/tmp/agent", "AWS_SECRET_ACCESS_KEY": "x", "EDITOR": "vim", "CI": "1",
    "SYNK_HOST": "h1", "LC_STRANGE": "https://me:pw@host/", "PYTHONPATH": "/x", "LD_PRELOAD": "/x.so",
}  # fmt: skip


class Store:
    def __init__(self, **values: str) -> None:
        self._values = values

    def get(self, name: str) -> str | None:
        return self._values.get(name)


def build(mode: str = "clean", is_interactive: bool = False, **more: object) -> Environment:
    return build_environment(CLIENT, mode=mode, is_interactive=is_interactive, class_variables={}, **more)  # type: ignore[arg-type]


def test_a_clean_run_sees_exactly_this() -> None:
    assert build().values == {
        "PATH": "/usr/bin:/bin", "HOME": "/home/u", "USER": "u", "LOGNAME": "u", "SHELL": "/bin/bash", "LANG": "C.UTF-8",
        "LC_TIME": "de_DE.UTF-8", "TERM": "xterm-kitty", "TZ": "UTC", "TMPDIR": "/tmp/u", "XDG_RUNTIME_DIR": "/run/user/1000",
        "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "PAGER": "cat", "SYSTEMD_PAGER": "", "DEBIAN_FRONTEND": "noninteractive",
        "PIP_NO_INPUT": "1", "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1",
    }  # fmt: skip


def test_inherit_keeps_all_but_what_is_our_own() -> None:
    values = build("inherit", is_interactive=True).values
    assert values == {name: value for name, value in CLIENT.items() if name != "SYNK_HOST"}


def test_the_agent_of_ssh_is_there_on_request_only() -> None:
    assert build(with_ssh_agent=True).values["SSH_AUTH_SOCK"] == "/tmp/agent"


def test_what_a_client_lacks_to_find_programs_and_to_draw_is_added() -> None:
    values = build_environment({}, mode="clean", is_interactive=True, class_variables={}).values
    assert values == {"PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "xterm-256color"}


def test_later_layers_win() -> None:
    values = build_environment(
        {"A": "base", "B": "base", "PAGER": "base"}, mode="inherit", is_interactive=False, class_variables={"C": "class"},
        class_appended={"OPTS": "--more", "D": "--d"}, project={"B": "project", "C": "project", "OPTS": "-v", "PAGER": "project"},
        session={"B": "session", "E": "session"}, caller={"E": "caller", "PAGER": "less"},
    ).values  # fmt: skip
    assert (values["A"], values["B"], values["C"], values["E"]) == ("base", "session", "class", "caller")
    assert (values["OPTS"], values["D"]) == ("-v --more", "--d")
    assert values["PAGER"] == "less"
    assert values["GIT_PAGER"] == "cat"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_TOKEN", "x"),
        ("MY_API_KEY", "x"),
        ("DB_PASSWORD_OLD", "x"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/f"),
        ("secret", "x"),
        ("A", "-----BEGIN RSA PRIVATE KEY-----\nMII"),
        ("A", "AKIA" + "A" * 16),
        ("A", "ghp_" + "a" * 36),
        ("A", "glpat-" + "a" * 20),
        ("A", "xoxb-1234567890-abc"),
        ("A", "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln"),
        ("A", "postgres://u:p4ss@db/x"),
        ("A", "sk-" + "a" * 24),
        ("A", "see AIza" + "b" * 35),
        ("A", "npm_" + "c" * 36),
    ],
)
def test_a_secret_is_known_by_name_or_by_shape(name: str, value: str) -> None:
    assert looks_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEYBOARD", "de"),
        ("MONKEY", "x"),
        ("TOKENIZERS", "x"),
        ("A", "https://host/a:b@c"),
        ("A", "skip-this"),
        ("PATH", "/a:/b"),
    ],
)
def test_ordinary_values_are_no_secrets(name: str, value: str) -> None:
    assert not looks_secret(name, value)


def test_a_secret_reaches_the_program_and_no_view() -> None:
    found = build(caller={"GH": "secret:gh", "PLAIN": "secrets"}, secrets=Store(gh="hunter2-long"))
    assert found.values["GH"] == "hunter2-long"
    assert found.values["PLAIN"] == "secrets"
    assert found.masks.mask("token=hunter2-long;") == "token=***gh***;"
    assert bool(found.masks)
    assert not build().masks


def test_a_missing_secret_is_named_and_its_value_never() -> None:
    with pytest.raises(UsageError, match="Variable GH: there is no secret named nothing"):
        build(caller={"GH": "secret:nothing"}, secrets=Store())
    with pytest.raises(UsageError, match="there is no secret named gh"):
        build(caller={"GH": "secret:gh"})


def test_names_no_program_can_be_given_are_refused() -> None:
    with pytest.raises(UsageError, match="not a valid name"):
        build(caller={"A B": "x"})
    with pytest.raises(UsageError, match="reserved"):
        build(project={"SYNK_HOST": "x"})


def test_a_secret_is_hidden_in_every_shape_it_may_take() -> None:
    masks = Masks({"pem": "line one of the key\nline two of the key", "url": "p&ss/w0rd", "quote": 'a"b\\c'})
    assert masks.mask("line one of the key\r\nline two of the key") == "***pem***"
    assert masks.mask("> line two of the key <") == "> ***pem*** <"
    assert masks.mask("x?p=p%26ss%2Fw0rd") == "x?p=***url***"
    assert masks.mask('{"v": "a\\"b\\\\c"}') == '{"v": "***quote***"}'


def test_the_longer_of_two_secrets_is_replaced_as_a_whole() -> None:
    assert Masks({"a": "secret", "b": "secret-longer"}).mask("secret-longer secret") == "***b*** ***a***"
    assert Masks({"a": "secret"}).joined(Masks({"b": "secret-longer"})).mask("secret-longer") == "***b***"


@given(st.lists(st.sampled_from(["hunter2", "hun", "ter2", "h", "x", "hunter", "\n"]), max_size=12), st.integers(1, 4))
def test_a_secret_split_over_chunks_is_never_shown(parts: list[str], size: int) -> None:
    text = "".join(parts)
    stream = MaskStream(Masks({"pw": "hunter2"}))
    shown = "".join(stream.feed(text[at : at + size]) for at in range(0, len(text), size)) + stream.finish()
    assert "hunter2" not in shown
    assert shown == text.replace("hunter2", "***pw***")
