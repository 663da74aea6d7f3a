"""The commands that remedies show, run as they stand by a shell, with small `databricks` and `gh` for the real ones."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# The part of `databricks api` that remedies use: METHOD PATH [--json BODY]. It logs in as the SDK does, without the
# second that loading the SDK takes.
_DATABRICKS = """\
import json, os, sys, requests

command, method, path, *rest = sys.argv[1:]
assert command == "api" and rest[:1] in ([], ["--json"]), sys.argv
host, account_id = os.environ["DATABRICKS_HOST"], os.environ.get("DATABRICKS_ACCOUNT_ID")
login = requests.post(
    f"{host}/oidc/accounts/{account_id}/v1/token" if account_id else f"{host}/oidc/v1/token",
    data={"grant_type": "client_credentials", "scope": "all-apis"},
    auth=(os.environ["DATABRICKS_CLIENT_ID"], os.environ["DATABRICKS_CLIENT_SECRET"]),
    timeout=20,
)
assert login.ok, login.text
answer = requests.request(
    method,
    host + path,
    json=json.loads(rest[1]) if rest else None,
    headers={"Authorization": f"Bearer {login.json()['access_token']}"},
    timeout=20,
)
assert answer.ok, answer.text
print(answer.text)
"""
# The part of `gh api`: -X METHOD PATH [--input -].
_GH = """\
import os, sys, requests

command, flag, method, path, *rest = sys.argv[1:]
assert command == "api" and flag == "-X" and rest in ([], ["--input", "-"]), sys.argv
answer = requests.request(
    method,
    f"https://api.github.com/{path}",
    data=sys.stdin.buffer.read() if rest else None,
    headers={"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "Content-Type": "application/json"},
    timeout=20,
)
assert answer.ok, answer.text
"""


def tools(folder: Path) -> Path:
    """The two commands, in a folder for the PATH."""
    for name, program in (("databricks", _DATABRICKS), ("gh", _GH)):
        (folder / f"{name}_tool.py").write_text(program, encoding="utf-8")
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {sys.executable} {folder}/{name}_tool.py "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return folder


def follow(commands: Sequence[str], *, environ: Mapping[str, str], path: Path) -> str:
    """Run the commands of one remedy in one shell; what they said."""
    script = "\n".join(["set -e", *commands])
    done = subprocess.run(
        ["sh", "-c", script],
        env={**environ, "PATH": f"{path}:{environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout
