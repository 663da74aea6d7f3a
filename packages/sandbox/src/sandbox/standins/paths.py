"""Path templates, written as Starlette writes them: "{name}", or "{name:path}" for a name that may hold slashes."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")


def fill(template: str, names: Mapping[str, Any]) -> str:
    """The template with its parameters, escaped.

    >>> fill("/git/ref/heads/{branch:path}", {"branch": "feature/a b"})
    '/git/ref/heads/feature/a%20b'
    """
    return _PARAMETER.sub(lambda match: quote(str(names[match[1]]), safe="/" if match[2] else ""), template)
