"""One GitHub issue per stack that drifts: opened, kept up to date, reopened, closed when nothing differs any more."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from github import Github, UnknownObjectException
from github.Issue import Issue
from github.Repository import Repository

from checks.check import UncheckableError
from checks.drift.markdown import findings_of
from checks.drift.report import DriftReport, Kind, Stack, State
from checks.live import sure

LABEL = "drift"
_COLOUR, _ABOUT = "d93f0b", "What is deployed was changed by other means"


def update_issues(report: DriftReport, client: Github, repository: str, *, run: str) -> tuple[str, ...]:
    """Bring the issues in line with the report; what was done, a line each.

    `run` is the address of the run, or an empty string. Stacks that could not be checked keep theirs as they are.
    UncheckableError when GitHub refuses.
    """
    return sure(lambda: tuple(_updated(report, client.get_repo(repository), run)))


def run_address(environ: Mapping[str, str]) -> str:
    """The page of the workflow run that this is, or an empty string."""
    parts = [environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    server, repository, run = parts
    return f"{server}/{repository}/actions/runs/{run}" if all(parts) else ""


def marker(project: str, stack: str) -> str:
    """What tells a stack's issue from all others, whatever becomes of its title; GitHub does not show it."""
    return f"<!-- mlops-drift: {project}/{stack} -->"


def _updated(report: DriftReport, repository: Repository, run: str) -> Iterable[str]:
    _make_label(repository)
    known = list(repository.get_issues(state="all", labels=[LABEL], sort="created", direction="asc"))
    for stack in report.stacks:
        mark = marker(report.project, stack.name)
        # The first, should two runs at once have opened two.
        issue = next((one for one in known if mark in (one.body or "")), None)
        drifts = any(finding.what.kind is Kind.DRIFT for finding in report.of_stack(stack.name))
        if drifts:
            yield _written(report, stack, repository, issue, _body(report, stack, mark, run))
        elif issue is not None and issue.state == "open" and stack.state is not State.UNCHECKED:
            issue.create_comment(f"Nothing differs any more{_seen(report.at, run)}.")
            issue.edit(state="closed", state_reason="completed")
            yield f"{stack.name}: closed {issue.html_url}"


def _written(report: DriftReport, stack: Stack, repository: Repository, issue: Issue | None, body: str) -> str:
    if issue is None:
        issue = repository.create_issue(f"Drift in {stack.name} ({report.project})", body=body, labels=[LABEL])
        # GitHub drops labels without a word where the token may not set them; the next run would open another issue.
        if LABEL not in {label.name for label in issue.labels}:
            raise UncheckableError(
                f"{issue.html_url} was opened without the label {LABEL}: the token in GITHUB_TOKEN needs write access "
                f"to {repository.full_name}"
            )
        return f"{stack.name}: opened {issue.html_url}"
    if issue.state == "closed":
        issue.edit(body=body, state="open")
        return f"{stack.name}: reopened {issue.html_url}"
    issue.edit(body=body)
    return f"{stack.name}: updated {issue.html_url}"


def _body(report: DriftReport, stack: Stack, mark: str, run: str) -> str:
    head = [
        mark,
        f"What is deployed as `{stack.name}` of {report.project} is no longer as it was deployed. This text is kept up "
        "to date, and the issue is closed when nothing differs any more.",
    ]
    tail = ["---", f"Last seen{_seen(report.at, run)}."]
    return findings_of(report, stack.name, head=head, tail=tail)


def _seen(at: datetime, run: str) -> str:
    return f" on {at:%Y-%m-%d at %H:%M} UTC{f' in [this run]({run})' if run else ''}"


def _make_label(repository: Repository) -> None:
    try:
        repository.get_label(LABEL)
    except UnknownObjectException:
        repository.create_label(LABEL, _COLOUR, _ABOUT)
