"""The stand-ins' schemas: true to the installed bindings, and to what the real providers say of themselves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.standins import derive, mirror, schema
from sandbox.standins.behaviour import Provider
from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS
from sandbox.standins.github.provider import PROVIDER as GITHUB
from sandbox.standins.schema import Block

PROVIDERS = (DATABRICKS, GITHUB)
REFERENCE = Path(__file__).parents[2] / "shared" / "provider-schemas"

# What the bindings do not tell. Terraform checks these bounds before anything of ours is asked.
UNKNOWN_BOUNDS = {"github_repository_environment.reviewers.max_items"}

# What `terraform providers schema -json` says of the real ones; all others are at 0.
SCHEMA_VERSIONS = {
    "databricks_job": 2,
    "databricks_notebook": 1,
    "databricks_workspace_file": 1,
    "github_actions_secret": 1,
    "github_branch_protection": 2,
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
def test_types_and_flags_agree_with_the_real_providers(provider: Provider[Any]) -> None:
    path = REFERENCE / f"{provider.name}-{schema.load(provider.name).version}.json"
    if not path.exists():
        pytest.skip("the real providers' schemas are not here")
    real = json.loads(path.read_text(encoding="utf-8"))
    ours = schema.load(provider.name)
    expected: list[str] = []
    found: list[str] = []
    for kind, blocks in (("resources", ours.resources), ("data_sources", ours.data_sources)):
        for name, block in blocks.items():
            if name not in real[kind]:
                continue  # the reference holds a part of the real provider only
            sensitive = provider.resources[name].sensitive if kind == "resources" else frozenset()
            found += sorted(our_lines(block.with_sensitive(sensitive), name))
            expected += sorted(real_lines(real[kind][name], name))
    found += sorted(our_lines(ours.provider.with_sensitive(provider.sensitive), "provider"))
    expected += sorted(real_lines(real["provider_config"], "provider"))
    assert found == expected


@providers
def test_states_have_the_versions_of_the_real_providers(provider: Provider[Any]) -> None:
    # Terraform refuses a state of a newer version: one that the real provider has written.
    expected = {name: SCHEMA_VERSIONS.get(name, 0) for name in provider.resources}
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


def our_lines(block: Block, path: str) -> Iterator[str]:
    """One line per attribute and nested block."""
    for name, attribute in block.attributes.items():
        flags = [flag for flag in ("computed", "optional", "required", "sensitive") if getattr(attribute, flag)]
        yield f"{path}.{name}: {json.dumps(attribute.type)} {' '.join(flags)}"
    for name, nested in block.nested.items():
        yield bounds(f"{path}.{name}", nested.nesting, nested.min_items, nested.max_items)
        yield from our_lines(nested.block, f"{path}.{name}")


def real_lines(block: dict[str, Any], path: str) -> Iterator[str]:
    """The same lines, of what `terraform providers schema -json` says."""
    for name, attribute in block.get("attributes", {}).items():
        flags = [flag for flag in ("computed", "optional", "required", "sensitive") if attribute.get(flag)]
        yield f"{path}.{name}: {json.dumps(attribute['type'])} {' '.join(flags)}"
    for name, nested in block.get("block_types", {}).items():
        yield bounds(f"{path}.{name}", nested["nesting_mode"], nested.get("min_items", 0), nested.get("max_items", 0))
        yield from real_lines(nested["block"], f"{path}.{name}")


def bounds(path: str, nesting: str, minimum: int, maximum: int) -> str:
    """A nested block's line."""
    maximum = 0 if f"{path}.max_items" in UNKNOWN_BOUNDS else maximum
    return f"{path}: block {nesting} {minimum}..{maximum}"
