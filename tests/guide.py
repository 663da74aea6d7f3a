"""The privileges that the guide asks for, by principal, and the setup that they are held against."""

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied

from tests.synthesis import config

PROJECT_SCHEMA = {"USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE", "CREATE_MODEL", "EXECUTE"}
# Typed from the guide's "Configure Service Principal (SP) permissions" and docs/rights.md, not from the product.
EXPECTED = {
    "taxi-fare-staging-ci": {
        ("catalog", "staging"): {"USE_CATALOG"},
        ("schema", "staging.taxi_fare"): PROJECT_SCHEMA,
        ("catalog", "test"): {"USE_CATALOG"},
        ("schema", "test.taxi_fare"): PROJECT_SCHEMA,
    },
    "taxi-fare-prod-ci": {
        ("catalog", "prod"): {"USE_CATALOG"},
        ("schema", "prod.taxi_fare"): PROJECT_SCHEMA,
        ("catalog", "raw"): {"USE_CATALOG"},
        ("schema", "raw.taxi"): {"USE_SCHEMA"},
        ("table", "raw.taxi.trips"): {"SELECT"},
        ("catalog", "marts"): {"USE_CATALOG"},
        ("schema", "marts.fares"): {"USE_SCHEMA"},
        ("table", "marts.fares.predictions"): {"SELECT", "MODIFY"},
    },
}
SETUP = config(
    environments__prod__input_tables=["raw.taxi.trips"],
    environments__prod__output_tables=["marts.fares.predictions"],
)
HOSTS = {name: section["host"] for name, section in SETUP["environments"].items()}
EVERYTHING = [
    (name.removeprefix("taxi-fare-").removesuffix("-ci"), kind, securable, privilege)
    for name, grants in EXPECTED.items()
    for (kind, securable), privileges in grants.items()
    for privilege in sorted(privileges)
]


def sql(client: WorkspaceClient, statement: str) -> None:
    """Run a statement; a refusal is told in the answer's status, with HTTP 200, as the real service does."""
    warehouse = next(iter(client.warehouses.list())).id
    assert warehouse is not None
    status = client.statement_execution.execute_statement(statement, warehouse_id=warehouse).status
    assert status is not None
    if status.error is not None:
        raise PermissionDenied(status.error.message)
