"""`/sql/statements`: statements are read and their rights checked; what they would store is not kept.

https://docs.databricks.com/api/workspace/statementexecution. A statement that fails is answered with 200 and the state
FAILED, as there. One difference: a missing right, which is FAILED there too, is refused with 403 before anything runs
(sandbox/databricks/world/sql/statement_rights.py), so that every missing right can be told by its status.
"""

import re
import uuid

from sandbox.databricks.rest.bodies import optional, required
from sandbox.databricks.rest.limits import limit
from sandbox.databricks.world.refusals import NotBuiltError
from sandbox.databricks.world.sql.sql_reader import Statement, UnreadableError, UnsupportedError, read
from sandbox.databricks.world.sql.statements import StatementError, columns, run
from sandbox.limits import OneOf, Spelling, limited
from sandbox.route import Call
from sandbox.source import databricks_sdk
from sandbox.store import Document

_SDK = databricks_sdk("databricks/sdk/service/sql.py")
_LIMITS = (
    limit("wait_timeout", Spelling(re.compile(r"0s|([5-9]|[1-4]\d|50)s"), "0s or 5s to 50s", "50s", "51s"), _SDK),
    limit("on_wait_timeout", OneOf(("CANCEL", "CONTINUE")), _SDK),
    limit("disposition", OneOf(("EXTERNAL_LINKS", "INLINE")), _SDK),
    limit("format", OneOf(("ARROW_STREAM", "CSV", "JSON_ARRAY")), _SDK),
)


@limited(*_LIMITS)
def execute_statement(call: Call) -> Document:
    """Run one to its end; everything here is fast enough for any wait_timeout."""
    answer: Document = {"statement_id": str(uuid.uuid4())}
    try:
        statement = read_statement(call)
        run(call, statement)
    except (UnreadableError, StatementError) as error:
        return {
            **answer,
            "status": {"state": "FAILED", "error": {"error_code": "BAD_REQUEST", "message": str(error)}},
        }
    except UnsupportedError as error:
        raise NotBuiltError(str(error)) from None
    return {**answer, "status": {"state": "SUCCEEDED"}, "manifest": _manifest(statement), "result": {"row_count": 0}}


def read_statement(call: Call) -> Statement:
    """The statement of a call."""
    return read(
        required(call, "statement", str), catalog=optional(call, "catalog", str), schema=optional(call, "schema", str)
    )


def _manifest(statement: Statement) -> Document:
    schema = {"column_count": len(statement.columns), "columns": columns(statement)}
    return {"format": "JSON_ARRAY", "schema": schema, "total_row_count": 0, "total_chunk_count": 0, "truncated": False}
