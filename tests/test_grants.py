"""Every securable that Unity Catalog has is granted on by its own argument."""

import json
from collections.abc import Mapping
from typing import Any

import cdktf
import pytest
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from constructs.catalog_access import ARGUMENTS, CatalogAccess, Securable, UngrantableError

from tests.synthesis import resources
from unity_catalog import GRANTABLE, NAME_PARTS, Privilege, SecurableType

# Typed from the provider: catalog/permissions/permissions.go of terraform-provider-databricks 1.99.0.
EXPECTED = {
    "METASTORE": "metastore",
    "CATALOG": "catalog",
    "SCHEMA": "schema",
    "TABLE": "table",
    "VOLUME": "volume",
    "FUNCTION": "function",
    "MODEL": "model",
}


def granted(monkeypatch: pytest.MonkeyPatch, needed: Mapping[Securable, list[Privilege]]) -> list[dict[str, Any]]:
    """The grants of a stack that needs just these privileges."""
    monkeypatch.setattr("constructs.catalog_access.privileges_needed", lambda **_: needed)
    stack = cdktf.TerraformStack(cdktf.Testing.app(fake_cdktf_json_path=False), "stack")
    workspace = DatabricksProvider(stack, "workspace", host="https://acme-staging.cloud.databricks.com")
    CatalogAccess(
        stack,
        "access",
        workspace=workspace,
        application_id="id",
        schemas=[],
        input_tables=[],
        output_tables=[],
        depends_on=[],
    )
    return resources(json.loads(cdktf.Testing.synth(stack)), "databricks_grant")


def test_a_grant_names_what_it_is_on_by_the_argument_of_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {kind: ".".join(["x"] * NAME_PARTS[kind]) for kind in SecurableType}
    needed = {Securable(kind, name): sorted(GRANTABLE[kind])[:1] for kind, name in names.items()}
    arguments = [
        {key: value for key, value in one.items() if key in EXPECTED.values()} for one in granted(monkeypatch, needed)
    ]
    expected = [{EXPECTED[kind.name]: name} for kind, name in names.items()]
    assert sorted(arguments, key=json.dumps) == sorted(expected, key=json.dumps)


@pytest.mark.parametrize("kind", SecurableType)
def test_a_kind_without_an_argument_is_refused(kind: SecurableType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "constructs.catalog_access.ARGUMENTS", {one: name for one, name in ARGUMENTS.items() if one is not kind}
    )
    with pytest.raises(UngrantableError, match=f"databricks_grant has no argument for a {kind.value}"):
        granted(monkeypatch, {Securable(kind, "x"): [Privilege.MANAGE]})
