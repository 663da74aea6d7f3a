"""Attributes of pipelines. What is sent replaces the whole specification.

https://docs.databricks.com/api/workspace/pipelines/update
"""

from sandbox.tampering.attributes.forms import Attribute, Document, Form, More, Never, Rows
from sandbox.tampering.console import Console
from sandbox.tampering.managed import Managed


def _read(console: Console, pipeline: Managed) -> Document:
    shown: Document = console.databricks("GET", pipeline.host, f"/api/2.0/pipelines/{pipeline['id']}")
    return dict(shown["spec"])


def _write(console: Console, pipeline: Managed, _: Document, after: Document) -> None:
    console.databricks("PUT", pipeline.host, f"/api/2.0/pipelines/{pipeline['id']}", after)


_ALWAYS = Never("every stack sets it for every pipeline")
_DEFAULT = Never("the service says its default then, which is what stacks set")

PIPELINES = Rows(
    Form(type="databricks_pipeline", read=_read, write=_write),
    (
        Attribute(
            name="catalog",
            removed=Never("the service refuses it: a pipeline stays where it stores"),
            added=Never("the service refuses it: a pipeline stays where it stores"),
        ),
        Attribute(name="channel", removed=_DEFAULT, added=_ALWAYS),
        Attribute(name="configuration", changed=lambda held: {**held, "by": "hand"}, added={"by": "hand"}),
        Attribute(name="continuous", added=True, only_added=True),
        Attribute(name="development", removed=Never("it is on or off: that is the change"), added=True),
        Attribute(name="edition", removed=_DEFAULT, added=_ALWAYS),
        Attribute(
            name="library",
            path="libraries",
            added=More({"notebook": {"path": "/Shared/by-hand-too"}}),
        ),
        Attribute(name="name", removed=Never("a pipeline needs one"), added=_ALWAYS),
        Attribute(
            name="notification",
            path="notifications",
            changed=lambda held: [{**held[0], "email_recipients": ["somebody@example.com"]}],
            added=[{"email_recipients": ["somebody@example.com"], "alerts": ["on-update-failure"]}],
        ),
        Attribute(
            name="photon",
            changed=lambda held: not held,
            removed=Never("it is on or off: that is the change"),
            added=True,
        ),
        Attribute(name="serverless", added=True, only_added=True),
        Attribute(name="tags", added={"by": "hand"}),
    ),
)
