"""Files of a checkout that somebody else wrote: opened only if they are regular files that lie inside of it.

A checkout can hold symbolic links to anywhere, and paths written in it can go upwards; what a runner or a laptop keeps
outside of the checkout must neither be read nor uploaded because of them.
"""

# Paths are text here, as in the package that this serves.
# ruff: noqa: PTH100, PTH114, PTH115, PTH118, PTH120

import errno
import os
import stat

from bundle.limits import Limit, RefusedError

_GIT = ".git"
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class Confinement:
    """`border` is the real path of the folder that nothing may lead out of; when it is empty only limits apply.

    Serves one reading: where folders lead is remembered.
    """

    def __init__(self, border: str = "") -> None:
        self.border = border
        self._folders: dict[str, str] = {}

    @classmethod
    def within(cls, folder: str) -> "Confinement":
        """The border around a folder, symbolic links on the way to it resolved."""
        return cls(os.path.realpath(folder))

    def check(self, path: str) -> str:
        """The real path. Raises RefusedError where it leaves the border or is no path at all."""
        if "\0" in path:
            raise RefusedError(f"{path!r} holds a NUL character", "correct the path")
        try:
            real = self._real(path)
        except (OSError, ValueError):
            raise RefusedError(f"{path!r} is no path of a file", "correct the path") from None
        if self.border and not _is_below(real, self.border):
            raise self._outside(path)
        if self.border and _GIT in real[len(self.border) :].lower().split("/"):
            raise RefusedError(
                f"{os.path.normpath(path)} leads into {_GIT}, where a checkout may keep credentials",
                "name a file of the project itself",
            )
        return real

    def _real(self, path: str) -> str:
        """realpath, with that of folders remembered: bundles have many files in few folders."""
        folder, name = os.path.split(path)
        if not name or name in (".", ".."):
            return os.path.realpath(path)
        real = self._folders.get(folder)
        if real is None:
            real = self._folders[folder] = os.path.realpath(folder or ".")
        joined = os.path.join(real, name)
        return os.path.realpath(joined) if os.path.islink(joined) else joined

    def _outside(self, path: str) -> RefusedError:
        link = _leaving_link(path, self.border)
        if link:
            return RefusedError(
                f"{link} is a symbolic link to {os.readlink(link)}, which lies outside of {self.border}",
                "put the file itself where the link is, or remove the link: nothing outside of the checkout is read",
            )
        return RefusedError(
            f"{os.path.normpath(path)} lies outside of {self.border}",
            "move what is needed into the checkout: nothing outside of it is read or uploaded",
        )

    def read(self, path: str, limit: Limit) -> bytes:
        """The content of a regular file.

        Raises RefusedError for anything else, for a file outside of the border and for one that is larger than the
        limit; OSError as `open` does.
        """
        descriptor = self._open(path)
        try:
            size = os.fstat(descriptor).st_size
            limit.check(size, f"{path} has {{count}} bytes")
            content = _up_to(descriptor, limit.most + 1)
        finally:
            os.close(descriptor)
        limit.check(len(content), f"{path} has {{count}} bytes or more")
        return content

    def beginning(self, path: str, length: int) -> bytes:
        """The first bytes of a regular file; errors as `read` raises them."""
        descriptor = self._open(path)
        try:
            return _up_to(descriptor, length)
        finally:
            os.close(descriptor)

    def _open(self, path: str) -> int:
        # The real path ends in no link unless one was put there meanwhile; without waiting for the other end of a pipe.
        descriptor = os.open(self.check(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISREG(mode):
            return descriptor
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        raise RefusedError(
            f"{path} is {_KINDS.get(stat.S_IFMT(mode), 'no regular file')}", "put a regular file in its place"
        )


def _up_to(descriptor: int, length: int) -> bytes:
    parts: list[bytes] = []
    while length and (part := os.read(descriptor, min(length, 1 << 20))):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _is_below(path: str, border: str) -> bool:
    return path == border or border == os.sep or path.startswith(f"{border}{os.sep}")


def _leaving_link(path: str, border: str) -> str:
    """The first link on a path that leads out of the border, as the path is written."""
    written = os.path.normpath(os.path.abspath(path))
    ends = [index for index, char in enumerate(written) if char == "/" and index]
    for at in (written[:end] for end in (*ends, len(written))):
        inside = _is_below(os.path.realpath(os.path.dirname(at)), border)
        if inside and os.path.islink(at) and not _is_below(os.path.realpath(at), border):
            return at
    return ""
