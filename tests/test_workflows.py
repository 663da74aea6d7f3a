"""The workflows of this repository: what they may do, who sees which secret, and that the example's fit to them."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.workflow_runs import parsed

ROOT = Path(__file__).parent.parent
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
EXAMPLE = ROOT / "examples" / "taxi_fare"
THEIRS = sorted((EXAMPLE / ".github" / "workflows").glob("*.yml"))
RELEASE = ROOT / "docs" / "examples" / "release-from-main.yml"
DOCUMENT = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")

READ = {"contents": "read"}
OIDC = {"contents": "read", "id-token": "write"}
# What each job may do. Of bundle.yml, the calling job says it.
PERMISSIONS: dict[tuple[str, str], dict[str, str] | None] = {
    ("plan", "check"): READ,
    ("plan", "plan"): OIDC,
    ("plan", "comment"): {"contents": "read", "pull-requests": "write"},
    ("deploy", "plan"): OIDC,
    ("deploy", "staging"): OIDC,
    ("deploy", "repository"): OIDC,
    ("deploy", "prod"): OIDC,
    ("deploy", "prove"): OIDC,
    ("rotate", "rotate"): OIDC,
    ("rotate", "report"): {"contents": "read", "issues": "write"},
    ("drift", "drift"): {**OIDC, "issues": "write"},
    ("drift", "audit"): OIDC,
    ("bundle", "deploy"): None,
}
# Where each job finds its secrets; "" is nowhere.
ENVIRONMENTS = {
    ("plan", "check"): "",
    ("plan", "plan"): "plan",
    ("plan", "comment"): "",
    ("deploy", "plan"): "drift",
    ("deploy", "staging"): "staging",
    ("deploy", "repository"): "repository",
    ("deploy", "prod"): "production",
    ("deploy", "prove"): "drift",
    ("rotate", "rotate"): "rotation",
    ("rotate", "report"): "",
    ("drift", "drift"): "drift",
    ("drift", "audit"): "drift",
}
# The jobs that change what they look at.
DEPLOYING = [("deploy", "staging"), ("deploy", "repository"), ("deploy", "prod"), ("rotate", "rotate")]
# What must not reach an artifact: all three hold tokens in clear text.
SECRETIVE = re.compile(r"upload-artifact|actions/cache|cdktf\.out|tfstate|terraform show")
EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
# The commit of this repository that the example names until somebody adopts it.
PLACEHOLDER = "0" * 40

every_workflow = pytest.mark.parametrize("file", OURS, ids=lambda file: file.stem)
every_file = pytest.mark.parametrize(
    "file", [*OURS, *ACTIONS, *THEIRS], ids=lambda file: file.parent.name if file.stem == "action" else file.stem
)


def jobs() -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    for file in OURS:
        for key, job in parsed(file)["jobs"].items():
            yield (file.stem, key), job


def job_of(name: tuple[str, str]) -> dict[str, Any]:
    return dict(jobs())[name]


def steps_of(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a workflow or of a composite action."""
    if "runs" in content:
        yield from content["runs"]["steps"]
    for job in content.get("jobs", {}).values():
        yield from job.get("steps", ())


def asked_for(context: str, text: str) -> set[str]:
    """The names that expressions ask a context for."""
    return {name for inner in EXPRESSION.findall(text) for name in re.findall(rf"\b{context}\.(\w+)", inner)}


# Linters


