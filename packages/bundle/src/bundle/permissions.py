"""Who may do what with the resources."""

from typing import Final

from bundle.diagnostics import Severity, StopError
from bundle.draft import Draft
from bundle.facts import is_service_principal_name
from bundle.value import ANY_KEY, Value, exact_matches, wrap

_BUNDLE_LEVELS = ("CAN_MANAGE", "CAN_VIEW", "CAN_RUN")
_PRINCIPALS = ("user_name", "service_principal_name", "group_name")
_OWNED = ("jobs", "pipelines", "sql_warehouses")

# What a level of the bundle means for a kind of resource; a level that is missing does not apply
# (bundle/config/mutator/resourcemutator/apply_bundle_permissions.go).
_LEVELS: Final[dict[str, dict[str, str]]] = {
    "jobs": {"CAN_VIEW": "CAN_VIEW", "CAN_RUN": "CAN_MANAGE_RUN"},
    "pipelines": {"CAN_VIEW": "CAN_VIEW", "CAN_RUN": "CAN_RUN"},
    "experiments": {"CAN_VIEW": "CAN_READ"},
    "models": {"CAN_VIEW": "CAN_READ"},
    "model_serving_endpoints": {"CAN_VIEW": "CAN_VIEW", "CAN_RUN": "CAN_QUERY"},
    "dashboards": {"CAN_VIEW": "CAN_READ"},
    "apps": {"CAN_VIEW": "CAN_USE"},
    "secret_scopes": {"CAN_MANAGE": "MANAGE", "CAN_VIEW": "READ"},
    "alerts": {"CAN_VIEW": "CAN_READ", "CAN_RUN": "CAN_RUN"},
    "sql_warehouses": {"CAN_VIEW": "CAN_VIEW", "CAN_RUN": "CAN_MONITOR"},
    "database_instances": {"CAN_VIEW": "CAN_USE"},
    "clusters": {"CAN_VIEW": "CAN_ATTACH_TO", "CAN_RUN": "CAN_RESTART"},
}

# Levels from the least to the most (fix_permissions.go).
_ORDER: Final = (
    "CAN_VIEW",
    "CAN_READ",
    "CAN_VIEW_METADATA",
    "CAN_RUN",
    "CAN_QUERY",
    "CAN_USE",
    "CAN_EDIT",
    "CAN_EDIT_METADATA",
    "CAN_CREATE",
    "CAN_ATTACH_TO",
    "CAN_RESTART",
    "CAN_MONITOR",
    "CAN_MANAGE_RUN",
    "CAN_MANAGE_STAGING_VERSIONS",
    "CAN_MANAGE_PRODUCTION_VERSIONS",
    "CAN_MANAGE",
    "IS_OWNER",
)


def apply_bundle_permissions(draft: Draft) -> None:
    """Adds the bundle's permissions to resources, but for principals that a resource names itself."""
    given = draft.root.items("permissions")
    for permission in given:
        level = permission.text("level")
        if level not in _BUNDLE_LEVELS:
            raise StopError(
                f"invalid permission level: {level}, allowed values: [{', '.join(_BUNDLE_LEVELS)}]",
                origin=next(iter(permission.places), None),
            )
    for plural, levels in _LEVELS.items():
        known = {"CAN_MANAGE": "CAN_MANAGE", **levels}
        for resource in draft.resources(plural).values():
            _extend(resource, given, known)


def _extend(resource: Value, given: list[Value], levels: dict[str, str]) -> None:
    own = resource.items("permissions")
    named = {(kind, text) for entry in own for kind in _PRINCIPALS if (text := entry.text(kind))}
    added = [
        wrap({"level": levels[level], **_principals(entry)})
        for entry in given
        if (level := entry.text("level")) in levels and not any(item in named for item in _principals(entry).items())
    ]
    if own or added:
        resource.data["permissions"] = wrap([entry.plain() for entry in [*own, *added]])
    else:
        resource.data.pop("permissions", None)


