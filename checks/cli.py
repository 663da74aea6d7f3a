"""The commands of `python -m checks`, and what they read of the process environment."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import BaseModel

from checks.check import Check, Line, UncheckableError, perform
from checks.drift.findings.finding import Kind
from checks.drift.report.model import ERROR, DriftReport
from checks.forms import FORMS, R, UnwritableError, Writer
from checks.refusals import ServiceError, said
from checks.rendering import WRITER
from checks.report import FOUND, UNCHECKED, PublishedSchema, Report
from checks.synthesized import PROJECT, Stack
from checks.unknown_names import unknown
from safe_text.media import line, lines
from safe_text.terminal import command_runner, say, show
from settings import EnvironmentSettings, Settings, load, undeclared
from settings.faults import FaultsError

T = TypeVar("T")

_GITHUB_TOKEN = "GITHUB_TOKEN"
SCHEMAS: dict[str, type[BaseModel]] = {"drift": DriftReport, "report": Report}


def _writable(context: click.Context, parameter: click.Parameter, file: Path | None) -> Path | None:  # noqa: ARG001
    """A file for a report. Told before anything is looked at, as far as that can be told."""
    if file is not None and not file.exists() and not file.parent.is_dir():
        raise click.BadParameter(f"there is no folder {file.parent}")
    if file is not None and not os.access(file if file.exists() else file.parent, os.W_OK):
        raise click.BadParameter(f"{file} cannot be written")
    return file


_format = click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="text",
    show_default=True,
    help="For people, for a job's summary, or for programs.",
)
_output = click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    callback=_writable,
    help="Write the report there, not to the terminal.",
)
_skip = click.option("--skip", multiple=True, metavar="ID", help="Leave a check out; the report says so.")


class _InOrder(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """As they stand below: as one meets them."""
        return list(self.commands)

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """As click does it; a wrong option ends with 1, for 2 says that something was found."""
        with _ending_with(UNCHECKED):
            return super().make_context(*arguments, **options)

    def invoke(self, context: click.Context) -> Any:
        """The same for the options of a command."""
        with _ending_with(UNCHECKED):
            return super().invoke(context)


@contextmanager
def _ending_with(code: int) -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        error.exit_code = code  # type: ignore[misc]  # click keeps it on its classes
        error.message = lines(error.message)  # type: ignore[misc]
        raise


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Look at a live setup: before it is made, after, and from then on.

    Nothing is changed unless an option says so. Exit codes: 0 all is well, 1 something could not be checked, 2 there
    are findings.
    """


@main.command()
@click.argument("stacks", nargs=-1, metavar="[STACK...]")
@click.option("--write-adopt", is_flag=True, help="Put what exists already into `adopt` of mlops.yaml.")
@click.option(
    "--write-declared",
    "declared",
    is_flag=True,
    help="First put hosts, catalogs and schemas that databricks.yml declares into mlops.yaml, after showing them.",
)
@click.option("--yes", is_flag=True, help="Do not ask before --write-declared writes them.")
@_skip
@_format
@_output
def preflight(
    stacks: tuple[str, ...],
    write_adopt: bool,
    declared: bool,
    yes: bool,
    skip: tuple[str, ...],
    form: str,
    output: Path | None,
) -> None:
    """Say what is missing before STACK can be deployed; every stack of an environment and the repository by default."""
    from checks.live import Live
    from checks.preflight import preflight_checks
    from checks.preflight.adopting import write_adoptions
    from checks.terraform import Terraform, TerraformError

    if declared:
        _write_declared(yes=yes)
    settings = read_settings()
    synthesized = _synthesized(settings, stacks)
    live = Live(settings, environment(), token_is_of=_deployer_of(settings, stacks))
    terraform = Terraform(environment())
    checks = preflight_checks(live, terraform, stacks, synthesized)
    everything = [*checks, *preflight_checks(live, terraform, (), synthesized)]
    lines = perform(checks, skip=_skipped(skip, everything, *(f"{name}.existing" for name in settings.stacks)))
    if write_adopt:
        try:
            for told in write_adoptions(live, terraform, synthesized.values()):
                say(told, err=True)
        except (UncheckableError, TerraformError, *ServiceError) as error:
            say(f"Nothing was written into {settings.path.name}: {said(error)}.", err=True)
    deliver("preflight", lines, settings=settings, form=form, output=output)


