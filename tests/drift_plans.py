"""The captured plans of tests/plans, as tests read and alter them."""

import json
from typing import Any

from tests.plan_capture import PLANS


def plan_of(case: str) -> dict[str, Any]:
    """A captured plan; each call gives one of its own."""
    document: dict[str, Any] = json.loads((PLANS / f"{case}.json").read_text(encoding="utf-8"))
    return document


def changed(document: dict[str, Any], address: str) -> dict[str, Any]:
    """The planned change of an address, to be altered."""
    found: dict[str, Any] = next(one for one in document["resource_changes"] if one["address"] == address)
    return found
