"""The route table as a whole: who is let in where, and what the Terraform provider needs of it."""

import re
from typing import Any

import pytest
from starlette.routing import compile_path

from packages.sandbox.tests.github_fixtures import ADMIN, READER, STRANGER, WORLD, WRITER, GitHubSandbox
from sandbox.github.graphql.schema import ROOT_FIELDS
from sandbox.github.rest.rules import (
    BranchRenamer,
    OrganizationOwner,
    RepositoryAdmin,
    RepositoryReader,
    RepositoryWriter,
    Token,
)
from sandbox.github.routes import ROUTES
from sandbox.github.world.branches.patterns import is_literal, matches
from sandbox.route import Route
from sandbox.rules import Authenticated
from sandbox.world import HostKind

VALUES = {
    "org": WORLD.owner,
    "owner": WORLD.owner,
    "repo": WORLD.repository,
    "branch": "main",
    "environment": "prod",
    "name": "TOKEN",
}


def path_of(route: Route, repository_id: int) -> str:
    """An address that meets the route."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1).partition(":")[0]
        return str(repository_id) if name == "repository_id" else VALUES.get(name, "x")

    return re.sub(r"{([^}]+)}", value, route.path)


def routes_with(*rules: type) -> list[Route]:
    return [route for route in ROUTES if isinstance(route.rule, rules)]


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("route", routes_with(RepositoryAdmin), ids=named)
def test_each_administrators_endpoint_refuses_everybody_else(github: GitHubSandbox, route: Route) -> None:
    path, before = path_of(route, github.repository["id"]), github.store.dump()
    for token, status in ((WRITER, 403), (READER, 403), (STRANGER, 404), ("wrong", 401)):
        answer = github.send(route.method, path, {}, token=token)
        assert answer.status_code == status
        assert set(answer.json()) == {"message", "documentation_url", "status"}
    assert github.store.dump() == before


@pytest.mark.parametrize("route", routes_with(RepositoryWriter, BranchRenamer), ids=named)
def test_each_collaborators_endpoint_refuses_readers(github: GitHubSandbox, route: Route) -> None:
    path = path_of(route, github.repository["id"])
    for token, status in ((READER, 403), (STRANGER, 404), ("wrong", 401)):
        assert github.send(route.method, path, {}, token=token).status_code == status


@pytest.mark.parametrize("route", routes_with(RepositoryReader), ids=named)
def test_each_readers_endpoint_knows_no_strangers(github: GitHubSandbox, route: Route) -> None:
    path = path_of(route, github.repository["id"])
    for token, status in ((STRANGER, 404), ("wrong", 401)):
        assert github.send(route.method, path, {}, token=token).status_code == status


@pytest.mark.parametrize("route", routes_with(OrganizationOwner), ids=named)
def test_each_owners_endpoint_refuses_everybody_else(github: GitHubSandbox, route: Route) -> None:
    path, before = path_of(route, github.repository["id"]), github.store.dump()
    for token, status in ((ADMIN, 403), (STRANGER, 403), ("wrong", 401)):
        assert github.send(route.method, path, {}, token=token).status_code == status
    assert github.store.dump() == before


def test_no_endpoint_is_open_to_all_and_none_is_without_a_known_rule() -> None:
    known = (
        RepositoryAdmin,
        RepositoryWriter,
        RepositoryReader,
        BranchRenamer,
        OrganizationOwner,
        Token,
        Authenticated,
    )
    assert [named(route) for route in ROUTES if not isinstance(route.rule, known)] == []
    assert {named(route) for route in routes_with(Authenticated)} == {
        "GET /user",
        "GET /users/{login}",
        "GET /users/{login}/keys",
        "GET /users/{login}/gpg_keys",
        "GET /user/memberships/orgs/{org}",
        "GET /orgs/{org}",
        "GET /orgs/{org}/memberships/{username}",
        "POST /graphql",
    }


def test_each_mutation_asks_for_administration() -> None:
    mutations = [field for field in ROOT_FIELDS if field.kind == "mutation"]
    assert {field.name for field in mutations} == {
        "createBranchProtectionRule",
        "updateBranchProtectionRule",
        "deleteBranchProtectionRule",
    }
    assert all(field.level == "admin" for field in mutations)


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_no_route_is_hidden_by_an_earlier_one(route: Route) -> None:
    path = path_of(route, 1)
    first = next(one for one in ROUTES if one.method == route.method and compile_path(one.path)[0].match(path))
    assert first is route


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_the_sandbox_breaks_nowhere_on_an_empty_request(github: GitHubSandbox, route: Route) -> None:
    path = path_of(route, github.repository["id"])
    assert route.host is HostKind.GITHUB
    bodies: tuple[Any, ...] = (None, {}, [], {"input": 1})
    for body in bodies:
        assert github.send(route.method, path, body, token=ADMIN).status_code < 500


@pytest.mark.parametrize(
    ("pattern", "branch", "fits"),
    [
        ("main", "main", True),
        ("main", "mains", False),
        ("*", "main", True),
        ("*", "feature/a", False),
        ("feature/*", "feature/a", True),
        ("feature/**/*", "feature/a/b", True),
        ("**/*", "a", True),
        ("rel?ase", "release", True),
        ("rel?ase", "rel/ase", False),
        ("v[0-9].x", "v1.x", True),
        ("v[!0-9].x", "v1.x", False),
        ("a.b", "axb", False),
        ("a\\*", "a*", True),
        ("[", "[", True),
    ],
)
def test_patterns_fit_as_githubs_do(pattern: str, branch: str, fits: bool) -> None:
    assert matches(pattern, branch) is fits


def test_a_pattern_without_wildcards_is_a_name() -> None:
    assert is_literal("release/1.0")
    assert not any(map(is_literal, ("rel*", "v[0-9]", "a?")))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/environments/prod", {"reviewers": [1]}),
        ("POST", "/git/trees", {"tree": [1]}),
        ("POST", "/git/trees", {"tree": [{"path": "a", "content": 1}]}),
        ("POST", "/git/trees", {"tree": [{}]}),
        ("POST", "/git/blobs", {"content": "%", "encoding": "base64"}),
        ("PUT", "/branches/main/protection", {"required_status_checks": 1}),
        ("PUT", "/branches/main/protection", {"required_status_checks": {"checks": [{}]}}),
        ("PUT", "/branches/main/protection", {"required_pull_request_reviews": {"required_approving_review_count": 7}}),
        ("PUT", "/branches/main/protection", {"required_pull_request_reviews": {"dismissal_restrictions": 1}}),
        ("PUT", "/branches/main/protection", {"restrictions": {"users": 1}}),
        ("PUT", "/branches/main/protection", {"restrictions": {"teams": ["ml"]}}),
        ("PUT", "/contents/a.txt", {"message": "x", "content": "%"}),
        ("PUT", "/contents/README.md", {"message": "x", "content": ""}),
    ],
)
def test_a_body_that_is_wrong_inside_gets_422(github: GitHubSandbox, method: str, path: str, body: object) -> None:
    if path.endswith("/protection"):
        needed = ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")
        assert isinstance(body, dict)
        body = dict.fromkeys(needed) | body
    before = github.store.dump()
    answer = github.send(method, f"/repos/acme/taxi{path}", body)
    assert answer.status_code == 422, answer.text
    assert github.store.dump() == before
