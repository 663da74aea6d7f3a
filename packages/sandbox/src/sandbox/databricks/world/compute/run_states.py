"""How far a simulated run is: what it came to is in its document, and shows as time passes.

A document has `start_time`, perhaps `cancelled_at`, and of each task in milliseconds from the start when it `started`
and `ended`, its `result`, and its `error` or what it `did`.
"""

from sandbox.store import Document

SIMULATED = "Simulated by the sandbox: no code was run."
PENDING, TASK = 400, 600  # milliseconds: for the cluster, and for each task

_CODES = {"SUCCESS": "SUCCESS", "CANCELED": "USER_CANCELED", "FAILED": "RUN_EXECUTION_ERROR"}


def active(run: Document, now: int) -> bool:
    """Whether a run has not ended yet."""
    return "cancelled_at" not in run and now - run["start_time"] < ended(run)


def ended(run: Document) -> int:
    """When a run ends, from its start."""
    if "cancelled_at" in run:
        return int(run["cancelled_at"] - run["start_time"])
    return max([PENDING, *(int(task["ended"]) for task in run["tasks"])])


def state(run: Document, now: int) -> Document:
    """The state; a failed run ends as INTERNAL_ERROR (terminateRun in libs/testserver/jobs.go of the CLI)."""
    if active(run, now):
        waits = now - run["start_time"] < PENDING
        return {"life_cycle_state": "PENDING" if waits else "RUNNING", "state_message": ""}
    failed, message = _failed(run), SIMULATED
    if failed:
        message = f"Task {failed['task_key']} failed with message: {failed['error']} ({SIMULATED})"
    life_cycle = "INTERNAL_ERROR" if failed else "TERMINATED"
    return {"life_cycle_state": life_cycle, "result_state": _result(run), "state_message": message}


def status(run: Document, now: int) -> Document:
    """The same in the words of API 2.2."""
    shown = state(run, now)
    if active(run, now):
        return {"state": shown["life_cycle_state"]}
    kind = "SUCCESS" if _result(run) == "SUCCESS" else "CLIENT_ERROR"
    details = {"code": _CODES[_result(run)], "type": kind, "message": shown["state_message"]}
    return {"state": "TERMINATED", "termination_details": details}


def task_state(run: Document, task: Document, now: int) -> Document:
    """The state of one task."""
    elapsed = (now if active(run, now) else run["start_time"] + ended(run)) - run["start_time"]
    if elapsed >= task["ended"]:
        message = f"{task['error']} ({SIMULATED})" if task.get("error") else account(task)
        return {"life_cycle_state": "TERMINATED", "result_state": task["result"], "state_message": message}
    if "cancelled_at" in run:
        return {"life_cycle_state": "TERMINATED", "result_state": "CANCELED", "state_message": SIMULATED}
    waits = elapsed < task["started"]
    return {"life_cycle_state": "PENDING" if waits else "RUNNING", "state_message": ""}


def account(task: Document) -> str:
    """What a task would have done."""
    did = task.get("did")
    return f"{SIMULATED} It would have: {', '.join(did)}." if did else SIMULATED


def _result(run: Document) -> str:
    if "cancelled_at" in run:
        return "CANCELED"
    return "FAILED" if _failed(run) else "SUCCESS"


def _failed(run: Document) -> Document | None:
    if "cancelled_at" in run:
        return None
    return next((task for task in run["tasks"] if task["result"] == "FAILED"), None)
