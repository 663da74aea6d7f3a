"""Who the deployed token is, what it is in its workspace, and that it opens no other."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied, Unauthenticated
from databricks.sdk.service.iam import User

from checks.check import Check, Finding, Outcome, Remedy, UncheckableError
from checks.commands import databricks
from checks.live import Live
from checks.refusals import LoginError, said
from checks.remedies import deploy_environment
from checks.workspaces import is_admin
from rotation import TokenPeriod
from settings import EnvironmentSettings, GitCode

# The entitlement of each field of `entitlements` in mlops.yaml, and the one that every principal of ours has.
_WORKSPACE_ACCESS, _CLUSTERS = "workspace-access", "allow-cluster-create"
# What every member of a workspace may have through its group `users`.
_OF_EVERYBODY = {_WORKSPACE_ACCESS, "databricks-sql-access"}
_SOON = timedelta(days=7)


def identity_checks(live: Live, environment: EnvironmentSettings) -> list[Check]:
    """The checks of one environment's principal and its tokens."""
    name, host = environment.name, environment.workspace.host
    redeploy = deploy_environment(name)

    def check(id_: str, about: str, needs: Sequence[str], run: Any, remedy: Remedy = redeploy) -> Check:
        return Check(f"{name}.{id_}", about, tuple(needs), run, remedy, "proof-afterwards")

    checks = [
        check(
            "token",
            f"the token in {environment.secret} is that of {environment.principal} in {host}",
            [],
            lambda: _token(live, environment),
        ),
        check(
            "user",
            f"{environment.principal} is a user of the workspace and no admin",
            [f"{name}.token"],
            lambda: _user(live, environment),
        ),
        check(
            "entitlements",
            f"{environment.principal} has the entitlements of mlops.yaml and no other",
            [f"{name}.token"],
            lambda: _entitlements(live, environment),
        ),
        check(
            "slots",
            f"both tokens of {environment.principal} are valid, and one of them for another {_SOON.days} days",
            [f"{name}.token"],
            lambda: _slots(live, environment),
        ),
    ]
    if code := _code_from_git(live, environment):
        path = "/api/2.0/git-credentials"
        body = {"git_provider": code.provider, "git_username": "<user>", "personal_access_token": "<token>"}
        checks.append(
            check(
                "git-credential",
                f"{environment.principal} can fetch {code.url}",
                [f"{name}.token"],
                partial(_fetches, live, environment, code),
                Remedy(
                    f"give it a credential that can read the repository, using the token in {environment.secret}",
                    (databricks("POST", host, path, body),),
                    by=environment.principal,
                ),
            )
        )
    for other in live.settings.environments:
        if other.workspace.host != host:
            checks.append(
                check(
                    f"refused-by-{other.name}",
                    f"{other.workspace.host} refuses the token",
                    [f"{name}.token"],
                    partial(_refused, live, environment, other),
                    Remedy(
                        "the token opens a workspace that is not its own: replace it by raising token.generation, and "
                        "find out who owns it"
                    ),
                )
            )
    return checks


def client_of(live: Live, environment: EnvironmentSettings) -> WorkspaceClient:
    """The environment's workspace as its principal."""
    return live.once(("as ci", environment.name), lambda: live.as_ci(environment))


def who(live: Live, environment: EnvironmentSettings) -> User:
    """Whom the workspace takes the token's bearer for."""
    return live.once(("ci", environment.name), lambda: client_of(live, environment).current_user.me())


def _code_from_git(live: Live, environment: EnvironmentSettings) -> GitCode | None:
    """The repository that the environment's jobs take their code from, if any: all of its targets have the same."""
    sources = (bundle.git_code for bundle in live.settings.bundles if bundle.environment == environment)
    return next((code for code in sources if code is not None), None)


def _fetches(live: Live, environment: EnvironmentSettings, code: GitCode) -> Outcome:
    held = [one.git_provider for one in client_of(live, environment).git_credentials.list()]
    if code.provider in held:
        return f"it has a credential for {code.provider}"
    if live.repository.visibility == "private":
        return Finding("it is private, and the principal has no Git credential")
    return "it is public"


def _token(live: Live, environment: EnvironmentSettings) -> Outcome:
    try:
        me = who(live, environment)
    except (LoginError, Unauthenticated, PermissionDenied) as error:
        return Finding(said(error))
    if me.display_name != environment.principal:
        return Finding(f"it is the token of {me.display_name or me.user_name}")
    return f"its application id is {me.user_name}"


def _user(live: Live, environment: EnvironmentSettings) -> Outcome:
    me = who(live, environment)
    if is_admin(me):
        return Finding("it is an admin")
    return f"in the groups {', '.join(sorted(str(one.display) for one in me.groups or ())) or 'none'}"


def _entitlements(live: Live, environment: EnvironmentSettings) -> Outcome:
    held = {entry.value for entry in who(live, environment).entitlements or () if entry.value}
    wanted = {_WORKSPACE_ACCESS} | ({_CLUSTERS} if environment.allow_cluster_create else set())
    missing, beyond = sorted(wanted - held), sorted(held - wanted - _OF_EVERYBODY)
    problems = [f"it lacks {', '.join(missing)}"] if missing else []
    problems += [f"it has {', '.join(beyond)} as well"] if beyond else []
    return Finding(" and ".join(problems)) if problems else ", ".join(sorted(held))


def _slots(live: Live, environment: EnvironmentSettings) -> Outcome:
    now = live.settings.invocation.now
    mine = [
        token
        for token in client_of(live, environment).tokens.list()
        if (made_for := TokenPeriod.of(token.comment or "")) and made_for.label == environment.principal
    ]
    ends = sorted(datetime.fromtimestamp((token.expiry_time or 0) / 1000, UTC) for token in mine)
    living = [end for end in ends if end > now]
    if not mine:
        raise UncheckableError("the principal sees no tokens of its own")
    if len(living) < 2:
        return Finding(f"{len(living)} of its tokens are valid")
    if living[-1] - now < _SOON:
        return Finding(f"the last one expires on {living[-1]:%Y-%m-%d}")
    return f"until {' and '.join(f'{end:%Y-%m-%d}' for end in living)}"


def _refused(live: Live, environment: EnvironmentSettings, other: EnvironmentSettings) -> Outcome:
    token = client_of(live, environment).config.token
    assert token is not None
    try:
        me = live.workspace_with(other.workspace.host, token).current_user.me()
    except (LoginError, Unauthenticated, PermissionDenied) as refusal:
        return said(refusal)
    return Finding(f"it logs in as {me.display_name or me.user_name}")
