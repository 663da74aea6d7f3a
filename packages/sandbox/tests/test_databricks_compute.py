"""SQL warehouses, clusters, serving endpoints and secret scopes: who makes them, who may do what to them."""

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import compute, serving, sql, workspace

from packages.sandbox.tests.databricks_projects import Project
from packages.sandbox.tests.databricks_sandbox import STAGING, entitle


def may_create_clusters(project: Project) -> None:
    """Let the principal create clusters."""
    entitle(project.databricks, "ServicePrincipals", str(project.principal.id), "allow-cluster-create")


def test_a_warehouse_runs_at_once_with_the_services_defaults_and_is_its_makers(project: Project) -> None:
    with pytest.raises(PermissionDenied, match="not authorized to create clusters"):
        project.client.warehouses.create(name="w", cluster_size="Small")
    may_create_clusters(project)
    made = project.client.warehouses.create(name="w", cluster_size="Small").result()
    assert (made.state, made.auto_stop_mins, made.max_num_clusters) == (sql.State.RUNNING, 120, 1)
    assert made.creator_name == project.name
    held = project.client.permissions.get("warehouses", str(made.id))
    assert (held.object_id, held.object_type) == (f"/sql/warehouses/{made.id}", "warehouses")
    with pytest.raises(DatabricksError, match="already exists"):
        project.client.warehouses.create(name="w", cluster_size="Small")


def test_who_uses_a_warehouse_sees_it_and_changes_nothing(project: Project) -> None:
    may_create_clusters(project)
    warehouse_id = str(project.client.warehouses.create(name="w", cluster_size="Small").result().id)
    _, other = project.databricks.make_member("other", workspace=STAGING)
    with pytest.raises(PermissionDenied):
        other.warehouses.get(warehouse_id)
    assert [one.name for one in other.warehouses.list()] == ["Serverless Starter Warehouse"]
    users = {"group_name": "users", "permission_level": "CAN_USE"}
    path = f"/api/2.0/permissions/sql/warehouses/{warehouse_id}"
    project.client.api_client.do("PATCH", path, body={"access_control_list": [users]})
    assert other.warehouses.get(warehouse_id).name == "w"
    with pytest.raises(PermissionDenied):
        other.warehouses.delete(warehouse_id)


def test_a_warehouse_is_changed_stopped_and_deleted_without_a_trace(project: Project) -> None:
    may_create_clusters(project)
    before = project.databricks.store.dump()
    warehouse_id = str(project.client.warehouses.create(name="w", cluster_size="Small").result().id)
    project.client.warehouses.edit(warehouse_id, name="v", cluster_size="Large").result()
    assert project.client.warehouses.get(warehouse_id).cluster_size == "Large"
    assert project.client.warehouses.stop(warehouse_id).result().state is sql.State.STOPPED
    project.client.warehouses.delete(warehouse_id)
    with pytest.raises(NotFound):
        project.client.warehouses.get(warehouse_id)
    assert project.databricks.store.dump() == before


def test_a_cluster_that_a_policy_allows_for_needs_no_entitlement(project: Project) -> None:
    with pytest.raises(PermissionDenied, match="not authorized to create clusters"):
        project.client.clusters.create(spark_version="15.4.x-scala2.12")
    made = project.client.clusters.create(spark_version="15.4.x-scala2.12", policy_id="p-1").result()
    assert (made.state, made.node_type_id) == (compute.State.RUNNING, made.driver_node_type_id)
    assert (made.default_tags or {})["Creator"] == project.name


def test_a_cluster_is_edited_whole_and_resized_while_it_runs(project: Project) -> None:
    may_create_clusters(project)
    cluster_id = str(
        project.client.clusters.create(spark_version="15.4.x-scala2.12", num_workers=1).result().cluster_id
    )
    project.client.clusters.resize(cluster_id, num_workers=3).result()
    assert project.client.clusters.get(cluster_id).num_workers == 3
    project.client.clusters.edit(cluster_id, spark_version="16.4.x-scala2.12", cluster_name="c").result()
    edited = project.client.clusters.get(cluster_id)
    assert (edited.spark_version, edited.cluster_name, edited.num_workers) == ("16.4.x-scala2.12", "c", None)
    project.client.clusters.delete(cluster_id).result()
    with pytest.raises(DatabricksError, match="is in state TERMINATED"):
        project.client.clusters.resize(cluster_id, num_workers=1)
    project.client.clusters.start(cluster_id).result()


