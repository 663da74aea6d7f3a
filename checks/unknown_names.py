"""What is said of a name that nothing has: what it may have been meant to be, and what there is."""

import difflib
from collections.abc import Collection

_MANY = 20


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """A sentence without its full stop; of many known names, only those that are close are told.

    >>> unknown("stack", "prdo", ["repository", "staging", "prod"])
    'There is no stack prdo (did you mean prod?); there are repository, staging, prod'
    """
    near = difflib.get_close_matches(name, known, n=3)
    meant = f" (did you mean {' or '.join(near)}?)" if near else ""
    there = f"; there are {', '.join(known)}" if known and len(known) <= _MANY else ""
    return f"There is no {kind} {name}{meant}{there}"
