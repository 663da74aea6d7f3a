"""The switches of a workspace: whether it has tokens, and how long they may live."""

from typing import Any

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied

from packages.sandbox.tests.databricks_sandbox import PROD, DatabricksSandbox

DAY = 86_400


def test_a_workspace_begins_with_tokens_and_no_limit(databricks: DatabricksSandbox) -> None:
    conf = databricks.workspace().workspace_conf
    assert conf.get_status("enableTokensConfig,maxTokenLifetimeDays") == {
        "enableTokensConfig": "true",
        "maxTokenLifetimeDays": None,
    }


def test_what_was_set_reads_back_in_that_workspace_alone(databricks: DatabricksSandbox) -> None:
    here, there = databricks.workspace().workspace_conf, databricks.workspace(PROD).workspace_conf
    here.set_status({"enableTokensConfig": "false"})
    here.set_status({"maxTokenLifetimeDays": "90"})
    keys = "enableTokensConfig,maxTokenLifetimeDays"
    assert here.get_status(keys) == {"enableTokensConfig": "false", "maxTokenLifetimeDays": "90"}
    assert there.get_status("enableTokensConfig") == {"enableTokensConfig": "true"}


def test_unknown_keys_are_named_as_the_provider_reads_them(databricks: DatabricksSandbox) -> None:
    conf = databricks.workspace().workspace_conf
    with pytest.raises(BadRequest, match=r'^Invalid keys: \["enableMagic"\]$'):
        conf.get_status("enableTokensConfig,enableMagic")
    with pytest.raises(BadRequest, match=r'^Invalid keys: \["enableMagic"\]$'):
        conf.set_status({"enableMagic": "true", "enableTokensConfig": "false"})
    assert conf.get_status("enableTokensConfig") == {"enableTokensConfig": "true"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("enableTokensConfig", "maybe"),
        ("enableTokensConfig", ""),
        ("maxTokenLifetimeDays", ""),
        ("maxTokenLifetimeDays", "731"),
        ("maxTokenLifetimeDays", "-1"),
        ("maxTokenLifetimeDays", 90),
    ],
)
def test_a_value_that_a_key_does_not_take_is_refused(databricks: DatabricksSandbox, key: str, value: Any) -> None:
    with pytest.raises(BadRequest, match=f'^Some values are not allowed: {{"{key}":'):
        databricks.workspace().workspace_conf.set_status({key: value})


def test_only_admins_see_or_change_them(databricks: DatabricksSandbox) -> None:
    _, member = databricks.make_member()
    with pytest.raises(PermissionDenied):
        member.workspace_conf.get_status("enableTokensConfig")
    with pytest.raises(PermissionDenied):
        member.workspace_conf.set_status({"enableTokensConfig": "true"})


def test_where_tokens_are_disabled_none_is_made_or_used_and_those_that_exist_survive(
    databricks: DatabricksSandbox,
) -> None:
    principal, member = databricks.make_member()
    before = databricks.store.dump()["databricks.token"]
    admin = databricks.workspace()
    admin.workspace_conf.set_status({"enableTokensConfig": "false"})
    with pytest.raises(NotFound, match=r"^Tokens are disabled\.$"):
        admin.token_management.create_obo_token(application_id=principal.application_id)
    with pytest.raises(NotFound, match=r"^Tokens are disabled\.$"):
        admin.tokens.create(lifetime_seconds=DAY)
    with pytest.raises(PermissionDenied, match=r"Tokens are disabled\."):
        member.current_user.me()
    assert databricks.store.dump()["databricks.token"] == before
    admin.workspace_conf.set_status({"enableTokensConfig": "true"})
    assert member.current_user.me().display_name == "ci"


def test_a_longest_lifetime_holds_for_new_tokens_of_every_kind(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    admin = databricks.workspace()
    admin.workspace_conf.set_status({"maxTokenLifetimeDays": "90"})
    for seconds, asked in ((91 * DAY, "lifetime_seconds 7862400"), (None, "no lifetime_seconds")):
        message = f"The maximum lifetime of tokens in this workspace is 90 days; {asked} is longer"
        with pytest.raises(BadRequest, match=message):
            admin.token_management.create_obo_token(application_id=principal.application_id, lifetime_seconds=seconds)
        with pytest.raises(BadRequest, match=message):
            member.tokens.create(lifetime_seconds=seconds)
    issued = admin.token_management.create_obo_token(application_id=principal.application_id, lifetime_seconds=90 * DAY)
    assert databricks.workspace(token=issued.token_value).tokens.create(lifetime_seconds=DAY).token_value
    admin.workspace_conf.set_status({"maxTokenLifetimeDays": "0"})
    assert admin.tokens.create().token_info.expiry_time == -1
