"""Draws docs/diagram.md from what was synthesized: `python diagram.py cdktf.out/stacks/*/cdk.tf.json`."""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from safe_text.media import mermaid
from safe_text.terminal import show, stop

_REFERENCE = re.compile(r"\$\{(?:data\.)?([a-z_]+\.[\w-]+)\.|^([a-z_]+\.[\w-]+)$")
_HEAD = """\
# Diagram

Drawn from the synthesized JSON of the example: `python diagram.py cdktf.out/stacks/*/cdk.tf.json > docs/diagram.md`.

## What the stacks make, and in which order

An arrow leads from what is needed to what needs it. No arrow crosses a stack.
"""


def document(stacks: Mapping[str, Mapping[str, Any]]) -> str:
    """The page, for the parsed cdk.tf.json of each stack by name."""
    return "\n".join(
        [
            _HEAD,
            "```mermaid",
            "flowchart LR",
            *(line for name, stack in stacks.items() for line in _stack(name, stack)),
            "```",
            "\n## Who may do what with data\n",
            "```mermaid",
            "flowchart LR",
            *(line for name, stack in stacks.items() for line in _grants(name, stack)),
            "```\n",
        ]
    )


def _resources(stack: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(address, construct, body) of every resource and data source."""
    for section in ("resource", "data"):
        for kind, named in stack.get(section, {}).items():
            for name, body in named.items():
                yield f"{kind}.{name}", body["//"]["metadata"]["path"].split("/")[1], body


def _stack(name: str, stack: Mapping[str, Any]) -> Iterator[str]:
    resources = list(_resources(stack))
    construct_of = {address: construct for address, construct, _ in resources}
    yield f'  subgraph {_id(name)}["{mermaid(name)}"]'
    for construct in dict.fromkeys(construct_of.values()):
        kinds = sorted({address.split(".")[0] for address, owner, _ in resources if owner == construct})
        label = "<br/>".join([f"<b>{mermaid(construct)}</b>", *map(mermaid, kinds)])
        yield f'    {_id(name, construct)}["{label}"]'
    arrows = {
        (construct_of[needed], construct)
        for _, construct, body in resources
        for needed in _needed(body)
        if construct_of.get(needed, construct) != construct
    }
    for source, target in sorted(arrows):
        yield f"    {_id(name, source)} --> {_id(name, target)}"
    yield "  end"


def _needed(value: Any) -> Iterator[str]:
    """Addresses that a resource refers to."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "//":
                yield from _needed(item)
    elif isinstance(value, list):
        for item in value:
            yield from _needed(item)
    elif isinstance(value, str):
        for match in _REFERENCE.finditer(value):
            yield match[1] or match[2]


def _grants(name: str, stack: Mapping[str, Any]) -> Iterator[str]:
    resources = list(_resources(stack))
    names = {address: body["display_name"] for address, _, body in resources if "service_principal." in address}
    for address, _, body in resources:
        if not address.startswith("databricks_grant."):
            continue
        principal = names[next(_needed(body["principal"]))]
        kind = next(kind for kind in ("catalog", "schema", "table") if kind in body)
        yield (
            f'  {_id(name)}(["{mermaid(principal)}"]) -- "{"<br/>".join(map(mermaid, body["privileges"]))}" --> '
            f'{_id(kind, body[kind])}[("{kind} {mermaid(body[kind])}")]'
        )


def _id(*parts: str) -> str:
    """A node id: Mermaid takes word characters only, and `end` is a word of its own."""
    return "n_" + re.sub(r"\W", "_", "__".join(parts))


def main(paths: Sequence[str]) -> None:
    """Read the named files and print the page; the stack's name is that of its folder."""
    if not paths:
        stop("usage: python diagram.py cdktf.out/stacks/*/cdk.tf.json")
    stacks = {Path(path).parent.name: json.loads(Path(path).read_text(encoding="utf-8")) for path in paths}
    show(document(stacks))


if __name__ == "__main__":
    main(sys.argv[1:])
