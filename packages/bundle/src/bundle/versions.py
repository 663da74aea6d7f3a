"""The CLI version that the bundle asks for."""

import re

from bundle.diagnostics import StopError
from bundle.draft import Draft
from bundle.limits import DIGITS

# The release whose rules this package follows.
CLI_VERSION = "0.280.0"

_VERSION = r"(\d+\.\d+\.\d+(\-\w+)?|\d+\.\d+.\*|\d+\.\*)"
_OPERATOR = r"(>=|<=|>|<|!=)?"
_SYNTAX = re.compile(rf"{_OPERATOR} ?{_VERSION}(, {_OPERATOR} {_VERSION})?\Z", re.ASCII)


def check_version(draft: Draft) -> None:
    """Refuses a bundle that wants another CLI than the one whose rules are followed."""
    constraint = draft.root.text("bundle", "databricks_cli_version")
    if not constraint:
        return
    origin = draft.places("bundle.databricks_cli_version")[0]
    if len(constraint) > DIGITS or not _SYNTAX.match(constraint):
        raise StopError(
            f'invalid version constraint "{constraint}" specified. Please specify the version constraint in the format '
            "(>=) 0.0.0(, <= 1.0.0)",
            origin=origin,
        )
    if not all(_satisfied(part.strip()) for part in constraint.split(",")):
        raise StopError(
            f"Databricks CLI version constraint not satisfied. Required: {constraint}, current: {CLI_VERSION}",
            origin=origin,
        )


def _satisfied(part: str) -> bool:
    found = re.match(r"(>=|<=|>|<|!=|)\s*(.*)", part)
    assert found
    operator, wanted = found[1], found[2].partition("-")[0]
    numbers = [int(number) for number in wanted.split(".") if number.isdigit()]
    current = [int(number) for number in CLI_VERSION.split(".")][: len(numbers)]
    return {
        "": current == numbers,
        "!=": current != numbers,
        ">=": current >= numbers,
        "<=": current <= numbers,
        ">": current > numbers,
        "<": current < numbers,
    }[operator]
