"""A provider's schema as text: a line for each attribute and nested block, so that two can be compared.

    terraform providers schema -json | python -m packages.sandbox.tests.provider_schemas.lines

writes what the installed providers say of themselves into this folder, for the resource types and data sources that the
stand-ins have.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.standins import schema
from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS
from sandbox.standins.github.provider import PROVIDER as GITHUB

FOLDER = Path(__file__).parent


def file_of(provider: str) -> Path:
    """The lines of the release whose bindings are installed."""
    return FOLDER / f"{provider}-{schema.load(provider).version}.txt"


def lines(block: dict[str, Any], path: str) -> Iterator[str]:
    """The lines of a block as `terraform providers schema -json` prints it."""
    for name, attribute in block.get("attributes", {}).items():
        flags = [flag for flag in ("computed", "optional", "required", "sensitive") if attribute.get(flag)]
        yield f"{path}.{name}: {json.dumps(attribute['type'])} {' '.join(flags)}"
    for name, nested in block.get("block_types", {}).items():
        yield bounds(f"{path}.{name}", nested["nesting_mode"], nested.get("min_items", 0), nested.get("max_items", 0))
        yield from lines(nested["block"], f"{path}.{name}")


def bounds(path: str, nesting: str, minimum: int, maximum: int) -> str:
    """A nested block's line."""
    return f"{path}: block {nesting} {minimum}..{maximum}"


def main() -> None:
    """Runs the command."""
    schemas = json.load(sys.stdin)["provider_schemas"]
    for provider in (DATABRICKS, GITHUB):
        real = schemas[f"registry.terraform.io/{provider.address}"]
        ours = schema.load(provider.name)
        blocks = {
            "provider": real["provider"]["block"],
            **{f"resource {name}": real["resource_schemas"][name]["block"] for name in ours.resources},
            **{f"data {name}": real["data_source_schemas"][name]["block"] for name in ours.data_sources},
        }
        versions = (f"resource {name}: version {real['resource_schemas'][name]['version']}" for name in ours.resources)
        told = sorted([*versions, *(line for name, block in blocks.items() for line in lines(block, name))])
        file_of(provider.name).write_text("".join(f"{line}\n" for line in told), encoding="utf-8")


if __name__ == "__main__":
    main()
