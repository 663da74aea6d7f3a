"""Where a bundle's files stand in the workspace, and which texts name that place."""

import posixpath
import re

from bundle import ResolvedBundle

_PREFIX = "/Workspace"
_EMPTY_STEPS = re.compile(r"/(?:\.?/)+")
# What makes it another folder's name: files2, files.old.
_LONGER_NAME = re.compile(r"[\w-]|\.\w")


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
    plain, sought = _EMPTY_STEPS.sub("/", text), _short(folder)
    start = plain.find(sought)
    while start >= 0:
        end = start + len(sought)
        if not _LONGER_NAME.match(plain, end):
            return True
        start = plain.find(sought, end)
    return False


def _plain(path: object) -> str:
    return posixpath.normpath(str(path))


def _short(path: str) -> str:
    return path.removeprefix(_PREFIX) if path.startswith(f"{_PREFIX}/") else path
