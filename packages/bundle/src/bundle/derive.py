"""Writes types.json: every bundle resource's fields and types, read from the official Python packages.

    python -m bundle.derive

`databricks-bundles` holds the models of all resources with what is required; `databricks-sdk` adds the fields that only
the API knows, such as a job's `edit_mode`. A test repeats the derivation and compares.
"""

import dataclasses
import importlib
import inspect
import json
import re
import types
import typing
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

from databricks.bundles.core import Variable

TYPES_FILE = Path(__file__).with_name("types.json")

# Where databricks.sdk.service declares the request behind a resource: a dataclass, or the method that sends it.
_REQUESTS = {
    "alerts": "sql:AlertV2",
    "apps": "apps:App",
    "clusters": "compute:ClusterSpec",
    "dashboards": "dashboards:Dashboard",
    "database_catalogs": "database:DatabaseCatalog",
    "database_instances": "database:DatabaseInstance",
    "experiments": "ml:ExperimentsAPI.create_experiment",
    "jobs": "jobs:JobSettings",
    "model_serving_endpoints": "serving:ServingEndpointsAPI.create",
    "models": "ml:ModelRegistryAPI.create_model",
    "pipelines": "pipelines:PipelinesAPI.create",
    "quality_monitors": "catalog:QualityMonitorsAPI.create",
    "registered_models": "catalog:RegisteredModelsAPI.create",
    "schemas": "catalog:SchemasAPI.create",
    "secret_scopes": "",
    "sql_warehouses": "sql:WarehousesAPI.create",
    "synced_database_tables": "database:SyncedDatabaseTable",
    "volumes": "catalog:VolumesAPI.create",
}

_SCALARS = {str: "string", int: "int", bool: "bool", float: "float", object: "any", Any: "any"}


class _Derivation:
    """Collects types by name; each is its fields, what is required, and whether it is a request of the API."""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, Any]] = {}
        self.enums: dict[str, list[str]] = {}

    def expression(self, hint: Any, twin: Any = None) -> str:
        """The notation of a type: string, int, bool, float, any, []T, {}T, @Struct, #Enum."""
        hint, twin = _bare(hint), _bare(twin)
        if hint in _SCALARS:
            return _SCALARS[hint]
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        twins = typing.get_args(twin) if typing.get_origin(twin) is origin else ()
        if origin is list:
            return "[]" + self.expression(arguments[0], twins[0] if twins else None)
        if origin is dict:
            return "{}" + self.expression(arguments[1], twins[1] if twins else None)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return "#" + self.enum(hint)
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return "@" + self.struct(hint, twin)
        return "string" if isinstance(hint, type) else "any"  # timestamps, durations and the like travel as text

    def enum(self, cls: type[Enum]) -> str:
        name = _name(cls)
        self.enums[name] = sorted(str(member.value) for member in cls)
        return name

    def struct(self, cls: type, twin: Any) -> str:
        name = _name(cls)
        if name in self.types:
            return name
        entry = self.types[name] = {"fields": {}, "required": []}
        declared, extra = _declared(cls), _declared(twin) if isinstance(twin, type) else {}
        for field, (hint, required) in {**extra, **declared}.items():
            entry["fields"][field] = self.expression(hint, extra.get(field, (None, False))[0])
            needed_list = (
                declared.get(field) and entry["fields"][field][0] in "[{" and extra.get(field, (None, False))[1]
            )
            if (required and (field in declared or not declared)) or needed_list:
                entry["required"].append(field)
        entry["fields"] = dict(sorted(entry["fields"].items()))
        entry["required"].sort()
        return name


def _bare(hint: Any) -> Any:
    """A hint without optionality and without the variable reference that may stand in for any value."""
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint
    rest = [one for one in typing.get_args(hint) if one is not type(None) and typing.get_origin(one) is not Variable]
    return rest[0] if rest else Any


def _name(cls: type) -> str:
    part = re.search(r"databricks\.(?:bundles|sdk\.service)\.(\w+)", cls.__module__)
    prefix = part[1] if part else "core"
    return f"{'sdk.' if '.sdk.' in cls.__module__ else ''}{prefix}.{cls.__name__}"


def _declared(cls: type) -> dict[str, tuple[Any, bool]]:
    if not dataclasses.is_dataclass(cls):
        return {}
    hints = typing.get_type_hints(cls)
    return {
        field.name: (
            hints[field.name],
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(cls)
    }


def _request(resource: str) -> dict[str, Any]:
    """The fields that the API takes for a resource, by name."""
    if not _REQUESTS[resource]:
        return {}
    module_name, _, path = _REQUESTS[resource].partition(":")
    module = importlib.import_module(f"databricks.sdk.service.{module_name}")
    target: Any = module
    for part in path.split("."):
        target = getattr(target, part)
    if isinstance(target, type):
        return {field: hint for field, (hint, _) in _declared(target).items()}
    return _parameters(target, vars(module))


def _parameters(method: Callable[..., Any], namespace: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(method, namespace)
    return {name: hints[name] for name in inspect.signature(method).parameters if name in hints}


def derive() -> dict[str, Any]:
    """Types, enums and resources, as written to types.json."""
    derivation = _Derivation()
    resources = {}
    for plural in _REQUESTS:
        package = importlib.import_module(f"databricks.bundles.{plural}")
        model = next(
            value
            for value in vars(package).values()
            if dataclasses.is_dataclass(value)
            and isinstance(value, type)
            and "Resource" in {base.__name__ for base in value.__mro__[1:]}
        )
        request = _request(plural)
        optional = [(field, hint, dataclasses.field(default=None)) for field, hint in request.items()]
        name = derivation.struct(model, dataclasses.make_dataclass(model.__name__, optional))
        derivation.types[name]["request"] = sorted(request)
        resources[plural] = name
    return {
        "resources": resources,
        "types": dict(sorted(derivation.types.items())),
        "enums": dict(sorted(derivation.enums.items())),
    }


def text() -> str:
    """types.json as it should stand: one line per type, so that a new release of the packages reads as a diff."""
    document = derive()
    parts = []
    for section, entries in document.items():
        lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items())
        parts.append(f"{json.dumps(section)}: {{\n{lines}\n}}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    TYPES_FILE.write_text(text(), encoding="utf-8")
