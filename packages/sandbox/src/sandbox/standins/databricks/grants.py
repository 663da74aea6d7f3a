"""databricks_grant, for one principal, and databricks_grants, for all principals of a securable."""

import time
from collections.abc import Mapping
from typing import Any

from sandbox.standins.behaviour import RefusedError, Resource
from sandbox.standins.databricks.session import Session
from sandbox.standins.databricks.unity_catalog import CURRENT_METASTORE, catalog_request, validate_metastore
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import Unknown, Value, is_known, sorted_set

READ = catalog_request("GET", "/permissions/{kind}/{name}")
CHANGE = catalog_request("PATCH", "/permissions/{kind}/{name}")

# attribute: kind of securable in the path (tpd/catalog/permissions/permissions.go). Shares have an API of their own.
_KINDS = {
    "catalog": "catalog",
    "credential": "credential",
    "external_location": "external_location",
    "foreign_connection": "connection",
    "function": "function",
    "metastore": "metastore",
    "model": "function",
    "pipeline": "pipeline",
    "recipient": "recipient",
    "schema": "schema",
    "storage_credential": "storage_credential",
    "table": "table",
    "volume": "volume",
}
_PATIENCE_SECONDS = 60

Assignments = dict[str, set[str]]  # principal: privileges


def normalize(privilege: str) -> str:
    """A privilege as Unity Catalog writes it."""
    return privilege.replace(" ", "_").upper()


def difference(wanted: Assignments, existing: Assignments) -> list[dict[str, Any]]:
    """The changes that make the existing assignments the wanted ones, by principal."""
    changes = []
    for principal in sorted(wanted.keys() | existing.keys()):
        add = sorted(wanted.get(principal, set()) - existing.get(principal, set()))
        remove = sorted(existing.get(principal, set()) - wanted.get(principal, set()))
        if add or remove:
            lists = {"add": add, "remove": remove}
            changes.append({"principal": principal} | {key: value for key, value in lists.items() if value})
    return changes


def _replace(session: Session, attribute: str, name: str, wanted: Assignments, only: str | None) -> None:
    """Make the assignments so, of one principal `only` or of all, and wait until they are."""
    changes = difference(wanted, _existing(session, attribute, name, only))
    if not changes:
        return
    session.send(CHANGE, kind=_kind(attribute), name=name, body={"changes": changes})
    pause, waited = 0.5, 0.0
    while difference(wanted, _existing(session, attribute, name, only)):
        if waited > _PATIENCE_SECONDS:
            raise RefusedError(f"permissions for {_kind(attribute)}-{name} are not what they have to be")
        time.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, 10)


def _existing(session: Session, attribute: str, name: str, only: str | None) -> Assignments:
    found = session.send(READ, kind=_kind(attribute), name=name).get("privilege_assignments", [])
    return {
        entry["principal"]: {normalize(privilege) for privilege in entry["privileges"]}
        for entry in found
        if only in (None, entry["principal"])
    }


def _kind(attribute: str) -> str:
    try:
        return _KINDS[attribute]
    except KeyError:
        raise RefusedError(f"the stand-in provider does not grant on a {attribute}") from None


def _securable(values: Values) -> tuple[str, str]:
    """(attribute, name) of the securable that is set."""
    return next((attribute, values[attribute]) for attribute in (*_KINDS, "share") if values[attribute])


def _create_one(session: Session, planned: Values) -> Values:
    validate_metastore(session, planned["metastore"])
    attribute, name = _securable(planned)
    principal = planned["principal"]
    _replace(session, attribute, name, {principal: set(map(normalize, planned["privileges"]))}, principal)
    return {"id": f"{attribute}/{name}/{principal}"}


def _read_one(session: Session, state: Values) -> Values | None:
    attribute, name, principal = _parts(state["id"], 3)
    privileges = _existing(session, attribute, name, principal).get(principal)
    if privileges is None:
        return None
    return {"id": state["id"], attribute: name, "principal": principal, "privileges": sorted(privileges)}


def _update_one(session: Session, prior: Values, planned: Values) -> Values:
    validate_metastore(session, planned["metastore"])
    attribute, name, principal = _parts(prior["id"], 3)
    _replace(session, attribute, name, {principal: set(map(normalize, planned["privileges"]))}, principal)
    return {"id": prior["id"]}


def _delete_one(session: Session, state: Values) -> None:
    validate_metastore(session, state["metastore"])
    attribute, name, principal = _parts(state["id"], 3)
    _replace(session, attribute, name, {}, principal)


def _parts(id_: str, count: int) -> list[str]:
    parts = id_.split("/", count - 1)
    if len(parts) != count:
        raise RefusedError(f"ID must be {count} elements split by `/`: {id_}")
    return parts


def _validate(config: Values) -> str | None:
    given = [attribute for attribute in (*_KINDS, "share") if config[attribute] is not None]
    return None if len(given) == 1 else f"exactly one securable must be specified, found: {', '.join(given) or 'none'}"


def _same_privileges(before: list[str], configured: list[str]) -> bool:
    return sorted(map(normalize, before)) == sorted(map(normalize, configured))


GRANT: Resource[Session] = Resource(
    requests=(CURRENT_METASTORE, READ, CHANGE),
    create=_create_one,
    read=_read_one,
    update=_update_one,
    delete=_delete_one,
    validate=_validate,
    rules=Rules(replace=frozenset({"principal", "share", *_KINDS}), same={"privileges": _same_privileges}),
)


def _wanted(planned: Values) -> Assignments:
    return {block["principal"]: set(map(normalize, block["privileges"])) for block in planned["grant"]}


def _create_all(session: Session, planned: Values) -> Values:
    validate_metastore(session, planned["metastore"])
    attribute, name = _securable(planned)
    _replace(session, attribute, name, _wanted(planned), None)
    return {"id": f"{attribute}/{name}"}


def _read_all(session: Session, state: Values) -> Values | None:
    attribute, name = _parts(state["id"], 2)
    existing = _existing(session, attribute, name, None)
    if not existing:
        return None
    blocks = [{"principal": who, "privileges": sorted_set(privileges)} for who, privileges in existing.items()]
    return {"id": state["id"], attribute: name, "grant": blocks}


def _update_all(session: Session, prior: Values, planned: Values) -> Values:
    validate_metastore(session, planned["metastore"])
    attribute, name = _parts(prior["id"], 2)
    _replace(session, attribute, name, _wanted(planned), None)
    return {"id": prior["id"]}


def _delete_all(session: Session, state: Values) -> None:
    validate_metastore(session, state["metastore"])
    attribute, name = _parts(state["id"], 2)
    _replace(session, attribute, name, {}, None)


def _same_grants(before: list[Mapping[str, Value]], configured: list[Mapping[str, Value]]) -> bool:
    def canonical(blocks: list[Mapping[str, Value]]) -> list[tuple[str, list[str]]]:
        return sorted((block["principal"].lower(), sorted(map(normalize, block["privileges"]))) for block in blocks)

    return is_known(configured) and canonical(before) == canonical(configured)


def _validate_all(config: Values) -> str | None:
    if not isinstance(config["grant"], Unknown) and not config["grant"]:
        return "at least one grant block is required"
    return _validate(config)


GRANTS: Resource[Session] = Resource(
    requests=(CURRENT_METASTORE, READ, CHANGE),
    create=_create_all,
    read=_read_all,
    update=_update_all,
    delete=_delete_all,
    validate=_validate_all,
    rules=Rules(replace=frozenset({"share", *_KINDS}), same={"grant": _same_grants}),
)
