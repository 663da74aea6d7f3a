"""Day one, from mlops.yaml: the only module of the sandbox that sees the settings."""

import hashlib
import os
import secrets
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from faults import FaultsError
from sandbox.clock import Clock
from sandbox.databricks.world import day_one as databricks
from sandbox.databricks.world.day_one import CatalogOnDayOne, Login
from sandbox.databricks.world.identity.credentials import issue_token
from sandbox.databricks.world.unity_catalog import assigned_metastores, securables
from sandbox.environment import MARKER, Administrator, Owner, Profile
from sandbox.errors import SandboxError
from sandbox.folder import PROJECT, Folder
from sandbox.github.world import day_one as github
from sandbox.state import note_world, open_state, read_offset, world_of
from sandbox.store import Store
from sandbox.world import Workspace, World
from settings import BundleSettings, Settings, load

GITHUB_HOST = "api.github.com"
_ADMINISTRATOR, _OWNER = "administrator", "owner"
_EMPTY = "empty"
_GCP_DOMAIN, _GCP_REGION = ".gcp.databricks.com", "us-central1"
_DAY_SECONDS = 86_400
_READS_REAL_TOKENS = "databricks-cli"  # from ~/.databricks/token-cache.json, wherever the environment points


@dataclass(frozen=True, slots=True)
class Project:
    """What mlops.yaml says to the sandbox."""

    world: World
    region: str
    """Where its metastore is."""
    profiles: tuple[Profile, ...]
    catalogs: tuple[CatalogOnDayOne, ...]
    groups: tuple[str, ...]
    own_hosts: tuple[str, ...]
    """Where targets of no environment are deployed, for whoever deploys them."""
    own_catalogs: tuple[CatalogOnDayOne, ...]
    warnings: tuple[str, ...]
    refusal: str | None
    """Why no command may run."""


def read_project(environ: Mapping[str, str] = os.environ) -> Project:
    """mlops.yaml, as the app would read it in the sandbox; SandboxError with its faults."""
    try:
        settings = load(folder=PROJECT, environ={**environ, MARKER: "1"})
    except FaultsError as faults:
        raise SandboxError(str(faults)) from None
    logins = [settings.account, *(environment.workspace for environment in settings.environments)]
    hosts = dict.fromkeys(_bare(environment.workspace.host) for environment in settings.environments)
    return Project(
        world=World(
            account_id=settings.account_id,
            account_host=_bare(settings.account.host),
            workspaces=tuple(Workspace(id=workspace_id(host), host=host) for host in sorted(hosts)),
            github_host=GITHUB_HOST,
            owner=settings.github.owner,
            repository=settings.github.repository,
        ),
        region=_GCP_REGION if settings.account.host.endswith(_GCP_DOMAIN) else databricks.REGION,
        profiles=tuple(
            Profile(name=login.profile, host=login.host, account_id=settings.account_id)
            for login in logins
            if login.profile
        ),
        catalogs=_catalogs(settings),
        groups=_groups(settings),
        own_hosts=tuple(dict.fromkeys(bundle.workspace.host for bundle in _own(settings))),
        own_catalogs=_own_catalogs(settings),
        warnings=tuple(
            f"mlops.yaml logs in to {login.host} by {login.auth_type}; the sandbox has credentials for oauth-m2m only"
            for login in logins
            if login.auth_type != "oauth-m2m"
        ),
        refusal=next(
            (
                f"mlops.yaml logs in to {login.host} by {login.auth_type}, which reads the real tokens "
                "in ~/.databricks: set auth_type to oauth-m2m to run anything in the sandbox."
                for login in logins
                if login.auth_type == _READS_REAL_TOKENS
            ),
            None,
        ),
    )


def workspace_id(host: str) -> int:
    """A number that looks like Databricks' own, the same on every machine, exact in JSON's doubles."""
    return 10**15 + int.from_bytes(hashlib.sha256(host.encode()).digest()[:8], "big") % (8 * 10**15)


def ensure_seeded(folder: Folder, project: Project, *, empty: bool = False) -> None:
    """Seed a folder that has no state, or with `empty` open accounts in it that have nothing yet.

    SandboxError when its state belongs to another mlops.yaml, or is to be empty and is not.
    """
    store = open_state(folder)
    try:
        world = world_of(store)
        if world is None:
            clock = Clock(offset=timedelta(seconds=read_offset(folder)))
            with store.transaction():
                (_open_accounts if empty else _make_day_one)(store, project, clock)
                store.note(_EMPTY, empty)
                note_world(store, project.world)
        elif empty and not store.fact(_EMPTY):
            raise SandboxError(
                f"The sandbox in {folder.root} began with day one, not empty: "
                "run `python -m sandbox reset --empty` to begin anew."
            )
        elif world != project.world:
            raise SandboxError(
                f"The state in {folder.root} belongs to another mlops.yaml ({_difference(world, project.world)}): "
                "run `python -m sandbox reset` to begin anew."
            )
    finally:
        store.close()


def forget(folder: Folder) -> None:
    """Remove the state, the clock, Terraform's state and what was synthesized. No server may be running."""
    folder.require_own()
    for path in (folder.state, *folder.root.glob(f"{folder.state.name}-*"), folder.saved, folder.clock):
        path.unlink(missing_ok=True)
    for directory in (folder.terraform_state, folder.output):
        shutil.rmtree(directory, ignore_errors=True)


