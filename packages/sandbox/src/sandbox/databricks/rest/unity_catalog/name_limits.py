"""What Unity Catalog refuses of names, whatever has them.

The sentence about characters is the service's own (libs/testserver/catalogs.go of the CLI quotes it); that about the
length is ours.
"""

import re

from sandbox.databricks.rest.limits import limit
from sandbox.limits import Length, Limit, OneOf, Spelling
from sandbox.source import databricks_cli, databricks_docs, databricks_sdk

_NAMES = databricks_docs("sql/language-manual/sql-ref-names")
_CHARACTERS = Spelling(
    re.compile(r"[^ ./\x00-\x1f\x7f]+"),
    "without spaces, periods, slashes and control characters",
    "_a-b",
    "_a b",
    stemmed=True,
)
ISOLATION_MODES = OneOf(("OPEN", "ISOLATED"))


def named(call: str, field: str = "name") -> tuple[Limit, ...]:
    """The rows of a name that a call gives; `call` is its name in the service's sentence ("CreateCatalog")."""
    says = (
        f'Invalid input: RPC {call} Field managedcatalog.{call.removeprefix("Create")}Info.{field}: name "{{value}}" '
        "is not a valid name. Valid names cannot contain spaces, periods, forward slashes, or control characters."
    )
    quoted = databricks_cli("libs/testserver/catalogs.go")
    return (
        limit(field, _CHARACTERS, quoted, says=says),
        limit(field, Length(255), _NAMES, says="{field} has {length} characters; it must have {bound}."),
    )


CATALOG_CHANGE = (
    limit("isolation_mode", ISOLATION_MODES, databricks_sdk("databricks/sdk/service/catalog.py")),
    limit(
        "enable_predictive_optimization",
        OneOf(("DISABLE", "ENABLE", "INHERIT")),
        databricks_sdk("databricks/sdk/service/catalog.py"),
    ),
)
