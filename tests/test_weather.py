"""Bad weather by a seed: what arrives at real clients, and what Terraform makes of it."""

import itertools
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InternalError
from github import Auth, Github

from packages.sandbox.tests.sandbox_processes import Sandbox
from sandbox import audit
from sandbox.cli import main
from sandbox.standins import transport
from sandbox.standins.databricks import service_principals
from sandbox.standins.databricks.session import Session
from sandbox.weather import LATE_SECONDS, Kind, Schedule
from tests.deployments import Deployment, deployment_in, enter
from tests.synthesis import config

STAGING = config()["environments"]["staging"]["host"]
ME = f"{STAGING}/api/2.0/preview/scim/v2/Me"
JOBS = f"{STAGING}/api/2.2/jobs/list"
REPOSITORY = "https://api.github.com/repos/acme/taxi-fare"
SORRY = "Sorry about that. Please try resubmitting your request and contact us if the problem persists."
RESETTING = [Kind.RESET_BEFORE, Kind.RESET_AFTER]


def test_a_seed_decides_about_each_request_by_its_number_alone() -> None:
    schedule, other = Schedule(seed=7, share=0.3), Schedule(seed=8, share=0.3)
    numbers = range(1, 200)
    found = {number: schedule.disturbance(number) for number in numbers}
    assert {number: schedule.disturbance(number) for number in reversed(numbers)} == found
    assert {number: other.disturbance(number) for number in numbers} != found


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5, 1])
def test_so_many_answers_are_disturbed_by_all_kinds_alike(share: float) -> None:
    schedule, requests_ = Schedule(seed=1, share=share), 40_000
    found = [one for one in map(schedule.disturbance, range(1, requests_ + 1)) if one]
    assert len(found) / requests_ == pytest.approx(share, rel=0.1)
    kinds = Counter(one.kind for one in found)
    assert set(kinds) == set(Kind)
    assert max(kinds.values()) < 2 * min(kinds.values())
    assert {one.retry_after for one in found} == {0, 1}


def test_only_the_kinds_that_were_asked_for_come() -> None:
    schedule = Schedule(seed=1, share=1, kinds=(Kind.UNAVAILABLE, Kind.LATE))
    assert {one.kind for one in map(schedule.disturbance, range(100)) if one} == {Kind.UNAVAILABLE, Kind.LATE}


def hitting(kind: Kind, *hit: int, of: int) -> dict[str, Any]:
    """The schedule, as the control channel takes it, that hits exactly these among the first `of` requests."""
    share = len(hit) / of
    for seed in itertools.count():
        schedule = Schedule(seed=seed, share=share, kinds=(kind,))
        if {number for number in range(1, of + 1) if schedule.disturbance(number)} == set(hit):
            return {"seed": seed, "share": share, "kinds": [kind.value]}
    raise AssertionError("counting does not end")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployment_in(tmp_path_factory.mktemp("weather") / "project", config()) as deployment:
        deployment.synth()
        deployment.sandbox.ask("save")
        deployment.apply("staging")
        yield deployment


