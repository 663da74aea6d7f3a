"""What is wrong with a bundle is said in the CLI's words and at the right place.

Every message was held against `databricks bundle validate` of the release whose rules we follow.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bundle import Git, Identity, Severity, resolve


@dataclass(frozen=True)
class Case:
    """A bundle's files, and the worst said about it; {root} stands for its folder, {parent} for the one above."""

    name: str
    files: dict[str, str]
    severity: Severity
    summary: str
    place: str
    target: str = ""


CASES = (
    Case(
        "an_unclosed_list",
        {
            "databricks.yml": """\
bundle: {name: b}
include: [a
""",
        },
        Severity.ERROR,
        "failed to load {root}/databricks.yml: yaml: line 1: did not find expected ',' or ']'",
        "databricks.yml:3:1",
    ),
    Case(
        "a_tab_for_indentation",
        {
            "databricks.yml": "bundle:\n\tname: b\n",
        },
        Severity.ERROR,
        ("failed to load {root}/databricks.yml: yaml: line 2: found character that cannot start any token"),
        "databricks.yml:2:1",
    ),
    Case(
        "an_outdented_key",
        {
            "databricks.yml": """\
bundle:
  name: b
 uuid: x
""",
        },
        Severity.ERROR,
        "failed to load {root}/databricks.yml: yaml: line 2: did not find expected key",
        "databricks.yml:3:2",
    ),
    Case(
        "two_colons_in_a_line",
        {
            "databricks.yml": """\
bundle: {name: b}
x: y: z
""",
        },
        Severity.ERROR,
        ("failed to load {root}/databricks.yml: yaml: line 2: mapping values are not allowed in this context"),
        "databricks.yml:2:5",
    ),
    Case(
        "an_unclosed_quote",
        {
            "databricks.yml": """\
bundle: {name: b}
x: 'y
""",
        },
        Severity.ERROR,
        "failed to load {root}/databricks.yml: yaml: line 2: found unexpected end of stream",
        "databricks.yml:3:1",
    ),
    Case(
        "an_alias_without_anchor",
        {
            "databricks.yml": """\
bundle: {name: b}
x: *y
""",
        },
        Severity.ERROR,
        "failed to load {root}/databricks.yml: yaml: unknown anchor 'y' referenced",
        "databricks.yml:2:4",
    ),
    Case(
        "a_number_as_key",
        {
            "databricks.yml": """\
bundle: {name: b}
1: x
""",
        },
        Severity.ERROR,
        ("failed to load {root}/databricks.yml: yaml ({root}/databricks.yml:1:1): invalid key tag: !!int"),
        "databricks.yml:1:1",
    ),
    Case(
        "a_list_as_key",
        {
            "databricks.yml": """\
bundle: {name: b}
? [a]
: x
""",
        },
        Severity.ERROR,
        ("failed to load {root}/databricks.yml: yaml ({root}/databricks.yml:1:1): key is not a scalar"),
        "databricks.yml:1:1",
    ),
    Case(
        "a_merge_of_a_map_written_in_place",
        {
            "databricks.yml": """\
bundle: {name: b}
x:
  <<: {a: 1}
""",
        },
        Severity.ERROR,
        (
            "failed to load {root}/databricks.yml: yaml ({root}/databricks.yml:3:7): map merge requires "
            "map or sequence of maps as the value"
        ),
        "databricks.yml:3:7",
    ),
    Case(
        "a_merge_of_a_scalar",
        {
            "databricks.yml": """\
bundle: {name: b}
s: &s 1
x:
  <<: *s
""",
        },
        Severity.ERROR,
        (
            "failed to load {root}/databricks.yml: yaml ({root}/databricks.yml:4:7): map merge requires "
            "map or sequence of maps as the value"
        ),
        "databricks.yml:4:7",
    ),
    Case(
        "an_unknown_tag",
        {
            "databricks.yml": """\
bundle: {name: b}
x: !foo 1
""",
        },
        Severity.ERROR,
        "failed to load {root}/databricks.yml: yaml ({root}/databricks.yml:2:4): unknown tag: !foo",
        "databricks.yml:2:4",
    ),
    Case(
        "an_integer_that_is_none",
        {
            "databricks.yml": """\
bundle: {name: b}
x: !!int abc
""",
        },
        Severity.ERROR,
        ("failed to load {root}/databricks.yml: yaml ({root}/databricks.yml:2:4): invalid int value: abc"),
        "databricks.yml:2:4",
    ),
    Case(
        "two_entry_files",
        {
            "databricks.yml": """\
bundle: {name: b}
""",
            "databricks.yaml": """\
bundle: {name: b}
""",
        },
        Severity.ERROR,
        "multiple bundle root configuration files found in {root}",
        "databricks.yaml:1:1",
    ),
    Case(
        "no_entry_file",
        {
            "other.yml": """\
bundle: {name: b}
""",
        },
        Severity.ERROR,
        "unable to locate bundle root: databricks.yml not found",
        "databricks.yml:1:1",
    ),
    Case(
        "an_absolute_include",
        {
            "databricks.yml": """\
bundle: {name: b}
include:
  - /etc/x.yml
""",
        },
        Severity.ERROR,
        "/etc/x.yml: includes must be relative paths",
        "databricks.yml:3:5",
    ),
    Case(
        "an_include_that_matches_nothing",
        {
            "databricks.yml": """\
bundle: {name: b}
include:
  - a.yml
  - missing.yml
""",
            "a.yml": "",
        },
        Severity.ERROR,
        "missing.yml defined in 'include' section does not match any files",
        "databricks.yml:4:5",
    ),
    Case(
        "an_include_of_another_format",
        {
            "databricks.yml": """\
bundle: {name: b}
include:
  - a.txt
""",
            "a.txt": "x",
        },
        Severity.ERROR,
        "Files in the 'include' configuration section must be YAML or JSON files.",
        "databricks.yml:3:5",
    ),
    Case(
        "a_broken_included_file",
        {
            "databricks.yml": """\
bundle: {name: b}
include: ['*.yml']
""",
            "a.yml": """\
x: [
""",
        },
        Severity.ERROR,
        "failed to load {root}/a.yml: yaml: line 1: did not find expected node content",
        "a.yml:2:1",
    ),
    Case(
        "an_include_in_an_included_file",
        {
            "databricks.yml": """\
bundle: {name: b}
include: [a.yml]
""",
            "a.yml": """\
include: [b.yml]
""",
        },
        Severity.WARNING,
        "Include section is defined outside root file",
        "a.yml:1:10",
    ),
    Case(
        "a_scalar_merged_with_a_map",
        {
            "databricks.yml": """\
bundle: {name: b}
include: [a.yml]
variables:
  v:
    default: 1
""",
            "a.yml": """\
variables:
  v:
    default: {a: 1}
""",
        },
        Severity.ERROR,
        "cannot merge int with map",
        "a.yml:3:14",
    ),
    Case(
        "a_list_merged_with_a_map_by_a_target",
        {
            "databricks.yml": """\
bundle: {name: b}
variables: {l: {type: complex, default: []}}
resources:
  jobs:
    j:
      name: j
      tags: {a: b}
      tasks: ${var.l}
targets:
  t:
    resources:
      jobs:
        j:
          tasks: [{task_key: t}]
""",
        },
        Severity.ERROR,
        (
            "failed to perform target override for target=t: failed to merge target=t field=resources: "
            "cannot merge string with sequence"
        ),
        "databricks.yml:14:18",
    ),
    Case(
        "an_unknown_field",
        {
            "databricks.yml": """\
bundle: {name: b}
foo: bar
""",
        },
        Severity.WARNING,
        "unknown field: foo",
        "databricks.yml:2:1",
    ),
    Case(
        "an_unknown_field_of_a_job",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      schedle: {}
""",
        },
        Severity.WARNING,
        "unknown field: schedle",
        "databricks.yml:6:7",
    ),
    Case(
        "an_unknown_field_of_a_task",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          notebook_taks: {}
""",
        },
        Severity.WARNING,
        "unknown field: notebook_taks",
        "databricks.yml:8:11",
    ),
    Case(
        "an_unknown_kind_of_resource",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  widgets: {w: {}}
""",
        },
        Severity.WARNING,
        "unknown field: widgets",
        "databricks.yml:3:3",
    ),
    Case(
        "a_list_instead_of_a_map",
        {
            "databricks.yml": """\
bundle:
  - name: b
""",
        },
        Severity.ERROR,
        "unable to define default workspace root: bundle name not defined",
        "databricks.yml:1:1",
    ),
    Case(
        "a_map_instead_of_a_list",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks: {task_key: t}
""",
        },
        Severity.WARNING,
        "expected sequence, found map",
        "databricks.yml:6:14",
    ),
    Case(
        "a_map_instead_of_a_string",
        {
            "databricks.yml": """\
bundle:
  name: {a: b}
""",
        },
        Severity.ERROR,
        "unable to define default workspace root: bundle name not defined",
        "databricks.yml:2:3",
    ),
    Case(
        "a_word_instead_of_a_number",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      max_concurrent_runs: many
""",
        },
        Severity.WARNING,
        'cannot parse "many" as an integer',
        "databricks.yml:6:28",
    ),
    Case(
        "a_fraction_instead_of_a_number",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      max_concurrent_runs: 1.5
""",
        },
        Severity.WARNING,
        'cannot accurately represent "1.5" as integer due to precision loss',
        "databricks.yml:6:28",
    ),
    Case(
        "a_word_instead_of_a_flag",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      queue: {enabled: maybe}
""",
        },
        Severity.WARNING,
        "expected bool, found string",
        "databricks.yml:6:24",
    ),
    Case(
        "a_null_instead_of_a_string",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      description:
""",
        },
        Severity.WARNING,
        "expected a string value, found null",
        "databricks.yml:6:19",
    ),
    Case(
        "a_number_instead_of_a_job",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j: 1
""",
        },
        Severity.WARNING,
        "expected map, found int",
        "databricks.yml:4:8",
    ),
    Case(
        "a_job_that_is_null",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
""",
        },
        Severity.ERROR,
        "job j is not defined",
        "databricks.yml:4:7",
    ),
    Case(
        "resources_that_are_null",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
""",
        },
        Severity.ERROR,
        'expected a map at "resources", found nil',
        "databricks.yml:2:11",
    ),
    Case(
        "one_key_for_two_resources",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs: {x: {name: a}}
  schemas: {x: {name: b, catalog_name: c}}
""",
        },
        Severity.ERROR,
        "multiple resources or scripts have been defined with the same key: x",
        "databricks.yml:3:13",
    ),
    Case(
        "one_resource_in_two_files",
        {
            "databricks.yml": """\
bundle: {name: b}
include: [a.yml]
resources:
  jobs:
    j:
      name: j
""",
            "a.yml": """\
resources:
  jobs:
    j:
      name: j
""",
        },
        Severity.ERROR,
        "multiple resources or scripts have been defined with the same key: j",
        "a.yml:4:7",
    ),
    Case(
        "no_bundle_name",
        {
            "databricks.yml": """\
bundle: {uuid: x}
""",
        },
        Severity.ERROR,
        "unable to define default workspace root: bundle name not defined",
        "databricks.yml:1:9",
    ),
    Case(
        "no_such_target",
        {
            "databricks.yml": """\
bundle: {name: b}
targets: {a: {}, b: {}}
""",
        },
        Severity.ERROR,
        "c: no such target. Available targets: a, b",
        "databricks.yml:2:10",
        target="c",
    ),
    Case(
        "no_default_target",
        {
            "databricks.yml": """\
bundle: {name: b}
targets: {a: {}, b: {}}
""",
        },
        Severity.ERROR,
        "please specify target",
        "databricks.yml:2:10",
    ),
    Case(
        "two_default_targets",
        {
            "databricks.yml": """\
bundle: {name: b}
targets:
  a: {default: true}
  b: {default: true}
""",
        },
        Severity.ERROR,
        "multiple targets are marked as default (a, b)",
        "databricks.yml:4:16",
    ),
    Case(
        "targets_under_both_names",
        {
            "databricks.yml": """\
bundle: {name: b}
environments: {a: {}}
targets: {b: {}}
""",
        },
        Severity.ERROR,
        ("both 'environments' and 'targets' are specified; only 'targets' should be used: {root}/databricks.yml:2:15"),
        "databricks.yml:2:15",
    ),
    Case(
        "a_target_variable_that_is_not_declared",
        {
            "databricks.yml": """\
bundle: {name: b}
targets:
  a:
    variables:
      v: 1
""",
        },
        Severity.ERROR,
        ("failed to perform target override for target=a: variable v is not defined but is assigned a value"),
        "databricks.yml:5:7",
    ),
    Case(
        "a_variable_without_value",
        {
            "databricks.yml": """\
bundle: {name: b}
variables:
  v:
    description: x
""",
        },
        Severity.ERROR,
        (
            'no value assigned to required variable v. Assignment can be done using "--var", by setting '
            "the BUNDLE_VAR_v environment variable, or in "
            ".databricks/bundle/<target>/variable-overrides.json file"
        ),
        "databricks.yml:3:3",
    ),
    Case(
        "a_reference_to_an_undeclared_variable",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: ${var.v}
""",
        },
        Severity.ERROR,
        "reference does not exist: ${var.v}",
        "databricks.yml:5:13",
    ),
    Case(
        "a_reference_to_an_unknown_field",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: ${bundle.nam}
""",
        },
        Severity.ERROR,
        "reference does not exist: ${bundle.nam}",
        "databricks.yml:5:13",
    ),
    Case(
        "a_reference_into_a_scalar",
        {
            "databricks.yml": """\
bundle: {name: b}
variables: {v: {default: x}}
resources:
  jobs:
    j:
      name: ${var.v.a}
""",
        },
        Severity.ERROR,
        'expected a map to index "variables.v.value.a", found string',
        "databricks.yml:6:13",
    ),
    Case(
        "a_cycle_of_variables",
        {
            "databricks.yml": """\
bundle: {name: b}
variables:
  a: {default: '${var.b}'}
  b: {default: '${var.a}'}
""",
        },
        Severity.ERROR,
        "cycle detected in field resolution: variables.a.default -> var.b -> var.a -> var.b",
        "databricks.yml:3:16",
    ),
    Case(
        "a_circular_complex_variable",
        {
            "databricks.yml": """\
bundle: {name: b}
variables:
  a:
    type: complex
    default: {x: '${var.a}'}
""",
        },
        Severity.WARNING,
        ("Variables references are too deep, stopping resolution after 11 rounds. Unresolved variables may remain."),
        "databricks.yml:1:1",
    ),
    Case(
        "a_map_within_a_text",
        {
            "databricks.yml": """\
bundle: {name: b}
variables:
  a: {type: complex, default: {x: 1}}
resources:
  jobs:
    j:
      name: x-${var.a}
""",
        },
        Severity.ERROR,
        "cannot interpolate non-primitive value of type map into string",
        "databricks.yml:7:13",
    ),
    Case(
        "an_unsupported_mode",
        {
            "databricks.yml": """\
bundle: {name: b}
targets:
  a:
    mode: staging
""",
        },
        Severity.ERROR,
        ("unsupported value 'staging' specified for 'mode': must be either 'development' or 'production'"),
        "databricks.yml:4:11",
    ),
    Case(
        "production_without_a_root_path",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
targets:
  a:
    mode: production
""",
        },
        Severity.ERROR,
        ("target with 'mode: production' must set 'workspace.root_path' to make sure only one copy is deployed"),
        "databricks.yml:8:11",
    ),
    Case(
        "production_with_a_development_pipeline",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  pipelines:
    p:
      name: p
      development: true
targets:
  a:
    mode: production
""",
        },
        Severity.ERROR,
        "target with 'mode: production' cannot include a pipeline with 'development: true'",
        "databricks.yml:6:20",
    ),
    Case(
        "development_in_a_shared_folder",
        {
            "databricks.yml": """\
bundle: {name: b}
targets:
  a:
    mode: development
    workspace:
      root_path: /Shared/x
""",
        },
        Severity.ERROR,
        (
            "root_path must start with '~/' or contain the current username to ensure uniqueness when "
            "using 'mode: development'"
        ),
        "databricks.yml:6:18",
    ),
    Case(
        "development_with_a_shared_prefix",
        {
            "databricks.yml": """\
bundle: {name: b}
targets:
  a:
    mode: development
    presets:
      name_prefix: dev_
""",
        },
        Severity.ERROR,
        (
            "prefix should contain the current username or ${workspace.current_user.short_name} to "
            "ensure uniqueness when using 'mode: development'"
        ),
        "databricks.yml:6:20",
    ),
    Case(
        "development_with_running_triggers",
        {
            "databricks.yml": """\
bundle: {name: b}
targets:
  a:
    mode: development
    presets:
      trigger_pause_status: UNPAUSED
""",
        },
        Severity.ERROR,
        "target with 'mode: development' cannot set trigger pause status to UNPAUSED by default",
        "databricks.yml:6:29",
    ),
    Case(
        "a_pause_status_that_does_not_exist",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
presets:
  trigger_pause_status: STOPPED
""",
        },
        Severity.ERROR,
        "Invalid value for trigger_pause_status, should be PAUSED or UNPAUSED",
        "databricks.yml:7:25",
    ),
    Case(
        "a_permission_level_that_does_not_exist",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
permissions:
  - {level: CAN_FLY, user_name: jane.doe@example.com}
""",
        },
        Severity.ERROR,
        "invalid permission level: CAN_FLY, allowed values: [CAN_MANAGE, CAN_VIEW, CAN_RUN]",
        "databricks.yml:7:5",
    ),
    Case(
        "a_bundle_permission_without_the_deployer",
        {
            "databricks.yml": """\
bundle: {name: b}
permissions:
  - {level: CAN_VIEW, group_name: users}
""",
        },
        Severity.RECOMMENDATION,
        (
            "permissions section should explicitly include the current deployment identity "
            "'jane.doe@example.com' or one of its groups\nIf it is not included, CAN_MANAGE permissions "
            "are only applied if the present identity is used to deploy.\n\nConsider using a adding a "
            "top-level permissions section such as the following:\n\n  permissions:\n    - user_name: "
            "jane.doe@example.com\n      level: CAN_MANAGE\n\nSee "
            "https://docs.databricks.com/dev-tools/bundles/permissions.html to learn more about "
            "permission configuration."
        ),
        "databricks.yml:3:3",
    ),
    Case(
        "an_empty_run_as",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
run_as:
  user_name: ''
""",
        },
        Severity.ERROR,
        ("run_as section must specify exactly one identity. Neither service_principal_name nor user_name is specified"),
        "databricks.yml:7:3",
    ),
    Case(
        "two_identities_in_run_as",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
run_as:
  user_name: a
  service_principal_name: b
""",
        },
        Severity.ERROR,
        "run_as section cannot specify both user_name and service_principal_name",
        "databricks.yml:7:3",
    ),
    Case(
        "a_monitor_with_another_run_as",
        {
            "databricks.yml": """\
bundle: {name: b}
run_as: {user_name: a}
resources:
  quality_monitors:
    m: {table_name: t, assets_dir: a, output_schema_name: s}
""",
        },
        Severity.ERROR,
        (
            "quality_monitors do not support a setting a run_as user that is different from the "
            "owner.\nCurrent identity: jane.doe@example.com. Run as identity: a.\nSee "
            "https://docs.databricks.com/dev-tools/bundles/run-as.html to learn more about the run_as "
            "property."
        ),
        "databricks.yml:5:5",
    ),
    Case(
        "a_missing_notebook",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          notebook_task:
            notebook_path: ./nb.py
""",
        },
        Severity.ERROR,
        "notebook nb.py not found",
        "databricks.yml:9:28",
    ),
    Case(
        "a_notebook_without_extension",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          notebook_task:
            notebook_path: ./nb
""",
            "nb.py": """\
# Databricks notebook source
""",
        },
        Severity.ERROR,
        (
            'notebook "nb" not found. Did you mean "nb.py"?\nLocal notebook references are expected to '
            "contain one of the following\nfile extensions: [.py, .r, .scala, .sql, .ipynb]"
        ),
        "databricks.yml:9:28",
    ),
    Case(
        "a_notebook_that_does_not_exist_at_all",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          notebook_task:
            notebook_path: ./nb
""",
        },
        Severity.ERROR,
        (
            'notebook "nb" not found. Local notebook references are expected\nto contain one of the '
            "following file extensions: [.py, .r, .scala, .sql, .ipynb]"
        ),
        "databricks.yml:9:28",
    ),
    Case(
        "a_file_for_a_notebook",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          notebook_task:
            notebook_path: ./nb.py
""",
            "nb.py": """\
x
""",
        },
        Severity.ERROR,
        (
            'expected a notebook for "resources.jobs.j.tasks[0].notebook_task.notebook_path" but got a '
            "file: file at {root}/nb.py is not a notebook"
        ),
        "databricks.yml:9:28",
    ),
    Case(
        "a_notebook_for_a_file",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          existing_cluster_id: c
          spark_python_task:
            python_file: ./nb.py
""",
            "nb.py": """\
# Databricks notebook source
""",
        },
        Severity.ERROR,
        (
            'expected a file for "resources.jobs.j.tasks[0].spark_python_task.python_file" but got a '
            "notebook: file at {root}/nb.py is a notebook"
        ),
        "databricks.yml:10:26",
    ),
    Case(
        "a_missing_file",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          existing_cluster_id: c
          spark_python_task:
            python_file: ./x.py
""",
        },
        Severity.ERROR,
        "file x.py not found",
        "databricks.yml:10:26",
    ),
    Case(
        "a_file_outside_the_root",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          notebook_task:
            notebook_path: ../nb.py
""",
        },
        Severity.ERROR,
        "path {parent}/nb.py is not contained in sync root path",
        "databricks.yml:9:28",
    ),
    Case(
        "a_broken_jupyter_notebook",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          notebook_task:
            notebook_path: ./nb.ipynb
""",
            "nb.ipynb": '{"cells": []}',
        },
        Severity.ERROR,
        ("unable to determine if {root}/nb.ipynb is a notebook: nb.ipynb: invalid Jupyter notebook file"),
        "databricks.yml:9:28",
    ),
    Case(
        "a_path_relative_to_the_resource",
        {
            "databricks.yml": """\
bundle: {name: b}
include: [r/j.yml]
targets:
  a:
    resources:
      jobs:
        j:
          tasks:
            - task_key: t
              notebook_task:
                notebook_path: ./nb.py
""",
            "r/j.yml": """\
resources:
  jobs:
    j:
      name: j
""",
            "r/nb.py": """\
# Databricks notebook source
""",
        },
        Severity.ERROR,
        (
            "path nb.py is defined relative to the {root}/r directory ({root}/databricks.yml:11:32). "
            "Please update the path to be relative to the file where it is defined or use earlier "
            "version of CLI (0.261.0 or earlier)."
        ),
        "databricks.yml:11:32",
    ),
    Case(
        "a_missing_dbt_project",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          existing_cluster_id: c
          dbt_task:
            commands: [x]
            project_directory: ./dbt
""",
        },
        Severity.ERROR,
        "stat dbt: no such file or directory",
        "databricks.yml:11:32",
    ),
    Case(
        "a_sync_path_that_leaves_the_disk",
        {
            "databricks.yml": """\
bundle: {name: b}
sync:
  paths:
    - ../../../../../../../../../../../../../../../../../../../../../../../../../../../../../../x
""",
        },
        Severity.ERROR,
        (
            "invalid sync path "
            '"../../../../../../../../../../../../../../../../../../../../../../../../../../../../../../x"'
        ),
        "databricks.yml:4:7",
    ),
    Case(
        "a_sync_pattern_without_effect",
        {
            "databricks.yml": """\
bundle: {name: b}
sync:
  exclude:
    - nothing/**
""",
        },
        Severity.WARNING,
        "Pattern nothing/** does not match any files",
        "databricks.yml:4:7",
    ),
    Case(
        "a_folder_in_a_volume",
        {
            "databricks.yml": """\
bundle: {name: b}
workspace:
  root_path: /Volumes/a/b/c
""",
        },
        Severity.ERROR,
        (
            "workspace.root_path /Volumes/a/b/c starts with /Volumes. /Volumes can only be used with "
            "workspace.artifact_path."
        ),
        "databricks.yml:3:14",
    ),
    Case(
        "an_artifact_path_that_is_no_volume",
        {
            "databricks.yml": """\
bundle: {name: b}
workspace:
  artifact_path: /Volumes/a
""",
        },
        Severity.ERROR,
        ("expected UC volume path to be in the format /Volumes/<catalog>/<schema>/<volume>/..., got /Volumes/a"),
        "databricks.yml:3:18",
    ),
    Case(
        "a_prefix_before_a_workspace_folder",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: /Workspace${workspace.root_path}/x
""",
        },
        Severity.WARNING,
        (
            'substring "/Workspace${workspace.root_path}" found in '
            '"/Workspace${workspace.root_path}/x". Please update this to "${workspace.root_path}/x".'
        ),
        "databricks.yml:5:13",
    ),
    Case(
        "a_reference_in_the_bundle_name",
        {
            "databricks.yml": """\
bundle:
  name: b-${bundle.target}
""",
        },
        Severity.WARNING,
        (
            "Please do not use variable interpolation in the name of your bundle. The name of your "
            "bundle\nis a part of the path at which your bundle state is stored at by default. "
            "Parameterizing it at\nruntime can have unexpected consequences like duplicate deployments "
            "or resources not being\ncleaned up during bundle destroy."
        ),
        "databricks.yml:2:9",
    ),
    Case(
        "a_reference_in_the_host",
        {
            "databricks.yml": """\
bundle: {name: b}
workspace:
  profile: ${bundle.target}
""",
        },
        Severity.WARNING,
        "Variable interpolation is not supported for fields that configure authentication",
        "databricks.yml:3:12",
    ),
    Case(
        "a_value_outside_an_enumeration",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      performance_target: FAST
""",
        },
        Severity.WARNING,
        'invalid value "FAST" for enum field. Valid values are [PERFORMANCE_OPTIMIZED STANDARD]',
        "databricks.yml:6:27",
    ),
    Case(
        "a_missing_required_field",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      schedule: {timezone_id: UTC}
""",
        },
        Severity.WARNING,
        'required field "quartz_cron_expression" is not set',
        "databricks.yml:6:17",
    ),
    Case(
        "a_job_cluster_that_is_not_defined",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          job_cluster_key: nope
          notebook_task: {notebook_path: /a}
""",
        },
        Severity.WARNING,
        "job_cluster_key nope is not defined",
        "databricks.yml:8:28",
    ),
    Case(
        "a_task_without_compute",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          spark_jar_task: {main_class_name: M}
""",
        },
        Severity.ERROR,
        "Missing required cluster or environment settings",
        "databricks.yml:7:11",
    ),
    Case(
        "a_cluster_without_workers",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          new_cluster: {num_workers: 0, spark_version: 15.4.x}
          notebook_task: {notebook_path: /a}
""",
        },
        Severity.WARNING,
        "Single node cluster is not correctly configured",
        "databricks.yml:8:24",
    ),
    Case(
        "a_wheel_on_an_old_runtime",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  jobs:
    j:
      name: j
      tasks:
        - task_key: t
          libraries: [{whl: ./dist/x.whl}]
          python_wheel_task: {package_name: p, entry_point: e}
          new_cluster: {num_workers: 1, spark_version: 12.2.x-scala2.12}
""",
        },
        Severity.ERROR,
        "task t uses cluster with incompatible DBR version 12.2.x-scala2.12",
        "databricks.yml:7:11",
    ),
    Case(
        "an_artifact_without_files",
        {
            "databricks.yml": """\
bundle: {name: b}
artifacts:
  a:
    type: jar
""",
        },
        Severity.ERROR,
        "misconfigured artifact: please specify 'build' or 'files' property",
        "databricks.yml:4:5",
    ),
    Case(
        "an_artifact_whose_files_are_missing",
        {
            "databricks.yml": """\
bundle: {name: b}
artifacts:
  a:
    files:
      - source: ./x/*.jar
""",
        },
        Severity.ERROR,
        "x/*.jar: no matching files",
        "databricks.yml:5:17",
    ),
    Case(
        "an_artifact_that_is_null",
        {
            "databricks.yml": """\
bundle: {name: b}
artifacts:
  a:
""",
        },
        Severity.ERROR,
        "Artifact not properly configured",
        "databricks.yml:3:5",
    ),
    Case(
        "an_app_without_source",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  apps:
    a: {name: a}
""",
        },
        Severity.ERROR,
        "Missing app source code path",
        "databricks.yml:4:8",
    ),
    Case(
        "a_dashboard_without_warehouse",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  dashboards:
    d: {display_name: d}
""",
        },
        Severity.ERROR,
        "dashboard warehouse_id is required",
        "databricks.yml:4:8",
    ),
    Case(
        "a_dashboard_without_file",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  dashboards:
    d: {display_name: d, warehouse_id: w, file_path: ./d.json}
""",
        },
        Severity.ERROR,
        ("failed to read serialized dashboard from file_path d.json: open d.json: no such file or directory"),
        "databricks.yml:4:54",
    ),
    Case(
        "two_names_for_served_entities",
        {
            "databricks.yml": """\
bundle: {name: b}
resources:
  model_serving_endpoints:
    e:
      name: e
      config:
        served_entities: [{entity_name: a}]
        served_models: [{model_name: a, model_version: '1', scale_to_zero_enabled: true}]
""",
        },
        Severity.ERROR,
        "Cannot use both served_models and served_entities",
        "databricks.yml:5:7",
    ),
    Case(
        "a_script_without_content",
        {
            "databricks.yml": """\
bundle: {name: b}
scripts:
  s: {content: ''}
""",
        },
        Severity.ERROR,
        "Script s has no content",
        "databricks.yml:3:6",
    ),
    Case(
        "a_reference_in_a_script",
        {
            "databricks.yml": """\
bundle: {name: b}
scripts:
  s:
    content: echo ${var.x}
""",
        },
        Severity.ERROR,
        "Found ${var.x} in script s. Interpolation syntax ${...} is not allowed in scripts",
        "databricks.yml:4:14",
    ),
    Case(
        "a_version_constraint_that_is_none",
        {
            "databricks.yml": """\
bundle:
  name: b
  databricks_cli_version: latest
""",
        },
        Severity.ERROR,
        (
            'invalid version constraint "latest" specified. Please specify the version constraint in '
            "the format (>=) 0.0.0(, <= 1.0.0)"
        ),
        "databricks.yml:3:27",
    ),
    Case(
        "the_old_name_of_a_cluster_override",
        {
            "databricks.yml": """\
bundle:
  name: b
  compute_id: c
""",
        },
        Severity.WARNING,
        "compute_id is deprecated, please use cluster_id instead",
        "databricks.yml:3:15",
    ),
    Case(
        "a_shared_root_path",
        {
            "databricks.yml": """\
bundle: {name: b}
workspace:
  root_path: /Workspace/Shared/x
""",
        },
        Severity.WARNING,
        "the bundle root path /Workspace/Shared/x is writable by all workspace users",
        "databricks.yml:1:1",
    ),
    Case(
        "two_jobs_in_a_job_file",
        {
            "databricks.yml": """\
bundle: {name: b}
include: ['*.job.yml']
""",
            "a.job.yml": """\
resources:
  jobs:
    a: {name: a}
    b: {name: b}
""",
        },
        Severity.RECOMMENDATION,
        "define a single job in a file with the .job.yml extension.",
        "a.job.yml:3:8",
    ),
    Case(
        "a_variable_file_that_is_no_map",
        {
            "databricks.yml": """\
bundle: {name: b}
variables: {v: {default: 1}}
""",
            ".databricks/bundle/default/variable-overrides.json": "[1]",
        },
        Severity.ERROR,
        ("failed to parse variables file {root}/.databricks/bundle/default/variable-overrides.json: invalid format"),
        ".databricks/bundle/default/variable-overrides.json:1:1",
    ),
    Case(
        "a_map_for_a_plain_variable_in_its_file",
        {
            "databricks.yml": """\
bundle: {name: b}
variables: {v: {default: 1}}
""",
            ".databricks/bundle/default/variable-overrides.json": '{"v": {"a": 1}}',
        },
        Severity.ERROR,
        "variable v is not of type complex, but the value in the variable file is a complex type",
        ".databricks/bundle/default/variable-overrides.json:1:7",
    ),
    Case(
        "null_sections",
        {
            "databricks.yml": """\
bundle: {name: b}
presets:
sync:
workspace:
permissions:
run_as:
resources:
  jobs:
    j:
      name: j
""",
        },
        Severity.ERROR,
        'expected a map to index "workspace.host", found nil',
        "databricks.yml:4:11",
    ),
    Case(
        "a_list_at_the_top",
        {
            "databricks.yml": """\
- a
""",
        },
        Severity.ERROR,
        "failed to load {root}/databricks.yml: :0:0: expected a map, found a invalid",
        "databricks.yml:1:1",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_bundle_is_reported_with_message_file_and_line(case: Case, tmp_path: Path) -> None:
    for name, text in case.files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    resolved = resolve(tmp_path, target=case.target, identity=Identity.user("jane.doe@example.com"), git=Git())
    assert resolved.ok is (case.severity is not Severity.ERROR)
    found = {
        (one.severity, one.summary, f"{one.position.file}:{one.position.line}:{one.position.column}")
        for one in resolved.diagnostics
    }
    summary = case.summary.replace("{root}", str(tmp_path)).replace("{parent}", str(tmp_path.parent))
    assert (case.severity, summary, case.place) in found


def test_there_are_at_least_sixty_broken_bundles() -> None:
    assert len({case.name for case in CASES}) >= 60
