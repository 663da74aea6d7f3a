"""Merging and interpolation against naive references of the written rules, on random inputs."""

import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bundle import Git, Identity, Severity, resolve
from bundle.diagnostics import StopError
from bundle.merge import check_mergeable, merge
from bundle.value import wrap

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3)
KEYS = st.sampled_from("abcd")
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
MISMATCH = object()


def merged_naively(base: Any, other: Any) -> Any:
    """Null gives way, maps merge by key, lists are joined, the later scalar wins if it is of the same kind."""
    if base is None or other is None:
        return other if base is None else base
    if type(base) is not type(other):
        return MISMATCH
    if isinstance(base, dict):
        both = {
            key: merged_naively(base.get(key), other.get(key))
            if key in base and key in other
            else {**base, **other}[key]
            for key in {**base, **other}
        }
        return MISMATCH if any(value is MISMATCH for value in both.values()) else both
    return base + other if isinstance(base, list) else other


@given(TREES, TREES)
@SETTINGS
def test_two_random_trees_merge_as_the_rules_say(base: Any, other: Any) -> None:
    expected = merged_naively(base, other)
    try:
        actual = merge(wrap(base), wrap(other)).plain()
    except StopError:
        actual = MISMATCH
    assert actual == expected or (actual is expected)


@given(TREES, TREES)
@SETTINGS
def test_what_cannot_be_merged_is_known_before_anything_changes(base: Any, other: Any) -> None:
    try:
        check_mergeable(wrap(base), wrap(other))
    except StopError:
        assert merged_naively(base, other) is MISMATCH
    else:
        assert merged_naively(base, other) is not MISMATCH


@given(TREES, TREES, TREES)
@SETTINGS
def test_merging_is_associative_where_it_is_possible(one: Any, two: Any, three: Any) -> None:
    left = merged_naively(merged_naively(one, two), three)
    if MISMATCH not in (left, merged_naively(two, three)) and merged_naively(one, two) is not MISMATCH:
        right = merge(wrap(one), merge(wrap(two), wrap(three))).plain()
        assert right == left


NAMES = [f"v{index}" for index in range(6)]
VALUES = st.one_of(
    st.integers(-9, 9),
    st.booleans(),
    st.text("xyz ", min_size=1, max_size=4).map(lambda text: f"t{text}t"),
    st.sampled_from(NAMES).map(lambda name: f"${{var.{name}}}"),
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).map(lambda two: f"a-${{var.{two[0]}}}-${{var.{two[1]}}}"),
)
REFERENCE = re.compile(r"\$\{var\.(\w+)\}")


class CycleError(Exception):
    pass


def resolved_naively(graph: dict[str, Any], name: str, seen: tuple[str, ...] = ()) -> Any:
    """A text that is one reference takes the value of what it names; in other texts values are written out."""
    if name in seen:
        raise CycleError
    value = graph[name]
    if not isinstance(value, str):
        return value
    whole = REFERENCE.fullmatch(value)
    if whole:
        return resolved_naively(graph, whole[1], (*seen, name))

    def text(found: re.Match[str]) -> str:
        inner = resolved_naively(graph, found[1], (*seen, name))
        return str(inner).lower() if isinstance(inner, bool) else str(inner)

    return REFERENCE.sub(text, value)


@given(graph=st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES)))
@SETTINGS
def test_a_random_graph_of_variables_resolves_or_is_circular(graph: dict[str, Any], tmp_path: Path) -> None:
    document = {"bundle": {"name": "b"}, "variables": {name: {"default": value} for name, value in graph.items()}}
    (tmp_path / "databricks.yml").write_text(yaml.safe_dump(document), encoding="utf-8")
    found = resolve(tmp_path, identity=Identity.user("jane@example.com"), git=Git())
    try:
        expected = {name: resolved_naively(graph, name) for name in NAMES}
    except CycleError:
        messages = [one.summary for one in found.diagnostics if one.severity is Severity.ERROR]
        assert len(messages) == 1
        assert messages[0].startswith("cycle detected in field resolution: variables.v")
    else:
        assert found.ok, found.diagnostics
        assert found.variables == expected
