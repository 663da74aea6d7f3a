"""What Terraform cannot see: what somebody made beside it, and what a lost answer left behind."""

from collections.abc import Mapping

from checks.audit.bundles import bundle_checks
from checks.audit.identities import identity_checks
from checks.audit.repository import repository_checks
from checks.check import Check
from checks.live import Live
from checks.synthesized import Stack
from checks.terraform import Terraform
from settings.naming import REPOSITORY_STACK


def audit_checks(
    live: Live, terraform: Terraform, stacks: Mapping[str, Stack], configured: Mapping[str, Stack]
) -> list[Check]:
    """The checks for some synthesized stacks; `configured` are all that there are."""
    checks: list[Check] = []
    environments = {one.name: configured[one.name] for one in live.settings.environments if one.name in configured}
    for environment in live.settings.environments:
        if environment.name in stacks:
            checks += identity_checks(live, terraform, environment, stacks[environment.name], environments)
    for bundle in live.settings.bundles:
        if bundle.stack in stacks:
            checks += bundle_checks(live, terraform, bundle, stacks[bundle.stack])
    if REPOSITORY_STACK in stacks:
        checks += repository_checks(live)
    return checks
