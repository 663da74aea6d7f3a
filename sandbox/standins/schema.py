"""Schemas: from our JSON (see derive.py) to what the servicer sends and the planner walks."""

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sandbox.standins.wire import Type

SCHEMAS = Path(__file__).parent / "schemas"

_NESTINGS = {"list": 2, "set": 3}  # tfplugin6 Schema.NestedBlock.NestingMode


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute and its flags."""

    type: Type
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False


@dataclass(frozen=True)
class Block:
    """Attributes and nested blocks of a resource, a data source, a provider or a nested block."""

    attributes: dict[str, Attribute]
    nested: dict[str, "Nested"] = field(default_factory=dict)

    @cached_property
    def type(self) -> Type:
        """The object type of a value of this block."""
        members = {name: attribute.type for name, attribute in self.attributes.items()}
        members |= {name: [nested.nesting, nested.block.type] for name, nested in self.nested.items()}
        return ["object", members]

    def with_sensitive(self, paths: frozenset[str]) -> "Block":
        """The same block with these attributes ("name", "block.name") marked sensitive, which no binding says."""
        attributes = {n: replace(a, sensitive=True) if n in paths else a for n, a in self.attributes.items()}
        nested = {}
        for name, inner in self.nested.items():
            of_inner = frozenset(path.removeprefix(f"{name}.") for path in paths if path.startswith(f"{name}."))
            nested[name] = replace(inner, block=inner.block.with_sensitive(of_inner)) if of_inner else inner
        return Block(attributes, nested)


@dataclass(frozen=True, slots=True)
class Nested:
    """A block inside a block."""

    block: Block
    nesting: str  # "list" or "set"
    min_items: int = 0
    max_items: int = 0


@dataclass(frozen=True, slots=True)
class Schemas:
    """All schemas of one provider."""

    version: str
    provider: Block
    resources: dict[str, Block]
    data_sources: dict[str, Block]


def load(provider: str) -> Schemas:
    """The committed schemas of "databricks" or "github"."""
    document = json.loads((SCHEMAS / f"{provider}.json").read_text(encoding="utf-8"))
    return Schemas(
        version=document["version"],
        provider=_block(document["provider"]),
        resources={name: _block(block) for name, block in document["resources"].items()},
        data_sources={name: _block(block) for name, block in document["data_sources"].items()},
    )


def to_proto(pb: Any, block: Block, version: int = 0) -> Any:
    """The schema message of tfplugin6."""
    return pb.Schema(version=version, block=_block_proto(pb, block))


def _block(document: dict[str, Any]) -> Block:
    return Block(
        attributes={name: Attribute(**flags) for name, flags in document.get("attributes", {}).items()},
        nested={
            name: Nested(
                block=_block(inner["block"]),
                nesting=inner["nesting"],
                min_items=inner.get("min_items", 0),
                max_items=inner.get("max_items", 0),
            )
            for name, inner in document.get("blocks", {}).items()
        },
    )


def _block_proto(pb: Any, block: Block) -> Any:
    return pb.Schema.Block(
        attributes=[
            pb.Schema.Attribute(
                name=name,
                type=json.dumps(attribute.type).encode(),
                required=attribute.required,
                optional=attribute.optional,
                computed=attribute.computed,
                sensitive=attribute.sensitive,
            )
            for name, attribute in block.attributes.items()
        ],
        block_types=[
            pb.Schema.NestedBlock(
                type_name=name,
                block=_block_proto(pb, nested.block),
                nesting=_NESTINGS[nested.nesting],
                min_items=nested.min_items,
                max_items=nested.max_items,
            )
            for name, nested in block.nested.items()
        ],
    )
