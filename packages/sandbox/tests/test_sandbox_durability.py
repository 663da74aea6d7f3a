"""What was answered is never lost, and two sandboxes never meet."""

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from packages.sandbox.tests.sandbox_processes import Sandbox, eventually, line_of, sandbox_in, struck
from sandbox import audit
from sandbox.state import open_state

# Writes variables until the connection breaks, and prints the name of each one that was answered.
WRITER = """
import os, requests
session = requests.Session()
session.headers["Authorization"] = "Bearer " + os.environ["GITHUB_TOKEN"]
url = "https://api.github.com/repos/acme-ml/taxi-fare/actions/permissions/workflow"
count = 0
while True:
    permissions = "read" if count % 2 else "write"
    session.put(url, json={"default_workflow_permissions": permissions}).raise_for_status()
    count += 1
    print(count, flush=True)
"""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox_in(tmp_path) as sandbox:
        yield sandbox


def log_of(sandbox: Sandbox) -> list[audit.Entry]:
    store = open_state(sandbox.folder)
    try:
        return audit.entries(store)
    finally:
        store.close()


def test_sigkill_of_the_server_loses_nothing_that_was_answered(sandbox: Sandbox) -> None:
    with sandbox.running([sys.executable, "-c", WRITER]) as writer:
        answered = [line_of(writer) for _ in range(20)]
        os.kill(sandbox.pid, signal.SIGKILL)
        assert writer.stdout is not None
        answered += writer.stdout.read().split()
    changes = [entry for entry in log_of(sandbox) if entry.changed]
    # One more at most: committed, but killed before the answer.
    assert len(answered) <= len(changes) <= len(answered) + 1
    wanted = "write" if len(changes) % 2 else "read"
    text = sandbox.shell(
        "curl -s https://api.github.com/repos/acme-ml/taxi-fare/actions/permissions/workflow"
        ' -H "Authorization: Bearer $GITHUB_TOKEN"'
    )
    assert json.loads(text)["default_workflow_permissions"] == wanted


def test_the_card_of_a_killed_server_is_recognised_as_stale(sandbox: Sandbox) -> None:
    sandbox("up")
    killed = sandbox.pid
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: not sandbox.is_up())
    assert sandbox.folder.server.exists()
    assert "server     none" in sandbox("status").stdout
    sandbox("up")
    assert sandbox.pid != killed


def test_a_card_that_names_a_living_process_is_stale_too(sandbox: Sandbox) -> None:
    sandbox("seed")
    card = {"pid": os.getpid(), "relay_port": 1, "control_port": 1, "key": "x"}
    sandbox.folder.server.write_text(json.dumps(card), encoding="utf-8")
    assert "server     none" in sandbox("status").stdout
    sandbox.run("true")


def test_two_sandboxes_run_at_once_and_know_nothing_of_each_other(tmp_path: Path) -> None:
    with sandbox_in(tmp_path / "one") as one, sandbox_in(tmp_path / "two") as two:
        one("up")
        two("up")
        assert one.pid != two.pid
        user = 'curl -s https://api.github.com/user -H "Authorization: Bearer $0"'
        tokens = [sandbox.shell("echo $GITHUB_TOKEN").strip() for sandbox in (one, two)]
        for sandbox, token, answer in [
            (one, tokens[0], "platform-admin"),
            (two, tokens[1], "platform-admin"),
            (one, tokens[1], "Bad credentials"),
            (two, tokens[0], "Bad credentials"),
        ]:
            assert answer in sandbox.run("sh", "-c", user, token).stdout
        one("clock", "+30d")
        assert one("clock").stdout[:10] != two("clock").stdout[:10]
        assert (len(log_of(one)), len(log_of(two))) == (2, 2)


@pytest.mark.parametrize(("moment", "kept"), [("before", 2), ("after", 3)])
def test_lightning_kills_a_command_and_its_children_at_a_changing_request(
    sandbox: Sandbox, tmp_path: Path, moment: str, kept: int
) -> None:
    sandbox("up")
    environ = json.loads(sandbox.python("import json, os; print(json.dumps(dict(os.environ)))"))
    survived = tmp_path / "survived"
    command = ["sh", "-c", f"{sys.executable} -c '{WRITER}'; touch {survived}"]
    assert struck(sandbox, command, request=3, moment=moment, environ=environ)
    assert not survived.exists()
    entries = log_of(sandbox)
    assert sum(entry.changed for entry in entries) == kept
    assert entries[-1].note == f"struck {moment} its effect"
    assert not struck(sandbox, ["true"], request=1, moment=moment, environ=environ)
    assert sandbox.ask("status")["armed"] is False


def test_answers_are_as_slow_as_they_are_told_to_be(sandbox: Sandbox) -> None:
    sandbox("up")
    ask = "curl -s -o /dev/null -w '%{time_total}' https://api.github.com/user"
    assert float(sandbox.shell(ask)) < 0.3
    sandbox.ask("latency", seconds=0.3)
    assert float(sandbox.shell(ask)) >= 0.3


def test_the_control_channel_wants_its_key(sandbox: Sandbox) -> None:
    sandbox("up")
    card = json.loads(sandbox.folder.server.read_text(encoding="utf-8"))
    assert re.fullmatch(r"[\w-]{32}", card["key"])
    sandbox.folder.server.write_text(json.dumps({**card, "key": "wrong"}), encoding="utf-8")
    assert "wrong key" in sandbox("status", code=1).stderr
    sandbox.folder.server.write_text(json.dumps(card), encoding="utf-8")
