"""What each environment's principal may do, held against the guide as it is written."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied
from databricks.sdk.service.catalog import PermissionsChange, Privilege

from tests.deployments import Deployment, administrator, application_id, deployment_in, enter
from tests.guide import EVERYTHING, EXPECTED, HOSTS, SETUP, sql


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployment_in(tmp_path_factory.mktemp("guide"), SETUP) as deployment:
        deployment.synth()
        for stack in ("staging", "prod"):
            deployment.apply(stack)
        yield deployment


def securables(client: WorkspaceClient) -> Iterator[tuple[str, str]]:
    """Everything in the metastore that privileges can be granted on."""
    metastore = client.metastores.current().metastore_id
    assert metastore is not None
    yield "metastore", metastore
    for catalog in client.catalogs.list():
        assert catalog.name is not None
        yield "catalog", catalog.name
        for schema in client.schemas.list(catalog.name):
            assert schema.name is not None
            yield "schema", f"{catalog.name}.{schema.name}"
            for table in client.tables.list(catalog.name, schema.name):
                assert table.full_name is not None
                yield "table", table.full_name


def granted(client: WorkspaceClient, principal: str) -> dict[tuple[str, str], set[str]]:
    """What a principal has been granted, by securable."""
    found: dict[tuple[str, str], set[str]] = {}
    for kind, name in securables(client):
        answer = client.grants.get(kind, name)
        for assignment in answer.privilege_assignments or []:
            if assignment.principal == principal:
                found[kind, name] = {privilege.value for privilege in assignment.privileges or []}
    return found


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_each_principal_has_what_the_guide_asks_for_and_nothing_else(
    environment: str, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(deployment, monkeypatch)
    client = administrator(deployment, HOSTS[environment])
    name = f"taxi-fare-{environment}-ci"
    assert granted(client, application_id(client, name)) == EXPECTED[name]


PROBE = "probe"  # a table and a model in each project schema that belong to the administrator
TABLE_IN = {
    "staging": "staging.taxi_fare.probe",
    "test": "test.taxi_fare.probe",
    "prod": "prod.taxi_fare.probe",
    "raw": "raw.taxi.trips",
    "marts": "marts.fares.predictions",
}


def use(client: WorkspaceClient, privilege: str, name: str, unique: str) -> None:
    """The one call that needs a privilege on a securable."""
    table = TABLE_IN[name.split(".")[0]]
    match privilege:
        case "USE_CATALOG" | "USE_SCHEMA" | "SELECT":
            client.tables.get(table)
        case "MODIFY":
            sql(client, f"INSERT INTO {table} VALUES (1)")
        case "CREATE_TABLE":
            sql(client, f"CREATE TABLE {name}.made_{unique} (id INT)")
        case "CREATE_MODEL":
            catalog, schema = name.split(".")
            client.registered_models.create(catalog_name=catalog, schema_name=schema, name=f"made_{unique}")
        case "EXECUTE":
            client.registered_models.get(f"{name}.{PROBE}")
        case _:
            raise AssertionError(f"no call is known that needs {privilege}")


@pytest.fixture(scope="module")
def probes(deployment: Deployment) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        enter(deployment, monkeypatch)
        for environment, schema in (("staging", "staging"), ("staging", "test"), ("prod", "prod")):
            client = administrator(deployment, HOSTS[environment])
            sql(client, f"CREATE TABLE {schema}.taxi_fare.{PROBE} (id INT)")
            client.registered_models.create(catalog_name=schema, schema_name="taxi_fare", name=PROBE)


@pytest.mark.parametrize(("environment", "kind", "name", "privilege"), EVERYTHING)
@pytest.mark.usefixtures("probes")
def test_each_privilege_is_needed_and_enough(
    environment: str, kind: str, name: str, privilege: str, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(deployment, monkeypatch)
    admin = administrator(deployment, HOSTS[environment])
    principal = application_id(admin, f"taxi-fare-{environment}-ci")
    token = deployment.secret(f"{environment.upper()}_WORKSPACE_TOKEN")
    ci = WorkspaceClient(host=HOSTS[environment], token=token, auth_type="pat")
    unique = uuid.uuid4().hex[:8]

    taken = PermissionsChange(principal=principal, remove=[Privilege(privilege)])
    admin.grants.update(kind, name, changes=[taken])
    with pytest.raises(PermissionDenied):
        use(ci, privilege, name, unique)
    given = PermissionsChange(principal=principal, add=[Privilege(privilege)])
    admin.grants.update(kind, name, changes=[given])
    use(ci, privilege, name, unique)


def test_the_list_of_privileges_is_that_of_the_synthesized_json(deployment: Deployment) -> None:
    found = []
    for stack in ("staging", "prod"):
        path = deployment.output / "stacks" / stack / "cdk.tf.json"
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for grant in document["resource"]["databricks_grant"].values():
            kind = next(kind for kind in ("catalog", "schema", "table") if kind in grant)
            found += [(stack, kind, grant[kind], privilege) for privilege in grant["privileges"]]
    assert sorted(found) == sorted(EVERYTHING)
