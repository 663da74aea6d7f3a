"""The planner, as pure functions over values of any shape."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.standins.plan import Rules, observe, observe_configured, plan, settle
from sandbox.standins.schema import Attribute, Block, Nested
from sandbox.standins.wire import UNKNOWN, conform, is_known, sorted_set

TEXT = st.text("xyz", min_size=1, max_size=3)
LIST_OF_TEXT: Any = ["list", "string"]
SET_OF_TEXT: Any = ["set", "string"]

INNER = Block(
    {
        "required": Attribute("string", required=True),
        "defaulted": Attribute("number", optional=True),
        "computed": Attribute("string", computed=True, optional=True),
        "members": Attribute(SET_OF_TEXT, optional=True),
    }
)
BLOCK = Block(
    {
        "id": Attribute("string", computed=True, optional=True),
        "name": Attribute("string", required=True),
        "comment": Attribute("string", optional=True),
        "flag": Attribute("bool", optional=True),
        "members": Attribute(SET_OF_TEXT, optional=True),
        "options": Attribute(["map", "string"], optional=True),
        "stamp": Attribute("string", computed=True),
    },
    {"part": Nested(INNER, "list"), "group": Nested(INNER, "set")},
)
RULES = Rules(defaults={"flag": True, "part.defaulted": 1, "group.defaulted": 2}, replace=frozenset({"name"}))

INNER_CONFIG = st.fixed_dictionaries(
    {
        "required": TEXT | st.just(UNKNOWN),
        "defaulted": st.none() | st.integers(0, 5),
        "computed": st.none() | TEXT,
        "members": st.none() | st.lists(TEXT, max_size=3),
    }
)
CONFIG = st.fixed_dictionaries(
    {
        "id": st.none(),
        "name": TEXT | st.just(UNKNOWN),
        "comment": st.none() | st.text("xyz", max_size=2) | st.just(UNKNOWN),
        "flag": st.none() | st.booleans(),
        "members": st.none() | st.lists(TEXT | st.just(UNKNOWN), max_size=3),
        "options": st.none() | st.dictionaries(TEXT, TEXT | st.just(UNKNOWN), max_size=2),
        "stamp": st.none(),
        "part": st.lists(INNER_CONFIG, max_size=2),
        "group": st.lists(INNER_CONFIG, max_size=2),
    }
).map(lambda value: conform(BLOCK.type, value))

SERVER: dict[str, Any] = {"id": "1", "stamp": "t0"}


def resolved(value: Any) -> Any:
    """A configuration as it is at apply: every unknown has a value."""
    if isinstance(value, dict):
        return {key: resolved(item) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved(item) for item in value]
    return "known now" if value == UNKNOWN else value


KNOWN_CONFIG = CONFIG.map(lambda value: conform(BLOCK.type, resolved(value)))


def created(config: dict[str, Any]) -> dict[str, Any]:
    """The state after a create with an echoing server."""
    planned = plan(BLOCK, RULES, config=config, prior=None).state
    state: dict[str, Any] = conform(BLOCK.type, settle(BLOCK, planned=planned, config=config, answered=SERVER))
    return state


@given(CONFIG)
def test_what_is_configured_is_planned(config: dict[str, Any]) -> None:
    planned = plan(BLOCK, RULES, config=config, prior=None).state
    for name in ("name", "comment", "flag", "members"):
        if config[name] is not None:
            assert planned[name] == config[name]


@given(CONFIG)
def test_a_create_knows_the_defaults_and_not_the_computed(config: dict[str, Any]) -> None:
    planned = plan(BLOCK, RULES, config=config, prior=None).state
    assert planned["id"] == planned["stamp"] == UNKNOWN
    assert config["flag"] is not None or planned["flag"] is True
    for name, default in (("part", 1), ("group", 2)):
        for before, item in zip(config[name], planned[name], strict=True):
            assert item["defaulted"] == (default if before["defaulted"] is None else before["defaulted"])
            assert before["computed"] is not None or item["computed"] == UNKNOWN


@given(CONFIG)
def test_a_map_with_an_unknown_element_is_unknown_as_a_whole(config: dict[str, Any]) -> None:
    planned = plan(BLOCK, RULES, config=config, prior=None).state
    assert (planned["options"] == UNKNOWN) == (not is_known(config["options"]))


@given(KNOWN_CONFIG)
def test_the_state_after_apply_is_known_throughout(config: dict[str, Any]) -> None:
    assert is_known(created(config))


@given(KNOWN_CONFIG.filter(lambda config: not config["group"]))
def test_the_second_plan_is_empty(config: dict[str, Any]) -> None:
    state = created(config)
    again = plan(BLOCK, RULES, config=config, prior=state)
    assert conform(BLOCK.type, again.state) == state
    assert again.replace == ()


@given(KNOWN_CONFIG, KNOWN_CONFIG)
def test_only_a_changed_name_replaces(before: dict[str, Any], after: dict[str, Any]) -> None:
    planned = plan(BLOCK, RULES, config=after, prior=created(before))
    assert planned.replace == (("name",) if before["name"] != after["name"] else ())


@given(KNOWN_CONFIG, KNOWN_CONFIG)
def test_an_update_keeps_what_was_computed(before: dict[str, Any], after: dict[str, Any]) -> None:
    planned = plan(BLOCK, RULES, config=after, prior=created(before)).state
    assert (planned["id"], planned["stamp"]) == ("1", "t0")


@given(KNOWN_CONFIG)
def test_an_unknown_name_replaces(config: dict[str, Any]) -> None:
    planned = plan(BLOCK, RULES, config=config | {"name": UNKNOWN}, prior=created(config))
    assert planned.replace == ("name",)


@given(KNOWN_CONFIG, TEXT)
def test_what_the_server_changed_is_drift_and_is_put_back(config: dict[str, Any], other: str) -> None:
    state = created(config)
    drifted = observe(prior=state, answered={"name": other + "!"})
    planned = plan(BLOCK, RULES, config=config, prior=drifted)
    assert planned.state["name"] == config["name"]
    assert planned.replace == ("name",)


@given(KNOWN_CONFIG)
def test_a_server_cannot_change_what_is_configured_during_apply(config: dict[str, Any]) -> None:
    planned = plan(BLOCK, RULES, config=config, prior=None).state
    state = settle(BLOCK, planned=planned, config=config, answered=SERVER | {"name": "other"})
    assert state["name"] == config["name"]


@given(st.sampled_from(["", None]), st.sampled_from([False, None]), st.sampled_from([[], None]))
def test_unset_and_zero_are_one(comment: Any, flag: Any, members: Any) -> None:
    rules = Rules()
    unset = {"id": None, "name": "n", "options": None, "stamp": None, "part": [], "group": []}
    config = {**unset, "comment": None, "flag": None, "members": None}
    prior = {**unset, "id": "1", "stamp": "t0", "comment": comment, "flag": flag, "members": members}
    assert plan(BLOCK, rules, config=config, prior=prior).state == prior


def test_what_an_import_left_out_is_no_change_when_nothing_but_zeros_is_wanted() -> None:
    rules = Rules(defaults={"flag": False, "part.defaulted": 0}, replace=frozenset({"flag"}))
    config = conform(BLOCK.type, {"name": "n", "part": [{"required": "r"}], "group": []})
    part = {"required": "r", "defaulted": None, "computed": None, "members": None}
    prior = conform(BLOCK.type, {**config, "id": "1", "stamp": "t0", "flag": None, "part": [part]})
    planned = plan(BLOCK, rules, config=config, prior=prior)
    assert (planned.state, planned.replace) == (prior, ())
    renamed = plan(BLOCK, rules, config=config | {"name": "other"}, prior=prior).state
    assert (renamed["flag"], renamed["part"][0]["defaulted"]) == (False, 0)


def test_an_empty_text_that_was_never_set_is_no_change() -> None:
    config = conform(BLOCK.type, {"name": "n", "comment": "", "part": [], "group": []})
    prior = conform(BLOCK.type, {**config, "id": "1", "stamp": "t0", "comment": None, "flag": True})
    assert plan(BLOCK, RULES, config=config, prior=prior).state == prior


def test_what_the_provider_takes_for_the_same_is_no_change() -> None:
    rules = Rules(same={"name": lambda before, after: before.lower() == after.lower()}, replace=frozenset({"name"}))
    config = conform(BLOCK.type, {"name": "NAME", "part": [], "group": []})
    prior = config | {"name": "name", "id": "1", "stamp": "t0"}
    planned = plan(BLOCK, rules, config=config, prior=prior)
    assert (planned.state["name"], planned.replace) == ("name", ())


def test_a_change_can_replace_depending_on_the_values() -> None:
    rules = Rules(
        replace_when=lambda prior, planned: ["comment"] if prior["comment"] and not planned["comment"] else []
    )
    config = conform(BLOCK.type, {"name": "n", "part": [], "group": []})
    prior = config | {"id": "1", "stamp": "t0", "comment": "was here"}
    assert plan(BLOCK, rules, config=config, prior=prior).replace == ("comment",)


def test_most_databricks_resources_keep_to_what_is_configured() -> None:
    prior = conform(BLOCK.type, {"id": "1", "name": "n", "comment": None, "members": ["a"], "stamp": "t0"})
    answered = {"name": "n", "comment": "from the server", "members": [], "stamp": "t1"}
    assert observe(prior=prior, answered=answered) == prior | answered
    assert observe_configured(BLOCK, prior=prior, answered=answered) == prior | {"stamp": "t1"}


def test_a_set_of_texts_is_compared_without_order() -> None:
    assert conform(SET_OF_TEXT, ["b", "a"]) == sorted_set(["a", "b"])
    assert conform(LIST_OF_TEXT, ["b", "a"]) == ["b", "a"]
