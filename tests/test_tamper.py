"""Acts behind Terraform's back: each changes something, and what Terraform wants different is in the next plan."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from packages.sandbox.tests.sandbox_processes import Sandbox
from sandbox.cli import main
from sandbox.environment import Administrator
from sandbox.seed import administrator
from sandbox.state import masked
from sandbox.tampering import choosing
from sandbox.tampering.acts import Act
from sandbox.tampering.choosing import Choice
from sandbox.tampering.console import Console
from sandbox.tampering.managed import Managed, managed_objects
from sandbox.tampering.unchangeable import UNCHANGEABLE
from sandbox.tampering.vocabulary import ACTS
from tests.deployments import Deployment
from tests.tampered_scene import console_of, deployed_with_everything, every_pair


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed_with_everything(tmp_path_factory.mktemp("tamper") / "project") as deployment:
        yield deployment


@pytest.fixture
def settled(deployed: Deployment) -> Deployment:
    """As it was deployed."""
    deployed.sandbox.ask("restore")
    return deployed


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


def test_every_attribute_that_a_stack_sets_has_an_act_or_a_reason_why_not(tmp_path: Path) -> None:
    found = every_pair(tmp_path)
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
    done = settled.sandbox("tamper", "schedule-paused", "--on", "databricks_job.full1")
    assert done.stdout == "schedule-paused: job full-1 has its schedule paused (bundle-staging: databricks_job.full1)\n"
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
    return next(str(one["applicationId"]) for one in principals if one["displayName"] == "taxi-fare-prod-ci")


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
    assert said.stderr.endswith(": it has already expired.\n")
    tamper(settled, "environment-opened")
    assert "environment-opened" not in tamper(settled, "--list", "--stack", "prod").stdout


def test_no_server_is_needed(settled: Deployment, tmp_path: Path) -> None:
    copy = Sandbox(tmp_path / "project" / ".sandbox")
    folder, leave = settled.sandbox.root.parent, shutil.ignore_patterns("server.*")
    # Its home has links into the real one, whose folders may be large.
    shutil.copytree(folder, tmp_path / "project", symlinks=True, ignore=leave)
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