@main.command()
@click.argument("environments", nargs=-1, metavar="[ENV...]")
@click.option(
    "--active", is_flag=True, help="Also try it in a scratch schema, which an administrator makes and removes."
)
@click.option(
    "--only-token", is_flag=True, help="Check only whose token it is, where it is accepted and when it expires."
)
@_skip
@_format
@_output
def verify(
    environments: tuple[str, ...],
    active: bool,
    only_token: bool,
    skip: tuple[str, ...],
    form: str,
    output: Path | None,
) -> None:
    """Prove, as the CI principal of ENV, what a deploy was for; of every environment by default.

    The token is read from the variable that is named as the Actions secret is; for one environment DATABRICKS_TOKEN
    does as well. What the repository is like is looked at with GITHUB_TOKEN.
    """
    from checks.live import Live
    from checks.verify import token_checks, verify_checks

    settings = read_settings()
    _chosen(settings, environments)
    live = Live(settings, environment(), token_is_of=environments[0] if len(environments) == 1 else None)
    checks = token_checks(live, environments) if only_token else verify_checks(live, environments, active=active)
    lines = perform(checks, skip=_skipped(skip, verify_checks(live, (), active=True)))
    deliver("verify", lines, settings=settings, form=form, output=output)


@main.command()
@click.argument("stacks", nargs=-1, metavar="[STACK...]")
@click.option("--fix", is_flag=True, help="Remove orphans (principals, tokens, OAuth secrets) after showing them.")
@click.option("--yes", is_flag=True, help="Do not ask before --fix removes them.")
@_skip
@_format
@_output
def audit(stacks: tuple[str, ...], fix: bool, yes: bool, skip: tuple[str, ...], form: str, output: Path | None) -> None:
    """Report what Terraform cannot see around STACK; around every stack but those of people by default."""
    from checks.audit import audit_checks
    from checks.live import Live
    from checks.terraform import Terraform

    settings = read_settings()
    known = tuple(name for name, one in settings.stacks.items() if not one.personal)
    wanted = _synthesized(settings, stacks or known)
    configured = _synthesized(settings, tuple(one.name for one in settings.environments), anew=False)
    everything = _synthesized(settings, tuple(known), anew=False)

    def look() -> tuple[Line, ...]:
        live, terraform = Live(settings, environment()), Terraform(environment())
        checks = audit_checks(live, terraform, wanted, configured)
        return perform(checks, skip=_skipped(skip, audit_checks(live, terraform, everything | wanted, configured)))

    lines = look()
    fixes = [one for line in lines for one in line.fixes]
    if fix and fixes:
        say("To be removed:", err=True)
        for one in fixes:
            say(f"  {one.what}", err=True)
        if yes or click.confirm("Remove them?", err=True):
            for one in fixes:
                one.act()
                say(f"Removed {one.what}.", err=True)
            lines = look()
    deliver("audit", lines, settings=settings, form=form, output=output)


