"""A whole setup in a sandbox, bundles included, and `python -m checks` on it."""

import os
import runpy
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import github
from databricks.sdk import AccountClient, WorkspaceClient
from databricks.sdk.service.jobs import BaseJob
from github.Repository import Repository

from checks.drift.report.model import DriftReport
from checks.synthesized import PROJECT
from tests.deployments import Deployment, account_administrator, administrator, as_ci, deployment_in, run_checks
from tests.ml_project import ASSETS, FILES, project_config

CONFIG = project_config()
# A monitor needs a table of the principal's own, which a job of its makes.
UPLOADED = ASSETS[: ASSETS.index("  quality_monitors:")] + ASSETS[ASSETS.index("  pipelines:") :]
SECRETS = {"staging": "STAGING_WORKSPACE_TOKEN", "prod": "PROD_WORKSPACE_TOKEN"}
HOSTS = {name: section["host"] for name, section in CONFIG["environments"].items()}
ENVIRONMENTS = ("staging", "prod")
STACKS = ("repository", *ENVIRONMENTS, "bundle-staging", "bundle-test", "bundle-prod")


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: int
    said: str
    errors: str

    @property
    def report(self) -> DriftReport:
        """What it wrote as JSON."""
        assert self.said, self.errors
        return DriftReport.model_validate_json(self.said)


@dataclass(slots=True)
class Setup:
    """A deployment and its ML project, a Git checkout with the branches main and release."""

    deployment: Deployment
    project: Path
    _synthesized: tuple[object, ...] = ()

    @property
    def environ(self) -> dict[str, str]:
        """The environment of whoever may look at everything: the administrator with both tokens of CI."""
        tokens = {secret: self.deployment.secret(secret) for secret in SECRETS.values()}
        return {**self.deployment.environ, **tokens}

    def checks(self, *arguments: str, environ: Mapping[str, str] | None = None, **changes: str) -> Ended:
        """`python -m checks` in this process; the app too runs here, and only where something has changed."""
        done = run_checks(arguments, {**(environ or self.environ), **changes}, self._synthesize_each)
        return Ended(done.exit_code, done.stdout, done.stderr)

    def drift(self, *arguments: str, environ: Mapping[str, str] | None = None, **changes: str) -> Ended:
        """`python -m checks drift --format json`."""
        return self.checks("drift", "--format", "json", *arguments, environ=environ, **changes)

    def _synthesize_each(self, environs: Sequence[Mapping[str, str]]) -> Iterator[None]:
        for environ in environs:
            told = {name: text for name, text in environ.items() if name.startswith(("MLOPS_", "CDKTF_"))}
            question = (self.deployment.configuration.read_bytes(), *sorted(told.items()))
            if question != self._synthesized:
                self.synth(environ)
                # What was made into a folder of its own is gone with it.
                if told["CDKTF_OUTDIR"] == self.deployment.environ["CDKTF_OUTDIR"]:
                    self._synthesized = question
            yield None

    def synth(self, environ: Mapping[str, str]) -> None:
        """Run the app in this process."""
        self._synthesized = ()
        with patch.dict(os.environ, environ, clear=True):
            runpy.run_path(str(PROJECT / "main.py"), run_name="__main__")

    def check_out(self, branch: str) -> None:
        """Another branch in the user's own checkout."""
        git(self.project, "checkout", "--quiet", branch)

    def workspace(self, environment: str) -> WorkspaceClient:
        """The SDK, as the administrator; in a process that has entered the sandbox."""
        return administrator(self.deployment, HOSTS[environment])

    @property
    def account(self) -> AccountClient:
        return account_administrator(self.deployment, CONFIG["account"]["id"])

    @property
    def repository(self) -> Repository:
        client = github.Github(
            auth=github.Auth.Token(self.deployment.environ["GITHUB_TOKEN"]),
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        return client.get_repo("acme/taxi-fare")


@contextmanager
def deployed_in(folder: Path) -> Iterator[Setup]:
    """The setup with every stack deployed, and a project that is new, until the block ends."""
    write_project(folder)
    with setup_in(folder) as setup:
        deploy_all(setup)
        yield setup


@contextmanager
def setup_in(folder: Path, config: Mapping[str, Any] = CONFIG) -> Iterator[Setup]:
    """The setup, with nothing deployed, until the block ends; its ML project lies in folder/ml."""
    with deployment_in(folder, config) as deployment:
        yield Setup(deployment, folder / "ml")


def deploy_all(setup: Setup) -> None:
    """Every stack, bundles as their environments' principals deploy them, and saved in the sandbox."""
    deployment = setup.deployment
    setup.synth({**deployment.environ, "MLOPS_BRANCH": "main"})
    for stack in ("repository", *ENVIRONMENTS):
        deployment.apply(stack)
    for target, secret, branch in (
        ("staging", SECRETS["staging"], "main"),
        ("test", SECRETS["staging"], "main"),
        ("prod", SECRETS["prod"], "release"),
    ):
        setup.check_out(branch)
        ci = as_ci(deployment, secret, "")
        setup.synth(ci.environ)
        ci.apply(f"bundle-{target}")
    setup.check_out("main")
    deployment.sandbox.ask("save")


def write_project(folder: Path) -> None:
    """The ML project of tests in folder/ml, with the branches main and release."""
    for name, text in {**FILES, "assets/all.yml": UPLOADED}.items():
        file = folder / "ml" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    make_repository(folder / "ml", released="training/prepare.py")


def make_repository(root: Path, *, released: str) -> None:
    """Make a Git repository of a folder: a commit on main, and `release` with one more, in which a file differs."""
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "remote", "add", "origin", "https://github.com/acme/taxi-fare.git")
    _commit(root, "Begin")
    git(root, "checkout", "--quiet", "-b", "release")
    with (root / released).open("a", encoding="utf-8") as file:
        file.write("print('released')\n")
    _commit(root, "Release")
    git(root, "checkout", "--quiet", "main")


def git(root: Path, *arguments: str) -> str:
    """One Git command; what it printed."""
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com"}
    identity |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in identity.items()}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    environ = {**os.environ, **identity, **quiet}
    return subprocess.run(["git", *arguments], cwd=root, env=environ, check=True, capture_output=True, text=True).stdout


def _commit(root: Path, message: str) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--no-gpg-sign", "--message", message)


def jobs_of(client: WorkspaceClient) -> dict[str, BaseJob]:
    """The jobs of a workspace by name."""
    return {job.settings.name: job for job in client.jobs.list() if job.settings and job.settings.name}
