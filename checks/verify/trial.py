"""The guide's roles tried out: a scratch schema, made and removed by an administrator, in which the principal works."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.catalog import PermissionsChange, Privilege
from databricks.sdk.service.sql import StatementState

from checks.check import Check, Finding, Outcome, UncheckableError
from checks.live import Live
from checks.refusals import LoginError, said
from checks.remedies import deploy_environment
from checks.roles import needs
from checks.verify.identity import client_of, who
from settings import EnvironmentSettings
from unity_catalog import SecurableType

_PREFIX = "mlops_verify_"


def trial_checks(live: Live, environment: EnvironmentSettings) -> Iterator[Check]:
    """One for each catalog in which the environment's jobs have a schema to work in."""
    catalogs = dict.fromkeys(catalog.name for catalog in environment.catalogs if catalog.schema is not None)
    for catalog in catalogs:
        yield Check(
            id=f"{environment.name}.trial.{catalog}",
            about=f"in a scratch schema of {catalog}, {environment.principal} makes, fills and reads a table and "
            "registers a model",
            needs=(f"{environment.name}.token",),
            run=partial(_trial, live, environment, catalog),
            remedy=deploy_environment(environment.name),
            docs="proof-afterwards",
        )


def _trial(live: Live, environment: EnvironmentSettings, catalog: str) -> Outcome:
    ci, principal = client_of(live, environment), str(who(live, environment).user_name)
    warehouse = next(iter(ci.warehouses.list()), None)
    if warehouse is None or warehouse.id is None:
        raise UncheckableError("the principal may use no SQL warehouse, and tables are made by SQL")
    # What the roles need in the project's own schema; USE_CATALOG above it is the setup's to have granted.
    wanted = sorted(
        {
            privilege
            for need in needs(environment)
            if need.kind is SecurableType.SCHEMA and need.name.startswith(f"{catalog}.")
            for privilege in need.privileges
        }
    )
    with _scratch(live, environment, catalog, principal, wanted) as schema:
        table = ".".join(f"`{part}`" for part in (*schema.split("."), "trial"))
        model = f"{schema}.trial_model"
        acts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("making a table", lambda: _sql(ci, warehouse.id, f"CREATE TABLE {table} (id INT)")),
            # The name is ours.
            ("writing it", lambda: _sql(ci, warehouse.id, f"INSERT INTO {table} VALUES (1)")),  # noqa: S608
            ("reading it", lambda: _sql(ci, warehouse.id, f"SELECT id FROM {table}")),  # noqa: S608
            (
                "registering a model",
                lambda: ci.registered_models.create(
                    catalog_name=catalog, schema_name=schema.partition(".")[2], name="trial_model"
                ),
            ),
            ("loading it", lambda: ci.registered_models.get(model)),
        )
        for what, act in acts:
            try:
                act()
            except DatabricksError as error:
                return Finding(f"{what} is refused: {said(error)}")
    return "and it was removed again"


@contextmanager
def _scratch(
    live: Live, environment: EnvironmentSettings, catalog: str, principal: str, privileges: list[str]
) -> Iterator[str]:
    """A schema in which the principal has those privileges, gone at the end with all that is in it."""
    name = f"{_PREFIX}{secrets.token_hex(4)}"
    try:
        admin = live.workspace(environment)
        admin.schemas.create(name=name, catalog_name=catalog)
    except (LoginError, DatabricksError) as error:
        raise UncheckableError(f"the caller may make no scratch schema in {catalog}: {said(error)}") from None
    schema = f"{catalog}.{name}"
    try:
        change = PermissionsChange(principal=principal, add=[Privilege(privilege) for privilege in privileges])
        admin.grants.update(SecurableType.SCHEMA, schema, changes=[change])
        yield schema
    finally:
        admin.schemas.delete(schema, force=True)


def _sql(client: WorkspaceClient, warehouse: str | None, statement: str) -> None:
    """Run a statement to its end; the service tells a refusal in the answer's status."""
    answer = client.statement_execution.execute_statement(statement, warehouse_id=str(warehouse), wait_timeout="50s")
    status = answer.status
    if status and status.state is not StatementState.SUCCEEDED:
        words = status.error.message if status.error and status.error.message else str(status.state)
        raise DatabricksError(words)
