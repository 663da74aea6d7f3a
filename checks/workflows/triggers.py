"""What starts a workflow: the events, their filters, and the situations in which its jobs then run.

https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checks.check import UncheckableError
from checks.workflows.patterns import chosen, example, is_plain

# They run with the repository's secrets, and anybody may be behind them.
OPEN_TO_STRANGERS = ("pull_request_target", "issue_comment", "issues", "workflow_run", "discussion_comment")
PULL_REQUESTS = ("pull_request", "pull_request_target")
_BY_HAND = "workflow_dispatch"
_ON_MAIN = ("schedule", "repository_dispatch", "workflow_run", "issues", "issue_comment", "discussion_comment")
OTHERS = "other branches"
_OTHER = "some/other-branch"
_MOST_BRANCHES = 64


@dataclass(frozen=True, slots=True)
class Situation:
    """One event on one ref. `source` is what it deploys from, in words or by the branch's name; None by hand."""

    event: str
    source: str | None
    github: Mapping[str, Any]
    certain: bool = True


def triggers(given: Any) -> Mapping[str, Any]:
    """The events under `on`, with their filters."""
    if isinstance(given, str):
        return {given: {}}
    if isinstance(given, list):
        return {str(event): {} for event in given}
    if isinstance(given, dict):
        return {str(event): {} if filters is None else filters for event, filters in given.items()}
    return {}


def takes(filters: Any, branch: str) -> bool:
    """Whether the filters of an event take a branch."""
    if not isinstance(filters, dict):
        return True
    if "branches" in filters:
        return chosen(_list(filters["branches"]), branch)
    if "branches-ignore" in filters:
        return not chosen(_list(filters["branches-ignore"]), branch)
    return not ("tags" in filters or "tags-ignore" in filters)


def for_every_pull_request(filters: Any, branch: str) -> bool:
    """Whether an event of pull requests is there for each commit of each of them into a branch."""
    if not isinstance(filters, dict):
        return True
    paths = _list(filters.get("paths"))
    everything = "**" in paths and not any(str(one).startswith("!") for one in paths)
    if "paths-ignore" in filters or ("paths" in filters and not everything):
        return False
    types = filters.get("types")
    if types is not None and not {"opened", "synchronize"} <= {str(one) for one in _list(types)}:
        return False
    return takes(filters, branch)


def situations(on: Mapping[str, Any], branches: Iterable[str], main: str) -> Iterator[Situation]:
    """Every kind of run that is told apart, for the branches that are named anywhere and for one that is not.

    UncheckableError where they are too many.
    """
    names = dict.fromkeys([main, *branches])
    for filters in on.values():
        if isinstance(filters, dict):
            for pattern in _list(filters.get("branches")):
                text = str(pattern).removeprefix("!")
                names.setdefault(text if is_plain(text) else example(text))
    if len(names) > _MOST_BRANCHES:
        raise UncheckableError(f"its filters and conditions name more than {_MOST_BRANCHES} branches")
    for event, filters in on.items():
        for name in [*names, _OTHER]:
            source = OTHERS if name == _OTHER else name
            if event == "push" and takes(filters, name):
                yield _on_branch(event, source, name)
            elif event == _BY_HAND:
                yield _on_branch(event, None, name)
            elif event in PULL_REQUESTS and takes(filters, name):
                yield _of_pull_request(event, filters, source, name)
        if event in _ON_MAIN or event not in ("push", "release", "workflow_call", "create", _BY_HAND, *PULL_REQUESTS):
            yield _on_branch(event, main, main)
        if event == "release" or (event == "push" and _takes_tags(filters)):
            github = {"ref": "refs/tags/v1.0.0", "ref_name": "v1.0.0", "ref_type": "tag", "event_name": event}
            yield Situation(event, "tags", {**github, "base_ref": "", "head_ref": ""}, certain=False)


def _on_branch(event: str, source: str | None, name: str) -> Situation:
    github = {"ref": f"refs/heads/{name}", "ref_name": name, "ref_type": "branch", "event_name": event}
    return Situation(event, source, {**github, "base_ref": "", "head_ref": ""})


def _of_pull_request(event: str, filters: Any, source: str, base: str) -> Situation:
    types = _list(filters.get("types")) if isinstance(filters, dict) else []
    if [str(one) for one in types] == ["closed"]:
        # Once merged, its ref is that of the branch that it was merged into; others have been closed too.
        github = {**_on_branch(event, source, base).github, "base_ref": base}
        return Situation(event, source, {key: value for key, value in github.items() if key != "head_ref"})
    ref = "refs/pull/1/merge" if event == "pull_request" else f"refs/heads/{base}"
    github = {"ref": ref, "ref_name": ref.removeprefix("refs/").removeprefix("heads/"), "event_name": event}
    return Situation(event, "pull requests", {**github, "ref_type": "branch", "base_ref": base})


def _takes_tags(filters: Any) -> bool:
    if not isinstance(filters, dict):
        return True
    if "tags" in filters or "tags-ignore" in filters:
        return True
    return not ("branches" in filters or "branches-ignore" in filters)


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [] if given is None or isinstance(given, dict) else [given]
