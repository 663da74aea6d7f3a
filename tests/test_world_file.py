"""The seam: the app describes its world in a file, and the sandbox plays it without the app."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import sandbox.app
from checks.synthesized import PROJECT
from packages.sandbox.tests.sandbox_processes import MLOPS
from sandbox.app import describe, remembered
from sandbox.errors import SandboxError
from sandbox.folder import PROJECT as PACKAGES
from sandbox.folder import Folder
from sandbox.seed import ensure_seeded
from sandbox.world_file import parse, read, schema
from settings.world import world

MINIMAL: dict[str, Any] = {
    "version": 1,
    "account": {
        "id": "3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11",
        "host": "accounts.cloud.databricks.com",
        "cloud": "aws",
    },
    "workspaces": [{"host": "acme.cloud.databricks.com"}],
    "github": {"owner": "acme-ml", "repository": "taxi-fare"},
}


def changed(*path: str | int, to: object) -> dict[str, Any]:
    """The minimal world with another value at a path."""
    document: Any = json.loads(json.dumps(MINIMAL))
    inner = document
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = to
    return dict(document)


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in MINIMAL.items() if name != key}


def test_the_committed_schema_is_that_of_the_reader() -> None:
    assert (PACKAGES / "sandbox" / "world.schema.json").read_text(encoding="utf-8") == schema()


@pytest.mark.parametrize("example", ["mlops.yaml", "full"])
def test_what_the_app_writes_has_the_form_that_the_sandbox_reads(example: str, tmp_path: Path) -> None:
    config = PROJECT / "mlops.yaml"
    if example == "full":
        config = tmp_path / "mlops.yaml"
        text = MLOPS.format(account="3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11", prod="acme-prod")
        config.write_text(text + "    auth_type: pat\n    token_users_group: token users\n", encoding="utf-8")
    written = json.dumps(world(folder=PROJECT, environ={"MLOPS_CONFIG": str(config)}))
    assert parse(written, name="the app") == json.loads(written)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (
            without("account"),
            "world.json: account: found nothing; allowed: an object: the Databricks account; write it.",
        ),
        (
            changed("workspaces", 0, "host", to="https://acme.cloud.databricks.com"),
            'world.json: workspaces.0.host: found "https://acme.cloud.databricks.com"; '
            "allowed: a host name in lower case, without https://, port and path; correct it.",
        ),
        (
            changed("github", "branch", to="main"),
            "world.json: github.branch: found an unknown key; allowed: the keys owner, repository; "
            "remove it, or correct its name.",
        ),
        (
            changed("account", "cloud", to="azure"),
            'world.json: account.cloud: found "azure"; allowed: "aws", "gcp"; correct it.',
        ),
        (
            changed("workspaces", to=[]),
            "world.json: workspaces: found []; "
            "allowed: a list: the workspaces of the account, one or more; correct it.",
        ),
        (changed("version", to=2), "world.json: version: found 2; allowed: 1; correct it."),
        (
            changed("catalogs", to=[{"name": "raw", "tables": ["raw.trips"]}]),
            'world.json: catalogs.0.tables.0: found "raw.trips"; allowed: a full three-level name: '
            "catalog.schema.table; correct it.",
        ),
    ],
    ids=["missing", "host", "unknown", "cloud", "empty", "version", "table"],
)
def test_a_fault_names_file_key_what_was_found_what_is_allowed_and_what_to_do(
    document: Mapping[str, Any], told: str
) -> None:
    with pytest.raises(SandboxError) as error:
        parse(json.dumps(document), name="world.json")
    assert str(error.value).splitlines() == ["The world file does not have the form of world.schema.json.", told]


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda _path: None, "There is no world file"),
        (lambda path: path.mkdir(), "cannot be read: Is a directory"),
        (lambda path: path.write_bytes(b"\xff"), "it is not UTF-8"),
        (lambda path: path.write_text("{", encoding="utf-8"), "is not JSON"),
        (lambda path: path.write_text("[" * 100_000, encoding="utf-8"), "is not JSON"),
        (lambda path: path.write_text("[]", encoding="utf-8"), "the file itself: found []"),
    ],
    ids=["missing", "folder", "bytes", "half", "deep", "list"],
)
def test_a_file_that_is_no_description_is_a_sentence(
    write: Callable[[Path], object], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "world.json"
    write(path)
    with pytest.raises(SandboxError, match="world") as error:
        read(path)
    assert told in str(error.value)


def test_the_sandbox_plays_a_world_without_the_app(tmp_path: Path) -> None:
    """The package alone, in another place: there is no settings, no mlops.yaml, nothing of ours but it."""
    shutil.copytree(PACKAGES / "sandbox", tmp_path / "sandbox", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "world.json").write_text(json.dumps(MINIMAL), encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "MLOPS_"))}
    environ["SANDBOX_DIR"] = str(tmp_path / "state")

    def command(*arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", *arguments],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    assert "name a file that describes one with --world" in command("seed", code=1)
    asked = "import urllib.request as r; print(r.urlopen('https://api.github.com/meta').status)"
    inside = command("run", "--world", "world.json", "--", sys.executable, "-c", asked, code=1)
    assert "HTTP Error 401" in inside or "HTTP Error 501" in inside
    # What was described is kept with the state.
    assert "https://acme.cloud.databricks.com" in command("status")
    assert command("run", "--", "echo", "again").splitlines()[0] == "again"


def test_the_app_is_asked_once_as_long_as_its_configuration_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "mlops.yaml"
    config.write_text("project: taxi-fare\n", encoding="utf-8")
    asked: list[str] = []

    def said(_app: Path, environ: Mapping[str, str]) -> dict[str, Any]:
        asked.append(environ["MLOPS_CONFIG"])
        source = {"file": str(config), "sha256": hashlib.sha256(config.read_bytes()).hexdigest()}
        return parse(json.dumps({**MINIMAL, "source": source}), name="the app")

    monkeypatch.setattr(sandbox.app, "_said", said)
    folder, environ = Folder(tmp_path / "state"), {"MLOPS_CONFIG": str(config), "MLOPS_NOW": "2026-01-01T00:00:00Z"}

    def needed(environ: Mapping[str, str]) -> None:
        described = remembered(folder, environ) or describe(folder, None, environ)
        ensure_seeded(folder, described.description)
        described.keep(folder)

    needed(environ)
    needed({**environ, "MLOPS_NOW": "2027-01-01T00:00:00Z", "HOME": "/elsewhere"})
    assert len(asked) == 1
    config.write_text("project: taxi-fares\n", encoding="utf-8")
    needed(environ)
    assert len(asked) == 2
    needed({**environ, "MLOPS_BRANCH": "main"})
    assert len(asked) == 3
    folder.state.unlink()
    needed(environ)
    assert len(asked) == 4
