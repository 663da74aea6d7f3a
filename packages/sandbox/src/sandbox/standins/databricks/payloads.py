"""Blocks as the JSON of the REST API and back, as the provider's reflection over the Go SDK's structs converts them.

What is zero is not sent unless it is required, and a block that occurs at most once is an object (tpd/common/
reflect_resource.go). Names are the API's own except where the provider has an alias for a list: `Aliases`.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.standins.plan import Path, Values
from sandbox.standins.schema import Attribute, Block
from sandbox.standins.wire import Value

Aliases = Mapping[Path, str]  # "task.library": "libraries", where the names of a path end so

_ZEROS: dict[str, Value] = {"number": 0, "bool": False}


def to_json(
    block: Block,
    values: Values,
    *,
    aliases: Aliases | None = None,
    local: frozenset[Path] = frozenset(),
    objects: frozenset[Path] = frozenset(),
    zeros: bool = False,
    path: Path = "",
) -> dict[str, Any]:
    """What the SDK sends for a block, without what is the provider's own business (`local`).

    `objects` are the blocks that occur once without the schema saying so. With `zeros`, what is false, 0 or "" is
    sent as well, as the plugin framework does with what is not null.
    """
    body: dict[str, Any] = {}
    for name, attribute in block.attributes.items():
        value = values[name]
        if not _ends_in(path + name, local) and (attribute.required or not _is_left_out(value, zeros=zeros)):
            body[_alias(aliases, path + name)] = _number(value)
    for name, nested in block.nested.items():
        if not _ends_in(path + name, local) and values[name]:
            inner = f"{path}{name}."
            items = [
                to_json(
                    nested.block,
                    item or nested.block.empty,
                    aliases=aliases,
                    local=local,
                    objects=objects,
                    zeros=zeros,
                    path=inner,
                )
                for item in values[name]
            ]
            is_object = nested.max_items == 1 or _ends_in(path + name, objects)
            body[_alias(aliases, path + name)] = items[0] if is_object else items
    return body


def from_json(
    block: Block, body: Mapping[str, Any], *, aliases: Aliases | None = None, zeros: bool = True, path: Path = ""
) -> Values:
    """What the provider makes of an answer: without `zeros`, what is missing in it is null, not false or 0."""
    values: Values = {}
    for name, attribute in block.attributes.items():
        values[name] = body.get(_alias(aliases, path + name), _zero(attribute) if zeros else None)
    for name, nested in block.nested.items():
        said = body.get(_alias(aliases, path + name))
        items = [] if said is None else [said] if isinstance(said, Mapping) else said
        inner = f"{path}{name}."
        values[name] = [from_json(nested.block, item, aliases=aliases, path=inner, zeros=zeros) for item in items]
    return values


def _is_left_out(value: Value, *, zeros: bool) -> bool:
    return value is None or value in ([], {}) or (not zeros and value in ("", 0))


def _number(value: Value) -> Any:
    """Numbers that no machine integer holds are decimals to us and floats to JSON."""
    return float(value) if isinstance(value, Decimal) else value


def _zero(attribute: Attribute) -> Value:
    return _ZEROS.get(attribute.type) if isinstance(attribute.type, str) else None


def _alias(aliases: Aliases | None, path: Path) -> str:
    name = path.rpartition(".")[2]
    return next((alias for ending, alias in (aliases or {}).items() if _ends(path, ending)), name)


def _ends_in(path: Path, endings: frozenset[Path]) -> bool:
    return any(_ends(path, ending) for ending in endings)


def _ends(path: Path, ending: Path) -> bool:
    """Whether the names of a path end so; a single name stands for the top level only."""
    return path == ending or ("." in ending and path.endswith(f".{ending}"))
