"""Links are opened by the host, with an argument list and only if they are links."""

from collections.abc import Callable
from pathlib import Path

import pytest

from synk.base.errors import SpawnFailed, UsageError
from tests.process.host.conftest import Profile


def browser(profile: Profile, script: str) -> None:
    program = profile.base / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_a_link_reaches_the_browser_whole_and_runs_nothing(profile: Profile, wait_until: Callable[..., None]) -> None:
    seen: Path = profile.base / "seen"
    browser(profile, f'printf "%s\\n" "$#" "$1" > {seen}.new; mv {seen}.new {seen}')
    profile.environment["PATH"] = f"{profile.base}/bin:/usr/bin:/bin"
    window = profile.window()
    url = "https://example.org/a?b=$(touch%20x)&c=';id;'"
    window.call("url.open", url=url)
    wait_until(seen.exists)
    assert seen.read_text() == f"1\n{url}\n"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/etc/passwd", "--help", "https://a b", "https://a\nb", "https://ü"])
def test_what_is_no_link_is_refused(profile: Profile, url: str) -> None:
    with pytest.raises(UsageError):
        profile.window().call("url.open", url=url)


def test_a_machine_without_a_browser_opener_is_told_what_to_install(profile: Profile) -> None:
    profile.environment["PATH"] = str(profile.base)
    with pytest.raises(SpawnFailed, match="xdg-utils"):
        profile.window().call("url.open", url="https://example.org")
