"""Nothing of the user's credentials reaches CMD, and the relay lets no connection out."""

import json
import os
import site
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from packages.sandbox.tests.sandbox_processes import Sandbox, line_of, sandbox_in
from sandbox import audit
from sandbox.environment import Administrator, Deployer, Owner, Profile, environment, kept
from sandbox.errors import SandboxError
from sandbox.folder import PROJECT, Folder
from sandbox.state import open_state
from sandbox.terraform import Providers

# What a user's shell may hold. Every value has `real` in it.
OUTER = {
    "DATABRICKS_TOKEN": "dapi-real",
    "DATABRICKS_HOST": "https://real.cloud.databricks.com",
    "databricks_client_id": "real",
    "ARM_CLIENT_SECRET": "real",
    "GOOGLE_CREDENTIALS": "real",
    "GITHUB_TOKEN": "ghp_real",
    "GH_TOKEN": "gho_real",
    "Github_App_Id": "real",
    "NO_PROXY": "real.example,*",
    "no_proxy": "real.example,*",
    "ALL_PROXY": "http://real.example:1",
    "all_proxy": "http://real.example:1",
    "https_proxy": "http://real.example:1",
    "HTTPS_PROXY": "http://real.example:1",
    "http_proxy": "http://real.example:1",
    "TF_TOKEN_app_terraform_io": "real",
    "TF_CLI_ARGS": "-var=real",
    "TF_PLUGIN_CACHE_DIR": "/real",
    "TF_DATA_DIR": "/real",
    "TF_HTTP_PASSWORD": "real",
    "TF_VAR_token": "real",
    "TF_ENCRYPTION": "real",
    "TFE_TOKEN": "real",
    "VAULT_TOKEN": "real",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AZURE_CLIENT_SECRET": "real",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "real",
    "CLOUDSDK_AUTH_ACCESS_TOKEN": "real",
    "SSL_CERT_FILE": "/real",
    # None of these is on any list.
    "STAGING_WORKSPACE_TOKEN": "dapi-real",
    "PROD_WORKSPACE_TOKEN": "dapi-real",
    "STATE_CREDENTIALS": '{"AWS_SECRET_ACCESS_KEY": "real"}',
    "PIP_INDEX_URL": "https://jane:real@pypi.example.com/simple",
    "PIP_EXTRA_INDEX_URL": "https://jane:real@pypi.example.com/simple",
    "UV_INDEX_URL": "https://jane:real@pypi.example.com/simple",
    "TWINE_PASSWORD": "real",
    "NPM_TOKEN": "npm_real",
    "NODE_AUTH_TOKEN": "npm_real",
    "npm_config__authToken": "npm_real",
    "SSH_AUTH_SOCK": "/run/real/agent",
    "GPG_AGENT_INFO": "/run/real/agent",
    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/real/bus",
    "DOCKER_HOST": "unix:///run/real/docker.sock",
    "DOCKER_AUTH_CONFIG": "real",
    "KUBECONFIG": "/home/real/.kube/config",
    "OPENAI_API_KEY": "real",
    "PGPASSWORD": "real",
    "DATABASE_URL": "postgres://jane:real@db.example.com",
    "INFRACOST_API_KEY": "real",
    "SPACELIFT_API_KEY_SECRET": "real",
    "TENV_GITHUB_TOKEN": "real",
    "MISE_GITHUB_TOKEN": "real",
    "PYTHON_TOKEN": "real",
    "LC_TOKEN": "real",
    "MLOPS_TOKEN": "real",
    "JSII_TOKEN": "real",
    "SANDBOX_TOKEN": "real",
    "XDG_CONFIG_HOME": "/home/real/.config",
    "XDG_RUNTIME_DIR": "/run/real",
    # These run code, or have it read.
    "NODE_OPTIONS": "--title=real",
    "BASH_ENV": "/home/real/.env",
    "ENV": "/home/real/.env",
    "PYTHONSTARTUP": "/home/real/.pythonrc",
    "PERL5OPT": "-Mreal",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "http.extraheader",
    "GIT_CONFIG_VALUE_0": "Authorization: Basic real",
    "GIT_ASKPASS": "/home/real/askpass",
    "GIT_SSH_COMMAND": "ssh -i /home/real/key",
    "TF_CLI_CONFIG_FILE": "/home/real/.terraformrc",
}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox_in(tmp_path, **OUTER) as sandbox:
        yield sandbox


