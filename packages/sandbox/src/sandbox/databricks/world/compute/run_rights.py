"""What a task of a run would need: its code, and rights on what its parameters name. Nothing is read, written or run.

The words are those of Spark, MLflow and Jobs, as users have quoted them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.context import Caller, Context
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.compute import git_sources, jobs
from sandbox.databricks.world.compute.job_settings import tasks_of
from sandbox.databricks.world.compute.run_parameters import Action, Use, job_parameters, parameters_of, uses
from sandbox.databricks.world.identity.principals import Principal
from sandbox.databricks.world.refusals import DatabricksRefusalError, NotFoundError, PermissionDeniedError
from sandbox.databricks.world.unity_catalog import authorization, securables
from sandbox.databricks.world.unity_catalog.privileges import Privilege, SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable, securable
from sandbox.databricks.world.workspace import workspace_tree
from sandbox.databricks.world.workspace.workspace_tree import IS_DIRECTORY, IS_EXPERIMENT, IS_FILE, IS_NOTEBOOK
from sandbox.store import Document


class TaskError(Exception):
    """The task fails; the text is what its output shows."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Who a run is, on the workspace of the request."""

    context: Context
    principal: Principal

    @property
    def caller(self) -> Caller:
        """The principal as Unity Catalog asks for it."""
        return Caller(kind=self.principal.kind, id=self.principal.id, name=self.principal.name)

    @property
    def named(self) -> str:
        """What the Jobs service calls it."""
        return f"{self.principal.display_name} ({self.principal.name})"


def check_task(runner: Runner, settings: Document, task: Document, parameters: Mapping[str, str]) -> list[str]:
    """What the task would have done; TaskError when it could not."""
    _check_code(runner, settings, task)
    wanted = sorted(uses(parameters), key=lambda use: use.action.value)
    return [_check_use(runner, use) for use in wanted]


def _check_use(runner: Runner, use: Use) -> str:
    checks: Mapping[Action, Callable[[Runner, str], None]] = {
        Action.READ: _check_read,
        Action.WRITE: _check_write,
        Action.TRAIN: _check_train,
        Action.LOAD: _check_load,
        Action.LOG: _check_log,
    }
    checks[use.action](runner, use.name)
    return str(use)


def _check_read(runner: Runner, name: str) -> None:
    table = _table(runner, name)
    if _in_spark(runner, table):
        with _spark():
            _authorize(runner, Privilege.SELECT, table)
    elif not _made_elsewhere(runner.context, Use(Action.WRITE, name)):
        raise TaskError(
            f"[TABLE_OR_VIEW_NOT_FOUND] The table or view {_quoted(name)} cannot be found. "
            "Verify the spelling and correctness of the schema and catalog. SQLSTATE: 42P01"
        )


def _check_write(runner: Runner, name: str) -> None:
    table = _table(runner, name)
    if _in_spark(runner, table):
        # MODIFY is of use only together with SELECT.
        for privilege in (Privilege.SELECT, Privilege.MODIFY):
            with _spark():
                _authorize(runner, privilege, table)
    else:
        with _spark():
            _authorize(runner, Privilege.CREATE_TABLE, table.containers[1])


def _check_train(runner: Runner, name: str) -> None:
    """Versions are the owner's to add, or need CREATE_MODEL_VERSION (docs.databricks.com, "Upgrade ML workflows")."""
    model = _model(runner, name)
    if _in_mlflow(runner, model):
        with _mlflow():
            _authorize(runner, Privilege.CREATE_MODEL_VERSION, model)
    else:
        with _mlflow():
            _authorize(runner, Privilege.CREATE_MODEL, model.containers[1])


def _check_load(runner: Runner, name: str) -> None:
    model = _model(runner, name)
    if _in_mlflow(runner, model):
        with _mlflow():
            _authorize(runner, Privilege.EXECUTE, model)
    elif not _made_elsewhere(runner.context, Use(Action.TRAIN, name)):
        raise TaskError(f"RestException: RESOURCE_DOES_NOT_EXIST: {securables.missing(model).message}")


def _check_log(runner: Runner, name: str) -> None:
    """MLflow makes the experiment that it does not find."""
    context, path = runner.context, workspace_tree.place(name)
    experiment = workspace_tree.find(context, path)
    if experiment is not None and experiment.type != IS_EXPERIMENT:
        raise TaskError(f"RestException: RESOURCE_ALREADY_EXISTS: Node named '{path}' is no experiment.")
    if experiment is not None:
        level, target = object_access.CAN_EDIT, experiment
    else:
        folder = workspace_tree.find(context, workspace_tree.parent(path))
        if folder is None or folder.type != IS_DIRECTORY:
            missing = workspace_tree.parent(path)
            raise TaskError(f"RestException: RESOURCE_DOES_NOT_EXIST: Parent directory {missing} does not exist.")
        level, target = object_access.CAN_MANAGE, folder
    if not object_access.may(context, level, workspace_tree.access(context, target), principal_id=runner.principal.id):
        denied = f"{runner.principal.name} does not have {level} permissions on {target.path}"
        raise TaskError(f"RestException: PERMISSION_DENIED: {denied}")


