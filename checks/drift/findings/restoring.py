"""What restores an attribute that no plan shows: requests by type, else a replacement where nothing is lost with it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from checks.commands import databricks
from checks.drift import remedies
from checks.drift.plan.difference import Leaf, settled
from deployed_kinds import BY_TYPE
from settings.forbidden import masked

Values = Mapping[str, Any]
Request = tuple[str, str, dict[str, Any] | None]
"""Method, path and body."""

_LONGEST = 400


def restoring(kind: str, values: Values, leaves: Sequence[Leaf], *, address: str, stack: str, host: str) -> str:
    """What to do about the leaves of one object, as a sentence without a full stop; `host` is its workspace."""
    if kind == "databricks_job":
        return _of_job(values, leaves, stack, host)
    commands = [databricks(method, host, path, body) for method, path, body in _requests(kind, values, leaves)]
    # What may be secret, or is too long to be read, is in no command.
    if len(commands) == len(leaves) and all(len(one) <= _LONGEST and masked(one) == one for one in commands):
        return remedies.call(*commands)
    row = BY_TYPE.get(kind)
    if row is None or row.protected:
        return remedies.set_back(row.noun if row else "object", takes=row.loss.what if row else "")
    return remedies.replace(address, stack=stack)


def _of_job(values: Values, leaves: Sequence[Leaf], stack: str, host: str) -> str:
    """An update writes all settings of a job (jobs/reset) but who it runs as, which stays unless it is named."""

    def update(settings: Values) -> str:
        number = int(values["id"]) if str(values.get("id", "")).isdigit() else values.get("id")
        return databricks("POST", host, "/api/2.2/jobs/update", {"job_id": number, "new_settings": settings})

    said = []
    runs_as = {leaf.path.rpartition(".")[2]: leaf.after for leaf in leaves if leaf.attribute == "run_as"}
    wanted = {name: value for name, value in runs_as.items() if isinstance(value, str)}
    if wanted:
        said.append(remedies.call(update({"run_as": wanted})))
    if any(leaf.attribute != "run_as" for leaf in leaves):
        said.append(remedies.rewrite(update({"name": "changed by hand"}), stack=stack))
    return ". ".join(said)


def _requests(kind: str, values: Values, leaves: Iterable[Leaf]) -> Iterator[Request]:
    restores = _REQUESTS.get(kind)
    for leaf in leaves if restores else ():
        request = restores(values, leaf) if restores else None
        if request is not None:
            yield request


def _of_securable(collection: str) -> Callable[[Values, Leaf], Request | None]:
    def request(values: Values, leaf: Leaf) -> Request | None:
        if leaf.path not in ("comment", "owner") or not isinstance(leaf.after, str | None):
            return None
        path = f"/api/2.1/unity-catalog/{collection}/{quote(str(values.get('id')), safe='')}"
        return "PATCH", path, {leaf.path: leaf.after or ""}

    return request


def _of_experiment(values: Values, leaf: Leaf) -> Request | None:
    tag = _tag(leaf)
    if tag is None:
        return None
    body = {"experiment_id": str(values.get("id")), **tag}
    return "POST", "/api/2.0/mlflow/experiments/set-experiment-tag", body


def _of_model(values: Values, leaf: Leaf) -> Request | None:
    models, name = "/api/2.0/mlflow/registered-models", str(values.get("name"))
    if leaf.path == "description" and isinstance(leaf.after, str | None):
        return "PATCH", f"{models}/update", {"name": name, "description": leaf.after or ""}
    if leaf.path.startswith("tags") and leaf.after is None and isinstance(leaf.before, Mapping):
        key = quote(str(leaf.before.get("key")), safe="")
        return "DELETE", f"{models}/delete-tag?name={quote(name, safe='')}&key={key}", None
    tag = _tag(leaf)
    return ("POST", f"{models}/set-tag", {"name": name, **tag}) if tag else None


def _tag(leaf: Leaf) -> dict[str, str] | None:
    """The tag that a leaf is about, as it is wanted."""
    if isinstance(leaf.after, Mapping):
        return {"key": str(leaf.after.get("key")), "value": str(settled(leaf.after.get("value")) or "")}
    key, _, rest = leaf.path.removeprefix('tags["').rpartition('"].')
    return {"key": key, "value": leaf.after} if key and rest == "value" and isinstance(leaf.after, str) else None


_REQUESTS: Mapping[str, Callable[[Values, Leaf], Request | None]] = {
    "databricks_catalog": _of_securable("catalogs"),
    "databricks_mlflow_experiment": _of_experiment,
    "databricks_mlflow_model": _of_model,
    "databricks_registered_model": _of_securable("models"),
    "databricks_schema": _of_securable("schemas"),
    "databricks_volume": _of_securable("volumes"),
}
