"""The look at the objects behind a plan: what the services fill in is nobody's doing, and what somebody did is told."""

import copy
import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied

from checks.check import UncheckableError
from checks.drift.findings.classify import About, classify
from checks.drift.findings.finding import Class, DriftFinding
from checks.drift.findings.restoring import restoring
from checks.drift.findings.severity import Severity
from checks.drift.live.clients import Clients
from checks.drift.live.comparison import compare
from checks.drift.live.look import look
from checks.drift.live.row import matches
from checks.drift.live.table import ROWS, SHOWN_BY_PLANS
from checks.drift.live.wanted import Wanted
from checks.drift.plan.difference import UNKNOWN, Leaf
from checks.drift.plan.document import Plan, PriorResource, read_plan
from checks.drift.run import NOT_LOOKED_AT
from checks.synthesized import Stack
from deployed_kinds import KINDS
from tests.deployments import as_ci, enter
from tests.drift_setup import SECRETS, Setup, deployed_in, jobs_of
from tests.followed_advice import follow, tools

# --- What a service fills in, as libs/testserver of the CLI and the API's documentation have it.

TASK = {
    "task_key": "train",
    "new_cluster": {"spark_version": "15.4.x", "num_workers": 1},
    "notebook_task": {"notebook_path": "/a"},
}
JOB: dict[str, Any] = {
    "name": "nightly",
    "max_concurrent_runs": 1,
    "queue": [{"enabled": True}],
    "task": [TASK],
    "tags": {"team": "ml"},
    "schedule": {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC"},
    "run_as": {"service_principal_name": "p-1"},
}
JOB_ANSWER: dict[str, Any] = {
    "job_id": 1,
    "creator_user_name": "p-1",
    "run_as_user_name": "p-1",
    "run_as_owner": True,
    "created_time": 1,
    "settings": {
        "name": "nightly",
        "format": "MULTI_TASK",
        "max_concurrent_runs": 1,
        "timeout_seconds": 0,
        "email_notifications": {},
        "webhook_notifications": {},
        "notification_settings": {"no_alert_for_skipped_runs": False},
        "queue": {"enabled": True},
        "performance_target": "PERFORMANCE_OPTIMIZED",
        "deployment": {"kind": "BUNDLE", "metadata_file_path": "/x"},
        "edit_mode": "EDITABLE",
        "tags": {"team": "ml"},
        "schedule": {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"},
        "tasks": [
            {
                "task_key": "train",
                "run_if": "ALL_SUCCESS",
                "timeout_seconds": 0,
                "max_retries": 0,
                "min_retry_interval_millis": 0,
                "retry_on_timeout": False,
                "email_notifications": {},
                "webhook_notifications": {},
                "notebook_task": {"notebook_path": "/a", "source": "WORKSPACE"},
                "new_cluster": {
                    "spark_version": "15.4.x",
                    "num_workers": 1,
                    "node_type_id": "i3.xlarge",
                    "driver_node_type_id": "i3.xlarge",
                    "data_security_mode": "SINGLE_USER",
                    "enable_elastic_disk": False,
                    "runtime_engine": "STANDARD",
                    "spark_env_vars": {"PYSPARK_PYTHON": "/databricks/python3/bin/python3"},
                    "aws_attributes": {"availability": "SPOT_WITH_FALLBACK", "zone_id": "us-east-1c"},
                    "a_field_of_tomorrow": "x",
                },
            }
        ],
    },
}
PIPELINE = {
    "name": "tables",
    "catalog": "Staging",
    "channel": "CURRENT",
    "edition": "ADVANCED",
    "run_as": {"user_name": "a@b"},
}
PIPELINE_ANSWER: dict[str, Any] = {
    "pipeline_id": "1",
    "state": "IDLE",
    "run_as_user_name": "a@b",
    "spec": {
        "id": "1",
        "name": "tables",
        "catalog": "staging",
        "storage": "dbfs:/pipelines/1",
        "pipeline_type": "WORKSPACE",
        "continuous": False,
        "development": False,
        "deployment": {"kind": "BUNDLE"},
        "edition": "advanced",
    },
}
SCHEMA = {"name": "Scratch", "catalog_name": "Staging", "comment": "c", "force_destroy": True}
SCHEMA_ANSWER = {
    "name": "scratch",
    "catalog_name": "staging",
    "full_name": "staging.scratch",
    "comment": "c",
    "owner": "p-1",
    "created_by": "p-1",
    "created_at": 1,
    "updated_at": 2,
    "metastore_id": "m",
    "schema_id": "s",
    "enable_predictive_optimization": "INHERIT",
    "properties": {"unity.catalog.managed.delta.defaults.x": "1"},
}
EXPERIMENT = {"name": "/Users/a/x", "tags": [{"key": "team", "value": "ml"}]}
EXPERIMENT_ANSWER: dict[str, Any] = {
    "experiment": {
        "experiment_id": "1",
        "name": "/Workspace/Users/a/x",
        "artifact_location": "dbfs:/databricks/mlflow-tracking/1",
        "lifecycle_stage": "active",
        "creation_time": 1,
        "tags": [{"key": "mlflow.ownerId", "value": "7"}, {"key": "team", "value": "ml"}],
    }
}
MODEL = {"name": "fares", "description": "as it was"}
MODEL_ANSWER: dict[str, Any] = {
    "registered_model_databricks": {"name": "fares", "id": "x", "description": "as it was", "user_id": "p-1"}
}
OBJECTS: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "databricks_job": (JOB, JOB_ANSWER),
    "databricks_pipeline": (PIPELINE, PIPELINE_ANSWER),
    "databricks_schema": (SCHEMA, SCHEMA_ANSWER),
    "databricks_mlflow_experiment": (EXPERIMENT, EXPERIMENT_ANSWER),
    "databricks_mlflow_model": (MODEL, MODEL_ANSWER),
}


ATTRIBUTES = dict.fromkeys(
    (
        *("comment", "configuration", "continuous", "description", "email_notifications", "environment", "git_source"),
        *("health", "library", "notification", "notification_settings", "owner", "parameter", "photon", "serverless"),
        "trigger",
    )
)
UNKNOWN_TO_THE_PROVIDER = {"a_field_of_tomorrow", "pipeline_type", "user_id"}


def known_of(value: Any) -> Any:
    """What the state has: all that the provider has a name for, in blocks that are lists."""
    if isinstance(value, Mapping):
        return {
            name: [known_of(inner)]
            if isinstance(inner, Mapping) and name not in ("tags", "properties")
            else known_of(inner)
            for name, inner in value.items()
            if name not in UNKNOWN_TO_THE_PROVIDER
        }
    return [known_of(item) for item in value] if isinstance(value, list) else value


def paths(kind: str, wanted: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """The paths in which an object differs."""
    row = ROWS[kind]
    there: Any = row.adapted(answer)
    there = there.get(row.inside, there) if row.inside else there
    known = {**ATTRIBUTES, **known_of({row.names.get(name, name): value for name, value in there.items()})}
    return [leaf.path for leaf in compare(row, answer, wanted, known)]


@pytest.mark.parametrize("kind", OBJECTS)
def test_what_a_service_fills_in_is_no_difference(kind: str) -> None:
    wanted, answer = OBJECTS[kind]
    if ROWS[kind].principal == "owner":
        wanted = {**wanted, "owner": "p-1"}
    assert paths(kind, wanted, answer) == []


def at(document: Any, path: str) -> tuple[Any, Any]:
    """The holder of what a path leads to, and its name there."""
    *way, last = [int(name) if name.isdigit() else name for name in path.split("/")]
    for name in way:
        document = document[name]
    return document, last


CLUSTER = "settings/tasks/0/new_cluster"
RECIPIENTS = {"on_failure": ["x@example.com"]}


@pytest.mark.parametrize(
    ("kind", "path", "value", "told"),
    [
        ("databricks_job", "settings/schedule", None, ["schedule.quartz_cron_expression", "schedule.timezone_id"]),
        ("databricks_job", "settings/schedule/pause_status", "PAUSED", ["schedule.pause_status"]),
        ("databricks_job", "settings/tags", None, ["tags.team"]),
        ("databricks_job", "settings/tags", {"team": "ml", "by": "hand"}, ["tags.by"]),
        ("databricks_job", "settings/tags", {"team": ""}, ["tags.team"]),
        ("databricks_job", "settings/queue", {"enabled": False}, ["queue.enabled"]),
        ("databricks_job", "settings/queue", None, ["queue.enabled"]),
        ("databricks_job", "settings/description", "by hand", ["description"]),
        ("databricks_job", "settings/continuous", {"pause_status": "UNPAUSED"}, ["continuous.pause_status"]),
        ("databricks_job", "settings/email_notifications", RECIPIENTS, ["email_notifications.on_failure"]),
        ("databricks_job", "settings/parameters", [{"name": "day", "default": ""}], ['parameter["day"]']),
        ("databricks_job", "settings/tasks/0/email_notifications", RECIPIENTS,
         ['task["train"].email_notifications.on_failure']),
        ("databricks_job", "settings/tasks/0/max_retries", 3, ['task["train"].max_retries']),
        ("databricks_job", "settings/tasks/0/run_if", "ALL_DONE", ['task["train"].run_if']),
        ("databricks_job", f"{CLUSTER}/aws_attributes/instance_profile_arn", "arn:x",
         ['task["train"].new_cluster.aws_attributes.instance_profile_arn']),
        ("databricks_job", f"{CLUSTER}/num_workers", 90, ['task["train"].new_cluster.num_workers']),
        ("databricks_job", f"{CLUSTER}/runtime_engine", "PHOTON", ['task["train"].new_cluster.runtime_engine']),
        ("databricks_job", f"{CLUSTER}/spark_env_vars/PIP_INDEX_URL", "https://example.com",
         ['task["train"].new_cluster.spark_env_vars.PIP_INDEX_URL']),
        ("databricks_job", "run_as_user_name", "jane@example.com",
         ["run_as.service_principal_name", "run_as.user_name"]),
        ("databricks_pipeline", "spec/continuous", True, ["continuous"]),
        ("databricks_pipeline", "spec/catalog", "prod", ["catalog"]),
        ("databricks_pipeline", "spec/channel", "PREVIEW", ["channel"]),
        ("databricks_pipeline", "spec/configuration", {"a": "b"}, ["configuration.a"]),
        ("databricks_pipeline", "run_as_user_name", "p-2", ["run_as.service_principal_name", "run_as.user_name"]),
        ("databricks_schema", "comment", "", ["comment"]),
        ("databricks_schema", "comment", None, ["comment"]),
        ("databricks_schema", "owner", "jane@example.com", ["owner"]),
        ("databricks_schema", "properties/by", "hand", ["properties.by"]),
        ("databricks_mlflow_experiment", "experiment/name", "/Users/a/y", ["name"]),
        ("databricks_mlflow_experiment", "experiment/tags", [], ['tags["team"]']),
        ("databricks_mlflow_model", "registered_model_databricks/description", "", ["description"]),
    ],
)  # fmt: skip
def test_what_somebody_did_is_told(kind: str, path: str, value: Any, told: list[str]) -> None:
    wanted, answer = OBJECTS[kind][0], copy.deepcopy(OBJECTS[kind][1])
    if ROWS[kind].principal == "owner":
        wanted = {**wanted, "owner": "p-1"}
    holder, name = at(answer, path)
    if value is None:
        del holder[name]
    else:
        holder[name] = value
    assert paths(kind, wanted, answer) == told


def test_what_a_policy_fills_into_a_cluster_is_no_difference() -> None:
    answer = copy.deepcopy(JOB_ANSWER)
    answer["settings"]["tasks"][0]["new_cluster"] |= {"policy_id": "p", "custom_tags": {"cost": "1"}}
    cluster = {**TASK["new_cluster"], "policy_id": "p"}  # type: ignore[dict-item]
    assert paths("databricks_job", {**JOB, "task": [{**TASK, "new_cluster": cluster}]}, answer) == []


def test_the_order_of_blocks_is_no_difference_and_that_of_init_scripts_is() -> None:
    scripts = [{"workspace": {"destination": "/a"}}, {"workspace": {"destination": "/b"}}]
    answer = copy.deepcopy(JOB_ANSWER)
    answer["settings"]["tasks"][0]["new_cluster"]["init_scripts"] = list(reversed(scripts))
    answer["settings"]["tasks"].insert(0, {"task_key": "other"})
    cluster = {**TASK["new_cluster"], "init_scripts": scripts}  # type: ignore[dict-item]
    wanted = {**JOB, "task": [{**TASK, "new_cluster": cluster}, {"task_key": "other"}]}
    assert paths("databricks_job", wanted, answer) == ['task["train"].new_cluster.init_scripts']


def test_a_type_is_looked_at_or_has_a_reason() -> None:
    assert not ROWS.keys() & SHOWN_BY_PLANS.keys()
    assert {kind.type for kind in KINDS.values()} <= ROWS.keys() | SHOWN_BY_PLANS.keys()
    for row in ROWS.values():
        for default in row.defaults:
            assert default.source.startswith("https://"), default


def test_a_trailing_star_stands_for_the_rest_of_a_name() -> None:
    assert matches("properties.unity.*", ("properties", "unity.catalog.managed.x"))
    assert not matches("properties.unity.*", ("properties", "team"))


# --- What is wanted.


def held(address: str, **values: Any) -> PriorResource:
    return PriorResource(address, address.split(".")[-2], managed=not address.startswith("data."), values=values)


def plan_with(*resources: PriorResource) -> Plan:
    return Plan(planned={}, deposed=(), drift={}, outputs={}, held=resources, configured={})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("$${a} %%{b}", "${a} %{b}"),
        ('${"$"}{TfToken[TOKEN.0]}', "${TfToken[TOKEN.0]}"),
        ("${databricks_job.train.id}", "42"),
        ("job ${databricks_job.train.id}, 100%%{sure}", "job 42, 100%{sure}"),
        ("${data.databricks_current_user.deployer.user_name}/x", "p-1/x"),
        ("${databricks_job.train.task[0].task_key}", "a"),
        ("${databricks_job.later.id}", UNKNOWN),
        ("x ${databricks_job.train.url}", UNKNOWN),
        ("${1E3}", 1000.0),
        ('e\u0301 ${"e"}\u0301', "\u00e9 \u00e9"),
    ],
)
def test_references_are_what_the_state_says(text: str, value: Any) -> None:
    plan = plan_with(
        held("databricks_job.train", id="42", task=[{"task_key": "a"}]),
        held("data.databricks_current_user.deployer", user_name="p-1"),
    )
    assert Wanted(plan).of({"x": text, "provider": "p", "depends_on": ["y"]}) == {"x": value}


