"""Where the files of a bundle go in the workspace."""

from dataclasses import dataclass

from settings import BundleSettings
from settings.deployability import is_notebook_file


@dataclass(frozen=True, slots=True)
class Code:
    """Files relative to the bundle's sync root; `folder` is what they go to, `root` what goes with them at the end."""

    files: tuple[str, ...]
    notebooks: frozenset[str]
    folder: str
    root: str


def code_of(bundle: BundleSettings, *, deployer: str | None) -> Code:
    """The code of a bundle; `deployer` is the expression for who deploys."""
    resolved = bundle.resolved
    folder, root = (_path(str(resolved.workspace[name])) for name in ("file_path", "root_path"))
    if not folder.startswith(f"{root}/"):
        root = folder
    if bundle.stand_in is not None and deployer is not None:
        folder, root = (path.replace(bundle.stand_in, deployer) for path in (folder, root))
    notebooks = frozenset(file for file in resolved.files if is_notebook_file(resolved.sync_root, file))
    return Code(files=resolved.files, notebooks=notebooks, folder=folder, root=root)


def _path(path: str) -> str:
    """As the workspace answers: with the prefix, every plan would replace what it holds."""
    return path.removeprefix("/Workspace")
