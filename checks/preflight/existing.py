"""What exists already under the names that the stacks will use, and with which import id it is taken over.

A deploy would make a second one of what has no name of its own (principals, jobs, pipelines), and fail on what has
(catalogs, schemas, models, experiments, volumes, monitors). Everything else is written by PUT or PATCH and simply
brought to the wanted state; branch protection takes itself over.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound
from databricks.sdk.errors.base import DatabricksError

from checks.check import Check, Finding, Outcome, Remedy, UncheckableError
from checks.live import Live
from checks.preflight.deployed_by_cli import deployed_ids
from checks.synthesized import Resource, Stack
from checks.terraform import Terraform, TerraformError
from checks.unity import IsolatedError, find
from deployed_kinds import KINDS
from unity_catalog import SecurableType

_NAMES = ("display_name", "name", "cluster_name", "table_name")
_EXPRESSION = re.compile(r"\$\{([a-z0-9_.]+\.[\w-]+)\.(\w+)\}")
WRITE = "python -m checks preflight --write-adopt"


@dataclass(frozen=True, slots=True)
class Existing:
    """Objects that a resource would become; one of them, by its import id, unless nobody can tell which."""

    address: str
    what: str
    ids: tuple[str, ...]


def existing_check(live: Live, terraform: Terraform, stack: Stack, needs: Iterable[str]) -> Check:
    """Whether anything is in the way of one stack."""
    return Check(
        id=f"{stack.name}.existing",
        about=f"nothing that {stack.name} creates exists already, or it is taken over",
        needs=tuple(needs),
        run=lambda: _run(live, terraform, stack),
        remedy=Remedy("take it over", (f"{WRITE} {stack.name}",)),
        docs="what-exists-already",
    )


def any_findable(stack: Stack) -> bool:
    """Whether the stack makes anything that could be in its own way."""
    return any(resource.type in FINDERS for resource in stack.resources())


def found_in(live: Live, terraform: Terraform, stack: Stack) -> tuple[Existing, ...]:
    """What is there and in no state; UncheckableError where the state does not open."""
    return live.once(("existing", stack.name), lambda: tuple(_search(live, terraform, stack)))


def not_taken_over(live: Live, stack: Stack, adopted: Mapping[str, str]) -> Iterator[str]:
    """What cannot be imported of a principal that is: its tokens, which the deploy replaces."""
    environment = live.settings.stacks[stack.name].environment
    if environment is None:
        return
    for address, principal in adopted.items():
        if not address.startswith("databricks_service_principal."):
            continue
        tokens = live.workspace(environment).token_management.list()
        count = sum(1 for token in tokens if str(token.owner_id) == principal)
        if count:
            yield (
                f"{environment.principal} has {count} tokens, which cannot be imported: the next deploy makes two of "
                f"its own and writes one into {environment.secret}. `python -m checks audit --fix {stack.name}` then "
                "revokes the others."
            )


def _run(live: Live, terraform: Terraform, stack: Stack) -> Outcome:
    adopted = {adoption.address for adoption in live.settings.adoptions.get(stack.name, ())}
    found = found_in(live, terraform, stack)
    left = [one for one in found if one.address not in adopted]
    if not left:
        if found:
            return f"{len(found)} will be taken over by the next deploy"
        return f"resources looked for by name: {sum(one.type in FINDERS for one in stack.resources())}"
    unclear = [one for one in left if len(one.ids) > 1]
    text = "; ".join(f"{one.what} ({one.address}: {' or '.join(one.ids)})" for one in left)
    if not unclear:
        return Finding(text)
    names = ", ".join(one.what for one in unclear)
    return Finding(
        text,
        Remedy(
            f"there are several of {names}: delete those that are not in use, or write the id of the right one into "
            f"adopt.{stack.name} of mlops.yaml; the command takes over the rest",
            (f"{WRITE} {stack.name}",),
        ),
    )


def _search(live: Live, terraform: Terraform, stack: Stack) -> Iterator[Existing]:
    if not any_findable(stack):
        return  # As of the repository, which no workspace knows.
    try:
        held = {one.address for one in terraform.state(stack)}
    except TerraformError as error:
        raise UncheckableError(f"the state of {stack.name} does not open: {error}") from None
    client = _client(live, stack)
    by_cli = deployed_ids(live, client, stack)
    known = {resource.address: resource.body for resource in stack.resources()}
    for configured in stack.resources():
        finder = FINDERS.get(configured.type)
        resource = replace(configured, body=_Values(client, known, configured.body))
        if finder is None or resource.address in held:
            continue
        if told := by_cli.get(resource.address):
            yield Existing(resource.address, f"{resource.type} that the Databricks CLI deployed", (told,))
        elif ids := tuple(finder(live, client, resource)):
            yield Existing(resource.address, _named(resource), ids)


def _client(live: Live, stack: Stack) -> WorkspaceClient:
    """The workspace that a stack works in, as who deploys it."""
    configured = live.settings.stacks[stack.name]
    if configured.environment is not None:
        return live.workspace(configured.environment)
    if configured.bundle is not None and configured.bundle.environment is not None:
        return live.as_ci(configured.bundle.environment)
    raise UncheckableError(f"{stack.name} belongs to no environment")


def _named(resource: Resource) -> str:
    name = next((resource.body[name] for name in _NAMES if resource.body.get(name)), None)
    return f"{resource.type.removeprefix('databricks_').replace('_', ' ')} {name}"


def _principals(live: Live, _: WorkspaceClient, resource: Resource) -> Iterator[str]:
    name = resource.body["display_name"]
    for one in live.account.service_principals_v2.list(filter=f'displayName eq "{name}"'):
        if one.display_name == name and one.id:
            yield one.id


def _jobs(_: Live, client: WorkspaceClient, resource: Resource) -> Iterator[str]:
    for job in client.jobs.list(name=_text(resource, "name")):
        if job.settings and job.settings.name == resource.body["name"]:
            yield str(job.job_id)


def _pipelines(_: Live, client: WorkspaceClient, resource: Resource) -> Iterator[str]:
    for pipeline in client.pipelines.list_pipelines(filter=f"name LIKE '{_text(resource, 'name')}'"):
        if pipeline.name == resource.body["name"] and pipeline.pipeline_id:
            yield pipeline.pipeline_id


def _experiments(_: Live, client: WorkspaceClient, resource: Resource) -> Iterator[str]:
    try:
        found = client.experiments.get_by_name(_text(resource, "name").removeprefix("/Workspace")).experiment
    except NotFound:
        return
    if found and found.experiment_id:
        yield found.experiment_id


def _models(_: Live, client: WorkspaceClient, resource: Resource) -> Iterator[str]:
    try:
        client.model_registry.get_model(_text(resource, "name"))
    except DatabricksError as error:
        if isinstance(error, NotFound):
            return
        raise
    yield _text(resource, "name")


def _monitors(_: Live, client: WorkspaceClient, resource: Resource) -> Iterator[str]:
    try:
        client.quality_monitors.get(_text(resource, "table_name"))
    except NotFound:
        return
    yield _text(resource, "table_name")


def _clusters(_: Live, client: WorkspaceClient, resource: Resource) -> Iterator[str]:
    for cluster in client.clusters.list():
        if cluster.cluster_name == resource.body.get("cluster_name") and cluster.cluster_id:
            yield cluster.cluster_id


def _serving_endpoints(_: Live, client: WorkspaceClient, resource: Resource) -> Iterator[str]:
    try:
        client.serving_endpoints.get(_text(resource, "name"))
    except NotFound:
        return
    yield _text(resource, "name")


def _secret_scopes(_: Live, client: WorkspaceClient, resource: Resource) -> Iterator[str]:
    for scope in client.secrets.list_scopes():
        if scope.name == _text(resource, "name"):
            yield scope.name


def _warehouses(_: Live, client: WorkspaceClient, resource: Resource) -> Iterator[str]:
    for warehouse in client.warehouses.list():
        if warehouse.name == _text(resource, "name") and warehouse.id:
            yield warehouse.id


def _securables(kind: SecurableType, *parts: str) -> "Finder":
    def finder(_: Live, client: WorkspaceClient, resource: Resource) -> Iterator[str]:
        name = ".".join(_text(resource, part) for part in parts)
        try:
            found = find(client, kind, name)
        except IsolatedError as isolated:
            raise UncheckableError(f"the catalog {isolated} is not bound to this workspace") from None
        if found is not None:
            yield name

    return finder


def _text(resource: Resource, attribute: str) -> str:
    """A configured value that is known before anything is made; UncheckableError for one that is not."""
    value = str(resource.body[attribute])
    if _EXPRESSION.search(value):
        raise UncheckableError(f"{attribute} of {resource.address} is known only after the deploy")
    return value


class _Values(Mapping[str, Any]):
    """What a resource is configured with, as Terraform would work it out where that takes no deploy."""

    def __init__(
        self, client: WorkspaceClient, known: Mapping[str, Mapping[str, Any]], body: Mapping[str, Any]
    ) -> None:
        self._client, self._known, self._body = client, known, body

    def __getitem__(self, name: str) -> Any:
        value = self._body[name]
        if not isinstance(value, str):
            return value
        worked_out = _EXPRESSION.sub(self._replaced, value)
        return worked_out.replace("$${", "${").replace("%%{", "%{")

    def __iter__(self) -> Iterator[str]:
        return iter(self._body)

    def __len__(self) -> int:
        return len(self._body)

    def _replaced(self, found: re.Match[str]) -> str:
        address, attribute = found[1], found[2]
        if address.startswith("data.databricks_current_user."):
            return str(getattr(self._client.current_user.me(), attribute))
        value = self._known.get(address, {}).get(attribute)
        return found[0] if value is None else _EXPRESSION.sub(self._replaced, str(value))


Finder = Callable[[Live, WorkspaceClient, Resource], Iterable[str]]
FINDERS: Mapping[str, Finder] = {
    "databricks_service_principal": _principals,
    "databricks_catalog": _securables(SecurableType.CATALOG, "name"),
    **{one.type: _securables(one.securable, *one.name_parts) for one in KINDS.values() if one.securable},
    KINDS["clusters"].type: _clusters,
    KINDS["experiments"].type: _experiments,
    KINDS["jobs"].type: _jobs,
    KINDS["model_serving_endpoints"].type: _serving_endpoints,
    KINDS["models"].type: _models,
    KINDS["pipelines"].type: _pipelines,
    KINDS["quality_monitors"].type: _monitors,
    KINDS["secret_scopes"].type: _secret_scopes,
    KINDS["sql_warehouses"].type: _warehouses,
}