def _check_code(runner: Runner, settings: Document, task: Document) -> None:
    of_notebook, of_script = task.get("notebook_task") or {}, task.get("spark_python_task") or {}
    path, kind = of_notebook.get("notebook_path"), IS_NOTEBOOK
    if not path:
        path, kind = of_script.get("python_file"), IS_FILE
    git = settings.get("git_source")
    source = of_notebook.get("source") or of_script.get("source") or ("GIT" if git else "WORKSPACE")
    if path and source == "GIT" and git:
        try:
            git_sources.require_file(runner.context, git, str(path), runner.principal.id, notebook=kind == IS_NOTEBOOK)
        except git_sources.GitSourceError as error:
            raise TaskError(str(error)) from None
    elif path and str(path).startswith("/") and not str(path).startswith("/Volumes/"):
        _check_in_workspace(runner, str(path), kind)
    if called := (task.get("run_job_task") or {}).get("job_id"):
        _check_called_job(runner, str(called))


def _check_in_workspace(runner: Runner, path: str, kind: str) -> None:
    node = workspace_tree.find(runner.context, workspace_tree.place(path))
    readable = node is not None and object_access.may(
        runner.context,
        object_access.CAN_READ,
        workspace_tree.access(runner.context, node),
        principal_id=runner.principal.id,
    )
    if node is None or node.type != kind or not readable:
        noun = "notebook" if kind == IS_NOTEBOOK else "file"
        raise TaskError(
            f'Unable to access the {noun} "{path}". Either it does not exist, or the identity used to run this job, '
            f"{runner.named}, lacks the required permissions."
        )


def _check_called_job(runner: Runner, job_id: str) -> None:
    try:
        called = jobs.existing_access(runner.context, job_id)
    except NotFoundError as refusal:
        raise TaskError(refusal.message) from None
    needed = object_access.CAN_MANAGE_RUN
    if not object_access.may(runner.context, needed, called, principal_id=runner.principal.id):
        raise TaskError(f"{runner.principal.name} does not have Manage Run permissions on job {job_id}")


def _table(runner: Runner, name: str) -> Securable:
    try:
        return securable(runner.context, SecurableType.TABLE, name)
    except NotFoundError:
        raise TaskError("[UC_NOT_ENABLED] Unity Catalog is not enabled on this cluster. SQLSTATE: 56038") from None


def _model(runner: Runner, name: str) -> Securable:
    with _mlflow():
        return securable(runner.context, SecurableType.MODEL, name)


def _in_spark(runner: Runner, wanted: Securable) -> bool:
    """Whether it exists; what it lies in must, and must be open to the runner."""
    catalog, schema = wanted.containers
    if securables.load(runner.context.store, catalog) is None:
        raise TaskError(
            f"[NO_SUCH_CATALOG_EXCEPTION] Catalog '{catalog.full_name}' was not found. "
            "Please verify the catalog name and then retry the query or command again. SQLSTATE: 42704"
        )
    with _spark():
        securables.require_binding(runner.context, catalog)
    existing = [level for level in (catalog, schema) if securables.load(runner.context.store, level) is not None]
    with _spark():
        authorization.authorize_way(runner.context.store, runner.caller, existing)
    if schema not in existing:
        raise TaskError(
            f"[SCHEMA_NOT_FOUND] The schema {_quoted(schema.full_name)} cannot be found. "
            "Verify the spelling and correctness of the schema and catalog. SQLSTATE: 42704"
        )
    return securables.load(runner.context.store, wanted) is not None


def _in_mlflow(runner: Runner, wanted: Securable) -> bool:
    """Whether it exists; what it lies in must, and must be open to the runner."""
    for level in wanted.containers:
        if securables.load(runner.context.store, level) is None:
            raise TaskError(f"RestException: NOT_FOUND: {securables.missing(level).message}")
        if level.type is SecurableType.CATALOG:
            with _mlflow():
                securables.require_binding(runner.context, level)
    with _mlflow():
        authorization.authorize_way(runner.context.store, runner.caller, wanted.containers)
    return securables.load(runner.context.store, wanted) is not None


def _authorize(runner: Runner, privilege: Privilege, on: Securable) -> None:
    authorization.authorize(runner.context.store, runner.caller, privilege, on)


@contextmanager
def _spark() -> Iterator[None]:
    """Refusals in Spark's words."""
    try:
        yield
    except PermissionDeniedError as refusal:
        text = f"[INSUFFICIENT_PERMISSIONS] Insufficient privileges: {refusal.message} SQLSTATE: 42501"
        raise TaskError(text) from None


@contextmanager
def _mlflow() -> Iterator[None]:
    """Refusals in MLflow's words."""
    try:
        yield
    except DatabricksRefusalError as refusal:
        raise TaskError(f"RestException: {refusal.code}: {refusal.message}") from None


def _made_elsewhere(context: Context, wanted: Use) -> bool:
    """Whether a job of the workspace would have made it, had that not been simulated."""
    for _, job in jobs.all_jobs(context):
        settings = job["settings"]
        given = job_parameters(settings, {})
        for task in tasks_of(settings):
            made = uses(parameters_of(task, given, {}))
            if any(use.action is wanted.action and use.name.lower() == wanted.name.lower() for use in made):
                return True
    return False


def _quoted(name: str) -> str:
    return ".".join(f"`{part}`" for part in name.split("."))
