"""The sandbox's folder is its own: it takes no other over, and lets nobody else in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from packages.sandbox.tests.sandbox_processes import Sandbox, sandbox_in
from sandbox.errors import SandboxError
from sandbox.folder import Folder
from sandbox.seed import forget
from sandbox.terraform import Providers, equip


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox_in(tmp_path) as sandbox:
        yield sandbox


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """A folder that holds real things where a sandbox would keep its own."""
    folder = tmp_path / ".sandbox"
    for name in ("terraform/prod.tfstate", "cdktf.out/stacks/prod/cdk.tf.json"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("real", encoding="utf-8")
    folder.chmod(0o755)
    return folder


def content(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "command", [("up",), ("up", "--foreground"), ("run", "true"), ("seed",), ("reset",), ("clock", "+1d"), ("dump",)]
)
def test_a_folder_with_other_things_in_it_is_refused(sandbox: Sandbox, others: Path, command: tuple[str, ...]) -> None:
    (others / "state.sqlite").write_text("real", encoding="utf-8")
    before = content(others)
    done = sandbox(*command, code=1)
    assert done.stderr == (
        f"sandbox: {others} has other things in it than a sandbox: let SANDBOX_DIR name a new or an empty folder.\n"
    )
    assert content(others) == before
    assert others.stat().st_mode & 0o777 == 0o755


def equip_with_stand_ins(folder: Folder) -> object:
    return equip(folder, Providers(folder.mirror, ""), state=folder.terraform_state)


@pytest.mark.parametrize("use", [Folder.create, forget, equip_with_stand_ins])
def test_whatever_writes_or_removes_refuses_it(others: Path, use: Callable[[Folder], object]) -> None:
    before = content(others)
    with pytest.raises(SandboxError, match="other things in it"):
        use(Folder(others))
    assert content(others) == before


def test_a_new_and_an_empty_folder_become_sandboxes(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "some/new"):
        folder = Folder(tmp_path / name)
        folder.create()
        folder.terraform_state.mkdir()
        folder.create()
        forget(folder)
        assert not folder.terraform_state.exists()


def test_the_projects_own_folder_may_hold_the_demos_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.folder.app_folder", lambda: tmp_path)
    own = tmp_path / ".sandbox"
    own.mkdir()
    (own / "demo.log").write_text("", encoding="utf-8")
    Folder(own).create()
    assert Folder.of({}).root == own
    other = tmp_path / "other"
    other.mkdir()
    (other / "demo.log").write_text("", encoding="utf-8")
    with pytest.raises(SandboxError, match="other things in it"):
        Folder(other).create()


def test_the_projects_own_folder_is_no_link_to_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.folder.app_folder", lambda: tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("", encoding="utf-8")
    (tmp_path / ".sandbox").symlink_to("real")
    with pytest.raises(SandboxError, match="other things in it"):
        Folder.of({}).create()


def test_what_cannot_be_a_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(SandboxError, match=f"{path} cannot be the sandbox's folder"):
            Folder(path).create()


def test_a_project_folder_that_others_may_read_is_closed(tmp_path: Path) -> None:
    root = tmp_path / "sandbox"
    root.mkdir()
    root.chmod(0o755)
    Folder(root).create()
    assert root.stat().st_mode & 0o777 == 0o700


def test_what_terraform_and_cdktf_write_is_private(sandbox: Sandbox) -> None:
    folder = sandbox.folder
    folder.create()
    for path in (folder.terraform_state, folder.output):
        path.mkdir()
        path.chmod(0o755)
    sandbox.run("true")
    for path in (folder.root, folder.terraform_state, folder.output, folder.clients):
        assert path.stat().st_mode & 0o777 == 0o700, path


def test_terraform_writes_files_for_its_user_only(sandbox: Sandbox, tmp_path: Path) -> None:
    fake = tmp_path / "terraform"
    fake.write_text("#!/bin/sh\numask\n", encoding="utf-8")
    fake.chmod(0o755)
    done = sandbox.run("sh", "-c", 'umask 000; exec "$TERRAFORM_BINARY_NAME" apply', TERRAFORM_BINARY_NAME=str(fake))
    assert done.stdout.strip() == "0077"
