"""The providers that are stood in for, by name; each is imported when it is asked for."""

from typing import Any

from sandbox.standins.behaviour import Provider

NAMES = ("databricks", "github")


def provider(name: str) -> Provider[Any]:
    """The provider of that name; KeyError for any other."""
    if name == "databricks":
        from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS

        return DATABRICKS
    if name == "github":
        from sandbox.standins.github.provider import PROVIDER as GITHUB

        return GITHUB
    raise KeyError(name)