# --- What cannot be looked at.


class Asked:
    """A client whose answers are given; those that are errors are raised."""

    def __init__(self, *answers: Any) -> None:
        self._answers = iter(answers)
        self.queries: list[Any] = []
        self.api_client = self

    def do(self, _method: str, _path: str, query: Mapping[str, str]) -> Any:
        self.queries.append(query)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def stack_with(body: Mapping[str, Any]) -> Stack:
    document = {"resource": {"databricks_job": {"x": {**body, "//": {"metadata": {"path": "s/x"}}}}}}
    return Stack("bundle-staging", Path(), document)


@pytest.mark.parametrize(
    "error", [PermissionDenied("no right"), NotFound("Job 42 does not exist"), TimeoutError("late")]
)
def test_an_object_that_cannot_be_looked_at_is_named_and_never_clean(error: Exception) -> None:
    plan = plan_with(held("databricks_job.x", id="42"))
    looked = look(stack_with({"name": "x"}), plan, lambda: Asked(error))  # type: ignore[arg-type,return-value]
    (problem,) = looked.problems
    assert problem.startswith("databricks_job.x could not be looked at: ")
    assert looked.leaves == {}


def test_a_workspace_that_lets_nobody_in_is_a_problem() -> None:
    def refuse() -> Any:
        raise UncheckableError("there is no token in X")

    looked = look(stack_with({"name": "x"}), plan_with(held("databricks_job.x", id="42")), refuse)
    assert looked.problems == ("what is there could not be looked at: there is no token in X",)