def _principals(entry: Value) -> dict[str, str]:
    return {kind: text for kind in _PRINCIPALS if (text := entry.text(kind))}


def fix_permissions(draft: Draft) -> None:
    """Where permissions are given, the deployer owns or manages the resource, and nobody has two levels."""
    me = draft.identity.user_name
    found = exact_matches(draft.root, ("resources", ANY_KEY, ANY_KEY, "permissions"))
    for path, permissions in found:
        if path[1] != "secret_scopes" and type(permissions.data) is list:
            _include_deployer(permissions.data, me, str(path[1]))
            permissions.data = _one_level_each(permissions.data)


def _include_deployer(entries: list[Value], me: str, plural: str) -> None:
    can_own, manages = plural in _OWNED, None
    for entry in entries:
        level, user = entry.text("level"), entry.text("user_name") or entry.text("service_principal_name")
        if level == "IS_OWNER":
            if user == me:
                return
            can_own = False
        if level == "CAN_MANAGE" and user == me:
            manages = entry
    if can_own and manages is not None:
        manages.data["level"] = Value("IS_OWNER")
    elif can_own or manages is None:
        kind = "service_principal_name" if is_service_principal_name(me) else "user_name"
        entries.append(wrap({"level": "IS_OWNER" if can_own else "CAN_MANAGE", kind: me}))


def _one_level_each(entries: list[Value]) -> list[Value]:
    highest: dict[tuple[str, str], str] = {}
    for entry in entries:
        level = entry.text("level")
        principal = next(((kind, text) for kind in _PRINCIPALS if (text := entry.text(kind))), None)
        if level and principal:
            highest[principal] = max(highest.get(principal, ""), level, key=_rank)
    return [wrap({"level": level, kind: name}) for (kind, name), level in highest.items()]


def _rank(level: str) -> tuple[int, str]:
    if not level:
        return -1, ""
    known = max((name for name in _ORDER if level.startswith(name)), key=len, default="")
    return (_ORDER.index(known) + 2 if known else 0), level


def check_deployer_included(draft: Draft) -> None:
    """Recommends to name the deployer in the bundle's permissions."""
    given = draft.root.items("permissions")
    me, groups = draft.identity.user_name, draft.identity.groups
    if not given or any(
        entry.text("level") == "CAN_MANAGE"
        and (
            me in (entry.text("user_name"), entry.text("service_principal_name")) or entry.text("group_name") in groups
        )
        for entry in given
    ):
        return
    kind = "service_principal_name" if draft.identity.is_service_principal else "user_name"
    draft.report.add(
        Severity.RECOMMENDATION,
        f"permissions section should explicitly include the current deployment identity '{me}' or one of its groups\n"
        "If it is not included, CAN_MANAGE permissions are only applied if the present identity is used to deploy.\n\n"
        "Consider using a adding a top-level permissions section such as the following:\n\n"
        "  permissions:\n"
        f"    - {kind}: {me}\n"
        "      level: CAN_MANAGE\n\n"
        "See https://docs.databricks.com/dev-tools/bundles/permissions.html to learn more about permission "
        "configuration.",
        places=draft.places("permissions")[:1],
    )


def check_shared_folder(draft: Draft) -> None:
    """A folder that everybody can write to should be meant that way."""
    root_path = draft.root.text("workspace", "root_path")
    if not root_path.startswith("/Workspace/Shared/") or any(
        entry.text("group_name") == "users" and entry.text("level") == "CAN_MANAGE"
        for entry in draft.root.items("permissions")
    ):
        return
    draft.warn(
        f"the bundle root path {root_path} is writable by all workspace users",
        detail="The bundle is configured to use /Workspace/Shared, which will give read/write access to all users. If "
        "this is intentional, add CAN_MANAGE for 'group_name: users' permission to your bundle configuration. If the "
        "deployment should be restricted, move it to a restricted folder such as "
        "/Workspace/Users/<username or principal name>.",
    )
