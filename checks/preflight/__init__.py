"""What is missing before a setup: a list of checks, from the login to what already exists under our names."""

from collections.abc import Collection, Mapping

from checks.check import Check
from checks.live import Live
from checks.preflight.account import account_checks
from checks.preflight.catalogs import catalog_checks
from checks.preflight.existing import any_findable, existing_check
from checks.preflight.infrastructure import infrastructure_checks
from checks.preflight.ml_project import ml_project_checks
from checks.preflight.providers import provider_checks
from checks.preflight.repository import repository_checks
from checks.preflight.state import state_checks
from checks.preflight.workspaces import account_metastore_check, metastore_checks, workspace_checks
from checks.synthesized import Stack
from checks.terraform import Terraform
from settings.naming import REPOSITORY_STACK


def preflight_checks(
    live: Live, terraform: Terraform, stacks: Collection[str], synthesized: Mapping[str, Stack]
) -> list[Check]:
    """The checks for some stacks, in the order in which a setup would meet them; every stack's when none is named.

    `synthesized` are the stacks in whose way something may be.
    """
    settings = live.settings
    everything = not stacks
    environments = [one for one in settings.environments if not stacks or one.name in stacks]
    checks = state_checks(settings, terraform)
    if environments:
        checks += account_checks(live)
        checks.append(account_metastore_check(live, environments))
        for environment in environments:
            checks += workspace_checks(live, environment)
            checks += catalog_checks(live, environment)
        checks += metastore_checks(live, environments)
    whole = not stacks or REPOSITORY_STACK in stacks
    if environments or whole:
        checks += repository_checks(live, environments, whole=whole)
    checks += ml_project_checks(live)
    if everything:
        # A job deploys one stack, and its token sees the ML repository alone.
        checks += infrastructure_checks(live)
        checks += provider_checks(settings, synthesized)
    checks += [
        existing_check(live, terraform, stack, needs=_needs(live, name))
        for name, stack in synthesized.items()
        if any_findable(stack)
    ]
    return checks


def _needs(live: Live, stack: str) -> list[str]:
    """What must be true before anybody can look for what is in a stack's way."""
    return [f"{stack}.login"] if live.settings.stacks[stack].environment else []
