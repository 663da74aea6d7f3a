"""What stands for a CI principal until a deploy: who it is, only its workspace knows."""

from dataclasses import replace

from settings.faults import Fault

# A service principal's name is a UUID, and nobody has this one.
PLACEHOLDER_PRINCIPAL = "0c0ffee0-0000-4000-8000-00000000c1c1"
_AUTHORS_WORDS = "${workspace.current_user.userName}"


def in_authors_words(text: str) -> str:
    """A text for people, with the principal as an author of databricks.yml refers to it: what they copy works."""
    return text.replace(PLACEHOLDER_PRINCIPAL, _AUTHORS_WORDS)


def fault_in_authors_words(fault: Fault) -> Fault:
    """The same of all that a fault says."""
    return replace(
        fault,
        file=in_authors_words(fault.file),
        key=in_authors_words(fault.key),
        found=in_authors_words(fault.found),
        allowed=in_authors_words(fault.allowed),
        remedy=in_authors_words(fault.remedy),
    )
