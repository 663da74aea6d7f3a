"""Derives the schemas from the installed cdktf bindings: `python -m sandbox.standins.derive` writes schemas/*.json.

Each jsii package holds, inside its JavaScript's source maps, the TypeScript that cdktf generated from the provider's
schema: comments with the flags, HCL synthesis with the nesting, getters with the types of what is only computed.
"""

import base64
import json
import re
import sys
import tarfile
from collections.abc import Iterator
from importlib import resources
from typing import Any

from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS
from sandbox.standins.github.provider import PROVIDER as GITHUB
from sandbox.standins.schema import SCHEMAS

Document = dict[str, Any]

_FLAGS = re.compile(r"^  // (\w+) - computed: (true|false), optional: (true|false), required: (true|false)$", re.M)
_CLASS = re.compile(r"^export class (\w+) extends cdktf\.(\w+) \{\n(.*?)^\}", re.M | re.S)
_INTERFACE = re.compile(r"^export interface (\w+)[^{]*\{\n(.*?)^\}", re.M | re.S)
_FIELD = re.compile(r"^  readonly (\w+)(\??): ", re.M)
_HCL_FUNCTION = re.compile(r"^export function (\w+)ToHclTerraform\(.*?\n\}\n", re.M | re.S)
_HCL_ENTRY = re.compile(
    r"^ +(\w+): \{\n +value: (.*),\n +isBlock: (true|false),\n +type: \"(\w+)\",\n +storageClassType: \"(\w+)\",\n",
    re.M,
)
_GETTER = re.compile(r"public get \w+\(\)[^{]*\{\s*return (.*?);\s*\}", re.S)
_READ = re.compile(r"this\.get(\w*?)(List|Map)?Attribute\('\w+'\)")
_COMPLEX = re.compile(r"= new (\w+?)(List|OutputReference)\(this, \"\w+\"(?:, (true|false))?\)")
_MAP = re.compile(r"= new cdktf\.(String|Number|Boolean|Any)Map\(this")
_MANY = re.compile(r"^  private _\w+(\?: .*\[\]| = new \w+List\()", re.M)
_SCALARS = {"string": "string", "boolean": "bool", "number": "number", "any": "string"}
_VERSION = re.compile(r"providerVersion: '([\d.]+)'")

# What the bindings leave out: a limit other than 1, and what is secret in a nested block.
_LIMITS = {"init_scripts": 10}
_SECRETS = {("basic_auth", "password")}


def derive(provider: str, resource_types: list[str], data_source_types: list[str]) -> Document:
    """The schemas of one provider's bindings, of these types only."""
    prefix = f"{provider}_"
    folder = {name: name.removeprefix(prefix).replace("_", "-") for name in resource_types}
    data_folder = {name: "data-" + name.replace("_", "-") for name in data_source_types}
    sources: dict[str, str] = {}
    for name, text in _sources(
        f"cdktf_cdktf_provider_{provider}", {"provider", *folder.values(), *data_folder.values()}
    ):
        sources[name] = sources.get(name, "") + text
    version = _VERSION.search(sources["provider"])
    assert version
    return {
        "version": version[1],
        "provider": _Module(sources["provider"]).root("TerraformProvider"),
        "resources": {n: _Module(sources[folder[n]]).root("TerraformResource") for n in sorted(resource_types)},
        "data_sources": {
            n: _Module(sources[data_folder[n]]).root("TerraformDataSource") for n in sorted(data_source_types)
        },
    }


def render(document: Document) -> str:
    """The document as it is committed: one line per attribute."""
    text = json.dumps(document, indent=1, sort_keys=True)
    leaf = re.compile(r"\{[^{}]*\}")
    text = leaf.sub(lambda match: re.sub(r"\s*\n\s*", " ", match[0]), text)
    return text + "\n"


def _sources(package: str, folders: set[str]) -> Iterator[tuple[str, str]]:
    """(folder, TypeScript) of every module of these folders in a binding's jsii package."""
    folder = resources.files(package).joinpath("_jsii")
    archive = next(entry for entry in folder.iterdir() if entry.name.endswith(".tgz"))
    with archive.open("rb") as file, tarfile.open(fileobj=file, mode="r:gz") as tar:
        for member in tar:
            # package/lib/<folder>/index.js, and index-structs/*.js beside it where there are many
            parts = member.name.split("/")
            if len(parts) >= 4 and parts[1] == "lib" and member.name.endswith(".js") and parts[2] in folders:
                content = tar.extractfile(member)
                assert content
                _, _, encoded = content.read().rpartition(b"sourceMappingURL=data:application/json;base64,")
                yield parts[2], json.loads(base64.b64decode(encoded))["sourcesContent"][0]


