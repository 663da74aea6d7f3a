"""Types of the configuration, in the form in which normalizing needs them.

Resources come from types.json, which is derived from the official packages; the bundle's own vocabulary (what stands
around the resources) is in vocabulary.py. Both use one notation: string, int, bool, float, any, []T, {}T, @Struct and
#Enum. A trailing ? on a scalar marks one that may be absent though it is false or empty.
"""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bundle.vocabulary import ENUMS, STRUCTS

_SCALARS = ("string", "int", "bool", "float")


@dataclass(slots=True, eq=False)
class Type:
    """`kind` is a scalar's name, any, struct, map or list.

    Of a struct: `fields`; `required` fields, which are also kept when they are empty; `keeps_empty` tells whether the
    others are kept when they are given and empty. Of a map or list: `item`. Of a string: `allowed` values.
    """

    kind: str
    name: str = ""
    fields: "dict[str, Type]" = field(default_factory=dict)
    required: tuple[str, ...] = ()
    sendable: frozenset[str] = frozenset()
    by_value: frozenset[str] = frozenset()
    item: "Type | None" = None
    allowed: tuple[str, ...] = ()
    optional: bool = False

    @property
    def of(self) -> "Type":
        """The type of an element."""
        assert self.item is not None
        return self.item

    def keeps_empty(self, name: str) -> bool:
        """Whether a field that is given and empty stays in the configuration."""
        return name in self.required or name in self.sendable or self.fields[name].optional

    def at(self, step: str | int) -> "Type | None":
        """The type one step down."""
        if self.kind == "struct":
            return self.fields.get(step) if isinstance(step, str) else None
        return self.item


ANY = Type("any")

# Fields that are sent to the API beside its request, and kept when they are empty.
_ALSO_REQUIRED = {"apps.App": ["source_code_path"]}
_GRANTS = {"schemas": "[]@SchemaGrant", "volumes": "[]@VolumeGrant"}
_ALSO_SENT = {"dashboards.Dashboard": ["embed_credentials"]}

_EVERY_RESOURCE = {"id": "string", "modified_status": "string", "url": "string", "lifecycle": "@Lifecycle"}


class _Catalog:
    def __init__(self) -> None:
        document = json.loads(Path(__file__).with_name("types.json").read_text(encoding="utf-8"))
        self.structs: dict[str, dict[str, Any]] = {**document["types"], **STRUCTS}
        self.enums: dict[str, list[str]] = {**document["enums"], **ENUMS}
        self.made: dict[str, Type] = {}
        self.structs["Resources"] = {
            "fields": {plural: f"{{}}@{name}" for plural, name in document["resources"].items()}
        }
        # What the bundle adds to resources, in the form that the CLI's release gives it.
        for plural, name in document["resources"].items():
            struct = self.structs[name]
            struct["fields"].update(_EVERY_RESOURCE)
            if "permissions" in struct["fields"]:
                struct["fields"]["permissions"] = "[]@Permission"
            if "grants" in struct["fields"]:
                struct["fields"]["grants"] = _GRANTS.get(plural, "[]@Grant")
            struct["required"] = sorted([*struct["required"], *_ALSO_REQUIRED.get(name, ())])
            sent = [*struct["request"], *_ALSO_SENT.get(name, ())]
            struct["request"] = [field for field in sent if field not in _EVERY_RESOURCE]

    def parse(self, notation: str) -> Type:
        found = self.made.get(notation)
        if found is None:
            found = self.made[notation] = Type("any")
            self._fill(found, notation)
        return found

    def _fill(self, made: Type, notation: str) -> None:
        if notation.startswith(("[]", "{}")):
            made.kind, made.item = ("list" if notation[0] == "[" else "map"), self.parse(notation[2:])
        elif notation.startswith("#"):
            made.kind, made.allowed = "string", tuple(self.enums[notation[1:]])
        elif notation.startswith("@"):
            self._fill_struct(made, notation[1:])
        elif notation.rstrip("?") in _SCALARS:
            made.kind, made.optional = notation.rstrip("?"), notation.endswith("?")

    def _fill_struct(self, made: Type, name: str) -> None:
        entry = self.structs[name]
        made.kind, made.name = "struct", name
        made.required = tuple(entry.get("required", ()))
        made.fields = {field: self.parse(notation) for field, notation in entry["fields"].items()}
        ours = name in STRUCTS
        scalars = {
            field
            for field, notation in entry["fields"].items()
            if notation in _SCALARS and field not in made.required and field in entry.get("request", entry["fields"])
        }
        # databricks-sdk-go gives a struct the means to send empty fields when it has an optional plain scalar.
        made.sendable = frozenset(entry.get("request", entry["fields"])) if scalars and not ours else frozenset()
        made.by_value = frozenset(
            field
            for field, notation in entry["fields"].items()
            if notation.startswith("@")
            and field not in entry.get("pointers", ())
            and (ours or field in made.required or field == "lifecycle")
        )


@cache
def root_type() -> Type:
    """The type of a whole configuration."""
    return _catalog().parse("@Root")


@cache
def _catalog() -> _Catalog:
    return _Catalog()


def resource_types() -> dict[str, Type]:
    """The type of each kind of resource, by the plural that stands under `resources`."""
    return {plural: kind.of for plural, kind in root_type().fields["resources"].fields.items()}
