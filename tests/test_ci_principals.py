"""Who the jobs are, and that what they hold is not shown."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from databricks.sdk.errors import PermissionDenied

from checks import cli
from checks.identities import may_too_much, shared
from safe_text.terminal import command_runner


def test_environments_that_share_a_principal_are_named() -> None:
    assert list(shared([("drift", "a"), ("staging", "b"), ("prod", "c")])) == []
    assert list(shared([("repository", ""), ("drift", "")])) == []
    (warning,) = shared([("drift", "a"), ("staging", "b"), ("prod", "a")])
    assert warning.startswith("the environments drift and prod share one principal")


def test_a_principal_that_only_looks_is_no_account_admin() -> None:
    def refuse() -> None:
        raise PermissionDenied("no")

    narrow: Any = SimpleNamespace(workspaces=refuse)
    wide: Any = SimpleNamespace(workspaces=lambda: ())
    assert may_too_much(narrow) == ""
    assert "is an account admin" in may_too_much(wide)


def test_warnings_are_annotations_in_a_job_and_end_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setattr(cli, "read_settings", lambda: None)
    done = CliRunner().invoke(cli.main, ["identities", "staging=a", "drift=a"])
    assert done.exit_code == 0
    assert done.output.startswith("::warning::the environments staging and drift share one principal")
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert CliRunner().invoke(cli.main, ["identities", "staging=a", "drift=a"]).output.startswith("warning: ")


def test_a_command_of_the_runner_ends_with_its_value(capsys: pytest.CaptureFixture[str]) -> None:
    command_runner("add-mask", "dapi1%\n::error::x\r")
    assert capsys.readouterr().out == "::add-mask::dapi1%25%0A::error::x%0D\n"


def test_a_command_with_tokens_prints_nothing_before_they_are_masked(tmp_path: Path) -> None:
    """In a process of its own, whose place the command takes: what it has not written yet would be lost."""
    program = f"""
import sys
from unittest.mock import patch
from checks import cli, tokens
with patch.object(cli, "read_settings"), patch.object(cli, "_chosen", return_value=()), \\
     patch.object(cli, "_synthesized", return_value={{}}), \\
     patch.object(tokens, "tokens", return_value={{"STAGING_WORKSPACE_TOKEN": "dapi1"}}):
    cli.main(["with-tokens", {sys.executable!r}, "-c", "import os; print(os.environ['STAGING_WORKSPACE_TOKEN'])"])
"""
    for environ, said in (
        ({"GITHUB_ACTIONS": "true"}, "::add-mask::dapi1\ndapi1\n"),
        ({"GITHUB_ACTIONS": "false", "CI": "true"}, "dapi1\n"),
        ({}, "dapi1\n"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={"PATH": "/usr/bin:/bin", **environ},
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stdout) == (0, said), done.stderr
