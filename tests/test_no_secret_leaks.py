"""Every secret that a whole setup has issued is searched for in everything that it says and leaves behind."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from checks.audit import audit_checks
from checks.check import perform
from checks.drift.report.model import DriftReport
from checks.live import Live
from checks.preflight import preflight_checks
from checks.rendering import WRITER
from checks.report import Report
from checks.synthesized import read_stacks
from checks.terraform import Terraform
from checks.verify import verify_checks
from settings import load
from tests.checks_scene import WORKFLOWS
from tests.deployments import Deployment, as_ci, deployment_in, enter
from tests.hostile_text import HOSTILE, as_terraform_keeps_it
from tests.ml_project import project_config, write_project
from tests.test_bundle_deploy import UPLOADED

ROOT = Path(__file__).parent.parent
CONFIG = project_config()
# What is made to hold secrets: the services' own memory, the states, the credentials that commands are given.
HOLDS_SECRETS = ("state.sqlite", "saved.sqlite", "terraform/", "clients/", "certificates/", "server.json")
ACCESS_TOKEN = re.compile(rb"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")
SECRET_ATTRIBUTES = ("token_value", "plaintext_value", "secret", "encrypted_value")
# What reads files and environments if anything evaluates it: what Terraform runs in, and what started it.
STEALING = (
    '${base64encode(file("/proc/self/environ"))}',
    '${file("/proc/self/environ")}',
    '${base64encode(join(" ", regexall("[A-Z_]*(?:SECRET|TOKEN)=[0-9A-Za-z_]*", file("/proc/self/environ"))))}',
    '${base64encode(file("/proc/${split(" ", file("/proc/self/stat"))[3]}/environ"))}',
    '%{ for line in [file("/proc/self/environ")] }${line}%{ endfor }',
    "${data.databricks_current_user.deployer}",
    "${databricks_obo_token.token_slot_a.token_value}",
    "${TfToken[TOKEN.0]}",
)
# Whatever users of the workspace can read: names, tags, parameters, folders and files.
ATTACK = yaml.safe_dump(
    {
        "resources": {
            "jobs": {
                "evil": {
                    "name": STEALING[0],
                    "tags": dict.fromkeys(STEALING, "x") | {f"value{n}": text for n, text in enumerate(STEALING)},
                    "permissions": [{"level": "CAN_VIEW", "group_name": "users"}],
                    "tasks": [
                        {
                            "task_key": "a",
                            "notebook_task": {
                                "notebook_path": "/Shared/Report",
                                "base_parameters": {
                                    text: text for text in (*STEALING, *HOSTILE) if text and "${var." not in text
                                },
                            },
                        }
                    ],
                }
            },
            "experiments": {
                "thief": {"name": f"/Users/${{workspace.current_user.userName}}/{STEALING[0].replace('/', '|')}"}
            },
        }
    },
    default_style='"',
    allow_unicode=False,
)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, dict[str, str]]]:
    """A setup deployed, looked at by every command, and all that they said."""
    folder = tmp_path_factory.mktemp("secrets") / "project"
    write_project(folder, {"assets/all.yml": UPLOADED, "assets/evil.yml": ATTACK, **WORKFLOWS})
    write_project(folder, {f"training/{text.replace('/', '|')}.txt": "x" for text in STEALING}, only=True)
    spoken: dict[str, str] = {}
    with deployment_in(folder, CONFIG) as deployment, pytest.MonkeyPatch.context() as monkeypatch:
        deployment.synth(MLOPS_BRANCH="main")
        for stack in ("repository", "staging", "prod"):
            spoken[f"apply {stack}"] = deployment.apply(stack)
            spoken[f"plan {stack}"] = deployment.terraform(stack, "plan", "-input=false", "-no-color")
        runner = as_ci(deployment, "STAGING_WORKSPACE_TOKEN", "main")
        spoken["apply bundle"] = runner.apply("bundle-staging")
        spoken["plan bundle"] = json.dumps(runner.plan("bundle-staging"))
        token = {"STAGING_WORKSPACE_TOKEN": deployment.secret("STAGING_WORKSPACE_TOKEN"), "MLOPS_BRANCH": "main"}
        for form in ("markdown", "text", "json"):
            command = ("drift", "bundle-staging", "--format", form)
            spoken[" ".join(command)] = deployment.checks_outcome(*command, environ=token)[1]
        for command in (("log", "--json", "-n", "100000"), ("dump",), ("status",), ("tamper", "--list")):
            done = deployment.sandbox(*command)
            spoken[" ".join(command)] = done.stdout + done.stderr
        credentials = ("DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET")
        enter(deployment, monkeypatch, **{name: deployment.environ[name] for name in credentials})
        tokens = {
            f"{name}_WORKSPACE_TOKEN": deployment.secret(f"{name}_WORKSPACE_TOKEN") for name in ("STAGING", "PROD")
        }
        settings = load(folder=folder, environ={"MLOPS_SANDBOX": "1", "MLOPS_BRANCH": "main"})
        live = Live(settings, {**tokens, "GITHUB_TOKEN": deployment.environ["GITHUB_TOKEN"]})
        terraform, stacks = Terraform(deployment.environ), read_stacks(deployment.output)
        del stacks["bundle-prod"], stacks["bundle-test"]
        lists = {
            "preflight": preflight_checks(live, terraform, (), stacks),
            "verify": verify_checks(live, (), active=True),
            "audit": audit_checks(live, terraform, stacks, stacks),
        }
        for command, checks in lists.items():
            lines = perform(checks)
            report = Report.of(command, project="taxi-fare", at=settings.invocation.now, lines=lines)
            assert report.exit_code == 0, WRITER.text(report)
            spoken[command] = WRITER.text(report) + WRITER.markdown(report) + report.model_dump_json() + repr(lines)
        spoken["repr"] = repr(terraform.state(stacks["staging"])) + repr(settings)
        yield deployment, spoken


def secrets_of(deployment: Deployment) -> dict[bytes, str]:
    """What must be found nowhere, plain or as base64, with what it is."""
    found = {
        deployment.environ["DATABRICKS_CLIENT_SECRET"].encode(): "the deployer's OAuth secret",
        deployment.environ["GITHUB_TOKEN"].encode(): "the deployer's GitHub token",
    }
    for state in deployment.sandbox.folder.terraform_state.glob("*.tfstate"):
        for resource in json.loads(state.read_text(encoding="utf-8"))["resources"]:
            for instance in resource["instances"]:
                for name in SECRET_ATTRIBUTES:
                    if value := instance["attributes"].get(name):
                        found[value.encode()] = f"{name} of {resource['type']}.{resource['name']} of {state.stem}"
    assert len(found) >= 6
    return found | {turned: f"{what}, as base64" for secret, what in found.items() for turned in as_base64(secret)}


def as_base64(secret: bytes) -> Iterator[bytes]:
    """The middle of its base64, wherever in a longer text it begins."""
    for offset in range(3):
        yield base64.b64encode(b" " * offset + secret)[4:-4]


def held_in(content: bytes, secrets: dict[bytes, str]) -> list[str]:
    held = [what for secret, what in secrets.items() if secret in content]
    return [*held, *(["an access token"] if ACCESS_TOKEN.search(content) else [])]


def test_nothing_that_was_said_holds_a_secret(said: tuple[Deployment, dict[str, str]]) -> None:
    deployment, spoken = said
    secrets = secrets_of(deployment)
    assert {command: held_in(words.encode(), secrets) for command, words in spoken.items()} == {
        command: [] for command in spoken
    }


def test_what_would_have_stolen_one_is_there_as_text(said: tuple[Deployment, dict[str, str]]) -> None:
    deployment, spoken = said
    jobs = deployment.dump()["databricks.job"].values()
    (evil,) = [job["settings"] for job in jobs if job["settings"]["name"] == STEALING[0]]
    assert set(STEALING) <= evil["tags"].keys() | set(evil["tags"].values())
    parameters = evil["tasks"][0]["notebook_task"]["base_parameters"]
    assert len(parameters) > len(HOSTILE)
    assert all(name == as_terraform_keeps_it(name) == value for name, value in parameters.items())
    assert "file(" in spoken["plan bundle"]
    assert DriftReport.model_validate_json(spoken["drift bundle-staging --format json"]).exit_code == 0


def test_nothing_that_was_left_behind_holds_a_secret_but_what_is_made_to(
    said: tuple[Deployment, dict[str, str]],
) -> None:
    deployment, _ = said
    secrets = secrets_of(deployment)
    sandbox, project = deployment.sandbox.root, deployment.configuration.parent
    searched = [
        path
        for path in project.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and not (path.is_relative_to(sandbox) and str(path.relative_to(sandbox)).startswith(HOLDS_SECRETS))
        and ".terraform" not in path.parts
    ]
    assert len(searched) > 20
    assert {str(path): held for path in searched if (held := held_in(path.read_bytes(), secrets))} == {}
    # Who looks can find one: the search itself works.
    states = sandbox / "terraform"
    assert held_in((states / "staging.tfstate").read_bytes(), secrets)


def test_no_snapshot_of_the_tests_holds_what_looks_like_one() -> None:
    looks = re.compile(r"\b(dapi|dose|gh[pousr]_|github_pat_)[0-9a-zA-Z]{16,}")
    for path in (ROOT / "tests" / "snapshots").rglob("*.json"):
        assert not looks.search(path.read_text(encoding="utf-8")), path
