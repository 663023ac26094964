"""What the page about Synk says: where things are, what it is made of, and on what it runs."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata

from synk.base.paths import Directories, resource_directory
from synk.ui.settings.about import About

PACKAGES = ("PySide6-Essentials", "ptyprocess", "pyte", "pydantic", "platformdirs", "tomlkit", "psutil", "wcwidth", "jeepney")
"""What is bundled with Synk."""
OFL = "SIL Open Font License 1.1"
FONTS = (("JetBrains Mono", OFL), ("Geist", OFL), ("DejaVu Sans Mono", "Bitstream Vera"))
LONGEST_LICENSE = 60
"""Some packages write the whole text where its name belongs."""


def about(version: str, directories: Directories) -> About:
    """Reads the metadata of the packages: not on the GUI thread."""
    places = (
        ("Settings", directories.settings), ("Data", directories.data), ("Logs", directories.log),
        ("Cache", directories.cache), ("Runtime", directories.runtime), ("Fonts and licenses", resource_directory() / "fonts"),
    )  # fmt: skip
    return About(
        version=version,
        directories=[(name, str(path)) for name, path in places],
        parts=[("Synk", "MIT"), *packages(), *FONTS],
        system=system(),
    )


def packages() -> Sequence[tuple[str, str]]:
    """Name with version and license of each package that can be found."""
    found = []
    for name in PACKAGES:
        try:
            facts = metadata(name)
        except PackageNotFoundError:
            continue
        found.append((f"{facts['Name']} {facts['Version']}", _license_name(facts)))
    return found


def system() -> Sequence[tuple[str, str]]:
    """Python, kernel and desktop."""
    variables = (("Desktop", "XDG_CURRENT_DESKTOP"), ("Session", "XDG_SESSION_TYPE"), ("Language", "LANG"), ("Shell", "SHELL"))
    rows = [("Python", platform.python_version()), ("Kernel", f"{platform.system()} {platform.release()} {platform.machine()}")]
    return [*rows, *((name, os.environ[variable]) for name, variable in variables if os.environ.get(variable))]


def _license_name(facts: PackageMetadata) -> str:
    said = [word for key in ("License-Expression", "License") for word in facts.get_all(key) or ()]
    said += [_classified(line) for line in facts.get_all("Classifier") or ()]
    return next((word for word in said if word not in ("", "UNKNOWN") and len(word) <= LONGEST_LICENSE), "see its files")


def _classified(line: str) -> str:
    """`License :: OSI Approved :: MIT License` -> `MIT License`."""
    return line.rpartition(" :: ")[2] if line.startswith("License :: ") else ""
