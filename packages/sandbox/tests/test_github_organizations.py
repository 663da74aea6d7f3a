"""Organisations: who belongs to them, what their policy leaves to repositories, and new repositories."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from github import GithubException, UnknownObjectException
from github.Organization import Organization

from packages.sandbox.tests.github_fixtures import (
    ADMIN,
    READER,
    REPOSITORY,
    STRANGER,
    WORLD,
    WRITER,
    GitHubSandbox,
    open_sandbox,
)
from sandbox.github.world.accounts.accounts import create_account
from sandbox.github.world.accounts.memberships import MEMBER, OWNER, enroll
from sandbox.github.world.accounts.tokens import issue_token

OWNERS, MEMBERS = "owner-token", "member-token"
ORGANIZATION = f"/orgs/{WORLD.owner}"
POLICY = f"{ORGANIZATION}/actions/permissions"
PERMISSIONS = f"{REPOSITORY}/actions/permissions"
READ_ONLY = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False}
EVERYTHING = {"default_workflow_permissions": "write", "can_approve_pull_request_reviews": True}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubSandbox]:
    sandbox = open_sandbox(tmp_path)
    for login, role, token in (("boss", OWNER, OWNERS), ("colleague", MEMBER, MEMBERS)):
        create_account(sandbox.store, sandbox.clock, login=login, kind="User")
        issue_token(sandbox.store, login=login, token=token)
        enroll(sandbox.store, organization=WORLD.owner, login=login, role=role)
    yield sandbox
    sandbox.store.close()


def organization(github: GitHubSandbox, token: str = OWNERS) -> Organization:
    return github.client(token).get_organization(WORLD.owner)


def put(github: GitHubSandbox, path: str, body: object, token: str = OWNERS) -> tuple[int, str]:
    """The status of a change, and what is said of it."""
    answer = github.send("PUT", path, body, token=token)
    return answer.status_code, answer.json()["message"] if answer.content else ""


def test_who_belongs_to_an_organisation_learns_of_its_plan(github: GitHubSandbox) -> None:
    for token in (OWNERS, MEMBERS, ADMIN):
        assert organization(github, token).plan.name == "team"
    assert "plan" not in github.send("GET", ORGANIZATION, token=STRANGER).json()


def test_a_membership_says_who_owns_the_organisation(github: GitHubSandbox) -> None:
    for token, role in ((OWNERS, "admin"), (MEMBERS, "member")):
        membership = github.client(token).get_user().get_organization_membership(WORLD.owner)
        assert (membership.role, membership.state) == (role, "active")
    assert github.send("GET", f"{ORGANIZATION}/memberships/boss", token=MEMBERS).json()["role"] == "admin"
    assert github.send("GET", f"{ORGANIZATION}/memberships/stranger", token=MEMBERS).status_code == 404
    assert github.send("GET", f"{ORGANIZATION}/memberships/boss", token=STRANGER).status_code == 403
    with pytest.raises(UnknownObjectException):
        github.client(STRANGER).get_user().get_organization_membership(WORLD.owner)


def test_owners_administer_every_repository_and_members_may_read_as_long_as_they_are_let(
    github: GitHubSandbox,
) -> None:
    assert github.repo(OWNERS).permissions.admin
    assert github.repo().get_collaborator_permission("boss") == "admin"
    assert "boss" in {user.login for user in github.repo().get_collaborators()}
    assert github.repo(MEMBERS).permissions.pull
    assert not github.repo(MEMBERS).permissions.push
    for token, status in ((MEMBERS, 403), (OWNERS, 200)):
        answer = github.send("PATCH", ORGANIZATION, {"default_repository_permission": "none"}, token=token)
        assert answer.status_code == status
    with pytest.raises(UnknownObjectException):
        github.repo(MEMBERS)
    assert github.repo(ADMIN).permissions.admin


def test_an_administrator_lets_others_in_and_out(github: GitHubSandbox) -> None:
    before = github.store.dump()
    github.repo().add_to_collaborators("colleague", "admin")
    assert github.repo(MEMBERS).permissions.admin
    github.repo().add_to_collaborators("colleague", "pull")
    assert not github.repo(MEMBERS).permissions.push
    github.repo().remove_from_collaborators("colleague")
    assert github.store.dump() == before
    assert put(github, f"{REPOSITORY}/collaborators/colleague", {}, WRITER)[0] == 403
    assert put(github, f"{REPOSITORY}/collaborators/nobody", {})[0] == 404


def test_who_is_not_of_the_organisation_is_invited(github: GitHubSandbox) -> None:
    invitation = github.repo().add_to_collaborators("stranger", "push")
    assert invitation is not None
    assert invitation.invitee.login == "stranger"
    assert github.repo(STRANGER).permissions.push


def test_only_owners_see_or_change_what_an_organisation_lets_actions_do(github: GitHubSandbox) -> None:
    told = "You must be an org admin or have the actions policies fine-grained permission."
    for token in (ADMIN, MEMBERS, READER):
        for path in (POLICY, f"{POLICY}/workflow", f"{POLICY}/selected-actions"):
            assert github.send("GET", path, token=token).json()["message"] == told
            assert put(github, path, {}, token) == (403, told)


def test_an_organisations_workflow_permissions_read_back(github: GitHubSandbox) -> None:
    path = f"{POLICY}/workflow"
    assert github.send("GET", path, token=OWNERS).json() == EVERYTHING
    assert put(github, path, {"default_workflow_permissions": "read"})[0] == 204
    assert github.send("GET", path, token=OWNERS).json() == EVERYTHING | {"default_workflow_permissions": "read"}
    assert put(github, path, {"default_workflow_permissions": "admin"})[0] == 422


@pytest.mark.parametrize("setting", ["default_workflow_permissions", "can_approve_pull_request_reviews"])
def test_a_repository_cannot_let_workflows_do_more_than_its_organisation(github: GitHubSandbox, setting: str) -> None:
    path = f"{PERMISSIONS}/workflow"
    assert put(github, path, EVERYTHING)[0] == 204
    assert put(github, f"{POLICY}/workflow", {setting: READ_ONLY[setting]})[0] == 204
    # What was chosen before is no longer in force, and comes back with the permission.
    assert github.send("GET", path).json() == EVERYTHING | {setting: READ_ONLY[setting]}
    assert put(github, path, {setting: EVERYTHING[setting]}) == (
        409,
        f"Changing {setting} is prevented by the owning organization.",
    )
    assert put(github, path, READ_ONLY)[0] == 204
    assert put(github, f"{POLICY}/workflow", EVERYTHING)[0] == 204
    assert put(github, path, EVERYTHING)[0] == 204


@pytest.mark.parametrize(
    ("allowed", "taken", "refused"),
    [
        ("all", ("all", "selected", "local_only"), ()),
        ("selected", ("selected", "local_only"), ("all",)),
        ("local_only", ("local_only",), ("all", "selected")),
    ],
)
def test_a_repository_cannot_allow_more_actions_than_its_organisation(
    github: GitHubSandbox, allowed: str, taken: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    assert put(github, POLICY, {"enabled_repositories": "all", "allowed_actions": allowed})[0] == 204
    assert github.send("GET", PERMISSIONS).json()["allowed_actions"] == allowed
    for wanted in taken:
        assert put(github, PERMISSIONS, {"enabled": True, "allowed_actions": wanted})[0] == 204
        assert github.send("GET", PERMISSIONS).json()["allowed_actions"] == wanted
    for wanted in refused:
        assert put(github, PERMISSIONS, {"enabled": True, "allowed_actions": wanted}) == (
            409,
            "Changing allowed_actions is prevented by the owning organization.",
        )


def test_where_the_organisation_selects_actions_repositories_have_its_selection(github: GitHubSandbox) -> None:
    ours = {"github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": ["databricks/*"]}
    assert put(github, f"{POLICY}/selected-actions", ours)[0] == 409
    assert put(github, POLICY, {"enabled_repositories": "all", "allowed_actions": "selected"})[0] == 204
    assert put(github, f"{POLICY}/selected-actions", ours)[0] == 204
    for path, token in ((f"{POLICY}/selected-actions", OWNERS), (f"{PERMISSIONS}/selected-actions", ADMIN)):
        assert github.send("GET", path, token=token).json() == ours
    assert put(github, f"{PERMISSIONS}/selected-actions", ours)[0] == 409
    assert github.send("GET", POLICY, token=OWNERS).json()["selected_actions_url"].endswith("/selected-actions")


def test_actions_that_the_organisation_has_switched_off_cannot_be_switched_on(github: GitHubSandbox) -> None:
    assert put(github, POLICY, {"enabled_repositories": "none"})[0] == 204
    assert github.send("GET", POLICY, token=OWNERS).json() == {"enabled_repositories": "none"}
    assert github.send("GET", PERMISSIONS).json() == {"enabled": False}
    assert put(github, PERMISSIONS, {"enabled": True})[0] == 409
    assert put(github, POLICY, {})[0] == 422
    assert put(github, POLICY, {"enabled_repositories": "selected"})[0] == 501


def test_a_new_repository_has_a_readme_on_main_and_what_its_organisation_lets_workflows_do(
    github: GitHubSandbox,
) -> None:
    made = organization(github).create_repo("fares", private=True, auto_init=True)
    assert (made.full_name, made.private, made.default_branch) == ("acme/fares", True, "main")
    assert [branch.name for branch in made.get_branches()] == ["main"]
    assert made.get_contents("README.md").decoded_content == b"# fares\n"
    path = "/repos/acme/fares/actions/permissions/workflow"
    assert github.send("GET", path, token=OWNERS).json() == EVERYTHING
    put(github, f"{POLICY}/workflow", READ_ONLY)
    organization(github).create_repo("tips")
    path = "/repos/acme/tips/actions/permissions/workflow"
    assert github.send("GET", path, token=OWNERS).json() == READ_ONLY


def test_members_make_no_repositories_in_an_organisation(github: GitHubSandbox) -> None:
    with pytest.raises(GithubException) as refusal:
        organization(github, MEMBERS).create_repo("fares")
    assert (refusal.value.status, refusal.value.data["message"]) == (
        403,
        "You need admin access to the organization before adding a repository to it.",
    )


def test_a_name_is_taken_once(github: GitHubSandbox) -> None:
    with pytest.raises(GithubException) as refusal:
        organization(github).create_repo(WORLD.repository.upper())
    assert refusal.value.data["message"] == "Repository creation failed."
    assert refusal.value.data["errors"][0]["message"] == "name already exists on this account"
    assert github.send("POST", f"{ORGANIZATION}/repos", {"name": "a b"}, token=OWNERS).status_code == 422


def test_everybody_makes_repositories_of_their_own(github: GitHubSandbox) -> None:
    made = github.client(STRANGER).get_user().create_repo("notes", private=True, auto_init=True)
    assert made.full_name == "stranger/notes"
    assert made.permissions.admin
    put(github, "/repos/stranger/notes/actions/permissions/workflow", EVERYTHING, STRANGER)
    with pytest.raises(UnknownObjectException):
        github.client(OWNERS).get_repo("stranger/notes")


def test_an_empty_repository_has_no_git_data_until_its_first_file(github: GitHubSandbox) -> None:
    made = organization(github).create_repo("fares", private=True)
    url = "/repos/acme/fares"
    for method, path, body in (
        ("GET", "/git/ref/heads/main", None),
        ("GET", "/git/matching-refs/heads", None),
        ("GET", "/git/refs", None),
        ("GET", "/git/trees/main", None),
        ("GET", "/commits", None),
        ("GET", "/commits/main", None),
        ("POST", "/git/refs", {"ref": "refs/heads/x", "sha": "0" * 40}),
        ("POST", "/git/blobs", {"content": "x"}),
        ("POST", "/git/trees", {"tree": []}),
        ("POST", "/git/commits", {"tree": "0" * 40, "message": "x"}),
    ):
        answer = github.send(method, url + path, body, token=OWNERS)
        assert (answer.status_code, answer.json()["message"]) == (409, "Git Repository is empty."), path
    assert (list(made.get_branches()), made.size) == ([], 0)
    assert (
        github.send("GET", f"{url}/contents/README.md", token=OWNERS).json()["message"] == "This repository is empty."
    )
    with pytest.raises(GithubException, match="Branch not found"):
        made.get_branch("main")
    made.create_file("README.md", "Begin", "# fares\n")
    assert made.get_branch("main").commit.commit.message == "Begin"
    assert made.get_branch("main").commit.parents == []
    made.update()
    assert made.size > 0
    made.create_git_ref("refs/heads/release", made.get_branch("main").commit.sha)


def test_the_first_branch_of_an_empty_repository_becomes_its_default(github: GitHubSandbox) -> None:
    made = organization(github).create_repo("fares", private=True)
    with pytest.raises(GithubException) as refusal:
        made.edit(default_branch="trunk")
    assert refusal.value.data["errors"][0]["message"] == (
        "Cannot update default branch for an empty repository. Please init the repository and push first."
    )
    made.create_file("README.md", "Begin", "# fares\n", branch="trunk")
    made.update()
    assert made.default_branch == "trunk"
    with pytest.raises(GithubException) as refusal:
        made.edit(default_branch="main")
    assert refusal.value.data["errors"][0]["message"] == (
        "The branch main was not found. Please push that ref first or create it via the Git Data API."
    )
    made.create_git_ref("refs/heads/main", made.get_branch("trunk").commit.sha)
    made.edit(default_branch="main")
    assert github.client(OWNERS).get_repo("acme/fares").default_branch == "main"


def test_a_repository_can_be_made_public_and_private(github: GitHubSandbox) -> None:
    github.repo().edit(private=False)
    assert not github.repo(STRANGER).private
    github.repo().edit(private=True)
    with pytest.raises(UnknownObjectException):
        github.repo(STRANGER)