@pytest.fixture
def server(deployed: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """A running server under a blue sky, and this process as one of its clients."""
    enter(deployed, monkeypatch)
    yield deployed
    deployed.sandbox.ask("weather", share=0)


def command(deployment: Deployment | Sandbox, *arguments: str, code: int = 0) -> Result:
    """`python -m sandbox`, in this process."""
    root = deployment.root if isinstance(deployment, Sandbox) else deployment.sandbox.root
    done = CliRunner(env={"SANDBOX_DIR": str(root)}).invoke(main, arguments)
    assert done.exit_code == code, done.output
    return done


def token(deployment: Deployment) -> str:
    return deployment.secret("STAGING_WORKSPACE_TOKEN")


def ask(url: str, deployment: Deployment, method: str = "GET", body: Any = None) -> requests.Response:
    bearer = deployment.environ["GITHUB_TOKEN"] if "github" in url else token(deployment)
    return requests.request(method, url, json=body, headers={"Authorization": f"Bearer {bearer}"}, timeout=10)


WORDS = {
    (JOBS, Kind.TOO_MANY_REQUESTS): "Too many requests. Please wait a moment and try again.",
    (JOBS, Kind.INTERNAL_ERROR): "INTERNAL_ERROR",
    (JOBS, Kind.BAD_GATEWAY): "<title>502 Bad Gateway</title>",
    (JOBS, Kind.UNAVAILABLE): "The service at /api/2.2/jobs/list is temporarily unavailable. Please try again later.",
    (JOBS, Kind.GATEWAY_TIMEOUT): "The service at /api/2.2/jobs/list is taking too long to process your request.",
    (ME, Kind.INTERNAL_ERROR): '"detail":"null"',
    (REPOSITORY, Kind.TOO_MANY_REQUESTS): "You have exceeded a secondary rate limit.",
    (REPOSITORY, Kind.INTERNAL_ERROR): "<title>Unicorn! &middot; GitHub</title>",
    (REPOSITORY, Kind.BAD_GATEWAY): '{"message":"Server Error"}',
    (REPOSITORY, Kind.UNAVAILABLE): f"No server is currently available to service your request. {SORRY}",
    (REPOSITORY, Kind.GATEWAY_TIMEOUT): f"We couldn't respond to your request in time. {SORRY}",
}


@pytest.mark.parametrize(("url", "kind"), WORDS, ids=lambda value: getattr(value, "value", value))
def test_a_refusal_comes_in_the_service_s_own_words(url: str, kind: Kind, server: Deployment) -> None:
    server.sandbox.ask("weather", seed=1, share=1, kinds=[kind.value])
    answer = ask(url, server)
    assert answer.status_code == kind.status
    assert WORDS[url, kind] in answer.text
    assert answer.headers["Content-Type"].startswith("text/html") == answer.text.startswith("<")
    assert answer.headers.get("Retry-After") in (("0", "1") if kind is Kind.TOO_MANY_REQUESTS else (None,))
    last = server.requests()[-1]
    assert (last.status, last.note) == (kind.status, f"weather: {kind.value}")
    assert last.principal not in ("", "-")


def test_graphql_fails_in_graphql_s_own_words(server: Deployment) -> None:
    server.sandbox.ask("weather", seed=1, share=1, kinds=["502"])
    answer = ask("https://api.github.com/graphql", server, "POST", {"query": "query{viewer{id}}"})
    assert answer.status_code == 502
    assert answer.json()["errors"][0]["message"].startswith("Something went wrong while executing your query.")


@pytest.mark.parametrize("kind", RESETTING)
def test_a_reset_is_an_error_before_or_after_the_effect(kind: Kind, server: Deployment) -> None:
    before = server.dump()
    wanted = {"read": "write", "write": "read"}[workflow_permissions(before)]
    server.sandbox.ask("weather", seed=1, share=1, kinds=[kind.value])
    body = {"default_workflow_permissions": wanted}
    with pytest.raises(requests.ConnectionError):
        ask(f"{REPOSITORY}/actions/permissions/workflow", server, "PUT", body)
    assert (workflow_permissions(server.dump()) == wanted) is (kind is Kind.RESET_AFTER)
    last = server.requests()[-1]
    assert (last.status, last.changed, last.note) == (0, kind is Kind.RESET_AFTER, f"weather: {kind.value}")


def workflow_permissions(dump: dict[str, dict[str, Any]]) -> str:
    (document,) = dump["github.workflow_permissions"].values()
    return str(document["default_workflow_permissions"])


def test_a_late_answer_is_late_and_right(server: Deployment) -> None:
    server.sandbox.ask("weather", seed=1, share=1, kinds=["late"])
    started = time.monotonic()
    assert ask(ME, server).status_code == 200
    assert time.monotonic() - started >= LATE_SECONDS
    assert server.requests()[-1].note == "weather: late"


@pytest.mark.parametrize("kind", Kind)
def test_logins_are_not_spared(kind: Kind, server: Deployment) -> None:
    server.sandbox.ask("weather", seed=1, share=1, kinds=[kind.value])
    login = (server.environ["DATABRICKS_CLIENT_ID"], server.environ["DATABRICKS_CLIENT_SECRET"])
    form = {"grant_type": "client_credentials", "scope": "all-apis"}
    try:
        status = requests.post(f"{STAGING}/oidc/v1/token", data=form, auth=login, timeout=10).status_code
    except requests.ConnectionError:
        status = 0
    assert status == (kind.status or (200 if kind is Kind.LATE else 0))
    assert server.requests()[-1].note == f"weather: {kind.value}"


def test_the_databricks_sdk_asks_again_as_told_and_knows_the_errors(server: Deployment) -> None:
    client = WorkspaceClient(host=STAGING, token=token(server), auth_type="pat")
    server.sandbox.ask("weather", **hitting(Kind.TOO_MANY_REQUESTS, 1, of=6))
    assert client.current_user.me().user_name
    assert [entry.status for entry in server.requests()[-2:]] == [429, 200]
    server.sandbox.ask("weather", **hitting(Kind.INTERNAL_ERROR, 1, of=6))
    with pytest.raises(InternalError):
        client.current_user.me()


def test_pygithub_asks_again(server: Deployment) -> None:
    client = Github(auth=Auth.Token(server.environ["GITHUB_TOKEN"]), seconds_between_requests=0)
    server.sandbox.ask("weather", **hitting(Kind.BAD_GATEWAY, 1, of=6))
    assert client.get_repo("acme/taxi-fare").name == "taxi-fare"
    assert [entry.status for entry in server.requests()[-2:]] == [502, 200]
    client.close()


def test_the_command_changes_the_weather_and_says_what_it_is(server: Deployment) -> None:
    said = command(server, "weather", "--seed", "7", "--share", "0.05", "--kinds", "429,reset-after").stdout
    assert said == "0.05 of the answers are disturbed, by seed 7: 429, reset-after.\n"
    assert command(server, "weather").stdout == said
    assert f"weather    {said[:-2]}\n" in command(server, "status").stdout
    assert command(server, "weather", "clear").stdout == "The sky is blue.\n"
    assert "\nweather " not in command(server, "status").stdout
    server.sandbox.ask("weather", seed=1, share=1)
    command(server, "weather", "clear")
    assert [ask(ME, server).status_code for _ in range(20)] == [200] * 20
    assert {entry.note for entry in server.requests()[-20:]} == {""}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--share", "0"], "0 is not a share: write a number above 0, up to 1 (0.05 is one answer in twenty)."),
        (["--share", "5"], "5 is not a share: write a number above 0, up to 1 (0.05 is one answer in twenty)."),
        (
            ["--share", "1", "--kinds", "429,418"],
            "418 is not a kind of weather; allowed: 429, 500, 502, 503, 504, reset-before, reset-after, late.",
        ),
        (["rain"], "Change the weather with --share SHARE, or with the word clear alone."),
        (["clear", "--share", "1"], "Change the weather with --share SHARE, or with the word clear alone."),
    ],
)
def test_what_is_no_weather_is_one_sentence(arguments: list[str], sentence: str, server: Deployment) -> None:
    done = command(server, "weather", *arguments, code=1)
    assert (done.stdout, done.stderr) == ("", f"sandbox: {sentence}\n")


