"""The app deployed into a sandbox of the test's own, with real cdktf and real Terraform."""

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result
from databricks.sdk import AccountClient, WorkspaceClient

from checks import app_runs
from checks.cli import main as checks_cli
from checks.synthesized import PROJECT, SynthesisError
from packages.sandbox.tests.sandbox_processes import Sandbox
from sandbox import audit
from sandbox.github.world.actions.secrets import open_secret
from sandbox.state import open_state, world_of

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ENVIRON = "import json, os; print(json.dumps(dict(os.environ)))"
NO_CHANGES = "No changes. Your infrastructure matches the configuration."


@dataclass(slots=True)
class Deployment:
    """A sandbox that is up, and the environment that its commands get."""

    sandbox: Sandbox
    environ: dict[str, str]

    def configure(self, data: Mapping[str, Any]) -> None:
        """Write mlops.yaml anew; JSON is YAML."""
        self.configuration.write_text(json.dumps(data), encoding="utf-8")

    @property
    def configuration(self) -> Path:
        return self.sandbox.root.parent / "mlops.yaml"

    @property
    def output(self) -> Path:
        return self.sandbox.folder.output

    def run(self, *command: str, code: int = 0, cwd: Path = PROJECT, environ: Mapping[str, str] | None = None) -> str:
        """Run a command inside, which ends with that exit code; what it said, without colours."""
        ended, said = self.outcome(*command, cwd=cwd, environ=environ)
        assert ended == code, f"{' '.join(command)}: exit code {ended}\n{said[-8000:]}"
        return said

    def outcome(self, *command: str, cwd: Path = PROJECT, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
        """The exit code of a command inside, and what it said, without colours."""
        done = subprocess.run(
            command, cwd=cwd, env={**self.environ, **(environ or {})}, capture_output=True, text=True, timeout=300
        )
        return done.returncode, ESCAPES.sub("", done.stdout + done.stderr)

    def checks(self, *arguments: str, code: int = 0) -> str:
        """Run `python -m checks` in this process, which ends with that exit code; what it said."""
        ended, said = self.checks_outcome(*arguments)
        assert ended == code, f"checks {' '.join(arguments)}: exit code {ended}\n{said}"
        return said

    def checks_outcome(self, *arguments: str, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
        """What `python -m checks` ends with and says, in this process; the app too runs here."""
        done = run_checks(arguments, {**self.environ, **(environ or {})}, _synthesize_each)
        return done.exit_code, ESCAPES.sub("", done.output)

    def cdktf(self, *arguments: str, code: int = 0, **environ: str) -> str:
        return self.run("cdktf", *arguments, code=code, environ=environ)

    def synth(self, **environ: str) -> None:
        """What `cdktf synth` does, in this process: neither cdktf nor another Node is started."""
        run_app({**self.environ, **environ})

    def terraform(self, stack: str, *arguments: str, code: int = 0, **environ: str) -> str:
        """Run Terraform on a synthesized stack; initializes it the first time."""
        folder = self.output / "stacks" / stack
        if arguments[0] != "init" and not (folder / ".terraform").exists():
            self.terraform(stack, "init", "-input=false")
        return self.run(self.environ["TERRAFORM_BINARY_NAME"], *arguments, code=code, cwd=folder, environ=environ)

    def apply(self, stack: str, *, code: int = 0) -> str:
        return self.terraform(stack, "apply", "-auto-approve", "-input=false", "-no-color", code=code)

    def plan(self, stack: str) -> dict[str, Any]:
        """The plan as JSON."""
        self.terraform(stack, "plan", "-input=false", "-out=plan")
        plan: dict[str, Any] = json.loads(self.terraform(stack, "show", "-json", "plan"))
        return plan

    def pending(self, stack: str) -> list[tuple[str, list[str]]]:
        """What an apply would change, as (resource type, actions)."""
        changes = self.plan(stack).get("resource_changes", [])
        return [
            (change["type"], change["change"]["actions"])
            for change in changes
            if change["change"]["actions"] not in (["no-op"], ["read"])
        ]

    def destroy(self, stack: str, *, code: int = 0) -> str:
        return self.terraform(stack, "destroy", "-auto-approve", "-input=false", "-no-color", code=code)

    def dump(self) -> dict[str, dict[str, Any]]:
        """Everything that exists."""
        store = open_state(self.sandbox.folder)
        try:
            return store.dump()
        finally:
            store.close()

    def secret(self, name: str, environment: str | None = None) -> str:
        """An Actions secret, opened."""
        store = open_state(self.sandbox.folder)
        try:
            world = world_of(store)
            assert world is not None
            return open_secret(store, world, name=name, environment=environment)
        finally:
            store.close()

    def requests(self, after: int = 0) -> list[audit.Entry]:
        """The audit log."""
        store = open_state(self.sandbox.folder)
        try:
            return audit.entries(store, after=after)
        finally:
            store.close()


def run_app(environ: Mapping[str, str]) -> None:
    """main.py in this process, with that environment and nothing else."""
    with patch.dict(os.environ, environ, clear=True):
        runpy.run_path(str(PROJECT / "main.py"), run_name="__main__")


def run_checks(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    synthesize_each: Callable[[Sequence[Mapping[str, str]]], Iterator[SynthesisError | None]],
) -> Result:
    """`python -m checks` in this process, with that environment and nothing else; `synthesize_each` runs the app."""
    with (
        patch.dict(os.environ, environ, clear=True),
        patch("checks.synthesized.synthesize_each", synthesize_each),
        patch("checks.drift.plan.sources.synthesize_each", synthesize_each),
    ):
        done = CliRunner().invoke(checks_cli, list(arguments))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def _synthesize_each(environs: Sequence[Mapping[str, str]]) -> Iterator[SynthesisError | None]:
    for environ in environs:
        with patch.dict(os.environ):
            words = app_runs.run(environ)
        yield None if words is None else SynthesisError(words)


@contextmanager
def deployment_in(folder: Path, data: Mapping[str, Any], *, empty: bool = False) -> Iterator[Deployment]:
    """A fresh sandbox seeded from `data`, or with `empty` accounts that have nothing yet; up until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    sandbox = Sandbox(folder / ".sandbox", {"CHECKPOINT_DISABLE": "1", "JSII_RUNTIME_PACKAGE_CACHE": "enabled"})
    deployment = Deployment(sandbox, {})
    deployment.configure(data)
    if empty:
        sandbox("seed", "--empty")
    sandbox("up")
    try:
        deployment.environ = json.loads(sandbox.python(ENVIRON))
        yield deployment
    finally:
        sandbox("down")


def administrator(deployment: Deployment, host: str) -> WorkspaceClient:
    """The SDK on a workspace as who sets everything up; in a process that has entered the sandbox."""
    return WorkspaceClient(
        host=host,
        client_id=deployment.environ["DATABRICKS_CLIENT_ID"],
        client_secret=deployment.environ["DATABRICKS_CLIENT_SECRET"],
        auth_type="oauth-m2m",
    )


def account_administrator(deployment: Deployment, account_id: str) -> AccountClient:
    """The SDK on the account, likewise."""
    return AccountClient(
        host="https://accounts.cloud.databricks.com",
        account_id=account_id,
        client_id=deployment.environ["DATABRICKS_CLIENT_ID"],
        client_secret=deployment.environ["DATABRICKS_CLIENT_SECRET"],
        auth_type="oauth-m2m",
    )


def application_id(client: WorkspaceClient, display_name: str) -> str:
    """The name by which grants know the principal of that display name."""
    (principal,) = client.service_principals.list(filter=f'displayName eq "{display_name}"')
    assert principal.application_id is not None
    return principal.application_id


def as_owner(deployment: Deployment) -> Deployment:
    """The owner of the account and of the organisation, who lets others deploy."""
    said = deployment.sandbox("run", "--as-owner", "--", sys.executable, "-c", ENVIRON).stdout
    return Deployment(deployment.sandbox, json.loads(said))


def as_ci(deployment: Deployment, secret: str, branch: str) -> Deployment:
    """A job of a workflow on a branch: it has that secret, and nothing else."""
    said = deployment.sandbox("run", "--as-secret", secret, "--", sys.executable, "-c", ENVIRON).stdout
    return Deployment(deployment.sandbox, {**json.loads(said), "MLOPS_BRANCH": branch})


def enter(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, **environ: str) -> None:
    """Let clients in the test's own process see the sandbox, with no credentials but those given."""
    for name in list(os.environ):
        if name.upper().startswith(("DATABRICKS_", "GITHUB_", "NO_PROXY")):
            monkeypatch.delenv(name)
    for name, value in {**deployment.environ, **environ}.items():
        if name.upper().endswith(("_PROXY", "_FILE", "_BUNDLE")) or name in environ:
            monkeypatch.setenv(name, value)