@main.command(context_settings={"allow_interspersed_args": False})
@click.option("--of", "environments", multiple=True, metavar="ENV", help="Of this environment; may be repeated.")
@click.option("--skip-synth", is_flag=True, help="Take what was synthesized last, as cdktf does with this option.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="[--] CMD...")
def with_tokens(environments: tuple[str, ...], skip_synth: bool, command: tuple[str, ...]) -> None:
    """Run CMD with the CI token of every environment, each in a variable that is named as its Actions secret is.

    They are read from Terraform's state, for GitHub gives no secret back. An environment that is not deployed has none.
    In a job of GitHub Actions, they are masked before CMD runs.
    """
    from checks.terraform import Terraform, TerraformError
    from checks.tokens import tokens

    settings = read_settings()
    chosen = _chosen(settings, environments)
    stacks = _synthesized(settings, tuple(one.name for one in chosen), anew=not skip_synth)
    try:
        found = tokens(Terraform(environment()), chosen, stacks)
        if environment().get("GITHUB_ACTIONS") == "true":
            for token in found.values():
                command_runner("add-mask", token)
        os.execvpe(command[0], command, environment() | found)  # noqa: S606 - no shell is what is wanted
    except TerraformError as error:
        say(f"The state, which holds the tokens, cannot be read: {error}.", err=True)
    except OSError as error:
        say(f"{command[0]} cannot be run: {error.strerror}.", err=True)
    sys.exit(UNCHECKED)


@main.command()
@click.argument("name", type=click.Choice(sorted(SCHEMAS)))
def schema(name: str) -> None:
    """Print the JSON Schema of what --format json writes."""
    show(schema_of(name))


def schema_of(name: str) -> str:
    """A schema as its committed file holds it."""
    return (
        json.dumps(SCHEMAS[name].model_json_schema(schema_generator=PublishedSchema, mode="serialization"), indent=2)
        + "\n"
    )


def _kinds(context: click.Context, parameter: click.Parameter, value: str) -> tuple[Kind, ...]:  # noqa: ARG001
    allowed = [kind.value for kind in Kind if kind is not Kind.ERROR]
    names = [part.strip() for part in value.split(",") if part.strip()]
    for name in names:
        if name not in allowed:
            raise click.BadParameter(f"{name} is none of {', '.join(allowed)}")
    return tuple(dict.fromkeys(map(Kind, names)))


@main.command()
@click.argument("stacks", nargs=-1, metavar="[STACK]...")
@click.option("--plans", is_flag=True, help="Read the plans that `cdktf diff` left behind, and run none.")
@_format
@_output
@click.option(
    "--fail-on",
    metavar="KINDS",
    callback=_kinds,
    default="drift,pending",
    show_default=True,
    help="What makes the exit code other than 0: a list of drift, pending, expiry.",
)
@click.option(
    "--ignore",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What is known to differ. [default: drift-ignore.yaml beside mlops.yaml, if there is one]",
)
@click.option("--github-issue", is_flag=True, help="Keep one GitHub issue per stack that drifts.")
@click.option("--issue-repository", metavar="OWNER/NAME", help="Where. [default: GITHUB_REPOSITORY]")
@click.option(
    "--issue-token-from",
    metavar="VARIABLE",
    default=_GITHUB_TOKEN,
    show_default=True,
    help="The variable with the token that writes issues.",
)
@click.option(
    "--issue-author",
    metavar="LOGIN",
    help="Whose issues are ours. [default: whom that token belongs to]",
)
@click.option("--jobs", type=click.IntRange(min=1), help="How many at a time. [default: one per CPU]")
def drift(
    stacks: tuple[str, ...],
    plans: bool,
    form: str,
    output: Path | None,
    fail_on: tuple[Kind, ...],
    ignore: Path | None,
    github_issue: bool,
    issue_repository: str | None,
    issue_token_from: str,
    issue_author: str | None,
    jobs: int | None,
) -> None:
    """Tell what was changed outside from what is not deployed yet.

    Exit codes: 0 nothing differs, 1 something could not be checked, 2 something was changed outside, 3 only a deploy is
    due.
    """
    from checks.drift.report.writer import WRITER as DRIFT_WRITER
    from checks.drift.run import Run, chosen, ignores_of

    settings, environ = read_settings(), environment()
    repository = issue_repository or environ.get("GITHUB_REPOSITORY", "")
    if github_issue and not re.fullmatch(r"[^/\s]+/[^/\s]+", repository):
        raise click.UsageError("--github-issue needs a repository: --issue-repository OWNER/NAME")
    report = Run(
        settings=settings,
        environ=environ,
        output=PROJECT / settings.invocation.output,
        stacks=_or_end(lambda: chosen(settings, stacks)),
        saved=plans,
        jobs=jobs or os.cpu_count() or 1,
        fail_on=fail_on,
        ignores=_or_end(lambda: ignores_of(settings, ignore)),
    ).report()
    _deliver(DRIFT_WRITER, report, form, output)
    code = report.exit_code
    if github_issue:
        try:
            as_writer = {**environ, _GITHUB_TOKEN: environ.get(issue_token_from, "")}
            for line in _update_issues(report, settings, as_writer, repository, issue_author):
                say(line, err=True)
        except UncheckableError as reason:
            say(f"the issues in {repository} could not be updated: {reason}", err=True)
            code = ERROR
    sys.exit(code)


@main.command()
@click.argument("stacks", nargs=-1, required=True, metavar="STACK...")
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="ADDRESS",
    help="What may be destroyed or widened; * matches anything.",
)
@click.option("--allow-vanished", is_flag=True, help="It is known that what is missing is gone.")
@click.option("--only-rotation", is_flag=True, help="Nobody has approved the deploy: it may only rotate tokens.")
def guard(stacks: tuple[str, ...], allowed: tuple[str, ...], allow_vanished: bool, only_rotation: bool) -> None:
    """Stop a deploy that would destroy what cannot be replaced, or give somebody more rights.

    Reads the plans that `cdktf diff` has left. Exit codes: 0 go on, 1 a plan could not be read, 2 stop.
    """
    from checks.drift.guard import verdicts
    from checks.drift.run import chosen

    settings, codes = read_settings(), {0}
    for verdict in verdicts(
        settings,
        environment(),
        output=PROJECT / settings.invocation.output,
        stacks=_or_end(lambda: chosen(settings, stacks)),
        allowed=allowed,
        vanished_allowed=allow_vanished,
        only_rotation=only_rotation,
    ):
        for sentence in verdict.lines():
            say(sentence, err=not verdict.passed)
        codes.add(UNCHECKED if verdict.problem else FOUND if verdict.stops else 0)
    sys.exit(UNCHECKED if UNCHECKED in codes else max(codes))