def test_without_a_server_there_is_no_weather(tmp_path: Path) -> None:
    said = command(Sandbox(tmp_path / ".sandbox"), "weather", "--share", "0.05", code=1).stderr
    assert said == (
        "sandbox: No server is running, and the weather is the server's: `python -m sandbox up` starts one.\n"
    )


SAID_BY_DATABRICKS = {
    Kind.TOO_MANY_REQUESTS: "Too many requests",
    Kind.INTERNAL_ERROR: "n internal error occurred|SCIM API Internal Error",
    Kind.BAD_GATEWAY: "502 Bad Gateway",
    Kind.UNAVAILABLE: "is temporarily unavailable",
    Kind.GATEWAY_TIMEOUT: "is taking too long to process your request",
}


def gives_up(entry: audit.Entry, kind: Kind) -> bool:
    """Whether the provider fails on this answer: GitHub's repeats everything, Databricks' what the SDK repeats."""
    if entry.host == "api.github.com" or kind is Kind.LATE:
        return False
    if "/oidc/" in entry.path:
        return entry.method == "POST" or kind not in RESETTING
    return kind not in (Kind.TOO_MANY_REQUESTS, Kind.UNAVAILABLE, *RESETTING)


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [*((kind, (9, 16)) for kind in Kind), (Kind.UNAVAILABLE, (5,))],
    ids=lambda value: getattr(value, "value", str(value)),
)
def test_a_plan_succeeds_or_fails_with_the_service_s_error(
    kind: Kind, numbers: tuple[int, ...], server: Deployment
) -> None:
    """The ninth request of this plan goes to Databricks, the sixteenth to GitHub, and the fifth asks for a token."""
    last = server.requests()[-1].n
    server.sandbox.ask("weather", **hitting(kind, *numbers, of=20))
    done = subprocess.run(
        [server.environ["TERRAFORM_BINARY_NAME"], "plan", "-input=false", "-no-color", "-detailed-exitcode"],
        cwd=server.output / "stacks" / "staging",
        env=server.environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    hit = [entry for entry in server.requests(after=last) if entry.note == f"weather: {kind.value}"]
    assert hit
    if not any(gives_up(entry, kind) for entry in hit):
        assert done.returncode == 0, done.stderr  # and nothing is taken for a change
        return
    assert done.returncode == 1
    assert re.search(SAID_BY_DATABRICKS[kind], done.stderr), done.stderr


def test_a_lost_answer_leaves_a_second_principal_that_nobody_knows(
    server: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK repeats what was reset, a POST as well (httpclient/errors.go of SDK 0.93)."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    transport._trust.cache_clear()
    account = {"host": "https://accounts.cloud.databricks.com", "account_id": config()["account"]["id"]}
    names = ("DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET")
    session = Session(account, {name: server.environ[name] for name in names})
    before = server.dump()["databricks.service_principal"]
    server.sandbox.ask("weather", **hitting(Kind.RESET_AFTER, 2, of=5))
    made = session.send(service_principals.CREATE, body={"displayName": "twice", "active": True})
    after = server.dump()["databricks.service_principal"]
    assert [after[key]["displayName"] for key in sorted(after.keys() - before.keys())] == ["twice", "twice"]
    assert made["id"] == max(after.keys() - before.keys())
    for connections in session._transport._idle.values():
        for connection in connections:
            connection.close()
    transport._trust.cache_clear()
