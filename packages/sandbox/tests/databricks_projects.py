"""A project's CI principal in a workspace with a notebook at home: what tests of jobs and the like start from."""

import base64
from dataclasses import dataclass
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.service import compute, iam, jobs, workspace

from packages.sandbox.tests.databricks_sandbox import STAGING, DatabricksSandbox

NOTEBOOK = b"# Databricks notebook source\nprint(1)\n"
PERMISSIONS = "/api/2.1/unity-catalog/permissions"


@dataclass
class Project:
    """The principal, its client and its folder."""

    databricks: DatabricksSandbox
    principal: iam.AccountServicePrincipal
    client: WorkspaceClient

    @property
    def name(self) -> str:
        return str(self.principal.application_id)

    @property
    def home(self) -> str:
        return f"/Workspace/Users/{self.name}"

    @property
    def notebook(self) -> str:
        return f"{self.home}/train"

    def grant(self, kind: str, name: str, *privileges: str) -> None:
        self._change(kind, name, add=list(privileges))

    def revoke(self, kind: str, name: str, *privileges: str) -> None:
        self._change(kind, name, remove=list(privileges))

    def _change(self, kind: str, name: str, **change: list[str]) -> None:
        changes = [{"principal": self.name, **change}]
        path = f"{PERMISSIONS}/{kind}/{name}"
        self.databricks.workspace().api_client.do("PATCH", path, body={"changes": changes})

    def task(self, key: str = "train", *, after: tuple[str, ...] = (), **parameters: str) -> jobs.Task:
        """A notebook task on somebody's cluster."""
        return jobs.Task(
            task_key=key,
            depends_on=[jobs.TaskDependency(task_key=one) for one in after] or None,
            existing_cluster_id="0000-000000-shared",
            notebook_task=jobs.NotebookTask(notebook_path=self.notebook, base_parameters=parameters or None),
        )

    def make_job(self, *tasks: jobs.Task, name: str = "training") -> int:
        created = self.client.jobs.create(name=name, tasks=list(tasks) or [self.task()])
        return int(created.job_id or 0)


def write(client: WorkspaceClient, path: str, content: bytes, **options: Any) -> None:
    """A file, or the notebook that it is."""
    encoded = base64.b64encode(content).decode()
    client.workspace.import_(path, content=encoded, format=workspace.ImportFormat.AUTO, **options)


def make_project(databricks: DatabricksSandbox, name: str = "ci") -> Project:
    """A member of the staging workspace with a notebook."""
    principal, client = databricks.make_member(name, workspace=STAGING)
    write(client, f"/Users/{principal.application_id}/train.py", NOTEBOOK)
    return Project(databricks, principal, client)


def job_cluster() -> compute.ClusterSpec:
    """A cluster that a job would make for itself."""
    return compute.ClusterSpec(spark_version="16.4.x-scala2.12", node_type_id="i3.xlarge", num_workers=1)
