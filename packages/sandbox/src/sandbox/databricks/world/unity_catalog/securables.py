"""Unity Catalog's objects: metastores, catalogs, schemas, tables, volumes and models, whose names are in lower case.

Each lies in one metastore, and names are unique within it. The words of the refusals are Unity Catalog's own, as users
have quoted them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.context import Caller, Context
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.refusals import InvalidError, NotFoundError, PermissionDeniedError
from sandbox.databricks.world.unity_catalog import assigned_metastores, bindings, grant_store
from sandbox.databricks.world.unity_catalog.privileges import SecurableType, containers, name_parts
from sandbox.source import databricks_api, databricks_docs, databricks_provider
from sandbox.store import Document, Store

_SOURCE = databricks_api("workspace/catalogs")
_PRINCIPAL = databricks_provider("catalog/permissions/permissions.go")
_NOT_EMPTY = databricks_provider("catalog/resource_schema.go")
_METASTORE = databricks_provider("catalog/data_current_metastore.go")
_NAMES = databricks_docs("sql/language-manual/sql-ref-names")
_BINDING = databricks_docs("catalogs/binding")

_NOUN = {
    SecurableType.METASTORE: "Metastore",
    SecurableType.CATALOG: "Catalog",
    SecurableType.SCHEMA: "Schema",
    SecurableType.TABLE: "Table",
    SecurableType.VOLUME: "Volume",
    SecurableType.FUNCTION: "Routine or Model",
    SecurableType.MODEL: "Routine or Model",
}
# Models and functions share names and codes; the others have codes of their own.
_CODE = {
    SecurableType.METASTORE: "METASTORE",
    SecurableType.CATALOG: "CATALOG",
    SecurableType.SCHEMA: "SCHEMA",
    SecurableType.TABLE: "TABLE",
    SecurableType.VOLUME: "VOLUME",
}
_CHILDREN = {
    SecurableType.METASTORE: (SecurableType.CATALOG,),
    SecurableType.CATALOG: (SecurableType.SCHEMA,),
    SecurableType.SCHEMA: (SecurableType.TABLE, SecurableType.VOLUME, SecurableType.MODEL),
}


@dataclass(frozen=True, slots=True)
class Securable:
    """The address of something that privileges can be granted on; a metastore's full name is its id."""

    type: SecurableType
    full_name: str
    metastore_id: str

    def __str__(self) -> str:
        return f"{_NOUN[self.type]} '{self.full_name}'"

    @property
    def address(self) -> str:
        """Where it is kept among those of its kind."""
        return self.full_name if self.type is SecurableType.METASTORE else f"{self.metastore_id}/{self.full_name}"

    @property
    def key(self) -> str:
        """Under which its grants are kept."""
        return f"{self.type}/{self.address}"

    @property
    def name(self) -> str:
        """The last part of the full name."""
        return self.full_name.rpartition(".")[2]

    @property
    def containers(self) -> tuple["Securable", ...]:
        """The catalog and the schema around it, outermost first."""
        return tuple(Securable(kind, name, self.metastore_id) for kind, name in containers(self.type, self.full_name))


def metastore(metastore_id: str) -> Securable:
    """The metastore of that id."""
    return Securable(SecurableType.METASTORE, metastore_id, metastore_id)


def metastores(store: Store) -> list[tuple[Securable, Document]]:
    """Those of the account."""
    found = store.all(f"databricks.{SecurableType.METASTORE}")
    return [(metastore(metastore_id), document) for metastore_id, document in found]


def metastore_here(context: Context) -> Securable:
    """The metastore of the workspace that was called; nothing of Unity Catalog exists in one that has none."""
    metastore_id = assigned_metastores.metastore_of(context.store, context.workspace.id) if context.workspace else None
    if metastore_id is None:
        # The provider reads this sentence (catalog/data_current_metastore.go:21).
        raise NotFoundError(
            "No metastore assigned for the current workspace.", code="METASTORE_DOES_NOT_EXIST", source=_METASTORE
        )
    return metastore(metastore_id)


def securable(context: Context, kind: SecurableType, full_name: str) -> Securable:
    """What a name means in the workspace that was called: of other metastores it sees nothing."""
    return within(metastore_here(context).full_name, kind, full_name)


def within(metastore_id: str, kind: SecurableType, full_name: str) -> Securable:
    """The address behind a name that somebody wrote. The permissions API says "function" for models too."""
    kind = SecurableType.MODEL if kind is SecurableType.FUNCTION else kind
    if len(full_name.split(".")) != name_parts(kind) or not all(full_name.split(".")):
        raise InvalidError(f"'{full_name}' is not a valid name for a {kind}.", source=_NAMES)
    return Securable(kind, full_name if kind is SecurableType.METASTORE else full_name.lower(), metastore_id)


def load(store: Store, wanted: Securable) -> Document | None:
    """What is remembered of a securable."""
    if wanted.type is SecurableType.METASTORE and wanted.full_name != wanted.metastore_id:
        return None  # another one than that of the workspace
    return store.get(f"databricks.{wanted.type}", wanted.address)


