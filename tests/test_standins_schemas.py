"""The stand-ins' schemas: true to the installed bindings, and to what the real providers say of themselves."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from sandbox.standins import derive, mirror, schema
from sandbox.standins.behaviour import Provider
from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS
from sandbox.standins.github.provider import PROVIDER as GITHUB
from sandbox.standins.schema import Block
from tests import real_schemas

PROVIDERS = (DATABRICKS, GITHUB)

# What the bindings do not tell. Terraform checks these bounds before anything of ours is asked.
UNKNOWN_BOUNDS = "github_repository_environment.reviewers: block list"

providers = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)


def real_provider(provider: Provider[Any]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(real_schemas.file_of(provider.name).read_text(encoding="utf-8"))
    return content


@providers
def test_the_committed_schemas_are_those_of_the_installed_bindings(provider: Provider[Any]) -> None:
    document = derive.derive(provider.name, list(provider.resources), list(provider.data_sources))
    committed = (schema.SCHEMAS / f"{provider.name}.json").read_text(encoding="utf-8")
    assert committed == derive.render(document), "run: python -m sandbox.standins.derive"


@providers
def test_the_mirror_has_the_version_that_the_bindings_ask_for(provider: Provider[Any]) -> None:
    assert mirror.PROVIDERS[provider.address] == schema.load(provider.name).version


@providers
def test_types_and_flags_agree_with_the_real_providers(provider: Provider[Any]) -> None:
    real, ours = real_provider(provider), schema.load(provider.name)
    expected = [*real_schemas.lines(real["provider"]["provider"], "provider")]
    found = [*our_lines(ours.provider.with_sensitive(provider.sensitive), "provider")]
    for kind, blocks in (("resources", ours.resources), ("data_sources", ours.data_sources)):
        assert real[kind].keys() == blocks.keys()
        for name, block in blocks.items():
            sensitive = provider.resources[name].sensitive if kind == "resources" else frozenset()
            found += our_lines(block.with_sensitive(sensitive), name)
            expected += real_schemas.lines(real[kind][name], name)
    assert without_bounds(found) == without_bounds(expected)


@providers
def test_states_have_the_versions_of_the_real_providers(provider: Provider[Any]) -> None:
    # Terraform refuses a state of a newer version: one that the real provider has written.
    expected = real_provider(provider)["versions"]
    assert {name: resource.version for name, resource in provider.resources.items()} == expected


@providers
def test_rules_name_attributes_that_exist(provider: Provider[Any]) -> None:
    blocks = schema.load(provider.name).resources
    for name, resource in provider.resources.items():
        block = blocks[name]
        known = {*block.attributes, *block.nested}
        paths = {
            *known,
            *(f"{outer}.{inner}" for outer in block.nested for inner in block.nested[outer].block.attributes),
        }
        assert resource.rules.replace <= known, name
        assert resource.sensitive <= known, name
        assert {*resource.rules.defaults, *resource.rules.same} <= paths, name


@providers
def test_what_cannot_be_updated_is_replaced_by_every_change(provider: Provider[Any]) -> None:
    blocks = schema.load(provider.name).resources
    for name, resource in provider.resources.items():
        if resource.update is None:
            arguments = {key for key, flags in blocks[name].attributes.items() if flags.optional or flags.required}
            computed = {key for key, flags in blocks[name].attributes.items() if flags.computed}
            assert arguments - computed - {"share"} <= resource.rules.replace, name


def without_bounds(lines: Iterable[str]) -> list[str]:
    """The lines in order, without what the bindings do not tell."""
    return sorted(line.rpartition(" ")[0] if line.startswith(UNKNOWN_BOUNDS) else line for line in lines)


def our_lines(block: Block, path: str) -> Iterator[str]:
    """One line per attribute and nested block, as `real_schemas.lines` makes them."""
    for name, one in block.attributes.items():
        flags = {flag: getattr(one, flag) for flag in real_schemas.FLAGS}
        yield f"{path}.{name}: {real_schemas.attribute(one.type, flags)}"
    for name, nested in block.nested.items():
        yield f"{path}.{name}: block {real_schemas.bounds(nested.nesting, nested.min_items, nested.max_items)}"
        yield from our_lines(nested.block, f"{path}.{name}")
