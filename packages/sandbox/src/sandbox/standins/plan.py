"""What a change would lead to: pure functions over values, in the manner of Terraform's SDK v2."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sandbox.standins.schema import Attribute, Block, Nested
from sandbox.standins.wire import UNKNOWN, Unknown, Value, is_known

Values = dict[str, Any]
Path = str  # "name", "block.name", "block.*"

T = TypeVar("T")

_EMPTY: tuple[Value, ...] = ("", [], {})
_ZEROS: tuple[Value, ...] = (*_EMPTY, False, 0)


@dataclass(frozen=True, slots=True)
class Rules:
    """What no schema says about a resource's plan.

    A path of two or more names holds wherever the names of a longer one end so: "new_cluster.num_workers" for the
    clusters of a job and of its tasks alike. "aws_attributes.*" is all that such a block has.
    """

    defaults: Mapping[Path, Value] = field(default_factory=dict)
    replace: frozenset[str] = frozenset()  # top-level names whose change makes a new object
    # (prior, configured) -> whether the provider takes them for the same
    same: Mapping[Path, Callable[[Value, Value], bool]] = field(default_factory=dict)
    # what the server may put where nothing is configured without the provider calling it a change
    unset: Mapping[Path, Callable[[Value], bool]] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()  # top-level blocks that the server fills in when there are none
    strict: bool = False  # as the plugin framework plans: unset and empty are two
    # (configured, prior, planned) -> planned: what the provider works out from several attributes
    customize: Callable[[Values, Values | None, Values], Values] = lambda _config, _prior, planned: planned
    # (prior, planned) -> further names that force a replacement
    replace_when: Callable[[Values, Values], Iterable[str]] = lambda _prior, _planned: ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The planned state and the names that force a replacement."""

    state: Values
    replace: tuple[str, ...] = ()


def plan(block: Block, rules: Rules, *, config: Values, prior: Values | None) -> Plan:
    """The state after the change: configured values, else defaults, else what is or will be computed."""
    state = rules.customize(config, prior, _block(block, rules, config, prior, ""))
    if prior is None:
        return Plan(state)
    if not rules.strict and _is_equivalent(prior, state):
        return Plan(prior)
    changed = {name for name in rules.replace if state[name] != prior[name]}
    return Plan(state, tuple(sorted(changed.union(rules.replace_when(prior, state)))))


def settle(block: Block, *, planned: Values, config: Values, answered: Mapping[str, Value]) -> Values:
    """The state after apply: what was configured stays, the rest is what the server answered.

    A server that changes a configured value thereby shows up as drift on the next plan.
    """
    state = {
        name: _settled(planned[name], config[name], answered.get(name))
        if attribute.nested is None
        else _filled(planned[name], answered.get(name))
        for name, attribute in block.attributes.items()
    }
    for name, nested in block.nested.items():
        if nested.nesting == "list" and isinstance(planned[name], list) and config[name]:
            state[name] = _settled_items(nested.block, planned[name], config[name], answered.get(name) or [])
        else:
            value = _settled(planned[name], config[name], answered.get(name))
            state[name] = nested.unset if value is None else value
    return state


def observe(*, prior: Values, answered: Mapping[str, Value]) -> Values:
    """The state after a refresh: what the server answered, and for the rest what was known."""
    return {name: answered.get(name, value) for name, value in prior.items()}


def observe_configured(
    block: Block, *, prior: Values, answered: Mapping[str, Value], computed: frozenset[str] = frozenset()
) -> Values:
    """The state after a refresh as most Databricks resources keep it: what nobody configured is left out.

    An answer is dropped when it is empty, or when the attribute or block is not computed and not in the state
    (tpd/common/reflect_resource.go:692-737).
    """
    state = observe(prior=prior, answered=answered)
    for name, attribute in block.attributes.items():
        unasked = not attribute.computed and prior[name] in (None, *_ZEROS)
        if attribute.optional and (unasked or state[name] is None or state[name] in _EMPTY):
            state[name] = prior[name]
    for name in block.nested:
        if not state[name] or (name not in computed and not prior[name]):
            state[name] = prior[name]
    return state


def _filled(planned: Value, answered: Value) -> Value:
    """What was planned of a nested attribute, with what the server answered wherever that was unknown."""
    if isinstance(planned, Unknown):
        return answered
    if isinstance(planned, dict):
        said = answered if isinstance(answered, dict) else {}
        return {name: _filled(inner, said.get(name)) for name, inner in planned.items()}
    if isinstance(planned, list):
        items = answered if isinstance(answered, list) and len(answered) == len(planned) else [None] * len(planned)
        return [_filled(inner, item) for inner, item in zip(planned, items, strict=True)]
    return planned


