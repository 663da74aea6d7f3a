"""Where one sandbox keeps its things. Two sandboxes in two folders know nothing of each other."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError

PROJECT = Path(__file__).resolve().parent.parent
"""The folder that this package is imported from."""
FOLDER_VARIABLE = "SANDBOX_DIR"
_MARK = ".mlops-sandbox"  # `reset` removes what lies beside it


def app_folder() -> Path | None:
    """The folder of the app that this package belongs to, or of the one in the current folder."""
    candidates = (*Path(__file__).resolve().parents, Path.cwd())
    return next((folder for folder in candidates if (folder / "settings" / "world.py").is_file()), None)


def own_folder() -> Path:
    """Where a sandbox is when nobody says: in the app's folder, or in the current one."""
    return (app_folder() or Path.cwd()) / ".sandbox"


@dataclass(frozen=True, slots=True)
class Folder:
    """The sandbox folder: `.sandbox/` of the app, or what SANDBOX_DIR names."""

    root: Path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Folder":
        """The folder that this process environment names."""
        return cls(Path(environ.get(FOLDER_VARIABLE) or own_folder()).absolute())

    def create(self) -> None:
        """Make the folder, readable by its owner only: the state and the CA's key lie in it.

        SandboxError when there is a folder with other things in it: a sandbox takes none over.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.require_own()
            make_private(self.root)
            # The mark comes first: another process may look now.
            for name, text in ((_MARK, "`python -m sandbox` removes what lies here.\n"), (".gitignore", "*\n")):
                if not (self.root / name).exists():
                    (self.root / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise SandboxError(f"{self.root} cannot be the sandbox's folder: {error.strerror}.") from None

    def require_own(self) -> None:
        """SandboxError unless the folder is marked, empty or missing; the app's own may hold the demo's log."""
        names = {path.name for path in self.root.iterdir()} if self.root.exists() else set()
        if names and _MARK not in names and self.root.resolve() != own_folder():
            raise SandboxError(
                f"{self.root} has other things in it than a sandbox: "
                f"let {FOLDER_VARIABLE} name a new or an empty folder."
            )

    @property
    def state(self) -> Path:
        """The SQLite file: everything that the services remember, and the audit log."""
        return self.root / "state.sqlite"

    @property
    def saved(self) -> Path:
        """A copy of the state that the control channel's `restore` returns to."""
        return self.root / "saved.sqlite"

    @property
    def clock(self) -> Path:
        """How far the sandbox's clock was moved, in seconds."""
        return self.root / "clock"

    @property
    def world(self) -> Path:
        """The description of the world that the state was seeded by."""
        return self.root / "world.json"

    @property
    def server(self) -> Path:
        """Where the running server listens, and the key of its control channel."""
        return self.root / "server.json"

    @property
    def server_lock(self) -> Path:
        """Locked as long as a server lives; the kernel unlocks it however the server dies."""
        return self.root / "server.lock"

    @property
    def start_lock(self) -> Path:
        """Locked while somebody seeds, resets or starts."""
        return self.root / "start.lock"

    @property
    def log(self) -> Path:
        """The server's own log: tracebacks of handlers that failed."""
        return self.root / "server.log"

    @property
    def certificates(self) -> Path:
        """The CA, its key and the server's certificate."""
        return self.root / "certificates"

    @property
    def authority(self) -> Path:
        """The CA's certificate: what clients must trust."""
        return self.certificates / "ca.pem"

    @property
    def terraform_state(self) -> Path:
        """Terraform's state of each stack, as <stack>.tfstate."""
        return self.root / "terraform"

    @property
    def output(self) -> Path:
        """What CDKTF synthesizes inside the sandbox."""
        return self.root / "cdktf.out"

    @property
    def shims(self) -> Path:
        """The folder of the executables that stand before Terraform."""
        return self.root / "bin"

    @property
    def clients(self) -> Path:
        """The configuration files of the clients: Databricks, Terraform, netrc."""
        return self.root / "clients"

    @property
    def home(self) -> Path:
        """The home folder of commands inside, and of the server."""
        return self.root / "home"

    @property
    def mirror(self) -> Path:
        """The stand-in providers as a Terraform filesystem mirror."""
        return self.root / "mirror"


def make_private(path: Path) -> None:
    """Make a folder that only its owner can enter, or close the one that is there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file that only its owner can read; readers see the old content or the new, never a half."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    draft.replace(path)
