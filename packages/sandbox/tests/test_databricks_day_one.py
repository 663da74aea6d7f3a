"""What the account has before anybody deploys."""

import secrets
from pathlib import Path

import pytest

from packages.sandbox.tests.databricks_sandbox import (
    ADMIN_CLIENT_ID,
    PROD,
    STAGING,
    DatabricksSandbox,
    make_world,
)
from sandbox.clock import Clock
from sandbox.databricks.world.access import access_control
from sandbox.databricks.world.day_one import ADMIN_USER, CatalogOnDayOne, Login, seed, seed_empty
from sandbox.databricks.world.identity import membership
from sandbox.store import Store


def test_a_service_principal_and_a_human_administer_the_account_and_every_workspace(
    databricks: DatabricksSandbox,
) -> None:
    (admin,) = databricks.account().service_principals_v2.list()
    (human,) = databricks.account().users_v2.list()
    assert (admin.application_id, human.user_name) == (ADMIN_CLIENT_ID, ADMIN_USER)
    for principal in (admin, human):
        assert [role.value for role in principal.roles] == ["account_admin"]
    for workspace in (STAGING, PROD):
        assigned = databricks.account().workspace_assignment.list(workspace.id)
        assert {one.principal.principal_id: one.permissions[0].value for one in assigned} == {
            int(admin.id): "ADMIN",
            int(human.id): "ADMIN",
        }


def test_every_workspace_has_its_built_in_groups_and_their_entitlements(databricks: DatabricksSandbox) -> None:
    for workspace in (STAGING, PROD):
        groups = {group.display_name: group for group in databricks.workspace(workspace).groups_v2.list()}
        assert set(groups) == {"users", "admins"}
        assert {entry.value for entry in groups["users"].entitlements} == {"databricks-sql-access", "workspace-access"}
        assert len(groups["users"].members) == len(groups["admins"].members) == 2


def test_a_table_brings_its_schema(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite")
    catalogs = [CatalogOnDayOne(name="raw", schemas=("taxi",), tables=("raw.taxi.trips", "raw.other.more"))]
    seed(store, make_world(), Clock(), admin_client_id="x", admin_client_secret="y", catalogs=catalogs)
    ((metastore, _),) = store.all("databricks.metastore")
    schemas, tables = ([key for key, _ in store.all(f"databricks.{kind}")] for kind in ("schema", "table"))
    assert schemas == [f"{metastore}/raw.{name}" for name in ("default", "other", "taxi")]
    assert tables == [f"{metastore}/raw.{name}" for name in ("other.more", "taxi.trips")]
    store.close()


def test_the_groups_that_are_relied_on_exist_and_have_the_admin_as_a_member(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite")
    seed(store, make_world(), Clock(), admin_client_id="x", admin_client_secret="y", groups=["data owners"])
    ((admin_id, _),) = store.all("databricks.service_principal")
    owners = [group for _, group in store.all("databricks.group") if group["displayName"] == "data owners"]
    assert [group["members"] for group in owners] == [[admin_id]]
    store.close()


def test_the_admins_secret_is_remembered_as_a_hash(tmp_path: Path) -> None:
    store, secret = Store(tmp_path / "state.sqlite"), secrets.token_hex(16)
    seed(store, make_world(), Clock(), admin_client_id="x", admin_client_secret=secret)
    assert secret not in str(store.dump())
    store.close()


def test_an_empty_account_has_an_owner_a_deployer_without_rights_and_workspaces_without_anybody(tmp_path: Path) -> None:
    store, world = Store(tmp_path / "state.sqlite"), make_world()
    seed_empty(store, world, Clock(), deployer=Login("deployer", "x"), owner=Login("owner", "y"))
    roles = {one["applicationId"]: one.get("roles") for _, one in store.all("databricks.service_principal")}
    assert roles == {"deployer": None, "owner": ["account_admin"]}
    assert [user["roles"] for _, user in store.all("databricks.user")] == [["account_admin"]]
    for workspace in world.workspaces:
        assert membership.assignments(store, workspace.id) == {}
        assert access_control.levels(store, workspace.id, access_control.TOKENS) == {}
    assert sorted(store.dump()) == [
        "databricks.entitlements",
        "databricks.group",
        "databricks.oauth_secret",
        "databricks.service_principal",
        "databricks.user",
    ]
    assert {group["displayName"] for _, group in store.all("databricks.group")} == {"account users", "admins", "users"}
    store.close()


def test_an_owner_administers_the_account_and_has_no_place_in_a_workspace(tmp_path: Path) -> None:
    store, world = Store(tmp_path / "state.sqlite"), make_world()
    seed(store, world, Clock(), admin_client_id="x", admin_client_secret="y", owner=Login("owner", "z"))
    (owner_id,) = [key for key, one in store.all("databricks.service_principal") if one["applicationId"] == "owner"]
    assert all(owner_id not in membership.assignments(store, workspace.id) for workspace in world.workspaces)
    store.close()


@pytest.mark.parametrize(("region", "name"), [("us-west-2", "aws"), ("us-central1", "gcp"), ("westeurope", "azure")])
def test_the_metastore_is_where_it_was_asked_for(tmp_path: Path, region: str, name: str) -> None:
    store = Store(tmp_path / "state.sqlite")
    seed(store, make_world(), Clock(), admin_client_id="x", admin_client_secret="y", region=region)
    ((_, metastore),) = store.all("databricks.metastore")
    assert (metastore["cloud"], metastore["name"]) == (name, f"metastore-{name}-{region}")
    store.close()
