"""Securables of Unity Catalog. Their names are the ids by which they are asked for."""

from collections.abc import Mapping

from checks.drift.live.row import API, CLI, PROVIDER, Default, LiveRow

_ENGINE = f"{CLI}/bundle/direct/dresources/resources.yml"
_NAMED = "it says which object is meant"


def _computed(file: str, *names: str) -> tuple[Default, ...]:
    return tuple(Default(name, f"{PROVIDER}/catalog/{file}") for name in names)


def _securable(
    *,
    kind: str,
    collection: str,
    file: str,
    names: tuple[str, ...],
    defaults: tuple[Default, ...],
    elsewhere: Mapping[str, str] | None = None,
) -> LiveRow:
    return LiveRow(
        type=f"databricks_{kind}",
        url=f"/api/2.1/unity-catalog/{collection}/{{id}}",
        identity={
            "id": _NAMED,
            "force_destroy": "Terraform alone knows it",
            **dict.fromkeys(names, _NAMED),
            **(elsewhere or {}),
        },
        defaults=(
            *_computed(file, "created_at", "created_by", "full_name", "metastore_id", "updated_at", "updated_by"),
            *_computed(file, "storage_location", "browse_only"),
            *defaults,
        ),
        alike={"storage_root": _location, "storage_location": _location},
        principal="owner",
        maker="created_by",
    )


def _location(url: str) -> str:
    """Of a place, the slash at its end does not count (ucDirectoryPathSlashOnlySuppressDiff)."""
    return url.rstrip("/")


_INHERITED = Default("enable_predictive_optimization", f"{API}/schemas/get", ("INHERIT",))
_MANAGED = Default("properties.unity.catalog.managed.*", _ENGINE)

ROWS = (
    _securable(
        kind="catalog",
        collection="catalogs",
        file="resource_catalog.go",
        names=("name",),
        elsewhere={"isolation_mode": "nothing configures it, and it narrows: `preflight` says whom it keeps out"},
        defaults=(
            *_computed("resource_catalog.go", "catalog_type", "effective_predictive_optimization_flag"),
            *_computed("resource_catalog.go", "provisioning_info", "securable_type"),
            _INHERITED,
            _MANAGED,
        ),
    ),
    _securable(
        kind="registered_model",
        collection="models",
        file="resource_registered_model.go",
        names=("catalog_name", "name", "schema_name"),
        defaults=(Default("aliases", _ENGINE),),
    ),
    _securable(
        kind="schema",
        collection="schemas",
        file="resource_schema.go",
        names=("catalog_name", "name"),
        defaults=(*_computed("resource_schema.go", "schema_id"), _INHERITED, _MANAGED),
    ),
    _securable(
        kind="volume",
        collection="volumes",
        file="resource_volume.go",
        names=("catalog_name", "name", "schema_name"),
        defaults=_computed("resource_volume.go", "volume_path"),
    ),
)
