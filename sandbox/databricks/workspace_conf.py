"""`/workspace-conf`: switches of a workspace, as texts by key (https://docs.databricks.com/api/workspace/workspaceconf).

Of the many that the service knows, those about personal access tokens. The refusals are worded as the provider reads
them (workspace/resource_workspace_conf.go).
"""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.databricks.bodies import body
from sandbox.databricks.refusals import InvalidError
from sandbox.databricks.workspaces import here
from sandbox.route import Answer, Call
from sandbox.store import Document, Store

TOKENS_ENABLED, LONGEST_LIFETIME = "enableTokensConfig", "maxTokenLifetimeDays"

_KIND = "databricks.workspace_conf"
_LONGEST_DAYS = 730
# What nobody has set has no value, except where the service begins with one.
_DEFAULTS: Mapping[str, str | None] = {TOKENS_ENABLED: "true", LONGEST_LIFETIME: None}


def tokens_enabled(store: Store, workspace_id: int) -> bool:
    """Whether personal access tokens can be made and used in a workspace; those that exist survive being useless.

    https://docs.databricks.com/aws/en/admin/access-control/tokens
    """
    return _conf(store, workspace_id)[TOKENS_ENABLED] == "true"


def longest_lifetime_days(store: Store, workspace_id: int) -> int | None:
    """How long new tokens may live at most; None when nobody has said."""
    return int(_conf(store, workspace_id)[LONGEST_LIFETIME] or 0) or None


def get_status(call: Call) -> Document:
    """The values of the keys that the query names."""
    keys = [key for key in call.query.get("keys", "").split(",") if key]
    _check_keys(keys)
    held = _conf(call.store, here(call).id)
    return {key: held[key] for key in keys}


def set_status(call: Call) -> Answer:
    """Change some; all or none."""
    wanted = body(call)
    _check_keys(list(wanted))
    wrong = {key: value for key, value in wanted.items() if not _is_allowed(key, value)}
    if wrong:
        raise InvalidError(
            f"Some values are not allowed: {json.dumps(wrong, separators=(',', ':'))}", code="BAD_REQUEST"
        )
    workspace_id = str(here(call).id)
    call.store.put(_KIND, workspace_id, {**(call.store.get(_KIND, workspace_id) or {}), **wanted})
    return Answer(status=204)


def _conf(store: Store, workspace_id: int) -> Mapping[str, str | None]:
    return {**_DEFAULTS, **(store.get(_KIND, str(workspace_id)) or {})}


def _check_keys(keys: list[str]) -> None:
    unknown = [key for key in keys if key not in _DEFAULTS]
    if unknown:
        raise InvalidError(f"Invalid keys: {json.dumps(unknown, separators=(',', ':'))}", code="BAD_REQUEST")


def _is_allowed(key: str, value: Any) -> bool:
    if key == TOKENS_ENABLED:
        return value in ("true", "false")
    # Zero lifts the limit.
    return isinstance(value, str) and value.isdecimal() and int(value) <= _LONGEST_DAYS
