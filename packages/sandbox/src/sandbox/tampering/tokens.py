"""Tokens that somebody revokes, annotates or makes, and one that time ends."""

from sandbox.databricks.world.identity import credentials
from sandbox.tampering.acts import Act, by_hand, generated
from sandbox.tampering.console import Console, ImpossibleError
from sandbox.tampering.managed import Managed


def _path(one: Managed) -> str:
    return f"/api/2.0/token-management/tokens/{one['id']}"


def _annotate(console: Console, one: Managed) -> None:
    comment = console.databricks("GET", one.host, _path(one))["token_info"].get("comment", "")
    console.databricks(
        "PATCH", one.host, _path(one), {"token": {"comment": by_hand(comment)}, "update_mask": "comment"}
    )


def _revoke(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, _path(one))


def _expire(console: Console, one: Managed) -> None:
    # No request moves the end of a token: this alone is written past the services.
    with console.store.transaction():
        if not credentials.expire_token(console.store, console.clock, str(one["id"])):
            raise ImpossibleError("it has already expired")


def _make_another(console: Console, one: Managed) -> None:
    body = {"application_id": one["application_id"], "comment": "made by hand"}
    console.databricks("POST", one.host, "/api/2.0/token-management/on-behalf-of/tokens", body)


def _forbid(console: Console, one: Managed) -> None:
    path = "/api/2.0/permissions/authorization/tokens"
    if len(console.databricks("GET", one.host, path)["access_control_list"]) == 1:  # the admins' own entry stays
        raise ImpossibleError("only admins may use tokens already")
    console.databricks("PUT", one.host, path, {"access_control_list": []})


_TOKEN = ("databricks_obo_token",)

ACTS = (
    generated("databricks_obo_token", "comment", "gets another comment", _annotate),
    Act("token-revoked", "is revoked", _TOKEN, _revoke),
    Act("token-expired", "reaches its end now", _TOKEN, _expire),
    Act("token-made-by-hand", "gets a sibling without an end, made by hand", _TOKEN, _make_another),
    Act("tokens-forbidden", "ends with those of all others: only admins may use tokens now", _TOKEN, _forbid),
)
