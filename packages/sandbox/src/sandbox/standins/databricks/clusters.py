"""databricks_cluster."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sandbox.standins import schema
from sandbox.standins.behaviour import MissingError, RefusedError, Resource, partly
from sandbox.standins.databricks import job_clusters
from sandbox.standins.databricks.payloads import from_json, to_json
from sandbox.standins.databricks.session import Session, backoff, workspace
from sandbox.standins.plan import Rules, Values

CREATE = workspace("POST", "/api/2.1/clusters/create")
READ = workspace("GET", "/api/2.1/clusters/get")
LIST = workspace("GET", "/api/2.1/clusters/list")
EDIT = workspace("POST", "/api/2.1/clusters/edit")
RESIZE = workspace("POST", "/api/2.1/clusters/resize")
PIN = workspace("POST", "/api/2.1/clusters/pin")
UNPIN = workspace("POST", "/api/2.1/clusters/unpin")
DELETE = workspace("POST", "/api/2.1/clusters/permanent-delete")

_NEVER_SENT = frozenset(
    {
        "cluster_id",
        "cluster_mount_info",
        "default_tags",
        "id",
        "idempotency_token",
        "is_pinned",
        "library",
        "no_wait",
        "provider_config",
        "state",
        "timeouts",
        "url",
    }
)
_LOCAL = (
    "apply_policy_default_values",
    "cluster_mount_info",
    "idempotency_token",
    "library",
    "no_wait",
    "provider_config",
    "timeouts",
)
_NO_SETTINGS = frozenset({"is_pinned", "library", "no_wait"})
_SIZE = frozenset({"autoscale", "num_workers"})
_CLOUDS = ("aws_attributes", "azure_attributes", "gcp_attributes")
_PATIENCE_SECONDS = 30 * 60


def _create(session: Session, planned: Values) -> Values:
    id_ = str(session.send(CREATE, body=_body(planned))["cluster_id"])
    with partly({"id": id_}):
        if planned["is_pinned"]:
            session.send(PIN, body={"cluster_id": id_})
        if not planned["no_wait"]:
            try:
                _until_it_runs(session, id_)
            except RefusedError:
                _remove(session, id_)
                raise
    return {"id": id_}


def _read(session: Session, state: Values) -> Values | None:
    id_ = state["id"]
    with _gone_is_missing(id_):
        found = session.send(READ, query={"cluster_id": id_})
    pinned = session.send(LIST, query={"filter_by.is_pinned": "true", "page_size": "100"}).get("clusters", [])
    read = from_json(_block(), found)
    for name in _LOCAL:
        read.pop(name)  # known here only
    return read | {
        "id": id_,
        "is_pinned": any(one["cluster_id"] == id_ for one in pinned),
        "url": f"{session.host}/#setting/clusters/{id_}/configuration",
    }


def _update(session: Session, prior: Values, planned: Values) -> Values:
    id_ = prior["id"]
    changed = {name for name in planned if planned[name] != prior[name]} - _NO_SETTINGS
    with _gone_is_missing(id_):
        found = session.send(READ, query={"cluster_id": id_})
    if changed and changed <= _SIZE and found.get("state") == "RUNNING":
        body = _body(planned)
        session.send(RESIZE, body={"cluster_id": id_, **{name: body[name] for name in _SIZE if name in body}})
    elif changed:
        session.send(EDIT, body={"cluster_id": id_, **_body(planned)})
    if bool(prior["is_pinned"]) != bool(planned["is_pinned"]):
        session.send(PIN if planned["is_pinned"] else UNPIN, body={"cluster_id": id_})
    return {"id": id_}


def _delete(session: Session, state: Values) -> None:
    _remove(session, state["id"])


def _remove(session: Session, id_: str) -> None:
    with suppress(MissingError), _gone_is_missing(id_):
        try:
            session.send(DELETE, body={"cluster_id": id_})
        except RefusedError as error:
            if "unpin the cluster first" not in str(error):
                raise
            session.send(UNPIN, body={"cluster_id": id_})
            session.send(DELETE, body={"cluster_id": id_})


def _body(planned: Values) -> dict[str, Any]:
    body = to_json(_block(), planned, local=_NEVER_SENT)
    if planned["workload_type"]:
        clients = planned["workload_type"][0]["clients"][0]
        body["workload_type"] = {"clients": {name: bool(clients[name]) for name in ("jobs", "notebooks")}}
    job_clusters.prepare(body, planned)
    return body


def _until_it_runs(session: Session, id_: str) -> None:
    """Wait as the SDK does (sdk/service/compute, WaitGetClusterRunning)."""
    waited, attempt = 0.0, 0
    while waited < _PATIENCE_SECONDS:
        found = session.send(READ, query={"cluster_id": id_})
        if found.get("state") == "RUNNING":
            return
        if found.get("state") in ("ERROR", "TERMINATED"):
            raise RefusedError(f"failed to reach RUNNING, got {found['state']}: {found.get('state_message', '')}")
        attempt += 1
        pause = backoff(attempt)
        time.sleep(pause)
        waited += pause
    raise RefusedError(f"timed out: cluster {id_} does not run yet")


@contextmanager
def _gone_is_missing(id_: str) -> Iterator[None]:
    """A cluster that is not there is refused as an invalid parameter (tpd/clusters/clusters_api.go)."""
    try:
        yield
    except RefusedError as error:
        if f"Cluster {id_} does not exist" in str(error):
            raise MissingError(str(error)) from error
        raise


def _validate(config: Values) -> str | None:
    if config["library"]:
        return "the stand-in provider does not install libraries on clusters"
    given = [name for name in _CLOUDS if config[name]]
    if len(given) > 1:
        return f'"{given[0]}": conflicts with {given[1]}'
    workers = config["num_workers"]
    if isinstance(workers, int) and workers < 0:
        return f"expected num_workers to be at least (0), got {workers}"
    engine = config["runtime_engine"]
    if isinstance(engine, str) and engine not in ("PHOTON", "STANDARD"):
        return f'expected runtime_engine to be one of ["PHOTON" "STANDARD"], got {engine}'
    return None


def _block() -> schema.Block:
    return schema.load("databricks").resources["databricks_cluster"]


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, LIST, EDIT, RESIZE, PIN, UNPIN, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    drops_unasked=True,
    rules=Rules(
        defaults={
            "autotermination_minutes": 60,
            "clients.jobs": True,
            "clients.notebooks": True,
            "is_pinned": False,
            "num_workers": 0,
        },
        replace=frozenset({"idempotency_token"}),
        same={"data_security_mode": job_clusters.is_alias},
        unset={
            "data_security_mode": bool,
            **{path: bool for name in _CLOUDS for path in (name, f"{name}.*")},
        },
    ),
    version=4,
)
