"""Names of secrets and variables.

https://docs.github.com/actions/reference/security/secrets#naming-your-secrets
"""

import re

from sandbox.github.world.refusals import UnprocessableError
from sandbox.source import github_docs

_SOURCE = github_docs("actions/reference/security/secrets")

_NAME = re.compile(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*\Z")


def setting_name(noun: str, text: str) -> str:
    """The name as GitHub keeps it, upper case; refused when GitHub does not take it."""
    name = text.upper()
    if not _NAME.match(name):
        raise UnprocessableError(
            f"{noun} names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). "
            "Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_), "
            "and must not start with the GITHUB_ prefix.",
            source=_SOURCE,
        )
    return name
