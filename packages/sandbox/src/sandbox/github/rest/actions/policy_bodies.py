"""What bodies about Actions permissions say, of an organisation and of a repository alike."""

from sandbox.github.rest.bodies import one_of, optional
from sandbox.github.world.actions.organization_policies import READ_ONLY
from sandbox.route import Call
from sandbox.store import Document


def selected_actions(call: Call) -> Document:
    """The actions that a body selects."""
    return {
        "github_owned_allowed": optional(call, "github_owned_allowed", bool, False),
        "verified_allowed": optional(call, "verified_allowed", bool, False),
        "patterns_allowed": optional(call, "patterns_allowed", list, []),
    }


def workflow_permissions(call: Call, kept: Document) -> Document:
    """What a body makes of the workflow token's rights."""
    name, approve = READ_ONLY
    return {
        name: one_of(call, name, ("read", "write"), kept[name]),
        approve: optional(call, approve, bool, kept[approve]),
    }
