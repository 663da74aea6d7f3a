"""A workspace for the Databricks CLI: it says who asks, keeps files, and gives back what it was sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from posixpath import dirname
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from bundle import Identity

ME = "/api/2.0/preview/scim/v2/Me"
IMPORT = "/api/2.0/workspace-files/import-file/"


class Workspace:
    """Objects by path, for each token of its own; a token's identity is told before it is used."""

    def __init__(self) -> None:
        self.identities: dict[str, Identity] = {}
        self.objects: dict[str, dict[str, bytes | None]] = {}
        self.url = ""

    def answer(self, token: str, method: str, target: str, body: bytes) -> tuple[int, Any]:
        """Status and body, as bytes where a file was asked for."""
        objects = self.objects.setdefault(token, dict.fromkeys(("/", "/Workspace")))
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == ME:
            who = self.identities[token]
            named = {"displayName": who.display_name} if who.display_name else {}
            return 200, {"userName": who.user_name, **named}
        if url.path == "/.well-known/databricks-config":
            return 200, {"oidc_endpoint": f"{self.url}/oidc", "workspace_id": "1"}
        if url.path.startswith(IMPORT):
            file = "/" + unquote(url.path.removeprefix(IMPORT))
            _make(objects, dirname(file))
            objects[file] = body
            return 200, {}
        if url.path == "/api/2.0/workspace/mkdirs":
            _make(objects, json.loads(body)["path"])
            return 200, {}
        path = query.get("path", "")
        if path in objects and url.path == "/api/2.0/workspace/get-status":
            kind = "DIRECTORY" if objects[path] is None else "FILE"
            return 200, {"path": path, "object_type": kind, "object_id": 1, "resource_id": "1"}
        if path in objects and url.path == "/api/2.0/workspace/export":
            return 200, objects[path] or b""
        if url.path.startswith("/api/2.0/permissions/directories/"):
            return 200, {"object_id": "/directories/1", "object_type": "directory", "access_control_list": []}
        if method == "POST":
            return 200, {}
        return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"{method} {url.path}: nothing is there"}


def _make(objects: dict[str, bytes | None], folder: str) -> None:
    while folder not in objects:
        objects[folder] = None
        folder = dirname(folder)


@contextmanager
def serving() -> Iterator[Workspace]:
    """A workspace that answers on this machine until the block ends."""
    workspace = Workspace()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, answer = workspace.answer(token, self.command, self.path, body)
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = respond  # noqa: N815

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    workspace.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield workspace
    finally:
        server.shutdown()
        server.server_close()
