"""Where the files of a bundle go in the workspace."""

from collections.abc import Mapping
from dataclasses import dataclass

from settings import BundleSettings
from settings.code_folder import bundle_folder, code_folder
from settings.deployability import is_notebook_file
from terraform_text import Reference, TerraformText, filled


@dataclass(frozen=True, slots=True)
class Code:
    """Files relative to the bundle's sync root; `folder` is what they go to, `root` what goes with them at the end."""

    files: tuple[str, ...]
    notebooks: frozenset[str]
    folder: TerraformText
    root: TerraformText


def code_of(bundle: BundleSettings, *, names: Mapping[str, Reference]) -> Code:
    """The code of a bundle; `names` are replaced by references in the paths of its folders."""
    resolved = bundle.resolved
    folder, root = (_path(str(resolved.workspace[name])) for name in ("file_path", "root_path"))
    if bundle_folder(resolved) == code_folder(resolved):
        root = folder
    notebooks = frozenset(file for file in resolved.files if is_notebook_file(resolved.sync_root, file))
    return Code(files=resolved.files, notebooks=notebooks, folder=filled(folder, names), root=filled(root, names))


def resource_folder(bundle: BundleSettings, *, names: Mapping[str, Reference]) -> TerraformText | None:
    """The folder that dashboards and alerts lie in unless they say otherwise, which the CLI makes; None without any."""
    folder = str(bundle.resolved.workspace["resource_path"])
    if all(resource.settings.get("parent_path") != folder for resource in bundle.resolved.resources):
        return None
    return filled(_path(folder), names)


def _path(path: str) -> str:
    """As the workspace answers: with the prefix, every plan would replace what it holds."""
    return path.removeprefix("/Workspace").rstrip("/")
