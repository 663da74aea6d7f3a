"""What a stack asks for differently from the Databricks CLI; why: docs/decisions/bundle-stack.md."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from settings import BundleSettings, GitCode
from settings.code_folder import below, bundle_folder, code_folder, names_folder
from stacks.bundle_conversion import Block, convert
from terraform_text import Reference, Template, written
from unity_catalog import normalise

# Which block of a task names its code in which attribute.
_CODE = {"notebook_task": "notebook_path", "spark_python_task": "python_file", "dbt_task": "project_directory"}
# What a bundle's own permissions mean on its folder, lowest first (CLI: bundle/permissions/workspace_root.go).
_ON_FOLDERS = {"CAN_VIEW": "CAN_READ", "CAN_RUN": "CAN_RUN", "CAN_MANAGE": "CAN_MANAGE"}
_LEVELS = tuple(_ON_FOLDERS)


@dataclass(frozen=True, slots=True)
class Declared:
    """One Terraform resource as data; `uses_code` when it names the bundle's folder in the workspace."""

    kind: str
    name: str
    body: Block
    uses_code: bool


def declared_resources(bundle: BundleSettings, *, names: Mapping[str, Reference]) -> Iterator[Declared]:
    """The resources of a bundle in the order of their addresses; `names` are replaced by references."""
    # Whatever lies in the bundle's folder needs that folder, and what names its files runs them.
    folder = bundle_folder(bundle.resolved)
    shaped = convert(bundle.resolved)["resource"]
    for kind, named in sorted(shaped.items()):
        for name, block in sorted(named.items()):
            body = _SHAPES.get(kind, _unchanged)(block, bundle)
            uses_code = any(names_folder(text, folder) for text in _texts(body))
            yield Declared(kind, name, written(body, names), uses_code)


def folder_access(bundle: BundleSettings, *, names: Mapping[str, Reference]) -> list[Block]:
    """Who may use the bundle's folder: its top-level `permissions`, in the words of workspace objects."""
    highest: dict[str, Block] = {}
    for entry in bundle.resolved.configuration.get("permissions") or ():
        who = {name: value for name, value in entry.items() if name != "level"}
        held = highest.setdefault(json.dumps(who, sort_keys=True), {**who, "permission_level": entry["level"]})
        # Two levels for one principal would be a difference for ever.
        held["permission_level"] = max(held["permission_level"], entry["level"], key=_LEVELS.index)
    entries = [{**one, "permission_level": _ON_FOLDERS[one["permission_level"]]} for one in highest.values()]
    return [written(entry, names) for entry in entries]


def _unchanged(block: Block, bundle: BundleSettings) -> Block:  # noqa: ARG001 - one of several shapes
    return block


def _job(job: Block, bundle: BundleSettings) -> Block:
    # A deployment block leads the workspace's pages to metadata that only the CLI writes.
    job = _without(job, "deployment")
    if bundle.git_code is None or "git_source" in job:
        return job
    files = code_folder(bundle.resolved)
    tasks = [_from_git(task, files, bundle.git_code) for task in job.get("task", ())]
    if tasks == job.get("task", []):
        return job
    source = {"url": bundle.git_code.url, "provider": bundle.git_code.provider, "branch": bundle.git_code.branch}
    return {**job, "git_source": source, "task": tasks}


def _from_git(task: Block, files: str, git_code: GitCode) -> Block:
    """The task with its code read from the repository, where it is the bundle's code."""
    moved = dict(task)
    for kind, attribute in _CODE.items():
        if kind in task:
            moved[kind] = _moved(task[kind], attribute, files, git_code)
    if "file" in task.get("sql_task", {}):
        moved["sql_task"] = {**task["sql_task"], "file": _moved(task["sql_task"]["file"], "path", files, git_code)}
    if "task" in task.get("for_each_task", {}):
        loop = task["for_each_task"]
        moved["for_each_task"] = {**loop, "task": _from_git(loop["task"], files, git_code)}
    return moved


def _moved(block: Block, attribute: str, files: str, git_code: GitCode) -> Block:
    path = block.get(attribute, "")
    first, *others = path.parts if isinstance(path, Template) else (path,)
    if not isinstance(first, str) or (inside := below(first, files)) is None:
        return block
    moved = "/".join(filter(None, (git_code.folder, inside)))
    if not others:
        # A job that names no project directory takes the repository's root.
        return {**_without(block, attribute), **({attribute: moved} if moved else {}), "source": "GIT"}
    if not inside and not first.endswith("/"):
        return block  # With what follows, it is the beginning of another folder's name.
    between = "/" if moved and first.endswith("/") else ""
    return {**block, attribute: Template((f"{moved}{between}", *others)), "source": "GIT"}


def _pipeline(pipeline: Block, bundle: BundleSettings) -> Block:  # noqa: ARG001 - one of several shapes
    return _without(pipeline, "deployment")


def _schema(schema: Block, bundle: BundleSettings) -> Block:
    return schema if bundle.schemas_may_lose_data else _without(schema, "force_destroy")


def _acl_entry(entry: Block, bundle: BundleSettings) -> Block:  # noqa: ARG001 - one of several shapes
    """The scope by a reference, not by its name: that gives the order, and renews the list of a renamed scope."""
    (on,) = entry["depends_on"]
    return {**_without(entry, "depends_on"), "scope": Template((Reference(f"{on}.name"),))}


def _tagged_once(block: Block, bundle: BundleSettings) -> Block:  # noqa: ARG001 - one of several shapes
    """The provider sets the tags of these when it makes them, and never again: it would plan to for ever."""
    return _ignoring(block, "tags") if "tags" in block else block


def _ignoring(block: Block, attribute: str) -> Block:
    """The resource without changes of an attribute; what its author says of its lifecycle stays."""
    lifecycle = block.get("lifecycle") or {}
    ignored = lifecycle.get("ignore_changes") or []
    if ignored != "all":
        ignored = [*ignored, *(() if attribute in ignored else (attribute,))]
    return {**block, "lifecycle": {**lifecycle, "ignore_changes": ignored}}


def _grants(grants: Block, bundle: BundleSettings) -> Block:  # noqa: ARG001 - one of several shapes
    """One entry per principal and privileges as the service spells them, or the next plan would differ."""
    merged: dict[str | Template, set[str]] = {}
    for grant in grants["grant"]:
        privileges = {normalise(str(privilege)) for privilege in grant.get("privileges", ())}
        merged.setdefault(grant.get("principal", ""), set()).update(privileges)
    return {
        **grants,
        "grant": [{"principal": who, "privileges": sorted(privileges)} for who, privileges in merged.items()],
    }


_SHAPES: Mapping[str, Callable[[Block, BundleSettings], Block]] = {
    "databricks_grants": _grants,
    "databricks_job": _job,
    "databricks_mlflow_experiment": _tagged_once,
    "databricks_mlflow_model": _tagged_once,
    "databricks_pipeline": _pipeline,
    "databricks_schema": _schema,
    "databricks_secret_acl": _acl_entry,
}


def _without(block: Block, name: str) -> Block:
    return {key: value for key, value in block.items() if key != name}


def _texts(value: Any) -> Iterator[str]:
    """Every string in the value, keys included."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str | Template):
        yield str(value)
