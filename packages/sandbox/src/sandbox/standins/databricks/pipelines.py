"""databricks_pipeline."""

import re
import time
from collections.abc import Iterable
from typing import Any

from sandbox.standins import schema
from sandbox.standins.behaviour import MissingError, RefusedError, Resource, answered, partly
from sandbox.standins.databricks.payloads import from_json, to_json
from sandbox.standins.databricks.session import Session, workspace
from sandbox.standins.databricks.unity_catalog import equal_but_for_case
from sandbox.standins.plan import Rules, Values

CREATE = workspace("POST", "/api/2.0/pipelines")
READ = workspace("GET", "/api/2.0/pipelines/{id}")
CHANGE = workspace("PUT", "/api/2.0/pipelines/{id}")
DELETE = workspace("DELETE", "/api/2.0/pipelines/{id}")

_ALIASES = {"cluster": "clusters", "library": "libraries", "notification": "notifications"}
# What the answer has beside the specification.
_OBSERVED = (
    "cause",
    "cluster_id",
    "creator_user_name",
    "health",
    "last_modified",
    "latest_updates",
    "run_as_user_name",
    "state",
)
_NEVER_SENT = frozenset({*_OBSERVED, "timeouts", "url"})
_NOT_CREATED_WITH = frozenset({"expected_last_modified"})
_PATIENCE_SECONDS = 20 * 60
_DEFAULT_STORAGE = re.compile(r"dbfs:/pipelines/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MAKES_ANEW = {  # inside a block
    "gateway_definition": ("connection_id", "gateway_storage_catalog", "gateway_storage_schema"),
    "ingestion_definition": ("connection_name", "ingestion_gateway_id"),
}
_NO_MORE_THAN_ONE = (("storage", "catalog"), ("target", "schema"))
_ALLOWED = {"channel": ("current", "preview"), "edition": ("pro", "core", "advanced")}


def _create(session: Session, planned: Values) -> Values:
    id_ = str(session.send(CREATE, body=_body(planned, _NOT_CREATED_WITH))["pipeline_id"])
    try:
        _until_it_runs(session, id_)
    except RefusedError:
        _remove(session, id_)
        raise
    return {"id": id_}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, id=state["id"])
    if not isinstance(found.get("spec"), dict):
        raise RefusedError(f"pipeline spec is nil for '{state['id']}'")
    observed = answered(found, _OBSERVED)
    read = from_json(_block(), found["spec"] | observed, aliases=_ALIASES)
    local = ("allow_duplicate_names", "expected_last_modified", "run_as", "timeouts")
    for name in local:
        read.pop(name)  # the specification does not tell
    return read | {"id": state["id"], "url": f"{session.host}/#joblist/pipelines/{state['id']}"}


def _update(session: Session, prior: Values, planned: Values) -> Values:
    session.send(CHANGE, id=prior["id"], body=_body(planned, frozenset()))
    with partly({"id": prior["id"]}):
        _until_it_runs(session, prior["id"])
    return {"id": prior["id"]}


def _delete(session: Session, state: Values) -> None:
    _remove(session, state["id"])


def _body(planned: Values, local: frozenset[str]) -> dict[str, Any]:
    body = to_json(_block(), planned, aliases=_ALIASES, local=_NEVER_SENT | local)
    for cluster in body.get("clusters", []):
        # No workers are meant only where the cluster says so: elsewhere the service chooses (adjustForceSendFields).
        if cluster.get("spark_conf", {}).get("spark.databricks.cluster.profile") == "singleNode":
            cluster.setdefault("num_workers", 0)
    return body


def _until_it_runs(session: Session, id_: str) -> None:
    """Wait for a continuous pipeline; any other must not have failed."""
    for _ in _attempts(f"Pipeline {id_} is not yet in state RUNNING"):
        found = session.send(READ, id=id_)
        if found.get("state") == "RUNNING":
            return
        if found.get("state") == "FAILED":
            raise RefusedError(f"pipeline {id_} has failed")
        if not found["spec"].get("continuous"):
            return


def _remove(session: Session, id_: str) -> None:
    session.send(DELETE, id=id_)
    for _ in _attempts(f"Pipeline {id_} is not yet deleted"):
        try:
            session.send(READ, id=id_)
        except MissingError:
            return


def _attempts(fault: str) -> Iterable[None]:
    """Turns of a wait, with longer and longer pauses; RefusedError when patience ends."""
    pause, waited = 0.5, 0.0
    while waited < _PATIENCE_SECONDS:
        yield
        time.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, 10)
    raise RefusedError(f"timeout while waiting: {fault}")


def _replaced(prior: Values, planned: Values) -> Iterable[str]:
    """A switch between storage and catalog, and what cannot be changed inside blocks."""
    if prior["storage"] != planned["storage"] and prior["catalog"] != planned["catalog"]:
        yield "catalog"
    for block, names in _MAKES_ANEW.items():
        before, after = prior[block], planned[block]
        if before and after and any(before[0][name] != after[0][name] for name in names):
            yield block


def _validate(config: Values) -> str | None:
    for first, second in _NO_MORE_THAN_ONE:
        if config[first] is not None and config[second] is not None:
            return f'"{first}": conflicts with {second}'
    for name, allowed in _ALLOWED.items():
        if isinstance(config[name], str) and config[name].lower() not in allowed:
            return f"expected {name} to be one of {list(allowed)}, got {config[name]}"
    return None


def _block() -> schema.Block:
    return schema.load("databricks").resources["databricks_pipeline"]


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, CHANGE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    drops_unasked=True,
    rules=Rules(
        defaults={"edition": "ADVANCED", "channel": "CURRENT"},
        replace=frozenset({"storage"}),
        replace_when=_replaced,
        same={"edition": equal_but_for_case, "catalog": equal_but_for_case},
        unset={"storage": lambda before: bool(_DEFAULT_STORAGE.fullmatch(before))},
        computed=frozenset({"latest_updates"}),
    ),
)
