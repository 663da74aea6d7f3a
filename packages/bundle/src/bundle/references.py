"""Stages 9 and 11: ${...} becomes what it names.

References to bundle, workspace and variables are resolved, those to resources stay for Terraform. A reference that is
the whole text keeps the type of what it names. Rules: databricks/cli v0.280.0 libs/dyn/dynvar and
bundle/config/mutator/resolve_variable_references.go.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bundle.diagnostics import StopError
from bundle.draft import Draft
from bundle.limits import DEPTH, REFERENCE_CHAIN, TEXT_CHARACTERS, Tally, weight
from bundle.normalize import REFERENCE, float_text, normalize
from bundle.schema import Type, root_type
from bundle.value import Path, Step, Value, parse_path, path_text
from bundle.variables import undefined_lookups
from bundle.yaml_source import Position

_ROUNDS = 11
_SHOWN = 100  # characters of a text in a message
_TOO_DEEP = (
    f"Variables references are too deep, stopping resolution after {_ROUNDS} rounds. Unresolved variables may remain."
)
_SECTIONS = ("bundle", "workspace", "variables")


@dataclass(slots=True)
class _Use:
    """A text with references, and where it hangs."""

    path: Path
    value: Value
    kind: Type | None
    holder: Value
    step: Step
    through: frozenset[str] = frozenset()


class _Skip(Exception):  # noqa: N818 - control flow, not an error
    """The reference stays in place."""


@dataclass(slots=True)
class _Resolver:
    """One round: looks names up in the configuration as it was when the round began."""

    root: Value
    unknown: frozenset[str]
    in_lookups: bool
    expanded: Tally
    found: dict[str, Value | Exception] = field(default_factory=dict)
    updates: bool = False

    def replace(self, use: _Use) -> Value:
        return self._resolve(use.value, [path_text(use.path)])

    def _resolve(self, value: Value, seen: list[str]) -> Value:
        text: str = value.data
        if len(seen) > REFERENCE_CHAIN.most:
            raise REFERENCE_CHAIN.refusal(f"{seen[0]} names {seen[1]}, which names others in turn")
        references = list(REFERENCE.finditer(text))
        resolved: list[Value | None] = []
        for reference in references:
            name = reference[1]
            if name in seen:
                raise StopError(
                    f"cycle detected in field resolution: {' -> '.join([*seen, name])}",
                    origin=next(iter(value.places), None),
                )
            try:
                resolved.append(self._named(name, [*seen, name], value))
            except _Skip:
                resolved.append(None)
        if len(references) == 1 and references[0][0] == text and resolved[0] is not None:
            self._count(resolved[0], text)
            return Value(resolved[0].copy().data, value.places, value.key_places)
        parts: list[str] = []
        at = 0
        for reference, part in zip(references, resolved, strict=True):
            parts += [text[at : reference.start()], reference[0] if part is None else _as_text(part, value)]
            at = reference.end()
        expanded = "".join([*parts, text[at:]])
        TEXT_CHARACTERS.check(len(expanded), f"{text[:_SHOWN]} becomes a text of {{count}} characters")
        self.expanded.add(weight(expanded), f"{text[:_SHOWN]} becomes too much")
        return Value(expanded, value.places, value.key_places)

    def _count(self, found: Value, name: str) -> None:
        """Counts what a reference is replaced by, before it is copied."""
        if type(found.data) not in (dict, list):
            self.expanded.add(weight(found.data), f"{name[:_SHOWN]} becomes too much")
            return
        for path, inner in found.walk():
            DEPTH.check(len(path), f"{name} holds values that lie {{count}} levels deep")
            self.expanded.add(weight(inner.data), f"{name} holds too much")

    def _named(self, name: str, seen: list[str], use: Value) -> Value:
        known = self.found.get(name)
        if known is None:
            try:
                known = self._look_up(name, use)
                if type(known.data) is str and REFERENCE.search(known.data):
                    known = self._resolve(known, seen)
            except (StopError, _Skip) as error:
                known = error
            self.found[name] = known
        if isinstance(known, Exception):
            raise known
        return known

    def _look_up(self, name: str, use: Value) -> Value:
        path = parse_path(name)
        if path[0] == "var":
            path = ("variables", *path[1:2], "value", *path[2:])
        if path[0] not in _SECTIONS:
            raise _Skip
        origin = next(iter(use.places), None)
        if path[0] == "variables" and len(path) > 1:
            if self.in_lookups and self.root.get("variables", path[1], "lookup") is not None:
                raise StopError("lookup variables cannot contain references to another lookup variables", origin=origin)
            if path[1] in self.unknown and path[2:3] == ("value",):
                raise _Skip
        _check_traversable(self.root, path, origin)
        found = _with_missing(self.root, path)
        if found is None:
            raise StopError(f"reference does not exist: ${{{name}}}", origin=origin)
        self.updates = True
        return found


def _check_traversable(root: Value, path: Path, origin: Position | None) -> None:
    node: Value | None = root
    for index, step in enumerate(path):
        if node is None:
            return
        wanted = "map" if isinstance(step, str) else "sequence"
        if node.kind != wanted:
            where = path_text(path[: index + 1])
            raise StopError(f'expected a {wanted} to index "{where}", found {node.kind}', origin=origin)
        if isinstance(step, int) and step >= len(node.data):
            raise StopError(f'index out of bounds at "{path_text(path[: index + 1])}"', origin=origin)
        node = node.get(step)


def _as_text(part: Value, use: Value) -> str:
    data = part.data
    if type(data) is str:
        return data
    if type(data) in (dict, list):
        raise StopError(
            f"cannot interpolate non-primitive value of type {part.kind} into string",
            origin=next(iter(use.places), None),
        )
    if data is None:
        return "<nil>"
    if type(data) is bool:
        return "true" if data else "false"
    if type(data) is float:
        return _go_float(data)
    return str(part.plain())


def _go_float(number: float) -> str:
    """Go's %v of a float: an exponent below 1e-4 and from 1e21 on."""
    if number and not 1e-4 <= abs(number) < 1e21:
        mantissa, _, exponent = f"{number!r}".partition("e")
        if exponent:
            sign = "-" if exponent.startswith("-") else "+"
            return f"{mantissa.removesuffix('.0')}e{sign}{exponent.lstrip('+-'):0>2}"
    return float_text(number)


