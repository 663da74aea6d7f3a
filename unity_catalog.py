"""Unity Catalog's names: kinds of securable, their parents, and which privilege can be granted on which.

Sources: docs/resources/grants.md of terraform-provider-databricks 1.99.0; `catalog.Privilege` and
`catalog.SecurableType` of the Databricks SDK; "Unity Catalog privileges reference" in Databricks' documentation.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class SecurableType(StrEnum):
    """What a privilege can be granted on, as Terraform and the permissions API spell it."""

    METASTORE = "metastore"
    CATALOG = "catalog"
    SCHEMA = "schema"
    TABLE = "table"
    VOLUME = "volume"
    FUNCTION = "function"
    MODEL = "model"


class Privilege(StrEnum):
    """What can be granted, as the permissions API spells it.

    `USAGE` and `CREATE` of the privilege model before 1.0 are left out: nothing maps them to their successors.
    """

    ALL_PRIVILEGES = "ALL_PRIVILEGES"
    APPLY_TAG = "APPLY_TAG"
    BROWSE = "BROWSE"
    CREATE_CATALOG = "CREATE_CATALOG"
    CREATE_CLEAN_ROOM = "CREATE_CLEAN_ROOM"
    CREATE_CONNECTION = "CREATE_CONNECTION"
    CREATE_EXTERNAL_LOCATION = "CREATE_EXTERNAL_LOCATION"
    CREATE_FUNCTION = "CREATE_FUNCTION"
    CREATE_MATERIALIZED_VIEW = "CREATE_MATERIALIZED_VIEW"
    CREATE_MODEL = "CREATE_MODEL"
    CREATE_MODEL_VERSION = "CREATE_MODEL_VERSION"
    CREATE_PROVIDER = "CREATE_PROVIDER"
    CREATE_RECIPIENT = "CREATE_RECIPIENT"
    CREATE_SCHEMA = "CREATE_SCHEMA"
    CREATE_SERVICE_CREDENTIAL = "CREATE_SERVICE_CREDENTIAL"
    CREATE_SHARE = "CREATE_SHARE"
    CREATE_STORAGE_CREDENTIAL = "CREATE_STORAGE_CREDENTIAL"
    CREATE_TABLE = "CREATE_TABLE"
    CREATE_VOLUME = "CREATE_VOLUME"
    EXECUTE = "EXECUTE"
    EXTERNAL_USE_SCHEMA = "EXTERNAL_USE_SCHEMA"
    MANAGE = "MANAGE"
    MANAGE_ALLOWLIST = "MANAGE_ALLOWLIST"
    MODIFY = "MODIFY"
    READ_VOLUME = "READ_VOLUME"
    REFRESH = "REFRESH"
    SELECT = "SELECT"
    SET_SHARE_PERMISSION = "SET_SHARE_PERMISSION"
    USE_CATALOG = "USE_CATALOG"
    USE_MARKETPLACE_ASSETS = "USE_MARKETPLACE_ASSETS"
    USE_PROVIDER = "USE_PROVIDER"
    USE_RECIPIENT = "USE_RECIPIENT"
    USE_SCHEMA = "USE_SCHEMA"
    USE_SHARE = "USE_SHARE"
    WRITE_VOLUME = "WRITE_VOLUME"


PARENT: Mapping[SecurableType, SecurableType | None] = MappingProxyType(
    {
        SecurableType.METASTORE: None,
        SecurableType.CATALOG: SecurableType.METASTORE,
        SecurableType.SCHEMA: SecurableType.CATALOG,
        SecurableType.TABLE: SecurableType.SCHEMA,
        SecurableType.VOLUME: SecurableType.SCHEMA,
        SecurableType.FUNCTION: SecurableType.SCHEMA,
        SecurableType.MODEL: SecurableType.SCHEMA,
    }
)
"""Where each kind lives. What is granted on a metastore is not inherited by its catalogs (grants.md)."""

NAME_PARTS: Mapping[SecurableType, int] = MappingProxyType(
    {
        SecurableType.METASTORE: 1,
        SecurableType.CATALOG: 1,
        SecurableType.SCHEMA: 2,
        SecurableType.TABLE: 3,
        SecurableType.VOLUME: 3,
        SecurableType.FUNCTION: 3,
        SecurableType.MODEL: 3,
    }
)
"""How many dotted parts the full name of each kind has."""

_ON_EVERY_OBJECT = frozenset({Privilege.ALL_PRIVILEGES, Privilege.MANAGE})

# grants.md of the provider leaves CREATE_MODEL out of its catalog and schema lists; the privileges reference has it,
# and the provider's own exporter writes it. CREATE_MODEL_VERSION is in no SDK but the service returns it
# (databricks-sdk-py issue 1022).
_ON_TABLE = _ON_EVERY_OBJECT | {Privilege.APPLY_TAG, Privilege.MODIFY, Privilege.REFRESH, Privilege.SELECT}
_ON_VOLUME = _ON_EVERY_OBJECT | {Privilege.APPLY_TAG, Privilege.READ_VOLUME, Privilege.WRITE_VOLUME}
_ON_FUNCTION = _ON_EVERY_OBJECT | {Privilege.EXECUTE}
_ON_MODEL = _ON_EVERY_OBJECT | {Privilege.APPLY_TAG, Privilege.CREATE_MODEL_VERSION, Privilege.EXECUTE}
_ON_SCHEMA = (
    _ON_TABLE
    | _ON_VOLUME
    | _ON_FUNCTION
    | _ON_MODEL
    | {
        Privilege.CREATE_FUNCTION,
        Privilege.CREATE_MATERIALIZED_VIEW,
        Privilege.CREATE_MODEL,
        Privilege.CREATE_TABLE,
        Privilege.CREATE_VOLUME,
        Privilege.EXTERNAL_USE_SCHEMA,
        Privilege.USE_SCHEMA,
    }
)
_ON_CATALOG = _ON_SCHEMA | {Privilege.BROWSE, Privilege.CREATE_SCHEMA, Privilege.USE_CATALOG}
_ON_METASTORE = frozenset(
    {
        Privilege.CREATE_CATALOG,
        Privilege.CREATE_CLEAN_ROOM,
        Privilege.CREATE_CONNECTION,
        Privilege.CREATE_EXTERNAL_LOCATION,
        Privilege.CREATE_PROVIDER,
        Privilege.CREATE_RECIPIENT,
        Privilege.CREATE_SERVICE_CREDENTIAL,
        Privilege.CREATE_SHARE,
        Privilege.CREATE_STORAGE_CREDENTIAL,
        Privilege.MANAGE_ALLOWLIST,
        Privilege.SET_SHARE_PERMISSION,
        Privilege.USE_MARKETPLACE_ASSETS,
        Privilege.USE_PROVIDER,
        Privilege.USE_RECIPIENT,
        Privilege.USE_SHARE,
    }
)

GRANTABLE: Mapping[SecurableType, frozenset[Privilege]] = MappingProxyType(
    {
        SecurableType.METASTORE: _ON_METASTORE,
        SecurableType.CATALOG: _ON_CATALOG,
        SecurableType.SCHEMA: _ON_SCHEMA,
        SecurableType.TABLE: _ON_TABLE,
        SecurableType.VOLUME: _ON_VOLUME,
        SecurableType.FUNCTION: _ON_FUNCTION,
        SecurableType.MODEL: _ON_MODEL,
    }
)
"""Which privileges each kind accepts; a catalog and a schema also accept those that what they contain inherits."""


def normalise(privilege: str) -> str:
    """A privilege as the API spells it: "use catalog" -> "USE_CATALOG" (the provider's NormalizePrivilege)."""
    return privilege.strip().upper().replace(" ", "_")


def is_grantable(privilege: str, on: SecurableType) -> bool:
    """Whether the privilege, spelled as the API spells it, can be granted on that kind of securable."""
    return privilege in GRANTABLE[on]


def containers(on: SecurableType, full_name: str) -> tuple[tuple[SecurableType, str], ...]:
    """The catalog and the schema that a securable lies in, outermost first.

    containers(TABLE, "main.sales.orders") -> ((CATALOG, "main"), (SCHEMA, "main.sales"))
    """
    above: list[tuple[SecurableType, str]] = []
    kind, name = PARENT[on], full_name
    while kind is not None and kind is not SecurableType.METASTORE:
        name = name.rpartition(".")[0]
        above.append((kind, name))
        kind = PARENT[kind]
    return tuple(reversed(above))
