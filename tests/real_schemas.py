"""What the real providers say of themselves: `python -m tests.real_schemas FILE` makes tests/schemas/*.json anew.

FILE is what `terraform providers schema -json` has written where both providers of cdktf.json are required. Of it, only
what the stand-ins have is kept: the type and the flags of each attribute as one text, and the bounds of a nested block
under the name "".
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sandbox.standins import schema
from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS
from sandbox.standins.github.provider import PROVIDER as GITHUB

FLAGS = ("computed", "optional", "required", "sensitive")
KINDS = {"resources": "resource_schemas", "data_sources": "data_source_schemas"}
_FOLDER = Path(__file__).parent / "schemas"


def main(file: Path) -> None:
    """Write one file for each provider."""
    said = json.loads(file.read_text(encoding="utf-8"))["provider_schemas"]
    for provider in (DATABRICKS, GITHUB):
        ours = schema.load(provider.name)
        real = next(content for address, content in said.items() if address.endswith(f"/{provider.address}"))
        kept = {
            "provider": {"provider": _compact(real["provider"]["block"])},
            "resources": {name: _compact(real["resource_schemas"][name]["block"]) for name in ours.resources},
            "data_sources": {name: _compact(real["data_source_schemas"][name]["block"]) for name in ours.data_sources},
            "versions": {name: real["resource_schemas"][name]["version"] for name in ours.resources},
        }
        path = file_of(provider.name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(_rendered(kept), encoding="utf-8")


def file_of(name: str) -> Path:
    """The file of a provider, in the version that the bindings ask for."""
    return _FOLDER / f"{name}-{schema.load(name).version}.json"


def lines(block: Mapping[str, Any], path: str) -> Iterator[str]:
    """One line per attribute and nested block, from what a file keeps of it."""
    for name, said in block.items():
        if name == "":
            yield f"{path}: block {said}"
        elif isinstance(said, str):
            yield f"{path}.{name}: {said}"
        else:
            yield from lines(said, f"{path}.{name}")


def bounds(nesting: str, minimum: int, maximum: int) -> str:
    """How often a nested block may be there; 0 as the maximum is no bound."""
    return f"{nesting} {minimum}..{maximum}"


def attribute(of_type: Any, flags: Mapping[str, bool]) -> str:
    """The type and the flags of an attribute."""
    return f"{json.dumps(of_type)} {' '.join(flag for flag in FLAGS if flags.get(flag))}"


def _compact(block: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {name: attribute(one["type"], one) for name, one in block.get("attributes", {}).items()}
    nested = {
        name: {
            "": bounds(one["nesting_mode"], one.get("min_items", 0), one.get("max_items", 0)),
            **_compact(one["block"]),
        }
        for name, one in block.get("block_types", {}).items()
    }
    return attributes | nested


def _rendered(kept: Mapping[str, Mapping[str, Any]]) -> str:
    """JSON with one resource on a line."""
    parts = [
        f"{json.dumps(part)}: {{\n"
        + ",\n".join(
            f"{json.dumps(name)}: {json.dumps(one, separators=(',', ':'), sort_keys=True)}"
            for name, one in sorted(content.items())
        )
        + "\n}"
        for part, content in kept.items()
    ]
    return "{" + ",\n".join(parts) + "}\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
