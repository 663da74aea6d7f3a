"""`/telemetry-ext`: what clients say about themselves, which nobody keeps (libs/telemetry of the Databricks CLI)."""

from sandbox.databricks.rest.bodies import body
from sandbox.route import Call
from sandbox.store import Document


def receive(call: Call) -> Document:
    """Take it all as well received."""
    logs = body(call).get("protoLogs") or []
    return {"errors": [], "numProtoSuccess": len(logs), "numSuccess": len(logs)}
