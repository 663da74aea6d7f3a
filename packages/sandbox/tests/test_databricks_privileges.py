"""Privileges are enforced: each has a call that is refused without it and works with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, NotImplemented, PermissionDenied
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import iam, sql

from packages.sandbox.tests.databricks_sandbox import DatabricksSandbox, entitle

PERMISSIONS = "/api/2.1/unity-catalog/permissions"
SCHEMA = "staging.taxi_fare"

# privileges.md, "What an environment's CI principal gets".
CI_ROLE = {
    ("catalog", "staging"): {"USE_CATALOG"},
    ("schema", SCHEMA): {"USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE", "CREATE_MODEL", "EXECUTE"},
    ("catalog", "source"): {"USE_CATALOG"},
    ("schema", "source.trips"): {"USE_SCHEMA"},
    ("table", "source.trips.yellow"): {"SELECT", "MODIFY"},
}


def execute(client: WorkspaceClient, statement: str) -> sql.StatementResponse:
    (warehouse,) = client.warehouses.list()
    return client.statement_execution.execute_statement(statement, warehouse.id)


# For each (securable, privilege) one call that needs it.
PROOFS: dict[tuple[str, str], Callable[[WorkspaceClient], object]] = {
    ("staging", "USE_CATALOG"): lambda ci: ci.catalogs.get("staging"),
    (SCHEMA, "USE_SCHEMA"): lambda ci: ci.schemas.get(SCHEMA),
    (SCHEMA, "SELECT"): lambda ci: ci.tables.get(f"{SCHEMA}.features"),
    (SCHEMA, "MODIFY"): lambda ci: execute(ci, f"INSERT INTO {SCHEMA}.features VALUES (1)"),
    (SCHEMA, "CREATE_TABLE"): lambda ci: execute(ci, f"CREATE TABLE IF NOT EXISTS {SCHEMA}.own (id INT)"),
    (SCHEMA, "CREATE_MODEL"): lambda ci: ci.registered_models.create(
        name="own", catalog_name="staging", schema_name="taxi_fare"
    ),
    (SCHEMA, "EXECUTE"): lambda ci: ci.registered_models.get(f"{SCHEMA}.fare"),
    ("source", "USE_CATALOG"): lambda ci: ci.catalogs.get("source"),
    ("source.trips", "USE_SCHEMA"): lambda ci: ci.schemas.get("source.trips"),
    ("source.trips.yellow", "SELECT"): lambda ci: execute(ci, "SELECT * FROM source.trips.yellow LIMIT 1"),
    ("source.trips.yellow", "MODIFY"): lambda ci: execute(ci, "DELETE FROM source.trips.yellow WHERE id = 1"),
}


@dataclass
class CI:
    """The CI principal with its role, and its client."""

    databricks: DatabricksSandbox
    principal: iam.AccountServicePrincipal
    client: WorkspaceClient

    def change(self, kind: str, name: str, **change: list[str]) -> None:
        changes = [{"principal": self.principal.application_id, **change}]
        self.databricks.workspace().api_client.do("PATCH", f"{PERMISSIONS}/{kind}/{name}", body={"changes": changes})


@pytest.fixture
def ci(databricks: DatabricksSandbox) -> CI:
    admin = databricks.workspace()
    execute(admin, f"CREATE TABLE {SCHEMA}.features (id INT)")
    admin.registered_models.create(name="fare", catalog_name="staging", schema_name="taxi_fare")
    principal, client = databricks.make_member()
    made = CI(databricks, principal, client)
    for (kind, name), privileges in CI_ROLE.items():
        made.change(kind, name, add=sorted(privileges))
    return made


def test_every_privilege_of_the_role_has_a_call_that_proves_it() -> None:
    assert {(name, privilege) for (_, name), held in CI_ROLE.items() for privilege in held} == set(PROOFS)


@pytest.mark.parametrize(
    ("kind", "name", "privilege"),
    [(kind, name, privilege) for (kind, name), held in CI_ROLE.items() for privilege in sorted(held)],
)
def test_without_the_privilege_its_call_is_refused_and_with_it_works(
    ci: CI, kind: Any, name: Any, privilege: Any
) -> None:
    proof = PROOFS[name, privilege]
    ci.change(kind, name, remove=[privilege])
    with pytest.raises(PermissionDenied) as refused:
        proof(ci.client)
    assert privilege.replace("_", " ") in str(refused.value)
    ci.change(kind, name, add=[privilege])
    answer = proof(ci.client)
    if isinstance(answer, sql.StatementResponse):
        assert answer.status.state is sql.StatementState.SUCCEEDED


@pytest.mark.parametrize(
    "beyond",
    [
        pytest.param(lambda ci: ci.schemas.create("another", "staging"), id="create a schema"),
        pytest.param(lambda ci: ci.catalogs.create("another"), id="create a catalog"),
        pytest.param(lambda ci: ci.schemas.delete(SCHEMA), id="drop the schema"),
        pytest.param(lambda ci: ci.tables.delete(f"{SCHEMA}.features"), id="drop a table of others"),
        pytest.param(lambda ci: execute(ci, f"DROP TABLE {SCHEMA}.features"), id="drop a table of others by SQL"),
        pytest.param(lambda ci: execute(ci, f"DROP SCHEMA {SCHEMA} CASCADE"), id="drop the schema by SQL"),
        pytest.param(lambda ci: execute(ci, "CREATE SCHEMA staging.another"), id="create a schema by SQL"),
        pytest.param(lambda ci: execute(ci, f"CREATE OR REPLACE TABLE {SCHEMA}.features (x INT)"), id="replace"),
        pytest.param(lambda ci: ci.registered_models.delete(f"{SCHEMA}.fare"), id="delete a model of others"),
        pytest.param(lambda ci: ci.registered_models.set_alias(f"{SCHEMA}.fare", "champion", 1), id="set an alias"),
        pytest.param(lambda ci: execute(ci, "CREATE TABLE source.trips.new (id INT)"), id="create elsewhere"),
        pytest.param(lambda ci: ci.catalogs.update("staging", comment="mine"), id="change the catalog"),
        pytest.param(
            lambda ci: ci.api_client.do("PATCH", f"{PERMISSIONS}/catalog/staging", body={"changes": []}), id="grant"
        ),
        pytest.param(lambda ci: ci.service_principals_v2.create(display_name="x"), id="create a principal"),
    ],
)
def test_beyond_the_role_everything_is_refused(ci: CI, beyond: Any) -> None:
    before = ci.databricks.store.dump()
    with pytest.raises(PermissionDenied):
        beyond(ci.client)
    assert ci.databricks.store.dump() == before


def test_what_one_makes_one_owns(ci: CI) -> None:
    execute(ci.client, f"CREATE TABLE {SCHEMA}.own (id INT NOT NULL COMMENT 'key', fare DECIMAL(10, 2))")
    table = ci.client.tables.get(f"{SCHEMA}.own")
    assert table.owner == ci.principal.application_id
    assert [(column.name, column.type_text, column.nullable) for column in table.columns] == [
        ("id", "int", False),
        ("fare", "decimal(10, 2)", True),
    ]
    model = ci.client.registered_models.create(name="own", catalog_name="staging", schema_name="taxi_fare")
    ci.client.registered_models.set_alias(model.full_name, "champion", 1)
    changes = {"changes": [{"principal": "account users", "add": ["EXECUTE"]}]}
    ci.client.api_client.do("PATCH", f"{PERMISSIONS}/function/{model.full_name}", body=changes)
    execute(ci.client, f"DROP TABLE {SCHEMA}.own")
    ci.client.registered_models.delete(model.full_name)


@pytest.mark.parametrize("use", [("catalog", "staging", "USE_CATALOG"), ("schema", SCHEMA, "USE_SCHEMA")])
def test_without_the_way_there_no_privilege_counts(ci: CI, use: Any) -> None:
    kind, name, privilege = use
    ci.change(kind, name, remove=[privilege])
    for (where, _), proof in PROOFS.items():
        if where.startswith(name):
            with pytest.raises(PermissionDenied, match=f"User does not have {privilege.replace('_', ' ')} on"):
                proof(ci.client)


def test_a_privilege_on_a_catalog_counts_below_it(ci: CI) -> None:
    ci.change("schema", SCHEMA, remove=["SELECT", "USE_SCHEMA"])
    ci.change("catalog", "staging", add=["SELECT", "USE_SCHEMA"])
    assert ci.client.tables.get(f"{SCHEMA}.features").name == "features"


def test_a_privilege_of_a_group_counts_for_its_members(ci: CI) -> None:
    ci.change("catalog", "staging", remove=["USE_CATALOG"])
    databricks = ci.databricks
    group = databricks.account().groups_v2.create(display_name="ci principals")
    changes = {"changes": [{"principal": "ci principals", "add": ["USE_CATALOG"]}]}
    databricks.workspace().api_client.do("PATCH", f"{PERMISSIONS}/catalog/staging", body=changes)
    with pytest.raises(PermissionDenied):
        ci.client.catalogs.get("staging")
    databricks.account().groups_v2.update(
        group.id, display_name="ci principals", members=[iam.ComplexValue(value=ci.principal.id)]
    )
    assert ci.client.catalogs.get("staging").name == "staging"


def test_account_users_are_everybody(ci: CI) -> None:
    ci.change("catalog", "staging", remove=["USE_CATALOG"])
    changes = {"changes": [{"principal": "account users", "add": ["USE_CATALOG"]}]}
    ci.databricks.workspace().api_client.do("PATCH", f"{PERMISSIONS}/catalog/staging", body=changes)
    assert ci.client.catalogs.get("staging").name == "staging"


def test_all_privileges_are_for_using_not_for_managing(ci: CI) -> None:
    ci.change("schema", SCHEMA, remove=sorted(CI_ROLE["schema", SCHEMA]))
    ci.change("schema", SCHEMA, add=["ALL_PRIVILEGES"])
    for (where, _), proof in PROOFS.items():
        if where == SCHEMA:
            proof(ci.client)
    with pytest.raises(PermissionDenied):
        ci.client.schemas.delete(SCHEMA)


def test_manage_is_for_granting_and_dropping_not_for_using(ci: CI) -> None:
    ci.change("schema", SCHEMA, remove=["SELECT"], add=["MANAGE"])
    with pytest.raises(PermissionDenied):
        execute(ci.client, f"SELECT * FROM {SCHEMA}.features")
    ci.client.tables.delete(f"{SCHEMA}.features")
    changes = {"changes": [{"principal": ci.principal.application_id, "add": ["SELECT"]}]}
    ci.client.api_client.do("PATCH", f"{PERMISSIONS}/schema/{SCHEMA}", body=changes)


def test_the_owner_of_a_catalog_manages_what_lies_in_it_but_does_not_read_it(ci: CI) -> None:
    databricks = ci.databricks
    databricks.workspace().catalogs.update("source", owner=ci.principal.application_id)
    ci.change("table", "source.trips.yellow", remove=["SELECT", "MODIFY"])
    ci.change("schema", "source.trips", remove=["USE_SCHEMA"])
    ci.change("catalog", "source", remove=["USE_CATALOG"])
    with pytest.raises(PermissionDenied, match="SELECT"):
        execute(ci.client, "SELECT * FROM source.trips.yellow")
    ci.client.schemas.create("more", "source")
    ci.client.tables.delete("source.trips.yellow")


def test_lists_show_what_one_may_see(ci: CI) -> None:
    assert [one.name for one in ci.client.catalogs.list()] == ["source", "staging"]
    assert [one.name for one in ci.client.schemas.list("staging")] == ["taxi_fare"]
    assert [one.name for one in ci.client.tables.list("source", "trips")] == ["yellow"]
    ci.change("table", "source.trips.yellow", remove=["SELECT"])
    assert list(ci.client.tables.list("source", "trips")) == []


def test_browse_shows_without_use(ci: CI) -> None:
    ci.change("catalog", "source", remove=["USE_CATALOG"])
    ci.change("catalog", "source", add=["BROWSE"])
    assert ci.client.tables.get("source.trips.yellow").name == "yellow"
    with pytest.raises(PermissionDenied, match="USE CATALOG"):
        execute(ci.client, "SELECT * FROM source.trips.yellow")


def test_one_sees_ones_own_grants_and_no_others(ci: CI) -> None:
    other = ci.databricks.make_principal("other")
    changes = {"changes": [{"principal": other.application_id, "add": ["USE_CATALOG"]}]}
    admin = ci.databricks.workspace()
    admin.api_client.do("PATCH", f"{PERMISSIONS}/catalog/staging", body=changes)
    assert {one.principal for one in admin.grants.get("catalog", "staging").privilege_assignments} == {
        ci.principal.application_id,
        other.application_id,
    }
    seen = ci.client.grants.get_effective("schema", SCHEMA).privilege_assignments
    assert {one.principal for one in seen} == {ci.principal.application_id}
    ci.change("catalog", "staging", remove=["USE_CATALOG"])
    with pytest.raises(PermissionDenied):
        ci.client.grants.get("catalog", "staging")


def test_a_statement_that_fails_for_another_reason_than_rights_is_answered(ci: CI) -> None:
    for statement, condition in (
        (f"SELECT * FROM {SCHEMA}.nothing", "TABLE_OR_VIEW_NOT_FOUND"),
        ("SELEC 1 FROM", "PARSE_SYNTAX_ERROR"),
        (f"CREATE TABLE {SCHEMA}.features (id INT)", "TABLE_OR_VIEW_ALREADY_EXISTS"),
        ("SELECT * FROM features", "MISSING_NAME"),
        ("SELECT 1; SELECT 2", "PARSE_SYNTAX_ERROR"),
    ):
        answer = execute(ci.client, statement)
        assert answer.status.state is sql.StatementState.FAILED, statement
        assert answer.status.error.message.startswith(f"[{condition}]"), statement


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        f"SELECT count(*) FROM {SCHEMA}.features AS f JOIN source.trips.yellow AS y ON f.id = y.id",
        f"WITH trips AS (SELECT * FROM source.trips.yellow) SELECT * FROM trips, {SCHEMA}.features",
        f"CREATE TABLE {SCHEMA}.own AS SELECT * FROM source.trips.yellow",
        f"CREATE VIEW {SCHEMA}.own AS SELECT * FROM source.trips.yellow",
        f"INSERT INTO {SCHEMA}.features (id) SELECT id FROM source.trips.yellow",
        f"INSERT OVERWRITE {SCHEMA}.features SELECT * FROM source.trips.yellow",
        f"UPDATE {SCHEMA}.features SET id = 2",
        f"MERGE INTO {SCHEMA}.features AS t USING source.trips.yellow AS s ON t.id = s.id WHEN MATCHED THEN DELETE",
        f"TRUNCATE TABLE {SCHEMA}.features",
        f"DROP TABLE IF EXISTS {SCHEMA}.nothing",
        "CREATE TABLE IF NOT EXISTS `staging`.`taxi_fare`.`features` (id BIGINT)",
    ],
)
def test_statements_of_the_role_succeed(ci: CI, statement: Any) -> None:
    answer = execute(ci.client, statement)
    assert answer.status.state is sql.StatementState.SUCCEEDED, answer.status.error


@pytest.mark.parametrize("statement", [f"ALTER TABLE {SCHEMA}.features ADD COLUMN x INT", "SHOW CATALOGS"])
def test_a_statement_that_the_sandbox_does_not_know_is_told_so(ci: CI, statement: Any) -> None:
    with pytest.raises(NotImplemented, match="sql_reader"):
        execute(ci.client, statement)


def test_one_thing_is_dropped_at_a_time(ci: CI) -> None:
    answer = execute(ci.client, f"DROP TABLE {SCHEMA}.features, {SCHEMA}.other")
    assert answer.status.state is sql.StatementState.FAILED


def test_an_unknown_warehouse_runs_nothing(ci: CI) -> None:
    with pytest.raises(NotFound, match="warehouse"):
        ci.client.statement_execution.execute_statement("SELECT 1", "0000")


def test_clusters_are_created_by_those_who_are_entitled_to(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    before = databricks.store.dump()
    with pytest.raises(PermissionDenied, match="not authorized to create clusters"):
        member.clusters.create(spark_version="15.4.x-scala2.12")
    entitle(databricks, "ServicePrincipals", principal.id, "allow-cluster-create")
    made = member.clusters.create(spark_version="15.4.x-scala2.12", num_workers=1).result()
    assert (made.creator_user_name, made.num_workers) == (principal.application_id, 1)
    _, other = databricks.make_member("other")
    for refused in (other.clusters.get, other.clusters.permanent_delete):
        with pytest.raises(PermissionDenied):
            refused(made.cluster_id)
    assert list(other.clusters.list()) == []
    assert [cluster.cluster_id for cluster in databricks.workspace().clusters.list()] == [made.cluster_id]
    member.clusters.delete(made.cluster_id)
    member.clusters.permanent_delete(made.cluster_id)
    with pytest.raises(DatabricksError, match="does not exist"):
        member.clusters.get(made.cluster_id)
    entitle(databricks, "ServicePrincipals", principal.id)
    databricks.account().service_principals_v2.delete(other.current_user.me().id)
    assert databricks.store.dump() == before


@pytest.mark.parametrize(
    ("entitlement", "call"),
    [
        ("workspace-access", lambda member: list(member.clusters.list())),
        ("databricks-sql-access", lambda member: list(member.warehouses.list())),
    ],
)
def test_what_everybody_is_entitled_to_can_be_taken_from_users_and_given_to_one(
    databricks: DatabricksSandbox, entitlement: str, call: Any
) -> None:
    principal, member = databricks.make_member()
    call(member)
    users = next(group for group in databricks.workspace().groups_v2.list() if group.display_name == "users")
    entitle(databricks, "Groups", users.id)
    with pytest.raises(PermissionDenied, match="disabled for users without the databricks-sql-access or workspace-acc"):
        member.current_user.me()
    entitle(databricks, "ServicePrincipals", principal.id, "workspace-consume")
    member.current_user.me()
    with pytest.raises(PermissionDenied, match=f"without the {entitlement} entitlement"):
        call(member)
    entitle(databricks, "ServicePrincipals", principal.id, entitlement)
    call(member)


def test_reading_inside_another_statement_needs_select(ci: CI) -> None:
    ci.change("table", "source.trips.yellow", remove=["SELECT"])
    for statement in (
        f"INSERT INTO {SCHEMA}.features SELECT id FROM source.trips.yellow",
        f"CREATE TABLE {SCHEMA}.own AS SELECT * FROM source.trips.yellow",
        "SELECT * FROM (SELECT * FROM source.trips.yellow)",
    ):
        with pytest.raises(PermissionDenied, match=r"SELECT on Table 'source\.trips\.yellow'"):
            execute(ci.client, statement)


def test_names_are_completed_from_the_current_catalog_and_schema(ci: CI) -> None:
    (warehouse,) = ci.client.warehouses.list()
    answer = ci.client.statement_execution.execute_statement(
        "SELECT * FROM features", warehouse.id, catalog="staging", schema="taxi_fare"
    )
    assert answer.status.state is sql.StatementState.SUCCEEDED
