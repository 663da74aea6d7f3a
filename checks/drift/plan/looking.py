"""Stacks and their plans: several at a time, each as whoever deploys it, and nothing is written that outlives it."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from checks.check import UncheckableError
from checks.drift import remedies
from checks.drift.plan.sources import deployed_bundles, prepare, sources_of
from checks.synthesized import Stack
from checks.terraform import Terraform, TerraformError
from settings import Settings

T = TypeVar("T")

# What only the administrator has; the state's backend keeps its own credentials.
_ADMINISTRATOR = re.compile(r"DATABRICKS_.*|(GITHUB|GH)_TOKEN|GITHUB_APP_.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Looked:
    """A stack and the JSON of its plan, which holds secrets; or the problem, a sentence without a full stop."""

    name: str
    stack: Stack | None = None
    document: Mapping[str, Any] | None = field(default=None, repr=False)
    compared_with: str = ""
    problem: str = ""

    @property
    def paths(self) -> dict[str, str]:
        """Construct paths by address."""
        return {one.address: one.path for one in self.stack.resources()} if self.stack else {}


@dataclass(frozen=True, slots=True)
class Look:
    """One look at stacks: `jobs` at a time, with what is in the environment. `output` is where the app synthesizes."""

    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    output: Path
    jobs: int

    def plans(self, stacks: Sequence[str], then: Callable[[Looked], T]) -> tuple[T, ...]:
        """Synthesize what the stacks are compared with, plan each as soon as it is there, and go on with each plan."""
        looked: dict[str, T] = {}
        planned: dict[str, Future[T]] = {}
        with ThreadPoolExecutor(self.jobs) as pool:
            sources = sources_of(self.settings, stacks)
            for made in prepare(sources, settings=self.settings, environ=self.environ, output=self.output):
                for name in made.source.stacks:
                    stack = made.stacks.get(name)
                    if stack is None:
                        looked[name] = then(Looked(name, problem=made.problem))
                    else:
                        planned[name] = pool.submit(self._planned, stack, made.compared_with, then)
            looked |= {name: future.result() for name, future in planned.items()}
        return tuple(looked[name] for name in stacks)

    def _planned(self, stack: Stack, compared_with: str, then: Callable[[Looked], T]) -> T:
        return then(self._plan(stack, compared_with))

    def _plan(self, stack: Stack, compared_with: str) -> Looked:
        try:
            document = Terraform(self.as_deployer(stack.name)).plan(stack)
        except (TerraformError, UncheckableError) as problem:
            return Looked(stack.name, stack, compared_with=compared_with, problem=str(problem))
        return Looked(stack.name, stack, document, compared_with)

    def as_deployer(self, stack: str) -> dict[str, str]:
        """The environment in which a stack is deployed.

        For the stacks of a bundle that is the token of their environment's principal, and nothing of the
        administrator's. UncheckableError without a token.
        """
        bundle = deployed_bundles(self.settings).get(stack)
        environment = bundle.environment if bundle else None
        if environment is None:
            return dict(self.environ)
        token = self.environ.get(environment.secret)
        if not token:
            raise UncheckableError(
                f"there is no token in {environment.secret}: {remedies.set_token(environment.secret)}"
            )
        kept = {name: value for name, value in self.environ.items() if not _ADMINISTRATOR.fullmatch(name)}
        return {
            **kept,
            "DATABRICKS_TOKEN": token,
            "DATABRICKS_AUTH_TYPE": "pat",
            # A profile in the home folder would be the administrator's.
            "DATABRICKS_CONFIG_FILE": os.devnull,
        }
