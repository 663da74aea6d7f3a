"""The world that mlops.yaml describes, for the sandbox to play: `python -m settings world` prints it as JSON.

Its form is the sandbox's world.schema.json. It names what must exist before anybody deploys, because no stack makes it:
catalogs, schemas, the tables that the jobs find there, and groups.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from settings.clouds import CLOUDS
from settings.loading import load
from settings.resolved import BundleSettings, Settings

_VERSION = 1


def world(*, folder: Path, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The world of mlops.yaml, or of the file that MLOPS_CONFIG names, relative to `folder`.

    `environ` is the process environment unless given. Raises FaultsError as `load` does.
    """
    settings = load(folder=folder, environ=environ)
    digest = hashlib.sha256(settings.path.read_bytes()).hexdigest()
    source = {"file": str(settings.path.absolute()), "sha256": digest}
    return {"version": _VERSION, "source": source, **described(settings)}


def described(settings: Settings) -> dict[str, Any]:
    """What the settings say of the world, wherever they come from."""
    logins = [settings.account, *(environment.workspace for environment in settings.environments)]
    hosts = {_bare(environment.workspace.host) for environment in settings.environments}
    return {
        "account": {
            "id": settings.account_id,
            "host": _bare(settings.account.host),
            "cloud": next(name for name, one in CLOUDS.items() if settings.account.host.endswith(one.suffixes)),
        },
        "workspaces": [{"host": host} for host in sorted(hosts)],
        "github": {"owner": settings.github.owner, "repository": settings.github.repository},
        "logins": [
            {"host": _bare(login.host), "auth_type": login.auth_type, "profile": login.profile} for login in logins
        ],
        "catalogs": _catalogs(settings),
        "groups": _groups(settings),
        "own_targets": _own_targets(settings),
    }


def _catalogs(settings: Settings) -> list[dict[str, Any]]:
    """What must exist because no stack makes it: catalogs, schemas, and the tables that the jobs find there."""
    schemas: dict[str, set[str]] = {}
    tables: dict[str, set[str]] = {}
    for environment in settings.environments:
        for catalog in environment.catalogs:
            if not catalog.create:
                schemas.setdefault(catalog.name, set())
                if not catalog.create_schema and catalog.schema is not None:
                    schemas[catalog.name].add(catalog.schema)
        for table in (*environment.input_tables, *environment.output_tables):
            name, schema, _ = table.split(".", 2)
            schemas.setdefault(name, set()).add(schema)
            tables.setdefault(name, set()).add(table)
    return [
        {"name": name, "schemas": sorted(schemas[name]), "tables": sorted(tables.get(name, ()))}
        for name in sorted(schemas)
    ]


def _own_targets(settings: Settings) -> dict[str, Any]:
    """Where the targets of a person are deployed, and what they work with."""
    own = [bundle for bundle in settings.bundles if bundle.environment is None]
    return {
        "workspaces": [{"host": host} for host in dict.fromkeys(_bare(bundle.workspace.host) for bundle in own)],
        "catalogs": _own_catalogs(own),
    }


def _own_catalogs(own: Iterable[BundleSettings]) -> list[dict[str, Any]]:
    schemas: dict[str, set[str]] = {}
    for bundle in own:
        for catalog, schema in bundle.schemas:
            schemas.setdefault(catalog, set()).add(schema)
    return [{"name": name, "schemas": sorted(schemas[name]), "tables": []} for name in sorted(schemas)]


def _groups(settings: Settings) -> list[str]:
    """The account groups that mlops.yaml relies on."""
    named = [environment.token_users_group for environment in settings.environments]
    named += [catalog.owner for environment in settings.environments for catalog in environment.catalogs]
    return sorted({name for name in named if name is not None})


def _bare(url: str) -> str:
    return url.removeprefix("https://")
