"""Looks at what was synthesized, before anybody deploys it: whatever Terraform would evaluate there is our own.

The border (`terraform_text`) writes text so that nothing of it is evaluated; this finds what has passed beside it.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bundle.yaml_source import Position
from deployed_kinds import KINDS
from settings import BundleSettings, Settings
from settings.faults import Fault, FaultsError

FILE = "cdk.tf.json"
# With `cdktf synth --hcl`, which writes no JSON.
_HCL = "cdk.tf"

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_OPENING = re.compile(r"(?<![$%])[$%]+\{|[#&]\{TfToken\[")
_ESCAPES = frozenset(("$${", "%%{"))
# What may stand between `${` and `}`: a string that cannot hold a template, a number, a reference.
_INNER = re.compile(
    rf'\$\{{(?:"(?:[^"\\{{]|\\r)*"|-?[0-9.]+(?:E[-+]?[0-9]+)?|(?P<address>(?:data\.)?{_NAME}\.{_NAME})'
    rf"(?P<attribute>(?:\.{_NAME}|\[[0-9]+\])*))\}}"
)
_STEP = re.compile(_NAME)

# Which attributes our constructs refer to. Of what a bundle declares, every attribute may be referred to.
_REFERABLE: Mapping[str, frozenset[str]] = {
    "data.databricks_current_user": frozenset(("user_name",)),
    "data.databricks_group": frozenset(("id",)),
    "data.github_branch_protection_rules": frozenset(("id",)),
    "databricks_directory": frozenset(("path",)),
    "databricks_obo_token": frozenset(("token_value",)),
    "databricks_service_principal": frozenset(("application_id", "id")),
    "github_repository_environment": frozenset(("environment",)),
}
# What is secret goes where it belongs, and nowhere else.
_SECRETS = frozenset(("encrypted_value", "password", "plaintext_value", "token_value"))
_CONSUMERS = re.compile(r"resource\.github_actions(_environment)?_secret\.[^.]+\.plaintext_value")

_BLOCKS = frozenset(("//", "terraform", "provider", "resource", "data", "locals", "output", "import"))
_DATA = frozenset(kind.removeprefix("data.") for kind in _REFERABLE if kind.startswith("data."))
_OUTPUTS = frozenset(("deployed_branch",))
# What would run commands, or make something out of data, if it stood in a resource.
_META = frozenset(("provisioner", "connection", "count", "for_each", "dynamic"))
_SHOWN = 200


class Synthesized(Protocol):
    """What is known of a stack: the expressions that it has written, word for word."""

    expressions: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Found:
    """Something that Terraform would evaluate, and where in the configuration."""

    path: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _Referable:
    """What an expression of a stack may name: addresses, those among them that a bundle declares, whole expressions."""

    addresses: Collection[str]
    declared: Collection[str]
    expressions: Collection[str]


def check_expressions(output: Path, stacks: Mapping[str, Synthesized], settings: Settings) -> None:
    """Hold every stack's JSON in `output` against what the stack may contain.

    Raises FaultsError with the address of all that is evaluated and was not written by the stacks, and with its place
    in databricks.yml where it comes from there.
    """
    places = {bundle.stack: places_of(bundle) for bundle in settings.bundles}
    faults: list[Fault] = []
    for name, stack in stacks.items():
        file = output / "stacks" / name / FILE
        if not file.exists():
            faults.append(
                Fault.of_file(
                    str(file),
                    found="no such file",
                    allowed="stacks as JSON",
                    remedy="synthesize without --hcl: what is written as HCL cannot be checked",
                )
            )
            continue
        document = json.loads(file.read_text(encoding="utf-8"))
        faults += faults_of(name, document, stack.expressions, places.get(name, {}))
    if faults:
        raise FaultsError(faults)


def withdraw(output: Path, stacks: Collection[str]) -> None:
    """Leave nothing of a synthesis that could be deployed."""
    files = (output / "stacks" / name / file for name in stacks for file in (FILE, _HCL))
    for file in (output / "manifest.json", *files):
        with suppress(FileNotFoundError):
            file.unlink()


def faults_of(
    stack: str, document: Mapping[str, Any], expressions: Collection[str], places: Mapping[str, Position]
) -> Iterator[Fault]:
    """What a stack's JSON has and may not have; `places` say by address where a resource is declared."""
    addresses = set(_addresses(document))
    referable = _Referable(addresses, frozenset(places), frozenset(expressions))
    for found in (*_strange_blocks(document), *_strange_wiring(document, addresses), *_evaluated(document, referable)):
        address = ".".join(found.path[1:3])
        place = places.get(address, Position(f"stack {stack}", 0, 0))
        shown = json.dumps(found.text)
        yield Fault.at(
            place,
            f"{stack}: {json.dumps('.'.join(found.path))[1:-1][:_SHOWN]}",
            found=shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}...",
            allowed="text, and the references that the stack itself has written",
            remedy="remove it there; if it is meant as text, this program should have escaped it: report it",
        )


