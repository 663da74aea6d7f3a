"""The filesystem mirror: what lock files hold hashes of must not change."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from sandbox.standins.mirror import target, write_mirror


def files(directory: Path) -> dict[str, str]:
    """Every file with the hash of its bytes."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_both_registries_have_both_providers_and_nothing_else(tmp_path: Path) -> None:
    write_mirror(tmp_path)
    assert set(files(tmp_path)) == {
        f"{registry}/{address}/{version}/{target()}/terraform-provider-{name}_v{version}"
        for registry in ("registry.terraform.io", "registry.opentofu.org")
        for address, name, version in (
            ("databricks/databricks", "databricks", "1.99.0"),
            ("integrations/github", "github", "6.9.0"),
        )
    }


def test_the_launchers_are_the_same_wherever_they_lie(tmp_path: Path) -> None:
    """A change here makes every lock file that the sandbox has written invalid."""
    write_mirror(tmp_path / "a")
    write_mirror(tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert len(set(files(tmp_path / "a").values())) == 2
    assert str(tmp_path) not in "".join(path.read_text() for path in tmp_path.rglob("terraform-provider-*"))


def test_a_second_time_nothing_is_written(tmp_path: Path) -> None:
    write_mirror(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    write_mirror(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_damaged_launcher_is_replaced(tmp_path: Path) -> None:
    write_mirror(tmp_path)
    expected = files(tmp_path)
    launcher = next(tmp_path.rglob("terraform-provider-github*"))
    launcher.write_text("something else")
    launcher.chmod(0o644)
    write_mirror(tmp_path)
    assert files(tmp_path) == expected
    assert launcher.stat().st_mode & 0o111


def test_a_launcher_outside_the_sandbox_says_so(tmp_path: Path) -> None:
    write_mirror(tmp_path)
    launcher = next(tmp_path.rglob("terraform-provider-github*"))
    done = subprocess.run([launcher], env={}, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "SANDBOX_PROJECT" in done.stderr


@pytest.mark.parametrize(
    ("system", "machine", "name"), [("darwin", "arm64", "darwin_arm64"), ("linux", "aarch64", "linux_arm64")]
)
def test_machines_are_named_as_terraform_does(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, name: str
) -> None:
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert target() == name
