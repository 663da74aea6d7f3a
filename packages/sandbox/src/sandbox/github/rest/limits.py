"""Rows about the values of a request, refused as GitHub refuses values: 422 with a list of errors."""

from sandbox.context import RefusalError
from sandbox.github.world.refusals import UnprocessableError
from sandbox.limits import Bound, Limit
from sandbox.source import Source

_SAYS = "{field} must be {bound}"


def limit(field: str, bound: Bound, source: Source, *, resource: str, says: str = _SAYS) -> Limit:
    """A row; `resource` is what GitHub calls the thing ("Label"). The sentence is ours unless a source quotes it."""

    def refusal(row: Limit, said: str) -> RefusalError:
        error = {"resource": resource, "code": "custom", "field": row.field.lstrip(":?"), "message": said}
        return UnprocessableError("Validation Failed", errors=[error], source=row.source)

    return Limit(field=field, bound=bound, source=source, says=says, refusal=refusal, status=422)
