"""All stacks, written where Terraform reads them, or nothing."""

from pathlib import Path

from cdktf import App

from settings import Settings
from stacks.all_stacks import all_stacks
from stacks.code_files import put_code
from stacks.expression_check import check_expressions, withdraw
from stacks.private_output import keep_private
from stacks.provider_lock import put_provider_locks


def synthesize(settings: Settings, *, project: Path) -> None:
    """Write every stack of the settings into their output folder; `project` is the app's own.

    Raises FaultsError for what no stack may contain; then nothing is left that could be deployed.
    """
    app = App(outdir=settings.invocation.output)
    stacks = all_stacks(app, settings)
    try:
        app.synth()
        keep_private(app.outdir, settings)
        # Nothing in them is evaluated but what they have written themselves.
        check_expressions(Path(app.outdir), stacks, settings)
        put_code(app.outdir, stacks)
        put_provider_locks(app.outdir, settings, project=project)
    except BaseException:
        withdraw(Path(app.outdir), stacks)
        raise
