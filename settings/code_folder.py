"""Where a bundle's files stand in the workspace, and which texts name that place."""

import posixpath
import re

from bundle import ResolvedBundle

_PREFIX = "/Workspace"
_EMPTY_STEPS = re.compile(r"/(?:\.?/)+")


def code_folder(resolved: ResolvedBundle) -> str:
    """The folder of the files: `workspace.file_path` without steps that lead nowhere."""
    return _plain(resolved.workspace["file_path"])


def bundle_folder(resolved: ResolvedBundle) -> str:
    """The folder that is made for a bundle and goes with it: `workspace.root_path`, or that of the files outside it."""
    folder, root = code_folder(resolved), _plain(resolved.workspace["root_path"])
    return root if folder.startswith(f"{root}/") else folder


def below(path: str, folder: str) -> str | None:
    """The way from a folder to what lies in it, "" for the folder itself; None for what lies elsewhere.

    Every path of the workspace is the same with /Workspace in front and without.
    """
    plain, above = _short(_plain(path)), _short(folder)
    return plain[len(above) :].removeprefix("/") if f"{plain}/".startswith(f"{above}/") else None


def names_folder(text: str, folder: str) -> bool:
    """Whether a path to the folder, or to something in it, occurs in a text, such as `-r /Workspace/x/files/a.txt`."""
    if "/" not in text:
        return False
    # What follows may be anything that does not make it another folder's name: files2, files.old.
    return re.search(rf"{re.escape(_short(folder))}(?![\w-]|\.\w)", _EMPTY_STEPS.sub("/", text)) is not None


def _plain(path: object) -> str:
    return posixpath.normpath(str(path))


def _short(path: str) -> str:
    return path.removeprefix(_PREFIX) if path.startswith(f"{_PREFIX}/") else path
