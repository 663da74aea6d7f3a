"""The namespaces that CMD runs in on Linux: a network of its own, with nobody on it but the sandbox's server.

The server makes them once and listens inside; `run` enters them before it becomes CMD. No packet finds a way out of a
network namespace that has nothing but a loopback interface, whatever sends it. See network_namespaces(7) and
user_namespaces(7).
"""

import contextlib
import ctypes
import fcntl
import os
import socket
import stat
import struct
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.running import LOOPBACK

_CLONE_NEWNS, _CLONE_NEWUSER, _CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
_MS_BIND = 0x1000
_PR_CAPBSET_DROP, _CAP_SYS_ADMIN = 24, 21
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_SO_DOMAIN = 39
_RESTRICTION = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
# Name services: without them a user from a directory has no name. They look up no hosts.
_NAME_SERVICES = ("/var/lib/sss/pipes/", "/run/systemd/userdb/", "/var/run/systemd/userdb/")


class UnavailableError(SandboxError):
    """This machine, or this user, has no such namespaces; the text says why."""


@dataclass(frozen=True, slots=True)
class Namespaces:
    """A user namespace and a network namespace: descriptors of the process that made them.

    `identity` is the network namespace's inode number, by which a process knows whether it is inside.
    """

    user: int
    network: int
    identity: int

    def entered(self) -> bool:
        """Whether this process is inside."""
        return Path("/proc/self/ns/net").stat().st_ino == self.identity

    def enter(self, owner: int | str = "self") -> None:
        """Move this process, which must have one thread, inside; UnavailableError where the kernel refuses.

        `owner` is the process whose descriptors these are. What was opened before, sockets too, stays outside.
        """
        kinds = ((self.user, _CLONE_NEWUSER), (self.network, _CLONE_NEWNET))
        try:
            with contextlib.ExitStack() as opened:
                files = [(opened.enter_context(Path(f"/proc/{owner}/fd/{fd}").open("rb")), kind) for fd, kind in kinds]
                for file, kind in files:
                    _call("setns", file.fileno(), kind)
        except OSError as error:
            raise UnavailableError(_why(error)) from None


def create(ports: Sequence[int]) -> tuple[Namespaces, list[socket.socket]]:
    """New namespaces, and for each port a socket that is bound to it on their loopback address.

    Called while the process has one thread. UnavailableError where there are none.
    """
    if sys.platform != "linux":
        raise UnavailableError("only Linux has network namespaces")
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        _make(theirs, ports)
    theirs.close()
    try:
        with ours:
            _hear(ours, 0)
            _map_identities(child)
            ours.sendall(b".")
            user, network, *sockets = _hear(ours, 2 + len(ports))
    except OSError as error:
        raise UnavailableError(_why(error)) from None
    finally:
        os.waitpid(child, 0)
    return Namespaces(user, network, os.fstat(network).st_ino), [socket.socket(fileno=one) for one in sockets]


def hide_sockets(paths: Collection[str]) -> None:
    """Let nobody in this process, and in what it becomes, connect to the sockets with these paths.

    Called inside. A network namespace does not separate sockets that have a path, and behind some of them (Docker, the
    session's bus, SSH's agent, tmux) is somebody who does what they are asked, outside.
    """
    try:
        _call("unshare", _CLONE_NEWNS)
        for path in paths:
            with contextlib.suppress(OSError):  # gone, or in a folder that we cannot enter either
                if stat.S_ISSOCK(os.stat(path).st_mode):  # noqa: PTH116 - the bytes of the path count
                    _call("mount", b"/dev/null", os.fsencode(path), None, _MS_BIND, None)
        # Root would be able to undo this; everybody else loses what they may do in here when CMD is executed.
        _call("prctl", _PR_CAPBSET_DROP, _CAP_SYS_ADMIN, 0, 0, 0)
    except OSError as error:
        raise UnavailableError(_why(error)) from None


def listening_sockets() -> frozenset[str]:
    """The paths of the Unix sockets that somebody listens on in this network namespace, name services apart."""
    found = set()
    for line in Path("/proc/net/unix").read_text(encoding="utf-8", errors="surrogateescape").splitlines()[1:]:
        fields = line.split(maxsplit=7)
        accepting = len(fields) == 8 and (int(fields[3], 16) & 0x10000 or fields[4] != "0001")
        if accepting and fields[7].startswith("/") and not fields[7].startswith(_NAME_SERVICES):
            found.add(fields[7])
    return frozenset(found)


def keep_sockets_back() -> None:
    """Let no network socket that was inherited from outside reach what this process executes."""
    for entry in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names, not paths
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(entry)).st_mode):
                with socket.socket(fileno=os.dup(int(entry))) as copy:
                    domain = copy.getsockopt(socket.SOL_SOCKET, _SO_DOMAIN)
                if domain != socket.AF_UNIX:
                    os.set_inheritable(int(entry), False)


def _make(parent: socket.socket, ports: Sequence[int]) -> None:
    """In a process of its own, which ends with this: unsharing would move the server itself."""
    try:
        try:
            _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET)
            parent.sendall(b".")
            parent.recv(1)  # until somebody outside has mapped users and groups
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
                fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _IFF_UP))
            kinds = [os.open(f"/proc/self/ns/{kind}", os.O_RDONLY) for kind in ("user", "net")]
            sockets = [bound(port) for port in ports]
            socket.send_fds(parent, [b"."], [*kinds, *(one.fileno() for one in sockets)])
        except OSError as error:
            parent.sendall(f"{error.errno or 0}".encode())
    finally:
        os._exit(0)


def bound(port: int = 0) -> socket.socket:
    """A socket that is bound to a port of the loopback address; to a free one unless told otherwise."""
    # asyncio switches Nagle's algorithm off only for sockets that name TCP; with it on, each answer waits 40 ms.
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    one.bind((LOOPBACK, port))
    return one


def _hear(child: socket.socket, descriptors: int) -> list[int]:
    said, received, _, _ = socket.recv_fds(child, 16, descriptors, socket.MSG_CMSG_CLOEXEC)
    if said != b".":
        number = int(said or b"0")
        raise OSError(number, os.strerror(number) if number else "it ended")
    return received


def _map_identities(child: int) -> None:
    """Every user and group as itself where we may say so, which root may; else our own alone.

    CMD's files, and what it may do with them, are the same inside.
    """
    try:
        for kind in ("uid", "gid"):
            extents = Path(f"/proc/self/{kind}_map").read_text(encoding="ascii").splitlines()
            same = [f"{first} {first} {count}\n" for first, _, count in map(str.split, extents)]
            Path(f"/proc/{child}/{kind}_map").write_text("".join(same), encoding="ascii")
    except PermissionError:
        Path(f"/proc/{child}/setgroups").write_text("deny", encoding="ascii")
        for kind, own in (("uid", os.geteuid()), ("gid", os.getegid())):
            Path(f"/proc/{child}/{kind}_map").write_text(f"{own} {own} 1\n", encoding="ascii")


def _call(name: str, *arguments: int | bytes | None) -> None:
    """A call of the C library; Python 3.11 has none of them. OSError as usual."""
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _why(error: OSError) -> str:
    with contextlib.suppress(OSError):
        if _RESTRICTION.read_text(encoding="ascii").strip() == "1":
            return "AppArmor keeps them from users here (kernel.apparmor_restrict_unprivileged_userns is 1)"
    return error.strerror or str(error)
