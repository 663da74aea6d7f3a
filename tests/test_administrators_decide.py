"""What databricks.yml cannot do: lead credentials to a host, or get privileges on catalogs and schemas."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml as yaml_reader
from click.testing import CliRunner

from checks.cli import main
from deployed_kinds import KINDS
from settings import Settings, load, undeclared
from settings.clouds import CLOUDS, is_account_host, is_workspace_host
from settings.faults import FaultsError
from tests.ml_project import ASSETS, BUNDLE, write_project
from tests.synthesis import resources, synthesize

STAGING, PROD = "https://acme-staging.cloud.databricks.com", "https://acme-prod.cloud.databricks.com"
TARGETS = f"""\
bundle: {{name: fares}}
include: [assets/*.yml]
targets:
  staging: {{workspace: {{host: "{STAGING}"}}}}
  test: {{workspace: {{host: "{STAGING}"}}}}
  prod: {{workspace: {{host: "{PROD}"}}}}
"""
YAML = f"""\
project: taxi-fare
account: {{id: 3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11}}
github: {{owner: acme, repository: taxi-fare}}
ml_project: {{path: ml}}
environments:
  staging:
    host: {STAGING}
    targets: [staging, test]
  prod:
    host: {PROD}
    branch: release
"""


def project(folder: Path, resources_of_staging: str = "", *, yaml: str = YAML, bundle: str = TARGETS) -> Path:
    files = {"databricks.yml": bundle}
    if resources_of_staging:
        files["assets/evil.yml"] = f"targets: {{staging: {{resources: {{{resources_of_staging}}}}}}}\n"
    write_project(folder, files, only=True)
    (folder / "mlops.yaml").write_text(yaml, encoding="utf-8")
    return folder


def told(folder: Path, **environ: str) -> str:
    with pytest.raises(FaultsError) as caught:
        load(folder=folder, environ=environ)
    return str(caught.value)


def granted(settings: Settings) -> list[tuple[str, str | None]]:
    return [(catalog.name, catalog.schema) for one in settings.environments for catalog in one.catalogs]


OF_PROD = """\
ml/assets/evil.yml:1:{column}: resources.{path}
  found    catalog {name}, which belongs to environment prod (mlops.yaml:9:3)
  allowed  the catalogs of environment staging (mlops.yaml:6:3): staging, test
  to do    move it to one of these. Only an administrator opens a catalog of prod to staging, with `catalogs: {{staging: {{}}, test: {{}}, prod: {{shared_with: [prod]}}}}` in environments.staging

1 fault; nothing was changed."""

SCHEMA = "schemas: {s: {catalog_name: staging, name: y}}"
# What a target of staging may declare to get at production's catalog: resources; the place that is refused, the name.
INTO_PROD: Mapping[str, tuple[str, str, str]] = {
    "a_volume": ("volumes: {x: {catalog_name: prod, schema_name: taxi_fare, name: x}}", "volumes.x.catalog_name", "prod"),
    "in_capitals": ("volumes: {x: {catalog_name: PROD, schema_name: s, name: x}}", "volumes.x.catalog_name", "PROD"),
    "a_schema": ("schemas: {x: {catalog_name: prod, name: y}}", "schemas.x.catalog_name", "prod"),
    "a_schema_with_grants": (
        "schemas: {x: {catalog_name: Prod, name: y, grants: [{principal: users, privileges: [SELECT]}]}}",
        "schemas.x.catalog_name",
        "Prod",
    ),
    "a_model": ("registered_models: {x: {catalog_name: prod, schema_name: s, name: x}}", "registered_models.x.catalog_name", "prod"),
    "a_pipeline": ("pipelines: {x: {name: p, catalog: prod}}", "pipelines.x.catalog", "prod"),
    "a_pipeline_with_schema": ("pipelines: {x: {name: p, catalog: prod, schema: s}}", "pipelines.x.catalog", "prod"),
    "a_pipeline_with_target": ("pipelines: {x: {name: p, catalog: prod, target: s}}", "pipelines.x.catalog", "prod"),
    "an_event_log": (
        "pipelines: {x: {name: p, catalog: staging, event_log: {catalog: prod, schema: s, name: l}}}",
        "pipelines.x.event_log.catalog",
        "prod",
    ),
    "an_ingestion": (
        "pipelines: {x: {name: p, catalog: staging, ingestion_definition: {connection_name: c, objects: "
        "[{schema: {source_schema: s, destination_catalog: prod, destination_schema: s}}]}}}",
        "pipelines.x.ingestion_definition.objects[0].schema.destination_catalog",
        "prod",
    ),
    "a_monitor_s_output": (
        "quality_monitors: {x: {table_name: staging.taxi_fare.t, output_schema_name: prod.s, assets_dir: /x}}",
        "quality_monitors.x.output_schema_name",
        "prod",
    ),
    "a_monitored_table": (
        "quality_monitors: {x: {table_name: prod.s.t, output_schema_name: staging.taxi_fare, assets_dir: /x}}",
        "quality_monitors.x.table_name",
        "prod",
    ),
    "a_synced_table": (
        "synced_database_tables: {x: {name: prod.s.t, database_instance_name: i, logical_database_name: d}}",
        "synced_database_tables.x.name",
        "prod",
    ),
    "a_dbt_task": (
        "jobs: {x: {name: j, tasks: [{task_key: t, existing_cluster_id: c, dbt_task: {commands: [dbt run], catalog: prod, schema: s, "
        "project_directory: /x, source: WORKSPACE}}]}}",
        "jobs.x.tasks[0].dbt_task.catalog",
        "prod",
    ),
    "a_name_of_another_resource": (
        "jobs: {j: {name: prod}}, volumes: {x: {catalog_name: '${resources.jobs.j.name}', schema_name: s, name: x}}",
        "volumes.x.catalog_name",
        "prod",
    ),
    "a_name_in_pieces": (
        "jobs: {j: {name: od}}, volumes: {x: {catalog_name: 'pr${resources.jobs.j.name}', schema_name: s, name: x}}",
        "volumes.x.catalog_name",
        "prod",
    ),
    "a_name_of_a_name": (
        "jobs: {j: {name: prod}, k: {name: '${resources.jobs.j.name}'}}, "
        "volumes: {x: {catalog_name: '${resources.jobs.k.name}', schema_name: s, name: x}}",
        "volumes.x.catalog_name",
        "prod",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", INTO_PROD)
def test_a_bundle_does_not_reach_another_environment_s_catalog(case: str, tmp_path: Path) -> None:
    declared, path, name = INTO_PROD[case]
    message = told(project(tmp_path, declared))
    assert f"resources.{path}\n" in message
    assert f"  found    catalog {name}, which belongs to environment prod (mlops.yaml:9:3)\n" in message
    assert "with `catalogs: {staging: {}, test: {}, prod: {shared_with: [prod]}}` in environments.staging\n" in message
    with pytest.raises(FaultsError):
        undeclared(folder=tmp_path, environ={})


def test_the_whole_message_names_both_files_and_the_line_to_write(tmp_path: Path) -> None:
    declared, path, name = INTO_PROD["a_volume"]
    assert told(project(tmp_path, declared)) == OF_PROD.format(column=61, path=path, name=name)


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("volumes: {x: {catalog_name: '`prod`', schema_name: s, name: x}}", '"`prod`", with characters'),
        ("volumes: {x: {catalog_name: 'prod ', schema_name: s, name: x}}", '"prod ", with characters'),
        ('volumes: {x: {catalog_name: "pr\\u043ed", schema_name: s, name: x}}', '"pr\\u043ed", with characters'),
        ('volumes: {x: {catalog_name: "prod\\u200b", schema_name: s, name: x}}', '"prod\\u200b", with characters'),
        ('volumes: {x: {catalog_name: "prod\\n", schema_name: s, name: x}}', '"prod\\n", with characters'),
        ("volumes: {x: {catalog_name: prod.x, schema_name: s, name: x}}", '"prod.x", with characters'),
        ("volumes: {x: {catalog_name: staging, schema_name: 'x} y: {', name: x}}", '"x} y: {", with characters'),
        ("volumes: {x: {catalog_name: '${resources.jobs.j.id}', schema_name: s, name: x}}, jobs: {j: {name: j}}",
         "${resources.jobs.j.id}, a name that only a deploy could tell"),
        ("volumes: {x: {catalog_name: '${resources.volumes.x.catalog_name}', schema_name: s, name: x}}",
         "cycle detected in field resolution"),
        ("quality_monitors: {x: {table_name: staging.taxi_fare.t, output_schema_name: prod, assets_dir: /x}}",
         "prod, a name that only a deploy could tell"),
        ("quality_monitors: {x: {table_name: other.s.t, output_schema_name: staging.taxi_fare, assets_dir: /x}}",
         "table other.s.t"),
    ],
)  # fmt: skip
def test_names_that_are_not_what_they_seem_are_refused_and_never_copied(
    declared: str, found: str, tmp_path: Path
) -> None:
    assert f"  found    {found}" in told(project(tmp_path, declared))
    with pytest.raises(FaultsError):
        undeclared(folder=tmp_path, environ={})


def test_free_words_of_jobs_and_pipelines_are_no_places(tmp_path: Path) -> None:
    words = "{catalog: prod, schema: taxi_fare, catalog_name: prod, schema_name: x}"
    project(
        tmp_path,
        f"jobs: {{j: {{name: j, tags: {words}, tasks: [{{task_key: t, existing_cluster_id: c, notebook_task: {{notebook_path: /Shared/x, "
        f"base_parameters: {words}}}}}]}}}}, pipelines: {{p: {{name: p, catalog: staging, configuration: {words}}}}}",
    )
    assert granted(load(folder=tmp_path, environ={})) == [
        ("staging", "taxi_fare"), ("test", "taxi_fare"), ("prod", "taxi_fare"),
    ]  # fmt: skip


def test_what_is_granted_is_the_same_whatever_the_bundle_declares(tmp_path: Path) -> None:
    """Byte for byte: databricks.yml has no say in the stack of an environment."""
    bare = synthesize(project(tmp_path / "bare"), json_of(YAML))
    declared = "registered_models: {m: {catalog_name: Staging, schema_name: TAXI_FARE, name: m}}"
    full = synthesize(project(tmp_path / "full", declared), json_of(YAML))
    assert full["staging"] == bare["staging"]
    assert full["prod"] == bare["prod"]
    assert resources(full["bundle-staging"], "databricks_registered_model")


def json_of(text: str) -> dict[str, Any]:
    return yaml_reader.safe_load(text)  # type: ignore[no-any-return]


def with_catalogs(staging: str, prod: str = "") -> str:
    text = YAML.replace("[staging, test]\n", f"[staging, test]\n    catalogs: {staging}\n")
    return text + (f"    catalogs: {prod}\n" if prod else "")


@pytest.mark.parametrize(
    ("staging", "prod", "line"),
    [
        ("{staging: {}, prod: {}}", "", "mlops.yaml:9:29: environments.staging.catalogs.prod"),
        ("{staging: {}, PROD: {}}", "", "mlops.yaml:9:29: environments.staging.catalogs.PROD"),
        ("{main: {}}", "{main: {}}", "mlops.yaml:13:16: environments.prod.catalogs.main"),
        ("{main: {}}", "{Main: {schema: x}}", "mlops.yaml:13:16: environments.prod.catalogs.Main"),
        ("{prod: {}}", "{main: {}}", "mlops.yaml:9:16: environments.staging.catalogs.prod"),
        ("{staging: {}, test: {}}", "{prod: {}, test: {}}", "mlops.yaml:13:26: environments.prod.catalogs.test"),
    ],
)
def test_a_catalog_of_two_environments_is_said_to_be_shared(staging: str, prod: str, line: str, tmp_path: Path) -> None:
    message = told(project(tmp_path, yaml=with_catalogs(staging, prod)))
    assert message.startswith(f"{line}\n  found    catalog ")
    assert "1 fault" in message
    name = line.rpartition(".")[2]
    other = "staging" if "environments.prod" in line else "prod"
    marked = f"{name}: {{shared_with: [{other}]}}"
    mine, theirs = (staging.replace(f"{name}: {{}}", marked), prod) if other == "prod" else (
        staging, prod.replace(f"{name}: {{}}", marked).replace("{schema: x}", f"{{schema: x, shared_with: [{other}]}}")
    )  # fmt: skip
    load(folder=project(tmp_path / "marked", yaml=with_catalogs(mine, theirs)), environ={})


def test_a_shared_catalog_opens_no_schema_of_the_other_environment(tmp_path: Path) -> None:
    shared = with_catalogs("{main: {schema: ours, may_create_schemas: true, shared_with: [prod]}}", "{main: {}}")
    for declared in (
        "schemas: {x: {catalog_name: main, name: taxi_fare}}",
        "schemas: {x: {catalog_name: Main, name: Taxi_Fare}}",
        "registered_models: {x: {catalog_name: main, schema_name: taxi_fare, name: m}}",
    ):
        message = told(project(tmp_path, declared, yaml=shared))
        assert "main.taxi_fare, which belongs to environment prod (mlops.yaml:13:16)" in message.replace(
            "Main.Taxi_Fare", "main.taxi_fare"
        )
    load(folder=project(tmp_path, "schemas: {x: {catalog_name: main, name: fresh}}", yaml=shared), environ={})


def test_tables_of_another_environment_are_read_where_mlops_yaml_lists_them(tmp_path: Path) -> None:
    reads = YAML.replace("[staging, test]\n", "[staging, test]\n    input_tables: [prod.taxi_fare.trips]\n")
    stack = synthesize(project(tmp_path, yaml=reads), json_of(reads))["staging"]
    on = {one.get("table"): one["privileges"] for one in resources(stack, "databricks_grant")}
    assert on["prod.taxi_fare.trips"] == ["SELECT"]


def test_every_kind_that_is_deployed_is_looked_at() -> None:
    """A kind that is added needs a case above, or is named here because it lies in no catalog.

    A database's catalog is one of its own; to make it takes CREATE_CATALOG, which mlops.yaml gives to nobody.
    """
    tried = {declared.split(":")[0] for declared, _, _ in INTO_PROD.values()}
    assert set(KINDS) - tried == {
        *("alerts", "apps", "clusters", "dashboards", "database_catalogs", "database_instances", "experiments"),
        *("model_serving_endpoints", "models", "secret_scopes", "sql_warehouses"),
    }


# Hosts -----------------------------------------------------------------------------------------------------------------

ODD_HOSTS = [
    "https://evil.example.com", "https://acme.cloud.databricks.com.evil.net", "https://cloud.databricks.com",
    "https://evilcloud.databricks.com", "https://acme-cloud.databricks.com", "https://accounts.cloud.databricks.com",
    "https://accounts-dod.cloud.databricks.us", "https://xn--acme-x.cloud.databricks.com",
    "https://acme.gcp.databricks.com", "https://adb-1.2.azuredatabricks.net", "https://localhost",
    "https://acme.cloud.databricks.com.", "http://acme.cloud.databricks.com", "https://acme.cloud.databricks.com:443",
    "https://user@acme.cloud.databricks.com", "https://evil.net/acme.cloud.databricks.com",
    "https://acme.cloud.databricks.com/x", "https://acme.cloud.databricks.com?x", "https://acme.cloud.databricks.com#x",
    "https://evil.net\\@acme.cloud.databricks.com", "https://acmé.cloud.databricks.com", "https://127.0.0.1",
    "https://acme..cloud.databricks.com", "https://-acme.cloud.databricks.com", "https://acme_1.cloud.databricks.com",
    "https://acme.cloud.databricks.com\n", "ftp://acme.cloud.databricks.com", "//acme.cloud.databricks.com",
]  # fmt: skip


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_credentials_go_to_workspaces_of_the_cloud_alone(host: str, tmp_path: Path) -> None:
    """The same for a host that mlops.yaml names, one that it would have to, the account's, and a person's."""
    quoted = json.dumps(host, ensure_ascii=False)
    assert not is_workspace_host(host, "aws")
    for text in (
        YAML.replace(STAGING, quoted),
        YAML.replace("11}", f"11, host: {quoted}}}") if "accounts" not in host else YAML.replace(STAGING, quoted),
        YAML.replace("path: ml", f"path: ml, personal_hosts: [{quoted}]"),
    ):
        assert "fault" in told(project(tmp_path, yaml=text))
    silent = YAML.replace(f"    host: {STAGING}\n", "")
    led = TARGETS.replace(f'"{STAGING}"', quoted)
    message = told(project(tmp_path, yaml=silent, bundle=led))
    assert "environments.staging.host" in message
    # As for the CLI, what follows the name is no part of the host: only the name itself is ever proposed.
    clean = host.startswith("https://acme.cloud.databricks.com") and host[33:34] in ("/", "?", "#", "\n")
    assert ("add `host: https://acme.cloud.databricks.com` here" in message) is clean
    assert ("add `host: " in message) is clean
    if not clean:
        with pytest.raises(FaultsError):
            undeclared(folder=tmp_path, environ={})
    dev = f"{TARGETS}  dev: {{default: true, mode: development, workspace: {{host: {quoted}}}}}\n"
    assert "targets.dev.workspace.host" in told(project(tmp_path, bundle=dev), MLOPS_DEPLOYER="jane@example.com")


def test_hosts_of_every_cloud_and_of_the_government_are_known() -> None:
    assert is_workspace_host("https://acme.cloud.databricks.us", "aws")
    assert is_workspace_host("https://acme.cloud.databricks.mil", "aws")
    assert is_workspace_host("https://1234567890.1.gcp.databricks.com", "gcp")
    assert is_account_host("https://accounts-dod.cloud.databricks.us", "aws")
    assert not is_account_host("https://accounts.cloud.databricks.com.evil.net", "aws")
    assert all(is_account_host(cloud.account_host, name) for name, cloud in CLOUDS.items())


def test_without_a_host_the_line_to_write_is_told_and_nothing_goes_anywhere(tmp_path: Path) -> None:
    silent = YAML.replace(f"    host: {STAGING}\n", "")
    assert (
        told(project(tmp_path, yaml=silent))
        == f"""\
mlops.yaml:6:3: environments.staging.host
  found    nothing; {STAGING} is that of target staging in ml/databricks.yml:4:31
  allowed  The workspace's address.
  to do    add `host: {STAGING}` here, if an administrator agrees that credentials go there; `python -m checks preflight --write-declared` adds it

1 fault; nothing was changed."""
    )


def test_a_host_without_scheme_is_https_as_for_the_cli(tmp_path: Path) -> None:
    bare = TARGETS.replace("https://", "")
    hosts = {one.workspace.host for one in load(folder=project(tmp_path, bundle=bare), environ={}).bundles}
    assert hosts == {STAGING, PROD}


def test_a_person_s_own_targets_go_to_hosts_that_mlops_yaml_names(tmp_path: Path) -> None:
    other = "https://evil.cloud.databricks.com"
    dev = f"{TARGETS}  dev: {{default: true, mode: development, workspace: {{host: '{other}'}}}}\n"
    assert (
        told(project(tmp_path, bundle=dev), MLOPS_DEPLOYER="jane@example.com")
        == f"""\
ml/databricks.yml:7:61: targets.dev.workspace.host
  found    {other}
  allowed  a host that mlops.yaml names: {STAGING}, {PROD}
  to do    add `personal_hosts: [{other}]` to ml_project in mlops.yaml:4:1, if an administrator agrees that your credentials go there

1 fault; nothing was changed."""
    )
    named = YAML.replace("path: ml", f"path: ml, personal_hosts: ['{other}']")
    settings = load(folder=project(tmp_path, bundle=dev, yaml=named), environ={"MLOPS_DEPLOYER": "jane@example.com"})
    assert settings.bundles[-1].workspace.host == other


# What is copied over ---------------------------------------------------------------------------------------------------

OLD = """\
# Ours.
project: taxi-fare
account: {id: 3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11}
github: {owner: acme, repository: taxi-fare}
ml_project:   {path: ml}

environments:
  staging:   # main
    targets: [staging, test]
    # after

  "prod": {branch: 'release'}  # guarded
"""
NEW = f"""\
# Ours.
project: taxi-fare
account: {{id: 3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11}}
github: {{owner: acme, repository: taxi-fare}}
ml_project:   {{path: ml}}

environments:
  staging:   # main
    targets: [staging, test]
    host: {STAGING}
    catalogs:
      staging:
        may_create_schemas: true
      test:
        may_create_schemas: true
    # after

  "prod": {{branch: 'release', host: {PROD}, catalogs: {{prod: {{may_create_schemas: true}}}}}}  # guarded
"""


def old_project(folder: Path, newline: str = "\n") -> Path:
    write_project(folder, {"databricks.yml": BUNDLE, "assets/all.yml": ASSETS})
    (folder / "mlops.yaml").write_bytes(OLD.replace("\n", newline).encode())
    return folder


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_the_bundle_declares_is_written_once_and_nothing_else_changes(newline: str, tmp_path: Path) -> None:
    file = old_project(tmp_path, newline) / "mlops.yaml"
    environ = {"MLOPS_CONFIG": str(file), "CI": "", "COLUMNS": "200"}
    command = ["preflight", "nothing", "--write-declared"]

    shown = CliRunner().invoke(main, command, env=environ)
    assert f"  environments.staging.host: {STAGING}  (ml/databricks.yml:12:23)\n" in shown.output.replace(
        f"{tmp_path}/", ""
    )
    assert "Nothing was written: pass --yes where nobody can be asked." in shown.output
    assert file.read_bytes() == OLD.replace("\n", newline).encode()

    written = CliRunner().invoke(main, [*command, "--yes"], env=environ)
    assert "mlops.yaml: written." in written.output
    assert file.read_bytes() == NEW.replace("\n", newline).encode()
    load(folder=tmp_path, environ={})

    again = CliRunner().invoke(main, [*command, "--yes"], env=environ)
    assert (
        "Nothing was written: mlops.yaml has every host, catalog and schema that databricks.yml declares."
        in again.output
    )


def test_nothing_is_written_while_anything_else_is_wrong(tmp_path: Path) -> None:
    file = old_project(tmp_path) / "mlops.yaml"
    evil = "targets: {staging: {resources: {schemas: {evil: {catalog_name: prod, name: x}}}}}\n"
    (tmp_path / "ml/assets/evil.yml").write_text(evil, encoding="utf-8")
    refused = CliRunner().invoke(
        main, ["preflight", "--write-declared", "--yes"], env={"MLOPS_CONFIG": str(file), "CI": ""}
    )
    assert refused.exit_code == 1
    assert "which belongs to environment prod" in refused.output
    assert file.read_text(encoding="utf-8") == OLD


def test_two_environments_in_one_catalog_are_for_somebody_to_decide(tmp_path: Path) -> None:
    write_project(tmp_path, {"databricks.yml": BUNDLE.replace('"${bundle.target}"', "ml"), "assets/all.yml": ASSETS})
    (tmp_path / "mlops.yaml").write_text(YAML, encoding="utf-8")
    with pytest.raises(FaultsError) as refused:
        undeclared(folder=tmp_path, environ={})
    assert "add `catalogs: {ml: {shared_with: [staging], may_create_schemas: true}}` here" in str(refused.value)


@pytest.mark.parametrize(
    ("entry", "declared", "line"),
    [
        ("{staging: {}, test: {}}", "volumes: {v: {catalog_name: staging, schema_name: taxi_fare, name: v}}", "`may_create_volumes: true`"),
        ("{staging: {}, test: {}}", "schemas: {s: {catalog_name: staging, name: y}}", "`may_create_schemas: true`"),
        ("{staging: {}, test: {}}", "schemas: {s: {catalog_name: staging, name: taxi_fare}}", "`schemas: []` and `may_create_schemas: true`"),
        ("{staging: {schema: x}, test: {}}", "registered_models: {m: {catalog_name: staging, schema_name: y, name: m}}", "`schemas: [y]`"),
        ("{staging: {schemas: [x]}, test: {}}", "registered_models: {m: {catalog_name: staging, schema_name: y, name: m}}", "`schemas: [x, y]`"),
        ("{test: {}}", "registered_models: {m: {catalog_name: staging, schema_name: 'true', name: m}}", "`staging: {schemas: ['true']}`"),
        ("{test: {}}", "pipelines: {p: {name: p, catalog: staging}}", "`staging: {schemas: []}`"),
        ("{test: {}}", "pipelines: {p: {name: p, catalog: Main, schema: Fares}}", "`main: {schemas: [fares]}`"),
    ],
)  # fmt: skip
def test_the_line_to_write_is_the_line_that_is_written_and_enough(
    entry: str, declared: str, line: str, tmp_path: Path
) -> None:
    file = project(tmp_path, declared, yaml=with_catalogs(entry)) / "mlops.yaml"
    assert f"add {line} here" in told(tmp_path)
    environ = {"MLOPS_CONFIG": str(file), "CI": ""}
    CliRunner().invoke(main, ["preflight", "nothing", "--write-declared", "--yes"], env=environ)
    load(folder=tmp_path, environ={})


def test_what_an_administrator_has_refused_is_not_copied(tmp_path: Path) -> None:
    refused = with_catalogs("{staging: {may_create_schemas: false}, test: {}}")
    project(tmp_path, "schemas: {s: {catalog_name: staging, name: y}}", yaml=refused)
    assert "write `may_create_schemas: true` here, if an administrator agrees, or correct the bundle\n" in told(
        tmp_path
    )
    with pytest.raises(FaultsError):
        undeclared(folder=tmp_path, environ={})
