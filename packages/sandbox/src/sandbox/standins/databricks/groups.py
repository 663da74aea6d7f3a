"""databricks_group_member, and the data source that finds a group."""

from typing import Any

from sandbox.standins.behaviour import DataSource, Level, RefusedError, Resource
from sandbox.standins.databricks.service_principals import ENTITLEMENTS, PATCH
from sandbox.standins.databricks.session import Session, scim
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import sorted_set

LIST = scim("GET", "/Groups")
READ = scim("GET", "/Groups/{id}")
CHANGE = scim("PATCH", "/Groups/{id}")

_LOOKED_AT = "displayName,members,roles,entitlements,externalId,groups"
_KINDS = {"users": "Users/", "child_groups": "Groups/", "service_principals": "ServicePrincipals/"}


def _members(session: Session, group_id: str) -> set[str]:
    """Who is in a group; asked once per process, so one run does not see what others change meanwhile."""
    with session.groups_lock:
        if group_id not in session.groups:
            found = session.send(READ, id=group_id, query={"attributes": "members"})
            session.groups[group_id] = {member["value"] for member in found.get("members", [])}
        return session.groups[group_id]


def _change(session: Session, group_id: str, operation: dict[str, Any]) -> None:
    session.send(CHANGE, id=group_id, body={"schemas": [PATCH], "Operations": [operation]})


def _create(session: Session, planned: Values) -> Values:
    group_id, member_id = planned["group_id"], planned["member_id"]
    _change(session, group_id, {"op": "add", "path": "members", "value": [{"value": member_id}]})
    with session.groups_lock:
        if group_id in session.groups:
            session.groups[group_id].add(member_id)
    return {"id": f"{group_id}|{member_id}"}


def _read(session: Session, state: Values) -> Values | None:
    group_id, _, member_id = state["id"].partition("|")
    if member_id not in _members(session, group_id):
        return None
    return {"id": state["id"], "group_id": group_id, "member_id": member_id}


def _delete(session: Session, state: Values) -> None:
    group_id, _, member_id = state["id"].partition("|")
    _change(session, group_id, {"op": "remove", "path": f'members[value eq "{member_id}"]'})
    with session.groups_lock:
        session.groups.get(group_id, set()).discard(member_id)


MEMBER: Resource[Session] = Resource(
    requests=(READ, CHANGE),
    create=_create,
    read=_read,
    delete=_delete,
    rules=Rules(replace=frozenset({"group_id", "member_id"})),
)


def _find(session: Session, config: Values) -> Values:
    name = config["display_name"]
    at_account = session.level is Level.ACCOUNT
    query = {"filter": f'displayName eq "{name}"'} | ({"attributes": "id"} if at_account else {})
    matches = session.send(LIST, query=query).get("Resources", [])
    if not matches:
        raise RefusedError(f"cannot find group: {name}")
    group = matches[0]
    if at_account:
        group = session.send(READ, id=group["id"], query={"attributes": _LOOKED_AT})
    found: dict[str, set[str]] = {kind: set() for kind in (*_KINDS, "members", "groups", "instance_profiles")}
    held: set[str] = set()
    queue = [group]
    while queue:
        current = queue.pop(0)
        for member in current.get("members", []):
            found["members"].add(member["value"])
            for kind, prefix in _KINDS.items():
                if member.get("$ref", "").startswith(prefix):
                    found[kind].add(member["value"])
        found["instance_profiles"].update(role["value"] for role in current.get("roles", []))
        held.update(entry.get("value", "") for entry in current.get("entitlements", []))
        for parent in current.get("groups", []):
            found["groups"].add(parent["value"])
            if config["recursive"] is not False:
                queue.append(session.send(READ, id=parent["value"], query={"attributes": _LOOKED_AT}))
    return {
        "id": group["id"],
        "recursive": config["recursive"] is not False,
        "external_id": group.get("externalId"),
        "acl_principal_id": f"groups/{name}",
        **{kind: sorted_set(values) for kind, values in found.items()},
        **{attribute: value in held for attribute, value in ENTITLEMENTS.items()},
    }


DATA_SOURCE: DataSource[Session] = DataSource(requests=(LIST, READ), read=_find)
