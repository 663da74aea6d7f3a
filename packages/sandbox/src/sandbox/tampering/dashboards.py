"""What somebody does to dashboards, alerts and apps."""

from sandbox.tampering.acts import Act
from sandbox.tampering.console import Console, escaped
from sandbox.tampering.managed import Managed


def _delete_dashboard(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, f"/api/2.0/lakeview/dashboards/{one['id']}")


def _delete_alert(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, f"/api/2.0/alerts/{one['id']}")


def _delete_app(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, f"/api/2.0/apps/{escaped(one['name'])}")


ACTS = (
    Act("dashboard-deleted", "is moved to the trash", ("databricks_dashboard",), _delete_dashboard),
    Act("alert-deleted", "is moved to the trash", ("databricks_alert_v2",), _delete_alert),
    Act("app-deleted", "is deleted with its service principal", ("databricks_app",), _delete_app),
)
