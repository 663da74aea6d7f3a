"""What a bundle makes and the environment's principal may not: told before anything is deployed."""

from collections.abc import Iterator, Mapping

from deployed_kinds import KINDS
from settings.faults import Fault
from settings.ml_project import MlProject
from settings.model import Environment
from settings.reading import Source


def lacking_entitlements(
    project: MlProject, environments: Mapping[str, Environment], *, source: Source
) -> Iterator[Fault]:
    """One for each resource whose maker needs an entitlement that mlops.yaml takes from the principal."""
    for target in project.targets:
        section = environments.get(target.environment or "")
        for resource in target.resolved.resources if section else ():
            kind = KINDS.get(resource.kind)
            needed = kind.right.entitlement if kind else ""
            if section is None or not needed or getattr(section.entitlements, needed):
                continue
            if resource.settings.get("policy_id"):
                continue  # It is the policy's to say.
            place = project.checkout.position(target.resolved, resource.address)
            yield source.fault(
                ("environments", str(target.environment), "entitlements", needed),
                found=f"false; and {resource.address} of {place.file}:{place.line} can only be made with it",
                allowed="true, where a bundle of the environment needs it",
                remedy=f"write `{needed}: true`, if the principal may do that, or remove the resource from the bundle",
            )
