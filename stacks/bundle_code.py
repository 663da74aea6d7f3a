"""Where the files of a bundle go in the workspace."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from settings import BundleSettings
from settings.code_folder import bundle_folder, code_folder
from terraform_text import Reference, TerraformText, filled


@dataclass(frozen=True, slots=True)
class Code:
    """Files relative to the bundle's sync root, with the digests of their contents.

    `folder` is what they go to, `root` what goes with them at the end.
    """

    files: Mapping[str, str]
    folder: TerraformText
    root: TerraformText


class Digests:
    """The SHA-256 of files, in hexadecimal; targets share most of theirs, and each is read once."""

    def __init__(self) -> None:
        self._known: dict[Path, str] = {}

    def of(self, file: Path) -> str:
        """That of a file's content."""
        if file not in self._known:
            self._known[file] = hashlib.sha256(file.read_bytes()).hexdigest()
        return self._known[file]


def code_of(bundle: BundleSettings, digests: Digests, *, names: Mapping[str, Reference]) -> Code:
    """The code of a bundle; `names` are replaced by references in the paths of its folders."""
    resolved = bundle.resolved
    folder, root = (_path(str(resolved.workspace[name])) for name in ("file_path", "root_path"))
    if bundle_folder(resolved) == code_folder(resolved):
        root = folder
    return Code(
        files={file: digests.of(resolved.sync_root / file) for file in resolved.files},
        folder=filled(folder, names),
        root=filled(root, names),
    )


def resource_folder(bundle: BundleSettings, *, names: Mapping[str, Reference]) -> TerraformText | None:
    """The folder that dashboards and alerts lie in unless they say otherwise, which the CLI makes; None without any."""
    folder = str(bundle.resolved.workspace["resource_path"])
    if all(resource.settings.get("parent_path") != folder for resource in bundle.resolved.resources):
        return None
    return filled(_path(folder), names)


def root_folder(bundle: BundleSettings, *, names: Mapping[str, Reference]) -> TerraformText:
    """The folder of all that a bundle has in the workspace, which the CLI removes in the end."""
    return filled(_path(str(bundle.resolved.workspace["root_path"])), names)


def _path(path: str) -> str:
    """As the workspace answers: with the prefix, every plan would replace what it holds."""
    return path.removeprefix("/Workspace").rstrip("/")
