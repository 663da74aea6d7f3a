"""The entry file, which makes a folder a bundle."""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH110, PTH118

import os

from bundle.diagnostics import StopError
from bundle.document import load
from bundle.draft import Draft
from bundle.limits import YAML_BYTES
from bundle.merge import merge
from bundle.normalize import normalize
from bundle.schema import root_type
from bundle.value import ShapeError, Value
from bundle.yaml_source import Position

FILE_NAMES = ("databricks.yml", "databricks.yaml", "bundle.yml", "bundle.yaml")


def read_entry(draft: Draft) -> None:
    """Reads the one entry file."""
    found = [name for name in FILE_NAMES if os.path.exists(os.path.join(draft.directory, name))]
    if not found:
        raise StopError(f"unable to locate bundle root: {FILE_NAMES[0]} not found")
    if len(found) > 1:
        raise StopError(
            f"multiple bundle root configuration files found in {draft.directory}",
            origin=Position(os.path.join(draft.directory, found[1]), 1, 1),
        )
    file = os.path.join(draft.directory, found[0])
    draft.report.entry = Position(file, 1, 1)
    content = read_file(draft, file)
    merge(draft.root, content)


def read_file(draft: Draft, file: str) -> Value:
    """One file of configuration, fitted to its type; null when it is empty."""
    try:
        text = _lines(draft.confinement.read(file, YAML_BYTES).decode("utf-8"))
    except OSError as error:
        raise StopError(f"open {file}: {(error.strerror or '').lower()}", origin=Position(file, 1, 1)) from None
    except UnicodeDecodeError:
        raise StopError(
            f"failed to load {file}: yaml: invalid leading UTF-8 octet", origin=Position(file, 1, 1)
        ) from None
    try:
        tree = load(text, file=file, values=draft.values)
    except StopError as error:
        raise StopError(f"failed to load {file}: {error}", origin=error.origin) from None
    try:
        _expand_shorthands(tree)
    except ShapeError as error:
        raise StopError(f"failed to rewrite {file}: {error}", origin=error.origin) from None
    content = normalize(tree, root_type(), draft.report)
    if content is None:
        raise StopError(f"failed to load {file}: :0:0: expected a map, found a invalid", origin=Position(file, 1, 1))
    return content


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _named(holder: Value, name: str) -> dict[str, Value]:
    found = holder.get(name)
    if found is not None and found.kind not in ("nil", "map", "sequence"):
        raise ShapeError(f"expected a map or sequence, found {found.kind}", found)
    return holder.entries(name)


_FULL_DEFINITIONS = (
    {"default", "type", "description"},
    {"default", "type"},
    {"default", "description"},
    {"lookup", "description"},
    {"default"},
    {"lookup"},
)


def _expand_shorthands(tree: Value) -> None:
    """`variables: {name: value}` under a target means `{name: {default: value}}`."""
    for target in _named(tree, "targets").values():
        variables = _named(target, "variables")
        for name, given in variables.items():
            if given.kind in ("nil", "time"):
                continue
            if type(given.data) is dict and set(given.data) in _FULL_DEFINITIONS:
                continue
            expanded = {"default": Value(given.data, given.places)}
            declared = tree.get("variables", name, "type")
            if declared is not None and declared.data == "complex" and type(given.data) in (dict, list):
                expanded["type"] = declared.copy()
            variables[name] = Value(expanded, given.places, given.key_places)
