"""The environment of CMD: what `python -m sandbox run` sets, and what it keeps. Nothing else decides about it."""

import contextlib
import os
import site
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.folder import FOLDER_VARIABLE, PROJECT, Folder, make_private, write_private
from sandbox.terraform import REAL_BINARY_VARIABLE, Providers, equip, real_binary

MARKER = "MLOPS_SANDBOX"
DEPLOYER = "MLOPS_DEPLOYER"  # the person whose own targets become stacks
_NOW = "MLOPS_NOW"

# What is kept of the environment outside, and why. Everything else stays there: what holds a credential, today or
# tomorrow, what leads past the relay or into a real run, and what runs code of its own (NODE_OPTIONS, BASH_ENV,
# LD_PRELOAD, GIT_CONFIG_*).
_KEPT = {
    "programs are found, and know where they are and for whom they run": (
        "PATH LD_LIBRARY_PATH PWD OLDPWD SHLVL SHELL USER LOGNAME HOSTNAME TMPDIR TMP TEMP TZ"
    ),
    "they speak the user's language": (
        "LANG LANGUAGE LC_ALL LC_ADDRESS LC_COLLATE LC_CTYPE LC_IDENTIFICATION LC_MEASUREMENT LC_MESSAGES LC_MONETARY"
        " LC_NAME LC_NUMERIC LC_PAPER LC_TELEPHONE LC_TIME"
    ),
    "they write as the terminal can show it": (
        "TERM COLORTERM COLUMNS LINES NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE"
    ),
    "Python is the user's own": (
        "PYTHONPATH PYTHONHOME PYTHONUSERBASE PYTHONNOUSERSITE PYTHONSAFEPATH PYTHONUTF8 PYTHONIOENCODING"
        " PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX PYTHONWARNINGS PYTHONHASHSEED PYTHONFAULTHANDLER"
        " PYTHONDEVMODE PYTHONASYNCIODEBUG PYTHONTRACEMALLOC VIRTUAL_ENV PIPENV_ACTIVE PIPENV_VERBOSITY CONDA_PREFIX"
    ),
    "version managers find the version that the user has chosen": (
        "PYENV_ROOT PYENV_VERSION ASDF_DIR ASDF_DATA_DIR TFENV_ROOT TFENV_CONFIG_DIR TFENV_TERRAFORM_VERSION TENV_ROOT"
        " MISE_DATA_DIR MISE_CONFIG_DIR NVM_DIR VOLTA_HOME NIX_PROFILES"
    ),
    "synthesis starts as fast, and says as much": (
        "JSII_NODE JSII_DEBUG JSII_RUNTIME_PACKAGE_CACHE JSII_RUNTIME_PACKAGE_CACHE_ROOT JSII_RUNTIME_PACKAGE_CACHE_TTL"
        " JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"
        " JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION CDKTF_LOG_LEVEL"
    ),
    "so does Terraform": "TF_LOG TF_LOG_CORE TF_LOG_PROVIDER TF_LOG_PATH TF_IN_AUTOMATION TF_INPUT",
    "the settings are read as in a real run": (
        "CI MLOPS_CONFIG MLOPS_ALLOW_DESTROY MLOPS_NOW MLOPS_BRANCH MLOPS_ML_PROJECT_PATH MLOPS_DEPLOYER"
    ),
}
KEPT_NAMES = frozenset(name for names in _KEPT.values() for name in names.split())
# The values of a bundle's variables are what is tried in the sandbox, and arrive there as they would in a real run.
KEPT_PREFIXES = ("BUNDLE_VAR_",)

# What --pass does not let through either, in any case: http_proxy and HTTP_PROXY are one thing to some client or other.
REFUSED_NAMES = frozenset(
    {
        "HTTP_PROXY",  # lead past the relay, and may hold a password
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "NPM_CONFIG_NOPROXY",
        "TF_DATA_DIR",  # would share plugins and backend settings with real runs
        "TF_PLUGIN_CACHE_DIR",
        "TF_REATTACH_PROVIDERS",
        "TF_WORKSPACE",
        "TF_ENCRYPTION",  # OpenTofu's keys of real states
        "STATE_CREDENTIALS",  # of the workflows, which unpack them for the backend
    }
)
REFUSED_PREFIXES = (
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
    "CDKTF_",
    "SANDBOX_",
    "MLOPS_",
)

