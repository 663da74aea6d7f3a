"""The providers' lock file: put beside every stack of a real run, and obeyed by Terraform."""

import json
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bootstrap.lock_providers import lock, required_providers
from checks.check import Finding
from checks.preflight import providers
from checks.preflight.providers import provider_checks
from checks.synthesized import Stack
from sandbox.standins.mirror import write_mirror
from stacks.provider_lock import PROVIDER_LOCK, lock_of, put_provider_locks

REQUIRED = {
    "databricks": {"source": "databricks/databricks", "version": "1.99.0"},
    "github": {"source": "integrations/github", "version": "6.9.0"},
}
PLATFORM = "linux_amd64"


def stack_in(output: Path, name: str, *providers: str) -> Path:
    folder = output / "stacks" / name
    folder.mkdir(parents=True)
    needed = {"terraform": {"required_providers": {one: REQUIRED[one] for one in providers}}}
    (folder / "cdk.tf.json").write_text(json.dumps(needed), encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two stacks, and a mirror of stand-ins as the only place that Terraform installs from."""
    mirror = write_mirror(tmp_path / "mirror")
    configuration = tmp_path / "terraform.tfrc"
    configuration.write_text(
        f"provider_installation {{\n  filesystem_mirror {{\n    path = {json.dumps(str(mirror))}\n  }}\n}}\n"
    )
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("TF_CLI_ARGS_providers_lock", f"-fs-mirror={mirror}")
    monkeypatch.setenv("CHECKPOINT_DISABLE", "1")
    for name in ("TF_PLUGIN_CACHE_DIR", "TERRAFORM_BINARY_NAME"):
        monkeypatch.delenv(name, raising=False)
    stack_in(tmp_path / "cdktf.out", "repository", "github")
    stack_in(tmp_path / "cdktf.out", "staging", "databricks", "github")
    (tmp_path / PROVIDER_LOCK).parent.mkdir()
    return tmp_path


def settings(*, sandbox: bool) -> Any:
    return SimpleNamespace(invocation=SimpleNamespace(sandbox=sandbox))


def initialized(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["terraform", "init", "-no-color", "-input=false", "-lockfile=readonly"],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_terraform_takes_what_is_locked_and_refuses_another_hash(project: Path) -> None:
    output, file = project / "cdktf.out", project / PROVIDER_LOCK
    lock(output, file, [PLATFORM])
    put_provider_locks(str(output), settings(sandbox=False), project=project)
    for name in ("repository", "staging"):
        done = initialized(output / "stacks" / name)
        assert done.returncode == 0, done.stderr

    other = re.sub(r'"(h1|zh):[^"]{8}', r'"\1:AAAAAAAA', file.read_text(encoding="utf-8"))
    file.write_text(other, encoding="utf-8")
    put_provider_locks(str(output), settings(sandbox=False), project=project)
    done = initialized(output / "stacks" / "staging")
    assert done.returncode == 1
    assert "checksums previously recorded in the dependency lock file" in " ".join(done.stderr.split())

    # A provider that the file does not name is not installed either.
    (output / "stacks" / "repository" / ".terraform.lock.hcl").write_text("", encoding="utf-8")
    done = initialized(output / "stacks" / "repository")
    assert done.returncode == 1
    assert "Provider dependency changes detected" in done.stderr


def test_the_sandbox_and_a_project_without_the_file_get_none(project: Path) -> None:
    output = project / "cdktf.out"
    put_provider_locks(str(output), settings(sandbox=False), project=project)
    (project / PROVIDER_LOCK).write_text('provider "x/databricks/databricks" {\n}\n', encoding="utf-8")
    put_provider_locks(str(output), settings(sandbox=True), project=project)
    assert not list(output.rglob(".terraform.lock.hcl"))


def test_a_stack_gets_the_blocks_of_its_own_providers() -> None:
    blocks = {
        name: f'provider "registry.terraform.io/{one["source"]}" {{\n  version = "{one["version"]}"\n'
        '  hashes = [\n    "h1:x",\n\n  ]\n}\n'
        for name, one in REQUIRED.items()
    }
    text = "# Made by Terraform.\n\n" + "\n".join(blocks.values())
    assert lock_of(text, {"integrations/github"}) == blocks["github"]
    assert lock_of(text, {"databricks/databricks", "integrations/github"}) == "\n".join(blocks.values())
    assert lock_of(text, {"another/github", "hub"}) == ""


def test_stacks_that_need_different_versions_are_not_locked_together(project: Path) -> None:
    folder = stack_in(project / "cdktf.out", "zz", "github")
    text = (folder / "cdk.tf.json").read_text(encoding="utf-8")
    (folder / "cdk.tf.json").write_text(text.replace("6.9.0", "6.10.0"), encoding="utf-8")
    with pytest.raises(SystemExit, match="needs another version of github"):
        required_providers(project / "cdktf.out")


def outcome(project: Path) -> object:
    output = project / "cdktf.out" / "stacks"
    stacks = {
        one.name: Stack(one.name, one, json.loads((one / "cdk.tf.json").read_text(encoding="utf-8")))
        for one in output.iterdir()
    }
    assert provider_checks(settings(sandbox=True), stacks) == []
    (check,) = provider_checks(settings(sandbox=False), stacks)
    return check.run()


def test_preflight_says_whether_the_file_is_there_and_fits(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "LOCK", project / PROVIDER_LOCK)
    missing = outcome(project)
    assert isinstance(missing, Finding)
    assert missing.found.startswith("there is no such file")
    file = project / PROVIDER_LOCK
    text = "".join(
        f'provider "registry.terraform.io/{one["source"]}" {{\n  version     = "{one["version"]}"\n'
        '  hashes = [\n    "zh:0",\n  ]\n}\n\n'
        for one in REQUIRED.values()
    )
    file.write_text(text, encoding="utf-8")
    assert outcome(project) == "databricks/databricks, integrations/github"
    for broken in (text.replace("6.9.0", "6.8.0"), text.replace('"zh:0"', ""), text.replace("integrations", "x")):
        file.write_text(broken, encoding="utf-8")
        assert isinstance(outcome(project), Finding)
