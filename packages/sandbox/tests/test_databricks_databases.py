"""Database instances, the catalogs that show their databases, and the tables that follow others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError

from packages.sandbox.tests.databricks_projects import Project, make_project
from packages.sandbox.tests.databricks_sandbox import open_sandbox

API = "/api/2.0/database"
SPEC = {
    "source_table_full_name": "source.trips.yellow",
    "scheduling_policy": "SNAPSHOT",
    "primary_key_columns": ["id"],
}
SOURCE = (("catalog", "source", "USE_CATALOG"), ("schema", "source.trips", "USE_SCHEMA"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    with open_sandbox(tmp_path, monkeypatch) as databricks:
        yield make_project(databricks)


def make_instance(project: Project, name: str = "db") -> None:
    project.client.api_client.do("POST", f"{API}/instances", body={"name": name, "capacity": "CU_1"})


def let_make_catalogs(project: Project) -> None:
    project.grant("metastore", str(project.databricks.workspace().metastores.summary().metastore_id), "CREATE_CATALOG")


def test_an_instance_tells_what_holds_beside_what_was_asked(project: Project) -> None:
    make_instance(project)
    shown = project.client.api_client.do("GET", f"{API}/instances/db")
    assert (shown["effective_capacity"], shown["effective_stopped"], shown["state"]) == ("CU_1", False, "AVAILABLE")
    assert "stopped" not in shown
    changed = project.client.api_client.do(
        "PATCH", f"{API}/instances/db", query={"update_mask": "stopped"}, body={"stopped": True, "capacity": "CU_8"}
    )
    assert (changed["effective_stopped"], changed["effective_capacity"], changed["state"]) == (True, "CU_1", "STOPPED")


def test_an_instance_goes_with_a_purge_alone_and_leaves_nothing(project: Project) -> None:
    before = project.databricks.store.dump()
    make_instance(project)
    with pytest.raises(DatabricksError, match="requires purge=true"):
        project.client.api_client.do("DELETE", f"{API}/instances/db")
    project.client.api_client.do("DELETE", f"{API}/instances/db", query={"purge": "true"})
    assert project.databricks.store.dump() == before


def test_only_who_manages_an_instance_changes_it(project: Project) -> None:
    make_instance(project)
    _, other = project.databricks.make_member("other")
    with pytest.raises(PermissionDenied):
        other.api_client.do("DELETE", f"{API}/instances/db", query={"purge": "true"})


def test_a_database_becomes_a_catalog_for_who_may_make_catalogs(project: Project) -> None:
    make_instance(project)
    body = {"name": "online", "database_instance_name": "db", "database_name": "fares"}
    with pytest.raises(PermissionDenied, match="CREATE CATALOG"):
        project.client.api_client.do("POST", f"{API}/catalogs", body=body)
    let_make_catalogs(project)
    made = project.client.api_client.do("POST", f"{API}/catalogs", body={**body, "create_database_if_not_exists": True})
    assert "create_database_if_not_exists" not in made
    assert project.client.catalogs.get("online").owner == project.name
    project.client.api_client.do("DELETE", f"{API}/catalogs/online")
    with pytest.raises(NotFound):
        project.client.catalogs.get("online")


def test_a_table_follows_one_that_its_maker_reads(project: Project) -> None:
    make_instance(project)
    for kind, name, privilege in (("catalog", "staging", "USE_CATALOG"), ("schema", "staging.taxi_fare", "USE_SCHEMA")):
        project.grant(kind, name, privilege)
    where = {"database_instance_name": "db", "logical_database_name": "fares"}
    body = {"name": "staging.taxi_fare.online", **where, "spec": SPEC}
    with pytest.raises(PermissionDenied, match="CREATE TABLE"):
        project.client.api_client.do("POST", f"{API}/synced_tables", body=body)
    project.grant("schema", "staging.taxi_fare", "CREATE_TABLE")
    with pytest.raises(PermissionDenied):
        project.client.api_client.do("POST", f"{API}/synced_tables", body=body)
    for kind, name, privilege in (*SOURCE, ("table", "source.trips.yellow", "SELECT")):
        project.grant(kind, name, privilege)
    made = project.client.api_client.do("POST", f"{API}/synced_tables", body=body)
    assert (made["effective_database_instance_name"], made["effective_logical_database_name"]) == ("db", "fares")
    assert "database_instance_name" not in made
    project.client.api_client.do("DELETE", f"{API}/synced_tables/staging.taxi_fare.online")
    with pytest.raises(NotFound):
        project.client.tables.get("staging.taxi_fare.online")


def test_in_a_catalog_that_shows_a_database_that_one_is_meant(project: Project) -> None:
    make_instance(project)
    let_make_catalogs(project)
    for kind, name, privilege in (*SOURCE, ("table", "source.trips.yellow", "SELECT")):
        project.grant(kind, name, privilege)
    catalog = {"name": "online", "database_instance_name": "db", "database_name": "fares"}
    project.client.api_client.do("POST", f"{API}/catalogs", body=catalog)
    other = {"name": "online.public.trips", "logical_database_name": "other", "spec": SPEC}
    with pytest.raises(DatabricksError, match="must be those of catalog online"):
        project.client.api_client.do("POST", f"{API}/synced_tables", body=other)
    made = project.client.api_client.do(
        "POST", f"{API}/synced_tables", body={"name": "online.public.trips", "spec": SPEC}
    )
    assert made["effective_logical_database_name"] == "fares"
