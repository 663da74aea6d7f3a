"""Lists as GitHub gives them out: page by page, with the neighbours named in the Link header.

https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from sandbox.route import Answer, Call


def page(call: Call, items: Sequence[Any]) -> Answer:
    """The page that was asked for, as a bare list."""
    shown, headers = _cut(call, items, default=30, most=100)
    return Answer(list(shown), headers=headers)


def counted_page(call: Call, key: str, items: Sequence[Any], *, default: int = 30, most: int = 100) -> Answer:
    """The page that was asked for, under `key` beside the total count; some lists have sizes of their own."""
    shown, headers = _cut(call, items, default=default, most=most)
    return Answer({"total_count": len(items), key: list(shown)}, headers=headers)


def _cut(call: Call, items: Sequence[Any], *, default: int, most: int) -> tuple[Sequence[Any], dict[str, str]]:
    size = min(_number(call.query.get("per_page"), default), most)
    number = _number(call.query.get("page"), 1)
    last = max(1, -(-len(items) // size))
    neighbours: dict[str, int] = {}
    if number > 1:
        neighbours |= {"prev": min(number - 1, last), "first": 1}
    if number < last:
        neighbours |= {"next": number + 1, "last": last}
    links = ", ".join(
        f'<https://{call.host}{quote(call.path)}?{urlencode({**call.query, "page": at})}>; rel="{name}"'
        for name, at in neighbours.items()
    )
    return items[(number - 1) * size : number * size], {"Link": links} if links else {}


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and int(text) > 0 else default
