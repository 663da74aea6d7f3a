"""The vocabulary of tampering: what somebody does behind Terraform's back, and to which kinds of objects."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from sandbox.tampering.console import Console, ImpossibleError
from sandbox.tampering.managed import Managed

T = TypeVar("T")

Doing = Callable[[Console, Managed], None]


def _always(_: Managed) -> bool:
    return True


class Way(StrEnum):
    """What is done to an attribute. One is changed or removed where a stack sets it, and added where none does."""

    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"


def name_of(kind: str, attribute: str, way: Way) -> str:
    """What the act is called: `<type>.<attribute>` changes it, with `.removed` and `.added` for the others."""
    return f"{kind}.{attribute}" if way is Way.CHANGED else f"{kind}.{attribute}.{way}"


@dataclass(frozen=True, slots=True)
class Act:
    """One act: `says` completes the sentence that begins with the object, and `do` asks the services for it.

    `about` are the resource types whose objects it can be done to, `fits` picks among these. With `instead` the
    sentence begins with that, filled in from the object's attributes. An act on one attribute names it, and whether the
    object's stack has to set it (`True`), must not (`False`), or may (`None`).
    """

    name: str
    says: str
    about: tuple[str, ...]
    do: Doing
    fits: Callable[[Managed], bool] = _always
    instead: str = ""
    attribute: str = ""
    configured: bool | None = None

    def can_be_done_to(self, one: Managed) -> bool:
        """Whether the object is of a kind that the act is about."""
        if one.type not in self.about or not self.fits(one):
            return False
        return self.configured is None or self.configured is (self.attribute in one.configured)

    def sentence(self, one: Managed) -> str:
        """What happens, in words."""
        return f"{self.instead.format_map(one.attributes) if self.instead else one.words} {self.says}"


def generated(kind: str, attribute: str, says: str, do: Doing) -> Act:
    """The act that gives the attribute of an object another value than Terraform wants."""
    return on_attribute(kind, attribute, Way.CHANGED, says, do)


def on_attribute(kind: str, attribute: str, way: Way, says: str, do: Doing, *, configured: bool | None = True) -> Act:
    """An act on one attribute of the objects of a type."""
    name = name_of(kind, attribute, way)
    return Act(name=name, says=says, about=(kind,), do=do, attribute=attribute, configured=configured)


def another(candidates: Iterable[T], *not_these: Any) -> T:
    """The first of the candidates that is none of these."""
    for candidate in candidates:
        if candidate not in not_these:
            return candidate
    raise ImpossibleError("no other value is possible")


def by_hand(text: Any) -> str:
    """A text that somebody has changed."""
    return f"{text or ''} (by hand)".strip()
