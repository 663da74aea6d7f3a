"""The workspace's tree: folders, notebooks and files, as SDK, provider and CLI write and read them."""

import base64
from urllib.parse import quote

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import workspace

from packages.sandbox.tests.databricks_projects import NOTEBOOK, Project, write
from packages.sandbox.tests.databricks_sandbox import STAGING
from sandbox.dispatch import Reply, Request

FILE, FOLDER, BOOK = workspace.ObjectType.FILE, workspace.ObjectType.DIRECTORY, workspace.ObjectType.NOTEBOOK


def post_file(project: Project, path: str, content: bytes, *, overwrite: bool, token: str | None = None) -> Reply:
    """A file as the CLI sends it: its path as one escaped segment, its content as it is."""
    return project.databricks.dispatcher.dispatch(
        Request(
            method="POST",
            host=STAGING.host,
            path=f"/api/2.0/workspace-files/import-file/{quote(path.lstrip('/'), safe='')}",
            query=f"overwrite={str(overwrite).lower()}",
            headers={"authorization": f"Bearer {token or project.client.config.token}"},
            body=content,
        )
    )


def test_everybody_has_a_home_folder_that_is_in_no_dump(project: Project) -> None:
    status = project.client.workspace.get_status(project.home)
    assert (status.path, status.object_type) == (project.home, FOLDER)
    assert project.client.workspace.get_status(f"/Users/{project.name}").object_id == status.object_id
    paths = list(project.databricks.store.dump()["databricks.workspace_object"])
    assert paths == [f"{STAGING.id}/Users/{project.name}/train"]


def test_paths_come_back_as_they_were_asked_for(project: Project) -> None:
    for path in (f"/Users/{project.name}/train", f"/Workspace/Users/{project.name}/train"):
        assert project.client.workspace.get_status(path).path == path
        folder = path.rpartition("/")[0]
        assert [one.path for one in project.client.workspace.list(folder)] == [path]


def test_a_file_that_says_so_becomes_a_notebook_and_loses_its_extension(project: Project) -> None:
    write(project.client, f"{project.home}/a.py", NOTEBOOK)
    write(project.client, f"{project.home}/b.py", b"x = 1\n")
    write(project.client, f"{project.home}/c.ipynb", b"{}")
    found = {one.path.rpartition("/")[2]: one.object_type for one in project.client.workspace.list(project.home)}
    assert found == {"a": BOOK, "b.py": FILE, "c": BOOK, "train": BOOK}


def test_source_and_raw_keep_the_path(project: Project) -> None:
    encoded = base64.b64encode(NOTEBOOK).decode()
    for path, form, language in (("s.py", "SOURCE", "PYTHON"), ("r.py", "RAW", None)):
        body = {"path": f"{project.home}/{path}", "content": encoded, "format": form, "overwrite": True}
        made = project.client.api_client.do(
            "POST", "/api/2.0/workspace/import", body=body | ({"language": language} if language else {})
        )
        status = project.client.workspace.get_status(f"{project.home}/{path}")
        assert made == {"object_id": status.object_id}
        assert status.object_type is (BOOK if language else FILE)


def test_the_provider_learns_that_the_folder_is_missing_and_makes_it(project: Project) -> None:
    path = f"/Users/{project.name}/.bundle/taxi/files/train.py"
    with pytest.raises(NotFound, match=r"parent folder .* does not exist"):
        write(project.client, path, NOTEBOOK)
    project.client.workspace.mkdirs(path.rpartition("/")[0])
    project.client.workspace.mkdirs(path.rpartition("/")[0])
    write(project.client, path, NOTEBOOK)


def test_overwriting_keeps_the_number_and_needs_to_be_asked_for(project: Project) -> None:
    path = f"{project.home}/train.py"
    before = project.client.workspace.get_status(project.notebook).object_id
    with pytest.raises(DatabricksError, match="already exists"):
        write(project.client, path, NOTEBOOK)
    write(project.client, path, NOTEBOOK + b"more", overwrite=True)
    assert project.client.workspace.get_status(project.notebook).object_id == before
    assert project.client.workspace.download(project.notebook).read() == NOTEBOOK + b"more"
    exported = project.client.workspace.export(project.notebook)
    assert base64.b64decode(exported.content) == NOTEBOOK + b"more"


