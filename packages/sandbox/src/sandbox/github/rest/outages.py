"""What GitHub says when it cannot answer, in the words that users have quoted.

429: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api; 500: octokit/graphql.js issue 554;
502: octokit/octokit.net issue 2018 and, over GraphQL, cli/cli pull request 4154; 503: taskcluster/taskcluster-github
issue 96; 504: softprops/action-gh-release issue 612.
"""

from typing import Any

from sandbox.route import Answer, Call

_UNICORN = "<!DOCTYPE html>\n<html>\n  <head>\n    <title>Unicorn! &middot; GitHub</title>\n  </head>\n</html>\n"
_SORRY = "Sorry about that. Please try resubmitting your request and contact us if the problem persists."
_LIMITS = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"


def outage(call: Call, status: int, *, retry_after: int) -> Answer:
    """The answer with that status: 429, 500, 502, 503 or 504."""
    if status == 500:
        return Answer(_UNICORN.encode(), status, {"Content-Type": "text/html; charset=utf-8"})
    headers = {"Retry-After": str(retry_after)} if status == 429 else {}
    return Answer(_body(call, status), status, headers)


def _body(call: Call, status: int) -> dict[str, Any]:
    if status == 429:
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        return {"message": message, "documentation_url": _LIMITS}
    if status == 502 and call.path == "/graphql":
        message = (
            "Something went wrong while executing your query. This may be the result of a timeout, or it could be a "
            "GitHub bug. Please include `0000:0000:0:0:0` when reporting this issue."
        )
        return {"data": None, "errors": [{"message": message}]}
    return {
        "message": {
            502: "Server Error",
            503: f"No server is currently available to service your request. {_SORRY}",
            504: f"We couldn't respond to your request in time. {_SORRY}",
        }[status]
    }
