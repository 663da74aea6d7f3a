"""Rows about the values of a request, refused as Databricks refuses values: 400 with an error code."""

from sandbox.context import RefusalError
from sandbox.databricks.world.refusals import InvalidError
from sandbox.limits import Bound, Limit
from sandbox.source import Source

_SAYS = "Invalid value for {field}: {value}. It must be {bound}."


def limit(
    field: str,
    bound: Bound,
    source: Source,
    *,
    says: str = _SAYS,
    code: str = "INVALID_PARAMETER_VALUE",
) -> Limit:
    """A row. The sentence is ours unless the source quotes another."""
    return Limit(field=field, bound=bound, source=source, says=says, refusal=_refusal, code=code)


def scim_limit(field: str, bound: Bound, source: Source, *, says: str = _SAYS) -> Limit:
    """A row of an endpoint that speaks SCIM."""
    return Limit(field=field, bound=bound, source=source, says=says, refusal=_scim_refusal)


def _refusal(row: Limit, said: str) -> RefusalError:
    return InvalidError(said, code=row.code, source=row.source)


def _scim_refusal(row: Limit, said: str) -> RefusalError:
    return InvalidError(said, scim=True, source=row.source)
