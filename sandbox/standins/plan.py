"""What a change would lead to: pure functions over values, in the manner of Terraform's SDK v2."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.standins.schema import Attribute, Block, Nested
from sandbox.standins.wire import UNKNOWN, Unknown, Value, is_known

Values = dict[str, Any]
Path = str  # "name" or "block.name"


@dataclass(frozen=True, slots=True)
class Rules:
    """What no schema says about a resource's plan."""

    defaults: Mapping[Path, Value] = field(default_factory=dict)
    replace: frozenset[str] = frozenset()  # top-level names whose change makes a new object
    same: Mapping[Path, Callable[[Value, Value], bool]] = field(
        default_factory=dict
    )  # (prior, configured) is no change


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
    changed = (name for name in sorted(rules.replace) if state[name] != prior[name])
    return Plan(state, tuple(changed))


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
    """The state after a refresh as the Databricks provider keeps it: what nobody configured is left out.

    Optional attributes that are not in the state are dropped, and an empty answer does not overwrite one that is
    (tpd/common/reflect_resource.go:705-712).
    """
    state = observe(prior=prior, answered=answered)
    for name, attribute in block.attributes.items():
        if attribute.optional and not attribute.computed and (_is_unset(prior[name]) or state[name] in ("", [], {})):
            state[name] = prior[name]
    return state


def _block(block: Block, rules: Rules, config: Values, prior: Values | None, path: Path) -> Values:
    state: Values = {}
    for name, attribute in block.attributes.items():
        state[name] = _attribute(attribute, rules, config[name], prior, path, name)
    for name, nested in block.nested.items():
        state[name] = _nested(nested, rules, config[name], prior[name] if prior else None, f"{path}{name}.")
    return state


def _attribute(attribute: Attribute, rules: Rules, config: Value, prior: Values | None, path: Path, name: str) -> Value:
    if config is not None:
        if isinstance(attribute.type, list) and attribute.type[0] == "map" and not is_known(config):
            return UNKNOWN  # SDK v2 knows all of a map or nothing of it
        same = rules.same.get(path + name)
        if same and prior is not None and is_known(config) and prior[name] is not None and same(prior[name], config):
            return prior[name]
        return config
    if path + name in rules.defaults:
        return rules.defaults[path + name]
    if attribute.computed:
        return UNKNOWN if prior is None else prior[name]
    return None


def _nested(nested: Nested, rules: Rules, config: Value, prior: Value, path: Path) -> Value:
    if isinstance(config, Unknown):
        return config
    before = prior if isinstance(prior, list) and nested.nesting == "list" else []
    return [
        item
        if isinstance(item, Unknown)
        else _block(nested.block, rules, item, before[i] if i < len(before) else None, path)
        for i, item in enumerate(config or [])
    ]


def _is_unset(value: Value) -> bool:
    return value is None or value == []


def _without_unknown(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _without_unknown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_unknown(item) for item in value if not isinstance(item, Unknown)]
    return None if isinstance(value, Unknown) else value
