"""The repository stack, deployed by Terraform, and what GitHub's own client then finds and may do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from github import Auth, Github, GithubException

from sandbox.github.world.actions.secrets import open_secret
from sandbox.state import open_state, world_of
from tests.deployments import Deployment, deployment_in, enter
from tests.synthesis import config


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    with deployment_in(tmp_path / "project", config()) as deployment:
        yield deployment


def test_the_repository_stack_protects_its_branches_and_leaves_nothing_behind(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = deployment.dump()
    deployment.synth()
    deployment.apply("repository")
    assert deployment.pending("repository") == []
    enter(deployment, monkeypatch)
    settings = config()["github"]
    client = Github(
        auth=Auth.Token(deployment.environ["GITHUB_TOKEN"]), seconds_between_requests=None, seconds_between_writes=None
    )
    repo = client.get_repo(f"{settings['owner']}/{settings['repository']}")
    for name in ("main", "release"):
        protection = repo.get_branch(name).get_protection()
        assert protection.enforce_admins
        with pytest.raises(GithubException, match="Cannot delete"):
            repo.get_git_ref(f"heads/{name}").delete()
    with pytest.raises(GithubException, match="Changes must be made through a pull request"):
        repo.create_file("a.txt", "add", "x")
    client.close()
    deployment.synth(MLOPS_ALLOW_DESTROY="repository")
    deployment.destroy("repository")
    assert deployment.dump() == seed


def test_a_secret_in_an_environment_is_for_its_branch_alone(deployment: Deployment) -> None:
    deployment.configure(config(github__secret_scope="environment"))
    seed = deployment.dump()
    deployment.synth()
    deployment.apply("prod")
    assert deployment.pending("prod") == []
    store = open_state(deployment.sandbox.folder)
    try:
        world = world_of(store)
        assert world is not None
        name = "PROD_WORKSPACE_TOKEN"
        assert open_secret(store, world, name=name, environment="prod", branch="release")
        with pytest.raises(PermissionError):
            open_secret(store, world, name=name, environment="prod", branch="feature")
        with pytest.raises(KeyError, match="there is none"):
            open_secret(store, world, name=name)
    finally:
        store.close()
    deployment.destroy("prod")
    assert deployment.dump() == seed
