"""From a row about an attribute to the acts on it."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.tampering.acts import Act, Way, another, name_of
from sandbox.tampering.console import Console, ImpossibleError
from sandbox.tampering.managed import Managed

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The objects of a type as the documents that the service shows, in its own names.

    `read` fetches one. `write` is given the one that was read and the one that it is to become.
    """

    type: str
    read: Callable[[Console, Managed], Document]
    write: Callable[[Console, Managed, Document, Document], None]


@dataclass(frozen=True, slots=True)
class Never:
    """Why something cannot be done to an attribute, or is no act of its own."""

    reason: str


@dataclass(frozen=True, slots=True)
class Another:
    """The first of these values that neither is there nor is what the stack sets."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class More:
    """A further member of a list; `removed` then takes the last one, and never the only one."""

    value: Any


@dataclass(frozen=True, slots=True)
class Instead:
    """What an attribute becomes that the service fills in where nobody configures it, such as an owner."""

    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A row: what is done to an attribute, by Terraform's name for it.

    `path` is where the service's document has it, with dots, where that is not the attribute's own name. `changed` is
    `Another`, or what makes the new value of the old one; None where an act elsewhere changes it. `removed` takes out
    what is there unless it says why not. `added` is the value for an object whose stack sets none, as it is or as
    `Instead`; or `More`, for any. `only_added`: nothing else is done to what hardly any stack sets.
    """

    name: str
    path: str = ""
    changed: Another | Callable[[Any], Any] | Never | None = None
    removed: Never | None = None
    added: Any = None
    only_added: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows about one type."""

    form: Form
    rows: tuple[Attribute, ...]

    def acts(self) -> Iterator[Act]:
        """Every act that the rows allow."""
        for row in self.rows:
            for way, do in self._doings(row):
                if not isinstance(do, Never):
                    yield Act(
                        name=name_of(self.form.type, row.name, way),
                        says=_SAYS[way].format(row.name),
                        about=(self.form.type,),
                        do=do,
                        attribute=row.name,
                        configured=None if isinstance(row.added, More) and way is Way.ADDED else way is not Way.ADDED,
                    )

    def reasons(self) -> Iterator[tuple[str, str]]:
        """The name of each act that there is not, and why."""
        for row in self.rows:
            for way, do in self._doings(row):
                if isinstance(do, Never):
                    yield name_of(self.form.type, row.name, way), do.reason

    def _doings(self, row: Attribute) -> Iterator[tuple[Way, Callable[[Console, Managed], None] | Never]]:
        path = (row.path or row.name).split(".")
        if row.changed is not None:
            yield Way.CHANGED, row.changed if isinstance(row.changed, Never) else self._do(_changed(row, path))
        if not row.only_added:
            yield Way.REMOVED, row.removed or self._do(_removed(path, one_member=isinstance(row.added, More)))
        yield Way.ADDED, row.added if isinstance(row.added, Never) else self._do(_added(path, row.added))

    def _do(self, edit: Callable[[Managed, Document], None]) -> Callable[[Console, Managed], None]:
        def do(console: Console, one: Managed) -> None:
            before = self.form.read(console, one)
            after = copy.deepcopy(before)
            edit(one, after)
            if after == before:
                raise ImpossibleError("it is so already")
            self.form.write(console, one, before, after)

        return do


_SAYS = {
    Way.CHANGED: "has another {}",
    Way.REMOVED: "has lost its {}, or a part of it",
    Way.ADDED: "has got a {} that nobody configured",
}


def acts_of(tables: Iterable[Rows]) -> tuple[Act, ...]:
    """The acts of several types."""
    return tuple(act for table in tables for act in table.acts())


def reasons_of(tables: Iterable[Rows]) -> Mapping[str, str]:
    """Why there is no act of a name."""
    return {name: reason for table in tables for name, reason in table.reasons()}


def changed_names(before: Document, after: Document) -> tuple[Document, list[str]]:
    """What of a document has another value afterwards, and the names that are no longer there."""
    changes = {name: value for name, value in after.items() if value != before.get(name)}
    return changes, [name for name in before if name not in after]


def _holder(document: Document, path: list[str]) -> Document:
    """The part of a document that holds what a path leads to."""
    for name in path[:-1]:
        document = document.setdefault(name, {})
    return document


def _changed(row: Attribute, path: list[str]) -> Callable[[Managed, Document], None]:
    def edit(one: Managed, document: Document) -> None:
        holder = _holder(document, path)
        held = holder.get(path[-1])
        if isinstance(row.changed, Another):
            holder[path[-1]] = another(row.changed.values, held, one.attributes.get(row.name))
        elif not held:
            raise ImpossibleError("there is none")
        elif callable(row.changed):
            holder[path[-1]] = row.changed(held)

    return edit


def _removed(path: list[str], *, one_member: bool) -> Callable[[Managed, Document], None]:
    def edit(_: Managed, document: Document) -> None:
        holder = _holder(document, path)
        if not holder.get(path[-1]):
            raise ImpossibleError("there is none")
        if one_member and isinstance(holder[path[-1]], list):
            if len(holder[path[-1]]) == 1:
                raise ImpossibleError("it is the only one")
            holder[path[-1]].pop()
        else:
            del holder[path[-1]]

    return edit


def _added(path: list[str], value: Any) -> Callable[[Managed, Document], None]:
    def edit(_: Managed, document: Document) -> None:
        holder = _holder(document, path)
        held = holder.get(path[-1])
        if isinstance(value, More):
            holder[path[-1]] = [*(held or ()), value.value]
        elif isinstance(value, Instead):
            holder[path[-1]] = value.value
        elif held:
            raise ImpossibleError("there is one already")
        else:
            holder[path[-1]] = value

    return edit
