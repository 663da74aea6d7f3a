"""Whether the jobs of the workflows are different principals, as far as a job can know."""

from collections.abc import Iterable, Iterator

from databricks.sdk.errors import PermissionDenied

from checks.live import Live

_DOCS = "docs/workflows.md, 'Credentials'"


def shared(principals: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A warning for each client id that several environments of GitHub have; those without one are left out."""
    named: dict[str, list[str]] = {}
    for environment, client_id in principals:
        if client_id:
            named.setdefault(client_id, []).append(environment)
    for environments in named.values():
        if len(environments) > 1:
            yield (
                f"the environments {' and '.join(environments)} share one principal: whoever gets hold of one job's "
                f"credentials has those of the others. Give each its own ({_DOCS})"
            )


def may_too_much(live: Live) -> str:
    """A warning where the principal at hand is an account admin; an empty text where it is none.

    LoginError, or the service's refusal, where neither is known.
    """
    try:
        live.workspaces()
    except PermissionDenied:
        return ""
    return (
        "the principal that looks for drift is an account admin, and nobody approves what it does. Without "
        f"that role it cannot look at the stacks of environments, but at all others ({_DOCS})"
    )
