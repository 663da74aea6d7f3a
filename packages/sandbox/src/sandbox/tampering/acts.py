"""The vocabulary of tampering: what somebody does behind Terraform's back, and to which kinds of objects."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.tampering.console import Console, ImpossibleError
from sandbox.tampering.managed import Managed

T = TypeVar("T")

Doing = Callable[[Console, Managed], None]


def _always(_: Managed) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Act:
    """One act: `says` completes the sentence that begins with the object, and `do` asks the services for it.

    `about` are the resource types whose objects it can be done to, `fits` picks among these. With `instead` the
    sentence begins with that, filled in from the object's attributes. What a generated act changes, a plan shows.
    """

    name: str
    says: str
    about: tuple[str, ...]
    do: Doing
    fits: Callable[[Managed], bool] = _always
    instead: str = ""

    @property
    def attribute(self) -> str | None:
        """The attribute that a generated act changes: "<type>.<attribute>" is its name."""
        _, dot, attribute = self.name.partition(".")
        return attribute if dot else None

    def can_be_done_to(self, one: Managed) -> bool:
        """Whether the object is of a kind that the act is about."""
        if one.type not in self.about or not self.fits(one):
            return False
        return self.attribute is None or self.attribute in one.configured

    def sentence(self, one: Managed) -> str:
        """What happens, in words."""
        return f"{self.instead.format_map(one.attributes) if self.instead else one.words} {self.says}"


def generated(kind: str, attribute: str, says: str, do: Doing) -> Act:
    """The act that makes the attribute of an object differ from what Terraform wants."""
    return Act(name=f"{kind}.{attribute}", says=says, about=(kind,), do=do)


def another(candidates: Iterable[T], *not_these: Any) -> T:
    """The first of the candidates that is none of these."""
    for candidate in candidates:
        if candidate not in not_these:
            return candidate
    raise ImpossibleError("no other value is possible")


def by_hand(text: Any) -> str:
    """A text that somebody has changed."""
    return f"{text or ''} (by hand)".strip()
