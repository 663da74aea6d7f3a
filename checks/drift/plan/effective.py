"""What really differs in a change."""

from checks.drift.plan.difference import Leaf, differences
from checks.drift.plan.document import Change, Configured


def leaves_of(change: Change) -> tuple[Leaf, ...]:
    """Every leaf in which a change differs."""
    return differences(
        change.before,
        change.after,
        before_sensitive=change.before_sensitive,
        after_sensitive=change.after_sensitive,
        after_unknown=change.after_unknown,
    )


def effective(change: Change, configured: Configured) -> list[Leaf]:
    """The same without what the service alone decides: values that are not known yet and that nothing refers to."""
    return [leaf for leaf in leaves_of(change) if not leaf.unknown or configured.behind(leaf.names)]
