"""Acts behind Terraform's back: each changes something, and what Terraform wants different is in the next plan."""

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from sandbox.cli import main
from sandbox.environment import Administrator
from sandbox.errors import SandboxError
from sandbox.folder import PROJECT
from sandbox.seed import administrator
from sandbox.state import masked, open_state, read_offset, world_of
from sandbox.tampering import choosing
from sandbox.tampering.acts import Act
from sandbox.tampering.choosing import Choice
from sandbox.tampering.console import Console
from sandbox.tampering.managed import Managed, managed_objects
from sandbox.tampering.unchangeable import UNCHANGEABLE
from sandbox.tampering.vocabulary import ACTS
from tests.deployments import Deployment, deployment_in
from tests.ml_project import ASSETS, BUNDLE, project_config, write_project
from tests.sandbox_processes import Sandbox
from tests.synthesis import config, synthesize

ENVIRON = "import json, os; print(json.dumps(dict(os.environ)))"
STACKS = ("repository", "staging", "prod", "bundle-staging")
# A monitor needs a table of the principal's own, which a job of its makes.
MAKE_TABLE = """
import os, requests
api = "https://acme-staging.cloud.databricks.com/api/2.0/sql/"
login = {"Authorization": "Bearer " + os.environ["DATABRICKS_TOKEN"]}
warehouse = requests.get(api + "warehouses", headers=login).json()["warehouses"][0]["id"]
statement = {"statement": "CREATE TABLE staging.taxi_fare.predictions (x INT)", "warehouse_id": warehouse}
requests.post(api + "statements", json=statement, headers=login).raise_for_status()
"""
JOB = """\
    full{n}:
      name: full-{n}
      description: made of everything
      max_concurrent_runs: 1
      timeout_seconds: 3600
      queue: {{enabled: true}}
      tags: {{team: ml}}
      schedule: {{quartz_cron_expression: "0 0 11 * * ?", timezone_id: UTC}}
      parameters: [{{name: day, default: today}}]
      job_clusters:
        - job_cluster_key: main
          new_cluster: {{spark_version: 15.4.x-scala2.12, node_type_id: i3.xlarge, num_workers: 1, policy_id: p-1}}
      git_source: {{git_url: https://github.com/acme/taxi-fare, git_provider: gitHub, git_branch: main}}
      tasks:
        - {{task_key: train, job_cluster_key: main, notebook_task: {{notebook_path: training/Train, source: GIT}}}}
"""
PIPELINE = """\
    second:
      name: ${bundle.target}-second
      catalog: ${var.catalog}
      tags: {team: ml}
      libraries: [{notebook: {path: ../ingest.py}}]
"""
TAGS = "tags: [{key: team, value: ml}]"
WITH_EVERYTHING = {
    "      permissions: [{level: CAN_READ, group_name: users}]\n": f"      {TAGS}\n"
    "      permissions: [{level: CAN_READ, group_name: users}]\n",
    "name: scratch}": "name: scratch, comment: for trying out}",
    "name: landing}": "name: landing, comment: what arrives}",
    'legacy: {name: "${bundle.target}-fares"}': f"legacy: {{name: fares, description: as it was, {TAGS}}}",
    "      catalog: ${var.catalog}\n": "      catalog: ${var.catalog}\n      tags: {team: ml}\n",
    "  jobs:\n": f"{PIPELINE}  jobs:\n" + "".join(JOB.format(n=n) for n in range(3)),
}
DEVELOPED = "{development: true}"


def assets() -> str:
    """The project's resources, with every attribute that an act can change."""
    text = ASSETS
    for old, new in WITH_EVERYTHING.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


FILES = {
    "databricks.yml": BUNDLE.replace(
        "  test:\n", f"    resources: {{pipelines: {{ingest: {DEVELOPED}, second: {DEVELOPED}}}}}\n  test:\n"
    ),
    "assets/access.yml": "permissions: [{level: CAN_VIEW, group_name: users}]\n",
    "assets/all.yml": assets(),
}


