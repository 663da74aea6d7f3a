"""Day one, from the description of a world."""

import secrets
import shutil
import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sandbox.clock import Clock
from sandbox.databricks.world import day_one as databricks
from sandbox.databricks.world.day_one import Login
from sandbox.databricks.world.identity.credentials import issue_token
from sandbox.databricks.world.unity_catalog import assigned_metastores, securables
from sandbox.description import Description
from sandbox.environment import Administrator, Owner
from sandbox.errors import SandboxError
from sandbox.folder import Folder
from sandbox.github.world import day_one as github
from sandbox.state import note_world, open_state, read_offset, world_of
from sandbox.store import Store
from sandbox.world import World

_ADMINISTRATOR, _OWNER = "administrator", "owner"
_EMPTY = "empty"
_DAY_SECONDS = 86_400


def ensure_seeded(folder: Folder, description: Description, *, empty: bool = False) -> None:
    """Seed a folder that has no state, or with `empty` open accounts in it that have nothing yet.

    SandboxError when its state belongs to another mlops.yaml, or is to be empty and is not.
    """
    store = open_state(folder)
    try:
        world = world_of(store)
        if world is None:
            clock = Clock(offset=timedelta(seconds=read_offset(folder)))
            with store.transaction():
                (_open_accounts if empty else _make_day_one)(store, description, clock)
                store.note(_EMPTY, empty)
                note_world(store, description.world)
        elif empty and not store.fact(_EMPTY):
            raise SandboxError(
                f"The sandbox in {folder.root} began with day one, not empty: "
                "run `python -m sandbox reset --empty` to begin anew."
            )
        elif world != description.world:
            raise SandboxError(
                f"The state in {folder.root} belongs to another mlops.yaml ({_difference(world, description.world)}): "
                "run `python -m sandbox reset` to begin anew."
            )
    finally:
        store.close()


def forget(folder: Folder) -> None:
    """Remove the state, the clock, Terraform's state, what was synthesized and CMD's home. No server may be running."""
    folder.require_own()
    for path in (folder.state, *folder.root.glob(f"{folder.state.name}-*"), folder.saved, folder.clock, folder.world):
        path.unlink(missing_ok=True)
    for directory in (folder.terraform_state, folder.output, folder.home):
        shutil.rmtree(directory, ignore_errors=True)


def administrator(folder: Folder) -> Administrator:
    """The credentials that the seed made for whoever sets everything up."""
    return Administrator(**_fact(folder, _ADMINISTRATOR))


def owner(folder: Folder) -> Owner:
    """The credentials that the seed made for the owner of the account and of the organisation."""
    return Owner(**_fact(folder, _OWNER))


def admit(folder: Folder, description: Description, user_name: str) -> str:
    """Let in a person who deploys their own targets; a token of theirs for a day, in the workspace of those targets.

    SandboxError when there are none, or in several workspaces.
    """
    if len(description.own_hosts) != 1:
        found = ", ".join(description.own_hosts) or "none"
        raise SandboxError(
            f"{user_name} needs targets of databricks.yml that belong to no environment, all in one workspace "
            f"of mlops.yaml; found in: {found}."
        )
    store = open_state(folder)
    try:
        clock = Clock(offset=timedelta(seconds=read_offset(folder)))
        workspace = description.world.workspace(_bare(description.own_hosts[0]))
        if workspace is None:
            raise SandboxError(f"{description.own_hosts[0]} is the workspace of no environment of mlops.yaml.")
        metastore_id = assigned_metastores.metastore_of(store, workspace.id)
        if metastore_id is None:
            raise SandboxError(
                f"{user_name} needs a metastore in {description.own_hosts[0]}, which has none: "
                "`python -m sandbox run --as-owner` lets you make and assign one."
            )
        with store.transaction():
            user = databricks.admit(
                store,
                description.world,
                clock,
                user_name=user_name,
                metastore=securables.metastore(metastore_id),
                catalogs=description.own_catalogs,
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


def _make_day_one(store: Store, description: Description, clock: Clock) -> None:
    deployer, owner = _note_credentials(store)
    databricks.seed(
        store,
        description.world,
        clock,
        admin_client_id=deployer.client_id,
        admin_client_secret=deployer.client_secret,
        catalogs=description.catalogs,
        groups=description.groups,
        owner=Login(owner.client_id, owner.client_secret),
        region=description.region,
    )
    github.seed(store, description.world, clock, admin_token=deployer.github_token, owner_token=owner.github_token)


def _open_accounts(store: Store, description: Description, clock: Clock) -> None:
    deployer, owner = _note_credentials(store)
    databricks.seed_empty(
        store,
        description.world,
        clock,
        deployer=Login(deployer.client_id, deployer.client_secret),
        owner=Login(owner.client_id, owner.client_secret),
    )
    github.seed_empty(
        store, description.world, clock, deployer_token=deployer.github_token, owner_token=owner.github_token
    )


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
