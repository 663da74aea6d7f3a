"""Catalogs, schemas, tables, models, grants and bindings, as the SDK and the provider see them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import catalog as uc

from packages.sandbox.tests.databricks_sandbox import ADMIN_CLIENT_ID, PROD, STAGING, DatabricksSandbox, open_sandbox

PERMISSIONS = "/api/2.1/unity-catalog/permissions"


def grant(databricks: DatabricksSandbox, kind: str, name: str, principal: str, *privileges: str) -> dict[str, Any]:
    changes = [{"principal": principal, "add": list(privileges)}]
    path = f"{PERMISSIONS}/{kind}/{name}"
    answer: dict[str, Any] = databricks.workspace().api_client.do("PATCH", path, body={"changes": changes})
    return answer


def revoke(databricks: DatabricksSandbox, kind: str, name: str, principal: str, *privileges: str) -> dict[str, Any]:
    changes = [{"principal": principal, "remove": list(privileges)}]
    path = f"{PERMISSIONS}/{kind}/{name}"
    answer: dict[str, Any] = databricks.workspace().api_client.do("PATCH", path, body={"changes": changes})
    return answer


def test_the_account_begins_with_the_catalogs_it_was_seeded_with(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace()
    assert [(one.name, one.owner) for one in here.catalogs.list()] == [
        ("source", ADMIN_CLIENT_ID),
        ("staging", ADMIN_CLIENT_ID),
    ]
    assert [one.name for one in here.schemas.list("staging")] == ["default", "taxi_fare"]
    assert here.tables.get("source.trips.yellow").table_type is uc.TableType.MANAGED


def test_every_workspace_has_the_metastore(databricks: DatabricksSandbox) -> None:
    ids = {databricks.workspace(one).metastores.current().metastore_id for one in (STAGING, PROD)}
    assert ids == {databricks.workspace().metastores.summary().metastore_id}
    assert databricks.workspace(PROD).metastores.current().workspace_id == PROD.id


def test_a_catalog_comes_back_with_what_was_sent_and_what_is_computed(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace()
    answer = here.api_client.do("POST", "/api/2.1/unity-catalog/catalogs", body={"name": "Made", "comment": "ours"})
    assert {key: answer[key] for key in answer if not key.endswith("_at")} == {
        "name": "made",
        "full_name": "made",
        "comment": "ours",
        "owner": ADMIN_CLIENT_ID,
        "metastore_id": here.metastores.current().metastore_id,
        "isolation_mode": "OPEN",
        "enable_predictive_optimization": "INHERIT",
        "catalog_type": "MANAGED_CATALOG",
        "securable_type": "CATALOG",
        "created_by": ADMIN_CLIENT_ID,
        "updated_by": ADMIN_CLIENT_ID,
    }
    assert here.api_client.do("GET", "/api/2.1/unity-catalog/catalogs/made") == answer


def test_what_the_provider_does_to_make_and_destroy_a_catalog_leaves_nothing(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace()
    before = databricks.store.dump()
    here.catalogs.create("made", storage_root="s3://bucket/made")
    here.schemas.delete("made.default")
    here.catalogs.update("made", isolation_mode=uc.CatalogIsolationMode.ISOLATED, comment="ours")
    add = [
        uc.WorkspaceBinding(
            workspace_id=STAGING.id, binding_type=uc.WorkspaceBindingBindingType.BINDING_TYPE_READ_WRITE
        )
    ]
    here.workspace_bindings.update_bindings("catalog", "made", add=add)
    here.schemas.create("features", "made")
    grant(databricks, "catalog", "made", "account users", "USE_CATALOG")
    here.schemas.delete("made.features")
    here.catalogs.delete("made")
    assert databricks.store.dump() == before


def test_containers_are_deleted_when_empty_or_by_force(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace()
    with pytest.raises(BadRequest, match=r"Schema 'source\.trips' is not empty\. The schema has 1 tables"):
        here.schemas.delete("source.trips")
    with pytest.raises(BadRequest, match="Catalog 'source' is not empty"):
        here.catalogs.delete("source")
    here.catalogs.delete("source", force=True)
    for missing in (lambda: here.catalogs.get("source"), lambda: here.tables.get("source.trips.yellow")):
        with pytest.raises(NotFound, match="Catalog 'source' does not exist"):
            missing()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda here: here.catalogs.create("staging"), "Catalog 'staging' already exists"),
        (lambda here: here.schemas.create("taxi_fare", "staging"), "Schema 'taxi_fare' already exists"),
        (lambda here: here.schemas.create("a.b", "staging"), "not a valid name"),
    ],
)
def test_a_name_is_taken_once_and_must_be_one(databricks: DatabricksSandbox, make: Any, message: str) -> None:
    with pytest.raises(DatabricksError, match=message):
        make(databricks.workspace())


def test_a_schema_needs_its_catalog(databricks: DatabricksSandbox) -> None:
    with pytest.raises(NotFound, match="Catalog 'nowhere' does not exist"):
        databricks.workspace().schemas.create("x", "nowhere")


def test_grants_read_back_exactly_and_leave_no_trace_when_revoked(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    before = databricks.store.dump()
    answer = grant(databricks, "schema", "staging.taxi_fare", principal.application_id, "use schema", "SELECT")
    expected = [{"principal": principal.application_id, "privileges": ["SELECT", "USE_SCHEMA"]}]
    assert answer["privilege_assignments"] == expected
    api = databricks.workspace().api_client
    assert api.do("GET", f"{PERMISSIONS}/schema/staging.taxi_fare")["privilege_assignments"] == expected
    assert api.do("GET", f"{PERMISSIONS}/catalog/staging")["privilege_assignments"] == []
    revoke(databricks, "schema", "staging.taxi_fare", principal.application_id, "USE_SCHEMA")
    revoke(databricks, "schema", "staging.taxi_fare", principal.application_id, "SELECT", "MODIFY")
    assert databricks.store.dump() == before


def test_effective_permissions_say_where_they_come_from(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    name = principal.application_id
    grant(databricks, "catalog", "source", name, "USE_CATALOG", "SELECT")
    grant(databricks, "table", "source.trips.yellow", name, "MODIFY")
    effective = databricks.workspace().grants.get_effective("table", "source.trips.yellow", principal=name)
    (assignment,) = effective.privilege_assignments
    assert assignment.principal == name
    assert {(one.privilege.value, one.inherited_from_name) for one in assignment.privileges} == {
        ("USE_CATALOG", "source"),
        ("SELECT", "source"),
        ("MODIFY", None),
    }


@pytest.mark.parametrize(
    ("kind", "name", "privilege", "message"),
    [
        (
            "catalog",
            "staging",
            "CREATE_CATALOG",
            r"Privilege CREATE CATALOG is not applicable to this entity \[CATALOG",
        ),
        ("schema", "staging.taxi_fare", "USE_CATALOG", "not applicable"),
        ("table", "source.trips.yellow", "EXECUTE", "not applicable"),
        ("catalog", "staging", "FLY", "Privilege FLY is not applicable"),
        ("galaxy", "staging", "SELECT", "not known"),
    ],
)
def test_a_privilege_that_does_not_apply_is_refused(
    databricks: DatabricksSandbox, kind: str, name: str, privilege: str, message: str
) -> None:
    with pytest.raises(BadRequest, match=message):
        grant(databricks, kind, name, "account users", privilege)


@pytest.mark.parametrize("principal", ["nobody@example.com", "users", "admins", "local"])
def test_only_principals_of_the_account_are_granted_anything(databricks: DatabricksSandbox, principal: str) -> None:
    databricks.workspace().groups_v2.create(display_name="local")
    with pytest.raises(NotFound, match=f"Could not find principal with name {principal}"):
        grant(databricks, "catalog", "staging", principal, "USE_CATALOG")


def test_of_several_changes_all_happen_or_none(databricks: DatabricksSandbox) -> None:
    api = databricks.workspace().api_client
    before = databricks.store.dump()
    changes = [
        {"principal": "account users", "add": ["USE_CATALOG"]},
        {"principal": "nobody", "add": ["USE_CATALOG"]},
    ]
    with pytest.raises(NotFound):
        api.do("PATCH", f"{PERMISSIONS}/catalog/staging", body={"changes": changes})
    assert databricks.store.dump() == before


def test_the_same_privilege_is_not_added_and_removed_at_once(databricks: DatabricksSandbox) -> None:
    changes = [{"principal": "account users", "add": ["USE_CATALOG"], "remove": ["USE_CATALOG"]}]
    with pytest.raises(BadRequest, match="Duplicate privileges"):
        databricks.workspace().api_client.do("PATCH", f"{PERMISSIONS}/catalog/staging", body={"changes": changes})


def test_grants_on_the_metastore_let_others_create_catalogs(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    metastore = member.metastores.current().metastore_id
    with pytest.raises(PermissionDenied, match="CREATE CATALOG on Metastore"):
        member.catalogs.create("theirs")
    grant(databricks, "metastore", metastore, principal.application_id, "CREATE_CATALOG")
    assert member.catalogs.create("theirs").owner == principal.application_id


def test_models_take_grants_under_the_name_of_functions(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace()
    here.registered_models.create(name="fare", catalog_name="staging", schema_name="taxi_fare")
    principal = databricks.make_principal()
    grant(databricks, "function", "staging.taxi_fare.fare", principal.application_id, "EXECUTE")
    read = here.api_client.do("GET", f"{PERMISSIONS}/function/staging.taxi_fare.fare")
    assert read["privilege_assignments"] == [{"principal": principal.application_id, "privileges": ["EXECUTE"]}]


def test_a_model_is_made_listed_and_deleted(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace()
    before = databricks.store.dump()
    made = here.registered_models.create(name="fare", catalog_name="staging", schema_name="taxi_fare", comment="ours")
    assert (made.full_name, made.comment) == ("staging.taxi_fare.fare", "ours")
    listed = here.registered_models.list(catalog_name="staging", schema_name="taxi_fare")
    assert [model.name for model in listed] == ["fare"]
    here.registered_models.set_alias(made.full_name, "champion", 3)
    aliases = here.registered_models.get(made.full_name, include_aliases=True).aliases
    assert [(alias.alias_name, alias.version_num) for alias in aliases] == [("champion", 3)]
    assert not here.registered_models.get(made.full_name).aliases
    here.registered_models.delete_alias(made.full_name, "champion")
    assert list(here.model_versions.list(made.full_name)) == []
    here.registered_models.delete(made.full_name)
    with pytest.raises(NotFound, match="Routine or Model"):
        here.registered_models.get(made.full_name)
    assert databricks.store.dump() == before


def test_a_volume_is_made_granted_and_deleted(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace()
    before = databricks.store.dump()
    made = here.volumes.create("staging", "taxi_fare", "files", uc.VolumeType.MANAGED, comment="ours")
    assert [one.name for one in here.volumes.list("staging", "taxi_fare")] == ["files"]
    grant(databricks, "volume", made.full_name, "account users", "READ_VOLUME")
    assert here.volumes.update(made.full_name, comment="theirs").comment == "theirs"
    with pytest.raises(BadRequest, match=r"0 tables\(s\), 0 functions\(s\), 1 volumes\(s\)"):
        here.schemas.delete("staging.taxi_fare")
    here.volumes.delete(made.full_name)
    with pytest.raises(NotFound, match=r"Volume 'staging\.taxi_fare\.files' does not exist"):
        here.volumes.read(made.full_name)
    assert databricks.store.dump() == before


def test_whether_a_table_exists_is_answered_to_those_who_see_its_schema(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace()
    assert here.tables.exists("source.trips.yellow").table_exists is True
    assert here.tables.exists("source.trips.green").table_exists is False
    _, member = databricks.make_member()
    with pytest.raises(PermissionDenied):
        member.tables.exists("source.trips.green")


def test_a_new_principal_is_granted_nothing_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_sandbox(tmp_path, monkeypatch, principal_delay_seconds=30) as databricks:
        made = databricks.make_principal()
        with pytest.raises(NotFound, match="Could not find principal"):
            grant(databricks, "catalog", "staging", made.application_id, "USE_CATALOG")
        databricks.clock.offset += timedelta(seconds=31)
        grant(databricks, "catalog", "staging", made.application_id, "USE_CATALOG")


def test_ownership_goes_to_principals_of_the_account(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace()
    group = databricks.account().groups_v2.create(display_name="data owners")
    for change in (
        lambda owner: here.catalogs.update("staging", owner=owner),
        lambda owner: here.schemas.update("staging.taxi_fare", owner=owner),
        lambda owner: here.tables.update("source.trips.yellow", owner=owner),
    ):
        change(group.display_name)
        with pytest.raises(NotFound, match="Could not find principal"):
            change("nobody")
    assert here.tables.get("source.trips.yellow").owner == "data owners"


def test_an_isolated_catalog_is_open_to_bound_workspaces_only(databricks: DatabricksSandbox) -> None:
    here, there = databricks.workspace(), databricks.workspace(PROD)
    here.catalogs.update("staging", isolation_mode=uc.CatalogIsolationMode.ISOLATED)
    for unbound in (here, there):
        with pytest.raises(PermissionDenied, match="not accessible in current workspace"):
            unbound.schemas.get("staging.taxi_fare")
    kind = uc.WorkspaceBindingBindingType.BINDING_TYPE_READ_WRITE
    here.workspace_bindings.update_bindings(
        "catalog", "staging", add=[uc.WorkspaceBinding(workspace_id=STAGING.id, binding_type=kind)]
    )
    assert here.schemas.get("staging.taxi_fare").name == "taxi_fare"
    there.workspace_bindings.update("staging", assign_workspaces=[PROD.id])
    assert there.schemas.get("staging.taxi_fare").name == "taxi_fare"
    bound = here.workspace_bindings.get_bindings("catalog", "staging")
    assert {one.workspace_id for one in bound} == {STAGING.id, PROD.id}
    here.workspace_bindings.update("staging", unassign_workspaces=[PROD.id])
    with pytest.raises(PermissionDenied):
        there.catalogs.get("staging")


def test_deleting_a_principal_deletes_its_grants(databricks: DatabricksSandbox) -> None:
    before = databricks.store.dump()
    principal = databricks.make_principal()
    grant(databricks, "catalog", "staging", principal.application_id, "USE_CATALOG")
    databricks.account().service_principals_v2.delete(principal.id)
    assert databricks.store.dump() == before
