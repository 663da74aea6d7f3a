"""`/sql/statements`: statements are read and their rights checked; what they would store is not kept.

https://docs.databricks.com/api/workspace/statementexecution. A statement that fails is answered with 200 and the state
FAILED, as there. One difference: a missing right, which is FAILED there too, is refused with 403 before anything runs
(sandbox/databricks/statement_rights.py), so that every missing right can be told by its status.
"""

import uuid

from sandbox.databricks import schemas, securables, tables, warehouses
from sandbox.databricks.bodies import required
from sandbox.databricks.refusals import InvalidError, NotBuiltError, NotFoundError
from sandbox.databricks.securables import Securable, securable
from sandbox.databricks.sql_reader import Action, Statement, UnreadableError, UnsupportedError
from sandbox.databricks.statement_rights import read_statement
from sandbox.route import Call
from sandbox.store import Document
from unity_catalog import SecurableType


class StatementError(Exception):
    """The statement fails; the text begins with the condition, as Databricks' does."""


def execute_statement(call: Call) -> Document:
    """Run one to its end; everything here is fast enough for any wait_timeout."""
    warehouses.require(call, required(call, "warehouse_id", str))
    answer: Document = {"statement_id": str(uuid.uuid4())}
    try:
        statement = read_statement(call)
        _run(call, statement)
    except (UnreadableError, StatementError) as error:
        return {
            **answer,
            "status": {"state": "FAILED", "error": {"error_code": "BAD_REQUEST", "message": str(error)}},
        }
    except UnsupportedError as error:
        raise NotBuiltError(str(error)) from None
    return {**answer, "status": {"state": "SUCCEEDED"}, "manifest": _manifest(statement), "result": {"row_count": 0}}


def _run(call: Call, statement: Statement) -> None:
    for source in statement.sources:
        _require_table(call, source)
    match statement.action:
        case Action.WRITE:
            _require_table(call, statement.target)
        case Action.CREATE_TABLE | Action.CREATE_VIEW:
            _create_table(call, statement)
        case Action.CREATE_SCHEMA:
            _create_schema(call, statement)
        case Action.DROP_TABLE | Action.DROP_SCHEMA:
            _drop(call, statement)


def _create_table(call: Call, statement: Statement) -> None:
    table = securable(call, SecurableType.TABLE, statement.target)
    _require(call, table.containers[1], "SCHEMA_NOT_FOUND")
    if securables.load(call.store, table) is not None:
        if statement.or_replace:
            securables.update(call, table, {"columns": _columns(statement)})
        elif not statement.tolerant:
            raise StatementError(f"[TABLE_OR_VIEW_ALREADY_EXISTS] {table} already exists.")
        return
    fields = {"table_type": "VIEW"} if statement.action is Action.CREATE_VIEW else {}
    tables.make_table(
        call.store, call.clock, table, creator=call.caller, columns=_columns(statement), fields=dict(fields)
    )


def _create_schema(call: Call, statement: Statement) -> None:
    schema = securable(call, SecurableType.SCHEMA, statement.target)
    _require(call, schema.containers[0], "NO_SUCH_CATALOG_EXCEPTION")
    if securables.load(call.store, schema) is None:
        schemas.make_schema(call.store, call.clock, schema, creator=call.caller, fields={})
    elif not statement.tolerant:
        raise StatementError(f"[SCHEMA_ALREADY_EXISTS] {schema} already exists.")


def _drop(call: Call, statement: Statement) -> None:
    of_table = statement.action is Action.DROP_TABLE
    dropped = securable(call, SecurableType.TABLE if of_table else SecurableType.SCHEMA, statement.target)
    if statement.tolerant and securables.load(call.store, dropped) is None:
        return
    _require(call, dropped, "TABLE_OR_VIEW_NOT_FOUND" if of_table else "SCHEMA_NOT_FOUND")
    if not of_table and not statement.cascade:
        try:
            securables.require_empty(call.store, dropped)
        except InvalidError as refusal:
            raise StatementError(f"[SCHEMA_NOT_EMPTY] {refusal.message}") from None
    securables.remove(call.store, dropped)


def _require_table(call: Call, full_name: str) -> None:
    _require(call, securable(call, SecurableType.TABLE, full_name), "TABLE_OR_VIEW_NOT_FOUND")


def _require(call: Call, wanted: Securable, condition: str) -> None:
    try:
        securables.require(call, wanted)
    except NotFoundError:
        raise StatementError(f"[{condition}] {wanted} cannot be found.") from None


def _columns(statement: Statement) -> list[Document]:
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


def _manifest(statement: Statement) -> Document:
    schema = {"column_count": len(statement.columns), "columns": _columns(statement)}
    return {"format": "JSON_ARRAY", "schema": schema, "total_row_count": 0, "total_chunk_count": 0, "truncated": False}
