"""What the service refuses of a cluster's settings, by itself and inside a job."""

from sandbox.databricks.rest.limits import limit
from sandbox.limits import Count, OneOf, Range
from sandbox.source import databricks_sdk

_SDK = databricks_sdk("databricks/sdk/service/compute.py")
_ACCESS_MODES = (
    "DATA_SECURITY_MODE_AUTO",
    "DATA_SECURITY_MODE_DEDICATED",
    "DATA_SECURITY_MODE_STANDARD",
    "LEGACY_PASSTHROUGH",
    "LEGACY_SINGLE_USER",
    "LEGACY_SINGLE_USER_STANDARD",
    "LEGACY_TABLE_ACL",
    "NONE",
    "SINGLE_USER",
    "USER_ISOLATION",
)

CLUSTER = (
    limit("custom_tags", Count(45, lambda n: (f"tag{n}", "x"), of_map=True), _SDK),
    limit("autotermination_minutes", Range(10, 10_000, also=(0,)), _SDK),
    limit("num_workers", Range(0, 100_000), _SDK),
    limit("data_security_mode", OneOf(_ACCESS_MODES), _SDK),
    limit("runtime_engine", OneOf(("NULL", "PHOTON", "STANDARD")), _SDK),
)