def test_what_is_not_deployed_is_not_asked_for() -> None:
    def refuse() -> Any:
        raise AssertionError

    assert look(stack_with({"name": "x"}), plan_with(), refuse).problems == ()


def test_an_owner_that_nobody_configured_is_told_when_it_changes() -> None:
    """Whoever made it before, it had an owner when it was deployed."""
    before, after = {"id": "a.b", "owner": "platform"}, {"id": "a.b", "owner": "jane@example.com"}
    document = {
        "format_version": "1.2",
        "resource_drift": [changed("databricks_schema.x", before, after)],
        "resource_changes": [changed("databricks_schema.x", after, after, "no-op")],
        "prior_state": {"values": {"root_module": {"resources": [
            {"address": "databricks_schema.x", "type": "databricks_schema", "mode": "managed", "values": after}
        ]}}},
    }  # fmt: skip
    body = {"name": "b", "catalog_name": "a", "//": {"metadata": {"path": "s/x"}}}
    stack = Stack("staging", Path(), {"resource": {"databricks_schema": {"x": body}}})
    client = Asked({"name": "b", "catalog_name": "a", "owner": "jane@example.com", "created_by": "platform"})
    looked = look(stack, read_plan(document), lambda: client)  # type: ignore[arg-type,return-value]
    told = classify(document, stack="staging", about=About(live=looked.leaves))
    (finding,) = told.findings
    assert (finding.what, finding.severity, told.absorbed) == (Class.CHANGED_OUTSIDE, Severity.HIGH, ())
    assert [(one.attribute, one.before, one.after) for one in finding.differences] == [
        ("owner", "jane@example.com", "platform")
    ]


