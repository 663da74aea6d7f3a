"""Workflows of an ML repository that are not what GitHub takes: looked at without an error, and soon."""

import copy
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from checks.workflows import Workflow
from settings.reading import read

SOUND: dict[str, Any] = {
    "on": {
        "push": {"branches": ["main"]},
        "pull_request": {"branches": ["main"]},
        "pull_request_target": {"types": ["opened"]},
    },
    "env": {"TOKEN": "${{ secrets.TOKEN }}"},
    "jobs": {
        "test": {
            "name": "test ${{ matrix.os }}",
            "strategy": {"matrix": {"os": ["a", "b"]}},
            "steps": [
                {
                    "uses": "actions/checkout@v1",
                    "with": {"ref": "${{ github.event.pull_request.head.sha }}"},
                    "run": "databricks bundle deploy -t prod",
                }
            ],
        },
        "deploy": {"uses": "acme/setup/.github/workflows/bundle.yml@main", "with": {"target": "prod"}},
    },
}
STRANGE: tuple[Any, ...] = (
    None,
    7,
    True,
    "text",
    ["text"],
    [7, None, ["text"]],
    {"key": None},
    {"key": ["text"]},
    [],
    {},
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    data = copy.deepcopy(SOUND)
    *above, last = path
    node: Any = data
    for step in above:
        node = node[step]
    node[last] = value
    return data


def look(data: dict[str, Any]) -> tuple[list[Any], ...]:
    workflow = Workflow(read(yaml.safe_dump(data), file="w.yml"))
    return (
        list(workflow.secrets()),
        list(workflow.reporting("main")),
        list(workflow.unpinned()),
        list(workflow.trusts_strangers()),
        list(workflow.deployments()),
    )


def test_a_sound_one_is_told_in_full() -> None:
    secrets, reported, unpinned, trusting, deployments = look(SOUND)
    assert [name for name, _ in secrets] == ["TOKEN"]
    assert reported == ["test a", "test b"]
    assert len(unpinned) == 2
    assert len(trusting) == 1
    assert [one.target for one in deployments] == ["prod", "prod"]


@pytest.mark.parametrize("path", list(places(SOUND)), ids=lambda path: ".".join(map(str, path)))
def test_whatever_stands_anywhere_is_no_error(path: tuple[Any, ...]) -> None:
    for value in STRANGE:
        look(changed(path, value))


def test_a_matrix_beyond_what_github_runs_names_no_checks() -> None:
    """Ten axes of ten values are more combinations than anybody can wait for."""
    matrix = {f"axis{number}": list(range(10)) for number in range(10)}
    reported = look(changed(("jobs", "test", "strategy", "matrix"), matrix))[1]
    assert reported == []
    most = {"a": list(range(16)), "b": list(range(16))}
    reported = look(changed(("jobs", "test"), {"strategy": {"matrix": most}}))[1]
    assert len(reported) == 256 == len(set(reported))
    assert reported[:2] == [f"test ({one}, {other})" for one, other in itertools.product((0,), (0, 1))]
