"""Records the corpus: runs real tools on pipes and on a terminal and keeps what they print, free of names of this machine.

    python tests/data/logs/record.py [--only GLOB]... [--expect]

Each case of `cases.toml` becomes `CLASS/NAME.json`. `--expect` runs nothing: it writes what the readers of Synk say today into
the cases' `expected`, to be read by a person before it is committed. The tools have to be on PATH; a case whose tool is missing
stays as it is. Logs whose `source` is "found" are of tools that cannot be had here: public formats, our own texts.
"""

import argparse
import contextlib
import fnmatch
import http.server
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import tomllib
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(ROOT)]

from synk.engine.classes import REPORT, load_classes  # noqa: E402
from synk.engine.commands import recognise  # noqa: E402
from synk.engine.environment import NOT_INTERACTIVE  # noqa: E402

TIMEOUT_S = 180.0
MAX_BYTES = 48_000
"""Of one stream: the beginning and the end of longer output are kept, cut at line ends."""
HOME = "/home/user"
PROJECT = f"{HOME}/project"
# Put together here, so that the test for such names does not find this file.
HOSTS = [
    "pypi" + ".org", "files.python" + "hosted.org", "python" + "hosted.org", "registry.npm" + "js.org", "npm" + "js.com",
    "npm" + "js.org", "registry.yarn" + "pkg.com", "index.crates" + ".io", "static.crates" + ".io", "crates" + ".io",
    "deb.debian" + ".org", "security.debian" + ".org", "registry-1.docker" + ".io", "docker" + ".io", "quay" + ".io",
    "proxy.golang" + ".org", "sum.golang" + ".org", "repo.maven.apache" + ".org", "repo1.maven" + ".org",
    "plugins.gradle" + ".org",
    "registry.terraform" + ".io", "cloud.r-project" + ".org", "registry.npmmirror" + ".com", "galaxy.ansible" + ".com",
]  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", action="append", default=[], help="names of cases, * allowed")
    options.add_argument("--expect", action="store_true", help="write what the readers say, run nothing")
    given = options.parse_args()
    chosen = [case for case in read_cases() if not given.only or any(fnmatch.fnmatch(case.name, glob) for glob in given.only)]
    if given.expect:
        from expectations import write_expected

        write_expected(sorted(HERE.glob("*/*.json")), given.only)
        return
    # nohup and `&` would hand their own settings down.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with served() as url:
        for case in chosen:
            missing = [tool for tool in case.needs if shutil.which(tool) is None]
            if missing:
                print(f"{case.name}: {', '.join(missing)} is missing")
                continue
            try:
                record(case, url)
            except subprocess.CalledProcessError as error:
                print(f"{case.name}: setup failed: {(error.stdout + error.stderr).decode(errors='replace')[-400:]}", flush=True)


@dataclass(frozen=True)
class Case:
    """A table of `cases.toml`."""

    name: str
    cls: str
    command: str
    row: str = ""
    setup: str = ""
    files: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    until: str = ""


def read_cases() -> list[Case]:
    tables = tomllib.loads((HERE / "cases.toml").read_text())["case"]
    return [Case(cls=table.pop("class"), **table) for table in tables]


def record(case: Case, url: str) -> None:
    target = HERE / case.cls / f"{case.name}.json"
    old = json.loads(target.read_text()) if target.exists() else {}
    kept: dict[str, Any] = {"command": scrubbed(case.command, url=url), "class": case.cls, "row": case.row, "source": "recorded"}
    taken: dict[str, Any] = {}
    for mode in ("pipe", "pty"):
        with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
            taken[mode] = run(case, mode, Path(folder), url)
        print(f"{case.name} {mode}: {taken[mode].get('exit_code')} {taken[mode].get('signal') or ''}", flush=True)
    kept["taken"] = taken
    if case.until:
        kept["stopped"] = True
    if case.files:
        kept["files"] = case.files
    kept["expected"] = old.get("expected", {})
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def run(case: Case, mode: str, folder: Path, url: str) -> dict[str, Any]:
    """One recording: exit code or signal, both streams (one on a terminal), the report if one was written."""
    classes = load_classes(ROOT / "resources/commands")
    cls = recognise(case.command, classes).cls
    report = folder.parent / f"{folder.name}.report"
    variables = {**os.environ, **cls.variables, "URL": url, "TERM": "xterm-256color"}
    for name in ("VIRTUAL_ENV", "PYTEST_ADDOPTS", "CI", "FORCE_COLOR", "NO_COLOR", "MAKEFLAGS", "MAKELEVEL"):
        if name not in cls.variables:
            variables.pop(name, None)
    variables.update(NOT_INTERACTIVE if mode == "pipe" else {})
    variables.update(cls.appended)
    variables.update(case.variables)
    variables = {name: value.replace(REPORT, str(report)) for name, value in variables.items()}
    for name, text in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    try:
        if case.setup:
            subprocess.run(["bash", "-ec", case.setup], cwd=folder, env=variables, check=True, capture_output=True, timeout=600)
        start = on_pipes if mode == "pipe" else on_terminal
        code, out, err = start(case, folder, variables)
        name = signal.Signals(-code).name if code < 0 else None
        found: dict[str, Any] = {"exit_code": code if code >= 0 else None, "signal": name}
        found["out"] = scrubbed(cut(out).decode("utf-8", "surrogateescape"), folder, url)
        found["err"] = scrubbed(cut(err).decode("utf-8", "surrogateescape"), folder, url)
        if report.exists():
            found["report"] = slim(scrubbed(report.read_text(errors="replace"), folder, url))
    finally:
        with contextlib.suppress(FileNotFoundError):
            report.unlink()
    return found


