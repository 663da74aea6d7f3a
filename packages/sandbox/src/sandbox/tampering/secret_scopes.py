"""What somebody does to secret scopes and to who may use them."""

from sandbox.tampering.acts import Act, another, generated
from sandbox.tampering.console import Console
from sandbox.tampering.managed import Managed

_SECRETS = "/api/2.0/secrets"


def _change_level(console: Console, one: Managed) -> None:
    named = {"scope": one["scope"], "principal": one["principal"]}
    level = another(("READ", "WRITE", "MANAGE"), one["permission"])
    console.databricks("POST", one.host, f"{_SECRETS}/acls/put", {**named, "permission": level})


def _take_away(console: Console, one: Managed) -> None:
    console.databricks(
        "POST", one.host, f"{_SECRETS}/acls/delete", {"scope": one["scope"], "principal": one["principal"]}
    )


def _delete(console: Console, one: Managed) -> None:
    console.databricks("POST", one.host, f"{_SECRETS}/scopes/delete", {"scope": one["name"]})


_ACL = "databricks_secret_acl"

ACTS = (
    generated(_ACL, "permission", "is of another level", _change_level),
    Act("scope-access-removed", "is taken away", (_ACL,), _take_away),
    Act("scope-deleted", "is deleted, and its secrets with it", ("databricks_secret_scope",), _delete),
)
