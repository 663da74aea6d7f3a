"""Where Databricks answers on each cloud: the only hosts that credentials may go to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# How the provider tells the account console from a workspace (databricks-sdk-go v0.84.0, config/config.go).
_ACCOUNTS = ("accounts", "accounts-dod")
_LABEL = r"(?!xn--)[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(r"https://[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_LABELS = re.compile(rf"{_LABEL}(\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud: the address of its account console and the endings of every host that Databricks has there."""

    account_host: str
    suffixes: tuple[str, ...]


CLOUDS: Mapping[str, Cloud] = MappingProxyType(
    {
        "aws": Cloud(
            "https://accounts.cloud.databricks.com",
            # The last two are AWS GovCloud (https://docs.databricks.com/aws/en/security/privacy/gov-cloud).
            (".cloud.databricks.com", ".cloud.databricks.us", ".cloud.databricks.mil"),
        ),
        "gcp": Cloud("https://accounts.gcp.databricks.com", (".gcp.databricks.com",)),
    }
)


def is_https_host(text: str) -> bool:
    """Whether a text is `https://` and a host name in lower case, and nothing else."""
    return bool(_HOST.fullmatch(text))


def is_account_host(host: str, cloud: str) -> bool:
    """Whether that is the account console's address on a cloud, as `https://` and a host name."""
    return any(host == f"https://{name}{suffix}" for suffix in CLOUDS[cloud].suffixes for name in _ACCOUNTS)


def is_workspace_host(host: str, cloud: str) -> bool:
    """Whether a workspace on a cloud can have that address, as `https://` and a host name.

    >>> is_workspace_host("https://acme.cloud.databricks.com", "aws")
    True
    >>> is_workspace_host("https://acme.cloud.databricks.com.example.net", "aws")
    False
    """
    for suffix in CLOUDS[cloud].suffixes:
        if host.startswith("https://") and host.endswith(suffix):
            name = host.removeprefix("https://").removesuffix(suffix)
            return bool(_LABELS.fullmatch(name)) and name.rpartition(".")[2] not in _ACCOUNTS
    return False


def endings(cloud: str) -> str:
    """The endings in words."""
    *most, last = CLOUDS[cloud].suffixes
    return f"{', '.join(most)} or {last}" if most else last
