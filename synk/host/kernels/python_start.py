"""First file of a Python kernel or zygote: run by its path in an interpreter that does not know Synk.

Usage: `python python_start.py zygote|kernel CONTROL_FD [FAULT_FD]`. Needs CPython 3.9 or later and its standard
library. Nothing of Synk stays importable: user code sees its own packages only.
"""

from __future__ import annotations

import os
import sys
import types

FOLDER = os.path.dirname(os.path.abspath(__file__))
LEAST_VERSION = 0x03090000
PACKAGES = ("synk", "synk.host", "synk.host.kernels")


def main() -> None:
    """Load the kernel's own modules by path, forget their names, and go on as told by the arguments."""
    if sys.hexversion < LEAST_VERSION:
        sys.exit(f"Python 3.9 or later is needed; this is {sys.version.split()[0]}")
    # `python FILE` puts the file's folder first; user code would import our files by their names.
    if sys.path and os.path.abspath(sys.path[0]) == FOLDER:
        del sys.path[0]
    foreign = {name: sys.modules.pop(name) for name in PACKAGES if name in sys.modules}
    for name in PACKAGES:
        package = types.ModuleType(name)
        package.__path__ = [FOLDER] if name == PACKAGES[-1] else []
        sys.modules[name] = package
    # Not at the top of the file: the packages these names are looked up in exist only now.
    from synk.host.kernels.python_kernel import serve as serve_kernel
    from synk.host.kernels.python_zygote import serve as serve_zygote

    for name in [name for name in sys.modules if name.partition(".")[0] == "synk"]:
        del sys.modules[name]
    sys.modules.update(foreign)
    kind, control = sys.argv[1], int(sys.argv[2])
    fault = int(sys.argv[3]) if len(sys.argv) > 3 else None
    sys.argv[:] = [""]
    if kind == "zygote":
        serve_zygote(control)
    else:
        serve_kernel(control, fault)


if __name__ == "__main__":
    main()
