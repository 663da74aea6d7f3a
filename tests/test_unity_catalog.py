"""The names of Unity Catalog agree with Databricks' own SDK and with the guide."""

import pytest
from databricks.sdk.service import catalog

import unity_catalog
from unity_catalog import GRANTABLE, NAME_PARTS, PARENT, Privilege, SecurableType

# The service returns it, the SDK does not know it (databricks-sdk-py issue 1022).
UNKNOWN_TO_THE_SDK = {"CREATE_MODEL_VERSION"}


def test_every_privilege_is_one_that_the_sdk_knows() -> None:
    assert {str(privilege) for privilege in Privilege} - {p.value for p in catalog.Privilege} == UNKNOWN_TO_THE_SDK


def test_every_privilege_can_be_granted_somewhere() -> None:
    assert [one for one in Privilege if not any(unity_catalog.is_grantable(one, kind) for kind in SecurableType)] == []


def test_every_kind_has_a_parent_a_name_and_privileges() -> None:
    assert set(PARENT) == set(NAME_PARTS) == set(GRANTABLE) == set(SecurableType)


@pytest.mark.parametrize("kind", SecurableType)
def test_what_an_object_accepts_its_containers_accept_too(kind: SecurableType) -> None:
    parent = PARENT[kind]
    if parent not in (None, SecurableType.METASTORE):
        assert GRANTABLE[kind] <= GRANTABLE[parent]


@pytest.mark.parametrize(
    ("privilege", "kinds"),
    [
        ("USE_CATALOG", ["catalog"]),
        ("USE_SCHEMA", ["catalog", "schema"]),
        ("SELECT", ["catalog", "schema", "table"]),
        ("MODIFY", ["catalog", "schema", "table"]),
        ("CREATE_TABLE", ["catalog", "schema"]),
        ("CREATE_MODEL", ["catalog", "schema"]),
        ("EXECUTE", ["catalog", "schema", "function", "model"]),
        ("CREATE_SCHEMA", ["catalog"]),
        ("CREATE_CATALOG", ["metastore"]),
        ("USAGE", []),
        ("FROBNICATE", []),
    ],
)
def test_a_privilege_is_granted_where_the_guide_grants_it(privilege: str, kinds: list[str]) -> None:
    assert [str(kind) for kind in SecurableType if unity_catalog.is_grantable(privilege, kind)] == kinds


@pytest.mark.parametrize("written", ["use catalog", "USE CATALOG", "Use_Catalog", " use_catalog "])
def test_spellings_of_a_privilege_normalise_to_the_one_of_the_api(written: str) -> None:
    assert unity_catalog.normalise(written) == Privilege.USE_CATALOG


def test_containers_are_listed_from_the_outside_in() -> None:
    assert unity_catalog.containers(SecurableType.TABLE, "main.sales.orders") == (
        (SecurableType.CATALOG, "main"),
        (SecurableType.SCHEMA, "main.sales"),
    )
    assert unity_catalog.containers(SecurableType.SCHEMA, "main.sales") == ((SecurableType.CATALOG, "main"),)
    assert unity_catalog.containers(SecurableType.CATALOG, "main") == ()
    assert unity_catalog.containers(SecurableType.METASTORE, "anything") == ()