_EMPTY = {"string": "", "bool": False, "int": 0, "float": 0.0}


def _with_missing(root: Value, path: Sequence[Step]) -> Value | None:
    """What stands at a path; a field that the type knows and nobody set is empty."""
    node: Value | None = root
    kind: Type | None = root_type()
    for step in path:
        below = node.get(step) if node is not None else None
        kind = kind.at(step) if kind is not None else None
        if below is None and (kind is None or kind.kind == "any" or not isinstance(step, str)):
            return None
        if below is None and kind is not None and kind.kind in ("map", "list") and step != path[-1]:
            return None
        node = below
    if node is not None:
        return _filled(node, kind) if kind is not None and kind.kind == "struct" else node
    assert kind is not None
    return (
        _filled(Value({}), kind)
        if kind.kind == "struct"
        else Value(_EMPTY.get(kind.kind, {} if kind.kind == "map" else []))
    )


def _filled(value: Value, kind: Type) -> Value:
    """A struct with every scalar field that nobody set."""
    if type(value.data) is not dict:
        return value
    filled = value.copy()
    for name, field_kind in kind.fields.items():
        if name not in filled.data and field_kind.kind != "any":
            if field_kind.kind == "struct":
                filled.data[name] = _filled(Value({}), field_kind)
            else:
                empty = _EMPTY.get(field_kind.kind, {} if field_kind.kind == "map" else [])
                filled.data[name] = Value(empty)
    return filled


