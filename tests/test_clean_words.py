"""Hostile words from every source, through the code that shows them: nothing of them acts in any medium."""

import json
import re
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.errors import PermissionDenied
from pydantic import BaseModel
from rich.console import Console

import diagram
from bundle.__main__ import main as bundle_main
from checks.check import Check, Finding, Fix, Line, Outcome, Remedy, Status, UncheckableError, perform
from checks.drift.findings.classify import classify
from checks.drift.findings.finding import Absorbed, Class, Difference, DriftFinding, Ignored, Kind
from checks.drift.findings.severity import Severity
from checks.drift.guard import Stop, Verdict
from checks.drift.report import issues
from checks.drift.report.model import DriftReport
from checks.drift.report.text import print_text as print_drift
from checks.drift.report.writer import WRITER as DRIFT_WRITER
from checks.github_api import GitHubError
from checks.refusals import LoginError
from checks.rendering import WRITER, markdown, print_text
from checks.report import Report
from demo.stage import Stage
from packages.sandbox.tests.github_fixtures import GitHubSandbox, open_sandbox
from packages.text.tests.media import LINKED, PLAIN, commands, inline, parsed, prose, unseen, without_colours
from safe_text.media import json_document
from safe_text.terminal import say, show
from sandbox.audit import Entry, entries
from settings import load
from settings.__main__ import repository
from settings.faults import Fault, FaultsError
from tests.ml_project import check_out, project_config, write_project

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
ROOT = Path(__file__).parent.parent
PLANS = ROOT / "tests" / "plans"
MARKER = issues.marker("taxi-fare", "staging")
EVIL = (
    f"evil\n::add-mask::a\r::error file=x::b\r\n \u2003::stop-commands::c\u2028::warning::d\n##[error]e ##[add-mask]f\n"
    f"\x1b]0;title\x07\x1b[2J\x9b1m\x7f\u202e\u2066\u200b\n{MARKER}\n# heading\n- item\n\n<img src=x><details>\n"
    "[link](http://a.b) ![image](http://a.b/c) http://a.b www.a.b @acme/team #12 acme/x#3 GH-4 `code` ``` \\| |x|\n"
    "| a | b |\n|---|---|\n</details> $x$ &lt; *x* EOF\n"
)
STARTS = (
    "::error::x",
    "  ::add-mask::x",
    "##[error]x",
    "\x1b[2J",
    "- x",
    "# x",
    "<img>",
    MARKER,
    "``` x",
    "\ud800",
    "",
)
"""Further texts that would act where they stand alone."""
ATTACKS = (EVIL, *STARTS)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubSandbox]:
    sandbox = open_sandbox(tmp_path)
    yield sandbox
    sandbox.store.close()


def assert_harmless_in_a_terminal(output: str) -> None:
    assert commands(output) == []
    assert unseen(output, allowed="\n\u2060") == set()


def assert_harmless_markdown(document: str, *, comment: str = "") -> None:
    """`comment` is the one comment of ours that it begins with."""
    assert commands(document) == []
    assert unseen(document, allowed="\n\u2060") == set()
    assert document.startswith(comment)
    kinds = [(token.type, token.content) for token in parsed(document.removeprefix(comment))]
    blocks = [content for kind, content in kinds if kind == "html_block"]
    assert [one for one in blocks if not re.fullmatch(r"</?details>\n(<summary>[\w ,:]+</summary>\n)?", one)] == []
    ours = {*PLAIN, "strong_open", "strong_close", "html_inline", "softbreak"}
    assert {token.type for token in inline(document)} <= ours
    assert {token.content for token in inline(document) if token.type == "html_inline"} <= {"<br>"}
    assert LINKED.search(prose(document)) is None


def texts_of(model: type[BaseModel], evil: str) -> dict[str, Any]:
    """Values for every text of a part of a report."""
    shapes: dict[Any, Any] = {str: evil, tuple[str, ...]: (evil, evil), str | None: evil}
    return {name: shapes[field.annotation] for name, field in model.model_fields.items() if field.annotation in shapes}


