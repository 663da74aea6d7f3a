"""Branch protection: one set of rules, written by GraphQL or REST, seen in both, enforced on every write."""

from typing import Any

import pytest
from github import GithubException
from github.Repository import Repository

from packages.sandbox.tests.github_fixtures import (
    ADMIN,
    READER,
    REPOSITORY,
    STRANGER,
    WORLD,
    WRITER,
    GitHubSandbox,
)

# The query texts that terraform-provider-github v6.9.0 sends (githubv4's query builder over its structs).
NODE = "query($id:ID!){node(id:$id){id}}"
REPOSITORY_ID = "query($name:String!$owner:String!){repository(owner:$owner, name:$name){id}}"
_ACTOR = "{nodes{actor{... on App{id,name,slug},... on Team{id,name,slug},... on User{id,name,login}}}}"
READ = (
    "query($id:ID!){node(id: $id){... on BranchProtectionRule{repository{id,name},"
    f"pushAllowances(first: 100){_ACTOR},reviewDismissalAllowances(first: 100){_ACTOR},"
    f"bypassForcePushAllowances(first: 100){_ACTOR},bypassPullRequestAllowances(first: 100){_ACTOR},"
    "allowsDeletions,allowsForcePushes,blocksCreations,dismissesStaleReviews,id,isAdminEnforced,pattern,"
    "requiredApprovingReviewCount,requiredStatusCheckContexts,requiresApprovingReviews,requiresCodeOwnerReviews,"
    "requiresCommitSignatures,requiresLinearHistory,requiresConversationResolution,requiresStatusChecks,"
    "requiresStrictStatusChecks,restrictsPushes,restrictsReviewDismissals,requireLastPushApproval,lockBranch}}}"
)
IMPORT = (
    "query($cursor:String$first:Int!$id:ID!){node(id: $id){... on Repository{branchProtectionRules(first: $first, "
    "after: $cursor){nodes{id,pattern},pageInfo{endCursor,hasNextPage}},id}}}"
)
TEAM = "query($organization:String!$slug:String!){organization(login: $organization){team(slug: $slug){id}}}"
USER = "query($user:String!){user(login: $user){id}}"
CREATE = (
    "mutation($input:CreateBranchProtectionRuleInput!)"
    "{createBranchProtectionRule(input: $input){branchProtectionRule{id}}}"
)
UPDATE = (
    "mutation($input:UpdateBranchProtectionRuleInput!)"
    "{updateBranchProtectionRule(input: $input){branchProtectionRule{id}}}"
)
DELETE = (
    "mutation($input:DeleteBranchProtectionRuleInput!){deleteBranchProtectionRule(input: $input){clientMutationId}}"
)


def settings(**changes: Any) -> dict[str, Any]:
    """What the provider sends for a rule that asks for nothing, changed."""
    nothing: dict[str, Any] = {
        "allowsDeletions": False,
        "allowsForcePushes": False,
        "blocksCreations": False,
        "bypassForcePushActorIds": [],
        "bypassPullRequestActorIds": [],
        "dismissesStaleReviews": False,
        "isAdminEnforced": False,
        "pattern": "main",
        "pushActorIds": None,
        "requiredApprovingReviewCount": 0,
        "requiredStatusCheckContexts": [],
        "requiresApprovingReviews": False,
        "requiresCodeOwnerReviews": False,
        "requiresCommitSignatures": False,
        "requiresConversationResolution": False,
        "requiresLinearHistory": False,
        "requiresStatusChecks": False,
        "requiresStrictStatusChecks": False,
        "restrictsPushes": False,
        "restrictsReviewDismissals": False,
        "reviewDismissalActorIds": None,
        "lockBranch": False,
        "requireLastPushApproval": False,
    }
    return nothing | changes


TEAM_PROFILE = settings(
    requiresApprovingReviews=True,
    requiredApprovingReviewCount=1,
    dismissesStaleReviews=True,
    requireLastPushApproval=True,
    requiresConversationResolution=True,
    isAdminEnforced=True,
)


def create(github: GitHubSandbox, given: dict[str, Any], token: str | None = None) -> Any:
    variables = {"input": given | {"repositoryId": github.repository["node_id"]}}
    return github.graphql(CREATE, variables, **({"token": token} if token else {}))


