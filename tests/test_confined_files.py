"""What an ML repository names is read and uploaded only if it lies in its checkout and is a file at all."""

# The table of escapes is easier to look through when it is wide.
# ruff: noqa: E501

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from bundle import Git, Identity, Severity, resolve
from bundle.confinement import Confinement
from bundle.facts import read_git
from bundle.limits import GIT_BYTES, RefusedError
from checks.check import UncheckableError
from checks.workflows import workflows
from settings import load
from settings.faults import FaultsError
from tests.ml_project import ASSETS, NOTEBOOK, project_config, write_project

USER = Identity.user("jane.doe@example.com")
SECRET = "the-runner-s-own-token"  # of a test


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the checkout, with what nobody may have."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "secret.py").write_text(f"{NOTEBOOK}# {SECRET}\n")
    (folder / "secret.yml").write_text(f"resources: {{jobs: {{leaked: {{name: {SECRET}}}}}}}\n")
    (folder / "secret.txt").write_text(f"{SECRET}\n")
    (folder / "secret.lvdash.json").write_text(f'{{"x": "{SECRET}"}}')
    return folder


def refused(tmp_path: Path) -> str:
    """What settings say of the project in tmp_path/ml."""
    (tmp_path / "mlops.yaml").write_text(yaml.safe_dump(project_config()))
    with pytest.raises(FaultsError) as caught:
        load(folder=tmp_path, environ={})
    assert SECRET not in str(caught.value)
    return str(caught.value)


def entry(**changes: object) -> dict[str, str]:
    """A databricks.yml that has something added."""
    bundle = {"bundle": {"name": "fares"}, "targets": {"staging": {}, "test": {}, "prod": {}}, **changes}
    return {"databricks.yml": yaml.safe_dump(bundle)}


def link(where: Path, to: Path | str) -> None:
    if where.exists():
        where.unlink()
    where.parent.mkdir(parents=True, exist_ok=True)
    where.symlink_to(to)


