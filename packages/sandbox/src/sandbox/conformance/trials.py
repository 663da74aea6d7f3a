"""What is tried: each row of each probed operation on both sides of its bound, and refusals that no row has.

What is expected is what the table says, which tests hold the sandbox to.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.conformance.placing import Sent, placed
from sandbox.conformance.probes import JOBS, PROBES, UNITY_CATALOG, Probe, Scratch
from sandbox.databricks.routes import ROUTES
from sandbox.limits import Limit, Needed, limits_of

_MOST_BYTES = 10_485_760


@dataclass(frozen=True, slots=True)
class Expected:
    """The sandbox's answer: accepted when there is no status, else a refusal with its status and error code."""

    status: int = 0
    code: str = ""

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip() if self.status else "accepted"


@dataclass(frozen=True, slots=True)
class Trial:
    """One request with what the sandbox answers, and the probe that says how to clear up after it."""

    title: str
    sent: Sent
    expected: Expected
    probe: Probe | None = None


def trials(scratch: Scratch) -> Iterator[Trial]:
    """Everything that is tried in a scratch."""
    for probe in PROBES:
        sent = probe.sends(scratch)
        yield Trial(f"{probe.name}: as it stands", sent, Expected(), probe)
        for row in rows_of(sent):
            if not row.field.startswith(probe.not_real or ("\0",)):
                yield from row_trials(probe, sent, row, scratch.name)
    yield from _refusals(scratch)


def rows_of(sent: Sent) -> tuple[Limit, ...]:
    """The rows of the operation that a request is for."""
    return next(limits_of(one.handler) for one in ROUTES if (one.method, one.path) == (sent.method, sent.path))


def row_trials(probe: Probe, sent: Sent, row: Limit, stem: str) -> Iterator[Trial]:
    """A row at its bound and beyond it."""
    base = _around(probe, sent, row.field)
    what = f"{probe.name}: {row.field or 'body'} {row.bound.describe()}"
    if not isinstance(row.bound, Needed):
        inside = placed(base, row.field, _spelled(row, row.bound.inside(f"{stem}_")))
        yield Trial(f"{what}, at the bound", inside, Expected(), probe)
    outside = placed(base, row.field, _spelled(row, row.bound.outside(f"{stem}_")))
    yield Trial(f"{what}, beyond it", outside, Expected(row.status, row.code), probe)


def _spelled(row: Limit, value: Any) -> Any:
    """A text of a query is a text."""
    return str(value) if row.field.startswith("?") else value


def _around(probe: Probe, sent: Sent, where: str) -> Sent:
    beside: Mapping[str, Any] = next((held for begins, held in probe.around.items() if where.startswith(begins)), {})
    return replace(sent, body={**sent.body, **beside}) if beside else sent


def _refusals(scratch: Scratch) -> Iterator[Trial]:
    """What a real workspace refuses for what is there, or is not there."""
    place = {"catalog_name": scratch.catalog}
    no_job = {"job_id": 999_999_999_999_999}
    task = {"task_key": "a", "notebook_task": {"notebook_path": f"{scratch.folder}/nothing", "source": "WORKSPACE"}}
    waits = {**task, "task_key": "b", "depends_on": [{"task_key": "nobody"}]}
    ring = [{**task, "depends_on": [{"task_key": "b"}]}, {**task, "task_key": "b", "depends_on": [{"task_key": "a"}]}]
    invalid = Expected(400, "INVALID_PARAMETER_VALUE")
    job = scratch.made("refused")
    for title, sent, expected in (
        (
            "a job that does not exist",
            Sent("GET", JOBS + "/get", query={"job_id": str(no_job["job_id"])}),
            Expected(404),
        ),
        ("two tasks of one key", _job(job, [task, task]), invalid),
        ("a task that waits for one that does not exist", _job(job, [task, waits]), invalid),
        ("tasks that wait for one another", _job(job, ring), invalid),
        (
            "a schema that exists",
            Sent("POST", UNITY_CATALOG + "/schemas", body={**place, "name": scratch.name}),
            Expected(400, "SCHEMA_ALREADY_EXISTS"),
        ),
        (
            "a volume in a schema that does not exist",
            Sent(
                "POST",
                UNITY_CATALOG + "/volumes",
                body={**place, "schema_name": scratch.made("none"), "name": "v", "volume_type": "MANAGED"},
            ),
            Expected(404, "SCHEMA_DOES_NOT_EXIST"),
        ),
        ("a folder that exists", _folder(scratch.folder), Expected()),
        (
            "a file into a folder that does not exist",
            _import(f"{scratch.folder}/none/file.txt", b"x"),
            Expected(404, "RESOURCE_DOES_NOT_EXIST"),
        ),
        ("a file of 10 MB", _import(f"{scratch.folder}/file.bin", b"x" * _MOST_BYTES), Expected()),
        (
            "a file that exists",
            _import(f"{scratch.folder}/file.bin", b"x"),
            Expected(400, "RESOURCE_ALREADY_EXISTS"),
        ),
        (
            "a file of 10 MB and a byte",
            _import(f"{scratch.folder}/longer.bin", b"x" * (_MOST_BYTES + 1)),
            Expected(400, "BAD_REQUEST"),
        ),
        (
            "a folder that is not empty",
            Sent("POST", "/api/2.0/workspace/delete", body={"path": scratch.folder}),
            Expected(400, "DIRECTORY_NOT_EMPTY"),
        ),
    ):
        yield Trial(title, sent, expected)


def _job(name: str, tasks: list[dict[str, Any]]) -> Sent:
    return Sent("POST", JOBS + "/create", body={"name": name, "tasks": tasks})


def _folder(path: str) -> Sent:
    return Sent("POST", "/api/2.0/workspace/mkdirs", body={"path": path})


def _import(path: str, content: bytes) -> Sent:
    encoded = base64.b64encode(content).decode()
    return Sent("POST", "/api/2.0/workspace/import", body={"path": path, "format": "RAW", "content": encoded})
