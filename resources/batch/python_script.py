"""Runs one Python file in a kernel that was forked for it, as `python FILE ARGUMENTS` would; the kernel ends with it.

Run by path in the user's interpreter (CPython 3.9 or later, standard library only) with the global `script`: file or code,
arguments, and the files that take standard output and error.
"""

import builtins
import io
import os
import runpy
import sys
import traceback
import types
import zipfile
from importlib.machinery import SourceFileLoader

_OWN = os.path.abspath(__file__)


def main(script):
    """Never returns normally: the interpreter ends with the script."""
    _redirect(script["out"], script["err"])
    path = script.get("file")
    sys.argv[:] = [script["name"] if path is not None else "-c", *script.get("args", ())]
    # As the interpreter does: the folder of a file, the current one for code.
    folder = os.path.dirname(os.path.realpath(path)) if path is not None else ""
    if sys.path and sys.path[0] == "":
        sys.path[0] = folder
    elif not getattr(sys.flags, "safe_path", False):
        sys.path.insert(0, folder)
    sys.exit(_status(path, script.get("code")))


def _redirect(out, err):
    """The terminal of the kernel stays for questions only; stdout and stderr are files of the run, byte for byte."""
    sys.stdout.flush()
    sys.stderr.flush()
    for path, fd in ((out, 1), (err, 2)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, fd)
        os.close(opened)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    is_unbuffered = bool(os.environ.get("PYTHONUNBUFFERED"))
    encoding = sys.stdout.encoding
    for name, fd, errors in (("stdout", 1, "strict"), ("stderr", 2, "backslashreplace")):
        raw = io.FileIO(fd, "wb", closefd=False)
        # As the interpreter itself: without a buffer of bytes, text has to be written through.
        binary = raw if is_unbuffered else io.BufferedWriter(raw)
        stream = io.TextIOWrapper(
            binary, encoding=encoding, errors=errors, line_buffering=fd == 2, write_through=is_unbuffered
        )
        stream.mode = "w"
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding=encoding)


def _status(path, code):
    """What `sys.exit` is given. SystemExit of the script goes on as it is."""
    try:
        if path is not None:
            if not os.path.exists(path):
                # The words and the status of the interpreter itself.
                print(f"{sys.executable}: can't open file {path!r}: [Errno 2] No such file or directory", file=sys.stderr)
                return 2
            if not os.path.isfile(path) or zipfile.is_zipfile(path):
                runpy.run_path(path, run_name="__main__")
                return 0
            with io.open_code(path) as file:
                code = file.read()
        # Not through runpy: it shows a script the path it was found by, where `python FILE` shows the words that were typed.
        scope = _main_module(path)
        exec(compile(code, path or "<string>", "exec", dont_inherit=True), scope)
    except SystemExit:
        raise
    except BaseException as error:
        # An interpreter that is interrupted dies of the signal; a shell calls that 130.
        return _report(error)
    return 0


def _main_module(path):
    """A fresh `__main__`, as the interpreter makes one; it stays until the end, for threads and exit functions."""
    main = types.ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins, __loader__=None, __spec__=None)
    if path is not None:
        main.__dict__.update(__file__=path, __cached__=None, __loader__=SourceFileLoader("__main__", path))
    sys.modules["__main__"] = main
    return main.__dict__


def _report(error):
    sys.stdout.flush()
    kind, trace = type(error), error.__traceback__
    while trace is not None and _is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    hook = sys.excepthook
    if hook is sys.__excepthook__:
        traceback.print_exception(kind, error, trace)
    else:
        hook(kind, error, trace)
    return 130 if issubclass(kind, KeyboardInterrupt) else 1


def _is_ours(filename):
    return filename in (_OWN, "<frozen runpy>") or os.path.basename(filename) == "runpy.py"


main(globals()["script"])
