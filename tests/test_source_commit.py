"""Which commits of the ML repository are deployed: real Git, as a runner of GitHub has it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from checks.check import UncheckableError
from checks.source_commit import RefusedCommitError, source_commit
from settings import StackSettings
from tests.drift_setup import git


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """The ML repository: main with three commits, release made from the second, a branch that nobody has reviewed."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    for number in ("1", "2"):
        commit(folder, f"code {number}")
    git(folder, "branch", "release")
    commit(folder, "code 3")
    git(folder, "checkout", "--quiet", "-b", "feature")
    commit(folder, "never reviewed")
    git(folder, "checkout", "--quiet", "main")
    return folder


def commit(folder: Path, text: str) -> str:
    (folder / "code.py").write_text(text, encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", text)
    return name_of(folder, "HEAD")


def name_of(folder: Path, revision: str) -> str:
    return git(folder, "rev-parse", revision).strip()


def runner(origin: Path, *, ref: str = "main", depth: str = "") -> Path:
    """A checkout as actions/checkout makes it: every branch of the remote, and a commit on no branch."""
    folder = origin.parent / "runner"
    git(origin.parent, "clone", "--quiet", *([f"--depth={depth}"] if depth else []), origin.as_uri(), str(folder))
    git(folder, "checkout", "--quiet", "--detach", name_of(origin, ref) if not depth else "HEAD")
    return folder


def settings(folder: Path, *, release_from_main: bool = True) -> Any:
    staging: Any = SimpleNamespace(branch="main")
    prod: Any = SimpleNamespace(branch="release")
    stacks = [
        StackSettings("repository"),
        *(StackSettings(name, environment=one) for name, one in (("staging", staging), ("prod", prod))),
        *(
            StackSettings(f"bundle-{target}", bundle=cast("Any", SimpleNamespace(environment=one, branch=one.branch)))
            for target, one in (("staging", staging), ("test", staging), ("prod", prod))
        ),
    ]
    return SimpleNamespace(
        ml_project=SimpleNamespace(folder=folder),
        stacks={one.name: one for one in stacks},
        github=SimpleNamespace(release_from_main=release_from_main),
    )


def taken(folder: Path, stack: str, wanted: str | None = None, *, check_out: bool = False, **options: bool) -> str:
    import os

    return source_commit(settings(folder, **options), dict(os.environ), stack, wanted, check_out=check_out).commit


def test_the_newest_commit_of_the_stack_s_branch_is_taken(origin: Path) -> None:
    folder = runner(origin)
    for stack, branch in (("repository", "main"), ("staging", "main"), ("bundle-test", "main"), ("prod", "release")):
        assert taken(folder, stack, check_out=True) == name_of(origin, branch) == name_of(folder, "HEAD")


def test_an_approved_commit_is_taken_although_the_branch_has_moved_on(origin: Path) -> None:
    approved = name_of(origin, "main")
    commit(origin, "code 4")
    folder = runner(origin)
    assert taken(folder, "staging", approved, check_out=True) == approved == name_of(folder, "HEAD")


@pytest.mark.parametrize(
    ("stack", "ref"), [("bundle-staging", "feature"), ("bundle-prod", "main"), ("staging", "feature"), ("prod", "main")]
)
def test_a_commit_of_another_branch_is_refused(origin: Path, stack: str, ref: str) -> None:
    folder = runner(origin, ref=ref)
    with pytest.raises(RefusedCommitError, match="is not on it"):
        taken(folder, stack)
    with pytest.raises(RefusedCommitError, match="is not on it"):
        taken(folder, stack, name_of(origin, ref), check_out=True)


def test_what_a_pull_request_would_merge_is_refused(origin: Path) -> None:
    """refs/pull/N/merge is a commit of GitHub's own, which is on no branch."""
    git(origin, "checkout", "--quiet", "--detach", "main")
    git(origin, "merge", "--quiet", "--no-ff", "-m", "Merge", "feature")
    git(origin, "update-ref", "refs/pull/7/merge", "HEAD")
    git(origin, "checkout", "--quiet", "main")
    folder = runner(origin)
    git(folder, "fetch", "--quiet", "origin", "refs/pull/7/merge")
    git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD")
    with pytest.raises(RefusedCommitError):
        taken(folder, "bundle-staging")


def test_a_release_is_refused_whose_files_never_were_on_main(origin: Path) -> None:
    git(origin, "checkout", "--quiet", "release")
    commit(origin, "a fix that only release has")
    folder = runner(origin, ref="release")
    for stack in ("bundle-prod", "prod"):
        with pytest.raises(RefusedCommitError, match=r"never were .* github.release_from_main: false"):
            taken(folder, stack)
    assert taken(folder, "bundle-prod", release_from_main=False) == name_of(origin, "release")


@pytest.mark.parametrize("how", [["--no-ff"], ["--squash"], ["--ff-only"]])
def test_a_release_is_taken_however_main_was_merged_into_it(origin: Path, how: list[str]) -> None:
    git(origin, "checkout", "--quiet", "release")
    git(origin, "merge", "--quiet", *how, "main")
    if how == ["--squash"]:
        git(origin, "commit", "--quiet", "-m", "Release")
    folder = runner(origin, ref="release")
    assert taken(folder, "bundle-prod") == name_of(origin, "release")


def test_a_merge_that_brings_something_of_its_own_is_refused(origin: Path) -> None:
    """A merge of main in which somebody has also changed a file, or kept what was on release alone."""
    git(origin, "checkout", "--quiet", "release")
    git(origin, "merge", "--quiet", "--no-commit", "--no-ff", "main")
    (origin / "more.py").write_text("more", encoding="utf-8")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "-m", "Merge branch 'main' into release")
    folder = runner(origin, ref="release")
    with pytest.raises(RefusedCommitError, match="never were"):
        taken(folder, "bundle-prod")


def test_a_branch_that_is_yet_to_be_made_from_main_is_main(origin: Path) -> None:
    git(origin, "branch", "-D", "release")
    folder = runner(origin)
    found = source_commit(settings(folder), {"PATH": "/usr/bin:/bin"}, "prod", None, check_out=True)
    assert found.commit == name_of(origin, "main")
    assert "branch release does not exist yet" in found.note
    with pytest.raises(UncheckableError, match="has no branch release"):
        taken(folder, "bundle-prod")


@pytest.mark.parametrize("wanted", ["main", "HEAD", "deadbeef", "--detach", "0" * 39, "0" * 40, "A" * 40, "release"])
def test_only_a_commit_s_full_name_is_one(origin: Path, wanted: str) -> None:
    folder = runner(origin)
    with pytest.raises((UncheckableError, RefusedCommitError)):
        taken(folder, "staging", wanted, check_out=True)


def test_a_tag_named_as_a_branch_is_not_that_branch(origin: Path) -> None:
    git(origin, "tag", "release", "feature")
    folder = runner(origin, ref="refs/heads/feature")
    with pytest.raises(RefusedCommitError):
        taken(folder, "bundle-prod")


def test_a_checkout_without_history_cannot_tell(origin: Path) -> None:
    folder = runner(origin, depth="1")
    with pytest.raises(UncheckableError, match="fetch-depth: 0"):
        taken(folder, "bundle-staging")
