"""Where the kernel has namespaces for us, nothing that CMD does leads out of the sandbox; elsewhere a line says so.

Every attack runs on every machine. What it must come to depends on one question, which is asked of another program: may
we make such namespaces? Nothing is sent to another machine.
"""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from packages.sandbox.tests.sandbox_processes import Sandbox, eventually, sandbox_in
from sandbox.namespaces import listening_sockets


def _is_privileged() -> bool:
    if sys.platform != "linux":
        return False
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (effective,) = [int(line.split()[1], 16) for line in status if line.startswith("CapEff:")]
    return bool(effective & 1 << 21)  # CAP_SYS_ADMIN


def _is_allowed() -> bool:
    """What util-linux finds; AppArmor may allow it more than others."""
    restricted = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if restricted.exists() and restricted.read_text(encoding="ascii").strip() == "1" and not PRIVILEGED:
        return False
    probe = ["unshare", "--user", "--net", "true"]
    return shutil.which(probe[0]) is not None and subprocess.run(probe, capture_output=True).returncode == 0


PRIVILEGED = _is_privileged()
CONFINED = _is_allowed()
ABSTRACT = f"sandbox-test-{os.getpid()}"


@dataclass(slots=True)
class Outside:
    """Who listens on this machine, outside of the sandbox, and what they were told."""

    port: int
    path: Path
    heard: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Tell each of them."""
        for family, kind, address in (
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", self.port)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", self.port)),
            (socket.AF_INET6, socket.SOCK_STREAM, ("::1", self.port)),
            (socket.AF_UNIX, socket.SOCK_STREAM, str(self.path)),
            (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{ABSTRACT}"),
        ):
            with socket.socket(family, kind) as one:
                one.connect(address)
                one.sendall(text.encode())


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox_in(tmp_path_factory.mktemp("namespaces")) as sandbox:
        sandbox("up")
        yield sandbox


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """One port for TCP on all IPv4 addresses and on ::1 and for UDP; a Unix socket with a path, one without."""
    any_address = socket.create_server(("", 0))
    found = Outside(any_address.getsockname()[1], tmp_path_factory.mktemp("outside") / "agent")
    ipv6 = socket.create_server(("::1", found.port), family=socket.AF_INET6)
    path, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    for one, address in ((path, str(found.path)), (abstract, f"\0{ABSTRACT}")):
        one.bind(address)
        one.listen()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", found.port))

    def accept(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # closed below
            with connection, suppress(OSError):  # not everybody waits for an answer
                connection.settimeout(5)
                found.heard.append(connection.recv(100).decode("latin-1"))
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    def receive() -> None:
        while text := udp.recv(100):
            found.heard.append(text.decode())

    listeners = (any_address, ipv6, path, abstract)
    threads = [threading.Thread(target=accept, args=(one,), daemon=True) for one in listeners]
    threads.append(threading.Thread(target=receive, daemon=True))
    for thread in threads:
        thread.start()
    yield found
    udp.sendto(b"", udp.getsockname())
    for one in listeners:
        one.shutdown(socket.SHUT_RDWR)
        one.close()
    for thread in threads:
        thread.join(5)
    udp.close()


def own_address() -> str:
    """This machine's address in its network; the packet of a connected UDP socket is never sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"  # it is in no network
        return str(one.getsockname()[0])


PYTHON = "python -I -S -c"
SEND = f"{PYTHON} 'import socket; s = socket.socket(socket.%s, socket.%s); s.connect(%s); s.sendall(b\"%s\")'"
TCP, UDP, UNIX = ("AF_INET", "SOCK_STREAM"), ("AF_INET", "SOCK_DGRAM"), ("AF_UNIX", "SOCK_STREAM")
# The word is what nobody outside may hear from inside.
ATTACKS = {
    "curl-past-the-proxy": "curl -s -m 5 --noproxy '*' http://127.0.0.1:{port}/{word}",
    "curl-without-variables": "env -u http_proxy -u HTTP_PROXY curl -s -m 5 http://127.0.0.1:{port}/{word}",
    "curl-without-environment": "env -i $(command -v curl) -s -m 5 http://127.0.0.1:{port}/{word}",
    "curl-to-this-machine": "curl -s -m 5 --noproxy '*' http://{own}:{port}/{word}",
    "curl-over-ipv6": "curl -s -m 5 --noproxy '*' 'http://[::1]:{port}/{word}'",
    "node-fetch": "node -e 'fetch(\"http://127.0.0.1:{port}/{word}\").catch(() => process.exit(1))'",
    "urllib-without-proxies": f"{PYTHON} 'import urllib.request as u;"
    ' u.build_opener(u.ProxyHandler({{}})).open("http://127.0.0.1:{port}/{word}")\'',
    "tcp-socket": SEND % (*TCP, '("127.0.0.1", {port})', "{word}"),
    "udp-socket": SEND % (*UDP, '("127.0.0.1", {port})', "{word}"),
    "abstract-socket": SEND % (*UNIX, '"\\0{abstract}"', "{word}"),
    "socket-with-a-path": SEND % (*UNIX, '"{path}"', "{word}"),
    "socket-through-a-link": SEND % (*UNIX, '"{link}"', "{word}"),
}


