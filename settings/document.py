"""docs/settings.md, made from the models: every key with its meaning, its default and what it accepts."""

import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from settings.model import Config

_HEAD = """\
# mlops.yaml

Made from `settings/model.py` by `python -m settings document`. Unknown keys, wrong values and contradictions are
refused, all at once, with their places. `MLOPS_CONFIG` names another file. Credentials never stand in it.

Besides the file, a run is told by its environment: `MLOPS_ALLOW_DESTROY` lists stacks whose protected resources may be
destroyed, `MLOPS_NOW` sets the moment that rotations count from, and with `CI` set a local state is refused.
`MLOPS_ML_PROJECT_PATH` names another checkout of the ML repository than `ml_project.path`, relative to the current
folder. `MLOPS_BRANCH` says which branch of it is checked out where Git does not (CI checks out commits, not branches),
`MLOPS_DEPLOYER=<your user name>` adds a stack for every target that belongs to no environment, and
`BUNDLE_VAR_<name>` gives a variable of the bundle its value, as for the Databricks CLI.
"""


def document() -> str:
    """The page as the committed file holds it."""
    return "\n".join([_HEAD, *_sections("", Config)])


def _sections(prefix: str, section: type[BaseModel]) -> Iterator[str]:
    title = f"`{prefix.rstrip('.')}`" if prefix else "The whole file"
    yield f"## {title}\n\n{(section.__doc__ or '').strip()}\n\n| key | default | meaning |\n|---|---|---|"
    below: list[tuple[str, type[BaseModel]]] = []
    for name, field in section.model_fields.items():
        key = field.alias or name
        default = "required" if key in _required(section) else _default(field)
        yield f"| `{key}` | {default} | {field.description}{_choices(field.annotation)} |"
        inner, is_map = _model(field.annotation)
        if inner is not None:
            below.append((f"{prefix}{key}.<name>." if is_map else f"{prefix}{key}.", inner))
    yield ""
    for path, model in below:
        yield from _sections(path, model)


def _required(section: type[BaseModel]) -> list[str]:
    """What the JSON Schema asks for beyond the model."""
    extra = section.model_config.get("json_schema_extra")
    required = extra.get("required") if isinstance(extra, dict) else None
    return [str(key) for key in required] if isinstance(required, list) else []


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is None or value is PydanticUndefined or isinstance(value, BaseModel) or value == ():
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _choices(annotation: Any) -> str:
    if typing.get_origin(annotation) is typing.Literal:
        return f" One of {', '.join(f'`{choice}`' for choice in typing.get_args(annotation))}."
    return ""


def _model(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model inside an annotation, and whether it is the value of a map."""
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        annotation = next(member for member in typing.get_args(annotation) if member is not types.NoneType)
    is_map = typing.get_origin(annotation) is dict
    if is_map:
        annotation = typing.get_args(annotation)[1]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, is_map
    return None, False
