"""What pydantic finds wrong, in the words of mlops.yaml."""

import difflib
import json
import types
import typing
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from settings.consistency import Disagreement, disagreements
from settings.faults import Fault
from settings.forbidden import forbidden, masked
from settings.model import Config
from settings.problem import CODE
from settings.reading import Path, Source, dotted

T = TypeVar("T")

_WORDS = {
    "string_type": ("text", "write text; a number or a date needs quotes"),
    "int_type": ("a whole number", "write a number without quotes"),
    "int_from_float": ("a whole number", "write a number without a decimal point"),
    "bool_type": ("true or false", "write true or false without quotes"),
    "dict_type": ("a map", "write one `key: value` per line, indented"),
    "model_type": ("a map", "write one `key: value` per line, indented"),
    "tuple_type": ("a list", "write one `- item` per line, or [a, b]"),
}


def check(source: Source) -> tuple[Config | None, list[Fault]]:
    """The file as a model, and every fault that was found; the model is None when the shape itself is wrong."""
    config, faults = validated(source, Config)
    faults += [
        _fault(source, item.path, found=item.found + _beside(source, item), allowed=item.allowed, remedy=item.remedy)
        for item in (*forbidden(source.data), *disagreements(source.data))
    ]
    return config, faults


def validated(source: Source, kind: type[T], *, context: object = None) -> tuple[T | None, list[Fault]]:
    """What a source holds as `kind`, a model or a list of one, and what pydantic finds wrong, None then.

    `context` is what validators are given.
    """
    try:
        # JSON mode: strict about scalars, yet a list is accepted where a tuple is declared.
        return TypeAdapter(kind).validate_json(json.dumps(source.data), strict=True, context=context), []
    except ValidationError as error:
        return None, [_from_pydantic(source, kind, dict(item)) for item in error.errors(include_url=False)]


def _beside(source: Source, item: Disagreement) -> str:
    """The place of the other of two that contradict each other."""
    if item.beside is None:
        return ""
    place = source.position(item.beside)
    return f" ({place.file}:{place.line}:{place.column})"


def _from_pydantic(source: Source, root: Any, error: dict[str, Any]) -> Fault:
    path: Path = tuple(step for step in error["loc"] if step != "[key]")
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if kind == CODE:
        path = (*path, *context["at"])
        found = context["found"] or _shown(_at(source.data, path))
        if "[key]" in error["loc"]:
            found = f"the key {path[-1]}"
        return _fault(source, path, found=found, allowed=context["allowed"], remedy=context["remedy"])
    if kind == "missing":
        missing = _field(root, path)
        meaning = missing.description if missing and missing.description else "a value"
        return _fault(source, path, found="nothing", allowed=meaning, remedy=f"add `{path[-1]}:` here")
    if kind == "extra_forbidden":
        known = _known_keys(root, path[:-1])
        near = difflib.get_close_matches(str(path[-1]), known, n=1)
        remedy = f"write {near[0]}" if near else "remove the key"
        return _fault(source, path, found="a key that does not exist", allowed=", ".join(known), remedy=remedy)
    if kind == "literal_error":
        allowed = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        if path == ("cloud",) and value == "azure":
            allowed += ": on Azure, Databricks gives no on-behalf-of tokens, on which the guide's secrets rest"
        near = difflib.get_close_matches(str(value), allowed.split(", "), n=1)
        return _fault(
            source, path, found=_shown(value), allowed=allowed, remedy=f"write {near[0] if near else 'one of these'}"
        )
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"{context['ge']} or more" if "ge" in context else f"{context['le']} or less"
        return _fault(source, path, found=_shown(value), allowed=bound, remedy=f"write a number of {bound}")
    if kind == "too_short":
        return _fault(source, path, found="an empty map", allowed="at least one entry", remedy="add an environment")
    field = _field(root, path)
    allowed, remedy = _WORDS.get(kind, (str(error["msg"]), "correct the value"))
    if field and field.description:
        allowed = f"{allowed}: {field.description[0].lower()}{field.description[1:].rstrip('.')}"
    if value is None:
        optional = field is not None and not field.is_required()
        remedy = "write a value, or remove the key to get the default" if optional else "write a value"
    return _fault(source, path, found=_shown(value), allowed=allowed, remedy=remedy)


def _fault(source: Source, path: Path, *, found: str, allowed: str, remedy: str) -> Fault:
    """A fault at a path. Whatever somebody wrote may be a credential, in the wrong place or the wrong file."""
    return Fault.at(
        source.position(path),
        masked(dotted(path)),
        found=masked(found),
        allowed=allowed,
        remedy=masked(remedy),
    )


def _at(data: Any, path: Path) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a map" if value else "an empty map"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return json.dumps(value, ensure_ascii=False)


def _section(root: Any, path: Path) -> type[BaseModel] | None:
    """The model that describes the map at `path`, from the model that describes all."""
    current: Any = root
    for step in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            names = {field.alias or name: field for name, field in current.model_fields.items()}
            if step not in names:
                return None
            current = names[str(step)].annotation
        else:
            current = typing.get_args(current)[-1]
        if typing.get_origin(current) in (types.UnionType, typing.Union):
            current = next(member for member in typing.get_args(current) if member is not types.NoneType)
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _known_keys(root: Any, path: Path) -> list[str]:
    section = _section(root, path)
    return [field.alias or name for name, field in section.model_fields.items()] if section else []


def _field(root: Any, path: Path) -> FieldInfo | None:
    section = _section(root, path[:-1])
    if section is None:
        return None
    named = {field.alias or name: field for name, field in section.model_fields.items()}
    return named.get(str(path[-1]))
