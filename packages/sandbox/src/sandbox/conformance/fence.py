"""The fence around a run: nothing that changes something goes out unless it is about the scratch."""

import json

from sandbox.conformance.client import Got, Workspace
from sandbox.conformance.placing import Sent
from sandbox.conformance.probes import Scratch
from sandbox.errors import SandboxError

_IDS = ("job_id", "experiment_id", "pipeline_id")


class Fenced:
    """A workspace that is asked to change only what has the scratch's name, or the id of what was made under it."""

    def __init__(self, workspace: Workspace, scratch: Scratch) -> None:
        self._workspace = workspace
        self._scratch = scratch
        self._own_ids: set[str] = set()

    def ask(self, sent: Sent) -> Got:
        """The answer; a request that leaves the fence is not sent."""
        if sent.method != "GET" and not self._is_inside(sent):
            raise SandboxError(f"{sent.method} {sent.address} is not about {self._scratch.name}: it was not sent.")
        got = self._workspace.ask(sent)
        if got.accepted and sent.method != "GET":
            self._own_ids |= {str(got.body[name]) for name in _IDS if name in got.body}
        return got

    def _is_inside(self, sent: Sent) -> bool:
        if self._scratch.name in json.dumps([dict(sent.params), dict(sent.query), sent.body]):
            return True
        named = {**sent.params, **(sent.body if isinstance(sent.body, dict) else {})}
        ids = [str(named[name]) for name in _IDS if name in named]
        return bool(ids) and set(ids) <= self._own_ids
