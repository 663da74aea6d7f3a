"""Files in a workspace."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath

from cdktf import AssetType, TerraformAsset
from cdktf_cdktf_provider_databricks.directory import Directory
from cdktf_cdktf_provider_databricks.notebook import Notebook
from cdktf_cdktf_provider_databricks.permissions import Permissions, PermissionsAccessControl
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from cdktf_cdktf_provider_databricks.workspace_file import WorkspaceFile
from constructs import Construct

from terraform_text import TerraformText, literal

_LANGUAGES = {".py": "PYTHON", ".r": "R", ".scala": "SCALA", ".sql": "SQL"}
_JUPYTER = ".ipynb"


class CodeUpload(Construct):
    """Files below `source`, each at its place below `folder`; notebooks lose their extension.

    With the last file goes everything in `root`, folders included; `access` says, as Terraform reads it, who else may
    use it. `addresses` is what a job must wait for.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        workspace: DatabricksProvider,
        source: Path,
        files: Sequence[str],
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
        addresses = []
        for file in files:
            name = _address(file)
            # Copied beside the stack under the hash of its content: the same path on every machine.
            asset = TerraformAsset(self, f"asset-{name}", path=str(source / file), type=AssetType.FILE)
            made: Notebook | WorkspaceFile
            if file in notebooks:
                extension = PurePosixPath(file).suffix
                made = Notebook(
                    self,
                    name,
                    provider=workspace,
                    path=f"{folder}/{literal(file.removesuffix(extension))}",
                    source=literal(asset.path),
                    # Of a Jupyter notebook, the workspace says the language.
                    language=_LANGUAGES.get(extension.lower()),
                    format="JUPYTER" if extension.lower() == _JUPYTER else "SOURCE",
                    depends_on=[top],
                )
            else:
                made = WorkspaceFile(
                    self,
                    name,
                    provider=workspace,
                    path=f"{folder}/{literal(file)}",
                    source=literal(asset.path),
                    depends_on=[top],
                )
            made.override_logical_id(name)
            addresses.append(f"{made.terraform_resource_type}.{name}")
        self.addresses = tuple(addresses)
        self.folders = (f"{top.terraform_resource_type}.bundle_root",)


def _address(file: str) -> str:
    """A Terraform name that two files never share: training/Train.py -> training_Train_py_1f2e3d4c."""
    readable = re.sub(r"[^A-Za-z0-9]+", "_", file).strip("_")
    return f"{'' if readable[:1].isalpha() else 'f'}{readable}_{hashlib.sha256(file.encode()).hexdigest()[:8]}"
