"""Serving endpoints."""

from checks.drift.live.row import API, PROVIDER, Answer, Default, LiveRow

_SERVING = f"{PROVIDER}/serving/resource_model_serving.go"
_GET = f"{API}/servingendpoints/get"


def _asked_for(answer: Answer) -> Answer:
    """Without what the service says twice: what is served, by its older names as well (Read of the provider)."""
    config = answer.get("config") or {}
    return {**answer, "config": {name: value for name, value in config.items() if name != "served_models"}}


ROWS = (
    LiveRow(
        type="databricks_model_serving",
        url="/api/2.0/serving-endpoints/{id}",
        adapted=_asked_for,
        identity={
            "id": f"the service's own: {_SERVING}",
            "name": "it says which object is meant",
            "endpoint_url": f"the service's own: {_SERVING}",
            "rate_limits": f"no read shows it: {_SERVING}",
            "config.served_models": f"what is served is compared by its newer names: {_SERVING}",
        },
        defaults=(
            Default("config.auto_capture_config.enabled", _SERVING),
            Default("config.auto_capture_config.table_name_prefix", _SERVING),
            Default("config.traffic_config.*", _SERVING),
            Default("*.served_entities.name", _SERVING),
            Default("*.served_entities.workload_size", _SERVING),
            Default("*.served_entities.workload_type", _SERVING),
            Default("*.served_entities.scale_to_zero_enabled", _GET),
            Default("*.routes.served_entity_name", _SERVING),
            Default("*.routes.served_model_name", _SERVING),
        ),
    ),
)