def places_of(bundle: BundleSettings) -> dict[str, Position]:
    """Where what the bundle declares was written, by address."""
    places = {}
    for resource in bundle.resolved.resources:
        kind = KINDS[resource.kind]
        at = resource.position or Position("databricks.yml", 0, 0)
        place = Position(f"{bundle.checkout}/{at.file}", at.line, at.column)
        places[f"{kind.type}.{resource.key}"] = place
        for made in ("databricks_permissions", "databricks_grants"):
            places[f"{made}.{kind.name_of(resource.key)}"] = place
        for index in range(len(resource.settings.get("permissions") or ()) if kind.acl else 0):
            places[f"{kind.acl}.{kind.name_of_entry(resource.key, index)}"] = place
    return places


def _addresses(document: Mapping[str, Any]) -> Iterator[str]:
    for kind, named in document.get("resource", {}).items():
        yield from (f"{kind}.{name}" for name in named)
    for kind, named in document.get("data", {}).items():
        yield from (f"data.{kind}.{name}" for name in named)
    yield from (f"local.{name}" for name in document.get("locals", {}))


def _strange_blocks(document: Mapping[str, Any]) -> Iterator[_Found]:
    """Blocks that no stack of ours writes; those of another stack's outputs among them."""
    yield from (_Found((block,), block) for block in document.keys() - _BLOCKS)
    yield from (_Found(("data", kind), kind) for kind in document.get("data", {}).keys() - _DATA)
    yield from (_Found(("output", name), name) for name in document.get("output", {}).keys() - _OUTPUTS)
    for kind, named in document.get("resource", {}).items():
        for name, body in named.items():
            yield from (_Found(("resource", kind, name, meta), meta) for meta in body.keys() & _META)


def _strange_wiring(document: Mapping[str, Any], addresses: Collection[str]) -> Iterator[_Found]:
    """What Terraform reads as names without any `${`."""
    providers = {
        f"{provider}.{one['alias']}" if "alias" in one else provider
        for provider, configured in document.get("provider", {}).items()
        for one in configured
    }
    for block in ("resource", "data"):
        for kind, named in document.get(block, {}).items():
            for name, body in named.items():
                if body.get("provider") not in providers:
                    yield _Found((block, kind, name, "provider"), str(body.get("provider")))
                for address in body.get("depends_on", ()):
                    if address not in addresses:
                        yield _Found((block, kind, name, "depends_on"), str(address))
    for taken in document.get("import", ()):
        if taken["to"] not in addresses:
            yield _Found(("import", taken["to"]), taken["to"])


def _evaluated(document: Mapping[str, Any], referable: _Referable) -> Iterator[_Found]:
    for path, text in _strings(document, ()):
        whole = text in referable.expressions and path[0].partition("[")[0] in ("import", "output")
        if not whole and not _is_ours(text, path, referable):
            yield _Found(path, text)


def _strings(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every string, keys included, but for what cdktf notes beside resources, which Terraform skips."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "//" and (not path or (path[0] in ("resource", "data", "output") and len(path) <= 3)):
                continue
            yield (*path, key), key
            yield from _strings(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _strings(inner, (*path[:-1], f"{path[-1]}[{index}]"))
    elif isinstance(value, str):
        yield path, value


def _is_ours(text: str, path: tuple[str, ...], referable: _Referable) -> bool:
    if "{" not in text:
        return True
    end = 0
    for opening in _OPENING.finditer(text):
        if opening.start() < end or opening[0] in _ESCAPES:
            continue
        inner = _INNER.match(text, opening.start())
        if inner is None or (inner["address"] and not _may_be_referred_to(inner, path, referable)):
            return False
        end = inner.end()
    return True


def _may_be_referred_to(inner: re.Match[str], path: tuple[str, ...], referable: _Referable) -> bool:
    address, attribute = inner["address"], inner["attribute"].removeprefix(".")
    kind = address.rpartition(".")[0]
    if address not in referable.addresses:
        return False
    if kind == "local":
        return path[0] == "output" and not attribute
    if _SECRETS & set(_STEP.findall(attribute)):
        return attribute in _REFERABLE.get(kind, ()) and _CONSUMERS.fullmatch(".".join(path)) is not None
    return attribute in _REFERABLE.get(kind, ()) or (address in referable.declared and attribute != "")