def resolve_lookups(draft: Draft) -> None:
    """References inside lookups, so that what is to be looked up is known."""
    for name, variable in draft.root.entries("variables").items():
        lookup = variable.get("lookup")
        if lookup is not None:
            _resolve_rounds(draft, lookup, ("variables", name, "lookup"), in_lookups=True)
            if variable.get("value") is None and type(lookup.data) is dict:
                _check_lookup(lookup)
    draft.settle()


def _check_lookup(lookup: Value) -> None:
    named = [value for value in lookup.entries().values() if value.data]
    if len(named) != 1:
        problem = "exactly one lookup field must be provided" if named else "no valid lookup fields provided"
        raise StopError(f"failed to resolve , err: {problem}", origin=next(iter(lookup.places), None))


def resolve_outside_resources(draft: Draft) -> None:
    """References everywhere but in resources."""
    _resolve_rounds(draft, draft.root, (), skip="resources")
    draft.settle()


def resolve_in_resources(draft: Draft) -> None:
    """References in resources."""
    resources = draft.root.get("resources")
    if resources is not None:
        _resolve_rounds(draft, resources, ("resources",))
        draft.settle()


def _resolve_rounds(draft: Draft, top: Value, prefix: Path, *, skip: str = "", in_lookups: bool = False) -> None:
    kind: Type | None = root_type()
    for step in prefix:
        kind = kind.at(step) if kind is not None else None
    unknown = frozenset(undefined_lookups(draft))
    uses = list(_uses(top, kind, prefix, skip))
    told = False
    for number in range(1, _ROUNDS + 1):
        resolver = _Resolver(draft.root, unknown, in_lookups, draft.expanded)
        straight = [use for use in uses if use.through.isdisjoint(_names(use.value))]
        if len(straight) < len(uses) and not told:
            draft.warn(_TOO_DEEP)
            told = True
        uses = straight
        replacements = {id(use): resolver.replace(use) for use in sorted(uses, key=lambda use: path_text(use.path))}
        if not resolver.updates:
            return
        following: list[_Use] = []
        dropped: list[_Use] = []
        for use in uses:
            replacement = replacements[id(use)]
            fitted = normalize(replacement, use.kind, draft.report, use.path) if use.kind else replacement
            if fitted is None:
                dropped.append(use)
                continue
            fitted.key_places = use.value.key_places
            if type(fitted.data) in (dict, list):
                deepest = max(len(path) for path, _ in fitted.walk(use.path))
                DEPTH.check(deepest, f"{path_text(use.path)} holds values that lie {{count}} levels deep")
            use.holder.data[use.step] = fitted
            through = use.through.union(_names(use.value)) if type(fitted.data) in (dict, list) else use.through
            for inner in _uses_at(fitted, use.kind, use.path, use.holder, use.step):
                inner.through = through
                following.append(inner)
        _drop(dropped)
        if draft.report.errors:
            return
        if number == _ROUNDS and not told:
            draft.warn(_TOO_DEEP)
        uses = following


def _names(value: Value) -> set[str]:
    return {found[1] for found in REFERENCE.finditer(value.data)}


def _drop(uses: list[_Use]) -> None:
    """Removes what did not fit, the last elements of a list first."""
    for use in reversed(uses):
        del use.holder.data[use.step]


def _uses(top: Value, kind: Type | None, path: Path, skip: str) -> Iterator[_Use]:
    data = top.data
    if type(data) is dict:
        for key, value in data.items():
            if not path and key == skip:
                continue
            yield from _uses_at(value, kind.at(key) if kind else None, (*path, key), top, key)
    elif type(data) is list:
        for index, value in enumerate(data):
            yield from _uses_at(value, kind.at(index) if kind else None, (*path, index), top, index)


def _uses_at(value: Value, kind: Type | None, path: Path, holder: Value, step: Step) -> Iterator[_Use]:
    if type(value.data) is str:
        if "${" in value.data and REFERENCE.search(value.data):
            yield _Use(path, value, kind, holder, step)
    elif type(value.data) in (dict, list):
        yield from _uses(value, kind, path, "")
