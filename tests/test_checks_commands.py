"""What the commands of `python -m checks` say to a name that nothing has, and to a file that cannot be written."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from checks import cli
from checks.check import Check, Remedy
from checks.unknown_names import unknown
from settings import load
from tests.synthesis import config


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command with small settings; what it said, and its exit code."""
    (tmp_path / "mlops.yaml").write_text(json.dumps(config()), encoding="utf-8")
    settings = load(folder=tmp_path, environ={})
    monkeypatch.setattr(cli, "read_settings", lambda: settings)

    def call(*arguments: str) -> tuple[str, int]:
        done = CliRunner().invoke(cli.main, arguments)
        return done.output, done.exit_code

    return call


def test_a_name_that_nothing_has_is_told_with_those_that_are_close() -> None:
    assert unknown("stack", "prdo", ["staging", "prod"]) == (
        "There is no stack prdo (did you mean prod?); there are staging, prod"
    )
    assert unknown("check", "xyz", ["a", "b"]) == "There is no check xyz; there are a, b"
    many = [f"staging.check-{number}" for number in range(50)]
    assert unknown("check", "xyz", many) == "There is no check xyz"
    assert unknown("check", "staging.chek-7", many).startswith(
        "There is no check staging.chek-7 (did you mean staging."
    )


def test_a_check_that_there_is_none_of_cannot_be_skipped(run: Any) -> None:
    said, code = run("verify", "--skip", "staging.tokn")
    assert code == 1
    assert "There is no check staging.tokn (did you mean staging.token" in said
    assert run("verify", "--skip", "nonsense")[1] == 1


def test_what_another_stack_s_run_would_check_may_be_skipped() -> None:
    """One list of ids serves runs for different stacks."""
    check = Check("staging.token", "", (), lambda: "x", Remedy(""))
    assert cli._skipped(("staging.token", "prod.existing"), [check], "prod.existing") == {
        "staging.token",
        "prod.existing",
    }


@pytest.mark.parametrize("command", ["preflight", "verify", "audit", "drift"])
def test_a_report_is_not_made_for_a_folder_that_does_not_exist(command: str, run: Any, tmp_path: Path) -> None:
    said, code = run(command, "--output", str(tmp_path / "nowhere" / "report.json"))
    assert code == 1
    assert f"there is no folder {tmp_path / 'nowhere'}" in said


def test_a_file_that_refuses_the_report_is_told_in_a_sentence(run: Any) -> None:
    said, code = run("verify", "--only-token", "--output", "/dev/full")
    assert (said, code) == ("The report cannot be written into /dev/full: No space left on device.\n", 1)


def test_an_unknown_environment_is_told_with_the_one_that_is_close(run: Any) -> None:
    said, code = run("verify", "stagin")
    assert said == "There is no environment stagin (did you mean staging?); there are staging, prod.\n"
    assert code == 1
