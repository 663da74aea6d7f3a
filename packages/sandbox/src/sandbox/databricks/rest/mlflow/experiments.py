"""`/mlflow/experiments`: experiments, which are objects in the workspace's tree; nothing is logged to them.

https://docs.databricks.com/api/workspace/experiments. One that is deleted is gone: the provider takes the stage
`deleted` for existing (mlflow/resource_mlflow_experiment.go).
"""

import re
from collections.abc import Iterable

from sandbox.computed import computed
from sandbox.databricks.rest.bodies import body, optional, required
from sandbox.databricks.rest.limits import limit
from sandbox.databricks.world.refusals import (
    ConflictError,
    InvalidError,
    NotBuiltError,
    NotFoundError,
)
from sandbox.databricks.world.workspace import workspace_tree
from sandbox.databricks.world.workspace.workspace_tree import IS_EXPERIMENT, Node
from sandbox.limits import Spelling, limited
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_provider
from sandbox.store import Document

_SOURCE = databricks_provider("mlflow/resource_mlflow_experiment_test.go")
_REFERENCE = databricks_api("workspace/experiments")

_BY_NAME = re.compile(r"""^\s*name\s*(=|LIKE|ILIKE)\s*(['"])(.*)\2\s*$""", re.IGNORECASE)

_ABSOLUTE = limit(
    "name",
    Spelling(re.compile(r"/.+"), "an absolute path", "/Shared/at-the-bound", "no/path"),
    databricks_provider("mlflow/resource_mlflow_experiment_test.go"),
    says="Got an invalid experiment name '{value}'. An experiment name must be an absolute path within the Databricks "
    "workspace, e.g. '/Users/<some-username>/my-experiment'.",
)


COMPUTED = computed(
    "experiment",
    databricks_api("workspace/experiments/getexperiment"),
    experiment_id="a number of its own",
    lifecycle_stage="active",
    artifact_location="a place in DBFS by the number",
    creation_time="when it was made, in milliseconds",
    last_update_time="when it was changed, in milliseconds",
)


@limited(_ABSOLUTE)
def create_experiment(call: Call) -> Document:
    """Make one at a path of the workspace; its folder must exist."""
    path = workspace_tree.place(required(call, "name", str))
    if workspace_tree.find(call, path) is not None:
        raise ConflictError(f"Node named '{path.rpartition('/')[2]}' already exists", source=_SOURCE)
    fields: Document = {"object_type": IS_EXPERIMENT, "owner_id": call.caller.id}
    fields |= {name: value for name in ("artifact_location", "tags") if (value := body(call).get(name))}
    return {"experiment_id": str(workspace_tree.put(call, path, fields).id)}


def get_experiment(call: Call) -> Document:
    """One."""
    return {"experiment": _shown(wanted(call))}


def get_experiment_by_name(call: Call) -> Document:
    """The one at a path."""
    return {"experiment": _shown(named(call))}


def search_experiments(call: Call) -> Document:
    """Those that the caller may see; the one filter is by name."""
    matches = _filter(optional(call, "filter", str) or "")
    root = workspace_tree.require(call, "/")
    found = [one for one in workspace_tree.below(call, root) if one.type == IS_EXPERIMENT and matches(one.path)]
    return {"experiments": [_shown(one) for one in found if workspace_tree.may_see(call, one)]}


def update_experiment(call: Call) -> None:
    """Rename one."""
    experiment, name = wanted(call), optional(call, "new_name", str)
    path = workspace_tree.place(name) if name else experiment.path
    if path != experiment.path:
        experiment = workspace_tree.move(call, experiment, path)
    workspace_tree.change(call, experiment, {"modified_at": call.clock.milliseconds()})


def delete_experiment(call: Call) -> None:
    """Remove one."""
    workspace_tree.remove(call, wanted(call))


def set_experiment_tag(call: Call) -> None:
    """Add a tag, or change its value."""
    experiment, key = wanted(call), required(call, "key", str)
    others: Iterable[Document] = experiment.document.get("tags", ())
    tags = [tag for tag in others if tag["key"] != key] + [{"key": key, "value": optional(call, "value", str) or ""}]
    workspace_tree.change(call, experiment, {"tags": tags})


def wanted(call: Call) -> Node:
    """The experiment that the call is about."""
    experiment_id = call.query.get("experiment_id") or required(call, "experiment_id", str)
    node = workspace_tree.by_id(call, experiment_id)
    if node is None or node.type != IS_EXPERIMENT:
        raise NotFoundError(f"Node ID {experiment_id} does not exist.", source=_SOURCE)
    return node


def named(call: Call) -> Node:
    """The experiment whose name the call asks for."""
    name = call.query.get("experiment_name", "")
    if not name:
        raise InvalidError("Missing required field: experiment_name", source=_REFERENCE)
    node = workspace_tree.find(call, workspace_tree.place(name))
    if node is None or node.type != IS_EXPERIMENT:
        raise NotFoundError(f"Could not find experiment with name {name}.", source=_SOURCE)
    return node


def _shown(node: Node) -> Document:
    document = node.document
    shown = {
        "experiment_id": str(node.id),
        "name": node.path,
        "artifact_location": document.get("artifact_location") or f"dbfs:/databricks/mlflow-tracking/{node.id}",
        "lifecycle_stage": "active",
        "creation_time": document["created_at"],
        "last_update_time": document["modified_at"],
    }
    # The service adds tags of its own; the provider would take them for drift in configured ones.
    return {**shown, "tags": document["tags"]} if document.get("tags") else shown


def _filter(wanted_filter: str) -> "_NameFilter":
    if not wanted_filter:
        return _NameFilter("LIKE", "%")
    match = _BY_NAME.match(wanted_filter)
    if match is None:
        raise NotBuiltError(
            "The sandbox searches experiments by name only: sandbox/databricks/rest/mlflow/experiments.py."
        )
    return _NameFilter(match[1].upper(), match[3])


class _NameFilter:
    def __init__(self, operator: str, value: str) -> None:
        pattern = re.escape(value) if operator == "=" else re.escape(value).replace("%", ".*").replace("_", ".")
        self._pattern = re.compile(pattern, re.IGNORECASE if operator == "ILIKE" else 0)

    def __call__(self, name: str) -> bool:
        return self._pattern.fullmatch(name) is not None
