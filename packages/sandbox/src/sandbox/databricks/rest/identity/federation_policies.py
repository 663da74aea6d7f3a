"""`/servicePrincipals/{id}/federationPolicies`: whose identity tokens a service principal may log in with.

https://docs.databricks.com/api/account/serviceprincipalfederationpolicy. They are kept and shown; nothing logs in by
them. What was not sent does not come back: the provider fails on defaults
(resource_service_principal_federation_policy.go).
"""

import re
import uuid
from typing import Any

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.world.identity import federation_policies, principals
from sandbox.databricks.world.identity.principals import SERVICE_PRINCIPAL, Principal
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_sdk
from sandbox.store import Document

_SDK = databricks_sdk("databricks/sdk/service/oauth2.py")
_SOURCE = databricks_api("account/serviceprincipalfederationpolicy")

_POLICY_ID = re.compile(r"[a-z0-9/-]+")
_WRITABLE = ("description", "oidc_policy")
_TEXTS = ("issuer", "subject", "subject_claim", "jwks_uri", "jwks_json")


def list_policies(call: Call) -> Document:
    """Those of a service principal."""
    owner = _owner(call)
    held = federation_policies.policies_of(call.store, owner.id)
    return {"policies": [_shown(call, owner, policy_id, kept) for policy_id, kept in held]}


def create_policy(call: Call) -> Document:
    """Make one; the query may name it."""
    owner, policy_id = _owner(call), call.query.get("policy_id") or str(uuid.uuid4())
    if not _POLICY_ID.fullmatch(policy_id):
        raise InvalidError(
            f"policy_id may contain only lowercase letters, numbers, hyphens and slashes, not {policy_id}.", source=_SDK
        )
    federation_policies.check_room(call.store, owner.id, policy_id)
    sent = _sent(call)
    _check(sent.get("oidc_policy"))
    return _shown(call, owner, policy_id, federation_policies.create(call, owner.id, policy_id, sent))


def get_policy(call: Call) -> Document:
    """One."""
    owner, policy_id = _owner(call), call.params["policy_id"]
    return _shown(call, owner, policy_id, federation_policies.require(call.store, owner.id, policy_id))


def update_policy(call: Call) -> Document:
    """Change what the mask names; everything with `*`, what was sent without one."""
    owner, policy_id = _owner(call), call.params["policy_id"]
    kept, sent = federation_policies.require(call.store, owner.id, policy_id), _sent(call)
    mask = call.query.get("update_mask", "")
    for path in _WRITABLE if mask == "*" else mask.split(",") if mask else tuple(sent):
        _copy(path, sent, kept)
    _check(kept.get("oidc_policy"))
    return _shown(call, owner, policy_id, federation_policies.save(call, owner.id, policy_id, kept))


def delete_policy(call: Call) -> None:
    """Remove one."""
    owner, policy_id = _owner(call), call.params["policy_id"]
    federation_policies.require(call.store, owner.id, policy_id)
    federation_policies.delete(call.store, owner.id, policy_id)


def _owner(call: Call) -> Principal:
    principal = principals.get(call.store, call.params["id"])
    if principal is None or principal.kind != SERVICE_PRINCIPAL:
        raise NotFoundError(f"Service principal {call.params['id']} does not exist.", source=_SOURCE)
    return principal


def _sent(call: Call) -> Document:
    return {name: body(call)[name] for name in _WRITABLE if body(call).get(name) is not None}


def _copy(path: str, sent: Document, kept: Document) -> None:
    """Make one field what was sent, which may be nothing: "description", or "oidc_policy.audiences"."""
    outer, _, inner = path.partition(".")
    if inner and isinstance(sent.get(outer, {}), dict):
        kept[outer] = dict(kept.get(outer, {}))
        outer, sent, kept = inner, sent.get(outer, {}), kept[outer]
    kept.pop(outer, None)
    if outer in sent:
        kept[outer] = sent[outer]


def _check(policy: Any) -> None:
    if not isinstance(policy, dict):
        raise InvalidError("Missing required field: oidc_policy", source=_SOURCE)
    for name in ("issuer", "subject"):
        if not policy.get(name):
            raise InvalidError(f"Missing required field: oidc_policy.{name}", source=_SOURCE)
    if any(not isinstance(policy.get(name, ""), str) for name in _TEXTS):
        raise InvalidError(f"{', '.join(_TEXTS)} of oidc_policy are texts.", source=_SOURCE)
    if not str(policy["issuer"]).startswith("https://"):
        raise InvalidError(f"oidc_policy.issuer must be an https URL, not {policy['issuer']}.", source=_SOURCE)


def _shown(call: Call, owner: Principal, policy_id: str, kept: Document) -> Document:
    name = f"accounts/{call.world.account_id}/servicePrincipals/{owner.id}/federationPolicies/{policy_id}"
    return {**kept, "name": name, "policy_id": policy_id, "service_principal_id": int(owner.id)}
