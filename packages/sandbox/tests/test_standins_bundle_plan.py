"""The rules by which changes to deep blocks are planned and kept."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.standins import schema
from sandbox.standins.databricks.provider import PROVIDER
from sandbox.standins.plan import Rules, observe_configured, plan, settle
from sandbox.standins.schema import Attribute, Block, Nested
from sandbox.standins.wire import UNKNOWN

LEAF = Block({"size": Attribute("number", optional=True), "zone": Attribute("string", optional=True, computed=True)})
ITEM = Block(
    {"key": Attribute("string", required=True), "kind": Attribute("string", optional=True)},
    {"leaf": Nested(LEAF, "list", max_items=1)},
)
BLOCK = Block(
    {"name": Attribute("string", optional=True)},
    {"item": Nested(ITEM, "list"), "owner": Nested(LEAF, "list", max_items=1), "timeouts": Nested(LEAF, "single")},
)


def item(key: str, *leaves: dict[str, Any], kind: str | None = None) -> dict[str, Any]:
    return {"key": key, "kind": kind, "leaf": list(leaves)}


def leaf(size: int | None = None, zone: Any = None) -> dict[str, Any]:
    return {"size": size, "zone": zone}


def value(*items: dict[str, Any], **given: Any) -> dict[str, Any]:
    return BLOCK.empty | {"item": list(items)} | given


def paths(block: Block, path: str = "") -> Iterator[str]:
    """Every attribute and block, by its full path."""
    for name in block.attributes:
        yield path + name
    for name, nested in block.nested.items():
        yield path + name
        yield from paths(nested.block, f"{path}{name}.")


@pytest.mark.parametrize("type_name", PROVIDER.resources)
def test_rules_name_paths_that_exist(type_name: str) -> None:
    block, rules = schema.load("databricks").resources[type_name], PROVIDER.resources[type_name].rules
    known = list(paths(block))
    for rule in (*rules.defaults, *rules.same, *rules.unset, *rules.computed):
        ending = rule.removesuffix("*")
        assert any(f".{path}".find(f".{ending}") >= 0 for path in known), rule
    for rule in rules.computed:
        inside = block
        for part in rule.split("."):
            assert part in inside.nested, rule
            inside = inside.nested[part].block


def test_a_rule_of_two_names_holds_at_any_depth_and_one_of_one_name_at_the_top_only() -> None:
    rules = Rules(defaults={"leaf.size": 3, "name": "n", "key": "never"})
    made = plan(BLOCK, rules, config=value(item("a", leaf())), prior=None).state
    assert (made["name"], made["item"][0]["leaf"][0]["size"]) == ("n", 3)
    assert made["item"][0]["kind"] is None


def test_what_is_the_servers_own_stays_where_nothing_is_configured() -> None:
    rules = Rules(unset={"item.kind": lambda before: before == "usual", "item.leaf": bool})
    prior = value(item("a", leaf(1, "z"), kind="usual"))
    assert plan(BLOCK, rules, config=value(item("a")), prior=prior).state == prior
    changed = plan(BLOCK, rules, config=value(item("a", kind="other")), prior=prior).state
    assert changed["item"] == [item("a", leaf(1, "z"), kind="other")]
    prior = value(item("a", kind="unusual"))
    assert plan(BLOCK, rules, config=value(item("a")), prior=prior).state["item"] == [item("a")]


def test_a_computed_block_is_unknown_first_and_stays_then() -> None:
    rules = Rules(computed=frozenset({"owner"}))
    assert plan(BLOCK, rules, config=value(), prior=None).state["owner"] == UNKNOWN
    prior = value(owner=[leaf(1, "z")])
    assert plan(BLOCK, rules, config=value(name="n"), prior=prior).state["owner"] == [leaf(1, "z")]


def test_what_was_unknown_inside_a_block_is_what_the_server_said_of_that_block() -> None:
    config = value(item("a", leaf(1)), item("b", leaf(2)), timeouts=leaf(5))
    planned = plan(BLOCK, Rules(), config=config, prior=None).state
    assert planned["item"][0]["leaf"][0]["zone"] == UNKNOWN
    answered = {"item": [item("a", leaf(9, "of a")), item("elsewhere", leaf(2, "lost"))]}
    state = settle(BLOCK, planned=planned, config=config, answered=answered)
    assert state["item"] == [item("a", leaf(1, "of a")), item("b", leaf(2))]
    assert state["timeouts"] == leaf(5)


def test_a_refresh_adds_no_block_that_nobody_configured_and_misses_one_that_went() -> None:
    prior = value(item("a"))
    answered = {"item": [], "owner": [leaf(1)]}
    assert observe_configured(BLOCK, prior=prior, answered=answered) == prior
    found = observe_configured(BLOCK, prior=prior, answered=answered, computed=frozenset({"owner"}))
    assert found["owner"] == [leaf(1)]


def test_the_plugin_framework_tells_unset_from_empty() -> None:
    for rules, expected in ((Rules(), ""), (Rules(strict=True), None)):
        prior = value(item("a"), name="")
        assert plan(BLOCK, rules, config=value(item("b")), prior=prior).state["name"] == expected
