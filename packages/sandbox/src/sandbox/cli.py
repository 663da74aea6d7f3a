"""The commands of `python -m sandbox`. Each imports what it needs itself, so that the small ones start fast."""

import json
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from safe_text.media import json_document
from safe_text.terminal import say, show
from sandbox.errors import SandboxError
from sandbox.folder import Folder

_DURATION = re.compile(r"([+-]?)(\d+)([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class _Sentences(click.Group):
    def invoke(self, context: click.Context) -> Any:
        """Turn what a user can correct into one sentence and exit code 1."""
        try:
            return super().invoke(context)
        except SandboxError as error:
            show(f"sandbox: {error}", err=True, end="\n")
            context.exit(1)

    def list_commands(self, context: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order below: as one meets them."""
        return list(self.commands)


@click.group(cls=_Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """A Databricks account and a GitHub on this machine, with the privileges enforced.

    The state lies in .sandbox/ of the project, or in the folder that SANDBOX_DIR names.
    """
    context.obj = Folder.of(os.environ)


_world_option = click.option(
    "--world",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Play the world that FILE describes (see `schema`), not that of the app in this folder.",
)


@main.command(context_settings={"allow_interspersed_args": False})
@click.option("--as-secret", metavar="NAME", help="Run CMD with nothing but the token in this Actions secret.")
@click.option("--environment", metavar="ENV", help="The GitHub environment whose job opens the secret.")
@click.option("--branch", metavar="BRANCH", help="The branch of that job, where the environment admits only some.")
@click.option(
    "--with-secret",
    "with_secrets",
    multiple=True,
    metavar="NAME",
    help="Also give CMD this Actions secret, in a variable of that name; may be repeated.",
)
@click.option("--as-user", metavar="NAME", help="Run CMD as a person who deploys their own targets.")
@click.option("--as-owner", is_flag=True, help="Run CMD as the owner of the account and of the organisation.")
@_world_option
@click.option(
    "--principal-delay",
    type=float,
    metavar="SECONDS",
    help="Keep new principals invisible for that long; forgotten when the server stops.",
)
@click.option(
    "--provider-mirror",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Use the real providers of this filesystem mirror instead of the stand-ins.",
)
@click.option(
    "--pass",
    "passed",
    multiple=True,
    metavar="NAME",
    help="Let this environment variable of yours through to CMD; may be repeated.",
)
@click.option(
    "--require-namespaces",
    is_flag=True,
    help="Do not run CMD where the kernel cannot keep its connections in.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="[--] CMD...")
@click.pass_obj
def run(
    folder: Folder,
    as_secret: str | None,
    environment: str | None,
    branch: str | None,
    with_secrets: tuple[str, ...],
    as_user: str | None,
    as_owner: bool,
    world: Path | None,
    principal_delay: float | None,
    provider_mirror: Path | None,
    passed: tuple[str, ...],
    require_namespaces: bool,
    command: tuple[str, ...],
) -> None:
    """Run CMD with this sandbox as Databricks and GitHub.

    Joins the running server, or starts one that stops when the last CMD has ended. On Linux CMD has no network but the
    sandbox; elsewhere the proxy variables lead there, and a line says so.
    """
    from sandbox.client import confine, join
    from sandbox.environment import DEPLOYER, MARKER, Deployer
    from sandbox.environment import environment as environment_of
    from sandbox.namespaces import UnavailableError
    from sandbox.seed import administrator, admit, owner
    from sandbox.state import now_if_moved
    from sandbox.terraform import real_providers, stand_in_providers

    if as_secret and as_user:
        raise SandboxError("--as-secret and --as-user exclude each other: leave one out.")
    if as_owner and (as_secret or as_user):
        raise SandboxError("--as-owner excludes --as-secret and --as-user: leave it out.")
    outer = {**os.environ, **({DEPLOYER: as_user} if as_user else {})}
    described = _describe(folder, world, outer)
    project = described.description
    if project.refusal:
        raise SandboxError(project.refusal)
    _seed(folder, described, keep=not as_user)  # what targets of one's own look like may be different next time
    providers = real_providers(provider_mirror) if provider_mirror else stand_in_providers(folder)
    token = _open_secret(folder, as_secret, environment, branch) if as_secret else None
    token = admit(folder, project, as_user) if as_user else token
    opened = {name: _open_secret(folder, name, environment, branch) for name in with_secrets}
    administers = owner(folder) if as_owner else administrator(folder)
    connection = join(folder)
    if principal_delay is not None:
        connection.ask("delay", seconds=principal_delay)
    variables = environment_of(
        outer=outer,
        folder=folder,
        relay=connection.running.relay,
        providers=providers,
        who=administers if token is None else Deployer(token, person=as_user),
        profiles=project.profiles,
        fork_server=None if provider_mirror else connection.ask("fork_server"),
        now=now_if_moved(folder),
        passed=passed,
    )
    told = [f"{providers.told}, state in {folder.root}", *project.warnings]
    try:
        connection = confine(
            connection, reachable=[variables[name] for name in ("SANDBOX_FORK_SERVER",) if name in variables]
        )
    except UnavailableError as error:
        open_door = f"CMD has no network namespace of its own, for {error}"
        if require_namespaces:
            raise SandboxError(f"{open_door}.") from None
        told.append(f"{open_door}: what ignores proxy variables can connect to anything")
    if MARKER not in os.environ:  # a command inside a command says it once
        for line in told:
            say(f"sandbox: {line}", err=True)
    connection.bequeath()
    _execute(command, variables | opened)


def _execute(command: tuple[str, ...], variables: dict[str, str]) -> None:
    """Become CMD: its signals, its exit code and its end are then its own."""
    try:
        os.execvpe(command[0], command, variables)  # noqa: S606 - no shell is what is wanted
    except FileNotFoundError:
        say(f"sandbox: there is no command {command[0]}.", err=True)
        sys.exit(127)
    except OSError as error:
        say(f"sandbox: {command[0]} cannot be run: {error.strerror}.", err=True)
        sys.exit(126)


@main.command()
@click.option("--foreground", is_flag=True, help="Stay attached to this terminal.")
@_world_option
@click.pass_obj
def up(folder: Folder, foreground: bool, world: Path | None) -> None:
    """Start a server that stays until `down`."""
    from sandbox.client import join
    from sandbox.environment import MARKER, environment_of_server
    from sandbox.running import find

    _seed(folder, _describe(folder, world))
    running = find(folder)
    if running is None and MARKER in os.environ:
        raise SandboxError("A server started inside `run` cannot be reached from outside: call `up` outside.")
    if foreground:
        if running is not None:
            raise SandboxError("A server is running already: `python -m sandbox down` stops it.")
        kept = environment_of_server(os.environ, folder)
        os.environ.clear()
        os.environ.update(kept)  # what the server starts is inside, where it can be looked at
        from sandbox.server import run_server

        run_server(folder, stays=True, ready=lambda: say(f"The sandbox is up: {folder.root}. Ctrl-C ends it."))
        return
    with join(folder) as connection:
        connection.ask("stay")
        say(f"The sandbox is up: process {connection.running.pid}, {folder.root}")


@main.command()
@click.pass_obj
def down(folder: Folder) -> None:
    """Stop the server; the state stays."""
    from sandbox.client import stop

    say("The sandbox is down." if stop(folder) else "No server is running.")


@main.command()
@click.pass_obj
def status(folder: Folder) -> None:
    """Show the server and the hosts it answers."""
    from sandbox.client import connect

    store, world = _state(folder)
    requests = sum(1 for _ in store.audit())
    store.close()
    connection = connect(folder)
    if connection is None:
        say("server     none; `run` and `up` start one")
    else:
        with connection:
            facts = connection.ask("status")
        stays = "stays until `down`" if facts["stays"] else "stops with the last command"
        say(f"server     process {connection.running.pid}, {_running(facts['holders'])}, {stays}")
        if facts["weather"] is not None:
            say(f"weather    {facts['weather']}")
    say(f"folder     {folder.root}")
    say(f"clock      {_now(folder)}")
    say(f"account    https://{world.account_host} ({world.account_id})")
    for workspace in world.workspaces:
        say(f"workspace  https://{workspace.host} ({workspace.id})")
    say(f"repository {world.owner}/{world.repository} at https://{world.github_host}")
    say(f"requests   {requests}")


@main.command()
@click.option("--empty", is_flag=True, help="Seed accounts that have nothing yet.")
@_world_option
@click.pass_obj
def reset(folder: Folder, empty: bool, world: Path | None) -> None:
    """Forget everything and seed anew.

    Terraform's state of the sandbox goes as well; that of real deployments is never touched.
    """
    from sandbox.app import describe
    from sandbox.client import connect, start, stop
    from sandbox.running import locked
    from sandbox.seed import ensure_seeded, forget

    described = describe(folder, world)
    folder.create()
    with locked(folder.start_lock):
        stays = False
        if (connection := connect(folder)) is not None:
            with connection:
                facts = connection.ask("status")
            if facts["holders"]:
                raise SandboxError(f"{_running(facts['holders'])} in {folder.root}: wait for it to finish.")
            stays = facts["stays"]
            stop(folder)
        forget(folder)
        ensure_seeded(folder, described.description, empty=empty)
        replace(described, kept=False).keep(folder)
        if stays:
            start(folder)
            if (connection := connect(folder)) is not None:
                with connection:
                    connection.ask("stay")
    say(f"The sandbox is {'empty' if empty else 'as on day one'}: {folder.root}")


@main.command()
@click.option("--empty", is_flag=True, help="Open the accounts, and leave out what day one has.")
@_world_option
@click.pass_obj
def seed(folder: Folder, empty: bool, world: Path | None) -> None:
    """Make day one from mlops.yaml, if there is none.

    With --empty the deployer exists and may do nothing, workspaces have no metastore and nobody in them, there is no
    repository: what is missing can be found, and made with `run --as-owner`.
    """
    _seed(folder, _describe(folder, world), empty=empty)
    say(f"The sandbox is seeded{', and empty' if empty else ''}: {folder.root}")


@main.command()
@click.option("--follow", "-f", is_flag=True, help="Go on printing what comes.")
@click.option("-n", "count", type=click.IntRange(min=0), default=20, show_default=True, help="How many to begin with.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.pass_obj
def log(folder: Folder, follow: bool, count: int, as_json: bool) -> None:
    """Show the requests and who sent them."""
    from sandbox import audit

    written = audit.Entry.json if as_json else audit.Entry.line
    store, _ = _state(folder)
    entries = audit.entries(store)
    last = entries[-1].n if entries else 0
    for entry in entries[len(entries) - min(count, len(entries)) :]:
        say(written(entry))
    try:
        while follow:
            time.sleep(0.2)
            for entry in audit.entries(store, after=last):
                say(written(entry))
                last = entry.n
    except KeyboardInterrupt:
        pass
    finally:
        store.close()


@main.command()
@click.argument("name")
@click.option("--environment", metavar="ENV", help="The GitHub environment whose job opens it.")
@click.option("--branch", metavar="BRANCH", help="The branch of that job, where the environment admits only some.")
@click.pass_obj
def secret(folder: Folder, name: str, environment: str | None, branch: str | None) -> None:
    """Open an Actions secret, as a job would."""
    show(_open_secret(folder, name, environment, branch), end="\n")


@main.command()
def schema() -> None:
    """Print the JSON Schema of the files that --world takes."""
    from sandbox.world_file import schema as printed

    show(printed())


@main.command()
@click.pass_obj
def dump(folder: Folder) -> None:
    """Print the state as canonical JSON, masked."""
    from sandbox.state import masked

    store, _ = _state(folder)
    show(json_document(json.dumps(masked(store.dump()), indent=2, sort_keys=True, ensure_ascii=False)), end="\n")
    store.close()


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--list", "listing", is_flag=True, help="Show every act that is possible now.")
@click.option("--random", "number", type=click.IntRange(min=1), metavar="N", help="Do N of the possible acts.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which ones: the same for the same state.")
@click.option("--on", "address", metavar="ADDRESS", help="The object, by its address in Terraform.")
@click.option("--stack", metavar="STACK", help="Only what this stack manages.")
@click.pass_obj
def tamper(
    folder: Folder,
    names: tuple[str, ...],
    listing: bool,
    number: int | None,
    seed: int,
    address: str | None,
    stack: str | None,
) -> None:
    """Change what Terraform manages behind its back.

    Each NAME is an act: somebody at the services' own pages changes, adds or deletes something. All of the acts are
    done, or none.
    """
    from sandbox.seed import administrator
    from sandbox.state import read_offset
    from sandbox.tampering import choosing
    from sandbox.tampering.console import Console
    from sandbox.tampering.managed import managed_objects

    if sum((bool(names), listing, number is not None)) != 1:
        raise SandboxError("Say which acts: their names, or --random N, or --list to see them.")
    store, world = _state(folder)
    try:
        console = Console(store=store, world=world, offset_seconds=read_offset(folder), who=administrator(folder))
        objects = choosing.among(managed_objects(folder), stack=stack, address=address)
        if listing:
            for choice, more in choosing.possible(console, objects):
                say(f"{choice.line()}{f', or {more} more' if more else ''}")
        elif number is not None:
            for choice in choosing.do_random(console, objects, number, seed):
                say(choice.line())
        else:
            for choice in choosing.do_named(console, objects, names):
                say(choice.line())
    finally:
        store.close()


@main.command()
@click.argument("change", required=False, metavar="[clear]")
@click.option("--seed", type=int, default=0, show_default=True, help="Which answers are hit, and by what.")
@click.option("--share", type=float, metavar="SHARE", help="How many of the answers: 0.05 is one in twenty.")
@click.option(
    "--kinds", metavar="KIND,...", help="Only some: 429, 500, 502, 503, 504, reset-before, reset-after, late."
)
@click.pass_obj
def weather(folder: Folder, change: str | None, seed: int, share: float | None, kinds: str | None) -> None:
    """Show or change the running server's weather.

    With a share, so many of the answers are disturbed from now on, the same ones for the same seed: they are refusals
    in the services' own words, late, or lost with the connection. `clear` makes the sky blue again, as does `down`.
    """
    from sandbox.client import connect
    from sandbox.weather import Kind

    if (change is not None) + (share is not None) > 1 or change not in (None, "clear"):
        raise SandboxError("Change the weather with --share SHARE, or with the word clear alone.")
    if share is not None and not 0 < share <= 1:
        raise SandboxError(f"{share:g} is not a share: write a number above 0, up to 1 (0.05 is one answer in twenty).")
    known = [kind.value for kind in Kind]
    wanted = known if kinds is None else [kind.strip() for kind in kinds.split(",")]
    if unknown := [kind for kind in wanted if kind not in known]:
        raise SandboxError(f"{unknown[0]} is not a kind of weather; allowed: {', '.join(known)}.")
    connection = connect(folder)
    if connection is None:
        raise SandboxError("No server is running, and the weather is the server's: `python -m sandbox up` starts one.")
    with connection:
        if change is not None or share is not None:
            connection.ask("weather", seed=seed, share=share or 0, kinds=wanted)
        say(_sky(connection.ask("status")["weather"]))


def _sky(weather: str | None) -> str:
    return "The sky is blue." if weather is None else f"{weather}."


# No -h here: it would eat the unit of -1h.
@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("change", required=False, type=click.UNPROCESSED, metavar="[+30d|-12h|reset]")
@click.pass_obj
def clock(folder: Folder, change: str | None) -> None:
    """Show or move the sandbox's clock.

    The units are s, m, h, d and w; `reset` sets it back to the machine's.
    """
    from sandbox.client import connect
    from sandbox.state import read_offset, write_offset

    if change is not None:
        seconds = 0.0 if change == "reset" else read_offset(folder) + _seconds(change)
        folder.create()
        write_offset(folder, seconds)
        if (connection := connect(folder)) is not None:
            with connection:
                connection.ask("clock", offset_seconds=seconds)
    say(_now(folder))


@main.command()
def ledger() -> None:
    """Print how each behaviour of the sandbox is known, as the page docs/sandbox-ledger.md."""
    from sandbox.ledger.page import page

    show(page())


@main.command()
@click.option("--host", required=True, metavar="HOST", help="The workspace: https://....cloud.databricks.com.")
@click.option("--profile", required=True, metavar="PROFILE", help="The profile of ~/.databrickscfg that logs in there.")
@click.option("--catalog", required=True, metavar="CATALOG", help="An existing catalog in which a schema can be made.")
@click.option("--yes", is_flag=True, help="Do not ask before the first request that makes something.")
@click.pass_context
def conformance(context: click.Context, host: str, profile: str, catalog: str, yes: bool) -> None:
    """Make the sandbox's requests in a real workspace, and print where the two differ.

    All of it happens in a scratch schema and a scratch folder with a random name, which are removed at the end. Ends
    with 1 where something differs or could not be removed.
    """
    from sandbox.conformance.client import RealWorkspace
    from sandbox.conformance.run import announced, plan, run

    workspace = RealWorkspace(host=host, profile=profile)
    scratch = plan(workspace, catalog)
    say(f"In {host}, as the profile {profile}, this")
    for line in announced(scratch):
        say(f"- {line}")
    if not yes:
        click.confirm("Go on?", abort=True)
    try:
        outcome = run(workspace, scratch, say)
    except KeyboardInterrupt:
        say("Stopped; what was made is removed again.")
        context.exit(130)
    say(f"{outcome.tried} requests tried, {len(outcome.differences)} answered differently")
    context.exit(1 if outcome.differences or outcome.left else 0)


def _running(number: int) -> str:
    return "1 command is running" if number == 1 else f"{number or 'no'} commands are running"


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise SandboxError(f"{text} is not a change of the clock: write +30d, -12h or reset (units: s, m, h, d, w).")
    sign, number, unit = match.groups()
    seconds = timedelta(**{_UNITS[unit]: int(number)}).total_seconds()
    return -seconds if sign == "-" else seconds


def _now(folder: Folder) -> str:
    from sandbox.state import read_offset

    return (datetime.now(UTC) + timedelta(seconds=read_offset(folder))).isoformat(timespec="seconds")


def _describe(folder: Folder, world: Path | None, environ: Mapping[str, str] = os.environ) -> Any:
    from sandbox.app import describe, remembered

    return (remembered(folder, environ) if world is None else None) or describe(folder, world, environ)


def _seed(folder: Folder, described: Any, *, empty: bool = False, keep: bool = True) -> None:
    from sandbox.running import locked
    from sandbox.seed import ensure_seeded

    folder.create()
    with locked(folder.start_lock):
        ensure_seeded(folder, described.description, empty=empty)
        if keep:
            described.keep(folder)


def _state(folder: Folder) -> Any:
    from sandbox.state import open_state, world_of

    if folder.state.exists():
        store = open_state(folder)
        if (world := world_of(store)) is not None:
            return store, world
        store.close()
    raise SandboxError(f"There is no sandbox in {folder.root} yet: `python -m sandbox seed` makes one.")


def _open_secret(folder: Folder, name: str, environment: str | None, branch: str | None) -> str:
    from sandbox.github.world.actions.secrets import open_secret

    if branch and not environment:
        raise SandboxError("--branch needs --environment.")
    store, world = _state(folder)
    try:
        return open_secret(store, world, name=name, environment=environment, branch=branch)
    except KeyError as error:
        raise SandboxError(f"The secret cannot be opened: {error.args[0]}.") from None
    except PermissionError as error:
        hint = "" if branch else "; name the job's branch with --branch"
        raise SandboxError(f"The secret cannot be opened: {error}{hint}.") from None
    finally:
        store.close()