def lint(*command: str, cwd: Path = ROOT) -> str:
    """What a linter says; it is installed beside Python, and a missing one is an error."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    return f"{command[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}" if done.returncode else ""


def test_zizmor_finds_nothing() -> None:
    found = lint(
        *("zizmor", "--offline", "--quiet", "--no-progress", "--persona=pedantic"),
        *(
            "--config",
            ".github/zizmor.yml",
            ".github",
            "examples/taxi_fare/.github",
            "docs/examples/release-from-main.yml",
        ),
    )
    assert found == ""


@pytest.mark.parametrize("folder", [ROOT, EXAMPLE], ids=["ours", "the example's"])
def test_jactionlint_finds_nothing(folder: Path) -> None:
    files = [str(file) for file in (*THEIRS, RELEASE)] if folder == EXAMPLE else []
    assert lint("jactionlint", "--no-hints", "--strict-exit", *files, cwd=folder) == ""


def test_a_linter_that_finds_something_fails(tmp_path: Path) -> None:
    """Both, with what the tests above give them."""
    workflow = tmp_path / ".github" / "workflows" / "x.yml"
    workflow.parent.mkdir(parents=True)
    text = (ROOT / ".github" / "workflows" / "plan.yml").read_text(encoding="utf-8")
    workflow.write_text(text.replace("  pull_request:", "  pull_request_target:"), encoding="utf-8")
    assert "dangerous-triggers" in lint("zizmor", "--offline", "--quiet", "--persona=pedantic", ".", cwd=tmp_path)
    assert "dangerous-triggers" in lint("jactionlint", "--strict-exit", str(workflow), cwd=tmp_path)


@every_file
def test_what_a_linter_is_told_to_pass_over_has_its_reason_beside_it(file: Path) -> None:
    for line in file.read_text(encoding="utf-8").splitlines():
        if "ignore[" in line:
            assert re.search(r"# zizmor: ignore\[[\w,-]+\] \w+ \w+", line), line


# What they run


@every_file
def test_actions_are_pinned_by_commit_and_ours_are_those_of_the_running_commit(file: Path) -> None:
    for one in re.findall(r"uses: *(.*)", file.read_text(encoding="utf-8")):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # \S+|\$/\.github/actions/\w+", one), one


def test_an_action_is_pinned_to_one_commit_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for file in (*OURS, *ACTIONS, *THEIRS):
        for name, pin in re.findall(r"uses: *([\w./-]+)@(.*)", file.read_text(encoding="utf-8")):
            pins.setdefault(name, set()).add(pin)
    assert {name: found for name, found in pins.items() if len(found) > 1} == {}


@every_workflow
def test_no_code_of_strangers_meets_a_secret(file: Path) -> None:
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(parsed(file)["on"])


@every_file
def test_neither_plans_nor_states_nor_what_a_cache_holds_leave_or_enter_a_job(file: Path) -> None:
    # A comment may speak of it.
    text = re.sub(r"#.*|-chdir=\S+", "", file.read_text(encoding="utf-8"))
    assert not SECRETIVE.search(text)


@every_file
def test_no_checkout_leaves_a_token_behind(file: Path) -> None:
    for step in steps_of(parsed(file)):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@every_file
def test_signals_reach_cdktf(file: Path) -> None:
    """GitHub interrupts a step's first process (docs, "Workflow cancellation"); bash does not pass that on."""
    for step in steps_of(parsed(file)):
        for line in step.get("run", "").splitlines():
            if "cdktf " in line or "-chdir=" in line:
                assert re.match(r" *exec ((python -m sandbox run -- )?cdktf|\"\$\{TERRAFORM_BINARY_NAME.*) ", line), (
                    line
                )


# A line that runs CDKTF or Terraform.
RUNS_TERRAFORM = re.compile(
    r"\bcdktf (diff|deploy|synth|destroy)|TERRAFORM_BINARY_NAME|\bterraform (plan|apply|show|init)"
)
# GitHub's runner takes no command from such a step, until it is told a word that nobody knows
# (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands).
STOPS_COMMANDS = [
    "stop=$(python -c 'import secrets; print(secrets.token_hex())')",
    'echo "::stop-commands::$stop"',
]


@every_file
def test_what_terraform_prints_is_no_command_to_the_runner(file: Path) -> None:
    """A job's description may have several lines, which a plan shows as they are."""
    for step in steps_of(parsed(file)):
        lines = [line.strip() for line in step.get("run", "").splitlines()]
        at = next((index for index, line in enumerate(lines) if RUNS_TERRAFORM.search(line)), None)
        if at is not None:
            assert lines[at - 2 : at] == STOPS_COMMANDS, step.get("name")


def test_steps_that_run_terraform_are_found() -> None:
    found = [
        step
        for file in (*OURS, *ACTIONS)
        for step in steps_of(parsed(file))
        if RUNS_TERRAFORM.search(step.get("run", ""))
    ]
    assert len(found) == 8


def test_terraform_runs_without_a_wrapper() -> None:
    (step,) = [
        step for file in ACTIONS for step in steps_of(parsed(file)) if "setup-terraform@" in step.get("uses", "")
    ]
    assert step["with"]["terraform_wrapper"] is False


def test_only_a_job_without_credentials_installs_the_sandbox_and_the_development_tools() -> None:
    everything = {
        name: job
        for name, job in jobs()
        for step in steps_of({"jobs": {"one": job}})
        if step.get("uses", "").endswith(".github/actions/setup") and (step.get("with") or {}).get("everything")
    }
    assert set(everything) == {("plan", "check")}
    for name, job in everything.items():
        assert not job.get("environment"), name
        assert job["permissions"] == READ, name
        assert not re.search(r"\$\{\{[^}]*\bsecrets\b", yaml.safe_dump(job)), name
    (install,) = [
        step for step in steps_of(parsed(ROOT / ".github/actions/setup/action.yml")) if "make" in str(step.get("run"))
    ]
    assert install["env"]["TARGET"] == "${{ inputs.everything == 'true' && 'setup' || 'setup-deploy' }}"


