"""Where two values of a resource differ."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.drift.findings.values import shown
from checks.drift.plan.difference import UNKNOWN, Leaf, Secret, covers, differences

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab_", min_size=1, max_size=3), inner),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text("abc_", min_size=1, max_size=4), VALUES, max_size=4)


def paths(before: Any, after: Any, **marks: Any) -> list[tuple[str, Any, Any]]:
    return [(leaf.path, leaf.before, leaf.after) for leaf in differences(before, after, **marks)]


def task(key: str, path: str, **more: Any) -> dict[str, Any]:
    return {"task_key": key, "notebook_task": [{"notebook_path": path, "base_parameters": more}]}


def test_blocks_are_told_apart_by_their_keys_and_not_by_their_places() -> None:
    before = {"task": [task("a", "/a"), task("b", "/b", env="x")]}
    after = {"task": [task("b", "/c", env="y", **{"spark.x": "1"}), task("a", "/a")]}
    assert paths(before, after) == [
        ('task["b"].notebook_task.base_parameters.env', "x", "y"),
        ('task["b"].notebook_task.base_parameters["spark.x"]', None, "1"),
        ('task["b"].notebook_task.notebook_path', "/b", "/c"),
    ]


def test_a_block_that_came_or_went_is_one_difference() -> None:
    gone = task("b", "/b")
    assert [leaf.path for leaf in differences({"task": [task("a", "/a"), gone]}, {"task": [task("a", "/a")]})] == [
        'task["b"]'
    ]


def test_a_single_block_is_named_without_a_number_and_several_without_keys_with_one() -> None:
    assert paths({"schedule": [{"pause_status": "PAUSED"}]}, {"schedule": [{"pause_status": "UNPAUSED"}]}) == [
        ("schedule.pause_status", "PAUSED", "UNPAUSED")
    ]
    library = [{"pypi": [{"package": name}]} for name in ("a", "b", "c")]
    assert [leaf.path for leaf in differences({"library": library[:2]}, {"library": [library[2], library[0]]})] == [
        "library[0].pypi.package"
    ]


def test_of_a_list_it_is_told_what_came_and_what_went() -> None:
    (leaf,) = differences({"privileges": ["A", "B", "B"]}, {"privileges": ["B", "C"]})
    assert (leaf.path, leaf.added, leaf.removed) == ("privileges", ("C",), ("A", "B"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"privileges": ["A", "B"]}, {"privileges": ["B", "A"]}),
        ({"task": [task("a", "/a"), task("b", "/b")]}, {"task": [task("b", "/b"), task("a", "/a")]}),
        ({"library": [{"jar": "a"}, {"jar": "b"}]}, {"library": [{"jar": "b"}, {"jar": "a"}]}),
        ({"comment": None}, {"comment": ""}),
        ({"tags": None}, {"tags": {}}),
        ({"email_notifications": [{"on_failure": []}]}, {"email_notifications": []}),
        ({"restrict_pushes": []}, {}),
        ({"disabled": False, "retries": 0}, {"disabled": None}),
    ],
)
def test_another_order_and_another_nothing_are_no_difference(before: Any, after: Any) -> None:
    assert differences(before, after) == ()


def test_the_order_of_what_a_program_is_given_is_one() -> None:
    before = {"spark_python_task": [{"parameters": ["--env", "prod"]}]}
    after = {"spark_python_task": [{"parameters": ["prod", "--env"]}]}
    assert paths(before, after) == [("spark_python_task.parameters", ["--env", "prod"], ["prod", "--env"])]


def scripts(*destinations: str) -> dict[str, Any]:
    cluster = {"init_scripts": [{"workspace": [{"destination": one}]} for one in destinations]}
    return {"job_cluster": [{"job_cluster_key": "c", "new_cluster": [cluster]}]}


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        (scripts("/a.sh", "/b.sh"), scripts("/b.sh", "/a.sh"), 'job_cluster["c"].new_cluster.init_scripts'),
        (
            {"environment": [{"environment_key": "e", "spec": [{"dependencies": ["-i x", "a"]}]}]},
            {"environment": [{"environment_key": "e", "spec": [{"dependencies": ["a", "-i x"]}]}]},
            'environment["e"].spec.dependencies',
        ),
        (
            {"task": [{"task_key": "t", "spark_python_task": [{"parameters": ["", "a"]}]}]},
            {"task": [{"task_key": "t", "spark_python_task": [{"parameters": ["a", ""]}]}]},
            'task["t"].spark_python_task.parameters',
        ),
        ({"spark_jar_task": [{"parameters": ["a", ""]}]}, {"spark_jar_task": [{"parameters": ["a"]}]},
         "spark_jar_task.parameters"),
        ({"dbt_task": [{"commands": [""]}]}, {"dbt_task": [{"commands": []}]}, "dbt_task.commands"),
        ({"task": [task("t", "/t", start="", end="x")]}, {"task": [task("t", "/t", end="x")]},
         'task["t"].notebook_task.base_parameters.start'),
        ({"python_wheel_task": [{"named_parameters": {"a": ""}}]}, {"python_wheel_task": [{"named_parameters": {}}]},
         "python_wheel_task.named_parameters.a"),
        ({"tags": {"owner": ""}}, {"tags": None}, "tags.owner"),
        ({"spark_conf": {"x": "", "y": "1"}}, {"spark_conf": {"y": "1"}}, "spark_conf.x"),
    ],
)  # fmt: skip
def test_what_a_program_or_a_user_is_given_counts_empty_and_in_its_order(before: Any, after: Any, path: str) -> None:
    assert [leaf.path for leaf in differences(before, after)] == [path]
    assert [leaf.path for leaf in differences(after, before)] == [path]


def test_an_empty_parameter_is_told_from_none() -> None:
    (leaf,) = differences({"tags": {"owner": ""}}, {"tags": None})
    assert (shown(leaf.before, str), shown(leaf.after, str)) == ('""', None)


def test_false_and_true_differ_and_are_shown_as_such() -> None:
    assert paths({"enforce_admins": False}, {"enforce_admins": True}) == [("enforce_admins", False, True)]


def test_what_is_marked_or_named_as_secret_is_covered_up() -> None:
    leaves = differences(
        {"value": "old", "plaintext_value": "x", "deep": [{"client_secret": "y"}], "token_url": "a"},
        {"value": "new", "plaintext_value": "z", "deep": [{"client_secret": "w"}], "token_url": "b"},
        before_sensitive={"value": True},
        after_sensitive={"value": True},
    )
    assert {leaf.path: isinstance(leaf.before, Secret) for leaf in leaves} == {
        "value": True,
        "plaintext_value": True,
        "deep.client_secret": True,
        "token_url": False,
    }
    shown = f"{leaves!r} {[(str(leaf.before), str(leaf.after)) for leaf in leaves]}"
    assert not [value for value in ("old", "new", "'x'", "'y'", "'z'", "'w'") if value in shown]


def test_a_secret_that_stays_is_no_difference() -> None:
    assert differences({"value": "x"}, {"value": "x"}, before_sensitive={"value": True}) == ()


def test_what_only_a_deploy_will_tell_is_known_as_such() -> None:
    before, after = {"id": "1", "task": [{"job_id": "1"}]}, {"task": [{}]}
    leaves = differences(before, after, after_unknown={"id": True, "task": [{"job_id": True}]})
    assert [(leaf.path, leaf.names, leaf.unknown) for leaf in leaves] == [
        ("id", ("id",), True),
        ("task.job_id", ("task", "job_id"), True),
    ]
    assert all(leaf.after is UNKNOWN for leaf in leaves)
    assert differences({"tags": ["a"]}, {"tags": ["a"]}, after_unknown={"tags": [False]}) == ()


def test_the_names_of_a_path_leave_keys_out() -> None:
    assert Leaf('task["a.b[0]"].notebook_task.base_parameters["x"]').names == (
        "task", "notebook_task", "base_parameters",
    )  # fmt: skip
    assert Leaf("library[0].pypi").names == ("library", "pypi")


def test_a_path_covers_what_lies_in_it() -> None:
    assert covers("task", 'task["a"].timeout')
    assert covers('task["a"]', 'task["a"]')
    assert not covers("task", "task_key")
    assert not covers("task.timeout", "task")


@given(OBJECTS)
def test_nothing_differs_from_itself(value: dict[str, Any]) -> None:
    assert differences(value, value) == ()


@given(OBJECTS, OBJECTS)
def test_both_ways_differ_in_the_same_places(before: dict[str, Any], after: dict[str, Any]) -> None:
    there = {leaf.path: (leaf.added, leaf.removed) for leaf in differences(before, after)}
    back = {leaf.path: (leaf.removed, leaf.added) for leaf in differences(after, before)}
    assert there == back