def protect(github: GitHubSandbox, **changes: Any) -> str:
    answer = create(github, settings(**changes))
    identifier: str = answer["data"]["createBranchProtectionRule"]["branchProtectionRule"]["id"]
    return identifier


def user_id(github: GitHubSandbox, login: str) -> str:
    identifier: str = github.graphql(USER, {"user": login})["data"]["user"]["id"]
    return identifier


def commit_on(repo: Repository, branch: str, message: str = "change") -> str:
    """A commit on top of a branch that no branch points to yet."""
    parent = repo.get_git_commit(repo.get_branch(branch).commit.sha)
    return repo.create_git_commit(message, parent.tree, [parent]).sha


# GraphQL


def test_a_repository_is_found_by_its_node_id_and_by_its_name(github: GitHubSandbox) -> None:
    identifier = github.repository["node_id"]
    assert github.graphql(NODE, {"id": identifier}) == {"data": {"node": {"id": identifier}}}
    by_name = github.graphql(REPOSITORY_ID, {"owner": WORLD.owner, "name": WORLD.repository})
    assert by_name == {"data": {"repository": {"id": identifier}}}


def test_an_unknown_node_is_an_error_in_the_words_that_the_provider_looks_for(github: GitHubSandbox) -> None:
    answer = github.graphql(NODE, {"id": "taxi"})
    assert answer["data"] == {"node": None}
    (error,) = answer["errors"]
    assert error["type"] == "NOT_FOUND"
    assert "Could not resolve to a node with the global id" in error["message"]
    unknown = github.graphql(REPOSITORY_ID, {"owner": WORLD.owner, "name": "nothing"})
    assert unknown["errors"][0]["message"] == "Could not resolve to a Repository with the name 'acme/nothing'."


def test_a_rule_reads_back_as_it_was_written_with_no_key_besides(github: GitHubSandbox) -> None:
    answer = create(github, TEAM_PROFILE)
    assert set(answer) == {"data"}
    assert set(answer["data"]["createBranchProtectionRule"]["branchProtectionRule"]) == {"id"}
    identifier = answer["data"]["createBranchProtectionRule"]["branchProtectionRule"]["id"]
    node = github.graphql(READ, {"id": identifier})["data"]["node"]
    lists = ("pushAllowances", "reviewDismissalAllowances", "bypassForcePushAllowances", "bypassPullRequestAllowances")
    written = {key: value for key, value in TEAM_PROFILE.items() if not key.endswith("ActorIds")}
    assert node == {
        **written,
        **{name: {"nodes": []} for name in lists},
        "id": identifier,
        "repository": {"id": github.repository["node_id"], "name": WORLD.repository},
    }


def test_actors_come_back_with_the_keys_of_their_own_type_only(github: GitHubSandbox) -> None:
    writer = user_id(github, "writer")
    identifier = protect(github, restrictsPushes=True, pushActorIds=[writer], bypassForcePushActorIds=[writer])
    node = github.graphql(READ, {"id": identifier})["data"]["node"]
    actor = {"actor": {"id": writer, "name": "writer", "login": "writer"}}
    assert node["pushAllowances"] == {"nodes": [actor]}
    assert node["bypassForcePushAllowances"] == {"nodes": [actor]}


def test_an_update_changes_what_it_says(github: GitHubSandbox) -> None:
    identifier = protect(github, requiresApprovingReviews=True, requiredApprovingReviewCount=2)
    given = {"branchProtectionRuleId": identifier, "requiredApprovingReviewCount": 1, "pattern": "release"}
    answer = github.graphql(UPDATE, {"input": given})
    assert answer == {"data": {"updateBranchProtectionRule": {"branchProtectionRule": {"id": identifier}}}}
    node = github.graphql(READ, {"id": identifier})["data"]["node"]
    assert (node["pattern"], node["requiredApprovingReviewCount"], node["requiresApprovingReviews"]) == (
        "release",
        1,
        True,
    )


def test_a_deleted_rule_is_gone_and_nothing_remains(github: GitHubSandbox) -> None:
    before = github.store.dump()
    identifier = protect(github)
    answer = github.graphql(DELETE, {"input": {"branchProtectionRuleId": identifier}})
    assert answer == {"data": {"deleteBranchProtectionRule": {"clientMutationId": None}}}
    assert github.store.dump() == before
    gone = github.graphql(READ, {"id": identifier})
    assert "Could not resolve to a node with the global id" in gone["errors"][0]["message"]