# What is done to a sound project, and what is then named in the fault.
ESCAPES: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "databricks_yml_is_a_link": (lambda ml, out: link(ml / "databricks.yml", out / "secret.yml"), "ml/databricks.yml is a symbolic link to"),
    "an_included_file_is_a_link": (lambda ml, out: link(ml / "assets/all.yml", out / "secret.yml"), "assets/all.yml is a symbolic link to"),
    "an_included_folder_is_a_link": (
        lambda ml, out: (link(ml / "more", out), write_project(ml.parent, entry(include=["more/*.yml"]))),
        "ml/more is a symbolic link to",
    ),
    "include_goes_upwards": (lambda ml, _: write_project(ml.parent, entry(include=["../home/*.yml"])), "home lies outside of"),
    "include_names_a_file_above": (lambda ml, _: write_project(ml.parent, entry(include=["../home/secret.yml"])), "lies outside of"),
    "include_looks_through_the_root": (
        lambda ml, _: write_project(ml.parent, entry(include=[f"{'../' * 20}*/passwd.yml"])),
        "lies outside of",
    ),
    "sync_paths_go_upwards": (lambda ml, _: write_project(ml.parent, entry(sync={"paths": [".", "../home"]})), "home lies outside of"),
    "sync_paths_reach_the_root": (lambda ml, _: write_project(ml.parent, entry(sync={"paths": ["../" * 30 + "etc"]})), "invalid sync path"),
    "a_sync_path_is_a_link": (
        lambda ml, out: (link(ml / "shared", out), write_project(ml.parent, entry(sync={"paths": ["shared"]}))),
        "ml/shared is a symbolic link to",
    ),
    "a_folder_on_the_way_of_a_sync_path_is_a_link": (
        lambda ml, out: ((out / "deep").mkdir(), link(ml / "shared", out), write_project(ml.parent, entry(sync={"paths": ["shared/deep"]}))),
        "ml/shared is a symbolic link to",
    ),
    "a_link_to_a_link": (
        lambda ml, out: (link(ml / "first", "second"), link(ml / "second", out), write_project(ml.parent, entry(sync={"paths": ["first"]}))),
        "is a symbolic link to",
    ),
    "a_notebook_is_a_link": (lambda ml, out: link(ml / "training/Train.py", out / "secret.py"), "training/Train.py is a symbolic link to"),
    "a_notebook_lies_above": (
        lambda ml, _: write_project(ml.parent, {"assets/all.yml": ASSETS.replace("../training/Train.py", "../../home/secret.py")}),
        "secret.py",
    ),
    "a_python_file_is_a_link": (lambda ml, out: link(ml / "training/prepare.py", out / "secret.txt"), "training/prepare.py is a symbolic link to"),
    "a_requirements_file_is_a_link": (
        lambda ml, out: (
            link(ml / "requirements.txt", out / "secret.txt"),
            write_project(ml.parent, {"assets/more.yml": (
                "resources: {jobs: {r: {name: r, environments: [{environment_key: e, spec: "
                "{client: '1', dependencies: ['-r ../requirements.txt']}}]}}}\n"
            )}),
        ),
        "requirements.txt is a symbolic link to",
    ),
    "a_dashboard_is_a_link": (
        lambda ml, out: (
            link(ml / "d.lvdash.json", out / "secret.lvdash.json"),
            write_project(ml.parent, {"assets/more.yml": (
                "resources: {dashboards: {d: {display_name: d, warehouse_id: w, file_path: ../d.lvdash.json}}}\n"
            )}),
        ),
        "d.lvdash.json is a symbolic link to",
    ),
    "gitignore_is_a_link": (lambda ml, out: link(ml / ".gitignore", out / "secret.txt"), ".gitignore is a symbolic link to"),
    "a_pipeline_s_pattern_goes_upwards": (
        lambda ml, _: write_project(ml.parent, {"assets/more.yml": (
            "resources: {pipelines: {p: {name: p, libraries: [{file: {path: ../../home/*.py}}]}}}\n"
        )}),
        "lies outside of",
    ),
    "an_artifact_s_files_go_upwards": (
        lambda ml, _: write_project(ml.parent, {"assets/more.yml": "artifacts: {a: {files: [{source: ../../home/*.py}]}}\n"}),
        "lies outside of",
    ),
    "git_s_own_files_are_no_code": (
        lambda ml, _: write_project(ml.parent, {"assets/all.yml": ASSETS.replace("../training/prepare.py", "../.git/config")}),
        "where a checkout may keep credentials",
    ),
    "git_s_own_files_through_a_link": (
        lambda ml, _: (link(ml / "facts", ".git"), write_project(ml.parent, entry(sync={"paths": ["facts"]}))),
        "where a checkout may keep credentials",
    ),
    "a_link_to_a_device": (lambda ml, _: link(ml / "assets/all.yml", "/dev/zero"), "assets/all.yml is a symbolic link to /dev/zero"),
    "a_link_to_a_process": (lambda ml, _: link(ml / "databricks.yml", "/proc/self/environ"), "databricks.yml is a symbolic link to /proc/self"),
}  # fmt: skip


@pytest.mark.parametrize("name", ESCAPES)
def test_what_leads_out_of_the_checkout_is_a_fault(name: str, tmp_path: Path, outside: Path) -> None:
    spoil, words = ESCAPES[name]
    root = write_project(tmp_path)
    spoil(root, outside)
    assert words in refused(tmp_path)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def listen(path: Path) -> None:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(path.parent)  # a socket's address is short
        server.bind(path.name)


NO_FILES: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "databricks_yml_is_a_pipe": ("databricks.yml", pipe, "is a named pipe"),
    "an_included_file_is_a_pipe": ("assets/all.yml", pipe, "is a named pipe"),
    "a_notebook_is_a_pipe": ("training/Train.py", pipe, "is a named pipe"),
    "a_jupyter_notebook_is_a_pipe": ("training/Check.ipynb", pipe, "is a named pipe"),
    "gitignore_is_a_pipe": (".gitignore", pipe, "is a named pipe"),
    "databricks_yml_is_a_socket": ("databricks.yml", listen, ""),
    "databricks_yml_links_to_itself": ("databricks.yml", lambda path: link(path, path.name), ""),
    "an_included_file_is_a_folder": ("assets/all.yml", lambda path: (path.unlink(), path.mkdir())[1], "is a directory"),
}


