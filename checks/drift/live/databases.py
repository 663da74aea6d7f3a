"""Database instances: of what can be told to one, the service answers what holds, and not what was told."""

from checks.drift.live.row import API, PROVIDER, Answer, Default, LiveRow

_INSTANCE = f"{PROVIDER}/internal/providers/pluginfw/products/database_instance/resource_database_instance.go"
_GET = f"{API}/database/getdatabaseinstance"
_HELD = (
    "capacity",
    "custom_tags",
    "enable_pg_native_login",
    "enable_readable_secondaries",
    "node_count",
    "retention_window_in_days",
    "stopped",
    "usage_policy_id",
)
_COMPUTED = (
    "child_instance_refs",
    "creation_time",
    "creator",
    "pg_version",
    "read_only_dns",
    "read_write_dns",
    "state",
    "uid",
    *(f"effective_{name}" for name in _HELD),
)


def _as_it_holds(answer: Answer) -> Answer:
    holds = {name: answer[f"effective_{name}"] for name in _HELD if f"effective_{name}" in answer}
    return {**answer, **holds}


ROWS = (
    LiveRow(
        type="databricks_database_instance",
        url="/api/2.0/database/instances/{name}",
        adapted=_as_it_holds,
        identity={
            "name": "it says which object is meant",
            "purge_on_delete": f"Terraform's own: {_INSTANCE}",
            **dict.fromkeys(_COMPUTED, f"the service's own: {_INSTANCE}"),
        },
        defaults=(
            Default("enable_pg_native_login", _GET, (False,)),
            Default("enable_readable_secondaries", _GET, (False,)),
            Default("node_count", _GET, (1,)),
            Default("retention_window_in_days", _GET, (7,)),
            Default("stopped", _GET, (False,)),
            Default("usage_policy_id", _GET),
        ),
    ),
)