def changed(address: str, before: Any, after: Any, action: str = "update") -> dict[str, Any]:
    """A change as a plan's JSON has it."""
    change = {"actions": [action], "before": before, "after": after}
    return {"address": address, "type": address.partition(".")[0], "mode": "managed", "change": change}


def test_a_job_of_many_tasks_is_read_to_its_end() -> None:
    pages = [
        {"settings": {"name": "x", "tasks": [{"task_key": "a"}]}, "next_page_token": "2"},
        {"settings": {"tasks": [{"task_key": "b"}]}},
    ]
    client = Asked(*pages)
    body = {"name": "x", "task": [{"task_key": "b"}, {"task_key": "a"}]}
    looked = look(stack_with(body), plan_with(held("databricks_job.x", id="42")), lambda: client)  # type: ignore[arg-type,return-value]
    assert (looked.leaves, looked.problems) == ({}, ())
    assert [query.get("page_token") for query in client.queries] == [None, "2"]


# --- What restores it.


def remedy(kind: str, *leaves: Leaf, **values: Any) -> str:
    host = "https://acme.cloud.databricks.com"
    return restoring(kind, values, leaves, address=f"{kind}.x", stack="bundle-prod", host=host)


@pytest.mark.parametrize("text", ["$(id)", "`id`", "'; id; '", "a\nid", "\x1b[2J", "\u202e", "${HOME}"])
def test_a_command_to_copy_is_one_harmless_line(text: str) -> None:
    said = remedy("databricks_schema", Leaf("comment", None, text), id="prod.x")
    command = said.removeprefix("What restores it: `").removesuffix("`")
    assert command.isascii()
    assert command.isprintable()
    *_, body = shlex.split(command)
    assert json.loads(body) == {"comment": text}


