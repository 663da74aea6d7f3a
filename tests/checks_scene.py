"""A deployed setup whose services answer in the test's own process, so that a check takes milliseconds."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from databricks.sdk import AccountClient, WorkspaceClient
from github import Auth, Github
from github.Repository import Repository

from checks.audit import audit_checks
from checks.check import Line, perform
from checks.live import Live
from checks.preflight import preflight_checks, providers
from checks.synthesized import Stack, read_stacks
from checks.terraform import StateResource, Terraform, TerraformError
from checks.verify import verify_checks
from packages.sandbox.tests.databricks_sandbox import _sender
from sandbox.clock import Clock
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.identity.principals import SERVICE_PRINCIPAL, Principal
from sandbox.dispatch import Dispatcher
from sandbox.github.world.repositories.repositories import find_repository
from sandbox.services import SERVICES
from sandbox.state import open_state, world_of
from sandbox.store import Document, Store
from settings import Settings, load
from tests.deployments import Deployment, account_administrator, administrator, as_ci, deployment_in
from tests.ml_project import MAKES_SCHEMAS, UPLOADED, check_out, project_config, write_project

WORKFLOWS = {
    ".github/workflows/deploy.yml": """\
on:
  push: {branches: [main]}
jobs:
  staging:
    env: {DATABRICKS_TOKEN: "${{ secrets.STAGING_WORKSPACE_TOKEN }}"}
    steps: [{run: databricks bundle deploy -t staging}]
""",
    ".github/workflows/release.yml": """\
on:
  push: {branches: [release]}
jobs:
  prod:
    uses: acme/setup/.github/workflows/bundle.yml@0123
    with: {target: prod}
    secrets: {workspace_token: "${{ secrets.PROD_WORKSPACE_TOKEN }}"}