def _write_declared(*, yes: bool) -> None:
    """Show what databricks.yml declares and mlops.yaml lacks, and write it when that is wanted."""
    from checks.preflight.adopting import lines_of, write_declared

    missing = _or_end(lambda: undeclared(folder=PROJECT))
    name = missing.path.name
    if not missing.additions:
        say(f"Nothing was written: {name} has every host, catalog and schema that databricks.yml declares.", err=True)
        return
    say(f"To be written into {name}; credentials go to these hosts, and privileges are granted there:", err=True)
    for one in lines_of(missing):
        say(f"  {one}", err=True)
    if not yes and not sys.stdin.isatty():
        say("Nothing was written: pass --yes where nobody can be asked.", err=True)
    elif yes or click.confirm("Write them?", err=True):
        _or_end(lambda: write_declared(missing))
        say(f"{name}: written.", err=True)


@main.command()
@click.argument("stack")
@click.option("--expect", metavar="DIGEST", help="Stop where the plan has another one.")
def digest(stack: str, expect: str | None) -> None:
    """Print a digest of all that the plan of STACK would change, to recognize the plan by.

    Reads the plan that `cdktf diff` has left. Secrets do not count, nor do tokens that are due: they need no approval.
    Exit codes: 0 the digest is printed or as expected, 1 the plan could not be read, 2 it is another plan.
    """
    from checks.drift.digest import digest_of_saved
    from checks.drift.remedies import APPROVE_ANEW
    from checks.drift.run import chosen

    settings = read_settings()
    (name,) = _or_end(lambda: chosen(settings, [stack]))
    output = PROJECT / settings.invocation.output
    found = _or_end(lambda: digest_of_saved(settings, environment(), output=output, stack=name))
    if expect is None:
        say(found.value)
    elif found.value == expect:
        say(f"{name}: the plan is the one that was approved ({len(found.changes)} changes)")
    else:
        say(f"{name}: stop: this is not the plan that was approved. It would now:", err=True)
        for change in found.changes or ("change nothing",):
            say(f"  {change}", err=True)
        say(f"  to do: {APPROVE_ANEW}", err=True)
        sys.exit(FOUND)


@main.command()
@click.argument("stack")
@click.argument("commit", required=False)
@click.option("--check-out", is_flag=True, help="Check it out; without COMMIT, the newest of the stack's branch.")
def commit(stack: str, commit: str | None, check_out: bool) -> None:
    """Print the COMMIT of the ML repository that STACK is deployed from; by default what is checked out.

    Exit codes: 0 it may be deployed, 1 Git cannot tell, 2 it is not on the stack's branch, or its files never
    were on main.
    """
    from checks.source_commit import RefusedCommitError, source_commit

    settings = read_settings()
    try:
        found = _or_end(lambda: source_commit(settings, environment(), stack, commit, check_out=check_out))
    except RefusedCommitError as reason:
        say(f"stop: {reason}", err=True)
        sys.exit(FOUND)
    if found.note:
        say(f"note: {found.note}", err=True)
    say(found.commit)