def test_rules_are_imported_page_by_page(github: GitHubSandbox) -> None:
    for pattern in ("main", "release", "feature/*"):
        protect(github, pattern=pattern)
    patterns, cursor = [], None
    while True:
        variables = {"id": github.repository["node_id"], "first": 2, "cursor": cursor}
        node = github.graphql(IMPORT, variables)["data"]["node"]
        assert set(node) == {"branchProtectionRules", "id"}
        patterns += [rule["pattern"] for rule in node["branchProtectionRules"]["nodes"]]
        if not node["branchProtectionRules"]["pageInfo"]["hasNextPage"]:
            break
        cursor = node["branchProtectionRules"]["pageInfo"]["endCursor"]
    assert patterns == ["main", "release", "feature/*"]


def test_a_pattern_is_protected_once(github: GitHubSandbox) -> None:
    protect(github)
    answer = create(github, settings())
    assert answer["errors"][0]["message"] == "Name already protected: main"
    assert answer["data"] == {"createBranchProtectionRule": None}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sparkles": True}, "sparkles (Field is not defined on CreateBranchProtectionRuleInput)"),
        ({"lockBranch": "yes"}, "lockBranch (Could not coerce value 'yes')"),
        ({"pattern": None}, "pattern (Expected value to not be null)"),
        ({"requiredApprovingReviewCount": 7}, "must be between 0 and 6"),
        ({"pushActorIds": ["U_x"]}, "Could not resolve to a node with the global id of 'U_x'"),
    ],
)
def test_what_is_no_rule_is_refused_and_changes_nothing(
    github: GitHubSandbox, change: dict[str, Any], message: str
) -> None:
    before = github.store.dump()
    assert message in create(github, settings(**change))["errors"][0]["message"]
    assert github.store.dump() == before


def test_only_administrators_see_or_write_rules(github: GitHubSandbox) -> None:
    identifier = protect(github)
    refused = create(github, settings(pattern="x"), token=WRITER)
    assert refused["errors"][0]["type"] == "FORBIDDEN"
    assert (
        refused["errors"][0]["message"]
        == "writer does not have the correct permissions to execute `CreateBranchProtectionRule`"
    )
    assert create(github, settings(pattern="x"), token=STRANGER)["errors"][0]["type"] == "NOT_FOUND"
    for query in (UPDATE, DELETE):
        answer = github.graphql(query, {"input": {"branchProtectionRuleId": identifier}}, token=READER)
        assert answer["errors"][0]["type"] == "FORBIDDEN"
    assert github.graphql(READ, {"id": identifier}, token=WRITER)["errors"][0]["type"] == "NOT_FOUND"
    listed = github.graphql(IMPORT, {"id": github.repository["node_id"], "first": 9}, token=READER)
    assert listed["data"]["node"]["branchProtectionRules"]["nodes"] == []
    assert github.graphql(NODE, {"id": github.repository["node_id"]}, token=STRANGER)["data"] == {"node": None}


def test_an_organisation_without_teams_has_no_team(github: GitHubSandbox) -> None:
    answer = github.graphql(TEAM, {"organization": WORLD.owner, "slug": "ml"})
    assert answer == {"data": {"organization": {"team": None}}}
    assert "Could not resolve to a User" in github.graphql(USER, {"user": WORLD.owner})["errors"][0]["message"]


