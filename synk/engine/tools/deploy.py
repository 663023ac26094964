"""Environments, machines and clusters: conda, terraform, kubectl, helm, ansible."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure, Progress
from synk.engine.tools.generic import bar

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_CONDA = re.compile(r"^(?P<name>[\w.-]+)\s+\|\s+(?P<size>[\d.]+ \w+)\s+\|\s*[#\d ]*\|\s+(?P<pct>\d{1,3})%")
_TF_PLAN = re.compile(r"^Plan: (?P<add>\d+) to add, (?P<change>\d+) to change, (?P<destroy>\d+) to destroy")
_TF_DONE = re.compile(r"^\S+: (?:Creation|Modifications|Destruction|Import) complete")
_ROLLOUT = re.compile(r"(?P<done>\d+) (?:of|out of) (?P<total>\d+) (?:new|updated) (?:replicas|pods)")
_TASK = re.compile(r"^TASK \[(?P<name>.+?)\] \*+")


class DeployProgress:
    """Resources terraform planned and finished, replicas of a rollout, conda's bars; ansible names its task only."""

    def __init__(self) -> None:
        self._planned = 0
        self._done = 0

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if plan := _TF_PLAN.match(text):
            self._planned = sum(int(plan[key]) for key in ("add", "change", "destroy"))
            return Progress(0.0, 0, self._planned, "resources", "applying", confidence="high") if self._planned else None
        if _TF_DONE.match(text) and self._planned:
            self._done += 1
            return Progress(
                100 * self._done / self._planned, self._done, self._planned, "resources", "applying", confidence="high"
            )
        if rollout := _ROLLOUT.search(text):
            done, total = float(rollout["done"]), float(rollout["total"])
            return Progress(100 * done / total if total else None, done, total, "replicas", "rollout")
        if task := _TASK.match(text):
            return Progress(phase=task["name"])
        if conda := _CONDA.match(text):
            return Progress(float(conda["pct"]), phase=conda["name"])
        return bar(text)


_TF_APPLIED = re.compile(
    r"^(?:Apply|Destroy) complete! Resources: (?:(?P<added>\d+) added, (?P<changed>\d+) changed, )?(?P<destroyed>\d+) destroyed",
    re.MULTILINE,
)
_TF_NONE = re.compile(r"^No changes\.", re.MULTILINE)
_RECAP = re.compile(
    r"^(?P<host>\S+)\s+: ok=(?P<ok>\d+)\s+changed=(?P<changed>\d+)\s+unreachable=(?P<unreachable>\d+)\s+failed=(?P<failed>\d+)"
    r"(?:\s+skipped=(?P<skipped>\d+))?",
    re.MULTILINE,
)
_KUBECTL = re.compile(
    r"^(?P<what>[\w.-]+/[\w.-]+) (?P<state>created|configured|unchanged|deleted|patched|scaled|restarted)", re.MULTILINE
)
_HELM = re.compile(r"^STATUS: (?P<status>\w+)", re.MULTILINE)


def result(ended: Ended) -> dict[str, Any] | None:
    """What was changed: terraform's counts, ansible's recap per host, kubectl's objects, helm's status."""
    text = ended.text
    if applied := _TF_APPLIED.search(text):
        return {"source": "text", **{key: int(value or 0) for key, value in applied.groupdict().items()}}
    if plan := next((found for line in text.splitlines() if (found := _TF_PLAN.match(line))), None):
        return {"source": "text", "planned": {key: int(value) for key, value in plan.groupdict().items()}}
    if _TF_NONE.search(text):
        return {"source": "text", "added": 0, "changed": 0, "destroyed": 0}
    if hosts := list(_RECAP.finditer(text)):
        told = {
            host["host"]: {key: int(value or 0) for key, value in host.groupdict().items() if key != "host"} for host in hosts
        }
        return {"source": "text", "hosts": told}
    if objects := list(_KUBECTL.finditer(text)):
        return {"source": "text", "objects": [{"name": found["what"], "state": found["state"]} for found in objects]}
    if helm := _HELM.search(text):
        return {"source": "text", "status": helm["status"]}
    return None


