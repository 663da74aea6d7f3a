"""Terraform inside the sandbox: its state stays here, its providers come from one mirror only."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from packages.sandbox.tests.sandbox_processes import Sandbox, sandbox_in
from sandbox.errors import SandboxError
from sandbox.folder import Folder
from sandbox.terraform import Providers, equip, real_binary, real_providers

# A stack with a backend that must never be asked, and a resource that needs no provider.
STACK = {
    "terraform": {"backend": {"s3": {"bucket": "production", "key": "state", "region": "eu-west-1"}}},
    "resource": {"terraform_data": {"x": {"input": "hello"}}},
}
needs_terraform = pytest.mark.skipif(
    not (shutil.which("terraform") or shutil.which("tofu")), reason="Terraform is not installed"
)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox_in(tmp_path / 'a "quoted" folder') as sandbox:
        yield sandbox


def synthesized(output: Path) -> Path:
    """The folder of a stack in an output folder of cdktf."""
    directory = output / "stacks" / "prod"
    directory.mkdir(parents=True)
    (directory / "cdk.tf.json").write_text(json.dumps(STACK), encoding="utf-8")
    return directory


@pytest.fixture
def stack(sandbox: Sandbox) -> Path:
    sandbox.run("true")  # the first command removes what was synthesized for another mirror
    return synthesized(sandbox.folder.output)


@pytest.fixture
def echo(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """The environment in which Terraform is a program that says what it was told."""
    fake = tmp_path / "echo"
    fake.write_text('#!/bin/sh\necho "fake $*"\n', encoding="utf-8")
    fake.chmod(0o755)
    return {"TERRAFORM_BINARY_NAME": str(fake)}


@needs_terraform
@pytest.mark.parametrize("call", ['cd "$0" && "$TERRAFORM_BINARY_NAME"', 'terraform -chdir="$0"', 'tofu -chdir="$0"'])
def test_the_state_of_a_synthesized_stack_stays_in_the_sandbox(sandbox: Sandbox, stack: Path, call: str) -> None:
    before = (stack / "cdk.tf.json").read_bytes()
    sandbox.run("sh", "-c", f"{call} init -input=false && {call} apply -auto-approve", str(stack))
    assert (stack / "cdk.tf.json").read_bytes() == before
    assert not list(stack.glob("*.tfstate"))
    state = json.loads((sandbox.folder.terraform_state / "prod.tfstate").read_text(encoding="utf-8"))
    assert [resource["type"] for resource in state["resources"]] == ["terraform_data"]


def test_what_was_synthesized_outside_is_refused_and_left_alone(
    sandbox: Sandbox, echo: dict[str, Any], tmp_path: Path
) -> None:
    real = synthesized(tmp_path / "cdktf.out")
    sandbox("up")
    for call in (
        'cd "$0" && terraform plan',
        'terraform -chdir="$0" plan',
        'cd / && tofu -chdir=".$0" plan',
        'CDKTF_OUTDIR="$0/../.." terraform -chdir="$0" plan',
    ):
        done = sandbox.run("sh", "-c", call, str(real), code=1, **echo)
        assert done.stdout == ""
        assert done.stderr.splitlines()[-1] == (
            f"sandbox: {real} was synthesized outside the sandbox: "
            "`python -m sandbox run -- cdktf deploy prod` synthesizes it inside and deploys that."
        )
    assert [path.name for path in real.iterdir()] == ["cdk.tf.json"]


def test_without_the_relay_it_refuses_to_start(sandbox: Sandbox, echo: dict[str, Any], stack: Path) -> None:
    for proxy in ("", "http://proxy.example.com:3128", "http://127.0.0.1:1@proxy.example.com:3128"):
        command = f'HTTPS_PROXY={proxy} exec terraform -chdir="$0" plan'
        done = sandbox.run("sh", "-c", command, str(stack), code=1, **echo)
        assert done.stderr.splitlines()[-1] == (
            "sandbox: HTTPS_PROXY does not lead to the sandbox, but this is its Terraform: "
            "start a new shell, in which nothing is left over from `python -m sandbox run`."
        )
    assert [path.name for path in stack.iterdir()] == ["cdk.tf.json"]


def test_links_do_not_lead_the_override_out_of_the_sandbox(
    sandbox: Sandbox, echo: dict[str, Any], tmp_path: Path
) -> None:
    real = synthesized(tmp_path / "cdktf.out")
    output = sandbox.folder.output
    sandbox.run("true")
    (output / "stacks").mkdir()
    (output / "stacks" / "prod").symlink_to(real)
    sandbox.run("terraform", f"-chdir={output}/stacks/prod", "plan", code=1, **echo)
    shutil.rmtree(output)
    inside = 'rmdir "$CDKTF_OUTDIR" && ln -s "$0" "$CDKTF_OUTDIR" && terraform -chdir="$CDKTF_OUTDIR/stacks/prod" plan'
    sandbox.run("sh", "-c", inside, str(real.parent.parent), code=1, **echo)
    assert [path.name for path in real.iterdir()] == ["cdk.tf.json"]


def test_a_link_to_the_sandbox_leads_into_it(
    sandbox: Sandbox, echo: dict[str, Any], stack: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(stack)
    assert sandbox.run("terraform", f"-chdir={tmp_path / 'link'}", "plan", **echo).stdout.endswith(" plan\n")
    override = json.loads((stack / "backend_override.tf.json").read_text(encoding="utf-8"))
    assert override["terraform"]["backend"]["local"]["path"] == str(sandbox.folder.terraform_state / "prod.tfstate")


def test_a_folder_that_cdktf_did_not_make_keeps_its_backend(
    sandbox: Sandbox, echo: dict[str, Any], tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "main.tf.json").write_text("{}", encoding="utf-8")
    assert sandbox.run("terraform", f"-chdir={plain}", "plan", **echo).stdout == f"fake -chdir={plain} plan\n"
    assert [path.name for path in plain.iterdir()] == ["main.tf.json"]


@needs_terraform
def test_terraform_finds_providers_in_the_mirror_only(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text(
        json.dumps({"terraform": {"required_providers": {"random": {"source": "hashicorp/random"}}}}), encoding="utf-8"
    )
    done = sandbox.run("terraform", f"-chdir={tmp_path}", "init", code=1)
    assert "hashicorp/random" in done.stderr
    assert not (tmp_path / "backend_override.tf.json").exists()
    assert "CONNECT" not in sandbox("log").stdout


def test_the_shim_executes_what_terraform_binary_name_said(sandbox: Sandbox, tmp_path: Path) -> None:
    fake = tmp_path / "my tofu"
    fake.write_text('#!/bin/sh\necho "fake $*"; exit 9\n', encoding="utf-8")
    fake.chmod(0o755)
    done = sandbox.run("sh", "-c", 'exec "$TERRAFORM_BINARY_NAME" plan "a b"', code=9, TERRAFORM_BINARY_NAME=str(fake))
    assert done.stdout == "fake plan a b\n"
    nested = '"$SANDBOX_PYTHON" -m sandbox run -- terraform version'
    done = sandbox.run("sh", "-c", nested, code=9, TERRAFORM_BINARY_NAME=str(fake))
    assert done.stdout == "fake version\n"


def test_without_terraform_the_shim_says_how_to_get_it(sandbox: Sandbox) -> None:
    done = sandbox.run("sh", "-c", 'exec "$TERRAFORM_BINARY_NAME" version', code=127, TERRAFORM_BINARY_NAME="not-there")
    assert "Terraform is not installed" in done.stderr


def test_the_users_terraform_is_found_by_name_by_path_and_from_within(tmp_path: Path) -> None:
    for name in ("terraform", "tofu"):
        (tmp_path / name).write_text("", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    path = {"PATH": str(tmp_path)}
    assert real_binary(path) == str(tmp_path / "terraform")
    assert real_binary({**path, "TERRAFORM_BINARY_NAME": "tofu"}) == str(tmp_path / "tofu")
    assert real_binary({**path, "SANDBOX_TERRAFORM": "/x/terraform", "TERRAFORM_BINARY_NAME": "shim"}) == "/x/terraform"
    assert real_binary({"PATH": ""}) is None


def test_the_shim_has_the_same_bytes_in_every_sandbox(tmp_path: Path) -> None:
    for name in ("one", "two"):
        equip(Folder(tmp_path / name), Providers(tmp_path, ""), state=tmp_path / name / "terraform")
    shims = [tmp_path / name / "bin" / "terraform" for name in ("one", "two")]
    assert shims[0].read_bytes() == shims[1].read_bytes()
    assert os.access(shims[0], os.X_OK)
    subprocess.run(["sh", "-n", shims[0]], check=True)


def test_another_mirror_forgets_what_was_synthesized_with_the_first(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "sandbox")
    equip(folder, Providers(tmp_path / "one", ""), state=folder.terraform_state)
    lock = folder.output / "stacks" / "prod" / ".terraform.lock.hcl"
    lock.parent.mkdir(parents=True)
    lock.write_text("", encoding="utf-8")
    equip(folder, Providers(tmp_path / "one", ""), state=folder.terraform_state)
    assert lock.exists()
    equip(folder, Providers(tmp_path / "two", ""), state=folder.terraform_state)
    assert not lock.exists()


def test_a_folder_that_is_no_mirror_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="is no provider mirror: make one with `terraform providers mirror"):
        real_providers(tmp_path)


def test_a_mirror_of_the_users_replaces_the_stand_ins(sandbox: Sandbox, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    (mirror / "registry.terraform.io").mkdir(parents=True)
    done = sandbox("run", "--provider-mirror", str(mirror), "--", "sh", "-c", 'cat "$TF_CLI_CONFIG_FILE"')
    assert f'path = "{mirror}"' in done.stdout
    assert "direct" not in done.stdout
    assert done.stderr == f"sandbox: the providers of {mirror}, state in {sandbox.root}\n"


def test_real_providers_are_refused_on_macos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxError, match="On macOS the real providers do not trust the sandbox's certificate"):
        real_providers(tmp_path)