def drift_report(evil: str) -> DriftReport:
    """A report in which every text is hostile."""
    differences = (
        Difference(**{**texts_of(Difference, evil), "added": (), "removed": ()}),
        Difference(**texts_of(Difference, evil)),
        Difference(attribute=evil, secret=True),
    )
    findings = [
        DriftFinding(**texts_of(DriftFinding, evil), what=what, severity=Severity.HIGH, differences=differences)
        for what in (Class.CHANGED_OUTSIDE, Class.PENDING_UPDATE)
    ]
    other = DriftFinding(stack="prod", what=Class.SECRET_RESET, severity=Severity.LOW, resource=evil, remedy=evil)
    return DriftReport.of(
        project=evil,
        at=AT,
        stacks=[(findings[0].stack, "", evil), ("prod", evil, evil)],
        findings=[*findings, other],
        absorbed=[Absorbed(**texts_of(Absorbed, evil))],
        ignored=[Ignored(**texts_of(Ignored, evil), what=Class.CHANGED_OUTSIDE)],
        notes=[evil],
        fail_on=list(Kind),
    )


def coloured(print_it: Callable[[Console], None]) -> str:
    terminal = StringIO()
    print_it(Console(file=terminal, force_terminal=True, color_system="standard", width=80))
    assert "\x1b[" in terminal.getvalue()
    return without_colours(terminal.getvalue())


@pytest.mark.parametrize("evil", ATTACKS)
def test_every_text_of_a_drift_report_is_text_in_every_form(evil: str) -> None:
    report = drift_report(evil)
    assert_harmless_in_a_terminal(DRIFT_WRITER.written(report, "text"))
    assert_harmless_in_a_terminal(coloured(lambda console: print_drift(report, console)))
    assert_harmless_markdown(DRIFT_WRITER.written(report, "markdown"))
    assert_harmless_in_a_terminal(DRIFT_WRITER.written(report, "json"))
    assert DriftReport.model_validate_json(DRIFT_WRITER.written(report, "json")) == report


def lines_of(evil: str) -> list[Line]:
    remedy = Remedy(evil, (evil, evil), by=evil)
    return [Line(evil, evil, status, evil, remedy, (evil,), evil) for status in Status]


@pytest.mark.parametrize("evil", ATTACKS)
def test_every_text_of_a_check_is_text_in_every_form(evil: str) -> None:
    report = Report.of("preflight", project=evil, at=AT, lines=lines_of(evil))
    assert_harmless_in_a_terminal(WRITER.text(report))
    assert_harmless_in_a_terminal(coloured(lambda console: print_text(report, console)))
    assert_harmless_markdown(markdown(report))
    document = json_document(report.model_dump_json())
    assert_harmless_in_a_terminal(document)
    assert Report.model_validate_json(document) == report


def test_the_parts_of_reports_have_no_other_texts_than_those_that_are_tried() -> None:
    for model in (DriftFinding, Difference, Absorbed, Ignored):
        for name, field in model.model_fields.items():
            holds = {field.annotation, *typing.get_args(field.annotation)}
            assert str not in holds or name in texts_of(model, "x"), (model, name)


def hostile_plan(name: str) -> dict[str, Any]:
    """A captured plan whose resources bear hostile names, values and keys."""
    document: dict[str, Any] = json.loads((PLANS / f"{name}.json").read_text(encoding="utf-8"))

    def spoiled(value: Any) -> Any:
        if isinstance(value, str):
            return value + EVIL
        if isinstance(value, list):
            return [spoiled(one) for one in value]
        if isinstance(value, dict):
            keys = {"base_parameters": EVIL, "tags": EVIL}
            return {
                key: {f"{inner}{EVIL}": spoiled(one) for inner, one in part.items()}
                if key in keys and isinstance(part, dict)
                else spoiled(part)
                for key, part in value.items()
            }
        return value

    for section in ("resource_drift", "resource_changes"):
        for one in document.get(section, ()):
            for side in ("before", "after"):
                one["change"][side] = spoiled(one["change"][side])
    return document


@pytest.mark.parametrize("name", ["job-changed", "job-deleted", "folder-deleted", "privilege-removed", "pushed"])
def test_what_a_plan_says_of_jobs_and_their_settings_is_text(name: str) -> None:
    classified = classify(hostile_plan(name), stack="bundle-staging")
    assert classified.findings
    report = DriftReport.of(
        project="taxi-fare",
        at=AT,
        stacks=[("bundle-staging", "", "")],
        findings=classified.findings,
        absorbed=classified.absorbed,
        ignored=(),
        notes=(),
        fail_on=(),
    )
    assert "evil" in DRIFT_WRITER.written(report, "text")
    assert_harmless_in_a_terminal(DRIFT_WRITER.written(report, "text"))
    assert_harmless_markdown(DRIFT_WRITER.written(report, "markdown"))
    assert_harmless_in_a_terminal(DRIFT_WRITER.written(report, "json"))


