"""Wrong mlops.yaml files and, word for word, what their author is told."""

from pathlib import Path

import pytest

from settings import load
from settings.faults import FaultsError
from tests.good_file import GOOD


def changed(*edits: tuple[str, str]) -> str:
    """The good file with the last occurrence of each old text replaced."""
    text = GOOD
    for old, new in edits:
        before, found, after = text.rpartition(old)
        assert found, f"the good file has no {old!r}"
        text = before + new + after
    return text


WRONG = {
    "a_misspelt_key": (
        changed(("  owner: acme", "  ownr: acme")),
        """\
mlops.yaml:4:1: github.owner
  found    nothing
  allowed  The organisation or user that owns the repository.
  to do    add `owner:` here

mlops.yaml:5:3: github.ownr
  found    a key that does not exist
  allowed  owner, repository, workflow_permissions, allow_pull_request_creation, actions, protection, approvals, code_owners, required_checks, release_checks, release_from_main, signed_commits, other_secrets, other_rulesets, secret_scope
  to do    write owner

2 faults; nothing was changed.""",
    ),
    "a_secret_s_rule_without_its_environment": (
        changed(("    branch: release\n", "    branch: release\n    secret_on_branch_only: true\n")),
        """\
mlops.yaml:14:5: environments.prod.secret_on_branch_only
  found    a rule for the secret's GitHub environment, and the secret lies in the repository, where jobs of every branch read it
  allowed  with `github.secret_scope: environment`
  to do    set `secret_scope: environment` under github, or drop this key

1 fault; nothing was changed.""",
    ),
    "checks_of_a_release_branch_that_is_none": (
        changed(("    branch: release\n", ""), ("  owner: acme\n", "  owner: acme\n  release_checks: [e2e]\n")),
        """\
mlops.yaml:6:3: github.release_checks
  found    checks of release branches, and every environment is deployed from main
  allowed  with an environment whose `branch` is another one
  to do    list them under `required_checks`, or give production a branch of its own, such as release

1 fault; nothing was changed.""",
    ),
    "a_missing_section": (
        GOOD.replace("account:\n  id: 3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11\n", ""),
        """\
mlops.yaml:1:1: account
  found    nothing
  allowed  The Databricks account.
  to do    add `account:` here

1 fault; nothing was changed.""",
    ),
    "an_account_id_that_is_no_uuid": (
        changed(("3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11", "1234")),
        """\
mlops.yaml:3:3: account.id
  found    1234
  allowed  text: the account's id, a UUID
  to do    write text; a number or a date needs quotes

1 fault; nothing was changed.""",
    ),
    "an_account_id_that_is_a_number": (
        changed(("id: 3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11", "id: 12345678")),
        """\
mlops.yaml:3:3: account.id
  found    12345678
  allowed  text: the account's id, a UUID
  to do    write text; a number or a date needs quotes

1 fault; nothing was changed.""",
    ),
    "a_workspace_host_with_a_path": (
        changed(("https://acme-prod.cloud.databricks.com", "https://acme-prod.cloud.databricks.com/?o=123")),
        """\
mlops.yaml:12:5: environments.prod.host
  found    "https://acme-prod.cloud.databricks.com/?o=123"
  allowed  https:// and a host name in lower case, without port, path or trailing slash
  to do    copy the address of the workspace up to the first slash after https://

1 fault; nothing was changed.""",
    ),
    "a_workspace_host_without_scheme": (
        changed(("https://acme-prod.cloud.databricks.com", "acme-prod.cloud.databricks.com")),
        """\
mlops.yaml:12:5: environments.prod.host
  found    "acme-prod.cloud.databricks.com"
  allowed  https:// and a host name in lower case, without port, path or trailing slash
  to do    copy the address of the workspace up to the first slash after https://

1 fault; nothing was changed.""",
    ),
    "the_account_console_as_workspace": (
        changed(("https://acme-prod.cloud.databricks.com", "https://accounts.cloud.databricks.com")),
        """\
mlops.yaml:12:5: environments.prod.host
  found    https://accounts.cloud.databricks.com
  allowed  the address of a workspace
  to do    write the address that the workspace shows in the browser, not that of the account console

1 fault; nothing was changed.""",
    ),
    "a_workspace_as_account_host": (
        changed(("account:\n", "account:\n  host: https://acme-prod.cloud.databricks.com\n")),
        """\
mlops.yaml:3:3: account.host
  found    https://acme-prod.cloud.databricks.com
  allowed  the account console on aws, such as https://accounts.cloud.databricks.com
  to do    write the address of the account console, not that of a workspace, or drop the key

1 fault; nothing was changed.""",
    ),
    "a_workspace_of_another_cloud": (
        changed(("https://acme-prod.cloud.databricks.com", "https://123.4.gcp.databricks.com")),
        """\
mlops.yaml:12:5: environments.prod.host
  found    https://123.4.gcp.databricks.com
  allowed  a workspace on aws, as `cloud` says: its address ends in .cloud.databricks.com, .cloud.databricks.us or .cloud.databricks.mil
  to do    correct the host, or `cloud`

1 fault; nothing was changed.""",
    ),
    "azure": (
        changed(("project: taxi-fare\n", "project: taxi-fare\ncloud: azure\n")),
        """\
mlops.yaml:2:1: cloud
  found    "azure"
  allowed  aws, gcp: on Azure, Databricks gives no on-behalf-of tokens, on which the guide's secrets rest
  to do    write one of these

1 fault; nothing was changed.""",
    ),
    "an_unknown_cloud": (
        changed(("project: taxi-fare\n", "project: taxi-fare\ncloud: asw\n")),
        """\
mlops.yaml:2:1: cloud
  found    "asw"
  allowed  aws, gcp
  to do    write aws

1 fault; nothing was changed.""",
    ),
    "an_empty_file": (
        "",
        """\
mlops.yaml:1:1
  found    an empty file
  allowed  a map with the keys project, account, github and environments
  to do    start from the mlops.yaml of the example, which is filled in

1 fault; nothing was changed.""",
    ),
    "a_list": (
        "- project\n",
        """\
mlops.yaml:1:1
  found    a list
  allowed  a map with the keys project, account, github and environments
  to do    start from the mlops.yaml of the example, which is filled in

1 fault; nothing was changed.""",
    ),
    "text_that_is_not_yaml": (
        changed(("  owner: acme", "  owner: 'acme")),
        """\
mlops.yaml:14:1
  found    text that is not YAML: found unexpected end of stream
  allowed  one YAML document
  to do    correct the line, or the one above it; indentation and quotes are the usual causes

1 fault; nothing was changed.""",
    ),
    "a_tab": (
        changed(("  owner: acme", "\towner: acme")),
        """\
mlops.yaml:5:1
  found    text that is not YAML: found character that cannot start any token
  allowed  one YAML document
  to do    correct the line, or the one above it; indentation and quotes are the usual causes

1 fault; nothing was changed.""",
    ),
    "a_key_twice": (
        changed(("  repository: taxi-fare", "  repository: taxi-fare\n  repository: other")),
        """\
mlops.yaml:7:3: github.repository
  found    the key a second time; the first stands in line 6
  allowed  each key once
  to do    merge the two or remove one

1 fault; nothing was changed.""",
    ),
    "an_environment_named_repository": (
        changed(("  prod:", "  repository:")),
        """\
mlops.yaml:11:3: environments.repository
  found    the key repository
  allowed  lower-case letters, digits and single - between them; not repository, not bundle-...
  to do    rename the environment; its name is the name of its stack

1 fault; nothing was changed.""",
    ),
    "an_environment_in_capitals": (
        changed(("  prod:", "  Prod:")),
        """\
mlops.yaml:11:3: environments.Prod
  found    the key Prod
  allowed  lower-case letters, digits and single - between them; not repository, not bundle-...
  to do    rename the environment; its name is the name of its stack

1 fault; nothing was changed.""",
    ),
    "no_environments": (
        changed(
            (
                "environments:\n  staging:\n    host: https://acme-staging.cloud.databricks.com\n    targets: [staging, test]\n  prod:\n    host: https://acme-prod.cloud.databricks.com\n    branch: release\n",
                "environments: {}\n",
            )
        ),
        """\
mlops.yaml:7:1: environments
  found    an empty map
  allowed  at least one entry
  to do    add an environment

1 fault; nothing was changed.""",
    ),
    "an_environment_without_host": (
        changed(("    host: https://acme-prod.cloud.databricks.com\n", "")),
        """\
mlops.yaml:11:3: environments.prod.host
  found    nothing
  allowed  The workspace's address.
  to do    add `host:` here

1 fault; nothing was changed.""",
    ),
    "a_target_in_two_environments": (
        changed(("    branch: release", "    branch: release\n    targets: [prod, test]")),
        """\
mlops.yaml:14:21: environments.prod.targets[1]
  found    target test, which environments.staging has already
  allowed  each target in one environment: its principal deploys it
  to do    remove test from one of the two

1 fault; nothing was changed.""",
    ),
    "a_repository_with_its_owner": (
        changed(("repository: taxi-fare", "repository: acme/taxi-fare")),
        """\
mlops.yaml:6:3: github.repository
  found    "acme/taxi-fare"
  allowed  a GitHub repository name without owner and without .git
  to do    write only the last part of the repository's address

1 fault; nothing was changed.""",
    ),
    "an_owner_as_address": (
        changed(("owner: acme", "owner: https://github.com/acme")),
        """\
mlops.yaml:5:3: github.owner
  found    "https://github.com/acme"
  allowed  a GitHub organisation or user name: letters, digits and single hyphens
  to do    write only the part of the address between github.com/ and the repository

1 fault; nothing was changed.""",
    ),
    "a_token_in_the_file": (
        changed(("  owner: acme", "  owner: acme\n  token: ghp_0123456789abcdefghijABCDEFGHIJ012345")),
        """\
mlops.yaml:6:3: github.token
  found    a key that does not exist
  allowed  owner, repository, workflow_permissions, allow_pull_request_creation, actions, protection, approvals, code_owners, required_checks, release_checks, release_from_main, signed_commits, other_secrets, other_rulesets, secret_scope
  to do    remove the key

mlops.yaml:6:3: github.token
  found    something that looks like a credential; it is not shown here
  allowed  no credentials in mlops.yaml: it is committed
  to do    remove it, revoke it if it was ever pushed, and give it through the environment

2 faults; nothing was changed.""",
    ),
    "an_endless_token": (
        changed(("    branch: release", "    branch: release\n    token: {lifetime_days: 0}")),
        """\
mlops.yaml:14:13: environments.prod.token.lifetime_days
  found    0
  allowed  2 or more
  to do    write a number of 2 or more

1 fault; nothing was changed.""",
    ),
    "a_token_lifetime_in_words": (
        changed(("    branch: release", "    branch: release\n    token: {lifetime_days: 90d}")),
        """\
mlops.yaml:14:13: environments.prod.token.lifetime_days
  found    "90d"
  allowed  a whole number: days until a token expires by itself; every token made here does
  to do    write a number without quotes

1 fault; nothing was changed.""",
    ),
    "a_token_without_lifetime": (
        changed(("    branch: release", "    branch: release\n    token: {lifetime_days: null}")),
        """\
mlops.yaml:14:13: environments.prod.token.lifetime_days
  found    nothing
  allowed  a whole number: days until a token expires by itself; every token made here does
  to do    write a value, or remove the key to get the default

1 fault; nothing was changed.""",
    ),
    "a_rotation_longer_than_half_a_life": (
        changed(("    branch: release", "    branch: release\n    token: {lifetime_days: 30, rotation_days: 20}")),
        """\
mlops.yaml:14:32: environments.prod.token.rotation_days
  found    20
  allowed  1 to 15, half of lifetime_days
  to do    rotate more often: a token serves one period as the current one and one as the previous one

1 fault; nothing was changed.""",
    ),
    "a_token_that_lives_a_day": (
        changed(("    branch: release", "    branch: release\n    token: {lifetime_days: 1}")),
        """\
mlops.yaml:14:13: environments.prod.token.lifetime_days
  found    1
  allowed  2 or more
  to do    write a number of 2 or more

1 fault; nothing was changed.""",
    ),
    "a_generation_of_zero": (
        changed(("    branch: release", "    branch: release\n    token: {generation: 0}")),
        """\
mlops.yaml:14:13: environments.prod.token.generation
  found    0
  allowed  1 or more
  to do    write a number of 1 or more

1 fault; nothing was changed.""",
    ),
    "a_secret_that_github_reserves": (
        changed(("    branch: release", "    branch: release\n    secret: GITHUB_WORKSPACE_TOKEN")),
        """\
mlops.yaml:14:5: environments.prod.secret
  found    "GITHUB_WORKSPACE_TOKEN"
  allowed  capital letters, digits and _, no digit first, not beginning with GITHUB_
  to do    use the name that the workflows read, such as STAGING_WORKSPACE_TOKEN

1 fault; nothing was changed.""",
    ),
    "one_secret_for_two_environments": (
        changed(("    branch: release", "    branch: release\n    secret: STAGING_WORKSPACE_TOKEN")),
        """\
mlops.yaml:14:5: environments.prod.secret
  found    the Actions secret STAGING_WORKSPACE_TOKEN, which environments.staging uses already
  allowed  a name of its own for each environment
  to do    change `secret` of one of the two

1 fault; nothing was changed.""",
    ),
    "one_principal_for_two_environments": (
        changed(
            (
                "    branch: release\n",
                "    branch: release\n    principal: ci\n  next:\n    host: https://acme-next.cloud.databricks.com\n    principal: ci\n",
            )
        ),
        """\
mlops.yaml:17:5: environments.next.principal
  found    the display name ci, which environments.prod uses already
  allowed  a name of its own for each environment
  to do    change `principal` of one of the two

1 fault; nothing was changed.""",
    ),
    "a_principal_named_as_another_one_by_default": (
        changed(("    branch: release\n", "    branch: release\n    principal: Taxi-Fare-Staging-CI\n")),
        """\
mlops.yaml:14:5: environments.prod.principal
  found    the display name Taxi-Fare-Staging-CI, which environments.staging uses already
  allowed  a name of its own for each environment
  to do    change `principal` of one of the two

1 fault; nothing was changed.""",
    ),
    "a_principal_by_default_that_another_one_is_named_as": (
        changed(("  prod:\n", "    principal: taxi-fare-prod-ci\n  prod:\n")),
        """\
mlops.yaml:12:3: environments.prod.principal
  found    the display name taxi-fare-prod-ci, which environments.staging uses already
  allowed  a name of its own for each environment
  to do    change `principal` of one of the two

1 fault; nothing was changed.""",
    ),
    "a_secret_of_others_that_is_ours": (
        changed(("  repository: taxi-fare", "  repository: taxi-fare\n  other_secrets: [X, PROD_WORKSPACE_TOKEN]")),
        """\
mlops.yaml:7:22: github.other_secrets[1]
  found    PROD_WORKSPACE_TOKEN, which environments.prod sets
  allowed  secrets that others keep there
  to do    remove it, or let `secret` of the environment name another one

1 fault; nothing was changed.""",
    ),
    "an_infrastructure_repository_that_is_the_ml_repository": (
        changed(("environments:", "infrastructure:\n  owner: ACME\n  repository: Taxi-Fare\nenvironments:")),
        """\
mlops.yaml:9:3: infrastructure.repository
  found    the ML repository
  allowed  the repository of mlops.yaml, which is another one
  to do    keep mlops.yaml in a repository of its own: whoever may change workflows where it lies can run anything with the credentials that set up production

1 fault; nothing was changed.""",
    ),
    "a_branch_with_a_wildcard": (
        changed(("branch: release", "branch: release/*")),
        """\
mlops.yaml:13:5: environments.prod.branch
  found    "release/*"
  allowed  a Git branch name without spaces and wildcards
  to do    write the branch as `git branch` shows it

1 fault; nothing was changed.""",
    ),
    "a_quoted_boolean": (
        changed(("  repository: taxi-fare", '  repository: taxi-fare\n  code_owners: "yes"')),
        """\
mlops.yaml:7:3: github.code_owners
  found    "yes"
  allowed  true or false: whether a code owner must approve (profile team only)
  to do    write true or false without quotes

1 fault; nothing was changed.""",
    ),
    "yes_for_true": (
        changed(("  repository: taxi-fare", "  repository: taxi-fare\n  code_owners: yes")),
        """\
mlops.yaml:7:3: github.code_owners
  found    "yes"
  allowed  true or false: whether a code owner must approve (profile team only)
  to do    write true or false without quotes

1 fault; nothing was changed.""",
    ),
    "code_owners_with_solo": (
        changed(("  repository: taxi-fare", "  repository: taxi-fare\n  protection: solo\n  code_owners: true")),
        """\
mlops.yaml:8:3: github.code_owners
  found    true
  allowed  true only with `protection: team`
  to do    remove code_owners: with no approvals required it would have no effect

1 fault; nothing was changed.""",
    ),
    "an_unknown_profile": (
        changed(("  repository: taxi-fare", "  repository: taxi-fare\n  protection: teams")),
        """\
mlops.yaml:7:3: github.protection
  found    "teams"
  allowed  team, solo
  to do    write team

1 fault; nothing was changed.""",
    ),
    "patterns_without_selected": (
        changed(("  repository: taxi-fare", "  repository: taxi-fare\n  actions: {patterns: ['databricks/*']}")),
        """\
mlops.yaml:7:13: github.actions.patterns
  found    a list
  allowed  patterns only together with `allowed: selected`
  to do    set `allowed: selected`, or remove the patterns, which would have no effect

1 fault; nothing was changed.""",
    ),
    "an_unknown_backend": (
        changed(("account:\n", "state: {type: s4}\naccount:\n")),
        """\
mlops.yaml:2:9: state.type
  found    "s4"
  allowed  local, s3, azurerm, gcs, http
  to do    write one of these

1 fault; nothing was changed.""",
    ),
    "a_backend_without_its_bucket": (
        changed(
            ("account:\n", "state:\n  type: s3\n  config: {key: '{stack}.tfstate', region: eu-west-1}\naccount:\n")
        ),
        """\
mlops.yaml:4:3: state.config
  found    a map
  allowed  for s3 at least bucket, key, region
  to do    add bucket

1 fault; nothing was changed.""",
    ),
    "one_state_for_all_stacks": (
        changed(
            (
                "account:\n",
                "state:\n  type: s3\n  config: {bucket: acme, key: terraform.tfstate, region: eu-west-1}\naccount:\n",
            )
        ),
        """\
mlops.yaml:4:3: state.config
  found    a map
  allowed  {stack} in one of the values, so that no two stacks share a state
  to do    put {stack} into `key`

1 fault; nothing was changed.""",
    ),
    "a_state_with_its_password": (
        changed(
            (
                "account:\n",
                "state:\n  type: http\n  config: {address: 'https://tf.acme.com/{stack}', password: hunter22}\naccount:\n",
            )
        ),
        """\
mlops.yaml:4:52: state.config.password
  found    a value that is not shown here
  allowed  no credentials in mlops.yaml
  to do    remove `password` and give it to Terraform through the environment, as the http backend's documentation says

1 fault; nothing was changed.""",
    ),
    "a_local_state_with_a_path": (
        changed(("account:\n", "state:\n  type: local\n  config: {path: x}\naccount:\n")),
        """\
mlops.yaml:4:3: state.config
  found    a map
  allowed  nothing for a local state, which lies in state/<stack>.tfstate
  to do    remove config, or choose another type

1 fault; nothing was changed.""",
    ),
    "a_catalog_with_dots": (
        changed(("    branch: release", "    branch: release\n    catalogs: {prod.taxi: {}}")),
        """\
mlops.yaml:14:16: environments.prod.catalogs.prod.taxi
  found    the key prod.taxi
  allowed  a catalog or schema name without dots, slashes, spaces and backquotes
  to do    write one level of the three-level name, as it is and without quotes of SQL

1 fault; nothing was changed.""",
    ),
    "a_catalog_as_list": (
        changed(("    branch: release", "    branch: release\n    catalogs: [prod]")),
        """\
mlops.yaml:14:5: environments.prod.catalogs
  found    a list
  allowed  a map: the catalogs that its targets use; by default one named as each target. A bundle that works in others is refused
  to do    write one `key: value` per line, indented

1 fault; nothing was changed.""",
    ),
    "a_storage_root_for_an_existing_catalog": (
        changed(("    branch: release", "    branch: release\n    catalogs: {prod: {storage_root: 's3://acme'}}")),
        """\
mlops.yaml:14:23: environments.prod.catalogs.prod.storage_root
  found    "s3://acme"
  allowed  only with `create: true`
  to do    remove storage_root: an existing catalog keeps the storage that it has

1 fault; nothing was changed.""",
    ),
    "an_owner_for_what_exists": (
        changed(("    branch: release", "    branch: release\n    catalogs: {prod: {owner: platform}}")),
        """\
mlops.yaml:14:23: environments.prod.catalogs.prod.owner
  found    "platform"
  allowed  only with `create: true` or `create_schema: true`
  to do    remove owner: what exists keeps its owner

1 fault; nothing was changed.""",
    ),
    "a_created_catalog_without_schema": (
        changed(
            ("    branch: release", "    branch: release\n    catalogs: {prod: {create: true, create_schema: false}}")
        ),
        """\
mlops.yaml:14:37: environments.prod.catalogs.prod.create_schema
  found    false
  allowed  true with `create: true`: nobody else can have made a schema in a catalog that is not there
  to do    remove create_schema

1 fault; nothing was changed.""",
    ),
    "one_catalog_created_twice": (
        changed(
            ("    targets: [staging, test]", "    catalogs: {ml: {create: true}}\n    targets: [staging, test]"),
            ("    branch: release", "    branch: release\n    catalogs: {ml: {create: true}}"),
        ),
        """\
mlops.yaml:15:16: environments.prod.catalogs.ml
  found    catalog ml, which staging lists as well (mlops.yaml:10:16)
  allowed  each catalog in one environment, unless an entry says that it is shared
  to do    name another catalog, or say that the principals of both are meant to work in it: `ml: {shared_with: [staging]}`

mlops.yaml:15:21: environments.prod.catalogs.ml.create
  found    catalog ml, which environments.staging creates already
  allowed  each catalog created by one environment
  to do    remove `create: true` from one of the two

2 faults; nothing was changed.""",
    ),
    "a_table_of_two_levels": (
        changed(("    branch: release", "    branch: release\n    input_tables: [raw.trips]")),
        """\
mlops.yaml:14:20: environments.prod.input_tables[0]
  found    "raw.trips"
  allowed  catalog.schema.table
  to do    write the table's full three-level name

1 fault; nothing was changed.""",
    ),
    "a_table_twice": (
        changed(("    branch: release", "    branch: release\n    input_tables: [raw.taxi.trips, raw.taxi.trips]")),
        """\
mlops.yaml:14:36: environments.prod.input_tables[1]
  found    raw.taxi.trips a second time
  allowed  each table once
  to do    remove one of the two

1 fault; nothing was changed.""",
    ),
    "tables_as_text": (
        changed(("    branch: release", "    branch: release\n    input_tables: raw.taxi.trips")),
        """\
mlops.yaml:14:5: environments.prod.input_tables
  found    "raw.taxi.trips"
  allowed  a list: existing tables that its jobs read
  to do    write one `- item` per line, or [a, b]

1 fault; nothing was changed.""",
    ),
    "a_blank_group": (
        changed(("    branch: release", "    branch: release\n    token_users_group: ''")),
        """\
mlops.yaml:14:5: environments.prod.token_users_group
  found    ""
  allowed  text that is not blank
  to do    write a value or drop the key

1 fault; nothing was changed.""",
    ),
    "a_project_with_spaces": (
        changed(("project: taxi-fare", "project: Taxi Fare")),
        """\
mlops.yaml:1:1: project
  found    "Taxi Fare"
  allowed  lower-case letters, digits and single - or _ between them, a letter first
  to do    choose a short name such as taxi-fare; it names the principals and the schema

1 fault; nothing was changed.""",
    ),
    "an_environment_that_is_text": (
        changed(
            (
                "  prod:\n    host: https://acme-prod.cloud.databricks.com\n    branch: release",
                "  prod: https://acme-prod.cloud.databricks.com",
            )
        ),
        """\
mlops.yaml:11:3: environments.prod
  found    "https://acme-prod.cloud.databricks.com"
  allowed  a map
  to do    write one `key: value` per line, indented

1 fault; nothing was changed.""",
    ),
    "an_empty_environment": (
        changed(("  prod:\n    host: https://acme-prod.cloud.databricks.com\n    branch: release", "  prod:")),
        """\
mlops.yaml:11:3: environments.prod
  found    nothing
  allowed  a map
  to do    write a value

1 fault; nothing was changed.""",
    ),
    "an_unknown_auth_type": (
        changed(("    branch: release", "    branch: release\n    auth_type: oauth")),
        """\
mlops.yaml:14:5: environments.prod.auth_type
  found    "oauth"
  allowed  oauth-m2m, pat, databricks-cli, github-oidc, env-oidc, file-oidc, google-id
  to do    write oauth-m2m

1 fault; nothing was changed.""",
    ),
    "several_faults_at_once": (
        changed(
            ("project: taxi-fare", "project: Taxi"),
            ("  owner: acme", "  ownr: acme"),
            ("    branch: release", "    brunch: release"),
        ),
        """\
mlops.yaml:1:1: project
  found    "Taxi"
  allowed  lower-case letters, digits and single - or _ between them, a letter first
  to do    choose a short name such as taxi-fare; it names the principals and the schema

mlops.yaml:4:1: github.owner
  found    nothing
  allowed  The organisation or user that owns the repository.
  to do    add `owner:` here

mlops.yaml:5:3: github.ownr
  found    a key that does not exist
  allowed  owner, repository, workflow_permissions, allow_pull_request_creation, actions, protection, approvals, code_owners, required_checks, release_checks, release_from_main, signed_commits, other_secrets, other_rulesets, secret_scope
  to do    write owner

mlops.yaml:13:5: environments.prod.brunch
  found    a key that does not exist
  allowed  host, auth_type, profile, branch, targets, principal, secret, secret_on_branch_only, token, entitlements, token_users_group, catalogs, input_tables, output_tables
  to do    write branch

4 faults; nothing was changed.""",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_answered_with_place_finding_and_remedy(name: str, tmp_path: Path) -> None:
    text, message = WRONG[name]
    (tmp_path / "mlops.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load(folder=tmp_path, environ={})
    assert str(caught.value) == message


def test_the_good_file_has_no_faults(tmp_path: Path) -> None:
    (tmp_path / "mlops.yaml").write_text(GOOD, encoding="utf-8")
    assert load(folder=tmp_path, environ={}).project == "taxi-fare"
