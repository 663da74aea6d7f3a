"""What a change would lead to: pure functions over values, in the manner of Terraform's SDK v2."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.standins.schema import Attribute, Block, Nested
from sandbox.standins.wire import UNKNOWN, Unknown, Value, is_known

Values = dict[str, Any]
Path = str  # "name" or "block.name"

_EMPTY: tuple[Value, ...] = ("", [], {})
_ZEROS: tuple[Value, ...] = (*_EMPTY, False, 0)


@dataclass(frozen=True, slots=True)
class Rules:
    """What no schema says about a resource's plan."""

    defaults: Mapping[Path, Value] = field(default_factory=dict)
    replace: frozenset[str] = frozenset()  # top-level names whose change makes a new object
    # (prior, configured) -> whether the provider takes them for the same
    same: Mapping[Path, Callable[[Value, Value], bool]] = field(default_factory=dict)
    # (prior, planned) -> further names that force a replacement
    replace_when: Callable[[Values, Values], Iterable[str]] = lambda _prior, _planned: ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The planned state and the names that force a replacement."""

    state: Values
    replace: tuple[str, ...] = ()


def plan(block: Block, rules: Rules, *, config: Values, prior: Values | None) -> Plan:
    """The state after the change: configured values, else defaults, else what is or will be computed."""
    state = _block(block, rules, config, prior, "")
    if prior is None:
        return Plan(state)
    if _is_equivalent(prior, state):
        return Plan(prior)
    changed = {name for name in rules.replace if state[name] != prior[name]}
    return Plan(state, tuple(sorted(changed.union(rules.replace_when(prior, state)))))


def settle(block: Block, *, planned: Values, config: Values, answered: Mapping[str, Value]) -> Values:
    """The state after apply: what was configured stays, the rest is what the server answered.

    A server that changes a configured value thereby shows up as drift on the next plan.
    """
    state: Values = {}
    for name in (*block.attributes, *block.nested):
        value = planned[name]
        if isinstance(value, Unknown) or (_is_unset(config[name]) and answered.get(name) is not None):
            value = answered.get(name)
        state[name] = _without_unknown(value)
    return state


def observe(*, prior: Values, answered: Mapping[str, Value]) -> Values:
    """The state after a refresh: what the server answered, and for the rest what was known."""
    return {name: answered.get(name, value) for name, value in prior.items()}


def observe_configured(block: Block, *, prior: Values, answered: Mapping[str, Value]) -> Values:
    """The state after a refresh as most Databricks resources keep it: what nobody configured is left out.

    An answer is dropped when it is empty, or when the attribute is not computed and not in the state
    (tpd/common/reflect_resource.go:692-737).
    """
    state = observe(prior=prior, answered=answered)
    for name, attribute in block.attributes.items():
        unasked = not attribute.computed and prior[name] in (None, *_ZEROS)
        if attribute.optional and (unasked or state[name] is None or state[name] in _EMPTY):
            state[name] = prior[name]
    return state


def _block(block: Block, rules: Rules, config: Values, prior: Values | None, path: Path) -> Values:
    state: Values = {}
    for name, attribute in block.attributes.items():
        state[name] = _attribute(attribute, rules, config[name], prior, path, name)
    for name, nested in block.nested.items():
        state[name] = _nested(nested, rules, config[name], prior[name] if prior else None, path + name)
    return state


def _attribute(attribute: Attribute, rules: Rules, config: Value, prior: Values | None, path: Path, name: str) -> Value:
    before = None if prior is None else prior[name]
    if config is not None:
        if isinstance(attribute.type, list) and attribute.type[0] == "map" and not is_known(config):
            return UNKNOWN  # SDK v2 knows all of a map or nothing of it
        return before if prior is not None and _is_no_change(rules, path + name, before, config) else config
    if path + name in rules.defaults:
        return rules.defaults[path + name]
    if attribute.computed:
        return UNKNOWN if prior is None else before
    # To the SDK unset and zero are one: what was read as "" or false does not have to go.
    return before if before in _ZEROS else None


def _is_no_change(rules: Rules, path: Path, before: Value, config: Value) -> bool:
    if before is None:
        return config in _EMPTY
    same = rules.same.get(path)
    return same is not None and is_known(config) and same(before, config)


def _nested(nested: Nested, rules: Rules, config: Value, prior: Value, path: Path) -> Value:
    if isinstance(config, Unknown):
        return config
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
    return before == after


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