def raising(error: Exception) -> Callable[[], Outcome]:
    def run() -> Outcome:
        raise error

    return run


@pytest.mark.parametrize("evil", ATTACKS)
def test_what_services_answer_is_text(evil: str) -> None:
    refusals = [
        PermissionDenied(evil),
        GitHubError.of(422, {"message": evil, "errors": [{"message": evil}]}),
        LoginError(evil),
        UncheckableError(evil, remedy=Remedy(evil)),
    ]
    checks = [Check(f"c{n}", "all is well", (), raising(one), Remedy("Wait.")) for n, one in enumerate(refusals)]
    checks.append(Check("found", "all is well", (), lambda: Finding(evil, fixes=(Fix(evil, int),)), Remedy(evil)))
    report = Report.of("preflight", project="taxi-fare", at=AT, lines=perform(checks))
    assert_harmless_in_a_terminal(WRITER.text(report))
    assert_harmless_markdown(markdown(report))
    assert_harmless_in_a_terminal(json_document(report.model_dump_json()))


@pytest.mark.parametrize("evil", ATTACKS)
def test_a_fault_has_a_line_for_each_of_its_parts_whatever_they_hold(
    evil: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = Fault(evil, 3, 4, key=evil, found=evil, allowed=evil, remedy=evil)
    show(str(FaultsError([fault])), err=True, end="\n")
    said = capsys.readouterr().err
    assert_harmless_in_a_terminal(said)
    assert len(said.splitlines()) == (4 if evil else 1) + 2


def faults_of(folder: Path) -> str:
    with pytest.raises(FaultsError) as faults:
        load(folder=folder, environ={})
    return str(faults.value)


def test_keys_and_values_of_mlops_yaml_are_text_in_its_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = EVIL.replace("\x7f", "").replace("\x9b", "")
    data = project_config(project=evil, **{evil.replace("_", ""): 1}, environments__prod__branch=evil)
    data["environments"][evil] = {"host": evil, evil: evil, "targets": [evil]}
    (tmp_path / "mlops.yaml").write_text(json.dumps(data), encoding="utf-8")
    show(faults_of(tmp_path), err=True)
    said = capsys.readouterr().err
    assert "evil" in said
    assert_harmless_in_a_terminal(said)
    fields = re.compile(r"mlops\.yaml(:\d+:\d+)?(: .*)?|  (found|allowed|to do) .*|\d+ faults?; nothing was changed\.|")
    assert [line for line in said.splitlines() if not fields.fullmatch(line)] == []


def test_the_text_of_an_error_that_nobody_has_caught_is_text() -> None:
    program = "import sys; from safe_text import terminal; terminal.clean_tracebacks(); raise ValueError(sys.argv[1])"
    evil = EVIL.replace("\x00", "")
    done = subprocess.run([sys.executable, "-c", program, evil], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 1
    assert "evil" in done.stderr
    assert_harmless_in_a_terminal(done.stderr)


@pytest.mark.parametrize("evil", ["x\nEND=1", "x\n::set-output name=a::b", "x\x1b[2J", "x/y", "x`id`"])
def test_the_repository_that_a_job_s_output_gets_is_one_line_or_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, evil: str
) -> None:
    (tmp_path / "mlops.yaml").write_text(json.dumps(project_config(github__repository=evil)), encoding="utf-8")
    monkeypatch.setenv("MLOPS_CONFIG", str(tmp_path / "mlops.yaml"))
    with pytest.raises(SystemExit):
        show(repository())
    done = capsys.readouterr()
    assert done.out == ""
    assert "github.repository" in done.err
    assert_harmless_in_a_terminal(done.err)


HOSTILE_JOBS = {"resources": {"jobs": {EVIL: {"name": EVIL, EVIL: 1, "colour": EVIL, "tasks": [{"task_key": EVIL}]}}}}
HOSTILE_FILE = "assets/x\n::error::y\x1b[2J\u202e @team `z`.yml"


def test_names_in_databricks_yml_and_of_its_files_are_text_in_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = [{"task_key": EVIL, "notebook_task": {"notebook_path": "../x\n::error::y\x1b[2J"}}]
    wrong = {"resources": {"jobs": {EVIL: {"name": EVIL, "tasks": tasks}, "b": {"name": ["${" + EVIL + "}"]}}}}
    write_project(tmp_path, {HOSTILE_FILE: json.dumps(wrong)})
    (tmp_path / "mlops.yaml").write_text(json.dumps(project_config()), encoding="utf-8")
    show(faults_of(tmp_path), err=True)
    said = capsys.readouterr().err
    assert "x\\n" in said
    assert_harmless_in_a_terminal(said)
    fields = re.compile(r"ml/.*|  (found|allowed|to do) .*|\d+ faults?; nothing was changed\.|")
    assert [line for line in said.splitlines() if not fields.fullmatch(line)] == []


def test_what_python_m_bundle_says_is_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_project(tmp_path, {HOSTILE_FILE: json.dumps(HOSTILE_JOBS)})
    check_out(root, "x`@team`<b>|\u202e::error::")
    bundle_main([str(root), "-t", "staging", "--user", "a@b.c"])
    done = capsys.readouterr()
    assert "evil" in done.err
    assert_harmless_in_a_terminal(done.err)
    assert_harmless_in_a_terminal(done.out)
    if done.out:
        json.loads(done.out)


def test_what_python_m_bundle_resolves_has_the_same_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_project(tmp_path, {"assets/b.yml": json.dumps({"resources": {"jobs": {"b": {"description": EVIL}}}})})
    assert bundle_main([str(root), "-t", "staging", "--user", "a@b.c"]) == 0
    out = capsys.readouterr().out
    assert_harmless_in_a_terminal(out)
    assert json.loads(out)["resources"]["jobs"]["b"]["description"] == EVIL


def test_what_guard_says_is_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    verdicts = [Verdict(EVIL, (Stop(EVIL, EVIL),)), Verdict(EVIL, problem=EVIL), Verdict(EVIL)]
    told = [line for verdict in verdicts for line in verdict.lines()]
    for line in told:
        say(line)
    said = capsys.readouterr().out
    assert_harmless_in_a_terminal(said)
    assert len(said.splitlines()) == len(told)


@pytest.mark.parametrize("evil", ATTACKS)
def test_a_request_in_the_sandbox_s_log_is_one_line(evil: str) -> None:
    entry = Entry("2026-01-15T12:00:00+00:00", evil, evil, f"/{evil}", 404, evil, 1.0, stack=evil, note=evil)
    assert "\n" not in entry.line()
    assert_harmless_in_a_terminal(entry.line())
    assert_harmless_in_a_terminal(entry.json())
    assert json.loads(entry.json())["path"] == f"/{evil}"


def test_a_request_with_a_hostile_path_is_one_line_in_the_sandbox_s_log(github: GitHubSandbox) -> None:
    github.send("GET", "/repos/acme/x%0a::error::y%1b[2J%e2%80%ae")
    github.send("GET", "/repos/acme/x\u2028##[error]y\x9b")
    told = [entry.line() for entry in entries(github.store)]
    assert len(told) == 2
    for line in told:
        assert_harmless_in_a_terminal(line)
        assert len(line.splitlines()) == 1


def test_names_in_the_diagram_are_labels() -> None:
    name = '"] --> x["<script>'
    principal = {"display_name": name + EVIL, "//": {"metadata": {"path": f"{name}/{name}{EVIL.replace('/', '')}/c"}}}
    grant = {
        "principal": "${databricks_service_principal.p.application_id}",
        "catalog": name + EVIL,
        "privileges": [name],
        "//": {"metadata": {"path": "s/grants/g"}},
    }
    stack = {"resource": {"databricks_service_principal": {"p": principal}, "databricks_grant": {"g": grant}}}
    drawn = diagram.document({name + EVIL: stack})
    assert_harmless_in_a_terminal(drawn)
    blocks = [token.content for token in parsed(drawn) if token.type == "fence"]
    assert len(blocks) == 2
    for block in blocks:
        labels = re.compile(r'"(?:<b>|</b>|<br/>|[^"<>`])*"')
        assert labels.search(block)
        assert not re.search('["`<]', labels.sub("", block))


def test_what_the_demo_repeats_is_text(tmp_path: Path) -> None:
    out = StringIO()
    stage = Stage(console=Console(file=out, force_terminal=True, color_system="standard"), log=tmp_path / "log")
    stage.say(f"[red]x[/red] [/nothing] {EVIL}")
    assert "[red]x[/red]" in out.getvalue()
    assert_harmless_in_a_terminal(without_colours(out.getvalue()).replace("\t", ""))