def test_pygithub_and_other_clients_may_word_queries_as_they_like(github: GitHubSandbox) -> None:
    query = """
      # aliases, fragments, literals and __typename
      query Rules { r: repository(owner: "acme", name: "taxi") { ...facts owner { login ... on User { name } } } }
      fragment facts on Repository { __typename, nameWithOwner }
    """
    assert github.graphql(query) == {
        "data": {"r": {"__typename": "Repository", "nameWithOwner": "acme/taxi", "owner": {"login": "acme"}}}
    }
    _, data = github.client().requester.graphql_query("query { viewer { login } }", {})
    assert data["data"]["viewer"]["login"] == "platform-admin"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("query { viewer { shoeSize } }", "Field 'shoeSize' doesn't exist on type 'User'"),
        ("query { sponsors { id } }", "Field 'sponsors' doesn't exist on type 'Query'"),
        ("query { viewer }", "Field must have selections"),
        ("query { viewer { login { x } } }", "Selections can't be made on scalars"),
        ("query { viewer { login }", "Parse error"),
        ("query($id:ID!){node(id:$id){id}}", "Variable $id was provided invalid value"),
        ("query { ...missing }", "Fragment missing was used, but not defined"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why(github: GitHubSandbox, query: str, message: str) -> None:
    assert message in github.graphql(query)["errors"][0]["message"]


@pytest.mark.parametrize("variables", [1, {"input": 1}, {"input": {}}, {"input": {"repositoryId": 1}}])
@pytest.mark.parametrize("query", [CREATE, UPDATE, DELETE])
def test_variables_of_the_wrong_kind_are_an_error(github: GitHubSandbox, query: str, variables: object) -> None:
    answer = github.send("POST", "/graphql", {"query": query, "variables": variables})
    assert answer.status_code == 200
    assert answer.json()["errors"]


def test_a_cursor_that_is_none_is_an_error(github: GitHubSandbox) -> None:
    variables = {"id": github.repository["node_id"], "first": 2, "cursor": "%"}
    assert "does not appear to be a valid cursor" in github.graphql(IMPORT, variables)["errors"][0]["message"]


# REST


def test_rest_shows_the_rules_that_graphql_made(github: GitHubSandbox) -> None:
    create(github, TEAM_PROFILE | {"requiresStatusChecks": True, "requiredStatusCheckContexts": ["unit"]})
    protection = github.repo().get_branch("main").get_protection()
    assert protection.enforce_admins
    reviews = protection.required_pull_request_reviews
    assert (reviews.required_approving_review_count, reviews.dismiss_stale_reviews) == (1, True)
    assert reviews.require_last_push_approval
    assert (protection.required_status_checks.contexts, protection.required_status_checks.strict) == (["unit"], False)
    body = github.send("GET", f"{REPOSITORY}/branches/main/protection").json()
    assert body["required_conversation_resolution"] == {"enabled": True}
    assert body["allow_force_pushes"] == {"enabled": False}
    assert "restrictions" not in body


def test_graphql_shows_the_rules_that_rest_made(github: GitHubSandbox) -> None:
    before = github.store.dump()
    branch = github.repo().get_branch("main")
    branch.edit_protection(
        strict=True,
        checks=["unit"],
        enforce_admins=True,
        required_approving_review_count=2,
        dismiss_stale_reviews=True,
        users_bypass_pull_request_allowances=["writer"],
        required_linear_history=True,
        user_push_restrictions=["writer"],
    )
    variables = {"id": github.repository["node_id"], "first": 9}
    (rule,) = github.graphql(IMPORT, variables)["data"]["node"]["branchProtectionRules"]["nodes"]
    assert rule["pattern"] == "main"
    node = github.graphql(READ, {"id": rule["id"]})["data"]["node"]
    assert node["requiredStatusCheckContexts"] == ["unit"]
    assert (node["requiredApprovingReviewCount"], node["requiresLinearHistory"]) == (2, True)
    assert [one["actor"]["login"] for one in node["pushAllowances"]["nodes"]] == ["writer"]
    assert [one["actor"]["login"] for one in node["bypassPullRequestAllowances"]["nodes"]] == ["writer"]
    branch.remove_protection()
    assert github.store.dump() == before


def test_the_parts_of_a_protection_have_addresses_of_their_own(github: GitHubSandbox) -> None:
    protect(github, requiresApprovingReviews=True, requiredApprovingReviewCount=2, isAdminEnforced=True)
    branch = github.repo().get_branch("main")
    branch.edit_required_pull_request_reviews(required_approving_review_count=1)
    assert branch.get_required_pull_request_reviews().required_approving_review_count == 1
    branch.remove_admin_enforcement()
    assert not branch.get_admin_enforcement()
    branch.set_admin_enforcement()
    assert branch.get_admin_enforcement()
    branch.add_required_signatures()
    assert branch.get_required_signatures()
    branch.remove_required_signatures()
    branch.remove_required_signatures()
    branch.remove_required_pull_request_reviews()
    assert "required_pull_request_reviews" not in github.send("GET", f"{REPOSITORY}/branches/main/protection").json()


def test_branch_protection_v3_gets_both_lists_of_checks(github: GitHubSandbox) -> None:
    body = {
        "required_status_checks": {"strict": False, "checks": [{"context": "unit", "app_id": -1}]},
        "required_pull_request_reviews": None,
        "enforce_admins": False,
        "restrictions": None,
        "required_conversation_resolution": True,
    }
    answer = github.send("PUT", f"{REPOSITORY}/branches/main/protection", body).json()
    assert answer["required_status_checks"]["contexts"] == ["unit"]
    assert answer["required_status_checks"]["checks"] == [{"context": "unit", "app_id": None}]
    del body["restrictions"]
    refused = github.send("PUT", f"{REPOSITORY}/branches/main/protection", body)
    assert (refused.status_code, "restrictions" in refused.json()["message"]) == (422, True)


def test_a_branch_says_whether_it_is_protected_and_readers_may_know(github: GitHubSandbox) -> None:
    protection = f"{REPOSITORY}/branches/main/protection"
    assert github.send("GET", protection).json()["message"] == "Branch not protected"
    assert github.send("GET", f"{REPOSITORY}/branches/nothing/protection").json()["message"] == "Branch not found"
    protect(github)
    assert github.repo(READER).get_branch("main").protected
    assert github.send("GET", protection, token=READER).status_code == 403
    assert github.send("GET", protection, token=WRITER).status_code == 403
    listed = github.send("GET", f"{REPOSITORY}/branches", query={"protected": "false"})
    assert listed.json() == []


# Enforcement


def test_a_protected_branch_takes_no_direct_push(github: GitHubSandbox) -> None:
    repo = github.repo()
    sha = commit_on(repo, "main")
    protect(github, requiresApprovingReviews=True, isAdminEnforced=True)
    with pytest.raises(GithubException, match="Changes must be made through a pull request") as refusal:
        repo.get_git_ref("heads/main").edit(sha)
    assert refusal.value.status == 422
    with pytest.raises(GithubException, match="Could not create file: Changes must be made through") as refusal:
        repo.create_file("a.txt", "add", "x")
    assert refusal.value.status == 409
    assert repo.get_branch("main").commit.commit.message == "Initial commit"


def test_administrators_push_past_a_rule_that_does_not_include_them_and_writers_do_not(github: GitHubSandbox) -> None:
    protect(github, requiresApprovingReviews=True)
    repo = github.repo()
    repo.get_git_ref("heads/main").edit(commit_on(repo, "main"))
    with pytest.raises(GithubException, match="pull request"):
        github.repo(WRITER).get_git_ref("heads/main").edit(commit_on(repo, "main"))


def test_those_who_may_bypass_the_pull_request_push(github: GitHubSandbox) -> None:
    protect(github, requiresApprovingReviews=True, bypassPullRequestActorIds=[user_id(github, "writer")])
    repo = github.repo(WRITER)
    repo.get_git_ref("heads/main").edit(commit_on(repo, "main"))


@pytest.mark.parametrize("enforced", [True, False])
def test_nobody_forces_or_deletes_a_protected_branch(github: GitHubSandbox, enforced: bool) -> None:
    repo = github.repo()
    first = repo.get_branch("main").commit.sha
    repo.create_git_ref("refs/heads/release", commit_on(repo, "main"))
    protect(github, pattern="rel*", isAdminEnforced=enforced)
    ref = repo.get_git_ref("heads/release")
    with pytest.raises(GithubException, match="Cannot force-push to this branch"):
        ref.edit(first, force=True)
    with pytest.raises(GithubException, match="Cannot delete this protected branch"):
        ref.delete()


def test_what_a_rule_allows_is_done(github: GitHubSandbox) -> None:
    repo = github.repo()
    first = repo.get_branch("main").commit.sha
    repo.create_git_ref("refs/heads/release", commit_on(repo, "main"))
    protect(github, pattern="release", allowsForcePushes=True, allowsDeletions=True)
    repo.get_git_ref("heads/release").edit(first, force=True)
    repo.get_git_ref("heads/release").delete()


def test_a_locked_branch_takes_nothing(github: GitHubSandbox) -> None:
    protect(github, lockBranch=True, isAdminEnforced=True)
    repo = github.repo()
    with pytest.raises(GithubException, match="locked branch"):
        repo.get_git_ref("heads/main").edit(commit_on(repo, "main"))


def test_only_the_listed_push_where_pushes_are_restricted(github: GitHubSandbox) -> None:
    protect(github, restrictsPushes=True, blocksCreations=True, pattern="rel/*", isAdminEnforced=True)
    sha = github.repo().get_branch("main").commit.sha
    with pytest.raises(GithubException, match="not authorized to push"):
        github.repo(WRITER).create_git_ref("refs/heads/rel/1", sha)
    github.repo().create_git_ref("refs/heads/rel/1", sha)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requiresLinearHistory": True}, "must not contain merge commits"),
        ({"requiresCommitSignatures": True}, "verified signatures"),
        ({"requiresStatusChecks": True, "requiredStatusCheckContexts": ["a"]}, 'Required status check "a" is expected'),
        (
            {"requiresStatusChecks": True, "requiredStatusCheckContexts": ["a", "b"]},
            "2 of 2 required status checks are expected",
        ),
    ],
)
def test_commits_must_be_as_the_rule_asks(github: GitHubSandbox, changes: dict[str, Any], message: str) -> None:
    repo = github.repo()
    main = repo.get_git_commit(repo.get_branch("main").commit.sha)
    side = repo.get_git_commit(commit_on(repo, "main", "side"))
    merge = repo.create_git_commit("merge", main.tree, [main, side])
    protect(github, isAdminEnforced=True, **changes)
    with pytest.raises(GithubException, match=message):
        repo.get_git_ref("heads/main").edit(merge.sha)


