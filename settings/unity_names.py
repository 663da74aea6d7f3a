"""Names of Unity Catalog: which are the same, how they are shown, and where a bundle's resources lie in it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bundle import ResolvedBundle
from deployed_kinds import KINDS
from settings.placeholder import PLACEHOLDER_PRINCIPAL
from unity_catalog import SecurableType

# Siblings in a resource's settings that name a catalog and a schema in it, whatever the kind
# (databricks/cli v0.280.0, bundle/schema/jsonschema.json).
_PAIRS = (
    ("catalog_name", "schema_name"),
    ("catalog", "schema"),
    ("catalog", "target"),
    ("destination_catalog", "destination_schema"),
    ("gateway_storage_catalog", "gateway_storage_schema"),
)
# Maps whose keys are the author's own words.
_FREE = frozenset(
    {
        "base_parameters", "configuration", "custom_tags", "environment_variables", "job_parameters",
        "named_parameters", "parameters", "pipeline_params", "python_named_params", "spark_conf", "spark_env_vars",
        "sql_params", "tags",
    }
)  # fmt: skip
_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_DEEPEST = 8
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Use:
    """A place in Unity Catalog that a resource lies in, and the `path` in the bundle that says so.

    `schema` is None where only the catalog is named, `table` where no table is. `makes` is "schema" or "volume" where
    the resource is one. `unknown` is the name that only a deploy could tell; the others are empty then.
    """

    address: str
    path: str
    catalog: str
    schema: str | None = None
    table: str | None = None
    makes: str = ""
    unknown: str = ""


def same(name: str) -> str:
    """What names that mean one object have in common: Unity Catalog keeps names in lower case.

    https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-names
    """
    return name.lower()


def is_plain(name: str) -> bool:
    """Whether a name is what it looks like, and means itself wherever it is copied to."""
    return bool(_PLAIN.fullmatch(name))


def shown(name: str) -> str:
    """A name for people: of one that may look like another, its characters are spelled out."""
    return name if is_plain(name) else json.dumps(name)


def said(text: str) -> str:
    """Any other text of databricks.yml for people, in one line: what is no printable ASCII is spelled out."""
    return text if text.isascii() and text.isprintable() else json.dumps(text)


def uses(resolved: ResolvedBundle) -> Iterator[Use]:
    """Every place in Unity Catalog that the resources of a bundle lie in or write to."""
    values = _Values(resolved)
    for resource in resolved.resources:
        settings, address = resource.settings, resource.address
        kind = KINDS.get(resource.kind)  # None for one that no stack deploys; that is told elsewhere.
        makes = kind.securable.value if kind and kind.securable and kind.right.option else ""
        if kind and kind.securable is SecurableType.SCHEMA:
            yield from values.use(address, makes, [(part, settings) for part in kind.name_parts])
            continue
        for field, parts in kind.full_names.items() if kind else ():
            yield from values.dotted_use(address, field, settings, parts=parts)
        yield from values.walk(address, address, settings, makes)


class _Values:
    """Names with what the bundle itself says in place of references."""

    def __init__(self, resolved: ResolvedBundle) -> None:
        self.resources = {(one.kind, one.key): one.settings for one in resolved.resources}

    def walk(self, address: str, path: str, value: Any, makes: str) -> Iterator[Use]:
        if isinstance(value, Mapping):
            named = False
            for catalog, schema in _PAIRS:
                if value.get(catalog) and value.get(schema):
                    named = True
                    yield from self.use(address, makes, [(catalog, value), (schema, value)], path)
            if not named:
                for catalog in dict.fromkeys(pair[0] for pair in _PAIRS):
                    if value.get(catalog):
                        yield from self.use(address, "", [(catalog, value)], path)
            for key, inner in value.items():
                if key not in _FREE:
                    yield from self.walk(address, f"{path}.{key}", inner, "")
        elif isinstance(value, tuple):
            for index, inner in enumerate(value):
                yield from self.walk(address, f"{path}[{index}]", inner, "")

    def use(
        self, address: str, makes: str, fields: list[tuple[str, Mapping[str, Any]]], path: str = ""
    ) -> Iterator[Use]:
        names: list[str] = []
        for field, settings in fields:
            raw = settings.get(field)
            if raw is None or isinstance(raw, Mapping | tuple):
                return
            known = self.known(str(raw))
            if known is None:
                yield Use(address, f"{path or address}.{field}", "", unknown=str(raw))
                return
            names.append(known)
        place = f"{path or address}.{fields[0][0]}"
        yield Use(address, place, names[0], names[1] if len(names) > 1 else None, makes=makes)

    def dotted_use(self, address: str, field: str, settings: Mapping[str, Any], *, parts: int) -> Iterator[Use]:
        raw = settings.get(field)
        if not isinstance(raw, str) or not raw:
            return
        known = self.known(raw)
        names = known.split(".") if known is not None else []
        if len(names) != parts:
            yield Use(address, f"{address}.{field}", "", unknown=raw)
        else:
            yield Use(address, f"{address}.{field}", *names)

    def known(self, text: str, depth: int = 0) -> str | None:
        """A text with every reference to the bundle's own resources worked out; None where one cannot be."""
        if PLACEHOLDER_PRINCIPAL in text:
            return None
        if "${" not in text:
            return text
        if depth == _DEEPEST:
            return None
        failed = False

        def value(found: re.Match[str]) -> str:
            nonlocal failed
            told = self._field(found[1], depth)
            failed = failed or told is None
            return told or ""

        worked_out = _REFERENCE.sub(value, text)
        return None if failed or "${" in worked_out else worked_out

    def _field(self, reference: str, depth: int) -> str | None:
        parts = reference.split(".")
        if len(parts) != 4 or parts[0] != "resources":
            return None
        kind, key, field = parts[1:]
        settings = self.resources.get((kind, key))
        if settings is None:
            return None
        full_name = KINDS[kind].name_parts if kind in KINDS else ()
        if field in ("id", "full_name") and full_name:
            raw = [settings.get(name) for name in full_name]
        else:
            raw = [settings.get(field)]
        if not all(isinstance(one, str) and one for one in raw):
            return None
        told = [self.known(str(one), depth + 1) for one in raw]
        return None if None in told else ".".join(str(one) for one in told)
