"""Around a bundle: code that somebody has edited in the workspace, and jobs of the same names."""

import base64
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound
from databricks.sdk.service.workspace import ExportFormat

from checks.audit.states import state_of
from checks.check import Check, Finding, Outcome, Remedy, Skipped
from checks.live import Live
from checks.remedies import upload_again
from checks.synthesized import Stack
from checks.terraform import StateResource, Terraform
from deployed_kinds import KINDS
from settings import BundleSettings, EnvironmentSettings

_CODE = ("databricks_notebook", "databricks_workspace_file")
_AT_ONCE = 8


def bundle_checks(live: Live, terraform: Terraform, bundle: BundleSettings, stack: Stack) -> Iterator[Check]:
    """The checks of one target; none for a person's own."""
    if bundle.environment is None:
        return
    deployed = f"{stack.name}.state"
    ours = (live, terraform, bundle.environment, stack)
    yield Check(
        id=deployed,
        about=f"the state of {stack.name} opens",
        needs=(),
        run=lambda: _deployed(live, terraform, stack),
        remedy=Remedy("deploy the bundle", (f"cdktf deploy {stack.name}",)),
        docs="what-terraform-cannot-see",
    )
    yield Check(
        id=f"{stack.name}.code",
        about="the code in the workspace is what was uploaded",
        needs=(deployed,),
        run=partial(_code, *ours),
        remedy=upload_again(stack.name),
        docs="what-terraform-cannot-see",
    )
    yield Check(
        id=f"{stack.name}.jobs",
        about="no other job in the workspace has the name of a job of the bundle",
        needs=(deployed,),
        run=partial(_jobs, *ours),
        remedy=Remedy("delete those that are not the stack's, or rename them", by="their owners"),
        docs="what-terraform-cannot-see",
    )


def _deployed(live: Live, terraform: Terraform, stack: Stack) -> Outcome:
    held = state_of(live, terraform, stack)
    return f"{len(held)} resources" if held else Skipped(f"{stack.name} was never deployed")


def _code(live: Live, terraform: Terraform, environment: EnvironmentSettings, stack: Stack) -> Outcome:
    client = live.workspace(environment)
    files = [one for one in state_of(live, terraform, stack) if one.type in _CODE]
    if not files:
        return Skipped("not looked at: the stack uploads no code")
    sources = {one.address: stack.folder / str(one.body.get("source", "")) for one in stack.resources()}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        told = list(pool.map(lambda one: _difference(client, one, sources.get(one.address)), files))
    if edited := [text for text in told if text]:
        addresses = [one.address for one, text in zip(files, told, strict=True) if text]
        return Finding(", ".join(edited), upload_again(stack.name, *addresses))
    return f"{len(files)} files"


def _difference(client: WorkspaceClient, uploaded: StateResource, source: Path | None) -> str:
    """What is wrong with one file in the workspace; nothing when it is what was uploaded."""
    path = str(uploaded.attributes["path"])
    try:
        exported = client.workspace.export(path, format=_format(uploaded))
    except NotFound:
        return f"{path} is gone"
    content = base64.b64decode(exported.content or "")
    wanted = str(uploaded.attributes.get("md5"))
    # The workspace may keep a notebook with or without its last line break.
    variants = (content, content.rstrip(b"\n"), content.rstrip(b"\n") + b"\n")
    if wanted in {hashlib.md5(one, usedforsecurity=False).hexdigest() for one in variants}:
        return ""
    if source is not None and source.is_file() and _lines(source.read_bytes()) == _lines(content):
        return ""
    return f"{path} was edited"


def _format(uploaded: StateResource) -> ExportFormat:
    if uploaded.type == "databricks_workspace_file":
        return ExportFormat.RAW
    return ExportFormat.JUPYTER if uploaded.attributes.get("format") == "JUPYTER" else ExportFormat.SOURCE


def _lines(content: bytes) -> list[bytes]:
    return [line.rstrip() for line in content.strip().splitlines()]


def _jobs(live: Live, terraform: Terraform, environment: EnvironmentSettings, stack: Stack) -> Outcome:
    client = live.workspace(environment)
    known = {
        one.id: str(one.attributes.get("name"))
        for one in state_of(live, terraform, stack)
        if one.type == KINDS["jobs"].type
    }
    if not known:
        return Skipped("not looked at: the stack has no jobs")
    others = []
    for name in sorted(set(known.values())):
        for job in client.jobs.list(name=name):
            if job.settings and job.settings.name == name and str(job.job_id) not in known:
                others.append(f"{name} ({job.job_id})")
    return Finding(f"there are also {', '.join(others)}") if others else f"{len(known)} jobs"