def test_the_rule_that_names_a_branch_wins_over_patterns(github: GitHubSandbox) -> None:
    protect(github, pattern="m*", lockBranch=True, isAdminEnforced=True)
    protect(github, pattern="main", isAdminEnforced=True)
    repo = github.repo()
    repo.get_git_ref("heads/main").edit(commit_on(repo, "main"))


def test_a_rule_that_names_a_branch_follows_its_new_name(github: GitHubSandbox) -> None:
    protect(github)
    assert github.repo().rename_branch("main", "trunk")
    assert github.repo().get_branch("trunk").protected
    assert not github.repo(WRITER).rename_branch("trunk", "main")


# Pull requests


def open_pull(github: GitHubSandbox, token: str = WRITER, base: str = "main") -> int:
    repo = github.repo(token)
    repo.create_git_ref("refs/heads/change", repo.get_branch(base).commit.sha)
    repo.create_file("a.txt", "add", "x", branch="change")
    return repo.create_pull(base=base, head="change", title="Change").number


def test_one_review_by_another_opens_the_way_into_a_protected_branch(github: GitHubSandbox) -> None:
    create(github, TEAM_PROFILE)
    number = open_pull(github)
    mine = github.repo(WRITER).get_pull(number)
    with pytest.raises(GithubException, match="At least 1 approving review is required") as refusal:
        mine.merge()
    assert refusal.value.status == 405
    with pytest.raises(GithubException, match="Can not approve your own pull request"):
        mine.create_review(event="APPROVE")
    github.repo(READER).get_pull(number).create_review(event="APPROVE")
    with pytest.raises(GithubException, match="by reviewers with write access"):
        mine.merge()
    github.repo().get_pull(number).create_review(event="APPROVE")
    assert mine.merge().merged
    repo = github.repo()
    assert repo.get_contents("a.txt").decoded_content == b"x"
    assert len(repo.get_branch("main").commit.parents) == 2
    assert repo.get_pull(number).merged
    assert [pull.number for pull in repo.get_pulls(state="closed")] == [number]


