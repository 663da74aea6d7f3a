"""The app: a stack for the repository, one per environment of mlops.yaml, one per target of databricks.yml."""

from pathlib import Path

from cdktf import App

from safe_text.terminal import clean_tracebacks, stop
from settings import load
from settings.faults import FaultsError
from stacks.all_stacks import all_stacks
from stacks.code_files import put_code
from stacks.expression_check import check_expressions, withdraw
from stacks.private_output import keep_private
from stacks.provider_lock import put_provider_locks

clean_tracebacks()
try:
    settings = load(folder=Path(__file__).parent)
    app = App(outdir=settings.invocation.output)
    stacks = all_stacks(app, settings)
except FaultsError as faults:
    stop(str(faults))

try:
    app.synth()
    keep_private(app.outdir, settings)
    # Nothing in them is evaluated but what they have written themselves.
    check_expressions(Path(app.outdir), stacks, settings)
    put_code(app.outdir, stacks)
    put_provider_locks(app.outdir, settings, project=Path(__file__).parent)
except BaseException as error:
    withdraw(Path(app.outdir), stacks)
    if isinstance(error, FaultsError):
        stop(str(error))
    raise
