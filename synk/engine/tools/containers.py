"""docker, podman and their like: steps and layers, image ids and digests, a daemon that does not answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure, Progress
from synk.engine.tools.sizes import byte_count

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_BUILDKIT = re.compile(r"^#\d+ \[(?:(?P<stage>[\w.-]+) )?\s*(?P<done>\d+)/(?P<total>\d+)\] (?P<what>.+)$")
_CLASSIC = re.compile(r"^(?:STEP|Step) (?P<done>\d+)/(?P<total>\d+)\s?: (?P<what>.+)$")
_LAYER = re.compile(
    r"^(?P<id>[0-9a-f]{12}): (?P<state>Pulling fs layer|Waiting|Downloading|Extracting|Verifying Checksum"
    r"|Download complete|Pull complete"
    r"|Already exists|Preparing|Pushing|Pushed|Layer already exists|Mounted from \S+)(?:\s+\[.*?\]\s+"
    r"(?P<done>[\d.]+)\s?(?P<unit>\w*)/(?P<total>[\d.]+)"
    r"\s?(?P<total_unit>\w+))?"
)
_FINISHED = ("Pull complete", "Already exists", "Pushed", "Layer already exists")


class ContainerProgress:
    """Steps of a build; for pull and push the layers that are done."""

    def __init__(self) -> None:
        self._layers: dict[str, float] = {}

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if step := _BUILDKIT.match(text) or _CLASSIC.match(text):
            done, total = float(step["done"]), float(step["total"])
            stage = step.groupdict().get("stage") or "building"
            return Progress(100 * (done - 1) / total if total else None, done - 1, total, "steps", stage, confidence="high")
        layer = _LAYER.match(text)
        if layer is None:
            return None
        share = 1.0 if layer["state"].startswith((*_FINISHED, "Mounted")) else self._layers.get(layer["id"], 0.0)
        if layer["total"] and float(layer["total"]):
            done = byte_count(float(layer["done"]), layer["unit"] or layer["total_unit"])
            # Downloading is the larger part of what a layer takes; extracting follows.
            part = done / byte_count(float(layer["total"]), layer["total_unit"])
            share = max(share, part * 0.7 if layer["state"] == "Downloading" else 0.7 + part * 0.3)
        self._layers[layer["id"]] = share
        finished = sum(each == 1.0 for each in self._layers.values())
        pct = 100 * sum(self._layers.values()) / len(self._layers)
        return Progress(round(pct, 1), finished, len(self._layers), "layers", "layers")


_IMAGE = re.compile(
    r"writing image (?P<id>sha256:[0-9a-f]+)|Successfully built (?P<old>[0-9a-f]+)|^(?P<podman>[0-9a-f]{64})$", re.MULTILINE
)
_TAG = re.compile(r"naming to (?P<name>\S+)|Successfully tagged (?P<old>\S+)", re.MULTILINE)
_DIGEST = re.compile(r"[Dd]igest: (?P<digest>sha256:[0-9a-f]+)|exporting manifest (?P<manifest>sha256:[0-9a-f]+)")
_NO_DAEMON = re.compile(
    r"Cannot connect to the Docker daemon at (?P<where>\S+?)\.? |failed to connect to the docker API at "
    r"(?P<api>\S+)|unable to connect to Podman socket"
    r"|Is the docker daemon running"
)


def result(ended: Ended) -> dict[str, Any] | None:
    """{image, digest, tags}; {daemon: false} if none answers."""
    text = ended.text
    if not ended.is_fine:
        return {"source": "text", "daemon": False} if _NO_DAEMON.search(text) else None
    images = [next(group for group in found.groups() if group) for found in _IMAGE.finditer(text)]
    digests = [next(group for group in found.groups() if group) for found in _DIGEST.finditer(text)]
    tags = [next(group for group in found.groups() if group) for found in _TAG.finditer(text)]
    if not images and not digests:
        return None
    return {"source": "text", "image": images[-1] if images else None, "digest": digests[-1] if digests else None, "tags": tags}


_SAID = re.compile(r"^(?:ERROR|Error|error|\[\+\] .*ERROR|Error response from daemon|docker): (?P<text>.+)$", re.MULTILINE)
_STEP_ERROR = re.compile(r"^(?:ERROR: failed to (?:solve|build)|Error: building at STEP).*$", re.MULTILINE)
_DOCKERFILE = re.compile(r"^(?P<file>[\w./-]*(?:Dockerfile|Containerfile)[\w.-]*):(?P<line>\d+)$", re.MULTILINE)


def explain(facts: Facts) -> Failure | None:
    """The engine's own message; what a container printed is not looked at."""
    text = facts.own_text
    details: dict[str, Any] = {"code": facts.exit_code}
    if down := _NO_DAEMON.search(text):
        details["reason"] = "no_daemon"
        where = down["where"] or down["api"]
        message = f"The container engine does not answer{f' at {where}' if where else ''}"
        return Failure("containers", message, suggestions=("Start it: sudo systemctl start docker",), details=details)
    said = list(_STEP_ERROR.finditer(text)) or list(_SAID.finditer(text))
    if not said:
        return None
    place = _DOCKERFILE.search(text)
    message = said[-1][0].removeprefix("ERROR: ").removeprefix("Error: ").strip()
    return Failure(
        "containers", message, place["file"] if place else None, int(place["line"]) if place else None,
        suggestions=tuple(_hints(message, details)), details=details,
    )  # fmt: skip


def _hints(message: str, details: dict[str, Any]) -> Iterator[str]:
    if re.search(r"permission denied while trying to connect|dial unix .*permission denied", message):
        details["reason"] = "permission"
        yield "Your user may not use the engine: add it to the group docker, or use sudo."
    elif re.search(
        r"manifest (?:for \S+ )?not found|manifest unknown|pull access denied|repository does not exist|not found: manifest",
        message,
    ):
        details["reason"] = "no_image"
        yield "There is no such image or tag, or it is private: check the name, or log in."
    elif re.search(r"no such host|dial tcp|i/o timeout|Temporary failure|connection refused|lookup ", message):
        details["reason"] = "network"
        yield "The registry cannot be reached: check its name and the network."
    elif re.search(r"no space left", message):
        details["reason"] = "disk"
        yield "The disk is full: docker system prune frees what is not used."
    elif re.search(r"port is already allocated|address already in use", message):
        details["reason"] = "port"
        yield "Another program uses that port: `docker ps` and `ss -ltnp` show which."
    elif "Dockerfile" in message and "no such file" in message:
        details["reason"] = "no_dockerfile"
        yield "There is no Dockerfile in this folder: name it with -f, or change the folder."
