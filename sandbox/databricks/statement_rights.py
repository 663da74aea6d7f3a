"""Which rights a SQL statement needs.

https://docs.databricks.com/aws/en/data-governance/unity-catalog/manage-privileges/privileges: MODIFY is of use only
together with SELECT, and a view counts as a table for CREATE TABLE.
"""

from sandbox.databricks import authorization, securables
from sandbox.databricks.bodies import optional, required
from sandbox.databricks.securables import Securable, securable
from sandbox.databricks.sql_reader import Action, Statement, UnreadableError, UnsupportedError, read
from sandbox.route import Call
from unity_catalog import Privilege, SecurableType


def read_statement(call: Call) -> Statement:
    """The statement of a call."""
    return read(
        required(call, "statement", str), catalog=optional(call, "catalog", str), schema=optional(call, "schema", str)
    )


def authorize_statement(call: Call) -> None:
    """Refuse unless the caller holds every right that the statement needs; what cannot be read needs none."""
    try:
        statement = read_statement(call)
    except (UnreadableError, UnsupportedError):
        return
    for source in statement.sources:
        _authorize(call, Privilege.SELECT, securable(call, SecurableType.TABLE, source))
    match statement.action:
        case Action.WRITE:
            for privilege in (Privilege.SELECT, Privilege.MODIFY):
                _authorize(call, privilege, securable(call, SecurableType.TABLE, statement.target))
        case Action.CREATE_TABLE | Action.CREATE_VIEW:
            table = securable(call, SecurableType.TABLE, statement.target)
            _authorize(call, Privilege.CREATE_TABLE, table.containers[1])
            if statement.or_replace:
                _authorize_managing(call, table)
        case Action.CREATE_SCHEMA:
            schema = securable(call, SecurableType.SCHEMA, statement.target)
            _authorize(call, Privilege.CREATE_SCHEMA, schema.containers[0])
        case Action.DROP_TABLE:
            _authorize_managing(call, securable(call, SecurableType.TABLE, statement.target))
        case Action.DROP_SCHEMA:
            _authorize_managing(call, securable(call, SecurableType.SCHEMA, statement.target))


def _authorize(call: Call, privilege: Privilege, on: Securable) -> None:
    """What does not exist fails when the statement runs; the way there must be open nevertheless."""
    existing = _existing(call, on)
    authorization.authorize_way(call.store, call.caller, existing)
    if on in existing:
        authorization.authorize(call.store, call.caller, privilege, on)


def _authorize_managing(call: Call, on: Securable) -> None:
    existing = _existing(call, on)
    if on in existing:
        authorization.authorize_managing(call.store, call.caller, on)
    else:
        authorization.authorize_way(call.store, call.caller, existing)


def _existing(call: Call, on: Securable) -> list[Securable]:
    levels = [level for level in (*on.containers, on) if securables.load(call.store, level) is not None]
    for level in levels:
        if level.type is SecurableType.CATALOG:
            securables.require_binding(call, level)
    return levels
