"""What Databricks says when it cannot answer.

The words of 429, 503 and 504 are those that users have quoted (databrickslabs/ucx issue 556, microsoft/azdo-databricks
issue 15). SCIM says "null" for what went wrong inside (`standardErrorParser` of databricks-sdk-go); 502 comes from the
gateway before the services, which speaks HTML.
"""

from typing import Any

from sandbox.route import Answer, Call

_BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)
_UNAVAILABLE = "TEMPORARILY_UNAVAILABLE"


def outage(call: Call, status: int, *, retry_after: int) -> Answer:
    """The answer with that status: 429, 500, 502, 503 or 504."""
    if status == 502:
        return Answer(_BAD_GATEWAY.encode(), status, {"Content-Type": "text/html"})
    headers = {"Retry-After": str(retry_after)} if status == 429 else {}
    return Answer(_body(call, status), status, headers)


def _body(call: Call, status: int) -> dict[str, Any]:
    if status == 500 and "/scim/v2/" in call.path:
        return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": "null", "status": "500"}
    code, message = {
        429: (
            "RESOURCE_EXHAUSTED",
            "Too many requests. Please wait a moment and try again. If the issue persists, consider adjusting your "
            "request frequency or reaching out to support for assistance.",
        ),
        500: ("INTERNAL_ERROR", "An internal error occurred."),
        503: (_UNAVAILABLE, f"The service at {call.path} is temporarily unavailable. Please try again later."),
        504: (
            _UNAVAILABLE,
            f"The service at {call.path} is taking too long to process your request. "
            "Please try again later or try a faster operation.",
        ),
    }[status]
    return {"error_code": code, "message": message}
