"""Values on the wire: what Terraform's encoding does to them, and what it must not do."""

import json
from decimal import Decimal
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.standins.wire import UNKNOWN, Unknown, conform, decode, decode_json, encode, is_known, known, sorted_set

SCALARS = st.sampled_from(["string", "number", "bool"])
TYPES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.tuples(st.sampled_from(["list", "set", "map"]), inner).map(list)
        | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3).map(lambda d: ["object", d])
    ),
    max_leaves=6,
)


def values(type_: Any) -> st.SearchStrategy[Any]:
    """Any value of a type, null and unknown included."""
    special = st.none() | st.just(UNKNOWN)
    if isinstance(type_, str):
        decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25)
        return (
            special
            | {
                "string": st.text(max_size=5),
                "number": st.integers(-(2**80), 2**80) | decimals,
                "bool": st.booleans(),
            }[type_]
        )
    kind, element = type_
    if kind == "object":
        return special | st.fixed_dictionaries({name: values(inner) for name, inner in element.items()})
    if kind == "map":
        return special | st.dictionaries(st.text(max_size=3), values(element), max_size=3)
    return special | st.lists(values(element), max_size=3)


TYPED = TYPES.flatmap(lambda type_: st.tuples(st.just(type_), values(type_)))


@given(TYPED)
def test_a_value_survives_the_wire(typed: tuple[Any, Any]) -> None:
    type_, value = typed
    assert decode(type_, encode(type_, value)) == conform(type_, value)


@given(TYPED)
def test_the_canonical_form_of_a_canonical_form_is_itself(typed: tuple[Any, Any]) -> None:
    type_, value = typed
    assert conform(type_, conform(type_, value)) == conform(type_, value)


@given(TYPED)
def test_the_known_part_has_nothing_unknown(typed: tuple[Any, Any]) -> None:
    assert is_known(known(typed[1]))


@given(st.lists(st.text(max_size=3)), st.randoms())
def test_sets_have_one_order(items: list[str], random: Any) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    assert sorted_set(shuffled) == sorted_set(items)


def test_a_refined_unknown_keeps_its_refinement() -> None:
    refined = msgpack.packb(msgpack.ExtType(12, b"\x81\x01\xc2"))
    assert decode("string", refined) == Unknown(12, b"\x81\x01\xc2")
    assert encode("string", decode("string", refined)) == refined


@pytest.mark.parametrize(
    ("number", "sent"),
    [
        (1, 1),
        (-(2**63), -(2**63)),
        (2**63, str(2**63)),
        (Decimal("0.1"), "0.1"),
        (Decimal("1e20"), str(10**20)),
        (0.5, "0.5"),
    ],
)
def test_numbers_are_sent_so_that_terraform_reads_them_exactly(number: Any, sent: Any) -> None:
    assert msgpack.unpackb(encode("number", number)) == sent


@pytest.mark.parametrize(("received", "number"), [("0.1", Decimal("0.1")), ("100000000000000000000", 10**20), (2.0, 2)])
def test_numbers_arrive_exactly(received: Any, number: Any) -> None:
    assert decode("number", msgpack.packb(received)) == number


def test_attributes_that_the_state_does_not_have_are_null_and_others_are_dropped() -> None:
    stored = json.dumps({"old": 1, "kept": "x"}).encode()
    assert decode_json(["object", {"kept": "string", "new": "bool"}], stored) == {"kept": "x", "new": None}


def test_numbers_given_as_text_and_flags_given_as_text_become_what_they_are() -> None:
    assert conform(["object", {"n": "number", "b": "bool", "s": "string"}], {"n": "77", "b": "true", "s": 5}) == {
        "n": 77,
        "b": True,
        "s": "5",
    }
