"""YAML as go-yaml and the CLI understand it, where PyYAML understands it otherwise."""

import pytest

from bundle.diagnostics import StopError
from bundle.document import load
from bundle.yaml_source import AliasNode, MalformedError, MappingNode, compose_aliased


def plain(text: str) -> object:
    return load(text, file="f.yml").plain()


def test_only_the_first_document_of_a_stream_is_read() -> None:
    assert plain("a: 1\n---\nb: 2\n") == {"a": 1}


def test_an_empty_stream_is_null() -> None:
    assert plain("# nothing\n") is None


def test_an_anchor_may_be_defined_again() -> None:
    assert plain("a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_aliases_and_anchors_are_kept_for_readers_that_want_them() -> None:
    root = compose_aliased("a: &x {b: 1}\nc: *x\n", file="f.yml")
    assert isinstance(root, MappingNode)
    anchored, alias = root.entries[0][1], root.entries[1][1]
    assert isinstance(anchored, MappingNode)
    assert isinstance(alias, AliasNode)
    assert (anchored.anchor, alias.target, alias.position.line) == ("x", anchored, 2)


def test_an_alias_without_anchor_is_malformed() -> None:
    with pytest.raises(MalformedError, match="unknown anchor 'x' referenced"):
        compose_aliased("a: *x\n", file="f.yml")


def test_a_null_key_is_the_word_null() -> None:
    assert plain("null: 1\n") == {"null": 1}


def test_explicit_keys_beat_merged_ones_wherever_they_stand() -> None:
    assert plain("m: &m {a: 1, b: 1}\nx: {a: 2, <<: *m}\n") == {"m": {"a": 1, "b": 1}, "x": {"a": 2, "b": 1}}


def test_the_merge_key_twice_in_one_map_is_an_error() -> None:
    with pytest.raises(StopError, match="merge key << is used twice"):
        plain("m: &m {a: 1}\nx:\n  <<: *m\n  <<: *m\n")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0b11", 3),
        ("+12", 12),
        ("-010", -10),
        ("08", 8.0),
        ("12e03", 12000.0),
        ("685_230.15", 685230.15),
        ("!!str 1", "1"),
        ("!!int '7'", 7),
        ("y", "y"),
        ("Off", "Off"),
        ("~", None),
        ("0x_1", 1),
        ("1_0", 10),
        ("12345678901", 12345678901),
        ("-9223372036854775808", -(1 << 63)),
        ("9223372036854775808.0", float(1 << 63)),
    ],
)
def test_a_plain_scalar_means_what_it_means_to_go(text: str, value: object) -> None:
    found = plain(f"v: {text}\n")
    assert found == {"v": value}
    assert type(found["v"]) is type(value)


def test_an_integer_beyond_64_bits_is_refused_as_the_cli_refuses_it() -> None:
    with pytest.raises(StopError, match=r"yaml \(f.yml:1:4\): invalid int value: 9223372036854775808"):
        plain("v: 9223372036854775808\n")
