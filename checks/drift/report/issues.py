"""One GitHub issue per stack that drifts: opened, kept up to date, reopened, closed when nothing differs any more."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from checks.check import UncheckableError
from checks.drift import remedies
from checks.drift.findings.finding import Kind
from checks.drift.report.markdown import findings_of
from checks.drift.report.model import DriftReport, StackReport, State
from checks.github_api import GitHubError
from checks.github_client import GitHub, Repository
from checks.live import sure
from checks.notes import AUTHOR, Notes, marked
from safe_text.media import code, markdown

LABEL = "drift"
_COLOUR, _ABOUT = "d93f0b", "What is deployed was changed by other means"
_FORBIDDEN, _NOT_FOUND = 403, 404


def update_issues(
    report: DriftReport, client: GitHub, repository: str, *, run: str, author: str | None = None
) -> tuple[str, ...]:
    """Bring the issues in line with the report; what was done, a line each.

    `run` is the address of the run, or an empty string. `author` is whose issues are ours; without one, whom the
    client's token belongs to. Stacks that could not be checked keep theirs as they are. UncheckableError when GitHub
    refuses.
    """
    return sure(lambda: tuple(_updated(report, client, client.repository(repository), run, author)))


def run_address(environ: Mapping[str, str]) -> str:
    """The page of the workflow run that this is, or an empty string."""
    parts = [environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    server, repository, run = parts
    return f"{server}/{repository}/actions/runs/{run}" if all(parts) else ""


def marker(project: str, stack: str) -> str:
    """What tells a stack's issue from all others, whatever becomes of its title; GitHub does not show it."""
    return marked(_marker(project, stack))


def _marker(project: str, stack: str) -> str:
    return f"mlops-drift: {quote(project, safe='')}/{quote(stack, safe='')}"


def _updated(
    report: DriftReport, client: GitHub, repository: Repository, run: str, author: str | None
) -> Iterable[str]:
    notes = Notes(repository.ask, author=author or _login(client))
    _make_label(repository)
    known = list(notes.listed(f"issues?state=all&labels={LABEL}&sort=created&direction=asc"))
    for stack in report.stacks:
        # The first, should two runs at once have opened two.
        issue = notes.ours(known, _marker(report.project, stack.name))
        drifts = any(finding.what.kind is Kind.DRIFT for finding in report.of_stack(stack.name))
        if drifts:
            yield _written(report, stack, notes, repository.full_name, issue, _body(report, stack, run))
        elif issue is not None and issue["state"] == "open" and stack.state is not State.UNCHECKED:
            notes.reply(issue, f"Nothing differs any more{_seen(report.at, run)}.")
            notes.edit(issue, state="closed", state_reason="completed")
            yield f"{stack.name}: closed {issue['html_url']}"


def _login(client: GitHub) -> str:
    """Whom the token belongs to: a job's own may not ask, and writes as GitHub Actions."""
    try:
        return client.login()
    except GitHubError as refusal:
        if refusal.status != _FORBIDDEN:
            raise
        return AUTHOR


def _written(
    report: DriftReport, stack: StackReport, notes: Notes, repository: str, issue: Mapping[str, Any] | None, body: str
) -> str:
    if issue is None:
        opened = notes.open(title=f"Drift in {stack.name} ({report.project})", body=body, labels=[LABEL])
        # GitHub drops labels without a word where the token may not set them; the next run would open another issue.
        if LABEL not in {label["name"] for label in opened["labels"]}:
            raise UncheckableError(
                f"{opened['html_url']} was opened without the label {LABEL}: {remedies.let_label(repository)}"
            )
        return f"{stack.name}: opened {opened['html_url']}"
    if issue["state"] == "closed":
        notes.edit(issue, body=body, state="open")
        return f"{stack.name}: reopened {issue['html_url']}"
    notes.edit(issue, body=body)
    return f"{stack.name}: updated {issue['html_url']}"


def _body(report: DriftReport, stack: StackReport, run: str) -> str:
    head = [
        marker(report.project, stack.name),
        f"What is deployed as {code(stack.name)} of {markdown(report.project)} is no longer as it was deployed. This "
        "text is kept up to date, and the issue is closed when nothing differs any more.",
    ]
    tail = ["---", f"Last seen{_seen(report.at, run)}."]
    return findings_of(report, stack.name, head=head, tail=tail)


def _seen(at: datetime, run: str) -> str:
    return f" on {at:%Y-%m-%d at %H:%M} UTC{f' in [this run]({run})' if run else ''}"


def _make_label(repository: Repository) -> None:
    try:
        repository.get(f"labels/{LABEL}")
    except GitHubError as refusal:
        if refusal.status != _NOT_FOUND:
            raise
        repository.ask("POST", "labels", {"name": LABEL, "color": _COLOUR, "description": _ABOUT})
