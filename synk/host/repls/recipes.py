"""How a kernel is made: language, interpreter, modules, environment and folder, and the key of all that are alike."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from synk.base.errors import SpawnFailed, UsageError
from synk.base.wire import Message
from synk.host.repls.keys import KernelKey, key_of
from synk.host.repls.specs import LanguageSpec
from synk.pty.processes import MARK
from synk.pty.spawn import find_program

KERNELS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "kernels")
"""Folder of the files that run in foreign interpreters."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that has to be known before a kernel can be started."""

    spec: LanguageSpec
    program: str
    """Absolute path, not resolved: in a virtual environment it is a link."""
    preload: tuple[str, ...]
    is_default_preload: bool
    """Modules that are not installed are passed over in silence."""
    environment: Mapping[str, str]
    cwd: str
    key: KernelKey

    @property
    def uses_zygote(self) -> bool:
        """True if its kernels are forks of a process that imported the modules."""
        return self.spec.kind == "python"

    @property
    def needs_folder(self) -> bool:
        """True if the directory cannot be entered after the start."""
        return is_fixed(self.spec, self.program)

    def argv(self) -> list[str]:
        """Program and arguments of a kernel of its own, or the beginning of a zygote's."""
        if self.spec.kind == "python":
            words = [self.program, os.path.join(KERNELS, "python_start.py")]
        else:
            words = [word.replace("{program}", self.program).replace("{kernels}", KERNELS) for word in self.spec.argv]
        return ["/usr/bin/env", "-C", self.cwd, *words] if self.needs_folder else words

    def start_environment(self, mark: str) -> dict[str, str]:
        """The mark stands first: a fork of a zygote writes its own over it (python_child.py)."""
        environment = {MARK: mark, **{name: value for name, value in self.environment.items() if name != MARK}}
        environment.setdefault("TERM", "xterm-256color")
        return environment


def recipe_for(
    spec: LanguageSpec,
    *,
    interpreter: str,
    preload: Iterable[str] | None,
    environment: Mapping[str, str],
    cwd: str,
) -> Recipe:
    """The recipe of a request.

    Raises:
        UsageError: the language is a shell, or variables cannot be passed on.
        SpawnFailed: no interpreter; the text says how to get one.
    """
    if spec.kind == "shell":
        raise UsageError(f"{spec.name} is a shell: use a session (synk session create {spec.name}).")
    for name, value in environment.items():
        if not name or "=" in name or "\0" in name or "\0" in value:
            raise UsageError(f"Variable {name!r} cannot be passed on.")
    program = _program(spec, interpreter, environment, cwd)
    modules = spec.preload if preload is None else tuple(preload)
    fixed: tuple[str, ...] = ()
    if spec.kind in ("declared", "jupyter"):
        fixed = tuple(f"{name}={value}" for name, value in sorted(environment.items()) if name not in ("PWD", "OLDPWD"))
        fixed += spec.argv
    if is_fixed(spec, program):
        fixed += (cwd, environment.get("PYENV_VERSION", ""))
    key = key_of(
        language=spec.name,
        program=program,
        preload=modules,
        environment=environment,
        key_variables=spec.key_variables,
        fixed=fixed,
    )
    return Recipe(spec, program, modules, preload is None, dict(environment), cwd, key)


def is_fixed(spec: LanguageSpec, program: str) -> bool:
    """True if a kernel keeps the directory it was started in: a declared language that cannot change it, and a program
    that is itself a script, such as a shim of pyenv, which looks at its directory to choose an interpreter."""
    if spec.kind in ("declared", "jupyter"):
        return not spec.chdir
    try:
        with open(program, "rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def preparation(recipe: Recipe) -> Message:
    """The first message to a kernel or zygote of Python."""
    return {"do": "prepare", "preload": list(recipe.preload), "is_default": recipe.is_default_preload}


def _program(spec: LanguageSpec, interpreter: str, environment: Mapping[str, str], cwd: str) -> str:
    if interpreter:
        return find_program(interpreter, cwd=cwd, environment=environment)
    active = environment.get("VIRTUAL_ENV", "")
    if spec.kind == "python" and active and os.access(os.path.join(active, "bin", "python"), os.X_OK):
        return os.path.join(active, "bin", "python")
    for name in spec.programs:
        try:
            return find_program(name, cwd=cwd, environment=environment)
        except SpawnFailed:
            continue
    hint = f" {spec.install}" if spec.install else ""
    raise SpawnFailed(f"Cannot start {spec.title or spec.name}: {' or '.join(spec.programs)} not found in PATH.{hint}")
