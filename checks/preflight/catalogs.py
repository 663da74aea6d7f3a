"""What the environment's jobs work on: whether it is there or may be made, and whether the caller may grant on it."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from databricks.sdk.errors import PermissionDenied

from checks.check import Check, Finding, Outcome, Remedy
from checks.commands import databricks
from checks.live import Live
from checks.preflight.workspaces import metastore_id
from checks.remedies import grant_manage
from checks.roles import privileges_by_securable
from checks.securables import Securable, made_here
from checks.unity import IsolatedError, effective_grants, find, identities
from checks.workspaces import workspace_id
from settings import CatalogSettings, EnvironmentSettings
from unity_catalog import SecurableType, containers

_API = "/api/2.1/unity-catalog"
# What making one takes on what it lies in (`CatalogsAPI.create` and `SchemasAPI.create` of the SDK).
_TO_MAKE = {
    SecurableType.CATALOG: ("CREATE_CATALOG",),
    SecurableType.SCHEMA: ("CREATE_SCHEMA", "USE_CATALOG"),
}
_CATALOG, _SCHEMA, _TABLE = SecurableType.CATALOG, SecurableType.SCHEMA, SecurableType.TABLE


def catalog_checks(live: Live, environment: EnvironmentSettings) -> list[Check]:
    """The checks of the catalogs, schemas and tables that one environment's principal is granted something on."""
    return [*_existing(live, environment), *_grantable(live, environment)]


def securable_id(environment: EnvironmentSettings, kind: SecurableType, name: str) -> str:
    """The id of the check that the securable is there."""
    return f"{environment.name}.{kind}.{name}"


def _existing(live: Live, environment: EnvironmentSettings) -> Iterator[Check]:
    on = f"{environment.name}.login"
    seen: set[str] = set()
    for catalog in environment.catalogs:
        check_id = securable_id(environment, _CATALOG, catalog.name)
        if check_id not in seen:
            seen.add(check_id)
            yield _catalog(live, environment, catalog, on)
        if catalog.schema is not None:
            yield _schema(live, environment, catalog)
    for table in (*environment.input_tables, *environment.output_tables):
        check_id = securable_id(environment, _TABLE, table)
        if check_id not in seen:
            seen.add(check_id)
            yield Check(
                id=check_id,
                about=f"the table {table} is there",
                needs=(on,),
                run=partial(_is_there, live, environment, _TABLE, table),
                remedy=Remedy(
                    f"have whoever owns the data make it, or correct input_tables and output_tables of "
                    f"environments.{environment.name} in mlops.yaml; a table that the jobs make is listed in neither"
                ),
                docs="catalogs",
            )


def _catalog(live: Live, environment: EnvironmentSettings, catalog: CatalogSettings, on: str) -> Check:
    host, name = environment.workspace.host, catalog.name
    if catalog.create:
        return Check(
            id=securable_id(environment, _CATALOG, name),
            about=f"you may make the catalog {name}, or it is there",
            needs=(on,),
            run=partial(_bound, live, environment, partial(_makeable, live, environment, _CATALOG, name)),
            remedy=Remedy("have CREATE_CATALOG granted on the metastore", by="a metastore admin"),
            docs="catalogs",
        )
    return Check(
        id=securable_id(environment, _CATALOG, name),
        about=f"the catalog {name} is there",
        needs=(on,),
        run=partial(_bound, live, environment, partial(_is_there, live, environment, _CATALOG, name)),
        remedy=Remedy(
            f"make the catalog, or have the stack make it with environments.{environment.name}.catalogs.{name}.create: "
            "true in mlops.yaml, or name another one there",
            (databricks("POST", host, f"{_API}/catalogs", {"name": name}),),
            by="a metastore admin",
        ),
        docs="catalogs",
    )


def _schema(live: Live, environment: EnvironmentSettings, catalog: CatalogSettings) -> Check:
    host, name = environment.workspace.host, f"{catalog.name}.{catalog.schema}"
    inside = securable_id(environment, _CATALOG, catalog.name)
    if catalog.create_schema:
        return Check(
            id=securable_id(environment, _SCHEMA, name),
            about=f"you may make the schema {name}, or it is there",
            needs=(inside,),
            run=lambda: "with its catalog" if catalog.create else _makeable(live, environment, _SCHEMA, name),
            remedy=Remedy(f"have CREATE_SCHEMA granted on the catalog {catalog.name}", by="the catalog's owner"),
            docs="catalogs",
        )
    body = {"catalog_name": catalog.name, "name": catalog.schema}
    return Check(
        id=securable_id(environment, _SCHEMA, name),
        about=f"the schema {name} is there",
        needs=(inside,),
        run=partial(_is_there, live, environment, _SCHEMA, name),
        remedy=Remedy(
            f"make the schema, or have the stack make it with environments.{environment.name}.catalogs."
            f"{catalog.name}.create_schema: true in mlops.yaml, or name another one there",
            (databricks("POST", host, f"{_API}/schemas", body),),
            by="the catalog's owner",
        ),
        docs="catalogs",
    )


