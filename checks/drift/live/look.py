"""The look at the objects of one stack: one request for each, several at a time."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from checks.check import UncheckableError
from checks.drift.live.comparison import compare
from checks.drift.live.row import Answer, LiveRow
from checks.drift.live.table import ROWS
from checks.drift.live.wanted import Wanted
from checks.drift.plan.difference import Leaf, differences, settled
from checks.drift.plan.document import Plan, PriorResource
from checks.synthesized import Resource, Stack

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_AT_ONCE = 8
# A job of more than a hundred tasks comes by page (https://docs.databricks.com/api/workspace/jobs/get).
_PAGED = ("tasks", "job_clusters", "environments", "parameters")
_MOST_PAGES = 100


@dataclass(frozen=True, slots=True)
class LiveLook:
    """What the services have otherwise, by address, as leaves from what is there to what is wanted.

    `problems` name what could not be looked at: sentences without a full stop.
    """

    leaves: Mapping[str, tuple[Leaf, ...]] = field(default_factory=dict, repr=False)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Subject:
    """An object that is looked at: its row, what its stack asks for, what its state has."""

    row: LiveRow
    resource: Resource
    held: PriorResource


def look(stack: Stack, plan: Plan, connect: Callable[[], "WorkspaceClient"]) -> LiveLook:
    """Ask for every object of a stack that its plan leaves in place; nobody is asked where there is none."""
    subjects = tuple(_subjects(stack, plan))
    if not subjects:
        return LiveLook()
    try:
        client = connect()
    except UncheckableError as reason:
        return LiveLook(problems=(f"what is there could not be looked at: {reason}",))
    wanted, deployer = Wanted(plan), _deployer(plan)

    def ask(subject: _Subject) -> tuple[Leaf, ...] | str:
        try:
            answer = _answer(client, subject)
        except UncheckableError as reason:
            return f"{subject.resource.address} could not be looked at: {reason}"
        return _compared(subject, answer, wanted.of(subject.resource.body), deployer, plan)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        told = list(zip(subjects, pool.map(ask, subjects), strict=True))
    return LiveLook(
        {subject.resource.address: found for subject, found in told if not isinstance(found, str) and found},
        tuple(found for _, found in told if isinstance(found, str)),
    )


def _subjects(stack: Stack, plan: Plan) -> Iterator[_Subject]:
    """What the state still has after the plan's own look, and no deploy destroys for good."""
    held = {one.address: one for one in plan.held if one.managed}
    for resource in stack.resources():
        due = plan.planned.get(resource.address)
        gone = due is not None and (due.imports or (due.deletes and not due.replaces))
        if resource.type in ROWS and resource.address in held and not gone:
            yield _Subject(ROWS[resource.type], resource, held[resource.address])


def _deployer(plan: Plan) -> str:
    """Who deploys the stack, by the name that the workspace knows; empty where the stack does not ask."""
    users = (one.values.get("user_name") for one in plan.held if one.type == "databricks_current_user")
    return str(next(users, None) or "")


def _answer(client: "WorkspaceClient", subject: _Subject) -> Answer:
    from checks.live import sure

    values = {name: quote(str(value), safe="") for name, value in subject.held.values.items()}
    url = urlsplit(subject.row.url.format_map(values))
    query = dict(parse_qsl(url.query))

    def get(**more: str) -> dict[str, Any]:
        found = sure(lambda: client.api_client.do("GET", url.path, query={**query, **more}))
        if not isinstance(found, dict):
            raise UncheckableError("the answer is no object")
        return found

    answer = get()
    pages = 1
    while (token := answer.pop("next_page_token", None)) and pages < _MOST_PAGES:
        further, pages = get(page_token=str(token)), pages + 1
        settings = answer.setdefault("settings", {})
        for name in _PAGED:
            settings[name] = [*settings.get(name, ()), *((further.get("settings") or {}).get(name) or ())]
        answer["next_page_token"] = further.get("next_page_token")
    return answer


def _compared(subject: _Subject, answer: Answer, wanted: dict[str, Any], deployer: str, plan: Plan) -> tuple[Leaf, ...]:
    row = subject.row
    handed_on: tuple[Leaf, ...] = ()
    if row.principal and not wanted.get(row.principal):
        if deployer and (not row.maker or answer.get(row.maker) == deployer):
            wanted[row.principal] = _as(row.principal, deployer)
        else:
            # Whose it is was settled when it was made, by whoever did: only that it has changed can be told.
            answer = {name: value for name, value in answer.items() if name != row.principal}
            handed_on = _handed_on(row, subject.resource.address, plan)
    return (*compare(row, answer, wanted, subject.held.values), *handed_on)


def _as(principal: str, name: str) -> Any:
    """The value of the attribute that says who: a name, or what kind of name."""
    if principal != "run_as":
        return name
    return {"user_name" if "@" in name else "service_principal_name": name}


def _handed_on(row: LiveRow, address: str, plan: Plan) -> tuple[Leaf, ...]:
    drift = plan.drift.get(address)
    if drift is None or drift.deletes:
        return ()
    now, before = (settled((values or {}).get(row.principal)) for values in (drift.after, drift.before))
    return differences({row.principal: now}, {row.principal: before}) if before is not None else ()