@pytest.mark.parametrize(
    ("kind", "leaf", "said"),
    [
        ("databricks_volume", Leaf("owner", "x", "p-1"), "databricks api patch /api/2.1/unity-catalog/volumes/a.b.c"),
        ("databricks_mlflow_model", Leaf('tags["a"]', {"key": "a", "value": "b"}, None), "databricks api delete"),
        ("databricks_mlflow_experiment", Leaf('tags["a"].value', "b", "c"), "set-experiment-tag"),
        ("databricks_pipeline", Leaf("continuous", True, None), "Do not replace it: with it go its streaming tables"),
        ("databricks_schema", Leaf("comment", None, "x" * 500), "Set it back by hand, on the page of the schema"),
        (
            "databricks_schema",
            Leaf("comment", None, "dapi" + "0" * 32),
            "Set it back by hand, on the page of the schema",
        ),
        ("databricks_job", Leaf("run_as.user_name", "a@b", None), "run_as"),
    ],
)
def test_what_restores_it_is_said(kind: str, leaf: Leaf, said: str) -> None:
    leaves = (leaf, Leaf("run_as.service_principal_name", None, "p-1")) if kind == "databricks_job" else (leaf,)
    assert said in remedy(kind, *leaves, id="a.b.c", name="m")


# --- The whole command, in the sandbox.


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    with deployed_in(tmp_path_factory.mktemp("live") / "project") as setup:
        yield setup


@pytest.fixture
def setup(deployed: Setup, monkeypatch: pytest.MonkeyPatch) -> Setup:
    """As it was deployed, and this process inside the sandbox."""
    enter(deployed.deployment, monkeypatch)
    deployed.deployment.sandbox.ask("restore")
    return deployed


BUNDLE = "bundle-staging"


def found(setup: Setup) -> dict[str, DriftFinding]:
    ended = setup.drift(BUNDLE)
    assert ended.code == 2, ended
    return {one.address: one for one in ended.report.findings}


