"""GitHub, as the owner of a token sees it.

Requests go to api.github.com and nowhere else, wherever an answer redirects to: each of them carries the token.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.auth import AuthBase

from checks.github_api import HEADERS, HOST, Answer, GitHubError, authorization, has_next_page, pages

_ANSWER_SECONDS = 20
_RETRIES = 2  # of what did not reach GitHub, or was only to be read
_REDIRECTS = 3
# "Repeat the request verbatim to the URI in the Location header."
# https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
_MOVED = (301, 302, 307, 308)


class _Bearer(AuthBase):
    """Also keeps `requests` from taking a password out of ~/.netrc instead."""

    def __init__(self, token: str) -> None:
        self._header = authorization(token)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


class GitHub:
    """A client with a token. Paths are those of GitHub's documentation, without the leading slash.

    Every method raises GitHubError where GitHub refuses, requests.RequestException where it does not answer.
    `transport` is what carries requests, instead of the network.
    """

    def __init__(self, token: str, *, transport: BaseAdapter | None = None) -> None:
        self._session = requests.Session()
        self._session.mount("https://", transport or HTTPAdapter(max_retries=_RETRIES))
        self._session.headers.update(HEADERS)
        self._session.auth = _Bearer(token)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Send a request, with a body as JSON."""
        url = f"https://{HOST}/{path}"
        for _ in range(_REDIRECTS + 1):
            response = self._send(method, url, body)
            if response.status_code not in _MOVED:
                break
            url = _same_host(url, response)
        else:
            raise GitHubError(response.status_code, f"GitHub redirected the request more than {_REDIRECTS} times")
        data = _json(response)
        if not response.ok:
            raise GitHubError.of(response.status_code, data)
        return Answer(data, more=has_next_page(response.headers.get("Link")))

    def get(self, path: str) -> Any:
        """What is there."""
        return self.ask("GET", path).data

    def pages(self, path: str, key: str | None = None) -> Iterator[Any]:
        """What a list has on all of its pages; `key` is where an answer that is an object keeps it."""
        return pages(self.ask, path, key)

    def graphql(self, query: str, variables: Mapping[str, Any]) -> Any:
        """The data of a GraphQL query's answer."""
        answer = self.ask("POST", "graphql", {"query": query, "variables": variables}).data
        if answer.get("errors"):
            raise GitHubError.of(400, answer)
        return answer["data"]

    def repository(self, name: str) -> "Repository":
        """A repository, by its owner/name; one request."""
        return Repository(self, self.get(f"repos/{quote(name)}"))

    def login(self) -> str:
        """Whom the token belongs to."""
        return str(self.get("user")["login"])

    def _send(self, method: str, url: str, body: Mapping[str, Any] | None) -> requests.Response:
        try:
            return self._session.request(method, url, json=body, timeout=_ANSWER_SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            error.request = None  # its headers hold the token
            raise


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, and `data`, what GitHub says about it: https://docs.github.com/rest/repos/repos#get-a-repository"""

    client: GitHub
    data: Mapping[str, Any]

    @property
    def full_name(self) -> str:
        """As owner/name: its present one, where it was asked for by an earlier one."""
        return str(self.data["full_name"])

    @property
    def visibility(self) -> str:
        """`private` or `public`."""
        return "private" if self.data["private"] else "public"

    def may(self, permission: str) -> bool:
        """Whether the token's owner has a permission such as `admin` or `push`."""
        return bool((self.data.get("permissions") or {}).get(permission))

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Send a request whose path is below the repository's."""
        return self.client.ask(method, f"repos/{quote(self.full_name)}/{path}", body)

    def get(self, path: str) -> Any:
        """What is there, below the repository's path."""
        return self.ask("GET", path).data

    def pages(self, path: str, key: str | None = None) -> Iterator[Any]:
        """What a list below the repository's path has on all of its pages."""
        return pages(self.ask, path, key)


def _same_host(url: str, response: requests.Response) -> str:
    """Where an answer redirects to; GitHubError where that is another host."""
    there = urlsplit(urljoin(url, response.headers.get("Location", "")))
    if (there.scheme, there.netloc) != ("https", HOST):
        raise GitHubError(
            response.status_code, "GitHub redirected the request to another host, which must not get the token"
        )
    return f"https://{HOST}{there.path}{f'?{there.query}' if there.query else ''}"


def _json(response: requests.Response) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except requests.JSONDecodeError:
        if response.ok:
            raise GitHubError(response.status_code, "GitHub's answer is not JSON") from None
        return None
