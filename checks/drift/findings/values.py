"""Values as they are shown: short, without secrets, with names in place of ids."""

import json
from typing import Any

from checks.drift.findings.finding import Difference
from checks.drift.findings.wording import Names
from checks.drift.plan.difference import UNKNOWN, Leaf, Secret, settled
from settings.forbidden import masked

_LONGEST = 160


def difference(leaf: Leaf, names: Names, *, outside: bool = False) -> Difference:
    """A difference as it is reported.

    `leaf` leads from what is there to what is wanted. Of a list, what happened is told: `outside` says that it has
    happened already, so that what is wanted and not there was removed.
    """
    path = masked(_renamed(leaf.path, names))
    secret = isinstance(leaf.before, Secret) or isinstance(leaf.after, Secret)
    if secret:
        return Difference(attribute=path, secret=True)
    added, removed = (leaf.removed, leaf.added) if outside else (leaf.added, leaf.removed)
    if added or removed:
        return Difference(
            attribute=path,
            added=tuple(shown(item, names) or "nothing" for item in added),
            removed=tuple(shown(item, names) or "nothing" for item in removed),
        )
    return Difference(attribute=path, before=shown(leaf.before, names), after=shown(leaf.after, names))


def shown(value: Any, names: Names) -> str | None:
    """One value as text; None for nothing."""
    if value is UNKNOWN:
        return str(UNKNOWN)
    if value == "":
        # Where an empty text is left to compare, it is a value: an argument, or a parameter.
        return '""'
    value = settled(value)
    if value is None:
        return None
    text = names(value) if isinstance(value, str) else json.dumps(_short(value), ensure_ascii=False, default=str)
    text = masked(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."


def _short(value: Any) -> Any:
    """A block without what says nothing: false and 0."""
    if isinstance(value, dict):
        return {name: _short(inner) for name, inner in value.items() if inner not in (False, 0)}
    return [_short(item) for item in value] if isinstance(value, list) else value


def _renamed(path: str, names: Names) -> str:
    """A path whose keys are ids, with names instead."""
    for identity, name in names.known.items():
        path = path.replace(f'["{identity}"]', f'["{name}"]')
    return path
