"""Principals that somebody renames, promotes, throws out or copies."""

from sandbox.tampering.acts import Act, Doing, another, by_hand, generated
from sandbox.tampering.console import Console, ImpossibleError
from sandbox.tampering.managed import Managed

_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_UNWANTED = "allow-instance-pool-create"

# Terraform's name of an entitlement, and the service's.
_ENTITLEMENTS = {"allow_cluster_create": "allow-cluster-create", "workspace_access": "workspace-access"}


def _operation(verb: str, path: str, value: object) -> dict[str, object]:
    return {"schemas": [_PATCH], "Operations": [{"op": verb, "path": path, "value": value}]}


def _in_account(verb: str, path: str, value: object) -> Doing:
    def do(console: Console, one: Managed) -> None:
        console.account("PATCH", f"/scim/v2/ServicePrincipals/{one['id']}", _operation(verb, path, value))

    return do


def _rename(console: Console, one: Managed) -> None:
    path = f"/scim/v2/ServicePrincipals/{one['id']}"
    name = by_hand(console.account("GET", path)["displayName"])
    console.account("PATCH", path, _operation("replace", "displayName", name))


def _remove(console: Console, one: Managed) -> None:
    console.account("DELETE", f"/scim/v2/ServicePrincipals/{one['id']}")


def _add_a_namesake(console: Console, one: Managed) -> None:
    console.account("POST", "/scim/v2/ServicePrincipals", {"displayName": one["display_name"], "active": True})


def _make_secret(console: Console, one: Managed) -> None:
    console.account("POST", f"/servicePrincipals/{one['id']}/credentials/secrets", {})


def _entitle(console: Console, one: Managed, verb: str, value: str) -> None:
    path = f"/api/2.0/preview/scim/v2/ServicePrincipals/{one['service_principal_id']}"
    console.databricks("PATCH", one.host, path, _operation(verb, "entitlements", [{"value": value}]))


def _flip_entitlement(attribute: str) -> Doing:
    def do(console: Console, one: Managed) -> None:
        _entitle(console, one, "remove" if one[attribute] else "add", _ENTITLEMENTS[attribute])

    return do


def _add_entitlement(console: Console, one: Managed) -> None:
    _entitle(console, one, "add", _UNWANTED)


def _remove_entitlement(console: Console, one: Managed) -> None:
    held = [value for attribute, value in _ENTITLEMENTS.items() if one[attribute]]
    if not held:
        raise ImpossibleError("it has none")
    _entitle(console, one, "remove", held[0])


def _assignment(one: Managed) -> str:
    return f"/api/2.0/preview/permissionassignments/principals/{one['principal_id']}"


def _change_level(console: Console, one: Managed) -> None:
    level = another(("ADMIN", "USER"), *one["permissions"])
    console.databricks("PUT", one.host, _assignment(one), {"permissions": [level]})


def _make_admin(console: Console, one: Managed) -> None:
    console.databricks("PUT", one.host, _assignment(one), {"permissions": ["ADMIN"]})


def _leave(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, _assignment(one))


def _leave_group(console: Console, one: Managed) -> None:
    body = {"schemas": [_PATCH], "Operations": [{"op": "remove", "path": f'members[value eq "{one["member_id"]}"]'}]}
    console.account("PATCH", f"/scim/v2/Groups/{one['group_id']}", body)


_PRINCIPAL, _PLACE, _ENTITLED = (
    ("databricks_service_principal",),
    ("databricks_permission_assignment",),
    ("databricks_entitlements",),
)

ACTS = (
    generated("databricks_service_principal", "display_name", "is renamed", _rename),
    generated("databricks_permission_assignment", "permissions", "has another level in the workspace", _change_level),
    *(
        generated(
            "databricks_entitlements",
            attribute,
            f"gets or loses the entitlement {value}, whichever is not wanted",
            _flip_entitlement(attribute),
        )
        for attribute, value in _ENTITLEMENTS.items()
    ),
    Act("principal-removed", "is deleted from the account, with all that it held", _PRINCIPAL, _remove),
    Act("principal-deactivated", "is deactivated", _PRINCIPAL, _in_account("replace", "active", False)),
    Act("principal-copied", "gets a namesake: a second one of the same name", _PRINCIPAL, _add_a_namesake),
    Act(
        "principal-made-account-admin",
        "becomes an account admin",
        _PRINCIPAL,
        _in_account("add", "roles", [{"value": "account_admin"}]),
    ),
    Act("principal-secret-made", "gets an OAuth secret", _PRINCIPAL, _make_secret),
    Act("principal-made-admin", "becomes an admin of the workspace", _PLACE, _make_admin),
    Act("principal-left-workspace", "loses its place in the workspace", _PLACE, _leave),
    Act("principal-left-group", "is taken out of the group", ("databricks_group_member",), _leave_group),
    Act("entitlement-added", f"gets the entitlement {_UNWANTED}", _ENTITLED, _add_entitlement),
    Act("entitlement-removed", "loses an entitlement", _ENTITLED, _remove_entitlement),
)
