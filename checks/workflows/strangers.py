"""Steps that fetch what strangers wrote, in workflows that have secrets.

https://securitylab.github.com/resources/github-actions-preventing-pwn-requests
"""

import re
from collections.abc import Iterable

from checks.workflows.expressions import filled
from checks.workflows.running import StepRun, mapping

_HEAD = (
    "github.head_ref",
    "github.event.pull_request.head",
    "github.event.pull_request.merge_commit_sha",
    "github.event.workflow_run.head",
    "github.event.workflow_run.pull_requests",
)
_OWN = (
    "github.sha",
    "github.ref",
    "github.ref_name",
    "github.base_ref",
    "github.repository",
    "github.workflow_sha",
    "github.event.repository.",
    "github.event.pull_request.base.",
    "github.token",
    "matrix",
    "vars.",
    "secrets.",
)
_FETCHING = re.compile(r"\b(?:git|gh|curl|wget)\b")
_PULL = re.compile(r"\bpull/|\bgh pr (?:checkout|diff)\b")


def fetches_of_strangers(run: StepRun) -> bool | None:
    """Whether a step fetches the code of a pull request or of a fork; None where that is not to be read."""
    uses = str(run.step.get("uses", "")).lower().split("@")[0]
    if "checkout" in uses:
        given = mapping(run.step.get("with"))
        named = [value for key, value in given.items() if str(key).lower() in ("ref", "repository")]
        return _told(run, [str(value) for value in named], certain=True)
    script = str(run.step.get("run", ""))
    if not _FETCHING.search(script):
        return False
    texts = [script, *(str(value) for value in mapping(run.step.get("env")).values())]
    used = [name for name in run.origins if name in script]
    paths = {path for name in used for path in run.origins[name]}
    return True if _is_head(paths) else _told(run, texts, certain=False)


def _told(run: StepRun, texts: list[str], *, certain: bool) -> bool | None:
    asked = run.scope.with_contexts()
    for text in texts:
        filled(text, asked)
    paths = set(asked.paths)
    for path in asked.paths:
        if path.startswith("env."):
            paths |= {one for name, held in run.origins.items() if name.lower() == path[4:] for one in held}
    if _is_head(paths) or any(_PULL.search(text) for text in texts):
        return True
    known = all(path.startswith(_OWN) or (path.startswith("env.") and not _unknown(run, path)) for path in paths)
    return False if known or not certain else None


def _unknown(run: StepRun, path: str) -> bool:
    held = [origin for name, origin in run.origins.items() if name.lower() == path[4:]]
    return not held or not all(one.startswith(_OWN) for origin in held for one in origin)


def _is_head(paths: Iterable[str]) -> bool:
    return any(path.startswith(_HEAD) for path in paths)
