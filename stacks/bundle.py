"""One target of databricks.yml: its code, its jobs and all else that it declares."""

from cdktf import Annotations, TerraformStack
from cdktf_cdktf_provider_databricks.data_databricks_current_user import DataDatabricksCurrentUser
from constructs import Construct
from constructs.branch_guard import BranchGuard
from constructs.code_upload import CodeUpload
from constructs.declared_resource import DeclaredResource
from constructs.resource_folder import ResourceFolder

from safe_text.media import joined
from settings import BundleSettings, Settings
from stacks.adoption import take_over
from stacks.bundle_adaptation import declared_resources, folder_access
from stacks.bundle_code import Digests, code_of, resource_folder, root_folder
from stacks.provider_configuration import UPLOADS_PER_SECOND, databricks_provider
from stacks.state_backend import configure_state
from terraform_text import Reference, literal


class BundleStack(TerraformStack):
    """What the target declares, deployed with the token of its environment's principal, or of its person."""

    def __init__(
        self, scope: Construct, id_: str, *, settings: Settings, bundle: BundleSettings, digests: Digests
    ) -> None:
        super().__init__(scope, id_)
        self.expressions: frozenset[str] = frozenset()
        configure_state(self, bundle.state, settings.state)
        workspace = databricks_provider(
            self, "workspace", auth=bundle.workspace, requests_per_second=UPLOADS_PER_SECOND
        )

        # Which branch it may come from.
        if bundle.branch is not None:
            guard = BranchGuard(
                self,
                "branch_guard",
                expected=bundle.branch,
                checked_out=bundle.checked_out,
                refusal=literal(
                    f"{id_} is deployed from branch {bundle.branch}, and {bundle.checkout} has "
                    f"{bundle.checked_out or 'no branch'} checked out. Check out {bundle.branch}; where Git knows no "
                    f"branch, as in CI, set MLOPS_BRANCH to the branch of the commit."
                ),
            )
            self.expressions = frozenset((guard.condition,))

        # Who deploys: folders and owners bear the name, which for a principal only its workspace knows.
        names = {}
        if bundle.placeholder_principal is not None:
            DataDatabricksCurrentUser(self, "deployer", provider=workspace)
            names[bundle.placeholder_principal] = Reference("data.databricks_current_user.deployer.user_name")

        # What the jobs run, unless they take it from the repository.
        code = None
        if bundle.git_code is None:
            uploaded = code_of(bundle, digests, names=names)
            code = CodeUpload(
                self,
                "code",
                workspace=workspace,
                source=bundle.resolved.sync_root,
                files=uploaded.files,
                notebooks=bundle.notebooks,
                folder=uploaded.folder,
                root=uploaded.root,
                access=folder_access(bundle, names=names),
            )
        self.files = code.files if code else ()

        # Where dashboards and alerts lie.
        lying_there: tuple[str, ...] = ()
        folder = resource_folder(bundle, names=names)
        if folder is not None:
            made = ResourceFolder(
                self,
                "resources",
                workspace=workspace,
                path=folder,
                root=None if code else root_folder(bundle, names=names),
                depends_on=code.folders if code else (),
            )
            lying_there = (made.address,)

        # What the target declares.
        for declared in declared_resources(bundle, names=names):
            DeclaredResource(
                self,
                f"{declared.kind}.{declared.name}",
                workspace=workspace,
                kind=declared.kind,
                name=declared.name,
                body=declared.body,
                depends_on=(
                    *(code.addresses if code and declared.uses_code else ()),
                    *(lying_there if "parent_path" in declared.body else ()),
                ),
            )

        take_over(self, settings.adoptions.get(id_, ()))

        for warning in bundle.warnings:
            Annotations.of(self).add_warning(joined(warning))
