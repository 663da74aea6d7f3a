"""Which strings in libraries and dependencies name local files.

Rules: databricks/cli v0.280.0, bundle/libraries/local_path.go.
"""

import posixpath
import re

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_FLAGS = ("-r", "-e")
_ANY_FLAG = re.compile(r"(?:^|\s)--?[a-zA-Z0-9-]+(?:[\s|=]|$)")
_VERSION = (
    r"(\d+!)?(\d+(\.\d+)*)([-_.]?(a|b|rc)\d+)?([-_.]?post\d+)?([-_.]?dev\d+)?(\+[a-zA-Z0-9]+([-_.][a-zA-Z0-9]+)*)?"
)
# A package's name, what stands up to the last ] of its extras, and its versions.
_PLAIN_NAME = re.compile(r"[a-zA-Z0-9\-_]+")
_NAME_WITH_EXTRAS = re.compile(r"[a-zA-Z0-9\-_]+\s?\[.*")
_VERSIONS = re.compile(rf"\s?((==|!=|<=|>=|~=|>|<)\s?{_VERSION},?)*", re.ASCII)


def scheme_of(path: str) -> str:
    """The URL scheme, or an empty string."""
    found = _SCHEME.match(path)
    return found[1].lower() if found else ""


def _is_remote(path: str) -> bool:
    scheme = scheme_of(path)
    return bool(scheme) and path.startswith(f"{scheme}:/") and scheme != "file"


def is_local_path(path: str) -> bool:
    """Neither absolute nor with a scheme."""
    return not path.startswith("file://") and not _is_remote(path) and not posixpath.isabs(path)


def is_local_library(dependency: str) -> bool:
    """A path rather than the name of a package or an option of pip."""
    if not dependency:
        return False
    if dependency.startswith("."):
        return True
    if _ANY_FLAG.search(dependency) or _is_package(dependency):
        return False
    return is_local_path(dependency)


def _is_package(name: str) -> bool:
    if _is_name_with_versions(name):
        return True
    first, at, second = name.partition(" @ ")
    return bool(at) and " @ " not in second and _is_name_with_versions(first) and _is_remote(second)


def _is_name_with_versions(text: str) -> bool:
    """The CLI's packageRegex, taken apart at the last ] so that nothing is tried twice."""
    head, bracket, rest = text.rpartition("]")
    if bracket:
        return bool(_NAME_WITH_EXTRAS.fullmatch(head) and _VERSIONS.fullmatch(rest))
    name = _PLAIN_NAME.match(text)
    if name is None:
        return False
    rest = text[name.end() :]
    return bool(_VERSIONS.fullmatch(rest) or (rest[:1].isspace() and _VERSIONS.fullmatch(rest[1:])))


def pip_flag(dependency: str) -> tuple[str, str] | None:
    """`-r` or `-e` and the path behind it; None when the dependency is something else."""
    for flag in _FLAGS:
        if dependency.startswith(f"{flag} "):
            return flag, dependency.removeprefix(f"{flag} ").strip()
    return None


def has_local_pip_flag(dependency: str) -> bool:
    """Whether the dependency is an option of pip that names a local file."""
    found = pip_flag(dependency)
    return found is not None and is_local_path(found[1])