def test_nothing_of_the_users_credentials_reaches_the_command(sandbox: Sandbox) -> None:
    inside = json.loads(sandbox.python("import json, os; print(json.dumps(dict(os.environ)))"))
    assert {name: value for name, value in inside.items() if "real" in value} == {}
    assert not {name for name in inside if name.upper() in ("NO_PROXY", "ALL_PROXY", "DATABRICKS_HOST")}
    assert inside["HTTPS_PROXY"] == inside["https_proxy"] == inside["HTTP_PROXY"] == inside["http_proxy"]
    assert inside["HTTPS_PROXY"].startswith("http://127.0.0.1:")


def test_nothing_of_the_users_credentials_reaches_the_server(sandbox: Sandbox) -> None:
    if not Path("/proc/self/environ").exists():
        pytest.skip("reads Linux' table of processes")
    sandbox("up")
    held = dict(
        variable.split("=", 1)
        for variable in os.fsdecode(Path(f"/proc/{sandbox.pid}/environ").read_bytes()).split("\0")
        if variable
    )
    assert held["SANDBOX_DIR"] == str(sandbox.root)
    assert {name for name, value in held.items() if "real" in value} == set()
    assert not set(held) & set(OUTER)


def test_what_a_server_in_the_foreground_starts_has_none_either(sandbox: Sandbox) -> None:
    """CMD can look at it: it runs where CMD does."""
    command = [sys.executable, "-m", "sandbox", "up", "--foreground"]
    with subprocess.Popen(command, env=sandbox.variables, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert line_of(server).startswith("The sandbox is up")
            children = f"/proc/{server.pid}/task/{server.pid}/children"
            told = sandbox.shell(f'cat {children} && for one in $(cat {children}); do cat "/proc/$one/environ"; done')
            assert told.startswith(tuple("123456789"))
            assert "SANDBOX_DIR" in told
            assert "real" not in told
        finally:
            server.terminate()


def test_a_server_that_nobody_outside_could_reach_is_not_started(sandbox: Sandbox) -> None:
    again = '"$SANDBOX_PYTHON" -m sandbox'
    done = sandbox.run("sh", "-c", f"{again} down; {again} up", code=1)
    assert done.stderr.splitlines()[-1] == (
        "sandbox: A server started inside `run` cannot be reached from outside: call `up` outside."
    )


def test_what_a_shell_reads_in_the_users_home_folder_stays_there(sandbox: Sandbox, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name, text in {
        ".profile": "export GITHUB_TOKEN=real",
        ".bash_profile": "export GITHUB_TOKEN=real",
        ".bashrc": "export GITHUB_TOKEN=real",
        ".aws/credentials": "real",
        ".databrickscfg": "real",
        ".databricks/token-cache.json": "real",
        ".git-credentials": "real",
        ".npmrc": "real",
        ".terraform.d/credentials.tfrc.json": "real",
        ".config/gh/hosts.yml": "real",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    (home / ".pyenv").mkdir()
    said = sandbox.run(
        *("bash", "-lc", 'echo "$HOME"; bash -ic "echo \\$GITHUB_TOKEN"; cd && find . | sort | tr "\\n" " "'),
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / ".config"),
    ).stdout.splitlines()
    assert said[0] == str(sandbox.root / "home")
    assert said[1].startswith("ghp_")
    assert said[2].split() == [".", "./.pyenv"]  # version managers live there
    assert (sandbox.root / "home").stat().st_mode & 0o077 == 0


def test_the_users_netrc_is_not_read(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("default login real password real\n", encoding="utf-8")
    sandbox.run(
        *("sh", "-c", 'test "$(python -c "$0")" = 200', "import requests, os\n"
        "print(requests.get('https://api.github.com/user',"
        " headers={'Authorization': 'Bearer ' + os.environ['GITHUB_TOKEN']}).status_code)"),
        HOME=str(tmp_path),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("client", "url", "refused"),
    [
        ("curl -sS {}", "https://example.com/secret?token=hush", ("CONNECT", "example.com", ":443")),
        ("curl -sS -f {}", "http://example.com/secret?token=hush", ("GET", "example.com", "/secret")),
        ("curl -sS {}", "https://api.github.com:8443/", ("CONNECT", "api.github.com", ":8443")),
        ("curl -sS {}", "https://169.254.169.254/", ("CONNECT", "169.254.169.254", ":443")),
        ("curl -sS {}", "https://[::1]/", ("CONNECT", "::1", ":443")),
        (
            "python -c 'import requests; requests.get(\"{}\")'",
            "https://registry.terraform.io/",
            ("CONNECT", "registry.terraform.io", ":443"),
        ),
        (
            'node -e \'require("child_process").execFileSync("curl", ["-sS", "{}"])\'',
            "https://checkpoint-api.hashicorp.com/",
            ("CONNECT", "checkpoint-api.hashicorp.com", ":443"),
        ),
    ],
)
def test_other_hosts_are_refused_and_logged_by_name(
    sandbox: Sandbox, client: str, url: str, refused: tuple[str, str, str]
) -> None:
    sandbox.run("sh", "-c", f"! {client.format(url)}")
    store = open_state(sandbox.folder)
    entries = audit.entries(store)
    store.close()
    assert [(entry.method, entry.host, entry.path, entry.status) for entry in entries] == [(*refused, 403)]
    assert refused[1] in sandbox("log").stdout
    assert "hush" not in sandbox("log").stdout


def test_a_refusal_says_why(sandbox: Sandbox) -> None:
    error = sandbox.run(sys.executable, "-c", "import requests; requests.get('https://example.com')", code=1).stderr
    assert "The sandbox does not let example.com out" in error
    text = sandbox.shell("curl -sS http://example.com/x")
    assert text == (
        "The sandbox does not let http://example.com/x out: only HTTPS to the hosts of mlops.yaml is answered.\n"
    )


def test_an_unknown_route_is_501_and_says_what_to_add_where(sandbox: Sandbox) -> None:
    text = sandbox.shell("curl -s -w '\\n%{http_code}' -X PATCH https://accounts.cloud.databricks.com/api/9.9/new")
    body, status = text.rsplit("\n", 1)
    assert status == "501"
    assert "PATCH /api/9.9/new" in json.loads(body)["message"]
    assert "sandbox/databricks/routes.py" in json.loads(body)["message"]


def test_no_credential_is_in_the_log_the_dump_or_the_server_log(sandbox: Sandbox) -> None:
    text = sandbox.shell(
        "curl -s -u $DATABRICKS_CLIENT_ID:$DATABRICKS_CLIENT_SECRET -d grant_type=client_credentials -d scope=all-apis"
        " https://acme-staging.cloud.databricks.com/oidc/v1/token; echo;"
        ' curl -s -o /dev/null "https://api.github.com/user?access_token=$GITHUB_TOKEN"'
        ' -H "Authorization: Bearer $GITHUB_TOKEN"; echo $GITHUB_TOKEN $DATABRICKS_CLIENT_SECRET'
    )
    answer, secrets = text.strip().rsplit("\n", 1)
    told = sandbox("log").stdout + sandbox("dump").stdout + sandbox.folder.log.read_text(encoding="utf-8")
    for secret in (*secrets.split(), json.loads(answer)["access_token"]):
        assert len(secret) > 20
        assert secret not in told


def test_files_with_secrets_are_readable_by_their_owner_only(sandbox: Sandbox) -> None:
    sandbox("up")
    sandbox.run("true")
    for name in ("state.sqlite", "state.sqlite-wal", "server.json", "server.log", "certificates/ca.key",
                 "certificates/server.pem", "clients/databricks.cfg"):  # fmt: skip
        assert (sandbox.root / name).stat().st_mode & 0o077 == 0, name
    assert sandbox.root.stat().st_mode & 0o077 == 0


ADMINISTRATOR = Administrator(client_id="id", client_secret="hush-1", github_token="hush-2")
RELAY = "http://127.0.0.1:1"


def table(
    tmp_path: Path, who: Administrator | Deployer = ADMINISTRATOR, *, passed: Sequence[str] = (), **outer: str
) -> dict[str, str]:
    return environment(
        outer={"PATH": "/usr/bin", **outer},
        folder=Folder(tmp_path),
        relay=RELAY,
        providers=Providers(tmp_path / "a mirror", "told"),
        who=who,
        profiles=[Profile("acme-prod", "https://acme-prod.cloud.databricks.com", "account-1")],
        passed=passed,
    )


def x_as(name: str) -> dict[str, Any]:
    """A variable whose name a test is given."""
    return {name: "x"}


def test_the_environment_of_an_administrators_command(tmp_path: Path) -> None:
    inside = table(tmp_path, HOME="/home/jane")
    python = inside.pop("SANDBOX_PYTHON")
    assert Path(python).exists()
    inside.pop("SANDBOX_TERRAFORM")
    assert inside.pop("JSII_RUNTIME_PACKAGE_CACHE_ROOT").startswith("/home/jane/")
    assert inside == {
        "HOME": f"{tmp_path}/home",
        "PYTHONUSERBASE": site.getuserbase(),
        "HTTP_PROXY": RELAY,
        "HTTPS_PROXY": RELAY,
        "http_proxy": RELAY,
        "https_proxy": RELAY,
        "SSL_CERT_FILE": f"{tmp_path}/certificates/ca.pem",
        "REQUESTS_CA_BUNDLE": f"{tmp_path}/certificates/ca.pem",
        "CURL_CA_BUNDLE": f"{tmp_path}/certificates/ca.pem",
        "NODE_EXTRA_CA_CERTS": f"{tmp_path}/certificates/ca.pem",
        "DATABRICKS_CONFIG_FILE": f"{tmp_path}/clients/databricks.cfg",
        "DATABRICKS_CLIENT_ID": "id",
        "DATABRICKS_CLIENT_SECRET": "hush-1",
        "GITHUB_TOKEN": "hush-2",
        "GH_CONFIG_DIR": f"{tmp_path}/clients",
        "NETRC": f"{tmp_path}/clients/netrc",
        "TERRAFORM_BINARY_NAME": f"{tmp_path}/bin/terraform",
        "SANDBOX_TERRAFORM_STATE": f"{tmp_path}/terraform",
        "TF_CLI_CONFIG_FILE": f"{tmp_path}/clients/terraform.tfrc",
        "TF_CLI_ARGS_providers_lock": f"'-fs-mirror={tmp_path}/a mirror'",
        "CHECKPOINT_DISABLE": "1",
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        "CDKTF_OUTPUT": f"{tmp_path}/cdktf.out",
        "CDKTF_OUTDIR": f"{tmp_path}/cdktf.out",
        "PATH": f"{tmp_path}/bin:/usr/bin",
        "SANDBOX_PROJECT": str(PROJECT),
        "SANDBOX_DIR": str(tmp_path),
        "MLOPS_SANDBOX": "1",
    }


def test_the_owner_and_the_administrator_have_configuration_files_of_their_own(tmp_path: Path) -> None:
    owner = Owner(client_id="owner", client_secret="hush-3", github_token="hush-4")
    inside = table(tmp_path), table(tmp_path, owner)
    files = [Path(environ["DATABRICKS_CONFIG_FILE"]) for environ in inside]
    assert files[0] != files[1]
    assert [("client_id = id" in file.read_text(encoding="utf-8")) for file in files] == [True, False]
    assert inside[1]["DATABRICKS_CLIENT_ID"] == "owner"
    assert inside[0].keys() == inside[1].keys()
    assert "hush" not in repr(owner)


def test_stand_ins_come_from_the_fork_server_and_need_no_keys(tmp_path: Path) -> None:
    arguments: dict[str, Any] = {
        "folder": Folder(tmp_path),
        "relay": RELAY,
        "providers": Providers(tmp_path, ""),
        "who": ADMINISTRATOR,
    }
    without, with_it = environment(outer={}, **arguments), environment(outer={}, fork_server="/n", **arguments)
    assert with_it.items() - without.items() == {("SANDBOX_FORK_SERVER", "/n"), ("TF_DISABLE_PLUGIN_TLS", "1")}


def test_a_deployers_command_has_the_token_and_nothing_else(tmp_path: Path) -> None:
    administrators, deployers = table(tmp_path), table(tmp_path, Deployer("dapi-1"), GITHUB_TOKEN="x")
    own = {"DATABRICKS_TOKEN": "dapi-1", "DATABRICKS_AUTH_TYPE": "pat"}
    assert own.items() <= deployers.items()
    credentials = {"DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET", "GITHUB_TOKEN"}
    assert set(administrators) - set(deployers) == credentials
    assert set(deployers) - set(administrators) == set(own)
    assert Path(deployers["DATABRICKS_CONFIG_FILE"]).read_text(encoding="utf-8") == ""


def test_profiles_of_mlops_yaml_are_in_the_databricks_configuration_file(tmp_path: Path) -> None:
    text = Path(table(tmp_path)["DATABRICKS_CONFIG_FILE"]).read_text(encoding="utf-8")
    assert text == (
        "[acme-prod]\nhost = https://acme-prod.cloud.databricks.com\naccount_id = account-1\n"
        "client_id = id\nclient_secret = hush-1\n"
    )


@pytest.mark.parametrize("name", ["PATH", "LANG", "TERM", "CI", "MLOPS_CONFIG", "TF_LOG", "BUNDLE_VAR_x", "PYENV_ROOT"])
def test_what_is_kept_is_on_a_list(name: str, tmp_path: Path) -> None:
    assert kept({name: "x"}) == {name: "x"}
    assert name in table(tmp_path, **x_as(name))


@pytest.mark.parametrize("name", ["Path", "lang", "PATHS", "MLOPS_X", "TFENV_X", "GHOST", "xBUNDLE_VAR_x", "TF_LOG_"])
def test_what_is_not_on_it_is_not_kept(name: str, tmp_path: Path) -> None:
    assert name not in table(tmp_path, **x_as(name))
    assert table(tmp_path, passed=[name] if name != "MLOPS_X" else [], **x_as(name)).get(name) == (
        None if name == "MLOPS_X" else "x"
    )


@pytest.mark.parametrize(
    "name",
    ["DATABRICKS_X", "arm_x", "Google_X", "github_token", "GH_TOKEN", "no_proxy", "aws_profile", "HTTPS_proxy", "HOME",
     "PATH", "SANDBOX_DIR", "sandbox_fork_server", "CDKTF_X", "MLOPS_SANDBOX", "TF_CLI_ARGS_plan", "STATE_CREDENTIALS"],
)  # fmt: skip
def test_what_leads_out_is_not_let_through(name: str, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=f"{name} does not pass into the sandbox"):
        table(tmp_path, passed=[name], **x_as(name))


def test_a_variable_is_let_through_by_its_name(sandbox: Sandbox) -> None:
    done = sandbox("run", "--pass", "NODE_OPTIONS", "--pass", "PIP_NO_INDEX", "--", "env", PIP_NO_INDEX="1")
    assert {"NODE_OPTIONS=--title=real", "PIP_NO_INDEX=1"} <= set(done.stdout.splitlines())
    done = sandbox("run", "--pass", "AWS_SECRET_ACCESS_KEY", "--", "env", code=1)
    assert done.stderr == (
        "sandbox: AWS_SECRET_ACCESS_KEY does not pass into the sandbox: it is set there, or would lead out of it"
        " or hold a real credential. Leave out its --pass.\n"
    )
    done = sandbox("run", "--pass", "NOT_SET", "--", "env", code=1)
    assert done.stderr == "sandbox: NOT_SET is not set here: leave out its --pass, or export it.\n"


def test_a_moved_clock_is_told_to_synthesis_unless_the_user_tells_it(tmp_path: Path) -> None:
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    arguments: dict[str, Any] = {
        "folder": Folder(tmp_path),
        "relay": RELAY,
        "providers": Providers(tmp_path, ""),
        "who": ADMINISTRATOR,
    }
    assert "MLOPS_NOW" not in table(tmp_path)
    assert environment(outer={}, now=moment, **arguments)["MLOPS_NOW"] == "2030-01-01T00:00:00+00:00"
    assert environment(outer={"MLOPS_NOW": "x"}, now=moment, **arguments)["MLOPS_NOW"] == "x"


def test_credentials_are_masked_in_repr() -> None:
    assert "hush" not in repr(ADMINISTRATOR) + repr(Deployer("hush"))
