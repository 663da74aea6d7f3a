"""The report: exit codes, forms, limits, schemas."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from checks.cli import SCHEMAS, schema_of
from checks.drift.findings.finding import Absorbed, Class, Difference, DriftFinding, Ignored, Kind
from checks.drift.findings.origins import MLOPS_KEYS, written_in
from checks.drift.findings.severity import Severity
from checks.drift.findings.values import difference
from checks.drift.findings.wording import WORDS, Names, describe
from checks.drift.plan.difference import Leaf, Secret
from checks.drift.report.markdown import SUMMARY_BYTES, findings_of, markdown
from checks.drift.report.model import CLEAN, DRIFT, ERROR, PENDING, DriftReport, State
from checks.drift.report.text import print_text
from checks.drift.report.writer import WRITER
from checks.notes import MAX_CHARACTERS
from sandbox.standins.providers import NAMES, provider

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
ALL = tuple(kind for kind in Kind if kind is not Kind.ERROR)
CHECKS = Path(__file__).parent.parent / "checks"


def finding(what: Class = Class.CHANGED_OUTSIDE, **fields: Any) -> DriftFinding:
    given = {"stack": "prod", "severity": Severity.HIGH, "resource": "job x", "address": "a.b", "remedy": "Deploy."}
    return DriftFinding(what=what, **{**given, **fields})


def report(*findings: DriftFinding, fail_on: Iterable[Kind] = ALL, problem: str = "", **fields: Any) -> DriftReport:
    given: dict[str, Any] = {"absorbed": (), "ignored": (), "notes": ()}
    stacks = [("prod", problem, ""), ("staging", "", "branch main at 12345678")]
    return DriftReport.of(
        project="taxi-fare", at=AT, stacks=stacks, findings=findings, fail_on=fail_on, **{**given, **fields}
    )


DRIFTED, DUE = finding(), finding(Class.PENDING_UPDATE)
ENDS, GONE = finding(Class.EXPIRY_AHEAD), finding(Class.STACK_GONE)


@pytest.mark.parametrize(
    ("findings", "fail_on", "code"),
    [
        ([], ALL, CLEAN),
        ([DRIFTED], ALL, DRIFT),
        ([DUE], ALL, PENDING),
        ([DRIFTED, DUE], ALL, DRIFT),
        ([ENDS], ALL, DRIFT),
        ([ENDS, DUE], ALL, DRIFT),
        ([ENDS], (Kind.DRIFT, Kind.PENDING), CLEAN),
        ([DRIFTED, DUE], (Kind.PENDING,), PENDING),
        ([DRIFTED, DUE], (), CLEAN),
        ([GONE], (), ERROR),
        ([GONE, DRIFTED], ALL, ERROR),
        ([finding(Class.NOT_DEPLOYED)], ALL, PENDING),
        ([finding(Class.ROTATION_DUE)], ALL, PENDING),
    ],
)
def test_the_exit_code_says_what_was_found(findings: list[DriftFinding], fail_on: tuple[Kind, ...], code: int) -> None:
    assert report(*findings, fail_on=fail_on).exit_code == code


def test_what_could_not_be_checked_wins_and_hides_nothing() -> None:
    one = report(DRIFTED.model_copy(update={"stack": "staging"}), problem="no answer")
    assert one.exit_code == ERROR
    assert [stack.state for stack in one.stacks] == [State.UNCHECKED, State.DRIFT]
    for form in ("text", "markdown", "json"):
        said = WRITER.written(one, form)
        assert "no answer" in said
        assert "job x" in said


@pytest.mark.parametrize("what", Class)
def test_every_class_counts_for_one_kind(what: Class) -> None:
    outside = {"changed outside", "deleted outside", "secret reset", "token gone"}
    alone = {"expiry ahead": Kind.EXPIRY, "stack gone": Kind.ERROR}
    assert what.kind is (Kind.DRIFT if what in outside else alone.get(what, Kind.PENDING))


def test_findings_stand_by_stack_and_the_worst_first() -> None:
    low, high = finding(severity=Severity.LOW, address="a.a"), finding(severity=Severity.HIGH, address="z.z")
    other = finding(stack="staging")
    assert report(other, low, high).findings == (high, low, other)


FULL = report(
    finding(
        resource="the privileges of ci on schema prod.taxi",
        path="prod/catalog_access/schema-prod.taxi",
        detail="A detail.",
        differences=(
            Difference(attribute="privileges", removed=("MODIFY",)),
            Difference(attribute="schedule.pause_status", before="PAUSED", after=None),
            Difference(attribute="plaintext_value", secret=True),
        ),
        consequences=tuple(f"gone with it: file {n}" for n in range(20)),
    ),
    finding(Class.EXPIRY_AHEAD, stack="staging", severity=Severity.LOW, resource="token slot_a of ci"),
    absorbed=[Absorbed(stack="prod", address="a.c", resource="branch release", attributes=("sha",))],
    ignored=[Ignored(stack="prod", address="a.d", what=Class.CHANGED_OUTSIDE, reason="known", until="2026-02-01")],
    notes=["a note"],
)


def test_the_text_says_all_of_it() -> None:
    assert (
        WRITER.text(FULL)
        == """\