@pytest.fixture(scope="module")
def heard(
    sandbox: Sandbox, outside: Outside, tmp_path_factory: pytest.TempPathFactory
) -> tuple[frozenset[str], frozenset[str]]:
    """The attacks that somebody outside has heard of: when made outside, and when made inside."""
    link = tmp_path_factory.mktemp("links") / "link"
    link.symlink_to(outside.path.parent)
    targets = {"port": outside.port, "own": own_address(), "abstract": ABSTRACT, "path": outside.path}
    script = "\n".join(
        command.format(word=word, link=link / outside.path.name, **targets) for word, command in ATTACKS.items()
    )

    def words() -> frozenset[str]:
        outside.say("the last")  # whoever hears it has heard all that was said before
        eventually(lambda: outside.heard.count("the last") == 5)
        found = frozenset(word for word in ATTACKS if any(word in text for text in outside.heard))
        outside.heard.clear()
        return found

    subprocess.run(["sh", "-c", script], capture_output=True, timeout=60)
    without = words()
    sandbox.run("sh", "-c", f"{script}\ntrue")
    return without, words()


@pytest.mark.parametrize("attack", ATTACKS)
def test_nobody_outside_hears_of_it(heard: tuple[frozenset[str], frozenset[str]], attack: str) -> None:
    without, inside = heard
    assert attack in without, "it works when nothing is in its way"
    assert (attack in inside) is not CONFINED


PROBE = """
import errno, socket
def trying(family, kind, address):
    with socket.socket(family, kind) as one:
        try:
            one.connect(address)
        except OSError as error:
            return errno.errorcode[error.errno]
        return "connected"
print(*(trying(*one) for one in (
    (socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 443)),
    (socket.AF_INET, socket.SOCK_STREAM, ("169.254.169.254", 80)),
    (socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53)),
    (socket.AF_INET6, socket.SOCK_STREAM, ("2001:db8::1", 443)),
    (socket.AF_INET6, socket.SOCK_DGRAM, ("ff02::1%lo", 5353)),
)))
print(open("/proc/net/dev").read().count(":"))
try:
    socket.getaddrinfo("example.com", 443)
except OSError as error:
    print(type(error).__name__)
"""


def test_there_is_no_way_to_other_machines(sandbox: Sandbox) -> None:
    if not CONFINED:  # nothing is tried that would send something there
        assert "what ignores proxy variables can connect to anything" in sandbox.run("true").stderr
        return
    connections, interfaces, lookup = sandbox.python(PROBE).splitlines()
    assert connections.split()[:4] == ["ENETUNREACH"] * 4
    assert interfaces == "1"
    assert lookup == "gaierror"


def test_sockets_from_outside_do_not_come_in(sandbox: Sandbox, outside: Outside) -> None:
    """One that was opened outside, even the one that holds the server open, would lead wherever it is connected to."""
    program = f"""
import ctypes, os, socket
for number in map(int, os.listdir("/proc/self/fd")):
    try:
        one = socket.socket(fileno=os.dup(number))
        if one.family == socket.AF_INET:
            one.setblocking(True)
            ctypes.CDLL(None).connect(one.fileno(), bytes(16), 16)  # AF_UNSPEC: let go of the peer
            one.connect(("127.0.0.1", {outside.port}))
            one.sendall(b"by an old socket")
            one.recv(1)
    except OSError:
        pass
"""
    with socket.create_connection(("127.0.0.1", outside.port)) as opened:
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", "run", "--", sys.executable, "-c", program],
            env=sandbox.variables,
            pass_fds=[opened.fileno()],
            capture_output=True,
            text=True,
            timeout=60,
        )
        opened.sendall(b"the end")
    assert done.returncode == 0, done.stderr
    eventually(lambda: "the end" in outside.heard)
    assert ("by an old socket" in outside.heard) is not CONFINED


