"""What is packed beside the program says the same as the program."""

import configparser
import importlib.util
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

from synk.cli import COMMANDS, window_parser
from synk.keys.keymap import Keymap
from synk.settings.schema import all_settings

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


@pytest.fixture(autouse=True)
def scripts_find_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """As they do when Python starts one of them."""
    monkeypatch.syspath_prepend(str(PACKAGING))


def load(name: str) -> ModuleType:
    """A script of the folder `packaging`."""
    spec = importlib.util.spec_from_file_location(f"packaging_{name}", PACKAGING / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def plain(page: str) -> str:
    """A man page without its escapes."""
    return page.replace(r"\-", "-").replace(r"\&", "").replace(r"\e", "\\")


def test_the_manual_has_every_option_command_key_and_setting() -> None:
    page = plain(load("manual").page())
    lines = page.splitlines()
    options = [name for action in window_parser()._actions for name in action.option_strings]
    assert [name for name in options if not any(line.startswith(".B") and name in line for line in lines)] == []
    for command in COMMANDS:
        assert f".B synk {command}" in lines
    for each in load("readme").all_commands():
        assert f".B {each.usage}" in lines
    for binding in Keymap().bindings:
        assert all(key in page for key in binding.keys)
        assert binding.effect[1:] in page
    for setting in all_settings():
        assert any(line.startswith(f".B {setting.name} = ") for line in lines)


def test_no_line_of_the_manual_is_taken_for_a_request() -> None:
    requests = {".TH", ".SH", ".SS", ".TP", ".B", ".br"}
    for line in load("manual").page().splitlines():
        assert not line.startswith("'")
        assert not line.startswith(".") or line.split(" ")[0] in requests


def test_the_desktop_entry_starts_the_program_whose_window_it_names() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(PACKAGING / "linux" / "synk.desktop", encoding="utf-8")
    main = entry["Desktop Entry"]
    assert (main["Exec"], main["Icon"], main["StartupWMClass"]) == ("synk %f", "synk", "synk")
    assert {action for action in main["Actions"].split(";") if action} == {"safe"}
    for name in ("--safe",):
        assert any(name in action.option_strings for action in window_parser()._actions)


def test_the_metadata_names_that_entry_and_gets_version_and_day() -> None:
    text = (PACKAGING / "linux" / "dev.synk.Synk.metainfo.xml").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert root.findtext("launchable") == "synk.desktop"
    assert re.findall(r"@\w+@", text) == ["@VERSION@", "@DATE@"]