""",
    ".github/workflows/tests.yml": "on: [pull_request]\njobs:\n  unit:\n    steps: [{run: pytest}]\n",
}
CONFIG = project_config(environments__prod__catalogs={"prod": {"create_schema": True, **MAKES_SCHEMAS}})
STAGING, PROD = (CONFIG["environments"][name]["host"] for name in ("staging", "prod"))
CI = {"staging": "taxi-fare-staging-ci", "prod": "taxi-fare-prod-ci"}


@dataclass
class States(Terraform):
    """What the states hold, read from the sandbox's files; `lost` are stacks and addresses that
    they do not hold after all, `empty` stacks that were never deployed, `closed` those whose state does not open.
    """

    folder: Path
    lost: set[tuple[str, str]] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    refusal: str | None = None

    def state(self, stack: Stack) -> tuple[StateResource, ...]:
        if stack.name in self.closed:
            raise TerraformError("the state is locked away")
        state = json.loads((self.folder / f"{stack.name}.tfstate").read_text(encoding="utf-8"))
        held = [
            StateResource(
                f"{one['type']}.{one['name']}", one["type"], one["instances"][0]["attributes"]["id"], attributes
            )
            for one in state["resources"]
            if one["mode"] == "managed"
            for attributes in [one["instances"][0]["attributes"]]
        ]
        return (
            () if stack.name in self.empty else tuple(one for one in held if (stack.name, one.address) not in self.lost)
        )

    def opens(self, backend: Mapping[str, Any]) -> None:
        if self.refusal:
            raise TerraformError(self.refusal)


@dataclass
class Scene:
    """Everything that a test may change, and the lines that come of it."""

    deployment: Deployment
    store: Store
    dispatcher: Dispatcher
    environ: dict[str, str]
    states: States
    data: dict[str, Any]
    stacks: dict[str, Stack]
    patch: Callable[[Any, str, Any], None]

    @property
    def settings(self) -> Settings:
        self.deployment.configure(self.data)
        environ = {"MLOPS_SANDBOX": "1", "MLOPS_BRANCH": "main"} if self.data.get("state", {}) == {} else {}
        return load(folder=self.deployment.configuration.parent, environ=environ)

    @property
    def live(self) -> Live:
        return Live(self.settings, self.environ)

    def preflight(self) -> dict[str, Line]:
        stacks = {name: stack for name, stack in self.stacks.items() if not name.startswith("bundle-")}
        return by_id(perform(preflight_checks(self.live, self.states, (), stacks)))

    def verify(self, *environments: str, active: bool = False) -> dict[str, Line]:
        return by_id(perform(verify_checks(self.live, environments, active=active)))

    def audit(self) -> dict[str, Line]:
        return by_id(perform(audit_checks(self.live, self.states, self.stacks, self.stacks)))

    # --- whom and what it is about

    @property
    def account(self) -> AccountClient:
        return account_administrator(self.deployment, CONFIG["account"]["id"])

    def workspace(self, host: str = STAGING) -> WorkspaceClient:
        return administrator(self.deployment, host)

    @property
    def github(self) -> Repository:
        client = Github(
            auth=Auth.Token(self.deployment.environ["GITHUB_TOKEN"]),
            seconds_between_requests=None,
            seconds_between_writes=None,
            retry=None,
        )
        return client.get_repo("acme/taxi-fare")

    @property
    def repository(self) -> Document:
        found = find_repository(self.store, "acme", "taxi-fare")
        assert found is not None
        return found

    def workspace_id(self, host: str = STAGING) -> int:
        found = self.dispatcher.world.workspace(host.removeprefix("https://"))
        assert found is not None
        return found.id

    def principal(self, display_name: str) -> Principal:
        everybody = principals.of_kind(self.store, SERVICE_PRINCIPAL)
        return next(one for one in everybody if one.display_name == display_name)

    def project_file(self, name: str, text: str) -> None:
        """Write a file of the ML project; the next test finds it as it was."""
        (self.deployment.configuration.parent / "ml" / name).write_text(text, encoding="utf-8")


def by_id(lines: tuple[Line, ...]) -> dict[str, Line]:
    return {line.id: line for line in lines}


@dataclass(frozen=True)
class Stage:
    """The deployed setup, once for all scenes."""

    deployment: Deployment
    environ: dict[str, str]
    saved: Path
    stacks: dict[str, Stack]


@contextmanager
def deployed_stage(folder: Path) -> Iterator[Stage]:
    """Deploy every stack of an environment and the repository for real, then let the server go."""
    write_project(folder, {"assets/all.yml": UPLOADED, **WORKFLOWS})
    with deployment_in(folder, CONFIG) as deployment:
        deployment.synth(MLOPS_BRANCH="main")
        for stack in ("repository", "staging", "prod"):
            deployment.apply(stack)
        runners = {
            stack: as_ci(deployment, secret, "main")
            for stack, secret in (
                ("bundle-staging", "STAGING_WORKSPACE_TOKEN"),
                ("bundle-test", "STAGING_WORKSPACE_TOKEN"),
            )
        }
        for stack, runner in runners.items():
            runner.apply(stack)
        tokens = {
            f"{name.upper()}_WORKSPACE_TOKEN": deployment.secret(f"{name.upper()}_WORKSPACE_TOKEN") for name in CI
        }
        store, saved = open_state(deployment.sandbox.folder), folder / "saved.sqlite"
        store.save(saved)
        store.close()
        stacks = {name: one for name, one in read_stacks(deployment.output).items() if name != "bundle-prod"}
        yield Stage(deployment, tokens, saved, stacks)


@contextmanager
def scene_of(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """The setup as it was deployed, whatever the last test did to it."""
    deployment = stage.deployment
    root = deployment.configuration.parent
    shutil.rmtree(root / "ml" / ".github", ignore_errors=True)
    write_project(root, {"assets/all.yml": UPLOADED, **WORKFLOWS})
    check_out(root / "ml", "main")
    store = open_state(deployment.sandbox.folder)
    store.restore(stage.saved)
    world = world_of(store)
    assert world is not None
    dispatcher = Dispatcher(world=world, services=SERVICES, store=store, clock=Clock())
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", _one_at_a_time(_sender(dispatcher)))
    for name in ("DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET"):
        monkeypatch.setenv(name, deployment.environ[name])
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(root / "none.cfg"))
    locked = (
        f'provider "registry.example/{one["source"]}" {{\n  version = "{one["version"]}"\n  hashes = ["zh:0"]\n}}\n'
        for one in stage.stacks["staging"].document["terraform"]["required_providers"].values()
    )
    (root / "providers.lock.hcl").write_text("".join(locked), encoding="utf-8")
    monkeypatch.setattr(providers, "LOCK", root / "providers.lock.hcl")
    environ = {**stage.environ, "GITHUB_TOKEN": deployment.environ["GITHUB_TOKEN"]}
    try:
        yield Scene(
            deployment=deployment,
            store=store,
            dispatcher=dispatcher,
            environ=environ,
            states=States(deployment.sandbox.folder.terraform_state),
            data=json.loads(json.dumps(CONFIG)),
            stacks=stage.stacks,
            patch=monkeypatch.setattr,
        )
    finally:
        store.close()


def _one_at_a_time(send: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    """The store is not for several threads; checks are performed by some."""
    lock = threading.Lock()

    def locked(*arguments: Any, **options: Any) -> requests.Response:
        with lock:
            return send(*arguments, **options)

    return locked


def without_workspace(scene: Scene, host: str) -> None:
    """Let the account have no such workspace; it still answers."""
    world = scene.dispatcher.world
    kept = tuple(one for one in world.workspaces if one.host != host.removeprefix("https://"))
    scene.dispatcher.world = replace(world, workspaces=kept)