_TF_ERROR = re.compile(r"^[│╷]?\s*Error: (?P<text>.+)$", re.MULTILINE)
_TF_PLACE = re.compile(r"^[│]?\s+on (?P<file>\S+) line (?P<line>\d+)", re.MULTILINE)
_ANSIBLE = re.compile(r"^(?:fatal|failed): \[(?P<host>[^\]]+)\](?:: (?P<state>\w+!))? => (?P<json>.*)$", re.MULTILINE)
_ANSIBLE_ERROR = re.compile(r"^(?:ERROR! |\[ERROR\]: )(?P<text>.+)$", re.MULTILINE)
_KUBE_ERROR = re.compile(
    r"^(?:error|Error|Unable to connect to the server|Error from server(?: \(\w+\))?): ?(?P<text>.+)$", re.MULTILINE
)
_KUBE_REFUSED = re.compile(r"The connection to the server (?P<where>\S+) was refused")
_CONDA_ERROR = re.compile(r"^(?P<kind>\w+Error): ?(?P<text>.*)$", re.MULTILINE)


def explain(facts: Facts) -> Failure | None:
    """The first error in the tool's own words, with its place."""
    text = facts.text
    details: dict[str, Any] = {"code": facts.exit_code}
    if facts.runs("terraform", "tofu", "terragrunt") and (error := _TF_ERROR.search(text)):
        place = _TF_PLACE.search(text, error.end())
        file, line = (place["file"], int(place["line"])) if place else (None, None)
        return Failure("deploy", error["text"].strip(), file, line, suggestions=tuple(_terraform_hints(text)), details=details)
    if facts.runs("ansible*"):
        return _ansible(text, details)
    if facts.runs("kubectl", "oc", "helm", "helmfile", "kustomize"):
        return _kubernetes(text, details)
    if facts.runs("conda", "mamba", "micromamba") and (error := _CONDA_ERROR.search(text)):
        hint = ("No channel has it under that name: search with conda search NAME, or add -c conda-forge.",)
        is_missing = error["kind"] in ("PackagesNotFoundError", "ResolvePackageNotFound")
        return Failure("deploy", f"{error['kind']}: {error['text']}", suggestions=hint if is_missing else (), details=details)
    return None


def _terraform_hints(text: str) -> Iterator[str]:
    if re.search(r"terraform init|Inconsistent dependency lock file|provider.*not (?:yet )?(?:available|installed)", text):
        yield "The folder is not set up for these providers: run terraform init."
    elif "Error acquiring the state lock" in text:
        yield "Another terraform works on this state: wait, or terraform force-unlock ID if it crashed."
    elif "Reference to undeclared" in text:
        yield "The name is declared nowhere: add it, or check its spelling."


def _ansible(text: str, details: dict[str, Any]) -> Failure | None:
    tasks = list(_TASK_LINE.finditer(text))
    if failed := _ANSIBLE.search(text):
        task = next((found["name"] for found in reversed(tasks) if found.start() < failed.start()), "")
        message = re.search(r'"msg": "((?:[^"\\]|\\.)*)"', failed["json"])
        said = json.loads(f'"{message[1]}"') if message else failed["json"][:200]
        details |= {"host": failed["host"], "task": task}
        is_lost = failed["state"] == "UNREACHABLE!"
        hint = ("The machine cannot be reached by ssh: check address, user and key.",) if is_lost else ()
        return Failure("deploy", f"{task or 'task'} failed on {failed['host']}: {said}", suggestions=hint, details=details)
    error = _ANSIBLE_ERROR.search(text)
    return Failure("deploy", error["text"].strip(), details=details) if error else None


_TASK_LINE = re.compile(_TASK.pattern, re.MULTILINE)


def _kubernetes(text: str, details: dict[str, Any]) -> Failure | None:
    if refused := _KUBE_REFUSED.search(text):
        hint = "No cluster answers there: check the context (kubectl config current-context) and that the cluster runs."
        return Failure(
            "deploy", f"The cluster at {refused['where']} refused the connection", suggestions=(hint,), details=details
        )
    error = _KUBE_ERROR.search(text)
    if error is None:
        return None
    hints = ("Your user may not do this in the cluster: ask for the right.",) if "(Forbidden)" in error[0] else ()
    return Failure("deploy", error["text"].strip(), suggestions=hints, details=details)