@main.command()
@click.argument("principals", nargs=-1, metavar="NAME=CLIENT_ID...")
@click.option("--looks-only", is_flag=True, help="Also warn if this job's own principal is an account admin.")
def identities(principals: tuple[str, ...], looks_only: bool) -> None:
    """Warn where environments of GitHub have one principal, or one that may more than it needs.

    A job knows its own client id, and those that earlier jobs have passed on. Exit code: 0, whatever is found.
    """
    from checks.identities import may_too_much, shared
    from checks.live import Live, sure

    settings = read_settings()
    warnings = list(shared([(name, client_id) for name, _, client_id in (one.partition("=") for one in principals)]))
    if looks_only:
        live = Live(settings, environment())
        try:
            warnings.append(sure(lambda: may_too_much(live)))
        except UncheckableError as reason:
            warnings.append(f"it is unknown whether the principal that looks for drift is an account admin: {reason}")
    for warning in filter(None, warnings):
        if environment().get("GITHUB_ACTIONS") == "true":
            command_runner("warning", line(warning))
        else:
            say(f"warning: {warning}")


def _update_issues(
    report: DriftReport, settings: Settings, environ: dict[str, str], repository: str, author: str | None
) -> tuple[str, ...]:
    from checks.drift.report.issues import run_address, update_issues
    from checks.live import Live

    client = Live(settings, environ).github
    return update_issues(report, client, repository, run=run_address(environ), author=author)


def read_settings() -> Settings:
    """mlops.yaml; ends the process with its faults and exit code 1."""
    return _or_end(lambda: load(folder=PROJECT))


def _or_end(read: Callable[[], T]) -> T:
    try:
        return read()
    except (FaultsError, UncheckableError) as fault:
        show(str(fault), err=True, end="\n")
        sys.exit(UNCHECKED)


def deliver(command: str, lines: Iterable[Line], *, settings: Settings, form: str, output: Path | None) -> None:
    """Write the report and end the process with its exit code."""
    report = Report.of(command, project=settings.project, at=datetime.now(UTC), lines=lines)
    _deliver(WRITER, report, form, output)
    sys.exit(report.exit_code)


def _deliver(writer: Writer[R], report: R, form: str, output: Path | None) -> None:
    try:
        writer.deliver(report, form, output)
    except UnwritableError as refusal:
        say(f"{refusal}.", err=True)
        sys.exit(UNCHECKED)


def _skipped(skip: tuple[str, ...], checks: Iterable[Check], *others: str) -> frozenset[str]:
    """The ids to leave out, as they were given; ends the process for one that no check of the command has."""
    known = (*dict.fromkeys(check.id for check in checks), *others)
    for id_ in skip:
        if id_ not in known:
            say(f"{unknown('check', id_, known)}.", err=True)
            sys.exit(UNCHECKED)
    return frozenset(skip)


def _chosen(settings: Settings, names: tuple[str, ...]) -> tuple[EnvironmentSettings, ...]:
    """The environments that were named, or else all; ends the process for an unknown one."""
    known = {one.name: one for one in settings.environments}
    for name in names:
        if name not in known:
            say(f"{unknown('environment', name, known)}.", err=True)
            sys.exit(UNCHECKED)
    return tuple(one for name, one in known.items() if not names or name in names)


def _synthesized(settings: Settings, stacks: tuple[str, ...], *, anew: bool = True) -> dict[str, Stack]:
    """The stacks that were named, or else the repository and the environments; ends the process without one of them."""
    from checks.synthesized import SynthesisError, read_stacks, synthesize

    known = list(settings.stacks)
    for name in stacks:
        if name not in known:
            say(f"{unknown('stack', name, known)}.", err=True)
            sys.exit(UNCHECKED)
    wanted = stacks or [name for name, one in settings.stacks.items() if one.bundle is None]
    try:
        if anew:
            synthesize(environment())
        found = read_stacks(PROJECT / settings.invocation.output)
    except SynthesisError as refusal:
        show(str(refusal), err=True, end="\n")
        sys.exit(UNCHECKED)
    if missing := [name for name in wanted if name not in found]:
        say(f"{', '.join(missing)} was not synthesized: run without --skip-synth.", err=True)
        sys.exit(UNCHECKED)
    return {name: found[name] for name in known if name in wanted}


def _deployer_of(settings: Settings, stacks: tuple[str, ...]) -> str | None:
    """The environment whose CI token deploys all of these stacks, where they are bundles of one."""
    configured = [settings.stacks.get(stack) for stack in stacks]
    bundles = [one.bundle for one in configured if one is not None and one.bundle is not None]
    if len(bundles) != len(stacks):
        return None
    found = {bundle.environment.name for bundle in bundles if bundle.environment}
    return found.pop() if len(found) == 1 else None


def environment() -> dict[str, str]:
    """The process environment, for what is started and for tokens."""
    return dict(os.environ)