def _grantable(live: Live, environment: EnvironmentSettings) -> Iterator[Check]:
    """One for each catalog with what is granted on in it, where that is there before the stack is."""
    made = made_here(environment)
    in_catalog: dict[str, list[Securable]] = {}
    for kind, name in privileges_by_securable(environment):
        catalog = name.partition(".")[0]
        # Of what the stack makes, the caller is the owner.
        if (kind, name) not in made and (_CATALOG, catalog) not in made:
            in_catalog.setdefault(catalog, []).append((kind, name))
    with_lines = {check.id for check in _existing(live, environment)}
    for catalog, securables in in_catalog.items():
        lines = [securable_id(environment, kind, name) for kind, name in securables]
        yield Check(
            id=f"{environment.name}.grant.{catalog}",
            about=f"you may grant on the catalog {catalog} and on what is used in it",
            needs=tuple(line for line in lines if line in with_lines) or (f"{environment.name}.login",),
            run=partial(_may_grant, live, environment, tuple(securables)),
            remedy=grant_manage(),
            docs="catalogs",
        )


def _bound(live: Live, environment: EnvironmentSettings, look: partial[Outcome]) -> Outcome:
    """What a look at a catalog says, or how to let the workspace see it."""
    try:
        return look()
    except IsolatedError as isolated:
        binding = {"workspace_id": workspace_id(live, environment), "binding_type": "BINDING_TYPE_READ_WRITE"}
        bind = databricks(
            "PATCH", environment.workspace.host, f"{_API}/bindings/catalog/{isolated}", {"add": [binding]}
        )
        remedy = Remedy(f"bind {isolated} to the workspace, or let it be open again", (bind,), by="its owner")
        return Finding(f"{isolated} is isolated, and not bound to this workspace", remedy)


def _is_there(live: Live, environment: EnvironmentSettings, kind: SecurableType, name: str) -> Outcome:
    found = _found(live, environment, kind, name)
    if found is None:
        return Finding(f"there is no {kind} {name}")
    return f"owned by {found['owner']}" if found.get("owner") else "but you may not see what it is"


def _makeable(live: Live, environment: EnvironmentSettings, kind: SecurableType, name: str) -> Outcome:
    if _found(live, environment, kind, name) is not None:
        return "it is there already"
    above, above_name = (
        (SecurableType.METASTORE, metastore_id(live, environment)) if kind is _CATALOG else containers(kind, name)[-1]
    )
    needed = _TO_MAKE[kind]
    held = _held(live, environment, above, above_name)
    missing = [privilege for privilege in needed if privilege not in held and "ALL_PRIVILEGES" not in held]
    if not missing or _owns(live, environment, above, above_name):
        return f"you hold {' and '.join(needed)} on the {above}"
    me = identities(live.me(environment))[0]
    body = {"changes": [{"principal": me, "add": missing}]}
    grant = databricks("PATCH", environment.workspace.host, f"{_API}/permissions/{above}/{above_name}", body)
    remedy = Remedy(f"have it granted on the {above}", (grant,), by=f"the owner of the {above}")
    return Finding(f"you do not hold {' and '.join(missing)} on the {above}", remedy)


def _may_grant(live: Live, environment: EnvironmentSettings, securables: tuple[Securable, ...]) -> Outcome:
    me = identities(live.me(environment))[0]
    closed = [(kind, name) for kind, name in securables if not _manages(live, environment, kind, name)]
    if not closed:
        return ", ".join(f"{kind} {name}" for kind, name in securables)
    host, body = environment.workspace.host, {"changes": [{"principal": me, "add": ["MANAGE"]}]}
    # What lies in something is managed with it.
    outermost = [one for one in closed if not any(above in closed for above in containers(*one))]
    commands = tuple(databricks("PATCH", host, f"{_API}/permissions/{kind}/{name}", body) for kind, name in outermost)
    found = ", ".join(f"{kind} {name}" for kind, name in closed)
    return Finding(f"not on {found}", grant_manage(*commands))


def _manages(live: Live, environment: EnvironmentSettings, kind: SecurableType, name: str) -> bool:
    metastore = (SecurableType.METASTORE, metastore_id(live, environment))
    levels = (metastore, *containers(kind, name), (kind, name))
    return any(_owns(live, environment, *level) for level in levels) or "MANAGE" in _held(live, environment, kind, name)


def _held(live: Live, environment: EnvironmentSettings, kind: SecurableType, name: str) -> set[str]:
    """What the caller holds there; who holds nothing may not even look."""
    try:
        found = effective_grants(live.workspace(environment), kind, name, identities(live.me(environment)))
    except PermissionDenied:
        return set()
    return {one.privilege for one in found}


def _owns(live: Live, environment: EnvironmentSettings, kind: SecurableType, name: str) -> bool:
    me = identities(live.me(environment))
    if kind is SecurableType.METASTORE:
        client = live.workspace(environment)
        summary = live.once(("metastore summary", environment.name), client.metastores.summary)
        return summary.owner in me
    return (_found(live, environment, kind, name) or {}).get("owner") in me


def _found(live: Live, environment: EnvironmentSettings, kind: SecurableType, name: str) -> Mapping[str, Any] | None:
    client = live.workspace(environment)
    return live.once(("securable", environment.name, kind, name), lambda: find(client, kind, name))
