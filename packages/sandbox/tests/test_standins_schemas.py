"""The stand-ins' schemas: true to the installed bindings, and to what the real providers say of themselves."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from packages.sandbox.tests.provider_schemas import lines
from sandbox.standins import derive, mirror, schema
from sandbox.standins.behaviour import Provider
from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS
from sandbox.standins.github.provider import PROVIDER as GITHUB
from sandbox.standins.schema import Block

PROVIDERS = (DATABRICKS, GITHUB)
# What the bindings do not tell. Terraform checks these bounds before anything of ours is asked.
UNKNOWN_BOUNDS = {
    "resource github_repository_environment.reviewers: block list 0..6": (
        "resource github_repository_environment.reviewers: block list 0..0"
    )
}

providers = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)


@providers
def test_the_committed_schemas_are_those_of_the_installed_bindings(provider: Provider[Any]) -> None:
    document = derive.derive(provider.name, list(provider.resources), list(provider.data_sources))
    committed = (schema.SCHEMAS / f"{provider.name}.json").read_text(encoding="utf-8")
    assert committed == derive.render(document), "run: python -m sandbox.standins.derive"


@providers
def test_the_mirror_has_the_version_that_the_bindings_ask_for(provider: Provider[Any]) -> None:
    assert mirror.PROVIDERS[provider.address] == schema.load(provider.name).version


@providers
def test_types_flags_and_versions_are_those_of_the_real_providers(provider: Provider[Any]) -> None:
    # Terraform refuses a state of a newer version: one that the real provider has written.
    ours = schema.load(provider.name)
    found = [f"resource {name}: version {resource.version}" for name, resource in provider.resources.items()]
    found += our_lines(ours.provider.with_sensitive(provider.sensitive), "provider")
    for name, block in ours.resources.items():
        found += our_lines(block.with_sensitive(provider.resources[name].sensitive), f"resource {name}")
    for name, block in ours.data_sources.items():
        found += our_lines(block, f"data {name}")
    real = lines.file_of(provider.name).read_text(encoding="utf-8").splitlines()
    assert sorted(found) == [UNKNOWN_BOUNDS.get(line, line) for line in real]


@providers
def test_rules_name_attributes_that_exist(provider: Provider[Any]) -> None:
    blocks = schema.load(provider.name).resources
    for name, resource in provider.resources.items():
        block = blocks[name]
        known = {*block.attributes, *block.nested}
        paths = {*known, *inner_paths(block)}
        assert resource.rules.replace <= known, name
        assert resource.sensitive <= known, name
        assert {*resource.rules.defaults, *resource.rules.same} <= paths, name


def inner_paths(block: Block) -> Iterator[str]:
    """An attribute of a block, at whatever depth, as rules name it: by the block and itself."""
    for outer, nested in block.nested.items():
        yield from (f"{outer}.{inner}" for inner in nested.block.attributes)
        yield from inner_paths(nested.block)


@providers
def test_what_cannot_be_updated_is_replaced_by_every_change(provider: Provider[Any]) -> None:
    blocks = schema.load(provider.name).resources
    for name, resource in provider.resources.items():
        if resource.update is None:
            arguments = {key for key, flags in blocks[name].attributes.items() if flags.optional or flags.required}
            computed = {key for key, flags in blocks[name].attributes.items() if flags.computed}
            assert arguments - computed - {"share"} <= resource.rules.replace, name


def our_lines(block: Block, path: str) -> Iterator[str]:
    """One line per attribute and nested block."""
    for name, attribute in block.attributes.items():
        flags = [flag for flag in ("computed", "optional", "required", "sensitive") if getattr(attribute, flag)]
        yield f"{path}.{name}: {json.dumps(attribute.type)} {' '.join(flags)}"
    for name, nested in block.nested.items():
        yield lines.bounds(f"{path}.{name}", nested.nesting, nested.min_items, nested.max_items)
        yield from our_lines(nested.block, f"{path}.{name}")
