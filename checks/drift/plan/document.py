"""A plan's JSON (https://developer.hashicorp.com/terraform/internals/json-format), as far as drift needs it."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

_FORMAT = "1."  # within a major version, additions only
_NOTHING = (("no-op",), ("read",))
_AT_LEAST = 3


class UnreadablePlanError(Exception):
    """What was read is no complete plan; the text is a sentence without a full stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a plan would do to one resource or output, or what happened to it since the last deploy.

    Values may be secrets: they are in no repr. `actions` are Terraform's, such as ("delete", "create").
    """

    address: str
    type: str
    actions: tuple[str, ...]
    reason: str
    imports: bool
    deposed: bool
    before: Any = field(repr=False)
    after: Any = field(repr=False)
    after_unknown: Any = field(repr=False)
    before_sensitive: Any = field(repr=False)
    after_sensitive: Any = field(repr=False)

    @property
    def changes(self) -> bool:
        """Whether an apply would do anything."""
        return self.imports or self.actions not in _NOTHING

    @property
    def deletes(self) -> bool:
        """Whether what is there goes, for good or to be made again."""
        return "delete" in self.actions

    @property
    def replaces(self) -> bool:
        """Whether it goes and is made again."""
        return self.deletes and "create" in self.actions

    @property
    def renews(self) -> bool:
        """Whether there is another object afterwards: what refers to it changes too."""
        return "create" in self.actions


@dataclass(frozen=True, slots=True)
class PriorResource:
    """A resource or a data source that the refreshed state holds."""

    address: str
    type: str
    managed: bool
    values: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Configured:
    """What the configuration says about a resource.

    `references` are the addresses that values refer to, by the path of names that leads to them, such as
    ("task", "run_job_task", "job_id").
    """

    references: Mapping[tuple[str, ...], frozenset[str]]
    depends_on: frozenset[str]
    provider: str

    @property
    def referred(self) -> frozenset[str]:
        """Every resource that it refers to."""
        return frozenset().union(*self.references.values())

    def behind(self, names: tuple[str, ...]) -> frozenset[str]:
        """The resources that decide a value, by the path of names that leads to it."""
        return frozenset().union(
            *(addresses for path, addresses in self.references.items() if path == names[: len(path)])
        )


NOT_CONFIGURED = Configured({}, frozenset(), "")


@dataclass(frozen=True, slots=True)
class Plan:
    """Planned changes of managed resources by address, drift by address, outputs by name, and what belongs to them."""

    planned: Mapping[str, Change]
    deposed: tuple[Change, ...]
    drift: Mapping[str, Change]
    outputs: Mapping[str, Change]
    held: tuple[PriorResource, ...]
    configured: Mapping[str, Configured]

    def configuration(self, address: str) -> Configured:
        """What is configured for an address; of instances, that of their resource."""
        return self.configured.get(address.partition("[")[0], NOT_CONFIGURED)

    @property
    def deployed(self) -> frozenset[str]:
        """The addresses that the state held before anything was looked at."""
        imported = {address for address, change in self.planned.items() if change.imports}
        now = {resource.address for resource in self.held if resource.managed and resource.address not in imported}
        return frozenset(now | self.drift.keys())

    def much_of(self, addresses: AbstractSet[str]) -> bool:
        """Whether that is most of what was deployed, or of what was deployed with one provider configuration.

        A workspace or an owner that is the wrong one concerns one configuration.
        """
        groups: dict[str, set[str]] = {}
        for address in self.deployed:
            groups.setdefault(self.configuration(address).provider, set()).add(address)
        return any(
            len(addresses & scope) >= _AT_LEAST and len(addresses & scope) > len(scope) / 2
            for scope in (self.deployed, *groups.values())
        )


def read_plan(document: Mapping[str, Any]) -> Plan:
    """A plan's JSON; UnreadablePlanError for one that is none, or that Terraform could not finish."""
    version = str(document.get("format_version", ""))
    if not version.startswith(_FORMAT):
        raise UnreadablePlanError(f"this is not a plan of format {_FORMAT}x")
    if document.get("errored") or document.get("complete") is False:
        raise UnreadablePlanError("Terraform did not finish this plan")
    changes = [_change(one) for one in document.get("resource_changes") or () if one.get("mode") == "managed"]
    return Plan(
        planned={change.address: change for change in changes if not change.deposed},
        deposed=tuple(change for change in changes if change.deposed),
        drift={
            change.address: change
            for change in (_change(one) for one in document.get("resource_drift") or () if one["mode"] == "managed")
            if change.changes
        },
        outputs={
            name: _change({"address": name, "type": "", "change": change})
            for name, change in (document.get("output_changes") or {}).items()
        },
        held=tuple(_held((document.get("prior_state") or {}).get("values") or {})),
        configured=_configured((document.get("configuration") or {}).get("root_module") or {}),
    )


def _change(one: Mapping[str, Any]) -> Change:
    change = one["change"]
    return Change(
        address=one["address"],
        type=one["type"],
        actions=tuple(change["actions"]),
        reason=str(one.get("action_reason") or ""),
        imports=bool(change.get("importing")),
        deposed="deposed" in one,
        before=change.get("before"),
        after=change.get("after"),
        after_unknown=change.get("after_unknown"),
        before_sensitive=change.get("before_sensitive"),
        after_sensitive=change.get("after_sensitive"),
    )


def _held(values: Mapping[str, Any]) -> Iterator[PriorResource]:
    for one in (values.get("root_module") or {}).get("resources") or ():
        yield PriorResource(one["address"], one["type"], one["mode"] == "managed", one.get("values") or {})


def _configured(module: Mapping[str, Any]) -> dict[str, Configured]:
    return {
        one["address"]: Configured(
            _gathered(one.get("expressions") or {}),
            frozenset(one.get("depends_on") or ()),
            str(one.get("provider_config_key", "")),
        )
        for one in module.get("resources") or ()
    }


def _gathered(expressions: Mapping[str, Any]) -> dict[tuple[str, ...], frozenset[str]]:
    found: dict[tuple[str, ...], set[str]] = {}
    for path, address in _references((), expressions):
        found.setdefault(path, set()).add(address)
    return {path: frozenset(addresses) for path, addresses in found.items()}


def _references(path: tuple[str, ...], expression: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """The addresses that an expression names; with each, Terraform also lists the attribute that is meant."""
    if isinstance(expression, list):
        for inner in expression:
            yield from _references(path, inner)
    elif isinstance(expression, Mapping):
        for reference in expression.get("references") or ():
            if reference.count(".") == (2 if reference.startswith("data.") else 1):
                yield path, reference
        for name, inner in expression.items():
            if isinstance(inner, list | Mapping) and name not in ("references", "constant_value"):
                yield from _references((*path, name), inner)
