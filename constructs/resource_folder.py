"""The folder in a workspace that dashboards and alerts of a bundle lie in."""

from collections.abc import Sequence

from cdktf_cdktf_provider_databricks.directory import Directory
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from constructs import Construct

from terraform_text import TerraformText


class ResourceFolder(Construct):
    """A folder of the bundle's own, made before what lies in it: an alert is refused in one that is not there.

    `root` is the bundle's folder where nothing else makes it; a destroy takes it along.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        workspace: DatabricksProvider,
        path: TerraformText,
        root: TerraformText | None,
        depends_on: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        folder = Directory(self, "folder", provider=workspace, path=path, delete_recursive=True)
        folder.override_logical_id("bundle_resources")
        if root is not None:
            top = Directory(self, "root", provider=workspace, path=root, delete_recursive=True)
            top.override_logical_id("bundle_root")
            folder.node.add_dependency(top)
        if depends_on:
            folder.add_override("depends_on", list(depends_on))
        self.address = f"{folder.terraform_resource_type}.bundle_resources"
