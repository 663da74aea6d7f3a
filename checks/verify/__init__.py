"""Proof after a deploy, as the CI principal: what it can do, what it cannot, and what the repository is like."""

from collections.abc import Collection

from checks.check import Check
from checks.live import Live
from checks.verify.identity import identity_checks
from checks.verify.privileges import privilege_checks
from checks.verify.repository import repository_checks
from checks.verify.trial import trial_checks


def verify_checks(live: Live, environments: Collection[str], *, active: bool) -> list[Check]:
    """The checks for some environments and for the repository; all of them when none is named."""
    checks: list[Check] = []
    for environment in live.settings.environments:
        if not environments or environment.name in environments:
            checks += identity_checks(live, environment)
            checks += privilege_checks(live, environment)
            if active:
                checks += trial_checks(live, environment)
    return [*checks, *repository_checks(live)]


def token_checks(live: Live, environments: Collection[str]) -> list[Check]:
    """Of those, the ones about tokens alone: whose they are, where they open, how long they live."""
    return [
        check
        for environment in live.settings.environments
        if not environments or environment.name in environments
        for check in identity_checks(live, environment)
        if check.id.startswith(tuple(f"{environment.name}.{about}" for about in ("token", "slots", "refused-by-")))
    ]