def full_config(**changes: Any) -> dict[str, Any]:
    """An mlops.yaml in which everything is asked for; secrets are in GitHub's environments unless told otherwise."""
    catalog = {"create": True, "storage_root": "s3://acme", "owner": "ml-platform", "may_create_schemas": True}
    return project_config(
        **{
            "github__protection": "team",
            "github__required_checks": ["unit-tests"],
            "github__actions": {"allowed": "selected", "patterns": ["databricks/setup-cli@*"]},
            "github__secret_scope": "environment",
            "environments__staging__targets": ["staging"],
            "environments__staging__catalogs": {"staging": catalog},
            "environments__staging__input_tables": ["raw.taxi.trips"],
            "environments__staging__token_users_group": "ci-principals",
            **changes,
        }
    )


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Everything deployed and saved. Staging's secret is the repository's: it is synthesized from another file."""
    folder = tmp_path_factory.mktemp("tamper") / "project"
    write_project(folder, FILES)
    with deployment_in(folder, full_config()) as deployment:
        deployment.configure(full_config(github__secret_scope="repository"))
        deployment.synth()
        staging = deployment.output / "stacks" / "staging" / "cdk.tf.json"
        with_repository_secret = staging.read_text()
        deployment.configure(full_config())
        deployment.synth()
        staging.write_text(with_repository_secret)
        for stack in STACKS[:-1]:
            deployment.apply(stack)
        ci = as_ci(deployment)
        ci.run(sys.executable, "-c", MAKE_TABLE)
        ci.apply("bundle-staging")
        deployment.sandbox.ask("save")
        yield deployment


def as_ci(deployment: Deployment) -> Deployment:
    """A runner of staging's workflow."""
    said = deployment.sandbox("run", "--as-secret", "STAGING_WORKSPACE_TOKEN", "--", sys.executable, "-c", ENVIRON)
    return Deployment(deployment.sandbox, {**json.loads(said.stdout), "MLOPS_BRANCH": "main"})


@pytest.fixture
def settled(deployed: Deployment) -> Deployment:
    """As it was deployed."""
    deployed.sandbox.ask("restore")
    return deployed


@contextmanager
def console_of(deployment: Deployment) -> Iterator[tuple[Console, list[Managed]]]:
    """What the command works with, in this process."""
    folder = deployment.sandbox.folder
    store = open_state(folder)
    world = world_of(store)
    assert world is not None
    try:
        yield (
            Console(store=store, world=world, offset_seconds=read_offset(folder), who=administrator(folder)),
            managed_objects(folder),
        )
    finally:
        store.close()


def tamper(deployment: Deployment | Sandbox, *arguments: str, code: int = 0) -> Result:
    """The command, in this process."""
    root = deployment.root if isinstance(deployment, Sandbox) else deployment.sandbox.root
    done = CliRunner(env={"SANDBOX_DIR": str(root)}).invoke(main, ["tamper", *arguments])
    assert done.exit_code == code, done.output
    return done


class TakenBackError(Exception):
    pass


def do(console: Console, act: Act, one: Managed) -> Choice:
    (choice,) = choosing.do_named(console, [one], [act.name])
    return choice


def test_every_act_is_possible_somewhere(settled: Deployment) -> None:
    with console_of(settled) as (console, objects):
        listed = {choice.act.name for choice, _ in choosing.possible(console, objects)}
    assert set(ACTS) - listed == set()


def test_every_possible_act_changes_what_exists_and_says_no_credential(settled: Deployment) -> None:
    with console_of(settled) as (console, objects):
        before = masked(console.store.dump())
        credentials = all_credentials(settled, objects)
        for choice, _ in list(choosing.possible(console, objects)):
            line, after = tried(console, choice)
            assert after != before, line
            assert line == choice.line()
            assert not [secret for secret in credentials if secret in line]
            assert masked(console.store.dump()) == before


def tried(console: Console, choice: Choice) -> tuple[str, Any]:
    """What an act says and leads to; it is taken back."""
    try:
        with console.store.transaction():
            line = do(console, choice.act, choice.one).line()
            after = masked(console.store.dump())
            raise TakenBackError
    except TakenBackError:
        return line, after


def all_credentials(deployment: Deployment, objects: Sequence[Managed]) -> set[str]:
    who: Administrator = administrator(deployment.sandbox.folder)
    tokens = {str(one["token_value"]) for one in objects if one.type == "databricks_obo_token"}
    assert len(tokens) == 4
    return {who.client_secret, who.github_token, *tokens}


def rounds(console: Console, objects: Sequence[Managed], acts: Sequence[Act]) -> Iterator[list[Choice]]:
    """The acts in groups, each done: within a group no two touch the same object."""
    left = list(acts)
    while left:
        done: list[Choice] = []
        for act in list(left):
            candidates = [one for one in objects if act.can_be_done_to(one)]
            # Staging's principal deploys the bundle: what is done to principals is done to production's.
            free = [one for one in candidates if one.stack == candidates[0].stack and one not in touched(done)]
            try:
                done.append(do(console, act, free[0]))
            except (IndexError, SandboxError):  # later, when nothing else has changed what it is about
                continue
            left.remove(act)
        assert done, [act.name for act in left]
        yield done


def touched(choices: Sequence[Choice]) -> list[Managed]:
    return [choice.one for choice in choices]