def test_a_push_after_the_review_dismisses_it(github: GitHubSandbox) -> None:
    create(github, TEAM_PROFILE)
    number = open_pull(github)
    github.repo().get_pull(number).create_review(event="APPROVE")
    github.repo(WRITER).create_file("b.txt", "add", "y", branch="change")
    with pytest.raises(GithubException, match="At least 1 approving review is required"):
        github.repo(WRITER).get_pull(number).merge()


def test_the_last_pusher_does_not_approve_their_own_push(github: GitHubSandbox) -> None:
    create(github, TEAM_PROFILE)
    number = open_pull(github)
    github.repo().create_file("b.txt", "add", "y", branch="change")
    github.repo().get_pull(number).create_review(event="APPROVE")
    with pytest.raises(GithubException, match="someone other than the last pusher"):
        github.repo(WRITER).get_pull(number).merge()


def test_a_solo_maintainer_merges_pull_requests_without_reviews(github: GitHubSandbox) -> None:
    protect(github, requiresApprovingReviews=True, isAdminEnforced=True, requireLastPushApproval=True)
    number = open_pull(github, ADMIN)
    assert github.repo().get_pull(number).merge().merged


def test_required_checks_must_have_succeeded_on_the_newest_commit(github: GitHubSandbox) -> None:
    protect(
        github,
        requiresApprovingReviews=True,
        isAdminEnforced=True,
        requiresStatusChecks=True,
        requiresStrictStatusChecks=True,
        requiredStatusCheckContexts=["unit"],
    )
    number, repo = open_pull(github), github.repo()
    pull = repo.get_pull(number)
    commit = repo.get_commit(pull.head.sha)
    for state, said in ((None, "expected"), ("pending", "pending"), ("failure", "failing"), ("error", "errored")):
        if state:
            commit.create_status(state, context="unit")
        with pytest.raises(GithubException, match=f'"unit" is {said}'):
            pull.merge()
    commit.create_status("success", context="unit")
    assert commit.get_combined_status().state == "success"
    assert [status.state for status in commit.get_statuses()] == ["success"]
    assert pull.merge().merged


