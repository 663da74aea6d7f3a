"""GitHub's REST API as both of its callers here know it: what is sent with a request, what comes back, what is refused.

The standard library alone: checks/notes.py has to work where nothing is installed.
https://docs.github.com/rest/using-the-rest-api
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

HOST = "api.github.com"
HEADERS: Mapping[str, str] = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "databricks-mlops-setup",  # a request without one is refused
}
_PAGE = 100  # the most that GitHub gives at once
_TOKEN = re.compile(r"[\x21-\x7e]+")


class GitHubError(Exception):
    """GitHub refuses. `status` is that of its answer; the text is why, in its own words, without a full stop."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status

    @classmethod
    def of(cls, status: int, answer: Any) -> "GitHubError":
        """What an answer says: its message, and what it lists as errors."""
        data = answer if isinstance(answer, dict) else {}
        listed = data.get("errors")
        details = [str(one["message"]) for one in _items(listed) if isinstance(one, dict) and "message" in one]
        message = data.get("message")
        words = [str(message)] if message else [] if details else [f"GitHub answered {status}"]
        return cls(status, "; ".join([*words, *details]).rstrip("."))

    @property
    def is_bad_token(self) -> bool:
        """Whether GitHub does not know the token at all."""
        return self.status == 401 and str(self).lower() == "bad credentials"


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of an answer, and whether it is a page that others follow."""

    data: Any
    more: bool = False


# Sends a request: method, path, body. Which address the path is relative to, the sender says.
Ask = Callable[[str, str, Mapping[str, Any] | None], Answer]


def pages(ask: Ask, path: str, key: str | None = None) -> Iterator[Any]:
    """What a list has on all of its pages; `key` is where an answer that is an object keeps it.

    The next page is asked for by its number: an address in an answer is never followed.
    """
    joined, number = "&" if "?" in path else "?", 1
    while True:
        answer = ask("GET", f"{path}{joined}per_page={_PAGE}&page={number}", None)
        yield from answer.data if key is None else answer.data[key]
        if not answer.more:
            return
        number += 1


def has_next_page(link: str | None) -> bool:
    """What the header Link of an answer says."""
    return 'rel="next"' in (link or "")


def authorization(token: str) -> str:
    """The header of that name; GitHubError for a token with a character that no header takes.

    An HTTP client would refuse that too, in words that hold the token.
    """
    if not _TOKEN.fullmatch(token):
        raise GitHubError(401, "the token holds a character that no token has, such as a line break: copy it again")
    return f"Bearer {token}"


def _items(listed: Any) -> list[Any]:
    return listed if isinstance(listed, list) else []
