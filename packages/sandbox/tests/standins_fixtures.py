"""Terraform with the stand-ins, and a small server that remembers what it is sent."""

import atexit
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sandbox.folder import PROJECT
from sandbox.fork_server import ForkServer
from sandbox.standins.mirror import write_mirror

REQUIRED_PROVIDERS = {
    "databricks": {"source": "databricks/databricks", "version": "1.99.0"},
    "github": {"source": "integrations/github", "version": "6.9.0"},
}

# For all tests of a run.
FORK_SERVER = ForkServer()
atexit.register(FORK_SERVER.close)

Handler = Callable[..., Any]


@dataclass
class Fake:
    """Answers what it has handlers for: (method, path pattern) -> function of the body and the pattern's groups.

    A handler returns JSON, or (status, JSON).
    """

    url: str = ""
    handlers: dict[tuple[str, str], Handler] = field(default_factory=dict)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)

    def on(self, method: str, pattern: str) -> Callable[[Handler], Handler]:
        """Register a handler."""

        def register(handler: Handler) -> Handler:
            self.handlers[method, pattern] = handler
            return handler

        return register

    def sent(self) -> list[str]:
        """ "METHOD path" of every request since the last time, in order."""
        lines = [f"{method} {path}" for method, path, _ in self.requests]
        self.requests.clear()
        return lines

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """What the first matching handler says; 404 when there is none."""
        self.requests.append((method, path, body))
        for (wanted, pattern), handler in self.handlers.items():
            match = re.fullmatch(pattern, path.partition("?")[0])
            if wanted == method and match:
                answer = handler(body, *match.groups())
                return answer if isinstance(answer, tuple) else (200, answer)
        return 404, {"message": "Not Found", "error_code": "NOT_FOUND"}


@contextmanager
def serving(fake: Fake) -> Iterator[Fake]:
    """The fake on a free port of the loopback interface."""

    class _Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            is_json = "json" in self.headers.get("Content-Type", "")
            status, answer = fake.answer(self.command, self.path, json.loads(raw) if is_json else None)
            payload = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Terraform:
    """A folder with a configuration, and Terraform to run in it."""

    folder: Path
    environ: dict[str, str]

    def write(self, config: Mapping[str, Any]) -> None:
        """Replace the configuration."""
        document = {"terraform": {"required_providers": REQUIRED_PROVIDERS}, **config}
        (self.folder / "main.tf.json").write_text(json.dumps(document, indent=1), encoding="utf-8")

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run Terraform; output is captured."""
        return subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder,
            env=self.environ | environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ok(self, *arguments: str) -> str:
        """Run Terraform, which must succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        return done.stdout

    def apply(self) -> str:
        """Apply the configuration."""
        return self.ok("apply", "-auto-approve", "-no-color", "-input=false")

    def plan(self) -> dict[str, Any]:
        """The plan as JSON, after a refresh."""
        self.ok("plan", "-no-color", "-input=false", "-out=plan")
        document: dict[str, Any] = json.loads(self.ok("show", "-json", "plan"))
        return document

    def actions(self) -> dict[str, str]:
        """{address: action} of what an apply would do after a refresh: "create", "update", "replace", "delete"."""
        lines = self.ok("plan", "-json", "-input=false").splitlines()
        changes = [entry["change"] for entry in map(json.loads, lines) if entry["type"] == "planned_change"]
        return {change["resource"]["addr"]: change["action"] for change in changes}

    def state(self, address: str) -> dict[str, Any]:
        """The attributes of a resource, as the local state has them."""
        document = json.loads((self.folder / "terraform.tfstate").read_text(encoding="utf-8"))
        resources = {
            f"{item['type']}.{item['name']}": item for item in document["resources"] if item["mode"] == "managed"
        }
        found: dict[str, Any] = resources[address]["instances"][0]["attributes"]
        return found


def terraform(folder: Path, **environ: str) -> Terraform:
    """Terraform in `folder`, with the stand-ins of a mirror beside it and nothing of the caller's environment."""
    folder.mkdir(parents=True, exist_ok=True)
    mirror = write_mirror(folder.parent / "mirror")
    settings = folder.parent / "terraformrc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    return Terraform(
        folder,
        {
            "PATH": os.environ["PATH"],
            "HOME": str(folder.parent),
            "TF_CLI_CONFIG_FILE": str(settings),
            "CHECKPOINT_DISABLE": "1",
            "SANDBOX_PYTHON": sys.executable,
            "SANDBOX_PROJECT": str(PROJECT),
            "HTTPS_PROXY": "http://127.0.0.1:9",  # where nobody is; the fakes are reached without it
            "SANDBOX_FORK_SERVER": FORK_SERVER.address,
            "TF_DISABLE_PLUGIN_TLS": "1",
            **environ,
        },
    )
