"""What the sandbox computes by itself: fields of answers, and what a request gets that does not say otherwise.

A resource declares its rows as `COMPUTED` in the module of its handlers; the ledger lists them, and a test compares
them with what answers really hold beyond what was sent.
"""

from dataclasses import dataclass

from sandbox.source import Source


@dataclass(frozen=True, slots=True)
class Computed:
    """One value. `of` is the resource ("catalog"), `field` its field, `value` what it becomes, in words."""

    of: str
    field: str
    value: str
    source: Source


def computed(of: str, source: Source, **fields: str) -> tuple[Computed, ...]:
    """Rows of a resource that share a source."""
    return tuple(Computed(of, field, value, source) for field, value in fields.items())
