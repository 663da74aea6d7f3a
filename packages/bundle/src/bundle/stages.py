"""The stages in the CLI's order. A stage that reports an error is the last one to run."""

from collections.abc import Callable

from bundle.artifacts import check_apps, check_python_wheels, prepare_artifacts
from bundle.declarations import check_declarations, check_scripts
from bundle.defaults import set_defaults
from bundle.diagnostics import Severity, StopError
from bundle.draft import Draft
from bundle.entry import read_entry
from bundle.field_checks import check_fields
from bundle.includes import read_includes
from bundle.keyed_merges import merge_keyed_lists
from bundle.limits import RefusedError
from bundle.local_paths import normalize_paths, translate_dashboards, translate_paths
from bundle.modes import annotate, check_mode
from bundle.permissions import apply_bundle_permissions, check_deployer_included, check_shared_folder, fix_permissions
from bundle.presets import apply_mode, apply_presets
from bundle.python_code import mention_python, mention_scripts
from bundle.references import resolve_in_resources, resolve_lookups, resolve_outside_resources
from bundle.resource_fixes import (
    capture_schemas,
    check_single_node_clusters,
    expand_pipeline_globs,
    fix_clusters,
    fix_serving_endpoints,
    read_dashboards,
)
from bundle.run_as import override_compute, set_run_as
from bundle.sizes import check_counts, check_repeated
from bundle.sync_settings import settle_sync
from bundle.targets import prepare_targets, select_target
from bundle.uniqueness import check_unique_keys
from bundle.value import ShapeError
from bundle.variables import assign_variables, set_variables
from bundle.versions import check_version
from bundle.workspace import (
    check_authentication,
    check_name,
    check_source_linking,
    check_volume_folders,
    set_folders,
    set_git,
    set_identity,
    strip_prefixes,
)

Stage = Callable[[Draft], None]

LOAD: tuple[Stage, ...] = (
    read_entry,
    read_includes,
    check_counts,
    check_version,
    prepare_targets,
    check_unique_keys,
    select_target,
    assign_variables,
)

INITIALIZE: tuple[Stage, ...] = (
    check_declarations,
    check_authentication,
    check_name,
    check_scripts,
    settle_sync,
    set_identity,
    set_git,
    check_source_linking,
    set_folders,
    strip_prefixes,
    set_variables,
    resolve_lookups,
    resolve_outside_resources,
    check_volume_folders,
    apply_mode,
    resolve_in_resources,
    check_repeated,
    normalize_paths,
    translate_dashboards,
)

# Skipped for a bundle without resources, as the CLI does.
RESOURCES: tuple[Stage, ...] = (
    check_single_node_clusters,
    expand_pipeline_globs,
    merge_keyed_lists,
    capture_schemas,
    read_dashboards,
    fix_clusters,
    fix_serving_endpoints,
    set_run_as,
    override_compute,
    apply_presets,
    set_defaults,
    apply_bundle_permissions,
    fix_permissions,
)

FINISH: tuple[Stage, ...] = (
    mention_scripts,
    mention_python,
    check_fields,
    check_deployer_included,
    translate_paths,
    check_python_wheels,
    prepare_artifacts,
    check_apps,
    check_mode,
    check_shared_folder,
    annotate,
)


def run(draft: Draft, stages: tuple[Stage, ...]) -> bool:
    """Runs stages until one reports an error; whether all ran without."""
    for stage in stages:
        try:
            stage(draft)
        except StopError as error:
            draft.report.add(Severity.ERROR, str(error), detail=error.detail, origin=error.origin)
        except ShapeError as error:
            draft.report.add(Severity.ERROR, str(error), origin=error.origin)
        except RefusedError as error:
            draft.report.add(Severity.ERROR, str(error), detail=error.remedy)
        if draft.report.errors:
            return False
    return True