def _settled(planned: Value, config: Value, answered: Value) -> Value:
    if isinstance(planned, Unknown) or (_is_unset(config) and answered is not None):
        return answered
    return _without_unknown(planned)


def _settled_items(block: Block, planned: list[Value], config: Value, answered: list[Value]) -> list[Value]:
    """The blocks of a list, each with what the server said of it; one in another place is not taken for it."""
    keys = [name for name, attribute in block.attributes.items() if attribute.required]
    items = []
    for index, item in enumerate(planned):
        said = answered[index] if index < len(answered) else {}
        if any(item[key] != said.get(key) for key in keys):
            said = {}
        items.append(settle(block, planned=item, config=config[index], answered=said))
    return items


def _block(block: Block, rules: Rules, config: Values, prior: Values | None, path: Path) -> Values:
    state: Values = {}
    for name, attribute in block.attributes.items():
        state[name] = _attribute(attribute, rules, config[name], prior, path, name)
    for name, nested in block.nested.items():
        state[name] = _nested(nested, rules, config[name], prior[name] if prior else None, path + name)
    return state


def _attribute(attribute: Attribute, rules: Rules, config: Value, prior: Values | None, path: Path, name: str) -> Value:
    before = None if prior is None else prior[name]
    path += name
    if config is not None:
        if rules.strict:
            return config
        if isinstance(attribute.type, list) and attribute.type[0] == "map" and not is_known(config):
            return UNKNOWN  # SDK v2 knows all of a map or nothing of it
        return before if prior is not None and _is_no_change(rules, path, before, config) else config
    if _is_the_servers(rules, path, before):
        return before
    default = _at(rules.defaults, path)
    if default is not None:
        return default
    if attribute.computed:
        return UNKNOWN if prior is None else before
    # To the SDK unset and zero are one: what was read as "" or false does not have to go.
    return before if not rules.strict and before in _ZEROS else None


def _is_no_change(rules: Rules, path: Path, before: Value, config: Value) -> bool:
    if before is None:
        return config in _EMPTY
    same = _at(rules.same, path)
    return same is not None and is_known(config) and same(before, config)


def _is_the_servers(rules: Rules, path: Path, before: Value) -> bool:
    """Whether what is in the state counts as the server's own, and may stay where nothing is configured."""
    if before is None or before == []:
        return False
    ours = _at(rules.unset, path)
    return ours is not None and ours(before)


def _at(rules: Mapping[Path, T], path: Path) -> T | None:
    """The rule of the longest path that this one ends with."""
    while path not in rules:
        outer, _, rest = path.partition(".")
        if "." not in rest:
            return rules.get(f"{outer}.*") if rest else None
        path = rest
    return rules[path]


def _nested(nested: Nested, rules: Rules, config: Value, prior: Value, path: Path) -> Value:
    if isinstance(config, Unknown):
        return config
    if nested.nesting == "single":
        return None if config is None else _block(nested.block, rules, config, prior, f"{path}.")
    if not config:
        if path in rules.computed:
            return UNKNOWN if prior is None else prior
        if _is_the_servers(rules, path, prior):
            return prior
    before = prior if isinstance(prior, list) and nested.nesting == "list" else []
    items = [
        item
        if isinstance(item, Unknown)
        else _block(nested.block, rules, item, before[i] if i < len(before) else None, f"{path}.")
        for i, item in enumerate(config or [])
    ]
    return prior if prior and _is_no_change(rules, path, prior, items) else items


def _is_equivalent(before: Value, after: Value) -> bool:
    """Whether SDK v2 takes two whole states for the same; to it null and zero are one (hcl2shim/values_equiv.go)."""
    if _is_zero(before) or _is_zero(after):
        return _is_zero(before) and _is_zero(after)
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(_is_equivalent(before[key], after[key]) for key in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_is_equivalent, before, after))
    return bool(before == after)


def _is_zero(value: Value) -> bool:
    return value is None or value in _ZEROS


def _is_unset(value: Value) -> bool:
    return value is None or value == []


def _without_unknown(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _without_unknown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_unknown(item) for item in value if not isinstance(item, Unknown)]
    return None if isinstance(value, Unknown) else value
