"""Stages 7 and 10: who deploys, from which commit, and the folders in the workspace."""

import os
import posixpath

from bundle.diagnostics import Severity, StopError
from bundle.draft import Draft
from bundle.facts import read_git, worktree_of
from bundle.normalize import REFERENCE
from bundle.value import ShapeError, Value, wrap

_FOLDERS = {"file_path": "files", "resource_path": "resources", "artifact_path": "artifacts", "state_path": "state"}


def set_identity(draft: Draft) -> None:
    """The deploying identity, as `workspace.current_user`."""
    identity = draft.identity
    user = {
        "userName": identity.user_name,
        "short_name": identity.short_name,
        "domain_friendly_name": identity.domain_friendly_name,
    }
    if identity.display_name:
        user["displayName"] = identity.display_name
    if identity.groups:
        draft.root.put(
            ("workspace", "current_user"), wrap({**user, "groups": [{"display": g} for g in identity.groups]})
        )
    else:
        draft.root.put(("workspace", "current_user"), wrap(user))


def set_git(draft: Draft) -> None:
    """Git facts, given or read, where the configuration does not state them."""
    git = draft.git if draft.git is not None else read_git(draft.directory)
    draft.worktree = git.worktree or worktree_of(draft.directory) or draft.sync_root
    facts = {"branch": git.branch, "commit": git.commit, "origin_url": git.origin_url}
    for name, fact in facts.items():
        if fact and not draft.root.text("bundle", "git", name):
            draft.root.put(("bundle", "git", name), fact)
    if git.branch:
        draft.root.put(("bundle", "git", "actual_branch"), git.branch)
    below = os.path.relpath(draft.directory, draft.worktree).replace(os.sep, "/")
    draft.root.put(("bundle", "git", "bundle_root_path"), below)


def check_source_linking(draft: Draft) -> None:
    """Source-linked deployment exists only inside a workspace."""
    flag = draft.root.get("presets", "source_linked_deployment")
    if flag is not None and flag.data is True:
        draft.warn(
            "source-linked deployment is available only in the Databricks Workspace",
            at="presets.source_linked_deployment",
            paths=(("targets", draft.target, "presets", "source_linked_deployment"),),
        )
        flag.data = False


def set_folders(draft: Draft) -> None:
    """root_path and the folders below it, absolute and under /Workspace."""
    root = draft.root
    if not root.text("workspace", "root_path"):
        name = root.text("bundle", "name")
        if not name:
            raise StopError(
                "unable to define default workspace root: bundle name not defined",
                origin=next(iter(draft.places("bundle")), None),
            )
        root.put(("workspace", "root_path"), f"~/.bundle/{name}/{draft.target}")
    root_path = root.text("workspace", "root_path")
    if not draft.identity.user_name:
        raise StopError("unable to expand workspace root: current user not set")
    if root_path.startswith("~/"):
        home = f"/Workspace/Users/{draft.identity.user_name}"
        root_path = _join(home, root_path[2:])
        root.put(("workspace", "root_path"), root_path)
    for folder, name in _FOLDERS.items():
        if not root.text("workspace", folder):
            root.put(("workspace", folder), _join(root_path, name))
    for folder in ("root_path", *_FOLDERS):
        path = root.text("workspace", folder)
        if path.startswith("/") and not path.startswith(("/Workspace/", "/Volumes/")):
            root.put(("workspace", folder), f"/Workspace{path}")
    draft.settle()


def _join(*parts: str) -> str:
    return posixpath.normpath(posixpath.join(*parts))


def strip_prefixes(draft: Draft) -> None:
    """`/Workspace/${workspace.root_path}` is older than the prefix in root_path: one of them goes, with a warning."""
    for path, value in draft.root.walk():
        text = value.data
        if type(text) is not str or "/Workspace" not in text or "${workspace." not in text:
            continue
        for folder in ("root_path", "file_path", "artifact_path", "state_path"):
            reference = f"${{workspace.{folder}}}"
            old = next(
                (f"/Workspace{slash}{reference}" for slash in ("/", "") if f"/Workspace{slash}{reference}" in text), ""
            )
            if not old:
                continue
            new = text.replace(old, reference, 1)
            draft.report.add(
                Severity.WARNING,
                f'substring "{old}" found in "{text}". Please update this to "{new}".',
                detail="For more information, please refer to: "
                "https://docs.databricks.com/en/release-notes/dev-tools/bundles.html#workspace-paths",
                paths=[path],
                places=value.places,
            )
            value.data = new
            break


def check_volume_folders(draft: Draft) -> None:
    """Only artifacts may live in a volume."""
    for folder in ("root_path", "file_path", "state_path", "resource_path"):
        path = draft.root.text("workspace", folder)
        if path.startswith("/Volumes/"):
            draft.error(
                f"workspace.{folder} {path} starts with /Volumes. /Volumes can only be used with "
                "workspace.artifact_path.",
                detail="For more information, see https://docs.databricks.com/aws/en/dev-tools/bundles/settings#workspace",
                at=f"workspace.{folder}",
                paths=(("workspace", folder),),
            )
            if folder == "root_path":
                return


_AUTHENTICATION = {
    "host": "DATABRICKS_HOST",
    "profile": "DATABRICKS_CONFIG_PROFILE",
    "auth_type": "DATABRICKS_AUTH_TYPE",
    "metadata_service_url": "DATABRICKS_METADATA_SERVICE_URL",
    "client_id": "DATABRICKS_CLIENT_ID",
    "google_service_account": "DATABRICKS_GOOGLE_SERVICE_ACCOUNT",
    "azure_use_msi": "ARM_USE_MSI",
    "azure_client_id": "ARM_CLIENT_ID",
    "azure_tenant_id": "ARM_TENANT_ID",
    "azure_environment": "ARM_ENVIRONMENT",
    "azure_login_app_id": "DATABRICKS_AZURE_LOGIN_APP_ID",
}


def check_authentication(draft: Draft) -> None:
    """Authentication is needed before anything can be interpolated."""
    section = draft.root.get("workspace")
    if section is not None and type(section.data) is not dict:
        raise ShapeError(f'expected a map to index "workspace.host", found {section.kind}', section)
    for name, variable in _AUTHENTICATION.items():
        value = draft.root.get("workspace", name)
        if value is not None and type(value.data) is str and REFERENCE.search(value.data):
            draft.warn(
                "Variable interpolation is not supported for fields that configure authentication",
                detail=f"Interpolation is not supported for the field workspace.{name}. Please set\n"
                f"the {variable} environment variable if you wish to configure this field at runtime.",
                at=f"workspace.{name}",
                paths=(("workspace", name),),
            )


def check_name(draft: Draft) -> None:
    """The bundle's name is part of where its state is kept."""
    if REFERENCE.search(draft.root.text("bundle", "name")):
        draft.warn(
            "Please do not use variable interpolation in the name of your bundle. The name of your bundle\n"
            "is a part of the path at which your bundle state is stored at by default. Parameterizing it at\n"
            "runtime can have unexpected consequences like duplicate deployments or resources not being\n"
            "cleaned up during bundle destroy.",
            at="bundle.name",
            paths=(("bundle", "name"),),
        )


def folders(root: Value) -> list[str]:
    """The workspace folders of a bundle."""
    return [root.text("workspace", folder) for folder in ("root_path", *_FOLDERS)]
