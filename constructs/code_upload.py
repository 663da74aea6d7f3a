"""Files in a workspace."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from cdktf import TerraformStack
from cdktf_cdktf_provider_databricks.directory import Directory
from cdktf_cdktf_provider_databricks.notebook import Notebook
from cdktf_cdktf_provider_databricks.permissions import Permissions, PermissionsAccessControl
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from cdktf_cdktf_provider_databricks.workspace_file import WorkspaceFile
from constructs import Construct

from terraform_text import TerraformText, literal

FOLDER = "code"
"""The folder beside a stack's JSON that holds what it uploads."""

_LANGUAGES = {".py": "PYTHON", ".r": "R", ".scala": "SCALA", ".sql": "SQL"}
_JUPYTER = ".ipynb"
_NOTEBOOK = Notebook.TF_RESOURCE_TYPE
_FILE = WorkspaceFile.TF_RESOURCE_TYPE


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """`source`, which goes to `place` beside the stack's JSON; `digest` is its SHA-256, in hexadecimal."""

    source: Path
    place: str
    digest: str


class CodeUpload(Construct):
    """Files below `source`, each at its place below `folder`; notebooks lose their extension.

    `files` has the SHA-256 of each, in hexadecimal.

    With the last file goes everything in `root`, folders included; `access` says, as Terraform reads it, who else may
    use it. `addresses` is what a job must wait for; `files` is what has to lie beside the stack before it is deployed.

    A bundle has thousands of files, and a construct for each would take longer than everything else: they are written
    as data.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        workspace: DatabricksProvider,
        source: Path,
        files: Mapping[str, str],
        notebooks: Collection[str],
        folder: TerraformText,
        root: TerraformText,
        access: Sequence[Mapping[str, str]],
    ) -> None:
        super().__init__(scope, id_)
        top = Directory(self, "root", provider=workspace, path=root, delete_recursive=True)
        top.override_logical_id("bundle_root")
        if access:
            granted = Permissions(
                self,
                "access",
                provider=workspace,
                directory_path=top.path,
                access_control=[PermissionsAccessControl(**entry) for entry in access],
            )
            granted.override_logical_id("bundle_root")
        # Each of these asks another process, which takes longer than the rest of the loop.
        inside, provider, waits = self.node.path, workspace.fqn, [f"{Directory.TF_RESOURCE_TYPE}.bundle_root"]
        made: dict[str, dict[str, Any]] = {_NOTEBOOK: {}, _FILE: {}}
        uploads, addresses = [], []
        for file, digest in files.items():
            name = _address(file)
            # The same place on every machine, and another one for another content.
            place = f"{FOLDER}/{digest}{_extension(file)}"
            uploads.append(UploadedFile(source / file, place, digest))
            kind = _NOTEBOOK if file in notebooks else _FILE
            addresses.append(f"{kind}.{name}")
            made[kind][name] = {
                "//": {"metadata": {"path": f"{inside}/{name}", "uniqueId": name}},
                "depends_on": waits,
                "provider": provider,
                "source": literal(place),
                **(_notebook(file, folder) if file in notebooks else {"path": f"{folder}/{literal(file)}"}),
            }
        for kind, resources in made.items():
            if resources:
                TerraformStack.of(self).add_override(f"resource.{kind}", resources)
        self.addresses = tuple(addresses)
        self.folders = (f"{Directory.TF_RESOURCE_TYPE}.bundle_root",)
        self.files = tuple(uploads)


def _notebook(file: str, folder: TerraformText) -> dict[str, str]:
    extension = PurePosixPath(file).suffix
    path = f"{folder}/{literal(file.removesuffix(extension))}"
    if extension.lower() == _JUPYTER:
        # The workspace reads its language from it.
        return {"path": path, "format": "JUPYTER"}
    return {"path": path, "format": "SOURCE", "language": _LANGUAGES[extension.lower()]}


def _extension(file: str) -> str:
    """The end of a name, by which the provider tells a Jupyter notebook (workspace/resource_notebook.go)."""
    found = PurePosixPath(file).suffix
    return found if re.fullmatch(r"\.[A-Za-z0-9]{1,16}", found) else ""


def _address(file: str) -> str:
    """A Terraform name that two files never share: training/Train.py -> training_Train_py_1f2e3d4c."""
    readable = re.sub(r"[^A-Za-z0-9]+", "_", file).strip("_")
    return f"{'' if readable[:1].isalpha() else 'f'}{readable}_{hashlib.sha256(file.encode()).hexdigest()[:8]}"