def administrator(folder: Folder) -> Administrator:
    """The credentials that the seed made for whoever sets everything up."""
    return Administrator(**_fact(folder, _ADMINISTRATOR))


def owner(folder: Folder) -> Owner:
    """The credentials that the seed made for the owner of the account and of the organisation."""
    return Owner(**_fact(folder, _OWNER))


def admit(folder: Folder, project: Project, user_name: str) -> str:
    """Let a person in who deploys targets of their own; a token of theirs for a day, in the workspace of those targets.

    SandboxError when there are none, or in several workspaces.
    """
    if len(project.own_hosts) != 1:
        found = ", ".join(project.own_hosts) or "none"
        raise SandboxError(
            f"{user_name} needs targets of databricks.yml that belong to no environment, all in one workspace "
            f"of mlops.yaml; found in: {found}."
        )
    store = open_state(folder)
    try:
        clock = Clock(offset=timedelta(seconds=read_offset(folder)))
        workspace = project.world.workspace(_bare(project.own_hosts[0]))
        if workspace is None:
            raise SandboxError(f"{project.own_hosts[0]} is the workspace of no environment of mlops.yaml.")
        metastore_id = assigned_metastores.metastore_of(store, workspace.id)
        if metastore_id is None:
            raise SandboxError(
                f"{user_name} needs a metastore in {project.own_hosts[0]}, which has none: "
                "`python -m sandbox run --as-owner` lets you make and assign one."
            )
        with store.transaction():
            user = databricks.admit(
                store,
                project.world,
                clock,
                user_name=user_name,
                metastore=securables.metastore(metastore_id),
                catalogs=project.own_catalogs,
            )
            return issue_token(
                store,
                clock,
                owner_id=user.id,
                creator_id=user.id,
                workspace_id=workspace.id,
                lifetime_seconds=_DAY_SECONDS,
                comment="python -m sandbox run --as-user",
            ).value
    finally:
        store.close()


def _make_day_one(store: Store, project: Project, clock: Clock) -> None:
    deployer, owner = _note_credentials(store)
    databricks.seed(
        store,
        project.world,
        clock,
        admin_client_id=deployer.client_id,
        admin_client_secret=deployer.client_secret,
        catalogs=project.catalogs,
        groups=project.groups,
        owner=Login(owner.client_id, owner.client_secret),
        region=project.region,
    )
    github.seed(store, project.world, clock, admin_token=deployer.github_token, owner_token=owner.github_token)


def _open_accounts(store: Store, project: Project, clock: Clock) -> None:
    deployer, owner = _note_credentials(store)
    databricks.seed_empty(
        store,
        project.world,
        clock,
        deployer=Login(deployer.client_id, deployer.client_secret),
        owner=Login(owner.client_id, owner.client_secret),
    )
    github.seed_empty(store, project.world, clock, deployer_token=deployer.github_token, owner_token=owner.github_token)


def _note_credentials(store: Store) -> tuple[Administrator, Administrator]:
    """New credentials of the deployer and of the owner, kept for `run`."""
    made = []
    for name in (_ADMINISTRATOR, _OWNER):
        who = Administrator(
            client_id=str(uuid.uuid4()),
            client_secret=f"dose{secrets.token_hex(16)}",
            github_token=f"ghp_{secrets.token_hex(18)}",
        )
        store.note(name, asdict(who))
        made.append(who)
    return made[0], made[1]


def _fact(folder: Folder, name: str) -> Any:
    store = open_state(folder)
    try:
        return store.fact(name)
    finally:
        store.close()


def _catalogs(settings: Settings) -> tuple[CatalogOnDayOne, ...]:
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
    return tuple(
        CatalogOnDayOne(name=name, schemas=tuple(sorted(schemas[name])), tables=tuple(sorted(tables.get(name, ()))))
        for name in sorted(schemas)
    )


def _own(settings: Settings) -> list[BundleSettings]:
    return [bundle for bundle in settings.bundles if bundle.branch is None]


def _own_catalogs(settings: Settings) -> tuple[CatalogOnDayOne, ...]:
    """What targets of a person work with."""
    schemas: dict[str, set[str]] = {}
    for bundle in _own(settings):
        for catalog, schema in bundle.schemas:
            schemas.setdefault(catalog, set()).add(schema)
    return tuple(CatalogOnDayOne(name=name, schemas=tuple(sorted(schemas[name]))) for name in sorted(schemas))


def _groups(settings: Settings) -> tuple[str, ...]:
    """The account groups that mlops.yaml relies on."""
    named = [environment.token_users_group for environment in settings.environments]
    named += [catalog.owner for environment in settings.environments for catalog in environment.catalogs]
    return tuple(sorted({name for name in named if name is not None}))


def _bare(url: str) -> str:
    return url.removeprefix("https://")


def _difference(old: World, new: World) -> str:
    gone = [host for host in old.hosts if host not in new.hosts]
    if gone:
        return f"it has {', '.join(gone)}"
    added = [host for host in new.hosts if host not in old.hosts]
    if added:
        return f"it lacks {', '.join(added)}"
    if old.account_id != new.account_id:
        return f"its account is {old.account_id}"
    return f"its repository is {old.owner}/{old.repository}"
