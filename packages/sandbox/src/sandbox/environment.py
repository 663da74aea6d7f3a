"""The environment of CMD: what `python -m sandbox run` sets and what it takes away. Nothing else decides about it."""

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sandbox.folder import FOLDER_VARIABLE, PROJECT, Folder, write_private
from sandbox.terraform import REAL_BINARY_VARIABLE, Providers, equip, real_binary

MARKER = "MLOPS_SANDBOX"
DEPLOYER = "MLOPS_DEPLOYER"  # the person whose own targets become stacks
_NOW = "MLOPS_NOW"

# In any case: http_proxy and HTTP_PROXY are the same thing to one client or another.
REMOVED_NAMES = frozenset(
    {
        "NO_PROXY",  # would lead past the relay
        "ALL_PROXY",
        "HTTP_PROXY",  # would lead there as well, and may hold a password; the table below sets them anew
        "HTTPS_PROXY",
        "NPM_CONFIG_NOPROXY",
        "TF_DATA_DIR",  # would share plugins and backend settings with real runs
        "TF_PLUGIN_CACHE_DIR",
        "TF_REATTACH_PROVIDERS",
        "TF_WORKSPACE",
        "TF_ENCRYPTION",  # OpenTofu's keys of real states
    }
)
REMOVED_PREFIXES = (
    "DATABRICKS_",  # real credentials, and addresses that contradict the configuration
    "ARM_",
    "GOOGLE_",
    "GITHUB_",
    "GH_",
    "ACTIONS_",
    "AWS_",  # of the clouds, of backends and of what keeps secrets: nothing inside needs them
    "AZURE_",
    "CLOUDSDK_",
    "VAULT_",
    "TFE_",
    "TF_HTTP_",
    "TF_TOKEN_",
    "TF_VAR_",  # cdktf takes these from synthesis anyway, and no stack has variables
    "TF_CLI_",
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile of the Databricks configuration file that mlops.yaml names."""

    name: str
    host: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Administrator:
    """The credentials of whoever sets everything up; made by the seed."""

    client_id: str
    client_secret: str = field(repr=False)
    github_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Owner(Administrator):
    """The credentials of whoever owns the account and the organisation, and lets the administrator do their work.

    A service principal's: people log in to Databricks in a browser, and the tokens that they make in a workspace open
    no account. A client id and a secret open both, for the SDKs, the CLI and Terraform alike.
    """


@dataclass(frozen=True, slots=True)
class Deployer:
    """A CI runner, or a person: they have a token, and nothing else. What a person deploys has a state of its own."""

    token: str = field(repr=False)
    person: str | None = None


def environment(
    *,
    outer: Mapping[str, str],
    folder: Folder,
    relay: str,
    providers: Providers,
    who: Administrator | Deployer,
    profiles: Iterable[Profile] = (),
    nursery: str | None = None,
    now: datetime | None = None,
) -> dict[str, str]:
    """What CMD gets, given what `run` got. Writes the configuration files that it points to.

    `nursery` is where stand-ins come from; without one, each starts by itself.
    `now` is the sandbox's time when its clock was moved: synthesis must agree with it about which token is current.
    """
    folder.create()
    kept = {name: value for name, value in outer.items() if not is_removed(name)}
    authority = str(folder.authority)
    table = {
        # Every way out leads to the relay.
        "HTTP_PROXY": relay,
        "HTTPS_PROXY": relay,
        "http_proxy": relay,
        "https_proxy": relay,
        # The CA, once per kind of client: Go and OpenSSL, requests and PyGithub, curl, Node.
        "SSL_CERT_FILE": authority,
        "REQUESTS_CA_BUNDLE": authority,
        "CURL_CA_BUNDLE": authority,
        "NODE_EXTRA_CA_CERTS": authority,
        # Configuration files in the home folder hold real credentials as well.
        "DATABRICKS_CONFIG_FILE": str(_databricks_config(folder, who, profiles)),
        "GH_CONFIG_DIR": str(folder.clients),
        "NETRC": str(_netrc(folder)),
        # Terraform, CDKTF and the stand-ins.
        **equip(folder, providers, state=_state_of(folder, who)),
        REAL_BINARY_VARIABLE: real_binary(outer) or "",
        "PATH": os.pathsep.join(filter(None, (str(folder.shims), outer.get("PATH")))),
        "SANDBOX_PYTHON": sys.executable,
        "SANDBOX_PROJECT": str(PROJECT),
        # What runs inside knows that it does, and finds the same sandbox.
        MARKER: "1",
        FOLDER_VARIABLE: str(folder.root),
        **_credentials(who),
    }
    if nursery is not None:
        # Their sockets lie in folders that only we can enter; a key for each would be most of its start.
        table |= {"SANDBOX_NURSERY": nursery, "TF_DISABLE_PLUGIN_TLS": "1"}
    if now is not None and _NOW not in outer:
        table[_NOW] = now.isoformat()
    return kept | table


def is_removed(name: str) -> bool:
    """Whether a variable of the outer environment is kept from CMD and from the server."""
    upper = name.upper()
    return upper in REMOVED_NAMES or upper.startswith(REMOVED_PREFIXES)


def _state_of(folder: Folder, who: Administrator | Deployer) -> Path:
    own = isinstance(who, Deployer) and who.person
    return folder.terraform_state / own if own else folder.terraform_state


def _credentials(who: Administrator | Deployer) -> dict[str, str]:
    if isinstance(who, Deployer):
        return {"DATABRICKS_TOKEN": who.token, "DATABRICKS_AUTH_TYPE": "pat"}
    return {
        "DATABRICKS_CLIENT_ID": who.client_id,
        "DATABRICKS_CLIENT_SECRET": who.client_secret,
        "GITHUB_TOKEN": who.github_token,
    }


def _databricks_config(folder: Folder, who: Administrator | Deployer, profiles: Iterable[Profile]) -> Path:
    """A file of its own for each kind of caller: both may run at once."""
    if isinstance(who, Deployer):
        path, sections = folder.clients / "databricks-deployer.cfg", []
    else:
        path = folder.clients / ("databricks-owner.cfg" if isinstance(who, Owner) else "databricks.cfg")
        sections = [
            f"[{profile.name}]\nhost = {profile.host}\naccount_id = {profile.account_id}\n"
            f"client_id = {who.client_id}\nclient_secret = {who.client_secret}\n"
            for profile in profiles
        ]
    write_private(path, "\n".join(sections))
    return path


def _netrc(folder: Folder) -> Path:
    """An empty file: requests lets ~/.netrc overrule the Authorization header."""
    path = folder.clients / "netrc"
    write_private(path, "")
    return path
