"""What Unity Catalog says of securables and of privileges on them.

Privileges are read as text, not as the SDK's enumeration: the service knows more of them than the SDK does
(databricks-sdk-py issue 1022).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service.iam import User

from unity_catalog import SecurableType

_API = "/api/2.1/unity-catalog"
_PATHS = {
    SecurableType.CATALOG: "catalogs",
    SecurableType.SCHEMA: "schemas",
    SecurableType.TABLE: "tables",
    SecurableType.VOLUME: "volumes",
    SecurableType.MODEL: "models",
}


@dataclass(frozen=True, slots=True, order=True)
class HeldPrivilege:
    """A privilege that a principal holds on a securable; `source` is what it is inherited from, or empty."""

    privilege: str
    source: str = ""


class IsolatedError(Exception):
    """A catalog is isolated, and not bound to the workspace that asks; the text is the catalog's name."""


def find(client: WorkspaceClient, kind: SecurableType, name: str) -> Mapping[str, Any] | None:
    """A securable as the service describes it; None when there is none.

    Of one that the caller may not see, the description is empty. IsolatedError of one in a catalog that this workspace
    is not bound to.
    """
    try:
        return _get(client, f"{_API}/{_PATHS[kind]}/{quote(name)}")
    except NotFound:
        return None
    except PermissionDenied as refusal:
        # https://docs.databricks.com/data-governance/unity-catalog/create-catalogs.html#workspace-catalog-binding
        if "is not accessible in current workspace" in str(refusal):
            raise IsolatedError(name.partition(".")[0]) from None
        return {}


def direct_grants(client: WorkspaceClient, kind: SecurableType, name: str, principal: str) -> set[str]:
    """The privileges that the principal was granted on the securable itself."""
    answer = _get(client, f"{_API}/permissions/{kind}/{quote(name)}", principal=principal)
    return {
        privilege
        for assignment in answer.get("privilege_assignments", ())
        if assignment.get("principal") == principal
        for privilege in assignment.get("privileges", ())
    }


def all_grants(client: WorkspaceClient, kind: SecurableType, name: str) -> dict[str, set[str]]:
    """The privileges that anybody was granted on the securable itself, by principal."""
    answer = _get(client, f"{_API}/permissions/{kind}/{quote(name)}")
    return {
        assignment["principal"]: set(assignment.get("privileges", ()))
        for assignment in answer.get("privilege_assignments", ())
    }


def effective_grants(
    client: WorkspaceClient, kind: SecurableType, name: str, identities: Iterable[str]
) -> set[HeldPrivilege]:
    """What identities of one principal hold on the securable or above it; the first of them is the principal's own."""
    own, *groups = identities
    answer = _get(client, f"{_API}/effective-permissions/{kind}/{quote(name)}")
    return {
        HeldPrivilege(
            entry["privilege"], _source(entry, "" if assignment["principal"] == own else assignment["principal"])
        )
        for assignment in answer.get("privilege_assignments", ())
        if assignment.get("principal") in (own, *groups)
        for entry in assignment.get("privileges", ())
    }


def identities(me: User) -> tuple[str, ...]:
    """Whom grants may name to mean this caller: itself first, then its groups."""
    groups = (group.display for group in me.groups or () if group.display)
    return tuple(dict.fromkeys((str(me.user_name), *groups, "account users")))


def _source(entry: Mapping[str, Any], group: str) -> str:
    above = entry.get("inherited_from_name")
    parts = [f"{str(entry.get('inherited_from_type', '')).lower()} {above}"] if above else []
    return ", ".join([*parts, *([f"group {group}"] if group else [])])


def _get(client: WorkspaceClient, path: str, **query: str) -> dict[str, Any]:
    answer = client.api_client.do("GET", path, query=query or None)
    assert isinstance(answer, dict)
    return answer
