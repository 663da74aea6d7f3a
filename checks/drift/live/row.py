"""What a row of the table says: how an object of a type is asked for, and how its answer compares with Terraform's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Answer = Mapping[str, Any]

CLI = "https://github.com/databricks/cli/blob/v1.13.0"
PROVIDER = "https://github.com/databricks/terraform-provider-databricks/blob/v1.99.0"
API = "https://docs.databricks.com/api/workspace"


class _Anything:
    def __repr__(self) -> str:
        return "ANYTHING"


ANYTHING = _Anything()
"""Whatever value: what the service fills in is nobody's doing."""


def _itself(answer: Answer) -> Answer:
    return answer


@dataclass(frozen=True, slots=True)
class Default:
    """What a service says of an attribute that nobody has configured, and the page or file that says so.

    `path` has Terraform's names, without the keys of blocks; a leading `*.` stands for any way there, and a trailing
    `*` for the rest of a name. `values` are those that are the service's own. `inner`: it is so in a block that
    somebody has configured, and says nothing of one that nobody has. `silent`: the service may leave it out.
    """

    path: str
    source: str
    values: tuple[Any, ...] | _Anything = ANYTHING
    inner: bool = False
    silent: bool = True

    def holds(self, value: Any) -> bool:
        """Whether that value is the service's own."""
        return isinstance(self.values, _Anything) or value in self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRow:
    """How objects of one of Terraform's types are looked at.

    `url`: where one is, filled with the attributes that its state has. `inside`: what of the answer is the object.
    `adapted`: the object with what the answer says elsewhere. `names`: Terraform's names by the path of the service's.
    `identity`: attributes that are not compared, each with the reason: they say which object it is, no read shows them,
    or another check looks at them. `defaults`: what the service fills in. `own`: members that it adds to lists.
    `alike`: by path, what of a value counts.
    `principal`: the attribute that says who the object belongs to, or acts as; where nobody configures it, that is
    who deploys the stack. `maker`: the attribute that says who made it; another's object may belong to that one.
    """

    type: str
    url: str
    inside: str = ""
    adapted: Callable[[Answer], Answer] = _itself
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    identity: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    defaults: tuple[Default, ...] = ()
    own: Mapping[str, Callable[[Mapping[str, Any]], bool]] = field(default_factory=lambda: MappingProxyType({}))
    alike: Mapping[str, Callable[[str], str]] = field(default_factory=lambda: MappingProxyType({}))
    principal: str = ""
    maker: str = ""

    def default(self, path: tuple[str, ...]) -> Default | None:
        """The default of an attribute, by the names on the way to it."""
        return next((one for one in self.defaults if matches(one.path, path)), None)


def matches(pattern: str, path: tuple[str, ...]) -> bool:
    """Whether a path of names is one that a pattern means.

    >>> matches("*.new_cluster.node_type_id", ("job_cluster", "new_cluster", "node_type_id"))
    True
    >>> matches("tags", ("task", "tags")), matches("properties.unity.*", ("properties", "unity.x"))
    (False, True)
    """
    names = pattern.split(".")
    if names[0] == "*":
        return len(path) >= len(names) - 1 and path[len(path) - len(names) + 1 :] == tuple(names[1:])
    if names[-1] == "*":
        return ".".join(path).startswith(pattern[:-1])
    return path == tuple(names)