class _Module:
    """The TypeScript of one resource type."""

    def __init__(self, source: str) -> None:
        self._classes = {name: (base, body) for name, base, body in _CLASS.findall(source)}
        self._interfaces = dict(_INTERFACE.findall(source))
        self._functions = {match[1]: match[0] for match in _HCL_FUNCTION.finditer(source)}

    def root(self, base: str) -> Document:
        """The block of the one class that extends `base`."""
        name, body = next((name, body) for name, (parent, body) in self._classes.items() if parent == base)
        synthesis = body[body.index("synthesizeHclAttributes") :]
        return self._block(body[: body.index("synthesizeAttributes")], synthesis, outer=name)

    def _block(self, body: str, synthesis: str, outer: str) -> Document:
        written = {name: rest for name, *rest in _HCL_ENTRY.findall(synthesis)}
        attributes: Document = {}
        blocks: Document = {}
        for name, flags, text in _entries(body):
            if outer.endswith("Provider") and name == "alias":
                continue  # a meta-argument of Terraform's
            if name in written and written[name][1] == "true":
                blocks[name] = self._nested(name, text, flags, *written[name])
            elif name in written:
                attributes[name] = {"type": self._configured_type(text, *written[name]), **flags}
            else:
                attributes[name] = {"type": self._computed_type(text), **flags}
            if any(_snake(outer).endswith(f"_{block}") and name == secret for block, secret in _SECRETS):
                attributes[name]["sensitive"] = True
        return {"attributes": attributes, **({"blocks": blocks} if blocks else {})}

    def _nested(
        self, name: str, text: str, flags: Document, value: str, _block: str, kind: str, _storage: str
    ) -> Document:
        mapper = re.search(r"(\w+)ToHclTerraform", value)
        assert mapper
        struct = mapper[1][0].upper() + mapper[1][1:]
        block = self._struct(struct)
        if kind == "struct" and name == "timeouts":
            return {"nesting": "single", "block": block}
        nested: Document = {"nesting": "set" if kind == "set" else "list", "block": block}
        if flags.get("required"):
            nested["min_items"] = 1
        if not _MANY.search(text):
            nested["max_items"] = 1
        elif name in _LIMITS:
            nested["max_items"] = _LIMITS[name]
        return nested

    def _struct(self, struct: str) -> Document:
        synthesis = self._functions[struct[0].lower() + struct[1:]]
        if reference := self._classes.get(f"{struct}OutputReference"):
            return self._block(reference[1], synthesis, outer=struct)
        # Only a provider's blocks have no reference class: the interface says which fields are required.
        fields = {_snake(name): not optional for name, optional in _FIELD.findall(self._interfaces[struct])}
        return {
            "attributes": {
                name: {"type": self._configured_type("", *rest), ("required" if fields[name] else "optional"): True}
                for name, *rest in _HCL_ENTRY.findall(synthesis)
            }
        }

    def _configured_type(self, text: str, _value: str, _block: str, kind: str, storage: str) -> Any:
        if kind == "simple":
            return _SCALARS[storage]
        element = _SCALARS.get(re.sub(r"(List|Map)$", "", storage))
        if element is None:  # a list of objects in an attribute
            return self._computed_type(text)
        return [kind, element]

    def _computed_type(self, text: str) -> Any:
        if mapped := _MAP.search(text):
            return ["map", _SCALARS[mapped[1].lower()]]
        if complex_ := _COMPLEX.search(text):
            struct, shape, wraps_set = complex_.groups()
            members = {}
            _base, body = self._classes[f"{struct}OutputReference"]
            for name, _flags, inner in _entries(body):
                members[name] = self._computed_type(inner)
            return ["set" if wraps_set == "true" else "list", ["object", members]] if shape == "List" else members
        getter = _GETTER.search(text)
        assert getter, text
        expression = getter[1]
        read = _READ.search(expression)
        assert read, text
        scalar = {"String": "string", "Number": "number", "Boolean": "bool", "": "string"}[read[1]]
        if read[2] is None:
            return scalar
        if read[2] == "Map":
            return ["map", scalar]
        return ["set" if "Fn.tolist" in expression else "list", scalar]


def _entries(body: str) -> Iterator[tuple[str, Document, str]]:
    """(Terraform name, flags that are true, text up to the next attribute) of each attribute of a class."""
    marks = list(_FLAGS.finditer(body))
    for mark, following in zip(marks, [*marks, None][1:], strict=True):
        said = zip(("computed", "optional", "required"), mark.groups()[1:], strict=True)
        flags = {flag: True for flag, on in said if on == "true"}
        yield mark[1], flags, body[mark.end() : following.start() if following else None]


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)


def main() -> None:
    """Write both providers' schemas."""
    for provider in (DATABRICKS, GITHUB):
        document = derive(provider.name, list(provider.resources), list(provider.data_sources))
        path = SCHEMAS / f"{provider.name}.json"
        path.write_text(render(document), encoding="utf-8")
        sys.stdout.write(f"{path.name}: {len(document['resources'])} resources, {document['version']}\n")


if __name__ == "__main__":
    main()
