"""What follows from what: a secret is replaced because its token is, a grant goes with its principal."""

import posixpath
from collections.abc import Mapping
from typing import Any

from checks.drift.plan.document import Change, Plan
from checks.drift.plan.effective import effective
from deployed_kinds import KINDS

# What goes when something else goes, because it belongs to it and has no life of its own.
_BELONG_TO: Mapping[str, tuple[str, ...]] = {
    "databricks_entitlements": ("databricks_service_principal", "databricks_permission_assignment"),
    "databricks_grant": ("databricks_service_principal", "databricks_catalog", "databricks_schema"),
    "databricks_grants": ("databricks_catalog", *(one.type for one in KINDS.values() if one.grants)),
    "databricks_group_member": ("databricks_service_principal",),
    "databricks_notebook": ("databricks_directory",),
    "databricks_obo_token": ("databricks_service_principal",),
    "databricks_permission_assignment": ("databricks_service_principal",),
    "databricks_permissions": ("databricks_directory", *(one.type for one in KINDS.values() if one.permissions)),
    "databricks_secret_acl": ("databricks_secret_scope",),
    "databricks_service_principal_secret": ("databricks_service_principal",),
    "databricks_workspace_file": ("databricks_directory",),
    "github_actions_environment_secret": ("github_repository_environment",),
    "github_repository_environment_deployment_policy": ("github_repository_environment",),
    **{one.type: tuple(f"databricks_{above}" for above in one.lies_in) for one in KINDS.values() if one.lies_in},
}


class Consequences:
    """The one change that each change follows from, by address."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._gone = {address: change for address, change in plan.drift.items() if change.deletes}
        self._renewed = {address for address, change in plan.planned.items() if change.renews}

    def cause(self, address: str) -> str | None:
        """What is at the root of a change; None for one that stands by itself."""
        root, seen = self._follows(address), {address}
        while root is not None and root not in seen:
            seen.add(root)
            further = self._follows(root)
            if further is None:
                return root
            root = further
        return None

    @property
    def gone_by_themselves(self) -> frozenset[str]:
        """What is gone although what it belongs to is still there."""
        return frozenset(address for address in self._gone if self._went_with(address, by_order=False) is None)

    def _follows(self, address: str) -> str | None:
        if address in self._gone:
            return self._went_with(address, by_order=True)
        change = self._plan.planned.get(address)
        if change is None or address in self._plan.drift or change.imports or change.deletes is not change.replaces:
            return None
        return self._changes_with(address, change)

    def _went_with(self, address: str, *, by_order: bool) -> str | None:
        """The lost resource that a lost one belonged to; `by_order` also counts what it was only made after."""
        change = self._gone[address]
        owners = _BELONG_TO.get(change.type, ())
        configured = self._plan.configuration(address)
        near = configured.referred | (configured.depends_on if by_order else frozenset())
        for other, lost in self._gone.items():
            if other != address and lost.type in owners and (other in near or _lies_in(change.before, lost)):
                return other
        return None

    def _changes_with(self, address: str, change: Change) -> str | None:
        """The renewed resource that alone makes this one change: all that differs is what only it will tell."""
        configured = self._plan.configuration(address)
        leaves = effective(change, configured)
        causes = [configured.behind(leaf.names) & self._renewed - {address} for leaf in leaves]
        if not causes or not all(causes) or not all(leaf.unknown for leaf in leaves):
            return None
        return min(causes[0])


def _lies_in(values: Mapping[str, Any], owner: Change) -> bool:
    """Whether something lies in a folder, a catalog or a schema, by its name."""
    inside = owner.before or {}
    match owner.type:
        case "databricks_directory":
            path = str(values.get("path") or values.get("directory_path") or "")
            return posixpath.normpath(path).startswith(posixpath.normpath(str(inside.get("path"))) + "/")
        case "databricks_catalog":
            return inside.get("name") in (values.get("catalog_name"), values.get("catalog"), *_first_levels(values))
        case "databricks_schema":
            name = f"{inside.get('catalog_name')}.{inside.get('name')}"
            own = f"{values.get('catalog_name')}.{values.get('schema_name')}"
            return name in (own, values.get("schema"), values.get("output_schema_name"))
        case _:
            return False


def _first_levels(values: Mapping[str, Any]) -> tuple[str, ...]:
    named = (values.get("schema"), values.get("table"), values.get("output_schema_name"))
    return tuple(str(name).partition(".")[0] for name in named if name)