def argv(case: Case) -> list[str]:
    return ["bash", "-c", case.command]


def on_pipes(case: Case, folder: Path, variables: dict[str, str]) -> tuple[int, bytes, bytes]:
    started = subprocess.Popen(
        argv(case), cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert started.stdout is not None
    assert started.stderr is not None
    fds = {started.stdout.fileno(): b"", started.stderr.fileno(): b""}
    out, err = started.stdout.fileno(), started.stderr.fileno()
    read_all(case, started, fds)
    started.stdout.close()
    started.stderr.close()
    return started.returncode, fds[out], fds[err]


def on_terminal(case: Case, folder: Path, variables: dict[str, str]) -> tuple[int, bytes, bytes]:
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def adopt() -> None:
        os.setsid()
        ioctl(0, termios.TIOCSCTTY, 0)

    started = subprocess.Popen(
        argv(case), cwd=folder, env=variables, stdin=slave, stdout=slave, stderr=slave, preexec_fn=adopt
    )  # fmt: skip
    os.close(slave)
    fds = {master: b""}
    read_all(case, started, fds)
    os.close(master)
    return started.returncode, fds[master], b""


def read_all(case: Case, started: subprocess.Popen[bytes], fds: dict[int, bytes]) -> None:
    """Read until every end; a server is interrupted once it printed what the case waits for."""
    deadline = time.monotonic() + TIMEOUT_S
    left = set(fds)
    is_stopped = False
    while left:
        ready, _, _ = select.select(list(left), [], [], 0.2)
        for fd in ready:
            try:
                data = os.read(fd, 65536)
            except OSError:
                data = b""
            fds[fd] += data
            if not data:
                left.discard(fd)
        seen = b"".join(fds.values())
        if case.until and not is_stopped and re.search(case.until.encode(), seen):
            is_stopped = True
            kill(started, signal.SIGINT)
            deadline = time.monotonic() + 5
        if time.monotonic() > deadline:
            kill(started, signal.SIGKILL)
        if started.poll() is not None and not ready:
            break
    started.wait()


def kill(started: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(started.pid, number)


def cut(data: bytes) -> bytes:
    if len(data) <= MAX_BYTES:
        return data
    head, tail = data[: MAX_BYTES // 3], data[-MAX_BYTES * 2 // 3 :]
    ends = (max(head.rfind(b"\n"), head.rfind(b"\r")) + 1, min(at for at in (tail.find(b"\n"), tail.find(b"\r")) if at >= 0) + 1)
    return head[: ends[0]] + tail[ends[1] :]


def scrubbed(text: str, folder: Path | None = None, url: str = "") -> str:
    """`text` without paths, hosts and users of this machine."""
    tools = [Path(sys.prefix), *(Path(path).parent for path in os.environ.get("CORPUS_TOOLS", "").split(":") if path)]
    pairs = [(str(folder), PROJECT)] if folder else []
    pairs += [(str(tool), "/opt/tools") for tool in tools] + [(str(ROOT), f"{HOME}/synk"), (str(Path.home()), HOME)]
    if url:
        pairs.append((url.removeprefix("http://"), "127.0.0.1:8000"))
    pairs += [(host, host.split(".")[0].replace("npm" + "js", "npm") + ".example.invalid") for host in HOSTS]
    pairs += [("file:///opt/pypi", "file:///srv/index"), ("/opt/wheels", "/srv/wheels")]
    for old, new in pairs:
        text = text.replace(old, new)
    text = re.sub(r"/tmp/corpus-\w+", PROJECT, text)
    name = re.escape(os.uname().nodename)
    text = re.sub(rf'(?<=@){name}\b|\b{name}(?=:)|(?<=hostname="){name}(?=")', "host", text)
    text = re.sub(r"N: Ignoring file '[^']*' in directory [^\n]*\n", "", text)  # what this machine has beside its package sources
    return re.sub(r"(?<!\d)(?:10|172|192|151|146|199|104)\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\d)", "192.0.2.1", text)


def slim(report: str) -> str:
    """A report without what nobody reads: long descriptions of packages."""
    try:
        value = json.loads(report)
    except ValueError:
        return report[:MAX_BYTES]
    for item in value.get("install", ()):
        item["metadata"] = {key: item["metadata"][key] for key in ("name", "version") if key in item["metadata"]}
    return json.dumps(value, indent=1)


class _Handler(http.server.BaseHTTPRequestHandler):
    """A file that takes a second, one that is missing, one that breaks off, one that is forbidden."""

    SIZE = 3_000_000

    def do_GET(self) -> None:
        if "missing" in self.path or "forbidden" in self.path:
            self.send_error(404 if "missing" in self.path else 403)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(self.SIZE))
        self.end_headers()
        part = self.SIZE // 30
        for number in range(30):
            if "broken" in self.path and number == 12:
                return
            self.wfile.write(b"x" * part)
            self.wfile.flush()
            select.select([], [], [], 0.08 if "quick" not in self.path else 0)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the recorder prints enough."""


@contextlib.contextmanager
def served() -> Any:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
