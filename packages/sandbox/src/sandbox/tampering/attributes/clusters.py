"""Attributes of clusters. What is sent replaces all settings (https://docs.databricks.com/api/workspace/clusters/edit)."""

from sandbox.tampering.acts import by_hand
from sandbox.tampering.attributes.forms import Another, Attribute, Document, Form, Never, Rows
from sandbox.tampering.console import Console
from sandbox.tampering.managed import Managed

_CLUSTERS = "/api/2.1/clusters"
_SHOWN_ONLY = (
    "cluster_source",
    "creator_user_name",
    "default_tags",
    "driver_node_type_id",
    "pinned_by_user_name",
    "start_time",
    "state",
    "state_message",
)


def _read(console: Console, one: Managed) -> Document:
    found = console.databricks("GET", one.host, f"{_CLUSTERS}/get", query={"cluster_id": str(one["id"])})
    return {name: value for name, value in found.items() if name not in _SHOWN_ONLY}


def _write(console: Console, one: Managed, _: Document, after: Document) -> None:
    console.databricks("POST", one.host, f"{_CLUSTERS}/edit", {**after, "cluster_id": one["id"]})


CLUSTERS = Rows(
    Form(type="databricks_cluster", read=_read, write=_write),
    (
        Attribute(
            name="autotermination_minutes",
            changed=lambda held: held + 1,
            added=Never("every stack sets it for every cluster"),
        ),
        Attribute(name="cluster_name", changed=by_hand, added="by hand"),
        Attribute(name="custom_tags", changed=lambda held: {**held, "by": "hand"}, added={"by": "hand"}),
        Attribute(
            name="node_type_id",
            changed=Another(("i3.xlarge", "i3.2xlarge")),
            removed=Never("the service chooses one then: that is a change"),
            added=Never("the service chooses one where none is configured"),
        ),
        Attribute(name="num_workers", changed=lambda held: held + 1, added=2),
        Attribute(name="spark_conf", changed=lambda held: {**held, "spark.by": "hand"}, added={"spark.by": "hand"}),
        Attribute(name="spark_env_vars", changed=lambda held: {**held, "BY": "hand"}, added={"BY": "hand"}),
        Attribute(
            name="spark_version",
            changed=Another(("16.4.x-scala2.12", "14.3.x-scala2.12")),
            removed=Never("the service refuses a cluster without one"),
            added=Never("a cluster has one always"),
        ),
    ),
)
