"""Schemas: from our JSON (see derive.py) to what the servicer sends and the planner walks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from sandbox.standins.wire import Type

SCHEMAS = Path(__file__).parent / "schemas"

_NESTINGS = {"single": 1, "list": 2, "set": 3}  # tfplugin6 Schema.NestedBlock.NestingMode, Schema.Object.NestingMode


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute and its flags."""

    type: Type
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    nested: "NestedAttributes | None" = None


@dataclass(frozen=True, slots=True)
class NestedAttributes:
    """What an attribute holds that somebody writes as one object, or as a list or set of them, and not as blocks.

    The plugin framework has these; each member has flags of its own.
    """

    nesting: str  # "single", "list" or "set"
    members: dict[str, Attribute]

    @property
    def type(self) -> Type:
        """The type of what the attribute holds."""
        one = ["object", {name: member.type for name, member in self.members.items()}]
        return one if self.nesting == "single" else [self.nesting, one]


@dataclass(frozen=True)
class Block:
    """Attributes and nested blocks of a resource, a data source, a provider or a nested block."""

    attributes: dict[str, Attribute]
    nested: dict[str, "Nested"] = field(default_factory=dict)

    @cached_property
    def type(self) -> Type:
        """The object type of a value of this block."""
        members = {name: attribute.type for name, attribute in self.attributes.items()}
        members |= {name: nested.type for name, nested in self.nested.items()}
        return ["object", members]

    @property
    def empty(self) -> dict[str, Any]:
        """A value of this block in which nothing is set."""
        return dict.fromkeys(self.attributes) | {name: nested.unset for name, nested in self.nested.items()}

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
    """A block inside a block, as often as its nesting and its bounds allow."""

    block: Block
    nesting: str  # "single", "list" or "set"
    min_items: int = 0
    max_items: int = 0

    @property
    def type(self) -> Type:
        """The type of what the block holds: one object, or a list or set of them."""
        return self.block.type if self.nesting == "single" else [self.nesting, self.block.type]

    @property
    def unset(self) -> Any:
        """The value of a block that nobody wrote."""
        return None if self.nesting == "single" else []


class Blocks(Mapping[str, Block]):
    """The blocks of many types, each built when it is first asked for: a process needs few of them, and one is huge."""

    def __init__(self, documents: dict[str, dict[str, Any]]) -> None:
        self._documents = documents
        self._built: dict[str, Block] = {}

    def __getitem__(self, name: str) -> Block:
        if name not in self._built:
            self._built[name] = _block(self._documents[name])
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def __or__(self, other: "Blocks") -> "Blocks":
        return Blocks(self._documents | other._documents)


@dataclass(frozen=True, slots=True)
class Schemas:
    """All schemas of one provider."""

    version: str
    provider: Block
    resources: Blocks
    data_sources: Blocks


@cache
def load(provider: str) -> Schemas:
    """The committed schemas of "databricks" or "github"."""
    document = json.loads((SCHEMAS / f"{provider}.json").read_text(encoding="utf-8"))
    return Schemas(
        version=document["version"],
        provider=_block(document["provider"]),
        resources=Blocks(document["resources"]),
        data_sources=Blocks(document["data_sources"]),
    )


def to_proto(pb: Any, block: Block, version: int = 0) -> Any:
    """The schema message of tfplugin6."""
    return pb.Schema(version=version, block=_block_proto(pb, block))


def _block(document: dict[str, Any]) -> Block:
    return Block(
        attributes={name: _attribute(flags) for name, flags in document.get("attributes", {}).items()},
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


def _attribute(document: dict[str, Any]) -> Attribute:
    if "nested" not in document:
        return Attribute(**document)
    inner = document["nested"]
    nested = NestedAttributes(inner["nesting"], {name: _attribute(one) for name, one in inner["members"].items()})
    return Attribute(**{**document, "nested": nested, "type": nested.type})


def _attribute_proto(pb: Any, name: str, attribute: Attribute) -> Any:
    nested = attribute.nested
    type_ = {"type": json.dumps(attribute.type).encode()}
    if nested is not None:
        members = [_attribute_proto(pb, inner, member) for inner, member in nested.members.items()]
        type_ = {"nested_type": pb.Schema.Object(attributes=members, nesting=_NESTINGS[nested.nesting])}
    return pb.Schema.Attribute(
        name=name,
        required=attribute.required,
        optional=attribute.optional,
        computed=attribute.computed,
        sensitive=attribute.sensitive,
        **type_,
    )


def _block_proto(pb: Any, block: Block) -> Any:
    return pb.Schema.Block(
        attributes=[_attribute_proto(pb, name, attribute) for name, attribute in block.attributes.items()],
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