def require(context: Context, wanted: Securable) -> Document:
    """The securable, from the outside in: what does not exist, or is not bound to this workspace, is refused."""
    for outer in wanted.containers:
        if load(context.store, outer) is None:
            raise missing(outer)
        if outer.type is SecurableType.CATALOG:
            require_binding(context, outer)
    document = load(context.store, wanted)
    if document is None:
        raise missing(wanted)
    if wanted.type is SecurableType.CATALOG:
        require_binding(context, wanted)
    return document


def require_binding(context: Context, catalog: Securable) -> None:
    """Refuse a catalog that is isolated from the workspace (https://docs.databricks.com/aws/en/catalogs/binding)."""
    document = load(context.store, catalog) or {}
    isolated = document.get("isolation_mode") == "ISOLATED"
    if (
        isolated
        and context.workspace
        and context.workspace.id not in bindings.workspaces(context.store, catalog.address)
    ):
        raise PermissionDeniedError(f"{catalog} is not accessible in current workspace", source=_BINDING)


def missing(wanted: Securable) -> NotFoundError:
    """The refusal of a securable that does not exist."""
    return NotFoundError(
        f"{wanted} does not exist.", code=f"{_CODE.get(wanted.type, 'RESOURCE')}_DOES_NOT_EXIST", source=_SOURCE
    )


def insert(
    store: Store, clock: Clock, wanted: Securable, *, creator: Caller | principals.Principal, fields: Mapping[str, Any]
) -> None:
    """Make a securable; it belongs to its creator."""
    if load(store, wanted) is not None:
        code = f"{_CODE.get(wanted.type, 'RESOURCE')}_ALREADY_EXISTS"
        raise InvalidError(f"{_NOUN[wanted.type]} '{wanted.name}' already exists", code=code, source=_SOURCE)
    now = clock.milliseconds()
    stamps = {"created_at": now, "created_by": creator.name, "updated_at": now, "updated_by": creator.name}
    document: Document = {**fields, **stamps, "owner_id": creator.id}
    store.put(f"databricks.{wanted.type}", wanted.address, document)


def update(context: Context, wanted: Securable, changes: Mapping[str, Any]) -> Document:
    """Change a securable; a change to None removes the field."""
    held = require(context, wanted)
    stamps = {"updated_at": context.clock.milliseconds(), "updated_by": context.caller.name}
    document = {key: value for key, value in {**held, **changes, **stamps}.items() if value is not None}
    context.store.put(f"databricks.{wanted.type}", wanted.address, document)
    return document


def owner_change(context: Context, owner: str | None) -> Document:
    """The change that gives a securable to a principal of the account."""
    if not owner:
        return {}
    principal = principals.named(context.store, owner)
    if principal is None or not principals.visible(context, principal):
        raise unknown_principal(owner)
    return {"owner_id": principal.id}


def unknown_principal(name: str) -> NotFoundError:
    """The refusal of a principal that Unity Catalog does not know; local groups are among them."""
    return NotFoundError(
        f"Could not find principal with name {name}", code="PRINCIPAL_DOES_NOT_EXIST", source=_PRINCIPAL
    )


def remove(store: Store, wanted: Securable) -> None:
    """Remove a securable with all that it contains and all that was granted on it."""
    for child in list(children(store, wanted)):
        remove(store, child)
    store.delete(f"databricks.{wanted.type}", wanted.address)
    grant_store.drop(store, wanted.key)
    if wanted.type is SecurableType.CATALOG:
        bindings.drop(store, wanted.address)


def require_empty(store: Store, wanted: Securable) -> None:
    """Refuse to remove a container that still holds something."""
    held = [child.type for child in children(store, wanted)]
    if not held:
        return
    if wanted.type is SecurableType.METASTORE:
        # The code is the service's, the sentence is made like its siblings'.
        raise InvalidError(
            f"{wanted} is not empty. The metastore has {len(held)} catalog(s)",
            code="METASTORE_NOT_EMPTY",
            source=_NOT_EMPTY,
        )
    if wanted.type is SecurableType.CATALOG:
        raise InvalidError(
            f"{wanted} is not empty. The catalog has {len(held)} schema(s)", code="CATALOG_NOT_EMPTY", source=_NOT_EMPTY
        )
    tables, models, volumes = (
        held.count(kind) for kind in (SecurableType.TABLE, SecurableType.MODEL, SecurableType.VOLUME)
    )
    raise InvalidError(
        f"{wanted} is not empty. The schema has {tables} tables(s), {models} functions(s), {volumes} volumes(s)",
        code="SCHEMA_NOT_EMPTY",
        source=_NOT_EMPTY,
    )


def children(store: Store, wanted: Securable) -> Iterator[Securable]:
    """What a securable contains, one level down."""
    prefix = f"{wanted.address}{'/' if wanted.type is SecurableType.METASTORE else '.'}"
    for kind in _CHILDREN.get(wanted.type, ()):
        for address, _ in store.all(f"databricks.{kind}", prefix=prefix):
            yield Securable(kind, address.partition("/")[2], wanted.metastore_id)


def shown(store: Store, wanted: Securable, document: Document) -> Document:
    """A securable as answers have it: what was sent, and what is computed."""
    visible = {key: value for key, value in document.items() if key != "owner_id"}
    return {
        **visible,
        "name": wanted.name,
        "full_name": wanted.full_name,
        "owner": principals.name_of(store, document["owner_id"]),
        "metastore_id": wanted.metastore_id,
    }
