"""`/workspace-conf`: switches of a workspace, as texts by key (https://docs.databricks.com/api/workspace/workspaceconf).

Of the many that the service knows, those about personal access tokens. The refusals are worded as the provider reads
them (workspace/resource_workspace_conf.go).
"""

import json
from typing import Any

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.workspace.workspace_conf import DEFAULTS, TOKENS_ENABLED, change, conf
from sandbox.databricks.world.workspaces import here
from sandbox.route import Answer, Call
from sandbox.source import databricks_provider
from sandbox.store import Document

_SOURCE = databricks_provider("workspace/resource_workspace_conf.go")

_LONGEST_DAYS = 730


def get_status(call: Call) -> Document:
    """The values of the keys that the query names."""
    keys = [key for key in call.query.get("keys", "").split(",") if key]
    _check_keys(keys)
    held = conf(call.store, here(call).id)
    return {key: held[key] for key in keys}


def set_status(call: Call) -> Answer:
    """Change some; all or none."""
    wanted = body(call)
    _check_keys(list(wanted))
    wrong = {key: value for key, value in wanted.items() if not _is_allowed(key, value)}
    if wrong:
        raise InvalidError(
            f"Some values are not allowed: {json.dumps(wrong, separators=(',', ':'))}",
            code="BAD_REQUEST",
            source=_SOURCE,
        )
    change(call.store, here(call).id, wanted)
    return Answer(status=204)


def _check_keys(keys: list[str]) -> None:
    unknown = [key for key in keys if key not in DEFAULTS]
    if unknown:
        raise InvalidError(
            f"Invalid keys: {json.dumps(unknown, separators=(',', ':'))}", code="BAD_REQUEST", source=_SOURCE
        )


def _is_allowed(key: str, value: Any) -> bool:
    if key == TOKENS_ENABLED:
        return value in ("true", "false")
    # Zero lifts the limit.
    return isinstance(value, str) and value.isdecimal() and int(value) <= _LONGEST_DAYS