def test_a_notebook_is_not_overwritten_by_a_file(project: Project) -> None:
    with pytest.raises(BadRequest, match=r"type mismatch \(asked: FILE, actual: NOTEBOOK\)"):
        project.client.api_client.do(
            "POST",
            "/api/2.0/workspace/import",
            body={"path": project.notebook, "content": "", "format": "RAW", "overwrite": True},
        )


def test_the_cli_takes_a_lock_once(project: Project) -> None:
    lock = f"{project.home}/deploy.lock"
    assert post_file(project, lock, b'{"ID": "1"}', overwrite=False).status == 200
    second = post_file(project, lock, b'{"ID": "2"}', overwrite=False)
    assert (second.status, b"RESOURCE_ALREADY_EXISTS" in second.body) == (409, True)
    assert project.client.workspace.download(lock).read() == b'{"ID": "1"}'
    assert post_file(project, lock, b"\x00\xff not JSON", overwrite=True).status == 200
    reply = project.databricks.send(
        "GET", STAGING.host, f"/api/2.0/workspace-files{lock}", token=project.client.config.token
    )
    assert (reply.body, reply.headers["content-type"]) == (b"\x00\xff not JSON", "application/octet-stream")


def test_the_cli_is_told_apart_what_lies_there_and_what_is_missing(project: Project) -> None:
    book = post_file(project, f"{project.home}/train.py", NOTEBOOK, overwrite=False)
    assert (book.status, b"already exists." in book.body) == (400, True)
    assert post_file(project, f"{project.home}/no/x", b"", overwrite=True).status == 404


def test_a_jupyter_notebook_is_told_from_a_source_notebook(project: Project) -> None:
    write(project.client, f"{project.home}/c.ipynb", b"{}")
    for path, form in ((f"{project.home}/c", "JUPYTER"), (project.notebook, "SOURCE")):
        status = project.client.api_client.do(
            "GET", "/api/2.0/workspace/get-status", query={"path": path, "return_export_info": "true"}
        )
        assert status["repos_export_format"] == form


def test_a_folder_goes_with_all_that_it_holds_and_leaves_nothing(project: Project) -> None:
    before = project.databricks.store.dump()
    root = f"{project.home}/.bundle"
    project.client.workspace.mkdirs(f"{root}/a/b")
    write(project.client, f"{root}/a/b/x.py", b"x")
    project.client.experiments.create_experiment(f"{root}/a/fare")
    with pytest.raises(BadRequest, match="is not empty"):
        project.client.workspace.delete(root)
    project.client.workspace.delete(root, recursive=True)
    assert project.databricks.store.dump() == before


@pytest.mark.parametrize("path", ["/", "/Users", "/Shared"])
def test_what_nobody_made_cannot_be_removed(project: Project, path: str) -> None:
    with pytest.raises(BadRequest, match="protected"):
        project.databricks.workspace().workspace.delete(path, recursive=True)


def test_the_homes_of_others_are_closed(project: Project) -> None:
    _, other = project.databricks.make_member("other")
    for refused in (
        lambda: other.workspace.get_status(project.notebook),
        lambda: list(other.workspace.list(project.home)),
        lambda: other.workspace.export(project.notebook),
        lambda: other.workspace.mkdirs(f"{project.home}/mine"),
        lambda: write(other, f"{project.home}/mine.py", b"x"),
        lambda: write(other, f"{project.home}/train.py", NOTEBOOK, overwrite=True),
        lambda: other.workspace.delete(project.notebook),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    assert post_file(project, f"{project.home}/y", b"", overwrite=True, token=other.config.token).status == 403
    assert [one.path for one in project.client.workspace.list("/Users")] == [f"/Users/{project.name}"]


def test_only_admins_write_beside_the_homes(project: Project) -> None:
    with pytest.raises(PermissionDenied):
        project.client.workspace.mkdirs("/Users/nobody")
    with pytest.raises(PermissionDenied):
        project.client.workspace.mkdirs("/mine")
    project.databricks.workspace().workspace.mkdirs("/mine")


def test_what_does_not_exist_is_404(project: Project) -> None:
    with pytest.raises(NotFound, match=r"Path \(/Shared/x\) doesn't exist\."):
        project.client.workspace.get_status("/Shared/x")
    with pytest.raises(NotFound):
        project.client.workspace.delete(f"{project.home}/x")