prod     drift
  HIGH    changed outside  the privileges of ci on schema prod.taxi
          prod/catalog_access/schema-prod.taxi  a.b
          A detail.
          privileges: removed MODIFY
          schedule.pause_status: is PAUSED, should be nothing
          plaintext_value: differs (secret)
          gone with it: file 0
          gone with it: file 1
          gone with it: file 2
          gone with it: file 3
          gone with it: file 4
          gone with it: file 5
          gone with it: file 6
          and 13 more
          to do: Deploy.

staging  a token expires soon  (compared with branch main at 12345678)
  LOW     expiry ahead  token slot_a of ci
          a.b
          to do: Deploy.

absorbed: changed outside, and not undone by a deploy
  prod  branch release: sha

ignored
  prod  a.d: known (until 2026-02-01)

notes
  a note

2 stacks: 2 findings (1 changed outside, 1 expiry ahead), 1 ignored.
"""
    )


def test_a_terminal_gets_colours_and_the_same_words() -> None:
    written_to = StringIO()
    print_text(FULL, Console(file=written_to, force_terminal=True, color_system="standard", width=80))
    assert "\x1b[" in written_to.getvalue()
    assert re.sub(r"\x1b\[[0-9;]*m", "", written_to.getvalue()) == WRITER.text(FULL)


def test_json_is_read_back_as_it_was() -> None:
    assert DriftReport.model_validate_json(WRITER.written(FULL, "json")) == FULL


def test_markdown_has_a_heading_per_finding_and_a_table_of_stacks() -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown(FULL))
    headings = [tokens[n + 1].content for n, token in enumerate(tokens) if token.type == "heading_open"]
    assert headings == [
        "Drift: taxi-fare",
        "🔴 high · `prod`: the privileges of ci on schema prod.taxi",
        "🔵 low · `staging`: token slot\\_a of ci",
    ]
    rows = sum(token.type == "tr_open" for token in tokens)
    assert rows == 1 + 2 + 1 + 1


HOSTILE = "x | y ` z `` <img src=x> @octocat #1 [a](b) *c* \n## d"


def test_nothing_that_somebody_wrote_is_markup() -> None:
    hostile = report(
        finding(
            resource=HOSTILE,
            detail=HOSTILE,
            path=HOSTILE,
            differences=(
                Difference(attribute=HOSTILE, before=HOSTILE, after=HOSTILE),
                Difference(attribute=HOSTILE, added=(HOSTILE,)),
            ),
            consequences=(HOSTILE,),
        ),
        problem=HOSTILE,
        notes=[HOSTILE],
        absorbed=[Absorbed(stack="prod", address="a.c", resource=HOSTILE, attributes=(HOSTILE,))],
    )
    rendered = MarkdownIt("gfm-like", {"linkify": False}).render(markdown(hostile))
    assert rendered.count("<h2>") == 1
    assert rendered.count("<h3>") == 1
    assert "<img" not in rendered
    assert "<em>" not in rendered
    assert "<a " not in rendered
    # Mentions and references count in text alone, not in code.
    prose = re.sub(r"<code>.*?</code>", "", rendered, flags=re.DOTALL)
    assert "@octocat" not in prose
    assert rendered.count("<tr>") == 1 + 2 + 2


def test_a_cut_report_fits_and_says_how_much_is_missing() -> None:
    many = [
        finding(address=f"a.b{n}", differences=[Difference(attribute="x", before="ä" * 150, after="b" * 150)])
        for n in range(3000)
    ]
    whole = report(*many)
    summary = markdown(whole)
    assert SUMMARY_BYTES * 0.95 < len(summary.encode()) <= SUMMARY_BYTES
    shown = summary.count("\n### ")
    assert f"**{3000 - shown} findings are not shown here**" in summary
    assert summary.rstrip().endswith("shows all.")
    body = findings_of(whole, "prod", head=["<!-- mark -->"], tail=["the end"])
    assert MAX_CHARACTERS * 0.95 < len(body.encode()) <= MAX_CHARACTERS
    assert f"**{3000 - body.count('### ')} findings are not shown here**" in body
    assert body.startswith("<!-- mark -->\n")
    assert body.endswith("\nthe end\n")
    assert "not shown" not in markdown(report(*many[:3]))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_committed_schema_is_that_of_the_report(name: str) -> None:
    path = CHECKS / f"{name}.schema.json"
    assert path.read_text(encoding="utf-8") == schema_of(name), f"python -m checks schema {name} > {path}"


def test_every_type_of_both_providers_has_words() -> None:
    types = {kind for name in NAMES for kind in provider(name).resources}
    assert types - WORDS.keys() == set()


@pytest.mark.parametrize("kind", sorted(WORDS))
def test_a_resource_of_which_nothing_is_known_has_words_all_the_same(kind: str) -> None:
    assert describe(kind, {}, Names())


def test_a_type_that_nobody_thought_of_is_told_by_its_name() -> None:
    assert describe("databricks_cluster_policy", {"name": "starter"}, Names()) == "cluster policy starter"
    assert describe("databricks_cluster_policy", {}, Names()) == "cluster policy"


def test_names_stand_for_ids_in_values_and_paths() -> None:
    names = Names({"42": "ci"})
    shown = difference(Leaf('access_control["42"].user_name', "42", "43"), names)
    assert (shown.attribute, shown.before, shown.after) == ('access_control["ci"].user_name', "ci", "43")


def test_values_are_shortened_and_credentials_in_them_masked() -> None:
    shown = difference(Leaf("x", "a" * 500, {"token_of": "dapi0123456789abcdef", "off": False}), Names())
    assert shown.before is not None
    assert (len(shown.before), shown.before[-4:]) == (160, " ...")
    assert shown.after == '{"token_of": "***"}'
    assert difference(Leaf("x", Secret("a"), Secret("b")), Names()) == Difference(attribute="x", secret=True)


@pytest.mark.parametrize(
    ("stack", "address", "attributes", "place"),
    [
        ("prod", "databricks_entitlements.x", ["allow_cluster_create"],
         "mlops.yaml: environments.prod.entitlements.allow_cluster_create"),
        ("prod", "databricks_entitlements.x", ["workspace_access"], ""),
        ("prod", "databricks_grant.x", [], "mlops.yaml: environments.prod.catalogs"),
        ("repository", "github_branch_protection.x", ["required_status_checks.contexts"],
         "mlops.yaml: github.required_checks"),
        ("repository", "github_branch_protection.x", ["required_status_checks.contexts", "enforce_admins"], ""),
        ("bundle-prod", "databricks_job.train", ["task"], "databricks.yml: resources.jobs.train"),
        ("bundle-prod", "databricks_permissions.job_train", ["access_control"],
         "databricks.yml: resources.jobs.train.permissions"),
        ("bundle-prod", "databricks_grants.registered_model_model", ["grant"],
         "databricks.yml: resources.registered_models.model.grants"),
        ("bundle-prod", "databricks_permissions.bundle_root", ["access_control"], "databricks.yml: permissions"),
        ("bundle-prod", "databricks_workspace_file.x", ["path"], ""),
    ],
)  # fmt: skip
def test_whoever_meant_a_change_is_told_where_to_write_it(
    stack: str, address: str, attributes: list[str], place: str
) -> None:
    assert written_in(stack, address, attributes) == place


def test_every_key_of_mlops_yaml_that_is_named_exists() -> None:
    schema = json.loads((CHECKS.parent / "settings" / "mlops.schema.json").read_text(encoding="utf-8"))
    for key in MLOPS_KEYS.values():
        current: Any = schema
        for step in key.split("."):
            current = schema["$defs"][current["$ref"].rpartition("/")[2]] if "$ref" in current else current
            current = current["additionalProperties"] if step == "{stack}" else current["properties"][step]
