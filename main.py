"""The app: a stack for the repository, one per environment of mlops.yaml, one per target of databricks.yml."""

from pathlib import Path

from safe_text.terminal import clean_tracebacks, stop
from settings import load
from settings.faults import FaultsError

PROJECT = Path(__file__).parent

clean_tracebacks()
try:
    settings = load(folder=PROJECT)
    # It starts jsii, which takes seconds: nobody waits for them to be told of a wrong key.
    from stacks.synthesis import synthesize

    synthesize(settings, project=PROJECT)
except FaultsError as faults:
    stop(str(faults))
