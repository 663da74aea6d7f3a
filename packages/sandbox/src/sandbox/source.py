"""Where a behaviour of the sandbox comes from: every refusal and every computed default names one.

A source says why the sandbox behaves so: the service's documentation, the code or the recorded tests of a client, a
thread in which somebody quotes the service's answer. What nobody has said is `ours`, with the reason for it.
"""

from dataclasses import dataclass
from enum import StrEnum

_REPOSITORIES = "https://github.com"


class Kind(StrEnum):
    """How a behaviour is known."""

    DOCUMENTED = "documentation"
    CLIENT = "a client's code or tests"
    QUOTED = "quoted by somebody who got it"
    STANDARD = "a standard"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Source:
    """One source; `reference` is an address, of what is ours the reason."""

    kind: Kind
    reference: str


def documented(address: str) -> Source:
    """A page of the service's documentation."""
    return Source(Kind.DOCUMENTED, address)


def databricks_docs(page: str) -> Source:
    """A page of Databricks' documentation, by its path on AWS."""
    return documented(f"https://docs.databricks.com/aws/en/{page}")


def databricks_api(page: str) -> Source:
    """A page of Databricks' API reference: "workspace/jobs/create"."""
    return documented(f"https://docs.databricks.com/api/{page}")


def github_docs(page: str) -> Source:
    """A page of GitHub's documentation: "rest/actions/secrets"."""
    return documented(f"https://docs.github.com/en/{page}")


def databricks_provider(path: str) -> Source:
    """A file of the Terraform provider of Databricks."""
    return Source(Kind.CLIENT, f"{_REPOSITORIES}/databricks/terraform-provider-databricks/blob/v1.99.0/{path}")


def github_provider(path: str) -> Source:
    """A file of the Terraform provider of GitHub."""
    return Source(Kind.CLIENT, f"{_REPOSITORIES}/integrations/terraform-provider-github/blob/v6.9.0/{path}")


def databricks_cli(path: str, *, version: str = "1.13.0") -> Source:
    """A file of the Databricks CLI; its test server and its recorded outputs mirror what the service answers."""
    return Source(Kind.CLIENT, f"{_REPOSITORIES}/databricks/cli/blob/v{version}/{path}")


def databricks_sdk(path: str) -> Source:
    """A file of the Databricks SDK for Python, whose docstrings are those of the API's specification."""
    return Source(Kind.CLIENT, f"{_REPOSITORIES}/databricks/databricks-sdk-py/blob/v0.155.0/{path}")


def databricks_go_sdk(path: str) -> Source:
    """A file of the Databricks SDK for Go, of the version that the provider has."""
    return Source(Kind.CLIENT, f"{_REPOSITORIES}/databricks/databricks-sdk-go/blob/v0.93.0/{path}")


def quoted(thread: str) -> Source:
    """A thread on GitHub in which somebody quotes the service: "databricks/cli/issues/3691"."""
    return Source(Kind.QUOTED, f"{_REPOSITORIES}/{thread}")


def standard(address: str) -> Source:
    """What a standard says that the service follows."""
    return Source(Kind.STANDARD, address)


def ours(reason: str) -> Source:
    """Nobody has said that the service does so; the reason why the sandbox does."""
    return Source(Kind.OURS, reason)
