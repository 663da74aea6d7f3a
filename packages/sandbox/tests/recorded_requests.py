"""What an operation of a stand-in sends, recorded: no server, only the answers that a test gives."""

from collections import defaultdict
from typing import Any

from sandbox.standins import schema
from sandbox.standins.behaviour import Level, Request, Resource
from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS
from sandbox.standins.github.provider import PROVIDER as GITHUB
from sandbox.standins.paths import fill
from sandbox.standins.plan import plan
from sandbox.standins.wire import conform

BLOCKS = schema.load("databricks").resources | schema.load("github").resources
RESOURCES: dict[str, Resource[Any]] = {**DATABRICKS.resources, **GITHUB.resources}
Sent = tuple[str, str, Any]


class Recorder:
    """A session of either provider that notes what it is asked and gives what it was told to."""

    def __init__(self, answers: dict[str, Any], level: Level = Level.WORKSPACE) -> None:
        self.level = level
        self.owner = "o"
        self.host = "https://acme.example"
        self.sent: list[Sent] = []
        self.groups: dict[str, set[str]] = {}
        self.groups_lock = _NoLock()
        self._answers = {key: list(value) if isinstance(value, list) else value for key, value in answers.items()}

    def send(self, request: Request, *, query: Any = None, body: Any = None, etag: Any = None, **names: Any) -> Any:
        path = fill(
            request.paths.get(self.level) or request.paths[Level.GITHUB], {"account_id": "acc", "owner": "o", **names}
        )
        path += "?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else ""
        self.sent.append((request.method, path, body))
        return self._answer(f"{request.method} {path}")

    def query(self, text: str, variables: Any) -> Any:
        self.sent.append(("QUERY", text, variables))
        return self._answer(text)

    def _answer(self, key: str) -> Any:
        answer = self._answers.get(key, defaultdict(dict))
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class _NoLock:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: Any) -> None:
        pass


def values(type_name: str, **given: Any) -> dict[str, Any]:
    """A complete value of a resource type: what is not given is unset."""
    block = BLOCKS[type_name]
    assert given.keys() <= block.attributes.keys() | block.nested.keys()
    return dict.fromkeys(block.attributes) | {name: [] for name in block.nested} | given


def block(type_name: str, *path: str, **given: Any) -> dict[str, Any]:
    """A complete value of a nested block."""
    found = BLOCKS[type_name]
    for name in path:
        found = found.nested[name].block
    assert given.keys() <= found.empty.keys()
    return found.empty | given


def planned(type_name: str, config: dict[str, Any], prior: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the stand-in plans for values in which everything that is missing is unset."""
    type_ = BLOCKS[type_name].type
    before = None if prior is None else conform(type_, BLOCKS[type_name].empty | prior)
    written = conform(type_, BLOCKS[type_name].empty | config)
    return plan(BLOCKS[type_name], RESOURCES[type_name].rules, config=written, prior=before).state


def create(
    type_name: str, answers: dict[str, Any] | None = None, *, level: Level = Level.WORKSPACE, **given: Any
) -> list[Sent]:
    recorder = Recorder(answers or {}, level)
    RESOURCES[type_name].create(recorder, values(type_name, **given))
    return recorder.sent


def read(
    type_name: str, answers: dict[str, Any] | None = None, *, level: Level = Level.WORKSPACE, **given: Any
) -> tuple[Any, list[Sent]]:
    recorder = Recorder(answers or {}, level)
    return RESOURCES[type_name].read(recorder, values(type_name, **given)), recorder.sent


def update(
    type_name: str, answers: dict[str, Any] | None = None, *, prior: dict[str, Any], **changes: Any
) -> list[Sent]:
    recorder = Recorder(answers or {})
    change = RESOURCES[type_name].update
    assert change
    change(recorder, values(type_name, **prior), values(type_name, **prior) | changes)
    return recorder.sent


def delete(
    type_name: str, answers: dict[str, Any] | None = None, *, level: Level = Level.WORKSPACE, **given: Any
) -> list[Sent]:
    recorder = Recorder(answers or {}, level)
    RESOURCES[type_name].delete(recorder, values(type_name, **given))
    return recorder.sent
