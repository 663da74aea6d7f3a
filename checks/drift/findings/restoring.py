"""What restores an attribute that no plan shows: commands by type, else a replacement where nothing is lost with it."""

import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from checks.drift import remedies
from checks.drift.plan.difference import Leaf, settled
from deployed_kinds import BY_TYPE
from settings.forbidden import masked

Values = Mapping[str, Any]

_LONGEST = 400


def restoring(kind: str, values: Values, leaves: Sequence[Leaf], *, address: str, stack: str) -> str:
    """What to do about the leaves of one object, as a sentence without a full stop."""
    if kind == "databricks_job":
        return _of_job(values, leaves, stack)
    commands = tuple(_commands(kind, values, leaves))
    # What may be secret, or is too long to be read, is in no command.
    if len(commands) == len(leaves) and all(len(one) <= _LONGEST and masked(one) == one for one in commands):
        return remedies.call(*commands)
    row = BY_TYPE.get(kind)
    if row is None or row.protected:
        return remedies.set_back(row.noun if row else "object", takes=row.loss.what if row else "")
    return remedies.replace(address, stack=stack)


def _of_job(values: Values, leaves: Sequence[Leaf], stack: str) -> str:
    """All but who it runs as is written by each update (jobs/reset), and that stays as it is unless it is named."""
    number = int(values["id"]) if str(values.get("id", "")).isdigit() else values.get("id")
    said = []
    runs_as = {leaf.path.rpartition(".")[2]: leaf.after for leaf in leaves if leaf.attribute == "run_as"}
    if runs_as:
        wanted = {name: value for name, value in runs_as.items() if value is not None}
        said.append(remedies.call(_update_job(number, {"run_as": wanted})))
    if any(leaf.attribute != "run_as" for leaf in leaves):
        said.append(remedies.rewrite(_update_job(number, {"name": "changed by hand"}), stack=stack))
    return ". ".join(said)


def _update_job(number: Any, settings: Values) -> str:
    return f"databricks jobs update --json {shlex.quote(json.dumps({'job_id': number, 'new_settings': settings}))}"


def _commands(kind: str, values: Values, leaves: Iterable[Leaf]) -> Iterator[str]:
    restores = _COMMANDS.get(kind)
    for leaf in leaves if restores else ():
        command = restores(values, leaf) if restores else None
        if command is not None:
            yield shlex.join(("databricks", *command))


def _of_securable(group: str) -> Callable[[Values, Leaf], tuple[str, ...] | None]:
    def command(values: Values, leaf: Leaf) -> tuple[str, ...] | None:
        if leaf.path not in ("comment", "owner") or not isinstance(leaf.after, str | None):
            return None
        return (group, "update", str(values.get("id")), f"--{leaf.path}", leaf.after or "")

    return command


def _of_experiment(values: Values, leaf: Leaf) -> tuple[str, ...] | None:
    tag = _tag(leaf)
    return ("experiments", "set-experiment-tag", str(values.get("id")), *tag) if tag else None


def _of_model(values: Values, leaf: Leaf) -> tuple[str, ...] | None:
    name = str(values.get("name"))
    if leaf.path == "description" and isinstance(leaf.after, str | None):
        return ("model-registry", "update-model", name, "--description", leaf.after or "")
    if leaf.path.startswith("tags[") and leaf.after is None and isinstance(leaf.before, Mapping):
        return ("model-registry", "delete-model-tag", name, str(leaf.before.get("key")))
    tag = _tag(leaf)
    return ("model-registry", "set-model-tag", name, *tag) if tag else None


def _tag(leaf: Leaf) -> tuple[str, str] | None:
    """Key and value of the tag that a leaf is about."""
    if isinstance(leaf.after, Mapping):
        return str(leaf.after.get("key")), str(settled(leaf.after.get("value")) or "")
    key, _, rest = leaf.path.removeprefix('tags["').rpartition('"].')
    return (key, str(leaf.after)) if key and rest == "value" and isinstance(leaf.after, str) else None


_COMMANDS: Mapping[str, Callable[[Values, Leaf], tuple[str, ...] | None]] = {
    "databricks_catalog": _of_securable("catalogs"),
    "databricks_mlflow_experiment": _of_experiment,
    "databricks_mlflow_model": _of_model,
    "databricks_registered_model": _of_securable("registered-models"),
    "databricks_schema": _of_securable("schemas"),
    "databricks_volume": _of_securable("volumes"),
}
