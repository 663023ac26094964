"""Which shell is used, how it is started, and which of its files are watched."""

import os
import shutil
from pathlib import Path

import pytest

from synk.pty import shells
from synk.pty.shells import choose_shell, cold_start, family_of, gate_start, startup_files, zsh_folder


def program(path: Path, text: str = "") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_setting_comes_before_the_environment_and_the_user_database(tmp_path: Path) -> None:
    setting, variable, entry = (program(tmp_path / name) for name in ("one", "two", "three"))
    assert choose_shell(setting, {"SHELL": variable}, entry) == (setting, "")
    assert choose_shell("", {"SHELL": variable}, entry) == (variable, "")
    assert choose_shell("", {}, entry) == (entry, "")
    assert choose_shell("", {}, "") == ("/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh", "")


def test_missing_shell_is_replaced_by_the_next_one_and_named(tmp_path: Path) -> None:
    good = program(tmp_path / "good")
    assert choose_shell("/nowhere/zsh", {"SHELL": "/nowhere/fish"}, good) == (
        good, f"Shell /nowhere/zsh does not exist. Synk uses {good}.",
    )  # fmt: skip
    text = tmp_path / "text"
    text.write_text("")
    assert choose_shell(str(text), {"SHELL": good}, "") == (
        good, f"Shell {text} is not an executable file. Synk uses {good}.",
    )  # fmt: skip
    assert choose_shell("", {"SHELL": str(tmp_path)}, good)[1] == f"Shell {tmp_path} is not an executable file. Synk uses {good}."


