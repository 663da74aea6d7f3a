"""What a sandbox has left in a shell, or in an output folder, is refused outside of it."""

import json
from pathlib import Path

import pytest

from sandbox import folder as sandbox_folder
from sandbox.environment import Administrator, environment
from sandbox.folder import Folder
from sandbox.terraform import Providers
from settings import leftovers, load
from settings.faults import FaultsError

MLOPS = """\
project: taxi-fare
account:
  id: 3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11
github:
  owner: acme-ml
  repository: taxi-fare
environments:
  prod:
    host: https://acme-prod.cloud.databricks.com
    branch: release
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mlops.yaml").write_text(MLOPS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def inside(project: Path) -> dict[str, str]:
    """What CMD gets in the sandbox of this project."""
    folder = Folder(project / ".sandbox")
    return environment(
        outer={"PATH": "/usr/bin"},
        folder=folder,
        relay="http://127.0.0.1:4711",
        providers=Providers(folder.mirror, ""),
        who=Administrator(client_id="id", client_secret="hush", github_token="hush"),
    )


def refused(project: Path, **environ: str) -> dict[str, str]:
    """What was found, by the variable or file in which it was."""
    with pytest.raises(FaultsError) as caught:
        load(folder=project, environ=environ)
    return {fault.file: fault.found for fault in caught.value.faults}


def test_the_two_halves_mean_the_same() -> None:
    assert leftovers.MARK == sandbox_folder._MARK


def test_inside_nothing_is_left_over(project: Path, inside: dict[str, str]) -> None:
    assert load(folder=project, environ=inside).invocation.sandbox
    stack = "http://prod@127.0.0.1:4711"
    assert load(folder=project, environ={**inside, "HTTPS_PROXY": stack}).invocation.sandbox


@pytest.mark.parametrize(
    "name",
    [
        *("CDKTF_OUTDIR", "CDKTF_OUTPUT", "TERRAFORM_BINARY_NAME", "TF_CLI_CONFIG_FILE", "TF_CLI_ARGS_providers_lock"),
        *("DATABRICKS_CONFIG_FILE", "SSL_CERT_FILE", "HOME", "PATH", "SANDBOX_TERRAFORM_STATE", "GH_CONFIG_DIR"),
    ],
)
def test_a_variable_that_was_left_over_is_refused(project: Path, inside: dict[str, str], name: str) -> None:
    assert list(refused(project, **{name: inside[name]})) == [f"${name}"]


def test_the_refusal_says_what_to_do(project: Path, inside: dict[str, str]) -> None:
    with pytest.raises(FaultsError) as caught:
        load(folder=project, environ={"CDKTF_OUTDIR": inside["CDKTF_OUTDIR"]})
    assert str(caught.value) == (
        "$CDKTF_OUTDIR\n"
        f"  found    {project}/.sandbox/cdktf.out, which is the sandbox's, outside of the sandbox\n"
        "  allowed  nothing of the sandbox in a run against real services\n"
        "  to do    unset CDKTF_OUTDIR, or start a new shell: these were left over from `python -m sandbox run`\n\n"
        "1 fault; nothing was changed."
    )


@pytest.mark.parametrize(
    "proxy",
    ["", "http://proxy.example.com:3128", "http://127.0.0.1:1@proxy.example.com:3128", "http://127.0.0.1.nip.io:1"],
)
def test_the_whole_environment_without_the_relay_is_refused(project: Path, inside: dict[str, str], proxy: str) -> None:
    """An editor that was started inside, and in which somebody has logged in since."""
    found = refused(project, **{**inside, "HTTPS_PROXY": proxy, "DATABRICKS_CLIENT_SECRET": "real"})
    assert {"$CDKTF_OUTDIR", "$TERRAFORM_BINARY_NAME", "$TF_CLI_CONFIG_FILE"} <= set(found)


@pytest.mark.parametrize(
    "text", [".sandbox/cdktf.out", "./x/../.sandbox/cdktf.out", "link", "link/below", ".sandbox", ".sandbox/not/there"]
)
def test_every_way_to_write_the_path_is_seen(project: Path, inside: dict[str, str], text: str) -> None:
    (project / "link").symlink_to(inside["CDKTF_OUTDIR"])
    assert list(refused(project, CDKTF_OUTDIR=text)) == ["$CDKTF_OUTDIR"]


def test_the_default_output_may_be_a_link_as_well(project: Path, inside: dict[str, str]) -> None:
    (project / "cdktf.out").symlink_to(inside["CDKTF_OUTDIR"])
    assert list(refused(project)) == ["$CDKTF_OUTDIR"]


def test_what_is_beside_the_sandbox_is_not_its_own(project: Path, inside: dict[str, str]) -> None:
    environ = {
        "CDKTF_OUTDIR": str(project / "cdktf.out"),
        "PATH": f"/usr/bin:{project}/bin",
        "SANDBOX_DIR": inside["SANDBOX_DIR"],
        "PWD": inside["SANDBOX_DIR"],
        "TF_LOG": "debug",
        "EMPTY": "",
    }
    assert not load(folder=project, environ=environ).invocation.sandbox


def test_a_backend_of_the_sandbox_among_what_was_synthesized_is_refused(project: Path) -> None:
    """Somebody has copied the sandbox's output to where real runs synthesize."""
    override = project / "cdktf.out" / "stacks" / "prod" / "backend_override.tf.json"
    override.parent.mkdir(parents=True)
    override.write_text(
        json.dumps({"terraform": {"backend": {"local": {"path": "/gone/prod.tfstate"}}}}), encoding="utf-8"
    )
    found = refused(project)
    assert found == {
        "cdktf.out/stacks/prod/backend_override.tf.json": (
            "a backend of the sandbox's, which would keep the state of a real deployment"
        )
    }
    for other in ('{"terraform": {"backend": {"s3": {}}}}', "{}", "[]", "no JSON"):
        override.write_text(other, encoding="utf-8")
        load(folder=project, environ={})
