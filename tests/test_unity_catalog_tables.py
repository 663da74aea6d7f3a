"""What the app knows of Unity Catalog and what the sandbox does: two tables that test each other."""

import pytest

import unity_catalog as app
from sandbox.databricks.world.unity_catalog import privileges as sandbox


def test_both_know_the_same_privileges_and_kinds_of_securable() -> None:
    assert {one.value for one in app.Privilege} == {one.value for one in sandbox.Privilege}
    assert {one.value for one in app.SecurableType} == {one.value for one in sandbox.SecurableType}


@pytest.mark.parametrize("kind", [one.value for one in app.SecurableType])
def test_both_grant_the_same_on_each_kind(kind: str) -> None:
    granted = {one.value for one in sandbox.grantable(sandbox.SecurableType(kind))}
    assert granted == {one.value for one in app.GRANTABLE[app.SecurableType(kind)]}


@pytest.mark.parametrize("kind", [one.value for one in app.SecurableType])
def test_both_find_the_same_around_each_kind(kind: str) -> None:
    parts = app.NAME_PARTS[app.SecurableType(kind)]
    full_name = ".".join(["main", "sales", "orders"][:parts])
    assert sandbox.name_parts(sandbox.SecurableType(kind)) == parts
    around = sandbox.containers(sandbox.SecurableType(kind), full_name)
    assert [(one.value, name) for one, name in around] == [
        (one.value, name) for one, name in app.containers(app.SecurableType(kind), full_name)
    ]


@pytest.mark.parametrize("written", ["use catalog", " Apply Tag ", "ALL_PRIVILEGES", "select"])
def test_both_spell_privileges_alike(written: str) -> None:
    assert sandbox.normalise(written) == app.normalise(written)
