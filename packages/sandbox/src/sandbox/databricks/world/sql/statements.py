"""What a SQL statement does when it runs; what it would store is not kept."""

from sandbox.context import Context
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.sql.sql_reader import Action, Statement
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.new_securables import make_schema, make_table
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable, securable
from sandbox.store import Document


class StatementError(Exception):
    """The statement fails; the text begins with the condition, as Databricks' does."""


def run(context: Context, statement: Statement) -> None:
    """Do it; StatementError when it fails."""
    for source in statement.sources:
        _require_table(context, source)
    match statement.action:
        case Action.WRITE:
            _require_table(context, statement.target)
        case Action.CREATE_TABLE | Action.CREATE_VIEW:
            _create_table(context, statement)
        case Action.CREATE_SCHEMA:
            _create_schema(context, statement)
        case Action.DROP_TABLE | Action.DROP_SCHEMA:
            _drop(context, statement)


def _create_table(context: Context, statement: Statement) -> None:
    table = securable(context, SecurableType.TABLE, statement.target)
    _require(context, table.containers[1], "SCHEMA_NOT_FOUND")
    if securables.load(context.store, table) is not None:
        if statement.or_replace:
            securables.update(context, table, {"columns": columns(statement)})
        elif not statement.tolerant:
            raise StatementError(f"[TABLE_OR_VIEW_ALREADY_EXISTS] {table} already exists.")
        return
    fields = {"table_type": "VIEW"} if statement.action is Action.CREATE_VIEW else {}
    make_table(
        context.store, context.clock, table, creator=context.caller, columns=columns(statement), fields=dict(fields)
    )


def _create_schema(context: Context, statement: Statement) -> None:
    schema = securable(context, SecurableType.SCHEMA, statement.target)
    _require(context, schema.containers[0], "NO_SUCH_CATALOG_EXCEPTION")
    if securables.load(context.store, schema) is None:
        make_schema(context.store, context.clock, schema, creator=context.caller, fields={})
    elif not statement.tolerant:
        raise StatementError(f"[SCHEMA_ALREADY_EXISTS] {schema} already exists.")


def _drop(context: Context, statement: Statement) -> None:
    of_table = statement.action is Action.DROP_TABLE
    dropped = securable(context, SecurableType.TABLE if of_table else SecurableType.SCHEMA, statement.target)
    if statement.tolerant and securables.load(context.store, dropped) is None:
        return
    _require(context, dropped, "TABLE_OR_VIEW_NOT_FOUND" if of_table else "SCHEMA_NOT_FOUND")
    if not of_table and not statement.cascade:
        try:
            securables.require_empty(context.store, dropped)
        except InvalidError as refusal:
            raise StatementError(f"[SCHEMA_NOT_EMPTY] {refusal.message}") from None
    securables.remove(context.store, dropped)


def _require_table(context: Context, full_name: str) -> None:
    _require(context, securable(context, SecurableType.TABLE, full_name), "TABLE_OR_VIEW_NOT_FOUND")


def _require(context: Context, wanted: Securable, condition: str) -> None:
    try:
        securables.require(context, wanted)
    except NotFoundError:
        raise StatementError(f"[{condition}] {wanted} cannot be found.") from None


def columns(statement: Statement) -> list[Document]:
    """The columns that a statement declares, as the API shows them."""
    return [
        {
            "name": column.name,
            "type_text": column.type_text,
            "type_name": column.type_text.partition("(")[0].upper(),
            "nullable": column.nullable,
            "position": position,
            **({"comment": column.comment} if column.comment else {}),
        }
        for position, column in enumerate(statement.columns)
    ]