def test_admins_alone_pin_clusters_and_a_pinned_one_stays(project: Project) -> None:
    may_create_clusters(project)
    cluster_id = str(project.client.clusters.create(spark_version="15.4.x-scala2.12").result().cluster_id)
    with pytest.raises(PermissionDenied):
        project.client.clusters.pin(cluster_id)
    admin = project.databricks.workspace()
    admin.clusters.pin(cluster_id)
    pinned = compute.ListClustersFilterBy(is_pinned=True)
    assert [one.cluster_id for one in admin.clusters.list(filter_by=pinned)] == [cluster_id]
    with pytest.raises(DatabricksError, match="unpin the cluster first"):
        project.client.clusters.permanent_delete(cluster_id)
    admin.clusters.unpin(cluster_id)
    assert list(admin.clusters.list(filter_by=pinned)) == []
    project.client.clusters.permanent_delete(cluster_id)


def serve(entity: str) -> serving.EndpointCoreConfigInput:
    """What serves the first version of a model."""
    return serving.EndpointCoreConfigInput(
        name="e", served_entities=[serving.ServedEntityInput(entity_name=entity, entity_version="1")]
    )


def test_an_endpoint_is_ready_with_a_route_to_what_it_serves(project: Project) -> None:
    project.client.model_registry.create_model("fares")
    made = project.client.serving_endpoints.create("e", config=serve("fares")).result()
    assert made.state is not None
    assert made.state.config_update is serving.EndpointStateConfigUpdate.NOT_UPDATING
    config = project.client.api_client.do("GET", "/api/2.0/serving-endpoints/e")["config"]
    assert [one["name"] for one in config["served_entities"]] == ["fares-1"]
    assert config["traffic_config"]["routes"] == [
        {"served_model_name": "fares-1", "served_entity_name": "fares-1", "traffic_percentage": 100}
    ]
    project.client.serving_endpoints.patch("e", add_tags=[serving.EndpointTag(key="a", value="b")])
    project.client.serving_endpoints.patch("e", delete_tags=["a"])
    assert not project.client.serving_endpoints.get("e").tags
    project.client.serving_endpoints.delete("e")
    with pytest.raises(NotFound):
        project.client.serving_endpoints.get("e")


def test_who_may_not_execute_a_model_serves_none(project: Project) -> None:
    admin = project.databricks.workspace()
    admin.registered_models.create(catalog_name="staging", schema_name="taxi_fare", name="fares")
    with pytest.raises(PermissionDenied):
        project.client.serving_endpoints.create("e", config=serve("staging.taxi_fare.fares"))
    project.grant("function", "staging.taxi_fare.fares", "EXECUTE")
    project.grant("schema", "staging.taxi_fare", "USE_SCHEMA")
    project.grant("catalog", "staging", "USE_CATALOG")
    project.client.serving_endpoints.create("e", config=serve("staging.taxi_fare.fares")).result()
    with pytest.raises(NotFound):
        project.client.serving_endpoints.create("f", config=serve("staging.taxi_fare.nothing"))
    with pytest.raises(NotFound):
        project.client.serving_endpoints.create("f", config=serve("nothing"))


def test_a_scope_is_its_makers_and_others_read_it_once_they_may(project: Project) -> None:
    before = project.databricks.store.dump()
    project.client.secrets.create_scope("team")
    with pytest.raises(DatabricksError, match="Scope team already exists!"):
        project.client.secrets.create_scope("team")
    _, other = project.databricks.make_member("other", workspace=STAGING)
    assert list(other.secrets.list_scopes()) == []
    with pytest.raises(PermissionDenied):
        other.secrets.put_acl("team", "users", workspace.AclPermission.MANAGE)
    project.client.secrets.put_acl("team", "users", workspace.AclPermission.READ)
    assert [one.name for one in other.secrets.list_scopes()] == ["team"]
    assert project.client.secrets.get_acl("team", "users").permission is workspace.AclPermission.READ
    assert {one.principal for one in project.client.secrets.list_acls("team")} == {project.name, "users"}
    project.client.secrets.delete_acl("team", "users")
    with pytest.raises(NotFound):
        project.client.secrets.get_acl("team", "users")
    project.client.secrets.delete_scope("team")
    assert project.databricks.store.dump()["databricks.access_control"] == before["databricks.access_control"]


def test_a_scope_of_a_key_vault_is_refused_and_so_is_a_strange_name(project: Project) -> None:
    with pytest.raises(DatabricksError, match="exist in workspaces on Azure"):
        project.client.secrets.create_scope("vault", scope_backend_type=workspace.ScopeBackendType.AZURE_KEYVAULT)
    with pytest.raises(DatabricksError, match="no name of a scope"):
        project.client.secrets.create_scope("a b")