def test_the_environment_of_processes_outside_cannot_be_read(sandbox: Sandbox) -> None:
    """The user's shell, from which everything was started, holds what CMD does not get."""
    told = sandbox.shell(f"head -c 1 /proc/{os.getpid()}/environ >/dev/null 2>&1; echo $?")
    assert (told.strip() != "0") is CONFINED
    told = sandbox.shell(f"readlink /proc/{sandbox.pid}/ns/net >/dev/null 2>&1; echo $?")
    assert (told.strip() != "0") is CONFINED


def test_nobody_inside_can_undo_it(sandbox: Sandbox, outside: Outside) -> None:
    undo = (
        f"umount {outside.path}; nsenter --net=/proc/{sandbox.pid}/ns/net true && echo out;"
        f" unshare --user --map-root-user --mount umount {outside.path};"
        f" nsenter --target {os.getpid()} --net --user --preserve-credentials true && echo out;"
        " ip link add out type veth peer name in netns 1 && echo out;"
        f" {SEND % (*UNIX, repr(str(outside.path)).replace(chr(39), chr(34)), 'undone')} && echo out; true"
    )
    told = sandbox.shell(undo)
    assert told == "" or not CONFINED
    assert "undone" not in outside.heard or not CONFINED


def network_of(process: int | str) -> str:
    return str(Path(f"/proc/{process}/ns/net").readlink())


def test_the_fork_server_is_inside_and_the_server_is_not(sandbox: Sandbox) -> None:
    inside = sandbox.shell("readlink /proc/self/ns/net").strip()
    children = Path(f"/proc/{sandbox.pid}/task/{sandbox.pid}/children").read_text(encoding="ascii").split()
    assert [network_of(child) for child in children] == [inside]
    assert network_of(sandbox.pid) == network_of("self")
    assert (inside != network_of("self")) is CONFINED


def test_commands_inside_commands_find_the_same_sandbox(sandbox: Sandbox) -> None:
    again = '"$SANDBOX_PYTHON" -m sandbox'
    told = sandbox.shell(
        f"readlink /proc/self/ns/net; {again} run --require-namespaces -- readlink /proc/self/ns/net; {again} status"
        if CONFINED
        else f"readlink /proc/self/ns/net; {again} run -- readlink /proc/self/ns/net; {again} status"
    ).splitlines()
    assert told[0] == told[1]
    assert told[2].startswith(f"server     process {sandbox.pid}, 1 command is running")


def test_another_sandbox_can_be_used_inside(sandbox: Sandbox, tmp_path: Path) -> None:
    told = sandbox.run(
        *("sh", "-c", 'SANDBOX_DIR="$0" "$SANDBOX_PYTHON" -m sandbox run -- curl -s https://api.github.com/'),
        str(tmp_path / "another"),
    ).stdout
    assert "message" in told


def test_files_keep_their_owner_and_are_written_as_ever(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    told = sandbox.shell(
        f"id -u; stat -c %u {tmp_path}/file; cd {tmp_path} && echo y >file && touch new && stat -c %u new"
    )
    assert told.split() == [str(os.geteuid())] * 3
    assert (tmp_path / "new").stat().st_uid == os.geteuid()


def test_where_the_kernel_lets_us_it_confines_us(sandbox: Sandbox) -> None:
    done = sandbox("run", "--require-namespaces", "--", "true", code=0 if CONFINED else 1)
    assert ("CMD has no network namespace of its own" in done.stderr) is not CONFINED
    assert CONFINED or not PRIVILEGED, "who has CAP_SYS_ADMIN may make namespaces"


def test_where_the_kernel_does_not_a_line_says_so(tmp_path: Path, outside: Outside) -> None:
    with sandbox_in(tmp_path) as sandbox:
        up = [sys.executable, "-m", "sandbox", "up"]
        if CONFINED:
            none = 'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"'
            up = ["unshare", "--user", "--map-root-user", "sh", "-c", none, "sh", *up]
        subprocess.run(up, env=sandbox.variables, check=True, capture_output=True, timeout=60)
        line = "sandbox: CMD has no network namespace of its own, for "
        reach = ["curl", "-s", "-m", "5", "--noproxy", "*", f"http://127.0.0.1:{outside.port}/open"]
        said = sandbox.run(*reach).stderr.splitlines()[1:]
        assert [text.startswith(line) for text in said] == [True]
        assert said[0].endswith(": what ignores proxy variables can connect to anything")
        assert any("/open" in text for text in outside.heard)
        outside.heard.clear()
        refused = sandbox("run", "--require-namespaces", "--", *reach, code=1).stderr
        assert refused == f"{said[0].partition(': what')[0]}.\n"
        assert outside.heard == []


def test_only_those_who_listen_are_found(outside: Outside) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(outside.path))
        assert str(outside.path) in listening_sockets()
        assert not any(path.startswith(("@", "\0")) or not path for path in listening_sockets())
