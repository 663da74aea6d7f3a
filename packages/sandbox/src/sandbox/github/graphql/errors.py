"""GraphQL's refusals: status 200, an `errors` list, and null where the answer would have been."""

from typing import Any

from sandbox.context import RefusalError
from sandbox.route import Answer
from sandbox.source import Source, github_provider

_NODES = github_provider("github/resource_github_branch_protection.go")


class GraphQLRefusalError(RefusalError):
    """One error. It takes the whole request back; `key` is the root field that stays null, if it got that far."""

    def __init__(
        self,
        message: str,
        *,
        kind: str = "",
        key: str = "",
        location: tuple[int, int] | None = None,
        source: Source | None = None,
    ) -> None:
        self.message = message
        self.kind = kind
        self.key = key
        self.location = location
        self.source = source
        super().__init__(message)


def refused(refusal: GraphQLRefusalError) -> Answer:
    """The refusal as the GraphQL API writes it."""
    error: dict[str, Any] = {"message": refusal.message}
    if refusal.kind:
        error["type"] = refusal.kind
    if refusal.key:
        error["path"] = [refusal.key]
    if refusal.location:
        error["locations"] = [{"line": refusal.location[0], "column": refusal.location[1]}]
    # A key that nobody asked for would break the Terraform provider: null stands at the root field alone.
    return Answer({"data": {refusal.key: None}, "errors": [error]} if refusal.key else {"errors": [error]})


def not_found(message: str, *, source: Source) -> GraphQLRefusalError:
    """There is no such thing, or not for this caller."""
    return GraphQLRefusalError(message, kind="NOT_FOUND", source=source)


def node_not_found(identifier: Any) -> GraphQLRefusalError:
    """No object has this global id. The Terraform provider looks for this sentence."""
    return not_found(f"Could not resolve to a node with the global id of '{identifier}'", source=_NODES)