def test_setting_may_be_a_name_in_path_or_start_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = program(tmp_path / "bin" / "mysh")
    assert choose_shell("mysh", {"PATH": f"/nowhere:{tmp_path}/bin"}, "") == (shell, "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert choose_shell("~/bin/mysh", {}, "") == (shell, "")


def test_account_that_refuses_logins_gets_a_shell_without_a_warning(tmp_path: Path) -> None:
    nologin = program(tmp_path / "nologin")
    good = program(tmp_path / "good")
    assert choose_shell("", {"SHELL": nologin}, good) == (good, "")


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_installed_shell_is_known(name: str, tmp_path: Path) -> None:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    link = tmp_path / "myshell"
    link.symlink_to(path)
    assert family_of(path) == name
    assert family_of(str(link)) == name


@pytest.mark.parametrize(
    ("name", "version", "family"),
    [
        ("bash", "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)", "bash"),
        ("bash-4.0", "GNU bash, version 4.0.0(1)-release", "bash"),
        ("bash", "GNU bash, version 3.2.57(1)-release", None),
        ("zsh-5.9", "zsh 5.9 (x86_64-debian-linux-gnu)", "zsh"),
        ("zsh", "zsh 4.3.17 (x86_64)", None),
        ("fish", "fish, version 4.0.2", "fish"),
        ("fish", "fish, version 2.7.1", None),
        ("fish", "no number", None),
        ("bash", "\"; exit 1; echo \"", None),
        ("dash", "0.5", None),
        ("bashful", "5.0", None),
    ],
)
def test_shell_is_kept_warm_from_the_version_on_that_can_be(
    tmp_path: Path, name: str, version: str, family: str | None
) -> None:
    assert family_of(program(tmp_path / name, f'echo "{version}"')) == family


@pytest.mark.parametrize("name", ["sh", "rbash"])
def test_bash_under_another_name_starts_cold(tmp_path: Path, name: str) -> None:
    real = program(tmp_path / "bash", "echo version 5.2")
    (tmp_path / name).symlink_to(real)
    assert family_of(real) == "bash"
    assert family_of(str(tmp_path / name)) is None


def test_missing_or_silent_shell_starts_cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert family_of(str(tmp_path / "bash")) is None
    monkeypatch.setattr(shells, "VERSION_LIMIT_S", 0.05)
    assert family_of(program(tmp_path / "zsh", "exec sleep 9")) is None


def test_version_is_asked_again_only_when_the_program_changed(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    path = program(tmp_path / "bash", f"echo x >>{asked}; echo version 5.2")
    for _ in range(3):
        assert family_of(path) == "bash"
    assert asked.read_text() == "x\n"
    program(tmp_path / "bash", f"echo x >>{asked}; echo older: version 3.2")
    assert family_of(path) is None
    assert asked.read_text() == "x\nx\n"


def test_zsh_whose_global_file_moves_zdotdir_starts_cold(tmp_path: Path) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    zsh = program(tmp_path / "zsh", f"echo zsh 5.9; exit\n{etc}/zprofile\0")
    assert zsh_folder(zsh) == str(etc)
    assert family_of(zsh) == "zsh"
    (etc / "zshenv").write_text("# ZDOTDIR is not set here\n")
    assert family_of(zsh) == "zsh"
    (etc / "zshenv").write_text('export ZDOTDIR="$HOME/.config/zsh"\n')
    assert family_of(zsh) is None


@pytest.mark.parametrize(
    ("path", "argv"),
    [
        ("/bin/dash", ["/bin/dash", "-l"]),
        ("/usr/bin/ksh93", ["/usr/bin/ksh93", "-l"]),
        ("/opt/bash-4.2", ["/opt/bash-4.2", "-l"]),
        ("/usr/bin/pwsh", ["/usr/bin/pwsh", "-Login"]),
        ("/usr/bin/tmux", ["/usr/bin/tmux"]),
    ],
)
def test_cold_start_is_a_login_shell_where_it_can_be(path: str, argv: list[str]) -> None:
    assert cold_start(path, {"A": "1"}) == (argv, {"A": "1"})


def test_gate_start_puts_replaced_variables_aside() -> None:
    argv, variables = gate_start("bash", shell="/bin/bash", resources="/r $x`\"", gate="/g/t", base={"ENV": "mine"})
    assert argv == ["/bin/bash", "--posix", "--login"]
    assert variables == {"ENV": r"/r \$x\`\"/gate.bash", "SYNK_GATE": "/g/t", "SYNK_GATE_ENV": "mine"}
    argv, variables = gate_start("zsh", shell="/nowhere/zsh", resources="/r", gate="/g/t", base={"ZDOTDIR": "/z"})
    assert argv == ["/nowhere/zsh", "-l"]
    assert variables == {"ZDOTDIR": "/r/zsh", "SYNK_GATE": "/g/t", "SYNK_GATE_ETC": "/etc", "SYNK_GATE_ZDOTDIR": "/z"}
    argv, variables = gate_start("fish", shell="/bin/fish", resources="/it's \\", gate="/g/t", base={})
    assert argv == ["/bin/fish", "-l", "-C", r"source '/it\'s \\/gate.fish' '/g/t' || exit"]
    assert variables == {}
    with pytest.raises(ValueError, match="No start gate for dash"):
        gate_start("dash", shell="/bin/dash", resources="/r", gate="/g", base={})


def test_files_that_do_not_exist_yet_are_watched_too(tmp_path: Path) -> None:
    files = startup_files("bash", {"HOME": str(tmp_path)})
    for name in (".bash_profile", ".bash_login", ".profile", ".bashrc"):
        assert f"{tmp_path}/{name}" in files
    assert {"/etc/profile", "/etc/profile.d", "/etc/bash.bashrc"} <= set(files)


@pytest.mark.parametrize(
    "line",
    ["export ZDOTDIR=$HOME/.config/zsh", 'ZDOTDIR="${HOME}/.config/zsh"', "ZDOTDIR=~/.config/zsh; true",
     "export ZDOTDIR=${XDG_CONFIG_HOME:-$HOME/.config}/zsh", "  typeset -x ZDOTDIR=$XDG_CONFIG_HOME/zsh"],
)  # fmt: skip
def test_files_of_zsh_are_found_where_zshenv_sends_it(tmp_path: Path, line: str) -> None:
    environment = {"HOME": str(tmp_path)}
    assert f"{tmp_path}/.zshrc" in startup_files("zsh", environment)
    (tmp_path / ".zshenv").write_text(f"# ZDOTDIR=/wrong\n{line}\n")
    files = startup_files("zsh", environment)
    assert f"{tmp_path}/.config/zsh/.zshrc" in files
    assert f"{tmp_path}/.zshenv" in files
    assert "/wrong/.zshrc" not in files


def test_files_of_zsh_follow_zdotdir_of_the_environment(tmp_path: Path) -> None:
    files = startup_files("zsh", {"HOME": str(tmp_path), "ZDOTDIR": "/my/zsh"})
    assert "/my/zsh/.zlogin" in files
    assert f"{tmp_path}/.zshrc" not in files


def test_zdotdir_that_only_zsh_can_work_out_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".zshenv").write_text("ZDOTDIR=$(find-it)\n")
    files = startup_files("zsh", {"HOME": str(tmp_path)})
    assert f"{tmp_path}/.zshrc" in files
    assert not [path for path in files if "$" in path]


def test_files_of_fish_are_its_configuration_and_the_entries_of_conf_d(tmp_path: Path) -> None:
    conf_d = tmp_path / "config" / "fish" / "conf.d"
    conf_d.mkdir(parents=True)
    (conf_d / "abbr.fish").write_text("")
    files = startup_files("fish", {"HOME": str(tmp_path), "XDG_CONFIG_HOME": f"{tmp_path}/config"})
    assert f"{tmp_path}/config/fish/config.fish" in files
    assert str(conf_d) in files
    assert f"{conf_d}/abbr.fish" in files
    assert "/etc/fish/config.fish" in files


@pytest.mark.parametrize("family", ["bash", "zsh", "fish", "dash"])
def test_all_watched_paths_are_absolute_and_named_once(family: str, tmp_path: Path) -> None:
    files = startup_files(family, {"HOME": str(tmp_path)})
    assert all(os.path.isabs(path) for path in files)
    assert len(files) == len(set(files))
