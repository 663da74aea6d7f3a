"""Switches of a workspace, as texts by key: of the many that the service knows, those about personal access tokens."""

from collections.abc import Mapping

from sandbox.context import Context
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.workspaces import here
from sandbox.source import databricks_docs, ours
from sandbox.store import Store

_SOURCE = databricks_docs("admin/access-control/tokens")
_LONGER = ours("whether a longer lifetime is refused or cut is in no document; a refusal hides nothing")

TOKENS_ENABLED, LONGEST_LIFETIME = "enableTokensConfig", "maxTokenLifetimeDays"

DEFAULTS: Mapping[str, str | None] = {TOKENS_ENABLED: "true", LONGEST_LIFETIME: None}
"""The known keys. What nobody has set has no value, except where the service begins with one."""

_KIND = "databricks.workspace_conf"
_DAY_SECONDS = 86_400


def conf(store: Store, workspace_id: int) -> Mapping[str, str | None]:
    """Every key with its value."""
    return {**DEFAULTS, **(store.get(_KIND, str(workspace_id)) or {})}


def change(store: Store, workspace_id: int, changes: Mapping[str, str]) -> None:
    """Set some keys."""
    store.put(_KIND, str(workspace_id), {**(store.get(_KIND, str(workspace_id)) or {}), **changes})


def tokens_enabled(store: Store, workspace_id: int) -> bool:
    """Whether personal access tokens can be made and used in a workspace; those that exist survive being useless.

    https://docs.databricks.com/aws/en/admin/access-control/tokens
    """
    return conf(store, workspace_id)[TOKENS_ENABLED] == "true"


def token_lifetime(context: Context, seconds: int | None) -> int | None:
    """The lifetime that a new token was asked to have; none means for ever, where the workspace sets no limit.

    Whether the service refuses a longer one or cuts it is in no document; refusing hides nothing.
    """
    if seconds is not None and seconds <= 0:
        raise InvalidError("lifetime_seconds must be greater than zero.", source=_SOURCE)
    days = int(conf(context.store, here(context).id)[LONGEST_LIFETIME] or 0)
    if days and (seconds is None or seconds > days * _DAY_SECONDS):
        asked = "no lifetime_seconds" if seconds is None else f"lifetime_seconds {seconds}"
        raise InvalidError(
            f"The maximum lifetime of tokens in this workspace is {days} days; {asked} is longer.", source=_LONGER
        )
    return seconds
