"""REPL languages: the files `languages/NAME.toml` of Synk and of the user, checked, and which interpreter is meant."""

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from synk.base.errors import UsageError
from synk.base.wire import Message
from synk.engine.declared import Misfit, read_declared
from synk.host.repls.specs import LanguageSpec, SpecError, spec_from

ENVIRONMENTS = (".venv", "venv")
"""Folders of virtual environments that belong to the project around them."""


class Languages:
    """All languages by name."""

    def __init__(self, specs: Iterable[LanguageSpec], problems: Iterable[str] = (), folder: Path | None = None) -> None:
        """`folder`: where the user declares languages, for messages."""
        self._by_name = {spec.name: spec for spec in specs}
        self._folder = folder
        self.problems = tuple(problems)
        """What is wrong in files that were left out: `line 3 of lua.toml: sentinel: missing`."""

    @property
    def names(self) -> tuple[str, ...]:
        """Sorted."""
        return tuple(sorted(self._by_name))

    def find(self, name: str) -> LanguageSpec:
        """By name or alias; `jupyter:NAME` is the Jupyter kernel of that name.

        Raises:
            UsageError: unknown; names the known ones, what is wrong with a file of that name, and where to declare it.
        """
        if name.startswith("jupyter:") and len(name) > len("jupyter:"):
            return spec_from({"name": name, "kind": "jupyter", "title": f"Jupyter kernel {name[8:]}"})
        for spec in self._by_name.values():
            if name == spec.name or name in spec.aliases:
                return spec
        broken = [problem for problem in self.problems if f" {name}.toml:" in problem]
        if broken:
            raise UsageError(f"Language {name} is declared, but not usable: {broken[0]}")
        words = [word for spec in self._by_name.values() for word in (spec.name, *spec.aliases)]
        near = get_close_matches(name, words, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        place = self._folder / f"{name}.toml" if self._folder is not None else f"languages/{name}.toml"
        raise UsageError(f"Unknown language {name}.{hint} Known are {', '.join(self.names)}; declare others in {place}.")

    def request(self, name: str, *, interpreter: str, environment: Mapping[str, str], cwd: str) -> Message:
        """What the host has to be told: language, interpreter and how it is talked to.

        Raises:
            UsageError: as `find`.
        """
        spec = self.find(name)
        if spec.kind == "jupyter":
            return jupyter_request(spec, interpreter)
        program = interpreter or project_interpreter(spec, environment=environment, cwd=cwd)
        return {"language": spec.name, "interpreter": program, "spec": spec.as_message()}


def load_languages(*folders: Path) -> Languages:
    """The files `*.toml` of these folders; a later folder replaces languages of an earlier one by name.

    A file that cannot be used is left out and named in `Languages.problems`.
    """
    found, problems = read_declared(folders, _build)
    return Languages({spec.name: spec for spec in found}.values(), problems, folders[-1] if len(folders) > 1 else None)


def project_interpreter(spec: LanguageSpec, *, environment: Mapping[str, str], cwd: str) -> str:
    """The interpreter a person in `cwd` would expect; "" if that is the one in PATH, which the host looks up.

    For Python the active virtual environment, else the one of the project around `cwd`.
    """
    if spec.kind != "python":
        return ""
    active = environment.get("VIRTUAL_ENV", "")
    if active and _has_python(active):
        return os.path.join(active, "bin", "python")
    folder = os.path.abspath(cwd)
    home = environment.get("HOME", "")
    while True:
        for name in ENVIRONMENTS:
            if _has_python(os.path.join(folder, name)):
                return os.path.join(folder, name, "bin", "python")
        parent = os.path.dirname(folder)
        # A repository is a project; what lies above it, or in the home directory itself, belongs to others.
        if parent == folder or folder == home or os.path.exists(os.path.join(folder, ".git")):
            return ""
        folder = parent


def jupyter_request(spec: LanguageSpec, interpreter: str) -> Message:
    """The request for a Jupyter kernel: a bridge in the interpreter that has jupyter_client, by default Synk's own.

    Raises:
        UsageError: Synk's interpreter has no jupyter_client, and no other was named.
    """
    from importlib.util import find_spec
    from sys import executable

    if not interpreter and find_spec("jupyter_client") is None:
        raise UsageError("Jupyter kernels need jupyter_client: install synk[jupyter], or name an interpreter that has it.")
    program = interpreter or executable
    values = {
        **spec.as_message(),
        "programs": [program],
        "argv": ["{program}", "{kernels}/jupyter_bridge.py", spec.name.partition(":")[2]],
    }
    return {"language": spec.name, "interpreter": program, "spec": values}


def _build(values: Mapping[str, Any], _path: Path) -> LanguageSpec:
    try:
        return spec_from(values)
    except SpecError as error:
        raise Misfit(str(error), error.key) from None


def _has_python(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "pyvenv.cfg")) and os.access(os.path.join(folder, "bin", "python"), os.X_OK)