def shows(plan: dict[str, Any], choice: Choice) -> bool:
    """Whether a plan says that the attribute of the object drifted or is to be changed, or that the object is gone."""
    attribute = choice.act.attribute
    for found in (*plan.get("resource_drift", ()), *plan.get("resource_changes", ())):
        if found["address"] != choice.one.address or found["change"]["actions"] in (["no-op"], ["read"]):
            continue
        change = found["change"]
        before, after = change["before"] or {}, change["after"] or {}
        if change.get("after_unknown", {}).get(attribute) is True or before.get(attribute) != after.get(attribute):
            return True
    return False


def test_what_a_generated_act_changes_is_in_the_next_plan(settled: Deployment) -> None:
    generated = [act for act in ACTS.values() if act.attribute]
    runners = {stack: as_ci(settled) if stack.startswith("bundle") else settled for stack in STACKS}
    unseen: list[str] = []
    earlier: list[Choice] = []
    with console_of(settled) as (console, objects), ThreadPoolExecutor(2) as workers:
        for choices in rounds(console, objects, generated):
            stacks = {choice.one.stack for choice in choices}
            planned = {stack: workers.submit(runners[stack].plan, stack) for stack in stacks}
            plans = {stack: plan.result() for stack, plan in planned.items()}
            unseen += [choice.line() for choice in choices if not shows(plans[choice.one.stack], choice)]
            over = [choice for choice in earlier if choice.one.stack in plans and choice.one not in touched(choices)]
            assert not [choice.line() for choice in over if shows(plans[choice.one.stack], choice)]
            settled.sandbox.ask("restore")
            earlier = choices
    assert unseen == []


def pairs(stacks: dict[str, Any]) -> set[tuple[str, str]]:
    """(type, attribute) of everything that the stacks set, without what Terraform itself reads."""
    return {
        (kind, attribute)
        for stack in stacks.values()
        for kind, named in stack.get("resource", {}).items()
        for body in named.values()
        for attribute in body
        if attribute not in ("//", "depends_on", "lifecycle", "provider")
    }


VARIATIONS: list[dict[str, Any]] = [
    config(),
    config(github__protection="solo", github__workflow_permissions="read"),
    config(environments__prod__catalogs={"ml": {"create": True, "owner": "ml-platform"}}),
    config(environments__prod__entitlements={"allow_cluster_create": False}),
]


def test_every_attribute_that_a_stack_sets_has_an_act_or_a_reason_why_not(tmp_path: Path) -> None:
    write_project(tmp_path, FILES)
    example = yaml.safe_load((PROJECT / "mlops.yaml").read_text(encoding="utf-8"))
    example["ml_project"]["path"] = str(PROJECT / example["ml_project"]["path"])
    found = pairs(synthesize(tmp_path, full_config(), MLOPS_DEPLOYER="jane@example.com"))
    for data in (example, full_config(github__secret_scope="repository"), *VARIATIONS):
        found |= pairs(synthesize(tmp_path, data))
    acts = {tuple(name.split(".")) for name, act in ACTS.items() if act.attribute}
    assert found - acts - set(UNCHANGEABLE) == set()
    assert acts & set(UNCHANGEABLE) == set()
    assert set(UNCHANGEABLE) - found == set(), "rows that no stack needs"


def test_an_act_is_done_by_name_and_is_in_the_audit_log(settled: Deployment) -> None:
    last = settled.requests()[-1].n
    said = tamper(settled, "schedule-paused", "protection-weakened", "--on", "databricks_job.full1", code=1)
    assert said.stderr == (
        "sandbox: protection-weakened has nothing that it could be done to: "
        "`python -m sandbox tamper --list` shows what is possible.\n"
    )
    assert settled.requests()[-1].n == last
    said = settled.sandbox("tamper", "schedule-paused", "--on", "databricks_job.full1")
    assert said.stdout == "schedule-paused: job full-1 has its schedule paused (bundle-staging: databricks_job.full1)\n"
    changing = [entry for entry in settled.requests(after=last) if entry.changed]
    who = administrator(settled.sandbox.folder)
    assert [(entry.method, entry.path, entry.principal) for entry in changing] == [
        ("POST", "/api/2.2/jobs/update", who.client_id)
    ]


def test_acts_are_done_together_or_not_at_all(settled: Deployment) -> None:
    before = settled.dump()
    said = tamper(settled, "principal-removed", "grant-added", "--stack", "prod", code=1)
    assert said.stderr == (
        "sandbox: grant-added is not possible with the grant of taxi-fare-prod-ci on catalog prod: "
        f"Databricks says: Could not find principal with name {application_id(settled)}.\n"
    )
    assert settled.dump() == before


