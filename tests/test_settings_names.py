"""Names that would meet another's, or that a service refuses, are told before anything is deployed."""

import json
from pathlib import Path
from typing import Any

import pytest

from settings.faults import FaultsError
from tests.synthesis import config, loaded

LONG = "x" * 101
STATES: dict[str, dict[str, Any]] = {
    "s3": {"bucket": "b", "key": "k", "region": "eu-west-1", "dynamodb_table": "{stack}"},
    "azurerm": {"storage_account_name": "a", "container_name": "c", "key": "k", "snapshot": "{stack}"},
    "gcs": {"bucket": "b", "prefix": "p", "impersonate_service_account": "{stack}"},
    "http": {"address": "https://states.example.com/all", "username": "{stack}"},
}
# What is changed, at which key, and what is said of it.
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a principal named as another's default": (
        {"environments__prod__principal": "taxi-fare-staging-ci"},
        "environments.prod.principal",
        "the display name taxi-fare-staging-ci, which environments.staging uses already",
    ),
    "a default that an earlier environment has taken": (
        {"environments__staging__principal": "taxi-fare-prod-ci"},
        "environments.prod.principal",
        "the display name taxi-fare-prod-ci, which environments.staging uses already",
    ),
    "a secret named as another's default": (
        {"environments__prod__secret": "STAGING_WORKSPACE_TOKEN"},
        "environments.prod.secret",
        "STAGING_WORKSPACE_TOKEN, which environments.staging uses already",
    ),
    **{
        f"a branch as {branch}": ({"environments__prod__branch": branch}, "environments.prod.branch", "refs/heads/")
        for branch in ("refs/heads/release", "refs/remotes/origin/release", "refs/tags/v1")
    },
    **{
        f"a branch as {branch}": (
            {"environments__prod__branch": branch},
            "environments.prod.branch",
            "a Git branch name",
        )
        for branch in ("HEAD", "@", "a.lock/b", "a/.b")
    },
    **{
        f"the catalog {name}": (
            {"environments__staging__catalogs": {name: {}}},
            f"environments.staging.catalogs.{name}",
            "no catalog of Databricks' own",
        )
        for name in ("system", "hive_metastore", "samples", "__databricks_internal", "Hive_Metastore")
    },
    "a target whose catalog would be Databricks' own": (
        {"environments__prod__targets": ["prod", "Samples"]},
        "environments.prod.targets[1]",
        "which is Databricks' own",
    ),
    "an environment whose catalog would be Databricks' own": (
        {"environments__system": {"host": "https://acme-prod.cloud.databricks.com"}},
        "environments.system",
        "which is Databricks' own",
    ),
    **{
        f"the schema {name} as {key}": (
            {"environments__staging__catalogs": {"staging": {key: value}}},
            f"environments.staging.catalogs.staging.{key}{'[0]' * isinstance(value, list)}",
            "information_schema",
        )
        for name in ("information_schema", "Information_Schema")
        for key, value in (("schema", name), ("schemas", [name]))
    },
    "a table that Unity Catalog does not govern": (
        {"environments__staging__input_tables": ["hive_metastore.default.trips"]},
        "environments.staging.input_tables[0]",
        "a table of Unity Catalog",
    ),
    "a table's name that is too long": (
        {"environments__staging__output_tables": [f"staging.taxi_fare.{'x' * 256}"]},
        "environments.staging.output_tables[0]",
        "catalog.schema.table",
    ),
    "a project's name that is too long": ({"project": LONG}, "project", "at most 100 characters"),
    "an environment's name that is too long": (
        {f"environments__{LONG}": {"host": "https://acme-staging.cloud.databricks.com"}},
        f"environments.{LONG}",
        "at most 100 characters",
    ),
    **{
        f"one {kind} state for all stacks": (
            {"state": {"type": kind, "config": found}},
            "state.config",
            "so that no two stacks share a state",
        )
        for kind, found in STATES.items()
    },
}


@pytest.mark.parametrize(("changes", "key", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_name_that_cannot_be_is_refused_where_it_stands(
    changes: dict[str, Any], key: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(FaultsError) as refused:
        loaded(tmp_path, config(**changes))
    found = [fault for fault in refused.value.faults if fault.key == key]
    assert found, json.dumps([fault.key for fault in refused.value.faults])
    assert any(said in str(fault) for fault in found)


@pytest.mark.parametrize("kind", STATES)
def test_a_state_for_each_stack_is_what_is_wanted(kind: str, tmp_path: Path) -> None:
    place = {"s3": "key", "azurerm": "container_name", "gcs": "prefix", "http": "address"}[kind]
    given = {**STATES[kind], place: f"{STATES[kind][place]}/{{stack}}"}
    settings = loaded(tmp_path, config(state={"type": kind, "config": given}))
    names = {str(settings.state.config_of(stack)[place]) for stack in settings.stacks}
    assert len(names) == len(settings.stacks)


def test_a_target_may_have_any_name_where_its_catalog_has_another(tmp_path: Path) -> None:
    changes = {"environments__prod__targets": ["samples"], "environments__prod__catalogs": {"fares": {}}}
    assert loaded(tmp_path, config(**changes)).environments[1].targets == ("samples",)


def test_system_tables_may_be_read(tmp_path: Path) -> None:
    settings = loaded(tmp_path, config(environments__staging__input_tables=["system.billing.usage"]))
    assert settings.environments[0].input_tables == ("system.billing.usage",)
