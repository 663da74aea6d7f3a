"""Who is who: tokens, users, organisations, collaborators."""

import pytest
import requests
from github import BadCredentialsException, UnknownObjectException

from packages.sandbox.tests.github_fixtures import (
    ADMIN,
    READER,
    REPOSITORY,
    STRANGER,
    WORLD,
    WRITER,
    GitHubSandbox,
)


def test_the_token_says_who_one_is(github: GitHubSandbox) -> None:
    assert github.client().get_user().login == "platform-admin"
    assert github.client(WRITER).get_user().login == "writer"


@pytest.mark.parametrize("header", ["Bearer wrong", "token wrong", f"Basic {ADMIN}", "Bearer", ADMIN])
def test_a_wrong_token_gets_401(github: GitHubSandbox, header: str) -> None:
    session = github.session()
    session.headers["Authorization"] = header
    answer = session.get("https://api.github.com/user")
    assert answer.status_code == 401
    assert answer.json() == {
        "message": "Bad credentials",
        "documentation_url": "https://docs.github.com/rest",
        "status": "401",
    }


def test_no_token_gets_401(github: GitHubSandbox) -> None:
    session = github.session()
    del session.headers["Authorization"]
    assert session.get(f"https://api.github.com{REPOSITORY}").json()["message"] == "Requires authentication"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "token"])
def test_both_schemes_of_a_token_are_taken(github: GitHubSandbox, scheme: str) -> None:
    session = github.session()
    session.headers["Authorization"] = f"{scheme} {ADMIN}"
    assert session.get("https://api.github.com/user").ok


def test_pygithub_knows_a_wrong_token(github: GitHubSandbox) -> None:
    with pytest.raises(BadCredentialsException):
        github.client("wrong").get_user().login  # noqa: B018 - asks the server


def test_tokens_are_kept_as_hashes_only(github: GitHubSandbox) -> None:
    kept = str(github.store.dump())
    for token in (ADMIN, READER, WRITER, STRANGER):
        assert token not in kept


def test_the_owner_is_an_organisation_with_an_id(github: GitHubSandbox) -> None:
    organisation = github.client().get_organization(WORLD.owner)
    assert organisation.login == WORLD.owner
    assert organisation.id > 0


def test_a_user_is_no_organisation(github: GitHubSandbox) -> None:
    with pytest.raises(UnknownObjectException):
        github.client().get_organization("writer")


def test_users_are_found_in_any_case(github: GitHubSandbox) -> None:
    assert github.client().get_user("WRITER").login == "writer"
    with pytest.raises(UnknownObjectException):
        github.client().get_user("nobody")


def test_the_repository_says_what_the_caller_may_do(github: GitHubSandbox) -> None:
    assert github.repo().permissions.admin
    assert github.repo(WRITER).permissions.push
    assert not github.repo(WRITER).permissions.admin
    assert not github.repo(READER).permissions.push
    assert github.repo(READER).default_branch == "main"


def test_a_private_repository_does_not_exist_for_strangers(github: GitHubSandbox) -> None:
    with pytest.raises(UnknownObjectException):
        github.repo(STRANGER)


def test_collaborators_are_listed_with_their_permission(github: GitHubSandbox) -> None:
    assert {user.login for user in github.repo().get_collaborators()} == {"platform-admin", "writer", "onlooker"}
    assert github.repo().get_collaborator_permission("writer") == "write"
    assert github.repo().get_collaborator_permission("stranger") == "none"
    assert github.repo().has_in_collaborators("onlooker")
    assert not github.repo().has_in_collaborators("stranger")


def test_lists_come_in_pages_that_name_their_neighbours(github: GitHubSandbox) -> None:
    path = f"{REPOSITORY}/collaborators"
    first = github.send("GET", path, query={"per_page": 2})
    assert len(first.json()) == 2
    assert requests.utils.parse_header_links(first.headers["Link"]) == [
        {"url": f"https://api.github.com{path}?per_page=2&page=2", "rel": "next"},
        {"url": f"https://api.github.com{path}?per_page=2&page=2", "rel": "last"},
    ]
    second = github.send("GET", path, query={"per_page": 2, "page": 2})
    assert len(second.json()) == 1
    assert 'rel="prev"' in second.headers["Link"]
    assert "Link" not in github.send("GET", path).headers


def test_an_unknown_route_says_what_to_add(github: GitHubSandbox) -> None:
    answer = github.send("GET", "/emojis")
    assert answer.status_code == 501
    assert "sandbox/github/routes.py" in answer.json()["message"]


def test_no_answer_speaks_of_rate_limits(github: GitHubSandbox) -> None:
    for token in (ADMIN, "wrong"):
        headers = github.send("GET", "/user", token=token).headers
        assert not [name for name in headers if "ratelimit" in name.lower()]
        assert "ETag" not in headers