# What is merged into release


@pytest.mark.parametrize(
    ("head", "repository", "passes"),
    [("main", "acme/taxi", True), ("feature", "acme/taxi", False), ("main", "mallory/taxi", False), ("", "", False)],
)
def test_only_main_of_the_same_repository_is_merged_into_release(head: str, repository: str, passes: bool) -> None:
    (job,) = parsed(RELEASE)["jobs"].values()
    (step,) = job["steps"]
    assert parsed(RELEASE)["on"] == {"pull_request": {"branches": ["release"]}}
    environ = {"PATH": "/usr/bin:/bin", "HEAD": head, "FROM": repository, "HERE": "acme/taxi"}
    done = subprocess.run(["bash", "-e", "-c", step["run"]], env=environ, capture_output=True, text=True)
    assert (done.returncode == 0) is passes
    assert job["name"] == "from_main"
    assert step["env"] == {
        "HEAD": "${{ github.event.pull_request.head.ref }}",
        "FROM": "${{ github.event.pull_request.head.repo.full_name }}",
        "HERE": "${{ github.repository }}",
    }


# Which branch a bundle is deployed from


def refusal(**environ: str) -> str:
    """What the first step of bundle.yml says in a run like that; an empty text where it lets it pass."""
    step = parsed(ROOT / ".github" / "workflows" / "bundle.yml")["jobs"]["deploy"]["steps"][0]
    assert step["env"] == {
        "EVENT": "${{ github.event_name }}",
        "REF": "${{ github.ref }}",
        "BRANCH": "${{ github.ref_name }}",
        "MEANT": "${{ inputs.branch }}",
    }
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
    done = subprocess.run(command, env={"PATH": "/usr/bin:/bin", **environ}, capture_output=True, text=True)
    assert bool(done.returncode) is bool(done.stdout), done.stderr
    return done.stdout


@pytest.mark.parametrize("event", ["push", "schedule", "workflow_dispatch", "repository_dispatch"])
@pytest.mark.parametrize("meant", ["", "release"])
def test_a_run_on_a_branch_passes(event: str, meant: str) -> None:
    assert refusal(EVENT=event, REF="refs/heads/release", BRANCH="release", MEANT=meant) == ""


@pytest.mark.parametrize(
    ("event", "ref", "branch"),
    [
        ("pull_request", "refs/pull/7/merge", "7/merge"),
        # By a branch of that name, or by what a caller that lies would say.
        ("pull_request", "refs/heads/release", "release"),
        ("pull_request_target", "refs/heads/release", "release"),
        ("pull_request_review", "refs/pull/7/merge", "7/merge"),
        ("merge_group", "refs/heads/gh-readonly-queue/release/pr-7", "gh-readonly-queue/release/pr-7"),
        ("issue_comment", "refs/heads/main", "main"),
        ("workflow_run", "refs/heads/main", "main"),
        ("push", "refs/tags/release", "release"),
        ("release", "refs/tags/v1", "v1"),
        ("workflow_dispatch", "refs/tags/release", "release"),
        ("workflow_dispatch", "refs/heads/feature", "feature"),
        ("push", "refs/heads/main", "main"),
        ("", "", ""),
    ],
)
def test_whatever_a_caller_says_a_run_on_no_branch_or_on_another_one_is_refused(
    event: str, ref: str, branch: str
) -> None:
    assert refusal(EVENT=event, REF=ref, BRANCH=branch, MEANT="release").startswith("::error::")


def test_what_a_bundle_is_deployed_from_is_what_github_says() -> None:
    """Not an input: the branch for the stack's guard, the commit that is checked out, and where that lies."""
    job = job_of(("bundle", "deploy"))
    assert job["env"]["MLOPS_BRANCH"] == "${{ github.ref_name }}"
    (project,) = [step["with"] for step in job["steps"] if step.get("with", {}).get("path") == "project"]
    assert (project["ref"], project["fetch-depth"]) == ("${{ github.sha }}", 0)
    texts = [str(step) for step in job["steps"]]
    (looked,) = [number for number, text in enumerate(texts) if 'checks commit "bundle-$TARGET"' in text]
    first_secret = min(number for number, text in enumerate(texts) if "secrets.workspace_token" in text)
    assert looked < first_secret
    assert not any("inputs.branch" in text for text in texts[1:])


# What they may do


