"""Which privilege can be granted on what, as Databricks documents it privilege by privilege.

"Unity Catalog privileges reference" (https://docs.databricks.com/aws/en/data-governance/unity-catalog/manage-privileges/privileges):
each privilege has the kinds of object that it is about, and what contains those passes it on, the metastore excepted.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class SecurableType(StrEnum):
    """The kinds of object that the sandbox has, as the permissions API spells them."""

    METASTORE = "metastore"
    CATALOG = "catalog"
    SCHEMA = "schema"
    TABLE = "table"
    VOLUME = "volume"
    FUNCTION = "function"
    MODEL = "model"


class Privilege(StrEnum):
    """The privileges of privilege model 1.0 on those kinds, as the permissions API spells them."""

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


_CATALOG, _SCHEMA = SecurableType.CATALOG, SecurableType.SCHEMA
_PATHS: Mapping[SecurableType, tuple[SecurableType, ...]] = MappingProxyType(
    {
        SecurableType.METASTORE: (),
        _CATALOG: (),
        _SCHEMA: (_CATALOG,),
        **dict.fromkeys(
            (SecurableType.TABLE, SecurableType.VOLUME, SecurableType.FUNCTION, SecurableType.MODEL),
            (_CATALOG, _SCHEMA),
        ),
    }
)
"""What each kind lies in, outermost first; everything lies in a metastore."""

_ABOUT: Mapping[Privilege, tuple[SecurableType, ...]] = MappingProxyType(
    {
        Privilege.ALL_PRIVILEGES: (
            SecurableType.TABLE,
            SecurableType.VOLUME,
            SecurableType.FUNCTION,
            SecurableType.MODEL,
        ),
        Privilege.APPLY_TAG: (SecurableType.TABLE, SecurableType.VOLUME, SecurableType.MODEL),
        Privilege.BROWSE: (_CATALOG,),
        Privilege.CREATE_CATALOG: (SecurableType.METASTORE,),
        Privilege.CREATE_CLEAN_ROOM: (SecurableType.METASTORE,),
        Privilege.CREATE_CONNECTION: (SecurableType.METASTORE,),
        Privilege.CREATE_EXTERNAL_LOCATION: (SecurableType.METASTORE,),
        Privilege.CREATE_FUNCTION: (_SCHEMA,),
        Privilege.CREATE_MATERIALIZED_VIEW: (_SCHEMA,),
        Privilege.CREATE_MODEL: (_SCHEMA,),
        Privilege.CREATE_MODEL_VERSION: (SecurableType.MODEL,),
        Privilege.CREATE_PROVIDER: (SecurableType.METASTORE,),
        Privilege.CREATE_RECIPIENT: (SecurableType.METASTORE,),
        Privilege.CREATE_SCHEMA: (_CATALOG,),
        Privilege.CREATE_SERVICE_CREDENTIAL: (SecurableType.METASTORE,),
        Privilege.CREATE_SHARE: (SecurableType.METASTORE,),
        Privilege.CREATE_STORAGE_CREDENTIAL: (SecurableType.METASTORE,),
        Privilege.CREATE_TABLE: (_SCHEMA,),
        Privilege.CREATE_VOLUME: (_SCHEMA,),
        Privilege.EXECUTE: (SecurableType.FUNCTION, SecurableType.MODEL),
        Privilege.EXTERNAL_USE_SCHEMA: (_SCHEMA,),
        Privilege.MANAGE: (SecurableType.TABLE, SecurableType.VOLUME, SecurableType.FUNCTION, SecurableType.MODEL),
        Privilege.MANAGE_ALLOWLIST: (SecurableType.METASTORE,),
        Privilege.MODIFY: (SecurableType.TABLE,),
        Privilege.READ_VOLUME: (SecurableType.VOLUME,),
        Privilege.REFRESH: (SecurableType.TABLE,),  # materialized views are tables here
        Privilege.SELECT: (SecurableType.TABLE,),
        Privilege.SET_SHARE_PERMISSION: (SecurableType.METASTORE,),
        Privilege.USE_CATALOG: (_CATALOG,),
        Privilege.USE_MARKETPLACE_ASSETS: (SecurableType.METASTORE,),
        Privilege.USE_PROVIDER: (SecurableType.METASTORE,),
        Privilege.USE_RECIPIENT: (SecurableType.METASTORE,),
        Privilege.USE_SCHEMA: (_SCHEMA,),
        Privilege.USE_SHARE: (SecurableType.METASTORE,),
        Privilege.WRITE_VOLUME: (SecurableType.VOLUME,),
    }
)
"""The innermost kinds of object that each privilege is about."""


def grantable(on: SecurableType) -> frozenset[Privilege]:
    """The privileges that can be granted on a kind: those about it, and those that it passes on to what it contains."""
    return frozenset(
        privilege for privilege, kinds in _ABOUT.items() if any(on in (*_PATHS[kind], kind) for kind in kinds)
    )


def normalise(privilege: str) -> str:
    """A privilege as the API spells it: "use catalog" -> "USE_CATALOG"."""
    return privilege.strip().upper().replace(" ", "_")


def name_parts(kind: SecurableType) -> int:
    """How many dotted parts the full name of that kind has."""
    return len(_PATHS[kind]) + 1


def containers(kind: SecurableType, full_name: str) -> tuple[tuple[SecurableType, str], ...]:
    """The catalog and the schema that an object lies in, outermost first.

    containers(TABLE, "main.sales.orders") -> ((CATALOG, "main"), (SCHEMA, "main.sales"))
    """
    parts = full_name.split(".")
    return tuple((outer, ".".join(parts[: depth + 1])) for depth, outer in enumerate(_PATHS[kind]))
