"""References to resources of the bundle, which stay in the resolved text: what they name is known after a deploy.

What a reference looks like: databricks/cli v0.280.0 libs/dyn/dynvar/ref.go.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAME = r"[a-zA-Z](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?"
# `$${` is how Terraform, for which the Databricks CLI leaves these, writes the text `${`.
_REFERENCE = re.compile(rf"(?<!\$)\$\{{resources\.({_NAME})\.({_NAME})((?:\.{_NAME}|\[[0-9]+\])*)\}}")


@dataclass(frozen=True, slots=True)
class ResourceReference:
    """`${resources.jobs.train.id}`: kind, key and `.id`, which is empty for the resource as a whole."""

    kind: str
    key: str
    attribute: str

    def __str__(self) -> str:
        return f"resources.{self.kind}.{self.key}{self.attribute}"


def split_references(text: str) -> Iterator[str | ResourceReference]:
    """The text in pieces: what stands between references, which may be empty, and the references."""
    end = 0
    for found in _REFERENCE.finditer(text) if "${resources." in text else ():
        yield text[end : found.start()]
        yield ResourceReference(*found.groups())
        end = found.end()
    yield text[end:]
