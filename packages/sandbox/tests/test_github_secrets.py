"""Actions secrets of the repository: sealed by the client, opened as a runner would."""

from base64 import b64encode
from datetime import timedelta

import pytest
import requests
from github import GithubException
from nacl.public import PrivateKey, SealedBox

from packages.sandbox.tests.github_fixtures import (
    READER,
    REPOSITORY,
    STRANGER,
    WORLD,
    WRITER,
    GitHubSandbox,
)
from sandbox.github.world.actions.secrets import open_secret

SECRETS = f"{REPOSITORY}/actions/secrets"


def opened(github: GitHubSandbox, name: str) -> str:
    return open_secret(github.store, WORLD, name=name)


def test_a_secret_opens_to_what_the_client_sealed(github: GitHubSandbox) -> None:
    github.repo().create_secret("STAGING_WORKSPACE_TOKEN", "dapi-ünique")
    assert opened(github, "STAGING_WORKSPACE_TOKEN") == "dapi-ünique"


def test_a_collaborator_with_write_access_may_set_secrets(github: GitHubSandbox) -> None:
    github.repo(WRITER).create_secret("TOKEN", "x")
    assert opened(github, "TOKEN") == "x"


def test_the_value_is_in_no_answer_and_not_in_the_state(github: GitHubSandbox) -> None:
    github.repo().create_secret("TOKEN", "plain-text")
    assert "plain-text" not in str(github.store.dump())
    for path in (SECRETS, f"{SECRETS}/TOKEN"):
        assert set(github.send("GET", path).json()) <= {"name", "created_at", "updated_at", "secrets", "total_count"}


def test_creating_answers_201_and_replacing_204(github: GitHubSandbox) -> None:
    assert [_put(github, "TOKEN").status_code for _ in range(2)] == [201, 204]


def test_updated_at_moves_when_the_secret_is_written_and_only_then(github: GitHubSandbox) -> None:
    _put(github, "TOKEN")
    before = github.send("GET", f"{SECRETS}/TOKEN").json()
    github.clock.offset += timedelta(minutes=1)
    assert github.send("GET", f"{SECRETS}/TOKEN").json() == before
    _put(github, "TOKEN")
    after = github.send("GET", f"{SECRETS}/TOKEN").json()
    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] > before["updated_at"]


def test_names_know_no_case(github: GitHubSandbox) -> None:
    _put(github, "token")
    assert github.send("GET", f"{SECRETS}/Token").json()["name"] == "TOKEN"
    assert opened(github, "token") == "x"


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "1ST", "MY-TOKEN", "A%20B"])
def test_github_takes_no_such_names(github: GitHubSandbox, name: str) -> None:
    assert _put(github, name).status_code == 422


def test_only_a_box_for_the_current_key_is_taken(github: GitHubSandbox) -> None:
    stranger = b64encode(SealedBox(PrivateKey.generate().public_key).encrypt(b"x")).decode()
    key_id = github.send("GET", f"{SECRETS}/public-key").json()["key_id"]
    for sealed in (stranger, "bm8gYm94", "no base64!", "é"):
        answer = github.send("PUT", f"{SECRETS}/TOKEN", {"key_id": key_id, "encrypted_value": sealed})
        assert (answer.status_code, answer.json()["message"]) == (422, "improperly encrypted secret")
    good = github.repo().get_public_key().encrypt("x")
    assert github.send("PUT", f"{SECRETS}/TOKEN", {"key_id": "1", "encrypted_value": good}).status_code == 422
    assert github.send("PUT", f"{SECRETS}/TOKEN", {"encrypted_value": good}).status_code == 422


def test_deleting_leaves_nothing_behind(github: GitHubSandbox) -> None:
    before = github.store.dump()
    github.repo().create_secret("TOKEN", "x")
    github.repo().get_secret("TOKEN").delete()
    assert github.store.dump() == before
    assert github.send("DELETE", f"{SECRETS}/TOKEN").status_code == 404
    assert github.send("GET", f"{SECRETS}/TOKEN").status_code == 404


def test_secrets_are_listed_by_name_with_their_count(github: GitHubSandbox) -> None:
    for name in ("B", "A", "C"):
        _put(github, name)
    assert [secret.name for secret in github.repo().get_secrets()] == ["A", "B", "C"]
    assert github.send("GET", SECRETS, query={"per_page": 2}).json()["total_count"] == 3


def test_what_is_not_there_cannot_be_opened_and_the_error_says_what_is(github: GitHubSandbox) -> None:
    with pytest.raises(KeyError, match="there is none"):
        opened(github, "TOKEN")
    _put(github, "OTHER")
    with pytest.raises(KeyError, match="no secret TOKEN; there is OTHER"):
        opened(github, "TOKEN")
    with pytest.raises(KeyError, match="no environment prod"):
        open_secret(github.store, WORLD, name="OTHER", environment="prod")


def test_readers_get_403_and_strangers_404(github: GitHubSandbox) -> None:
    refusals = {READER: (403, "Must have admin rights to Repository."), STRANGER: (404, "Not Found")}
    for token, expected in refusals.items():
        for path in (SECRETS, f"{SECRETS}/public-key", f"{SECRETS}/TOKEN"):
            answer = github.send("GET", path, token=token)
            assert (answer.status_code, answer.json()["message"]) == expected
    with pytest.raises(GithubException):
        github.repo(READER).create_secret("TOKEN", "x")


def _put(github: GitHubSandbox, name: str) -> requests.Response:
    key = github.repo().get_public_key()
    body = {"key_id": key.key_id, "encrypted_value": key.encrypt("x")}
    return github.send("PUT", f"{SECRETS}/{name}", body)
