"""The SCIM dialect: filters, attribute selection, lists and patches, on plain documents (RFC 7644)."""

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.databricks.world.refusals import InvalidError
from sandbox.source import standard
from sandbox.store import Document

_SOURCE = standard("https://www.rfc-editor.org/rfc/rfc7644")

_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_CONDITION = re.compile(
    r'\s*(?P<attribute>[\w.]+)\s+(?P<operator>eq|ne|co|sw|ew)\s+"(?P<value>(?:[^"\\]|\\.)*)"\s*', re.I
)
_ELEMENT = re.compile(r'(?P<attribute>\w+)\[value\s+eq\s+"(?P<value>[^"]*)"\]', re.I)
_JOINT = re.compile(r"\s+and\s+", re.I)

# The id always, and the application id although the provider does not ask for it (scim/resource_service_principal.go).
_ALWAYS = ("schemas", "id", "applicationId")


def matches(document: Document, expression: str) -> bool:
    """Whether a document meets a filter: conditions joined by `and`, case-insensitive as caseExact is false."""
    position = 0
    while True:
        condition = _CONDITION.match(expression, position)
        if condition is None:
            raise InvalidError(f"The filter cannot be read: {expression}", scim=True, source=_SOURCE)
        if not _meets(document, condition):
            return False
        position = condition.end()
        if position >= len(expression):
            return True
        joint = _JOINT.match(expression, position - 1)
        if joint is None:
            raise InvalidError(f"The filter cannot be read: {expression}", scim=True, source=_SOURCE)
        position = joint.end()


def select(document: Document, query: Mapping[str, str]) -> Document:
    """The attributes that were asked for with `attributes` and `excludedAttributes`."""
    if wanted := _names(query.get("attributes")):
        return {key: value for key, value in document.items() if key in _ALWAYS or key.lower() in wanted}
    excluded = _names(query.get("excludedAttributes"))
    return {key: value for key, value in document.items() if key in _ALWAYS or key.lower() not in excluded}


def listing(documents: Iterable[Document], query: Mapping[str, str]) -> Document:
    """A ListResponse with filter, attribute selection and paging applied."""
    expression = query.get("filter", "")
    found = [document for document in documents if not expression or matches(document, expression)]
    start = max(_number(query, "startIndex", 1), 1)
    count = max(_number(query, "count", len(found)), 0)
    page = [select(document, query) for document in found[start - 1 : start - 1 + count]]
    return {
        "schemas": [_LIST],
        "totalResults": len(found),
        "startIndex": start,
        "itemsPerPage": len(page),
        "Resources": page,
    }


def patched(document: Document, request: Mapping[str, Any]) -> Document:
    """The document after the operations of a PatchOp, in their order."""
    operations = request.get("Operations") or request.get("operations")
    if not isinstance(operations, list) or not operations:
        raise InvalidError("A patch needs Operations.", scim=True, source=_SOURCE)
    result = copy.deepcopy(document)
    for operation in operations:
        verb, path, value = str(operation.get("op", "")).lower(), operation.get("path") or "", operation.get("value")
        if verb not in ("add", "replace", "remove"):
            raise InvalidError(f"Unknown patch operation: {operation.get('op')}", scim=True, source=_SOURCE)
        if element := _ELEMENT.fullmatch(path):
            _remove_element(result, verb, element)
        elif path:
            _apply(result, verb, path, value)
        elif isinstance(value, dict):
            for attribute, content in value.items():
                _apply(result, verb, attribute, content)
        else:
            raise InvalidError("A patch operation needs a path or an object as value.", scim=True, source=_SOURCE)
    return result


def values(attribute: Any) -> list[str]:
    """The `value`s of a multi-valued attribute; empty elements, which the provider sends for "none", are dropped."""
    return [str(element["value"]) for element in attribute or () if isinstance(element, dict) and element.get("value")]


def boolean(value: Any) -> bool:
    """A boolean in any of the forms that clients send; the provider's is [{"value": "false"}]."""
    if isinstance(value, list):
        value = value[0].get("value") if value and isinstance(value[0], dict) else None
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def _meets(document: Document, condition: re.Match[str]) -> bool:
    name = condition["attribute"].lower().partition(".")[0]
    content = next((value for key, value in document.items() if key.lower() == name), None)
    candidates = values(content) if isinstance(content, list) else [] if content is None else [str(content)]
    wanted = condition["value"].replace('\\"', '"').lower()
    held = [candidate.lower() for candidate in candidates]
    match condition["operator"].lower():
        case "eq":
            return wanted in held
        case "ne":
            return wanted not in held
        case "co":
            return any(wanted in candidate for candidate in held)
        case "sw":
            return any(candidate.startswith(wanted) for candidate in held)
        case _:
            return any(candidate.endswith(wanted) for candidate in held)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name) or str(default)
    if not text.lstrip("-").isdigit():
        raise InvalidError(f"{name} must be a number, not {text}.", scim=True, source=_SOURCE)
    return int(text)


def _names(text: str | None) -> set[str]:
    return {name.strip().lower().partition(".")[0] for name in (text or "").split(",") if name.strip()}


def _apply(document: Document, verb: str, path: str, value: Any) -> None:
    attribute = next((key for key in document if key.lower() == path.lower()), path)
    current = document.get(attribute)
    if verb == "remove":
        gone = set(values(value)) if isinstance(value, list) else set()
        if gone and isinstance(current, list):
            document[attribute] = [element for element in current if str(element.get("value")) not in gone]
        else:
            document.pop(attribute, None)
    elif verb == "add" and isinstance(value, list):
        held = list(current) if isinstance(current, list) else []
        document[attribute] = held + [element for element in value if element not in held]
    else:
        document[attribute] = value


def _remove_element(document: Document, verb: str, element: re.Match[str]) -> None:
    if verb != "remove":
        raise InvalidError("Only remove takes a path with a filter.", scim=True, source=_SOURCE)
    attribute = next((key for key in document if key.lower() == element["attribute"].lower()), element["attribute"])
    held = document.get(attribute)
    if isinstance(held, list):
        document[attribute] = [entry for entry in held if str(entry.get("value")) != element["value"]]
