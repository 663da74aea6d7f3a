"""Branches, refs, commits and files through the git refs API and PyGithub."""

import pytest
from github import GithubException, InputGitTreeElement

from packages.sandbox.tests.github_fixtures import READER, REPOSITORY, STRANGER, WRITER, GitHubSandbox


def head(github: GitHubSandbox, branch: str = "main") -> str:
    sha: str = github.send("GET", f"{REPOSITORY}/git/ref/heads/{branch}").json()["object"]["sha"]
    return sha


def test_the_repository_starts_with_main_and_one_commit(github: GitHubSandbox) -> None:
    repo = github.repo()
    assert [branch.name for branch in repo.get_branches()] == ["main"]
    commit = repo.get_branch("main").commit
    assert (commit.commit.message, commit.parents) == ("Initial commit", [])
    assert [one.sha for one in repo.get_commits()] == [commit.sha]
    assert repo.get_contents("README.md").decoded_content == b"# taxi\n"


def test_a_branch_off_main_is_made_read_and_removed_as_the_provider_does(github: GitHubSandbox) -> None:
    before = github.store.dump()
    sha = head(github)
    made = github.send("POST", f"{REPOSITORY}/git/refs", {"ref": "refs/heads/release", "sha": sha})
    assert made.status_code == 201
    read = github.send("GET", f"{REPOSITORY}/git/ref/heads/release")
    assert read.json() == made.json()
    assert (read.json()["ref"], read.json()["object"]["sha"]) == ("refs/heads/release", sha)
    assert github.send("DELETE", f"{REPOSITORY}/git/refs/heads/release").status_code == 204
    assert github.send("GET", f"{REPOSITORY}/git/ref/heads/release").status_code == 404
    assert github.store.dump() == before


def test_a_ref_that_exists_is_not_made_again(github: GitHubSandbox) -> None:
    answer = github.send("POST", f"{REPOSITORY}/git/refs", {"ref": "refs/heads/main", "sha": head(github)})
    assert (answer.status_code, answer.json()["message"]) == (422, "Reference already exists")
    assert "errors" not in answer.json()


@pytest.mark.parametrize(
    ("ref", "sha", "message"),
    [
        ("heads/x", None, "Reference name must start with 'refs/' and contain two slashes."),
        ("refs/heads/x", "0" * 40, "Object does not exist"),
    ],
)
def test_a_ref_needs_a_full_name_and_a_commit(github: GitHubSandbox, ref: str, sha: str | None, message: str) -> None:
    answer = github.send("POST", f"{REPOSITORY}/git/refs", {"ref": ref, "sha": sha or head(github)})
    assert (answer.status_code, answer.json()["message"]) == (422, message)


def test_a_ref_that_is_not_there_cannot_be_changed(github: GitHubSandbox) -> None:
    for method, body in (("PATCH", {"sha": head(github)}), ("DELETE", None)):
        answer = github.send(method, f"{REPOSITORY}/git/refs/heads/nothing", body)
        assert (answer.status_code, answer.json()["message"]) == (422, "Reference does not exist")


def test_names_with_slashes_are_names(github: GitHubSandbox) -> None:
    repo = github.repo()
    repo.create_git_ref("refs/heads/feature/a", head(github))
    assert repo.get_branch("feature/a").name == "feature/a"
    assert github.send("GET", f"{REPOSITORY}/branches/feature%2Fa").json()["name"] == "feature/a"
    assert [ref.ref for ref in repo.get_git_matching_refs("heads/feature")] == ["refs/heads/feature/a"]
    assert {ref.ref for ref in repo.get_git_refs()} == {"refs/heads/main", "refs/heads/feature/a"}


def test_an_unprotected_branch_moves_forward_and_by_force_anywhere(github: GitHubSandbox) -> None:
    repo = github.repo()
    first = repo.get_git_commit(head(github))
    second = repo.create_git_commit("second", first.tree, [first])
    ref = repo.get_git_ref("heads/main")
    ref.edit(second.sha)
    assert head(github) == second.sha
    with pytest.raises(GithubException, match="Update is not a fast forward"):
        ref.edit(first.sha)
    ref.edit(first.sha, force=True)
    assert head(github) == first.sha


def test_a_renamed_branch_keeps_its_commit_and_the_default_follows(github: GitHubSandbox) -> None:
    repo, sha = github.repo(), head(github)
    assert repo.rename_branch("main", "trunk")
    assert github.repo().default_branch == "trunk"
    assert head(github, "trunk") == sha
    assert github.send("POST", f"{REPOSITORY}/branches/main/rename", {"new_name": "x"}).status_code == 404
    assert github.send("POST", f"{REPOSITORY}/branches/trunk/rename", {"new_name": "trunk"}).status_code == 422


def test_writers_rename_branches_but_not_the_default_one(github: GitHubSandbox) -> None:
    github.repo().create_git_ref("refs/heads/a", head(github))
    assert github.repo(WRITER).rename_branch("a", "b")
    assert not github.repo(WRITER).rename_branch("main", "c")


def test_the_default_branch_is_not_deleted(github: GitHubSandbox) -> None:
    with pytest.raises(GithubException, match="Cannot delete the default branch"):
        github.repo().get_git_ref("heads/main").delete()


def test_files_are_created_replaced_and_deleted_by_pushes(github: GitHubSandbox) -> None:
    repo = github.repo(WRITER)
    made = repo.create_file("src/a.py", "add", "1\n")
    assert repo.get_contents("src/a.py").decoded_content == b"1\n"
    changed = repo.update_file("src/a.py", "change", "2\n", made["content"].sha)
    assert changed["commit"].sha == head(github)
    assert [commit.commit.message for commit in repo.get_commits()] == ["change", "add", "Initial commit"]
    assert {one.path for one in repo.get_contents("")} == {"README.md", "src/a.py"}
    with pytest.raises(GithubException, match="does not match"):
        repo.update_file("src/a.py", "stale", "3\n", made["content"].sha)
    repo.delete_file("src/a.py", "remove", changed["content"].sha)
    assert github.send("GET", f"{REPOSITORY}/contents/src/a.py").status_code == 404


def test_trees_and_blobs_can_be_put_together(github: GitHubSandbox) -> None:
    repo = github.repo()
    parent = repo.get_git_commit(head(github))
    blob = repo.create_git_blob("hello", "utf-8")
    assert blob.sha == "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"  # git hash-object
    tree = repo.create_git_tree([InputGitTreeElement("a.txt", "100644", "blob", sha=blob.sha)], parent.tree)
    assert {entry.path for entry in repo.get_git_tree(tree.sha).tree} == {"README.md", "a.txt"}
    commit = repo.create_git_commit("add", tree, [parent])
    repo.get_git_ref("heads/main").edit(commit.sha)
    assert repo.get_contents("a.txt").decoded_content == b"hello"
    assert repo.get_commit("main").sha == commit.sha


def test_readers_may_look_and_not_touch(github: GitHubSandbox) -> None:
    sha = head(github)
    assert github.repo(READER).get_branch("main").commit.sha == sha
    answer = github.send("POST", f"{REPOSITORY}/git/refs", {"ref": "refs/heads/x", "sha": sha}, token=READER)
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by personal access token")
    assert github.send("GET", f"{REPOSITORY}/branches", token=STRANGER).status_code == 404