def application_id(deployment: Deployment) -> str:
    principals = deployment.dump()["databricks.service_principal"].values()
    return next(one["applicationId"] for one in principals if one["displayName"] == "taxi-fare-prod-ci")


def test_the_list_leaves_no_trace_and_can_be_limited(settled: Deployment) -> None:
    before, last = settled.dump(), settled.requests()[-1].n
    everything = tamper(settled, "--list").stdout.splitlines()
    of_repository = tamper(settled, "--list", "--stack", "repository").stdout.splitlines()
    of_token = tamper(settled, "--list", "--on", token_address(settled), "--stack", "prod").stdout
    assert (settled.dump(), settled.requests()[-1].n) == (before, last)
    assert len(everything) > len(of_repository) > 0
    assert all("(repository: github_" in line for line in of_repository)
    assert [line.partition(":")[0] for line in of_token.splitlines()] == [
        "databricks_obo_token.comment",
        "token-revoked",
        "token-expired",
        "token-made-by-hand",
        "tokens-forbidden",
    ]


def token_address(deployment: Deployment) -> str:
    return next(one.address for one in managed_objects(deployment.sandbox.folder) if one.type == "databricks_obo_token")


def test_a_seed_decides_which_acts_are_done(settled: Deployment) -> None:
    def tampered(seed: str) -> tuple[list[str], Any]:
        settled.sandbox.ask("restore")
        said = tamper(settled, "--random", "6", "--seed", seed).stdout.splitlines()
        return said, settled.dump()

    before = settled.dump()
    (first, dump), (again, _), (other, _) = tampered("7"), tampered("7"), tampered("8")
    assert first == again
    assert first != other
    assert len({line.partition(":")[0] for line in first}) == 6
    assert dump != before


def test_more_acts_than_there_are_is_one_sentence_and_does_nothing(settled: Deployment) -> None:
    before = settled.dump()
    said = tamper(settled, "--random", "500", code=1).stderr
    assert said.startswith("sandbox: Only ")
    assert said.count("\n") == 1
    assert settled.dump() == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Say which acts: their names, or --random N, or --list to see them."),
        (["--list", "job-deleted"], "Say which acts: their names, or --random N, or --list to see them."),
        (["jobs-deleted"], "There is no act jobs-deleted: `python -m sandbox tamper --list` shows what is possible."),
        (
            ["databricks_obo_token.lifetime_seconds"],
            "databricks_obo_token.lifetime_seconds cannot be changed from outside: "
            "no read shows it, so that nobody can see it change.",
        ),
        (
            ["job-deleted", "--stack", "live"],
            "There is no stack live here; there is bundle-staging, prod, repository, staging.",
        ),
        (
            ["job-deleted", "--on", "databricks_job.none"],
            "No stack has an object databricks_job.none: "
            "`python -m sandbox tamper --list` shows what is possible, with the addresses.",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments: list[str], sentence: str, deployed: Deployment) -> None:
    done = tamper(deployed, *arguments, code=1)
    assert (done.stdout, done.stderr) == ("", f"sandbox: {sentence}\n")


def test_an_act_that_was_done_is_not_possible_again(settled: Deployment) -> None:
    tamper(settled, "token-expired", "--on", token_address(settled), "--stack", "prod")
    said = tamper(settled, "token-expired", "--on", token_address(settled), "--stack", "prod", code=1)
    assert said.stderr.endswith(": it has ended already.\n")
    tamper(settled, "environment-opened")
    assert "environment-opened" not in tamper(settled, "--list", "--stack", "prod").stdout


def test_no_server_is_needed(settled: Deployment, tmp_path: Path) -> None:
    copy = Sandbox(tmp_path / "project" / ".sandbox")
    shutil.copytree(settled.sandbox.root.parent, tmp_path / "project", ignore=shutil.ignore_patterns("server.*"))
    assert not copy.is_up()
    assert tamper(copy, "branch-deleted").stdout.startswith("branch-deleted: branch release is deleted")
    assert not copy.is_up()


def test_nothing_deployed_is_one_sentence(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / ".sandbox")
    sandbox.configure()
    assert tamper(sandbox, "--list", code=1).stderr.startswith("sandbox: There is no sandbox in ")
    sandbox("seed")
    assert tamper(sandbox, "--list", code=1).stderr == (
        "sandbox: Nothing is deployed in this sandbox: `python -m sandbox run -- cdktf deploy ...` comes first.\n"
    )


def test_secrets_of_objects_stay_out_of_what_they_print(deployed: Deployment) -> None:
    objects = managed_objects(deployed.sandbox.folder)
    assert not [secret for secret in all_credentials(deployed, objects) if secret in repr(objects)]
