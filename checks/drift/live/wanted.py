"""What a stack asks for: the synthesized JSON with the state's values in place of references."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from checks.drift.plan.difference import UNKNOWN
from checks.drift.plan.document import Plan

_NOT_ATTRIBUTES = frozenset(("connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"))
_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
# What stacks write between `${` and `}`: a string or a number that is its own value, or a reference.
_TEMPLATE = re.compile(
    rf'(?P<escaped>[$%])(?P=escaped)\{{|\$\{{(?:"(?P<text>(?:[^"\\{{]|\\.)*)"|(?P<number>-?[0-9.]+(?:E[-+]?[0-9]+)?)'
    rf"|(?P<address>(?:data\.)?{_NAME}\.{_NAME})(?P<way>(?:\.{_NAME}|\[[0-9]+\])*))\}}"
)
_STEP = re.compile(rf"\.({_NAME})|\[([0-9]+)\]")
_ESCAPES = {"\\r": "\r", "\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\"}


class Wanted:
    """The values of a stack's resources as Terraform would evaluate them, as far as its state knows them."""

    def __init__(self, plan: Plan) -> None:
        self._values = {held.address: held.values for held in plan.held}

    def of(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes of a resource; `UNKNOWN` for what only an apply will tell."""
        return {name: self._evaluated(value) for name, value in body.items() if name not in _NOT_ATTRIBUTES}

    def _evaluated(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {self._text(name): self._evaluated(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._evaluated(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> Any:
        parts: list[Any] = []
        end = 0
        for found in _TEMPLATE.finditer(text):
            parts += [text[end : found.start()], self._part(found)]
            end = found.end()
        parts = [part for part in (*parts, text[end:]) if part != ""]
        if len(parts) == 1 and not isinstance(parts[0], str):
            return parts[0]
        if any(part is UNKNOWN or part is None for part in parts):
            return UNKNOWN
        # As Terraform keeps every string (https://github.com/zclconf/go-cty/blob/main/docs/types.md#primitive-types).
        return unicodedata.normalize("NFC", "".join(map(str, parts)))

    def _part(self, found: re.Match[str]) -> Any:
        if found["escaped"]:
            return f"{found['escaped']}{{"
        if found["text"] is not None:
            return re.sub(r"\\.", lambda escape: _ESCAPES.get(escape[0], escape[0]), found["text"])
        if found["number"]:
            return float(found["number"]) if re.search("[.E]", found["number"]) else int(found["number"])
        value: Any = self._values.get(found["address"])
        for name, index in _STEP.findall(found["way"]):
            try:
                value = value[int(index)] if index else value[name]
            except (IndexError, KeyError, TypeError):
                return UNKNOWN
        return UNKNOWN if value is None else value