def test_each_job_may_do_what_it_must_and_nothing_else() -> None:
    assert {name: job.get("permissions") for name, job in jobs()} == PERMISSIONS
    tops = {file.stem: parsed(file).get("permissions") for file in OURS}
    assert tops == {"bundle": None, "deploy": {}, "drift": {}, "plan": {}, "rotate": {}}


def test_secrets_are_those_of_an_environment() -> None:
    found = {name: job.get("environment", "") for name, job in jobs() if name != ("bundle", "deploy")}
    assert found == ENVIRONMENTS
    for name, job in jobs():
        if ENVIRONMENTS.get(name) == "":
            assert asked_for("secrets", str(job)) == set(), name


def test_a_job_of_pull_requests_with_credentials_waits_for_an_approval_and_for_nobody_from_outside() -> None:
    job = job_of(("plan", "plan"))
    assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"]
    assert job["environment"] == "plan"


@pytest.mark.parametrize("name", [name for name, _ in jobs()], ids="-".join)
def test_every_job_ends_some_time_on_a_known_machine(name: tuple[str, str]) -> None:
    job = job_of(name)
    assert job["runs-on"] == "ubuntu-24.04"
    assert 0 < job["timeout-minutes"] <= 60


@pytest.mark.parametrize("name", DEPLOYING, ids="-".join)
def test_a_deploy_is_cut_off_by_no_other_and_waits_for_the_lock_of_its_state(name: tuple[str, str]) -> None:
    workflow, key = name
    content = parsed(ROOT / ".github" / "workflows" / f"{workflow}.yml")
    job = content["jobs"][key]
    assert "concurrency" not in content
    assert job["concurrency"]["cancel-in-progress"] is False
    assert re.search(rf"-({key}|\$\{{\{{ matrix\.environment \}}\}})$", job["concurrency"]["group"])
    assert content["env"]["TF_CLI_ARGS_plan"] == content["env"]["TF_CLI_ARGS_apply"]
    assert re.match(r"-lock-timeout=5m( |$)", content["env"]["TF_CLI_ARGS_plan"])
    # A dispatch on another branch must not deploy that branch's code.
    assert "github.ref == 'refs/heads/main'" in job["if"]


def test_only_one_workflow_cancels_its_own_runs_and_it_deploys_nothing() -> None:
    cancelling = [file.stem for file in OURS if "cancel-in-progress: true" in file.read_text(encoding="utf-8")]
    assert cancelling == ["plan"]
    assert "deploy" not in [step.get("uses", "").rpartition("/")[2] for step in steps_of(parsed(OURS[-2]))]


def test_a_rotation_and_a_deploy_that_waits_for_its_approval_do_not_wait_for_one_another() -> None:
    groups = {name: job["concurrency"]["group"] for name, job in jobs() if name in DEPLOYING}
    assert groups.pop(("rotate", "rotate")) == "rotate-${{ matrix.environment }}"
    assert sorted(groups.values()) == ["deploy-prod", "deploy-repository", "deploy-staging"]


def test_only_a_rotation_deploys_without_an_approval_and_only_tokens() -> None:
    given = {
        name: step["with"].get("rotation", "false")
        for name, job in jobs()
        for step in job["steps"]
        if step.get("uses") == "$/.github/actions/deploy"
    }
    assert given == {name: str(name == ("rotate", "rotate")).lower() for name in DEPLOYING}


@pytest.mark.parametrize("name", [name for name in DEPLOYING if name[0] == "deploy"], ids="-".join)
def test_what_is_deployed_was_planned_before_its_approval(name: tuple[str, str]) -> None:
    """The commit of the ML repository and the plan are those that the job `plan` has shown."""
    job, stack = job_of(name), name[1]
    assert "plan" in job["needs"]
    steps = {step.get("uses", "").rpartition("/")[2]: step["with"] for step in job["steps"] if "with" in step}
    assert steps["ml"]["commit"] == f"${{{{ needs.plan.outputs.{stack}-commit }}}}"
    assert steps["deploy"]["expect"] == f"${{{{ needs.plan.outputs.{stack}-digest }}}}"
    assert steps["ml"]["stack"] == steps["deploy"]["stack"] == stack
    outputs = job_of(("deploy", "plan"))["outputs"]
    assert outputs[f"{stack}-commit"] == f"${{{{ steps.{stack}.outputs.commit }}}}"
    assert outputs[f"{stack}-digest"] == f"${{{{ steps.{stack}.outputs.digest }}}}"


