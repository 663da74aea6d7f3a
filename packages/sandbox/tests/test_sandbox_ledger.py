"""The ledger: every behaviour of the sandbox names how it is known, and the page says what the code says."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest

from packages.sandbox.tests.databricks_sandbox import STAGING, DatabricksSandbox, open_sandbox
from sandbox.computed import Computed
from sandbox.conformance.probes import PROBES, Scratch
from sandbox.conformance.trials import Trial, trials
from sandbox.ledger import refusals as ledger
from sandbox.ledger.page import COMMAND, computed_values, ours, page, sources
from sandbox.source import Kind

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "sandbox-ledger.md"
README = ROOT / "packages" / "sandbox" / "README.md"

UNSOURCED = """
from sandbox.databricks.rest.answers import denied
from sandbox.databricks.world.refusals import InvalidError, NotBuiltError
from sandbox.github.world.refusals import NotFoundError
from sandbox.source import ours

_SOURCE = ours("a test")

def with_one(call):
    raise InvalidError("known", source=_SOURCE)

def passed_on(message, *, source):
    raise InvalidError(message, source=source)

def not_built(call):
    raise NotBuiltError("not built")

def without(call):
    raise InvalidError("unknown")

def bare(call):
    raise NotFoundError
"""


def test_every_refusal_in_the_code_names_its_source() -> None:
    found = ledger.refusals()
    assert len(found) > 200
    missing = [f"{one.module}:{one.line} {one.says}" for one in found if one.source is None]
    assert not missing, "give each the keyword `source` (sandbox/source.py)"


def test_a_refusal_without_a_source_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "unsourced.py").write_text(UNSOURCED, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = __import__("unsourced")
    assert isinstance(module, ModuleType)
    found = ledger.refusals_in(module)
    assert [(one.says, one.source is None) for one in found] == [("known", False), ("unknown", True), ("", True)]


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), f"stale: {COMMAND} > {PAGE.relative_to(ROOT)}"


def test_the_readme_says_how_many_are_ours() -> None:
    text = README.read_text(encoding="utf-8")
    (said,) = re.findall(r"\*\*(\d+) of (\d+)\*\* are ours", text)
    assert (int(said[0]), int(said[1])) == (ours(), len(sources()))


def test_sources_are_addresses_and_what_is_ours_has_a_reason() -> None:
    for source in sources():
        if source.kind is Kind.OURS:
            assert len(source.reference) > 20
        else:
            assert urlsplit(source.reference).scheme in ("http", "https")
            assert urlsplit(source.reference).netloc


@pytest.fixture(scope="module")
def databricks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabricksSandbox]:
    with pytest.MonkeyPatch.context() as patch, open_sandbox(tmp_path_factory.mktemp("ledger"), patch) as opened:
        yield opened


READS = {
    "schema": ("/api/2.1/unity-catalog/schemas/staging.scratch_schema", {}, ""),
    "volume": ("/api/2.1/unity-catalog/volumes/staging.scratch.scratch_v", {}, ""),
    "model": ("/api/2.1/unity-catalog/models/staging.scratch.scratch_m", {}, ""),
    "job": ("/api/2.2/jobs/get", {"job_id": "{job_id}"}, ""),
    "experiment": ("/api/2.0/mlflow/experiments/get", {"experiment_id": "{experiment_id}"}, "experiment"),
    "pipeline": ("/api/2.0/pipelines/{pipeline_id}", {}, ""),
    "workspace model": (
        "/api/2.0/mlflow/databricks/registered-models/get",
        {"name": "scratch_registered"},
        "registered_model_databricks",
    ),
}


@pytest.mark.parametrize("name", READS)
def test_what_answers_hold_beyond_what_was_sent_is_in_the_ledger(databricks: DatabricksSandbox, name: str) -> None:
    client, scratch = databricks.workspace(), Scratch("staging", "scratch", "/Shared")
    if not any(one.name == "scratch" for one in client.schemas.list("staging")):
        client.schemas.create("scratch", "staging")
        client.workspace.mkdirs(scratch.folder)
    sent = next(probe for probe in PROBES if probe.name == name).sends(scratch)
    api = client.api_client
    made = api.do(sent.method, sent.path, body=sent.body)
    path, query, inside = READS[name]
    answer = api.do("GET", path.format(**made), query={key: value.format(**made) for key, value in query.items()})
    shown = answer[inside] if inside else answer
    known = {one.field for one in computed_values() if one.of == name}
    beyond = set(shown) - set(sent.body) - {"settings"}
    beyond |= {f"settings.{key}" for key in set(shown.get("settings", {})) - set(sent.body)}
    assert beyond <= known


def test_rows_of_computed_values_are_distinct() -> None:
    rows = [(one.of, one.field) for one in computed_values() if isinstance(one, Computed)]
    assert len(rows) == len(set(rows))


def test_trials_are_distinct_and_about_the_scratch() -> None:
    found: list[Trial] = list(trials(Scratch("staging", "scratch", "/Users/me")))
    assert len({one.title for one in found}) == len(found)
    assert STAGING.host not in str([one.title for one in found])
