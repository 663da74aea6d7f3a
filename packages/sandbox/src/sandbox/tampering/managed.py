"""What is ours: the objects in the sandbox's own Terraform states."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.folder import Folder

Attributes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Managed:
    """One object that Terraform manages.

    `host` is where its provider speaks to Databricks, without scheme; "" for GitHub's. `words` is what people call it.
    `configured` names the attributes that its stack sets; `attributes` is what the state holds, tokens included.
    """

    stack: str
    address: str
    type: str
    host: str
    words: str
    configured: frozenset[str]
    attributes: Attributes = field(repr=False)

    def __getitem__(self, attribute: str) -> Any:
        return self.attributes[attribute]


def managed_objects(folder: Folder) -> list[Managed]:
    """Every managed object, ordered by stack and address.

    A stack that is not synthesized any more has none: its JSON alone says where its objects are and what it sets.
    """
    states = {path.stem: list(_instances(_read(path))) for path in sorted(folder.terraform_state.glob("*.tfstate"))}
    names = {
        id_: name
        for instances in states.values()
        for resource, instance in instances
        for id_, name in _names(resource["type"], instance["attributes"])
    }
    found = []
    for stack, instances in states.items():
        synthesized = _read(folder.output / "stacks" / stack / "cdk.tf.json")
        for resource, instance in instances:
            body = synthesized.get("resource", {}).get(resource["type"], {}).get(resource["name"])
            if body is None:
                continue
            index = instance.get("index_key")
            found.append(
                Managed(
                    stack=stack,
                    address=f"{resource['type']}.{resource['name']}"
                    + ("" if index is None else f"[{json.dumps(index)}]"),
                    type=resource["type"],
                    host=_host(synthesized, str(body.get("provider", ""))),
                    words=_words(resource["type"], instance["attributes"], names),
                    configured=frozenset(body),
                    attributes=instance["attributes"],
                )
            )
    return sorted(found, key=lambda one: (one.stack, one.address))


def _instances(state: Attributes) -> Iterator[tuple[Attributes, Attributes]]:
    """The managed instances of a state; deposed ones wait for nothing but their end."""
    for resource in state.get("resources", ()):
        if resource["mode"] == "managed":
            yield from ((resource, instance) for instance in resource["instances"] if "deposed" not in instance)


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8") or "{}")
    except FileNotFoundError:
        return {}
    return content


def _host(synthesized: Attributes, provider: str) -> str:
    """The host in the provider block that "databricks.workspace" names."""
    name, _, alias = provider.partition(".")
    blocks = synthesized.get("provider", {}).get(name, ())
    hosts = (str(block.get("host", "")) for block in blocks if block.get("alias", "") == alias)
    return next(hosts, "").removeprefix("https://")


# Which attribute names an object, for the types whose ids other objects refer to.
_NAMED_BY = {
    "databricks_cluster": "cluster_name",
    "databricks_job": "name",
    "databricks_mlflow_experiment": "name",
    "databricks_mlflow_model": "name",
    "databricks_model_serving": "name",
    "databricks_pipeline": "name",
    "databricks_sql_endpoint": "name",
    "databricks_service_principal": "display_name",
}
_REFERRED_TO_BY = ("id", "application_id", "registered_model_id", "serving_endpoint_id")


def _names(kind: str, attributes: Attributes) -> Iterator[tuple[str, str]]:
    """What people say instead of an object's ids."""
    if kind in _NAMED_BY:
        for key in _REFERRED_TO_BY:
            if attributes.get(key):
                yield str(attributes[key]), str(attributes[_NAMED_BY[kind]])


def _words(kind: str, attributes: Attributes, names: Mapping[str, str]) -> str:
    """What people call an object; names stand for the ids of ours."""
    template = WORDS.get(kind, "{id}")
    said = {key: names.get(str(value), value) for key, value in attributes.items()}
    return template(said) if callable(template) else template.format_map(said)


# Which attribute says what a grant or an access list is about, and what people call that.
_SECURABLES = {"catalog": "catalog", "schema": "schema", "table": "table", "volume": "volume", "function": "model"}
_LISTED = {
    "job_id": "job",
    "pipeline_id": "pipeline",
    "experiment_id": "experiment",
    "registered_model_id": "model",
    "directory_path": "folder",
    "cluster_id": "cluster",
    "serving_endpoint_id": "serving endpoint",
    "sql_endpoint_id": "SQL warehouse",
}


def _subject(said: Attributes, nouns: Mapping[str, str]) -> str:
    return next((f"{noun} {said[key]}" for key, noun in nouns.items() if said.get(key)), "something")


WORDS: Mapping[str, str | Callable[[Attributes], str]] = {
    "databricks_catalog": "catalog {name}",
    "databricks_cluster": "cluster {cluster_name}",
    "databricks_directory": "folder {path}",
    "databricks_entitlements": "service principal {service_principal_id}",
    "databricks_grant": lambda said: f"the grant of {said['principal']} on {_subject(said, _SECURABLES)}",
    "databricks_grants": lambda said: f"the grants on {_subject(said, _SECURABLES)}",
    "databricks_group_member": "group member {member_id}",
    "databricks_job": "job {name}",
    "databricks_mlflow_experiment": "experiment {name}",
    "databricks_mlflow_model": "model {name} of the workspace",
    "databricks_model_serving": "serving endpoint {name}",
    "databricks_notebook": "notebook {path}",
    "databricks_obo_token": "token {comment}",
    "databricks_permission_assignment": "service principal {principal_id}",
    "databricks_permissions": lambda said: f"the access list of {_subject(said, _LISTED)}",
    "databricks_pipeline": "pipeline {name}",
    "databricks_quality_monitor": "the monitor of table {table_name}",
    "databricks_registered_model": "model {catalog_name}.{schema_name}.{name}",
    "databricks_schema": "schema {catalog_name}.{name}",
    "databricks_secret_acl": "the access of {principal} to secret scope {scope}",
    "databricks_secret_scope": "secret scope {name}",
    "databricks_service_principal": "service principal {display_name}",
    "databricks_sql_endpoint": "SQL warehouse {name}",
    "databricks_volume": "volume {catalog_name}.{schema_name}.{name}",
    "databricks_workspace_file": "file {path}",
    "github_actions_environment_secret": "secret {secret_name} of environment {environment}",
    "github_actions_repository_permissions": "the Actions permissions of {repository}",
    "github_actions_secret": "secret {secret_name}",
    "github_branch": "branch {branch}",
    "github_branch_protection": "the protection of {pattern}",
    "github_repository_environment": "environment {environment}",
    "github_repository_environment_deployment_policy": "the branches {branch_pattern} of environment {environment}",
    "github_workflow_repository_permissions": "the workflow permissions of {repository}",
}
