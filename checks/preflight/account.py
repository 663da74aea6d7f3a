"""The account: whether it is the right one, and whether the caller may make principals in it."""

from databricks.sdk.errors import PermissionDenied

from checks.check import Check, Finding, Outcome, Remedy
from checks.commands import databricks
from checks.live import Live
from checks.refusals import LoginError, said
from checks.remedies import make_account_admin

LOGIN, ADMIN = "account.login", "account.admin"
_CREDENTIALS = (
    "give Terraform the credentials of an account admin, as README.md shows (DATABRICKS_CLIENT_ID and "
    "DATABRICKS_CLIENT_SECRET, or a `profile` in mlops.yaml), and compare account.id and account.host of mlops.yaml "
    "with the account console"
)


def account_checks(live: Live) -> list[Check]:
    """The caller is let in, and is an account admin."""
    account = live.settings.account
    return [
        Check(
            id=LOGIN,
            about=f"{account.host} lets you into account {live.settings.account_id}",
            needs=(),
            run=lambda: _login(live),
            remedy=Remedy(_CREDENTIALS),
            docs="account",
        ),
        Check(
            id=ADMIN,
            about="you are an account admin, who may make service principals",
            needs=(LOGIN,),
            run=lambda: _admin(live),
            remedy=make_account_admin(),
            docs="account",
        ),
    ]


def caller(live: Live) -> str:
    """The name that the caller logs in with: a client id, or a user."""
    config = live.account.config
    return str(config.client_id or config.username or "the caller")


def _login(live: Live) -> Outcome:
    try:
        live.account  # noqa: B018 - it logs in
    except LoginError as error:
        return Finding(str(error))
    return f"as {caller(live)}"


def _admin(live: Live) -> Outcome:
    try:
        return f"the account has {len(live.workspaces())} workspaces"
    except PermissionDenied as error:
        return Finding(said(error), make_account_admin(*_make_admin(live)))


def _make_admin(live: Live) -> tuple[str, ...]:
    """By the application id, because only an account admin can look up the SCIM id."""
    settings = live.settings
    client_id = live.account.config.client_id if settings.account.auth_type == "oauth-m2m" else None
    if not client_id:
        return ()
    scim = f"/api/2.0/accounts/{settings.account_id}/scim/v2/ServicePrincipals"
    host, account_id = settings.account.host, settings.account_id
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "roles", "value": [{"value": "account_admin"}]}],
    }
    find = databricks(
        "GET", host, f'{scim}?filter=applicationId eq "{client_id}"'.replace(" ", "%20"), account_id=account_id
    )
    pick = """python3 -c 'import json, sys; print(json.load(sys.stdin)["Resources"][0]["id"])'"""
    change = databricks("PATCH", host, f"{scim}/ID", body, account_id=account_id).replace(f"{scim}/ID", f"{scim}/$ID")
    return (f"ID=$({find} | {pick})", change)