def test_strict_checks_want_the_newest_base(github: GitHubSandbox) -> None:
    number, repo = open_pull(github), github.repo()
    repo.create_file("b.txt", "add", "y")
    protect(
        github,
        isAdminEnforced=True,
        requiresStatusChecks=True,
        requiresStrictStatusChecks=True,
        requiredStatusCheckContexts=["unit"],
    )
    pull = repo.get_pull(number)
    repo.get_commit(pull.head.sha).create_status("success", context="unit")
    with pytest.raises(GithubException, match="not up to date"):
        pull.merge()


def test_requested_changes_block_the_merge(github: GitHubSandbox) -> None:
    protect(github, requiresApprovingReviews=True, isAdminEnforced=True)
    number = open_pull(github)
    github.repo().get_pull(number).create_review(event="REQUEST_CHANGES", body="no")
    with pytest.raises(GithubException, match="Changes have been requested"):
        github.repo(WRITER).get_pull(number).merge()


def test_main_merges_into_release_unless_history_must_be_linear(github: GitHubSandbox) -> None:
    repo = github.repo()
    repo.create_git_ref("refs/heads/release", repo.get_branch("main").commit.sha)
    repo.create_file("a.txt", "add", "x")
    protect(github, pattern="release", requiresApprovingReviews=True, isAdminEnforced=True)
    pull = repo.create_pull(base="release", head="main", title="Release")
    assert pull.merge().merged
    (rule,) = github.graphql(IMPORT, {"id": github.repository["node_id"], "first": 1})["data"]["node"][
        "branchProtectionRules"
    ]["nodes"]
    github.graphql(UPDATE, {"input": {"branchProtectionRuleId": rule["id"], "requiresLinearHistory": True}})
    repo.create_file("b.txt", "add", "x")
    pull = repo.create_pull(base="release", head="main", title="Release")
    with pytest.raises(GithubException, match="must not contain merge commits"):
        pull.merge()


def test_conflicting_changes_are_not_merged(github: GitHubSandbox) -> None:
    number = open_pull(github)
    github.repo().create_file("a.txt", "add", "other")
    with pytest.raises(GithubException, match="not mergeable"):
        github.repo().get_pull(number).merge()


def test_a_pull_request_needs_branches_and_commits(github: GitHubSandbox) -> None:
    repo = github.repo()
    repo.create_git_ref("refs/heads/same", repo.get_branch("main").commit.sha)
    for head, message in (("same", "No commits between main and same"), ("nothing", "invalid")):
        with pytest.raises(GithubException, match=message):
            repo.create_pull(base="main", head=head, title="x")
