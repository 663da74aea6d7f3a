"""What the CLI asks the workspace and Git, given or read: who deploys, and from which commit."""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH110, PTH113, PTH118, PTH120

import os
import re
import unicodedata
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from bundle.confinement import Confinement
from bundle.limits import GIT_BYTES, RefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who deploys: a user by name, or a service principal by application id and display name."""

    user_name: str
    display_name: str = ""
    groups: tuple[str, ...] = ()

    @classmethod
    def user(cls, name: str, *, groups: tuple[str, ...] = ()) -> "Identity":
        return cls(user_name=name, groups=groups)

    @classmethod
    def service_principal(cls, application_id: str, *, display_name: str, groups: tuple[str, ...] = ()) -> "Identity":
        return cls(user_name=application_id, display_name=display_name, groups=groups)

    @property
    def is_service_principal(self) -> bool:
        return is_service_principal_name(self.user_name)

    @property
    def short_name(self) -> str:
        """What stands before the @, in letters, digits and underscores (libs/iamutil/user.go)."""
        name = self.display_name if self.is_service_principal and self.display_name else self.user_name
        return normalize_name(name.partition("@")[0])

    @property
    def domain_friendly_name(self) -> str:
        """The short name without marks and with dashes."""
        plain = "".join(
            char for char in unicodedata.normalize("NFD", self.short_name) if unicodedata.category(char) != "Mn"
        )
        return re.sub(r"[^A-Za-z0-9]", "-", unicodedata.normalize("NFC", plain)).lower()


def is_service_principal_name(name: str) -> bool:
    """A user name that is a UUID belongs to a service principal."""
    try:
        uuid.UUID(name)
    except ValueError:
        return False
    return True


def normalize_name(name: str) -> str:
    """Lower case; what is neither letter nor digit becomes one underscore, none at the ends (libs/textutil)."""
    kept = "".join(char if unicodedata.category(char) in _WORDLY else "_" for char in name.lower())
    return re.sub("_+", "_", kept).strip("_")


_WORDLY = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nd"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """The commit that is deployed; `worktree` is the checkout's root, or empty outside of one."""

    origin_url: str = ""
    branch: str = ""
    commit: str = ""
    worktree: str = ""


def worktree_of(directory: str) -> str:
    """The nearest folder upwards that holds .git, or an empty string."""
    while not os.path.exists(os.path.join(directory, ".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return ""
        directory = parent
    return directory


def read_git(directory: str) -> Git:
    """Facts from the files of .git, as the CLI reads them: no git program, no packed refs."""
    worktree = worktree_of(directory)
    if not worktree:
        return Git()
    git_dir = os.path.join(worktree, ".git")
    if os.path.isfile(git_dir):
        pointer = _read(git_dir).strip().removeprefix("gitdir:").strip()
        git_dir = os.path.normpath(os.path.join(worktree, pointer))
    shared = _read(os.path.join(git_dir, "commondir")).strip()
    common_dir = os.path.normpath(os.path.join(git_dir, shared)) if shared else git_dir
    head = _read(os.path.join(git_dir, "HEAD")).rstrip("\r\n")
    branch, commit = "", head
    if head.startswith("ref: "):
        ref = head.removeprefix("ref: ")
        branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else ""
        parts = ref.split("/")
        commit = "" if ".." in parts else _read(os.path.join(common_dir, *parts)).rstrip("\r\n")
    commit = commit if re.fullmatch("[0-9a-f]{40}", commit) else ""
    return Git(origin_url=_origin(common_dir), branch=branch, commit=commit, worktree=worktree)


def _read(file: str) -> str:
    """A text of Git's own. What is no small regular file of text tells nothing."""
    try:
        return Confinement().read(file, GIT_BYTES).decode("utf-8")
    except (OSError, RefusedError, UnicodeDecodeError):
        return ""


def _origin(common_dir: str) -> str:
    section, url = "", ""
    for line in _read(os.path.join(common_dir, "config")).splitlines():
        line = line.strip()
        if line.startswith("["):
            section = re.sub(r"\s+", " ", line.strip("[]"))
        elif section == 'remote "origin"' and line.partition("=")[0].strip() == "url":
            url = line.partition("=")[2].strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if not parts.scheme or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