def test_a_deploy_stops_at_another_plan_before_it_deploys() -> None:
    steps = list(steps_of(parsed(ROOT / ".github" / "actions" / "deploy" / "action.yml")))
    runs = [step["run"] for step in steps]
    (compared,) = [number for number, run in enumerate(runs) if "--expect" in run]
    (deployed,) = [number for number, run in enumerate(runs) if re.search(r"\bapply .*\bplan$", run.strip())]
    (planned,) = [number for number, run in enumerate(runs) if "cdktf diff" in run]
    (guarded,) = [number for number, run in enumerate(runs) if "checks guard" in run]
    assert planned < guarded < compared < deployed
    # Of a saved plan: another one, made in that moment, nobody has seen.
    assert not any("cdktf deploy" in run for run in runs)
    assert steps[compared]["if"] == "inputs.rotation != 'true'"


def test_every_checkout_of_the_ml_repository_with_credentials_is_of_a_stack_s_commit() -> None:
    for name, job in jobs():
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@") and step["with"].get("path") == "ml":
                assert name in {("plan", "check"), ("plan", "plan")}


def test_every_stack_that_is_no_bundle_is_planned_deployed_and_rotated() -> None:
    environments = list(yaml.safe_load((ROOT / "mlops.yaml").read_text(encoding="utf-8"))["environments"])
    stacks = ["repository", *environments]
    assert job_of(("rotate", "rotate"))["strategy"]["matrix"]["environment"] == environments
    assert sorted(key for workflow, key in DEPLOYING if workflow == "deploy") == sorted(stacks)
    planned = [
        step["with"]["stack"] for step in job_of(("deploy", "plan"))["steps"] if step.get("uses", "").endswith("/plan")
    ]
    assert sorted(planned) == sorted(stacks)
    dispatched = parsed(ROOT / ".github" / "workflows" / "deploy.yml")["on"]["workflow_dispatch"]
    assert dispatched["inputs"]["stacks"]["options"] == ["all", *stacks]
    text = (ROOT / ".github" / "workflows" / "plan.yml").read_text(encoding="utf-8")
    assert re.findall(r"exec cdktf diff (\w+)", text) == stacks
    assert re.findall(r"python -m checks (?:drift|guard) ([a-z ]+)", text) == [
        " ".join([*stacks, ""]),
        " ".join(stacks),
    ]


# What they need


def test_the_document_lists_every_secret_variable_and_environment() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in (*OURS, *ACTIONS))
    known = asked_for("secrets", text) | asked_for("vars", text) | {name for name in ENVIRONMENTS.values() if name}
    inputs = parsed(ROOT / ".github" / "workflows" / "bundle.yml")["on"]["workflow_call"]
    known |= {*inputs["inputs"], *inputs["secrets"]}
    assert {name for name in known if f"`{name}`" not in DOCUMENT} == set()


# The example


def calls() -> Iterator[dict[str, Any]]:
    for file in THEIRS:
        for job in parsed(file)["jobs"].values():
            if "bundle.yml@" in job.get("uses", ""):
                yield job


def test_the_example_calls_the_bundle_workflow_as_it_is() -> None:
    declared = parsed(ROOT / ".github" / "workflows" / "bundle.yml")["on"]["workflow_call"]
    required = {name for name, one in declared["inputs"].items() if one.get("required")}
    assert len(list(calls())) == 3
    for job in calls():
        assert required <= set(job["with"]) <= set(declared["inputs"])
        assert set(job["secrets"]) <= set(declared["secrets"])
        # What the called job does without `permissions` of its own.
        assert job["permissions"] == READ


def test_the_example_names_a_commit_that_cannot_exist_until_its_readme_was_followed(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / ".github", tmp_path / ".github")
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"databricks-mlops-setup\S*@(\w+)", workflows_of(EXAMPLE))) == {PLACEHOLDER}
    (command,) = re.findall(r"^perl .*$", readme, re.MULTILINE)
    given = {"SETUP": "our-org/our-setup", "COMMIT": "5fda3b95a4ea91299a34e894583c3862153e4b97"}
    subprocess.run(["bash", "-c", command], cwd=tmp_path, env={"PATH": "/usr/bin:/bin", **given}, check=True)
    text = workflows_of(tmp_path)
    assert PLACEHOLDER not in text
    assert "acme-ml/databricks-mlops-setup" not in text
    assert text.count("our-org/our-setup") == 4
    assert text.count(given["COMMIT"]) - workflows_of(EXAMPLE).count(given["COMMIT"]) == 4
    files = [str(file) for file in (tmp_path / ".github" / "workflows").glob("*.yml")]
    assert lint("jactionlint", "--no-hints", "--strict-exit", *files, cwd=tmp_path) == ""


def workflows_of(folder: Path) -> str:
    return "".join(
        file.read_text(encoding="utf-8") for file in sorted((folder / ".github" / "workflows").glob("*.yml"))
    )
