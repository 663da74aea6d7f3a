"""The commands of `python -m checks`: the only module here that reads the process environment."""

import json
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from checks.check import Line
from checks.rendering import markdown, print_text, text
from checks.report import UNCHECKED, Report
from checks.synthesized import PROJECT
from faults import FaultsError
from settings import Settings, load

SCHEMAS = {"report": Report}

_format = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="For people, for a job's summary, or for programs.",
)
_output = click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write there, not to the terminal.",
)


class _InOrder(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """As they stand below: as one meets them."""
        return list(self.commands)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Look at a live setup: before it is made, after, and from then on.

    Nothing is changed unless an option says so. Exit codes: 0 all is well, 1 something could not be checked, 2 there
    are findings.
    """


@main.command()
@click.argument("name", type=click.Choice(sorted(SCHEMAS)))
def schema(name: str) -> None:
    """Print the JSON Schema of what --format json writes."""
    click.echo(json.dumps(SCHEMAS[name].model_json_schema(mode="serialization"), indent=2))


def read_settings() -> Settings:
    """mlops.yaml; ends the process with its faults and exit code 1."""
    try:
        return load(folder=PROJECT)
    except FaultsError as faults:
        click.echo(str(faults), err=True)
        sys.exit(UNCHECKED)


def deliver(command: str, lines: Iterable[Line], *, settings: Settings, form: str, output: Path | None) -> None:
    """Write the report and end the process with its exit code."""
    report = Report.of(command, project=settings.project, at=datetime.now(UTC), lines=lines)
    if form == "text" and output is None:
        print_text(report, Console())
    elif output is None:
        click.echo(_written(report, form), nl=False)
    else:
        output.write_text(_written(report, form), encoding="utf-8")
    sys.exit(report.exit_code)


def _written(report: Report, form: str) -> str:
    match form:
        case "markdown":
            return markdown(report)
        case "json":
            return report.model_dump_json(indent=2) + "\n"
        case _:
            return text(report)


def environment() -> dict[str, str]:
    """The process environment, for what is started and for tokens."""
    return dict(os.environ)
