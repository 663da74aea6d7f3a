"""What the environment's jobs work on: whether it is there or may be made, and whether the caller may grant on it."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from checks.check import Check, Finding, Outcome, Remedy
from checks.commands import databricks
from checks.live import Live
from checks.preflight.workspaces import metastore_id
from checks.roles import privileges_by_securable
from checks.unity import effective_grants, find, identities
from settings import CatalogSettings, EnvironmentSettings
from unity_catalog import SecurableType, containers

_API = "/api/2.1/unity-catalog"
_CATALOG, _SCHEMA, _TABLE = SecurableType.CATALOG, SecurableType.SCHEMA, SecurableType.TABLE


def catalog_checks(live: Live, environment: EnvironmentSettings) -> list[Check]:
    """The checks of the catalogs, schemas and tables that one environment's principal is granted something on."""
    return [*_existing(live, environment), *_grantable(live, environment)]


def securable_id(environment: EnvironmentSettings, kind: SecurableType, name: str) -> str:
    """The id of the check that the securable is there."""
    return f"{environment.name}.{kind}.{name}"


def made_here(environment: EnvironmentSettings) -> set[tuple[SecurableType, str]]:
    """The securables that the environment's stack makes."""
    made: set[tuple[SecurableType, str]] = set()
    for catalog in environment.catalogs:
        if catalog.create:
            made.add((_CATALOG, catalog.name))
        if catalog.create_schema and catalog.schema is not None:
            made.add((_SCHEMA, f"{catalog.name}.{catalog.schema}"))
    return made


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
            run=partial(_makeable, live, environment, _CATALOG, name, "CREATE_CATALOG"),
            remedy=Remedy("have CREATE_CATALOG granted on the metastore", by="a metastore admin"),
            docs="catalogs",
        )
    return Check(
        id=securable_id(environment, _CATALOG, name),
        about=f"the catalog {name} is there",
        needs=(on,),
        run=partial(_is_there, live, environment, _CATALOG, name),
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
            run=lambda: (
                "with its catalog" if catalog.create else _makeable(live, environment, _SCHEMA, name, "CREATE_SCHEMA")
            ),
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
    """One for each securable that exists before the stack does: of what the stack makes, the caller is the owner."""
    made = made_here(environment)
    own = {name for kind, name in made if kind is _CATALOG}
    known = {catalog.name for catalog in environment.catalogs}
    for kind, name in privileges_by_securable(environment):
        if (kind, name) in made or name.partition(".")[0] in own:
            continue
        # The containers of a table elsewhere have no line of their own.
        there = (
            securable_id(environment, kind, name)
            if kind is _TABLE or name.partition(".")[0] in known
            else f"{environment.name}.login"
        )
        yield Check(
            id=f"{environment.name}.grant.{kind}.{name}",
            about=f"you may grant on the {kind} {name}",
            needs=(there,),
            run=partial(_may_grant, live, environment, kind, name),
            remedy=Remedy("have MANAGE granted to the caller", by=f"the owner of the {kind}"),
            docs="catalogs",
        )


def _is_there(live: Live, environment: EnvironmentSettings, kind: SecurableType, name: str) -> Outcome:
    return "" if _found(live, environment, kind, name) is not None else Finding(f"there is no {kind} {name}")


def _makeable(live: Live, environment: EnvironmentSettings, kind: SecurableType, name: str, privilege: str) -> Outcome:
    if _found(live, environment, kind, name) is not None:
        return "it is there already"
    me = identities(live.me(environment))
    above, above_name = (
        (SecurableType.METASTORE, metastore_id(live, environment)) if kind is _CATALOG else containers(kind, name)[-1]
    )
    client = live.workspace(environment)
    held = {one.privilege for one in effective_grants(client, above, above_name, me)}
    if privilege in held or "ALL_PRIVILEGES" in held or _owns(live, environment, above, above_name):
        return f"you hold {privilege} on the {above}"
    body = {"changes": [{"principal": me[0], "add": [privilege]}]}
    grant = databricks("PATCH", environment.workspace.host, f"{_API}/permissions/{above}/{above_name}", body)
    remedy = Remedy(f"have {privilege} granted on the {above}", (grant,), by=f"the owner of the {above}")
    return Finding(f"you do not hold {privilege} on the {above}", remedy)


def _may_grant(live: Live, environment: EnvironmentSettings, kind: SecurableType, name: str) -> Outcome:
    me = identities(live.me(environment))
    metastore = (SecurableType.METASTORE, metastore_id(live, environment))
    for level, level_name in (metastore, *containers(kind, name), (kind, name)):
        if _owns(live, environment, level, level_name):
            return f"you own the {level} {level_name}"
    client = live.workspace(environment)
    if any(one.privilege == "MANAGE" for one in effective_grants(client, kind, name, me)):
        return "you hold MANAGE"
    owner = (_found(live, environment, kind, name) or {}).get("owner")
    body = {"changes": [{"principal": me[0], "add": ["MANAGE"]}]}
    grant = databricks("PATCH", environment.workspace.host, f"{_API}/permissions/{kind}/{name}", body)
    remedy = Remedy("have MANAGE granted to the caller", (grant,), by=f"the owner of the {kind}")
    return Finding(f"it belongs to {owner}" if owner else "it is not yours to see", remedy)


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