def test_who_a_job_runs_as_is_told_once_and_the_remedy_restores_it(setup: Setup, tmp_path: Path) -> None:
    client = setup.workspace("staging")
    job_id = jobs_of(client)["staging-train"].job_id
    me = client.current_user.me().user_name
    client.api_client.do(
        "POST",
        "/api/2.2/jobs/update",
        body={"job_id": job_id, "new_settings": {"run_as": {"service_principal_name": me}}},
    )
    (finding,) = found(setup).values()
    assert (finding.what, finding.severity) == (Class.CHANGED_OUTSIDE, Severity.HIGH)
    assert [(one.attribute, one.before, one.after) for one in finding.differences] == [
        ("run_as.service_principal_name", me, "taxi-fare-staging-ci")
    ]
    follow([finding.remedy.split("`")[3]], environ=setup.deployment.environ, path=tools(tmp_path))
    assert setup.drift(BUNDLE).code == 0


def test_what_a_job_has_lost_is_told_and_written_again_after_the_advice(setup: Setup, tmp_path: Path) -> None:
    client = setup.workspace("staging")
    job_id = jobs_of(client)["staging-train"].job_id
    settings = client.api_client.do("GET", "/api/2.2/jobs/get", query={"job_id": str(job_id)})["settings"]
    settings = {name: value for name, value in settings.items() if name != "queue"}
    settings["schedule"] = {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC"}
    client.api_client.do("POST", "/api/2.2/jobs/reset", body={"job_id": job_id, "new_settings": settings})
    finding = found(setup)["databricks_job.train"]
    assert {one.attribute.partition(".")[0] for one in finding.differences} == {"queue", "schedule"}
    follow([finding.remedy.split("`")[3]], environ=setup.deployment.environ, path=tools(tmp_path))
    setup.synth({**setup.environ, "MLOPS_BRANCH": "main"})
    as_ci(setup.deployment, SECRETS["staging"], "main").apply(BUNDLE)
    assert setup.drift(BUNDLE).code == 0


def test_a_difference_that_the_plan_shows_is_told_once(setup: Setup) -> None:
    client = setup.workspace("staging")
    job_id = jobs_of(client)["staging-train"].job_id
    change = {"name": "renamed", "description": "by hand"}
    client.api_client.do("POST", "/api/2.2/jobs/update", body={"job_id": job_id, "new_settings": change})
    ended = setup.drift(BUNDLE)
    told = [one.attribute for finding in ended.report.findings for one in finding.differences]
    assert sorted(told) == ["description", "name"]


def test_a_look_that_fails_is_an_error_beside_what_the_plan_shows(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = setup.workspace("staging")
    job_id = jobs_of(client)["staging-train"].job_id
    client.api_client.do("POST", "/api/2.2/jobs/update", body={"job_id": job_id, "new_settings": {"name": "renamed"}})

    def refuse(_self: Clients, _stack: str) -> Any:
        raise UncheckableError("the workspace does not answer")

    monkeypatch.setattr(Clients, "of", refuse)
    ended = setup.drift(BUNDLE)
    assert ended.code == 1
    assert [one.problem for one in ended.report.stacks] == [
        "what is there could not be looked at: the workspace does not answer"
    ]
    assert len(ended.report.findings) == 1


def test_saved_plans_say_what_they_cannot_show(setup: Setup) -> None:
    ci = as_ci(setup.deployment, SECRETS["staging"], "main")
    setup.synth(ci.environ)
    ci.plan(BUNDLE)
    assert NOT_LOOKED_AT in setup.drift("--plans", BUNDLE).report.notes


def test_one_request_is_made_for_each_object(setup: Setup) -> None:
    last = setup.deployment.requests()[-1].n
    assert setup.drift(BUNDLE).code == 0
    asked = [entry.path for entry in setup.deployment.requests(after=last) if entry.path == "/api/2.2/jobs/get"]
    # Once by the provider, once by the look.
    state = json.loads((setup.deployment.sandbox.folder.terraform_state / f"{BUNDLE}.tfstate").read_text())
    jobs = [one for one in state["resources"] if one["type"] == "databricks_job"]
    assert len(asked) == 2 * len(jobs)


def test_a_plan_without_a_look_is_classified_as_before() -> None:
    document = json.loads((Path(__file__).parent / "plans" / "clean.json").read_text(encoding="utf-8"))
    assert classify(document, stack="prod", about=About()).findings == ()
    assert read_plan(document).held
