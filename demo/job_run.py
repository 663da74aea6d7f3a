"""Run with nothing but a CI token in the environment: runs jobs of a workspace, one after the other, to their end.

Prints one JSON object: by each job's name SUCCESS, or the message that the service gives for what went wrong.
Usage: python -m demo.job_run HOST JOB_NAME [JOB_NAME ...]
"""

import json
import os
import sys
from datetime import timedelta

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import OperationFailed
from databricks.sdk.service.jobs import RunResultState

_TIMEOUT = timedelta(minutes=1)


def main(host: str, *names: str) -> None:
    """Run each job after the one before has ended, until one does not succeed."""
    client = WorkspaceClient(host=host, token=os.environ["DATABRICKS_TOKEN"], auth_type="pat")
    results: dict[str, str] = {}
    for name in names:
        results[name] = _run(client, name)
        if results[name] != "SUCCESS":
            break
    sys.stdout.write(json.dumps(results) + "\n")


def _run(client: WorkspaceClient, name: str) -> str:
    (job,) = client.jobs.list(name=name)
    started = client.jobs.run_now(job.job_id or 0)
    try:
        run = client.jobs.wait_get_run_job_terminated_or_skipped(started.run_id, timeout=_TIMEOUT)
    except OperationFailed:
        run = client.jobs.get_run(started.run_id)
    state = run.state
    if state is not None and state.result_state is RunResultState.SUCCESS:
        return "SUCCESS"
    return str(state and (state.state_message or state.life_cycle_state))


if __name__ == "__main__":
    main(*sys.argv[1:])
