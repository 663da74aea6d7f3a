"""A value for every variable, from the most to the least specific source.

--var, BUNDLE_VAR_<name>, the target's variable-overrides.json, the target's default, the variable's default.
"""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH110, PTH118

import json
import os
from collections.abc import Iterable
from typing import Any

from bundle.diagnostics import StopError
from bundle.document import load
from bundle.draft import Draft
from bundle.limits import DEPTH, YAML_BYTES
from bundle.value import ShapeError, Value
from bundle.yaml_source import Position


def assign_variables(draft: Draft) -> None:
    """Values from the command line."""
    declared = draft.root.entries("variables")
    for assignment in draft.assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise StopError(f"unexpected flag value for variable assignment: {assignment}")
        if name not in declared:
            raise StopError(f"variable {name} has not been defined")
        variable = declared[name]
        if variable.text("type") == "complex":
            raise StopError(
                f"setting variables of complex type via --var flag is not supported: {name}", origin=_origin(variable)
            )
        if "value" in variable.entries():
            raise StopError(
                f"failed to assign {text} to {name}: variable has already been assigned value: {_held(variable)}",
                origin=_origin(variable),
            )
        variable.put(("value",), text)


def _held(variable: Value) -> Any:
    held = variable.get("value")
    return held.data if held else None


def _origin(variable: Value) -> Position | None:
    return next(iter(variable.key_places or variable.places), None)


def set_variables(draft: Draft) -> None:
    """Gives every variable a value; one with a lookup and no value waits for the workspace."""
    declared = draft.root.get("variables")
    if declared is not None and declared.data is not None and type(declared.data) is not dict:
        raise ShapeError(f"expected a map or sequence, found {declared.kind}", declared)
    file, overrides = _overrides(draft)
    values = {
        name: value
        for name, variable in draft.root.entries("variables").items()
        if variable.data is not None
        and variable.get("value") is None
        and (value := _value_of(draft, name, variable, overrides.get(name), file)) is not None
    }
    for name, value in values.items():
        draft.root.entries("variables")[name].put(("value",), value)


def _value_of(draft: Draft, name: str, variable: Value, override: Value | None, file: str) -> Value | None:
    is_complex = variable.text("type") == "complex"
    origin = _origin(variable)
    environment = f"BUNDLE_VAR_{name}"
    if environment in draft.environ:
        if is_complex:
            raise StopError(
                f"setting via environment variables ({environment}) is not supported for complex variable {name}",
                origin=origin,
            )
        return Value(draft.environ[environment])
    if variable.get("lookup") is not None:
        return None
    if override is not None and override.data is not None:
        if is_complex != (type(override.data) in (dict, list)):
            said, found = ("", "not ") if is_complex else ("not ", "")
            raise StopError(
                f"variable {name} is {said}of type complex, but the value in the variable file is {found}a complex "
                "type",
                origin=override.places[0] if override.places else Position(file, 1, 1),
            )
        return override
    if (default := variable.get("default")) is not None:
        return default.copy()
    raise StopError(
        f'no value assigned to required variable {name}. Assignment can be done using "--var", by setting the '
        f"{environment} environment variable, or in .databricks/bundle/<target>/variable-overrides.json file",
        origin=origin,
    )


def _overrides(draft: Draft) -> tuple[str, dict[str, Value]]:
    file = os.path.join(draft.directory, ".databricks", "bundle", draft.target, "variable-overrides.json")
    if not os.path.exists(file):
        return file, {}
    start = Position(file, 1, 1)
    try:
        text = draft.confinement.read(file, YAML_BYTES).decode("utf-8")
        json.loads(text)
    except OSError as error:
        raise StopError(f"read {file}: {(error.strerror or '').lower()}", origin=start) from None
    except UnicodeDecodeError:
        raise StopError(f"failed to parse variables file {file}: it is not UTF-8", origin=start) from None
    except RecursionError:
        raise DEPTH.refusal(f"{file} is nested deeper than it can be read") from None
    except ValueError as error:
        line, column = (error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else (1, 1)
        raise StopError(
            f"failed to parse variables file {file}: error decoding JSON at {file}:{line}:{column}: {_problem(text)}",
            origin=Position(file, line, column),
        ) from None
    tree = load(text, file=file, values=draft.values)
    if type(tree.data) is not dict:
        raise StopError(
            f"failed to parse variables file {file}: invalid format",
            detail="Variables file must be a JSON object with the following format:\n"
            '{"var1": "value1", "var2": "value2"}',
            origin=start,
        )
    return file, tree.data


def _problem(text: str) -> str:
    """Go's words for the commonest faults of JSON."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        rest = text[error.pos :]
        if not rest.strip():
            return "unexpected EOF"
        literal = _LITERALS.get(rest[0], "")
        wrong = next((index for index, char in enumerate(literal) if rest[index : index + 1] != char), 0)
        if literal and wrong < len(rest):
            return f"invalid character '{rest[wrong]}' in literal {literal} (expecting '{literal[wrong]}')"
        where = next((words for start, words in _EXPECTED.items() if error.msg.startswith(start)), "")
        return f"invalid character '{rest[0]}' {where or 'looking for beginning of value'}"
    except ValueError:
        return "a number with too many digits"
    return "invalid JSON"


_LITERALS = {"t": "true", "f": "false", "n": "null"}
_EXPECTED = {
    "Expecting property name": "looking for beginning of object key string",
    "Expecting ':'": "after object key",
    "Expecting ','": "after object key:value pair",
}


def undefined_lookups(draft: Draft) -> Iterable[str]:
    """Variables that only the workspace can give a value."""
    for name, variable in draft.root.entries("variables").items():
        if variable.get("lookup") is not None and variable.get("value") is None:
            yield name