# Of the home folder, where it has them: what the shims of version managers on the PATH look for. No credentials.
_LINKED = (
    ".asdf",
    ".tool-versions",
    ".pyenv",
    ".tfenv",
    ".tenv",
    ".nvm",
    ".volta",
    ".nix-profile",
    ".local/share/mise",
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
    fork_server: str | None = None,
    now: datetime | None = None,
    passed: Collection[str] = (),
) -> dict[str, str]:
    """What CMD gets, given what `run` got. Writes the configuration files that it points to.

    `passed` are variables that a user lets through; SandboxError for one that nobody may, or that is not set.
    `fork_server` is where stand-ins come from; without one, each starts by itself.
    `now` is the sandbox's time when its clock was moved: synthesis must agree with it about which token is current.
    """
    folder.create()
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
        # Files in the home folder hold real credentials as well, and a shell that reads its own there exports them.
        "HOME": str(_home(folder, outer)),
        "PYTHONUSERBASE": site.getuserbase(),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": outer.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT") or _package_cache(outer),
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
    if fork_server is not None:
        # Their sockets lie in folders that only we can enter; a key for each would be most of its start.
        table |= {"SANDBOX_FORK_SERVER": fork_server, "TF_DISABLE_PLUGIN_TLS": "1"}
    if now is not None and _NOW not in outer:
        table[_NOW] = now.isoformat()
    return kept(outer) | _passed(passed, outer, table) | table


def kept(outer: Mapping[str, str]) -> dict[str, str]:
    """What may be known inside about the environment outside."""
    return {name: value for name, value in outer.items() if name in KEPT_NAMES or name.startswith(KEPT_PREFIXES)}


def environment_of_server(outer: Mapping[str, str], folder: Folder) -> dict[str, str]:
    """What the server gets: it reads nothing of it but its folder, and the system what it needs to run Python."""
    return {
        **{name: value for name, value in kept(outer).items() if not name.startswith(("MLOPS_", *KEPT_PREFIXES))},
        "HOME": str(_home(folder, outer)),
        "PYTHONUSERBASE": site.getuserbase(),
        "PYTHONPATH": str(PROJECT),
        FOLDER_VARIABLE: str(folder.root),
    }


def _passed(names: Collection[str], outer: Mapping[str, str], table: Mapping[str, str]) -> dict[str, str]:
    for name in names:
        upper = name.upper()
        if name in table or upper in REFUSED_NAMES or upper.startswith(REFUSED_PREFIXES):
            raise SandboxError(
                f"{name} does not pass into the sandbox: it is set there, or would lead out of it or hold a real"
                " credential. Leave out its --pass."
            )
        if name not in outer:
            raise SandboxError(f"{name} is not set here: leave out its --pass, or export it.")
    return {name: outer[name] for name in names}


def _home(folder: Folder, outer: Mapping[str, str]) -> Path:
    """A home folder of the sandbox's own."""
    make_private(folder.home)
    home = Path(outer.get("HOME") or folder.home)
    for name in _LINKED:
        link, target = folder.home / name, home / name
        if home != folder.home and not link.is_symlink() and target.exists():
            link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):  # another command was faster
                link.symlink_to(target)
    return folder.home


def _package_cache(outer: Mapping[str, str]) -> str:
    """Where jsii unpacks the packages that it has loaded: synthesis would wait seconds for an empty one.

    The default of @jsii/kernel's defaultCacheRoot.
    """
    home = Path(outer.get("HOME") or Path.home())
    mac = ("Library", "Caches", "com.amazonaws.jsii", "package-cache")
    return str(home.joinpath(*(mac if sys.platform == "darwin" else (".cache", "aws", "jsii", "package-cache"))))


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
