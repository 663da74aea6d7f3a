"""What somebody deletes among clusters, warehouses and endpoints in the workspace's own pages."""

from sandbox.tampering.acts import Act
from sandbox.tampering.console import Console
from sandbox.tampering.managed import Managed


def _delete_cluster(console: Console, one: Managed) -> None:
    console.databricks("POST", one.host, "/api/2.1/clusters/permanent-delete", {"cluster_id": one["id"]})


def _delete_endpoint(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, f"/api/2.0/serving-endpoints/{one['name']}")


def _delete_warehouse(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, f"/api/2.0/sql/warehouses/{one['id']}")


ACTS = (
    Act("cluster-deleted", "is deleted", ("databricks_cluster",), _delete_cluster),
    Act("endpoint-deleted", "is deleted", ("databricks_model_serving",), _delete_endpoint),
    Act("warehouse-deleted", "is deleted", ("databricks_sql_endpoint",), _delete_warehouse),
)
