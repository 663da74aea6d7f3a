"""Plans and states as Terraform's plugin framework makes them, nested attributes among it.

terraform-plugin-framework, internal/fwserver: what is computed and not configured is unknown as soon as anything
differs, unless it is of those that keep what the state has (UseStateForUnknown).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.standins.plan import Values
from sandbox.standins.schema import Attribute, Block
from sandbox.standins.wire import UNKNOWN, Unknown, Value

Attributes = Mapping[str, Attribute]


def planned(block: Callable[[], Block], keeps: frozenset[str]) -> Callable[[Values, Values | None, Values], Values]:
    """The rule for a whole resource; `keeps` names attributes, those of nested ones as "spec.timeseries_key"."""

    def customize(config: Values, prior: Values | None, _planned: Values) -> Values:
        attributes = block().attributes
        proposed = _proposed(attributes, config, prior)
        if prior is not None and proposed == prior:
            return prior
        return _marked(attributes, config, prior, keeps, "")

    return customize


def sent(value: Value) -> Any:
    """A value as the SDK sends it: what is null or unknown is left out, what is zero is not."""
    if isinstance(value, dict):
        return {name: sent(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [sent(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _proposed(attributes: Attributes, config: Values, prior: Values | None) -> Values:
    """What Terraform itself makes of configuration and state, before a provider is asked."""
    return {
        name: _proposed_value(attribute, config.get(name), None if prior is None else prior.get(name))
        for name, attribute in attributes.items()
    }


def _proposed_value(attribute: Attribute, config: Value, prior: Value) -> Value:
    if config is None:
        return prior if attribute.computed else None
    nested = attribute.nested
    if nested is None or isinstance(config, Unknown):
        return config
    if nested.nesting == "single":
        return _proposed(nested.members, config, prior if isinstance(prior, dict) else None)
    before = prior if isinstance(prior, list) else []
    return [
        item
        if isinstance(item, Unknown)
        else _proposed(nested.members, item, before[index] if index < len(before) else None)
        for index, item in enumerate(config)
    ]


def _marked(attributes: Attributes, config: Values, prior: Values | None, keeps: frozenset[str], path: str) -> Values:
    return {
        name: _marked_value(attribute, config.get(name), None if prior is None else prior.get(name), keeps, path + name)
        for name, attribute in attributes.items()
    }


def _marked_value(attribute: Attribute, config: Value, prior: Value, keeps: frozenset[str], path: str) -> Value:
    if config is None:
        if not attribute.computed:
            return None
        return prior if path in keeps and prior is not None else UNKNOWN
    nested = attribute.nested
    if nested is None or isinstance(config, Unknown):
        return config
    if nested.nesting == "single":
        return _marked(nested.members, config, prior if isinstance(prior, dict) else None, keeps, f"{path}.")
    before = prior if isinstance(prior, list) else []
    return [
        item
        if isinstance(item, Unknown)
        else _marked(nested.members, item, before[index] if index < len(before) else None, keeps, f"{path}.")
        for index, item in enumerate(config)
    ]
