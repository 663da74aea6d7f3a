"""Other branches of a checkout, and what the app says of itself."""

import os
from pathlib import Path
from unittest.mock import patch

import pytest

from checks import app_runs
from checks.check import UncheckableError
from checks.git_checkout import Checkout
from tests import ml_project
from tests.drift_setup import git, make_repository


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder inside a repository."""
    folder = tmp_path / "repository" / "project"
    folder.mkdir(parents=True)
    (folder / "code.py").write_text("print(1)\n", encoding="utf-8")
    make_repository(tmp_path / "repository", released="project/code.py")
    return folder


def environ(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **more}


def test_a_commit_is_checked_out_beside_the_users_files_and_gone_afterwards(project: Path) -> None:
    repository = Checkout.around(project, environ())
    assert repository == Checkout(project.parent, "project")
    commit = repository.commit("release", environ())
    assert commit is not None
    with repository.checked_out(commit, environ()) as folder:
        assert (folder / "code.py").read_text(encoding="utf-8") == "print(1)\nprint('released')\n"
        assert len(git(project, "worktree", "list").splitlines()) == 2
    assert not folder.exists()
    assert len(git(project, "worktree", "list").splitlines()) == 1
    assert (project / "code.py").read_text(encoding="utf-8") == "print(1)\n"


def test_a_branch_is_found_here_or_as_it_was_fetched(project: Path) -> None:
    repository = Checkout.around(project, environ())
    assert repository is not None
    here = repository.commit("release", environ())
    assert repository.commit("nowhere", environ()) is None
    git(project, "update-ref", "refs/remotes/origin/fetched", "release")
    git(project, "update-ref", "refs/remotes/origin/release", "main")
    git(project, "pack-refs", "--all")
    assert repository.commit("fetched", environ()) == here == repository.commit("release", environ())


def test_variables_of_a_calling_git_lead_nowhere_else(project: Path, tmp_path: Path) -> None:
    misled = environ(GIT_DIR=str(tmp_path / "elsewhere"), GIT_WORK_TREE=str(tmp_path))
    assert Checkout.around(project, misled) == Checkout(project.parent, "project")


def test_where_git_reads_nothing_there_is_no_repository(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    assert Checkout.around(outside, environ()) is None
    # A .git that is none, as tests make them: Git passes over it and finds the repository around.
    ml_project.check_out(project, "main")
    assert Checkout.around(project, environ()) is None
    assert Checkout.around(outside, {"PATH": ""}) is None


def test_a_refusal_of_git_is_told_in_its_words(project: Path) -> None:
    config = project.parent / ".git" / "config"
    config.write_text("[core\n", encoding="utf-8")
    with pytest.raises(UncheckableError, match=r"Git does not read .*bad config line 1"):
        Checkout.around(project, environ())


def test_a_commit_that_cannot_be_checked_out_is_told(project: Path) -> None:
    repository = Checkout(project.parent, "project")
    with (
        pytest.raises(UncheckableError, match="Git does not check 00000000 out: "),
        repository.checked_out("0" * 40, environ()),
    ):
        pass
    assert len(git(project, "worktree", "list").splitlines()) == 1


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("print('all is well')", None),
        ("import sys; sys.exit()", None),
        ("import sys; sys.exit('mlops.yaml:1:1: wrong')", "mlops.yaml:1:1: wrong"),
        ("print('so far'); raise ValueError('broken')", "so far\nValueError: broken"),
        ("import os; assert os.environ == {'ONLY': 'this'}, os.environ", None),
    ],
)
def test_the_apps_words_are_handed_on(
    program: str, words: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.py").write_text(program, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with patch.dict(os.environ):
        assert app_runs.run({"ONLY": "this"}) == words
