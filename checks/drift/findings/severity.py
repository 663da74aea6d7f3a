"""How bad a difference is: one table."""

from collections.abc import Iterable
from enum import StrEnum

from deployed_kinds import KINDS


class Severity(StrEnum):
    """The higher, the sooner somebody should look."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


_HIGH, _MEDIUM, _LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW
ORDER = (_HIGH, _MEDIUM, _LOW)

# (type, attribute). Without a type: what holds for types that say nothing of that attribute. Without an attribute: what
# holds for the type's other attributes, and for the resource as a whole.
_TABLE: dict[tuple[str, str], Severity] = {
    ("", ""): _MEDIUM,
    ("", "name"): _LOW,
    ("", "display_name"): _LOW,
    ("", "cluster_name"): _LOW,
    ("", "comment"): _LOW,
    ("", "description"): _LOW,
    ("", "tags"): _LOW,
    ("", "custom_tags"): _LOW,
    # Who it is, and what it may do.
    ("databricks_service_principal", ""): _HIGH,
    ("databricks_permission_assignment", ""): _HIGH,
    ("databricks_entitlements", ""): _HIGH,
    ("databricks_group_member", ""): _HIGH,
    ("databricks_grant", ""): _HIGH,
    ("databricks_grants", ""): _HIGH,
    ("databricks_permissions", ""): _HIGH,
    ("databricks_secret_acl", ""): _HIGH,
    # What it proves itself with.
    ("databricks_obo_token", ""): _HIGH,
    ("databricks_service_principal_secret", ""): _HIGH,
    ("github_actions_secret", ""): _HIGH,
    ("github_actions_environment_secret", ""): _HIGH,
    # What guards the code that production runs.
    ("github_branch", ""): _HIGH,
    ("github_branch_protection", ""): _HIGH,
    ("github_workflow_repository_permissions", ""): _HIGH,
    ("github_actions_repository_permissions", ""): _HIGH,
    ("github_repository_environment", ""): _HIGH,
    ("github_repository_environment_deployment_policy", ""): _HIGH,
    # What holds data.
    ("databricks_catalog", ""): _HIGH,
    # What bundles deploy.
    **{(one.type, ""): Severity(one.severity) for one in KINDS.values()},
    # Owners hold every privilege; a run acts as whoever it runs as.
    **{(one.type, one.principal): _HIGH for one in KINDS.values() if one.principal},
}


def severity_of(kind: str, attributes: Iterable[str] = ()) -> Severity:
    """The highest among the attributes of a type; without any, that of the resource as a whole."""
    found = [_of(kind, attribute) for attribute in attributes] or [_of(kind, "")]
    return min(found, key=ORDER.index)


def _of(kind: str, attribute: str) -> Severity:
    if attribute:
        for key in ((kind, attribute), ("", attribute)):
            if key in _TABLE:
                return _TABLE[key]
    return _TABLE.get((kind, ""), _TABLE["", ""])