@pytest.mark.parametrize("name", NO_FILES)
def test_what_is_no_file_is_a_fault_and_nothing_waits_for_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file, spoil, words = NO_FILES[name]
    root = write_project(tmp_path, {".gitignore": "*.log\n"})
    spoil(root / file)
    assert words in refused(tmp_path)


def test_links_within_the_checkout_are_what_they_are_to_the_cli(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    (root / "training/Train.py").rename(root / "Moved.py")
    link(root / "training/Train.py", "../Moved.py")
    link(root / "assets/linked.yml", "../linked.yml")
    (root / "linked.yml").write_text("resources: {jobs: {linked: {name: x}}}\n")
    found = resolve(root, target="staging", identity=USER, confined=True)
    assert found.ok, found.diagnostics
    assert "linked" in {resource.key for resource in found.resources}
    assert "Moved.py" in found.files
    assert "training/Train.py" not in found.files  # the CLI passes links over


def test_links_that_are_neither_read_nor_uploaded_harm_nobody(tmp_path: Path, outside: Path) -> None:
    root = write_project(tmp_path)
    link(root / "data/outside", outside)
    link(root / "data/file.py", outside / "secret.py")
    os.mkfifo(root / "data/pipe")
    found = resolve(root, target="staging", identity=USER, confined=True)
    assert found.ok, found.diagnostics
    assert not [file for file in found.files if file.startswith("data/")]


@pytest.mark.parametrize("pattern", ["*/*.yml", "./*/*.yml", "**/*.yml", ".*/*.yml", "*/../*/x.yml"])
def test_wildcards_of_include_pass_git_s_own_folder_over(pattern: str, tmp_path: Path) -> None:
    root = write_project(tmp_path, entry(include=[pattern]), only=True)
    (root / ".more").mkdir()
    for folder in (".git", ".more"):
        (root / folder / "x.yml").write_text(f"resources: {{jobs: {{{folder[1:]}: {{name: x}}}}}}\n")
    found = resolve(root, target="staging", identity=USER, confined=True)
    assert found.ok, found.diagnostics
    assert {resource.key for resource in found.resources} == {"more"}


def test_a_monorepo_may_share_code_up_to_its_own_root(tmp_path: Path) -> None:
    root = write_project(tmp_path, {**entry(sync={"paths": [".", "../common"]})})
    (tmp_path / "common").mkdir()
    (tmp_path / "common/util.py").write_text("x = 1\n")
    (root / ".git").rename(tmp_path / ".git")
    found = resolve(root, target="staging", identity=USER, confined=True)
    assert found.ok, found.diagnostics
    assert "common/util.py" in found.files


def test_without_a_checkout_the_command_reads_what_the_cli_reads_and_stacks_do_not(tmp_path: Path) -> None:
    root = write_project(tmp_path, entry(sync={"paths": ["../common"]}), only=True)
    for path in sorted((root / ".git").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (root / ".git").rmdir()
    (tmp_path / "common").mkdir()
    (tmp_path / "common/util.py").write_text("x = 1\n")
    assert resolve(root, target="staging", identity=USER).files == ("common/util.py",)
    confined = resolve(root, target="staging", identity=USER, confined=True)
    assert [one.summary for one in confined.diagnostics if one.severity is Severity.ERROR] == [
        f"{tmp_path}/common lies outside of {root}"
    ]


def test_nothing_of_git_s_own_is_uploaded_whatever_sync_includes(tmp_path: Path) -> None:
    root = write_project(tmp_path, entry(sync={"include": [".git/**", "**", ".git/config"]}))
    found = resolve(root, target="staging", identity=USER, confined=True)
    assert found.files
    assert not [file for file in found.files if ".git/" in file]


def test_facts_are_read_of_the_git_folder_that_a_worktree_points_to(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    (root / ".git").rename(tmp_path / "elsewhere")
    (root / ".git").write_text(f"gitdir: {tmp_path}/elsewhere\n")
    assert read_git(str(root)).branch == "main"


@pytest.mark.parametrize(
    "content",
    ["ref: ../../home/secret.txt", "ref: refs/heads/../../../home/secret.txt", "ref: /etc/hostname", "ref: a\0b", "\0", "ref: " + "a/" * 5000],
)  # fmt: skip
def test_a_head_that_points_elsewhere_tells_nothing(content: str, tmp_path: Path, outside: Path) -> None:
    root = write_project(tmp_path)
    (root / ".git/HEAD").write_text(content)
    assert read_git(str(root)).commit == ""


@pytest.mark.parametrize("file", ["HEAD", "config", "refs/heads/main", "commondir"])
@pytest.mark.parametrize("how", ["zero", "pipe", "bytes", "large"])
def test_facts_of_git_come_from_small_files_of_text(file: str, how: str, tmp_path: Path) -> None:
    root = write_project(tmp_path)
    path = root / ".git" / file
    path.touch()
    if how == "zero":
        link(path, "/dev/zero")
    elif how == "pipe":
        pipe(path)
    else:
        path.write_bytes(b"\xff\xfe" if how == "bytes" else b"a" * (GIT_BYTES.most + 1))
    assert isinstance(read_git(str(root)), Git)


def test_an_origin_that_is_no_address_tells_nothing(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    (root / ".git/config").write_text('[remote "origin"]\nurl = https://[x@y\n')
    assert read_git(str(root)).origin_url == ""


def test_workflows_are_read_from_the_checkout_alone(tmp_path: Path, outside: Path) -> None:
    root = write_project(tmp_path)
    project: Any = SimpleNamespace(folder=root, worktree=root)
    link(root / ".github/workflows/x.yml", outside / "secret.yml")
    with pytest.raises(UncheckableError, match=r"x\.yml is a symbolic link to"):
        workflows(project)
    (root / ".github/workflows/x.yml").unlink()
    os.mkfifo(root / ".github/workflows/x.yml")
    with pytest.raises(UncheckableError, match="is a named pipe"):
        workflows(project)
    (root / ".github/workflows/x.yml").unlink()
    (root / ".github/workflows/x.yml").write_bytes(b"\xff")
    with pytest.raises(UncheckableError, match="not UTF-8"):
        workflows(project)


def test_a_file_that_becomes_a_link_after_it_was_looked_at_is_not_followed(tmp_path: Path, outside: Path) -> None:
    root = write_project(tmp_path)
    confinement = Confinement.within(str(root))
    file = root / "training/Train.py"

    class Swapping(Confinement):
        def check(self, path: str) -> str:
            real = super().check(path)
            link(file, outside / "secret.py")
            return real

    with pytest.raises(OSError, match="symbolic links"):
        Swapping(confinement.border).read(str(file), GIT_BYTES)


def test_a_path_with_nul_or_bytes_is_refused(tmp_path: Path) -> None:
    for path in ("a\0b", "\udc80\0"):
        with pytest.raises(RefusedError):
            Confinement.within(str(tmp_path)).check(str(tmp_path / path))


def test_names_that_are_no_text_are_refused_and_odd_ones_are_not(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"a\nb.py": "x", "::add-mask::.py": "x", "x" * 255: "x", "[dev] *.py": "x"})
    found = resolve(root, target="staging", identity=USER, confined=True)
    assert found.ok, found.diagnostics
    assert {"a\nb.py", "::add-mask::.py", "x" * 255, "[dev] *.py"} <= set(found.files)
    (root / os.fsdecode(b"\xff.py")).write_text("x")
    assert "a file whose name is not UTF-8" in refused(tmp_path)


def test_the_command_says_so_without_a_traceback(tmp_path: Path, outside: Path) -> None:
    root = write_project(tmp_path)
    link(root / "assets/all.yml", outside / "secret.yml")
    done = subprocess.run(
        [sys.executable, "-m", "bundle", str(root), "-t", "staging", "--user", "jane.doe@example.com"],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "assets/all.yml is a symbolic link to" in done.stderr
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
