"""What a stack asks for differently from the Databricks CLI; why: docs/decisions/bundle-stack.md."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from settings import BundleSettings, GitCode
from stacks.bundle_conversion import Block, convert
from unity_catalog import normalise

# Which block of a task names its code in which attribute.
_CODE = {"notebook_task": "notebook_path", "spark_python_task": "python_file", "dbt_task": "project_directory"}
# What a bundle's own permissions mean on its folder, lowest first (CLI: bundle/permissions/workspace_root.go).
_ON_FOLDERS = {"CAN_VIEW": "CAN_READ", "CAN_RUN": "CAN_RUN", "CAN_MANAGE": "CAN_MANAGE"}
_LEVELS = tuple(_ON_FOLDERS)
# What Terraform would evaluate: everything but the addresses that references of the bundle have become, and but what is
# escaped already.
_TEMPLATE = re.compile(r"(?<!\$)\$\{(?!databricks_\w+\.[\w-]+(\.\w+|\[\d+\])*\})|(?<!%)%\{")


@dataclass(frozen=True, slots=True)
class Declared:
    """One Terraform resource as data; `uses_code` when it names a file of the bundle in the workspace."""

    kind: str
    name: str
    body: Block
    uses_code: bool


def declared_resources(bundle: BundleSettings, *, deployer: str | None) -> Iterator[Declared]:
    """The resources of a bundle in the order of their addresses; `deployer` is the expression for who deploys."""
    files = f"{bundle.resolved.workspace['file_path']}/"
    shaped = convert(bundle.resolved)["resource"]
    for kind, named in sorted(shaped.items()):
        for name, block in sorted(named.items()):
            body = _SHAPES.get(kind, _unchanged)(block, bundle)
            text = _escaped(body)
            uses_code = files in json.dumps(text)
            if bundle.stand_in is not None and deployer is not None:
                text = _replaced(text, bundle.stand_in, deployer)
            yield Declared(kind, name, text, uses_code)


def folder_access(bundle: BundleSettings, *, deployer: str | None) -> list[Block]:
    """Who may use the bundle's folder: its top-level `permissions`, in the words of workspace objects."""
    highest: dict[str, Block] = {}
    for entry in bundle.resolved.configuration.get("permissions") or ():
        who = {name: value for name, value in entry.items() if name != "level"}
        held = highest.setdefault(json.dumps(who, sort_keys=True), {**who, "permission_level": entry["level"]})
        # Two levels for one principal would be a difference for ever.
        held["permission_level"] = max(held["permission_level"], entry["level"], key=_LEVELS.index)
    entries = [{**one, "permission_level": _ON_FOLDERS[one["permission_level"]]} for one in highest.values()]
    access = _escaped(entries)
    if bundle.stand_in is not None and deployer is not None:
        access = _replaced(access, bundle.stand_in, deployer)
    return access  # type: ignore[no-any-return]


def _unchanged(block: Block, bundle: BundleSettings) -> Block:  # noqa: ARG001 - one of several shapes
    return block


def _job(job: Block, bundle: BundleSettings) -> Block:
    # A deployment block leads the workspace's pages to metadata that only the CLI writes.
    job = _without(job, "deployment")
    if bundle.git_code is None or "git_source" in job:
        return job
    files = f"{bundle.resolved.workspace['file_path']}/"
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
    path = str(block.get(attribute, ""))
    if not path.startswith(files):
        return block
    folder = f"{git_code.folder}/" if git_code.folder else ""
    return {**block, attribute: folder + path.removeprefix(files), "source": "GIT"}


def _pipeline(pipeline: Block, bundle: BundleSettings) -> Block:  # noqa: ARG001 - one of several shapes
    return _without(pipeline, "deployment")


def _schema(schema: Block, bundle: BundleSettings) -> Block:
    return schema if bundle.schemas_may_lose_data else _without(schema, "force_destroy")


def _tagged_once(block: Block, bundle: BundleSettings) -> Block:  # noqa: ARG001 - one of several shapes
    """The provider sets the tags of these when it makes them, and never again: it would plan to for ever."""
    return {**block, "lifecycle": {"ignore_changes": ["tags"]}} if "tags" in block else block


def _grants(grants: Block, bundle: BundleSettings) -> Block:  # noqa: ARG001 - one of several shapes
    """One entry per principal and privileges as the service spells them, or the next plan would differ."""
    merged: dict[str, set[str]] = {}
    for grant in grants["grant"]:
        merged.setdefault(str(grant.get("principal", "")), set()).update(map(normalise, grant.get("privileges", ())))
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
}


def _without(block: Block, name: str) -> Block:
    return {key: value for key, value in block.items() if key != name}


def _escaped(value: Any) -> Any:
    return _mapped(value, lambda text: _TEMPLATE.sub(lambda found: found[0][0] + found[0], text))


def _replaced(value: Any, old: str, new: str) -> Any:
    return _mapped(value, lambda text: text.replace(old, new))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """The value with every string in it changed."""
    if isinstance(value, dict):
        return {name: _mapped(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [_mapped(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value
