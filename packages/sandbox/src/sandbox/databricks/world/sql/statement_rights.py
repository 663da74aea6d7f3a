"""Which rights a SQL statement needs.

https://docs.databricks.com/aws/en/data-governance/unity-catalog/manage-privileges/privileges: MODIFY is of use only
together with SELECT, and a view counts as a table for CREATE TABLE.
"""

from sandbox.context import Context
from sandbox.databricks.world.sql.sql_reader import Action, Statement
from sandbox.databricks.world.unity_catalog import authorization, securables
from sandbox.databricks.world.unity_catalog.privileges import Privilege, SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable, securable


def authorize_statement(context: Context, statement: Statement) -> None:
    """Refuse unless the caller holds every right that the statement needs."""
    for source in statement.sources:
        _authorize(context, Privilege.SELECT, securable(context, SecurableType.TABLE, source))
    match statement.action:
        case Action.WRITE:
            for privilege in (Privilege.SELECT, Privilege.MODIFY):
                _authorize(context, privilege, securable(context, SecurableType.TABLE, statement.target))
        case Action.CREATE_TABLE | Action.CREATE_VIEW:
            table = securable(context, SecurableType.TABLE, statement.target)
            _authorize(context, Privilege.CREATE_TABLE, table.containers[1])
            if statement.or_replace:
                _authorize_managing(context, table)
        case Action.CREATE_SCHEMA:
            schema = securable(context, SecurableType.SCHEMA, statement.target)
            _authorize(context, Privilege.CREATE_SCHEMA, schema.containers[0])
        case Action.DROP_TABLE:
            _authorize_managing(context, securable(context, SecurableType.TABLE, statement.target))
        case Action.DROP_SCHEMA:
            _authorize_managing(context, securable(context, SecurableType.SCHEMA, statement.target))


def _authorize(context: Context, privilege: Privilege, on: Securable) -> None:
    """What does not exist fails when the statement runs; the way there must be open nevertheless."""
    existing = _existing(context, on)
    authorization.authorize_way(context.store, context.caller, existing)
    if on in existing:
        authorization.authorize(context.store, context.caller, privilege, on)


def _authorize_managing(context: Context, on: Securable) -> None:
    existing = _existing(context, on)
    if on in existing:
        authorization.authorize_managing(context.store, context.caller, on)
    else:
        authorization.authorize_way(context.store, context.caller, existing)


def _existing(context: Context, on: Securable) -> list[Securable]:
    levels = [level for level in (*on.containers, on) if securables.load(context.store, level) is not None]
    for level in levels:
        if level.type is SecurableType.CATALOG:
            securables.require_binding(context, level)
    return levels
