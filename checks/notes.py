"""What workflows leave on GitHub: one comment on a pull request, one issue as long as something fails.

`python -m checks.notes` needs the standard library alone: it must be able to say that everything else did not work.
"""

import argparse
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.github_api import HEADERS, HOST, Answer, Ask, GitHubError, authorization, has_next_page, pages
from safe_text.media import title as shown_title
from safe_text.terminal import clean_tracebacks, say, stop

# "body is too long (maximum is 65536 characters)", for issues and comments alike.
MAX_CHARACTERS = 65_536
_CUT = "\n\nThe rest is cut off: GitHub accepts no more. The run's log has all of it.\n"
# Who a job's own token writes as.
AUTHOR = "github-actions[bot]"
_ANSWER_SECONDS = 30


class RefusedError(Exception):
    """GitHub refuses or does not answer; the text is why, without a full stop."""


@dataclass(frozen=True, slots=True)
class Notes:
    """The issues and comments of a repository that bear a marker of ours.

    Anybody can write the text of a marker. It counts at the very start of a body, where our own text puts nothing of
    others, and when `author` wrote the body: somebody else could change theirs again.
    """

    ask: Ask
    author: str = AUTHOR

    def comment(self, *, number: int, marker: str, text: str) -> str:
        """Write the comment of that marker on a pull request, or anew where there is one; what was done."""
        path, body = f"issues/{number}/comments", {"body": fitted(marked(marker), text)}
        found = self.ours(self.listed(path), marker)
        if found is None:
            return f"wrote {self.ask('POST', path, body).data['html_url']}"
        written = self.ask("PATCH", f"issues/comments/{found['id']}", body).data
        return f"updated {written['html_url']}"

    def issue(self, *, marker: str, title: str, text: str, failed: bool) -> str:
        """Keep one open issue of that marker as long as something fails; what was done."""
        found = self.ours(self.listed("issues?state=open"), marker)
        if not failed:
            if found is None:
                return "nothing failed, and no issue is open"
            self.edit(found, state="closed", state_reason="completed")
            return f"closed {found['html_url']}"
        body = fitted(marked(marker), text)
        if found is None:
            return f"opened {self.open(title=title, body=body)['html_url']}"
        return f"updated {self.edit(found, title=shown_title(title), body=body)['html_url']}"

    def ours(self, listed: Iterable[Mapping[str, Any]], marker: str) -> Mapping[str, Any] | None:
        """The first of these issues or comments that is ours and bears that marker."""
        return next(
            (
                one
                for one in listed
                if "pull_request" not in one
                and ((one["user"] or {}).get("login") or "").casefold() == self.author.casefold()
                and str(one["body"] or "").startswith(marked(marker))
            ),
            None,
        )

    def listed(self, path: str) -> Iterator[Mapping[str, Any]]:
        """Every page of a list."""
        return pages(self.ask, path)

    def open(self, *, title: str, body: str, labels: Sequence[str] = ()) -> Mapping[str, Any]:
        """A new issue."""
        opened: Mapping[str, Any] = self.ask(
            "POST",
            "issues",
            {"title": shown_title(title), "body": body, **({"labels": list(labels)} if labels else {})},
        ).data
        return opened

    def edit(self, issue: Mapping[str, Any], **fields: str) -> Mapping[str, Any]:
        """An issue with other fields."""
        edited: Mapping[str, Any] = self.ask("PATCH", f"issues/{issue['number']}", fields).data
        return edited

    def reply(self, issue: Mapping[str, Any], text: str) -> None:
        """One more comment on an issue."""
        self.ask("POST", f"issues/{issue['number']}/comments", {"body": text})


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows what stays where the token may go; another redirect is an answer like any other refusal."""

    def redirect_request(self, req: urllib.request.Request, *rest: Any) -> urllib.request.Request | None:
        there = urllib.parse.urlsplit(rest[-1])
        if (there.scheme, there.netloc) != (req.type, req.host):
            return None
        return super().redirect_request(req, *rest)


_OPENER = urllib.request.build_opener(_SameHost)


@dataclass(frozen=True, slots=True)
class Requests:
    """Asks GitHub about a repository with a job's token, and nothing but the standard library.

    The token goes to `api` alone: a redirect to another host is refused.
    """

    api: str
    repository: str
    token: str = field(repr=False)

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        """The answer; RefusedError without one."""
        try:
            header = authorization(self.token)
        except GitHubError as error:
            raise RefusedError(str(error)) from None
        request = urllib.request.Request(  # noqa: S310 - https, or the runner's own address
            f"{self.api}/repos/{self.repository}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={**HEADERS, "Authorization": header, "Content-Type": "application/json"},
        )
        try:
            with _OPENER.open(request, timeout=_ANSWER_SECONDS) as answer:
                return Answer(json.load(answer), more=has_next_page(answer.headers.get("Link")))
        except urllib.error.HTTPError as error:
            raise RefusedError(f"{method} {path}: GitHub answered {error.code} {error.reason}") from None
        except OSError as error:
            raise RefusedError(f"{method} {path}: no answer ({getattr(error, 'reason', error)})") from None


def fitted(head: str, text: str) -> str:
    """A body of what GitHub takes: the head, and as many whole lines of the text as there is room for."""
    body = f"{head}\n{text}"
    if len(body) <= MAX_CHARACTERS:
        return body
    whole = body[: MAX_CHARACTERS - len(_CUT)]
    return whole[: whole.rfind("\n")] + _CUT


def marked(marker: str) -> str:
    """A marker as a body begins with it: GitHub keeps it and does not show it."""
    return f"<!-- {marker} -->"


def main() -> None:
    """Read what to leave from the command line and the environment of a job, and leave it."""
    parser = argparse.ArgumentParser(prog="python -m checks.notes", description=__doc__)
    parser.add_argument("--marker", required=True, help="what tells this comment or issue from others")
    parser.add_argument("--author", default=AUTHOR, help="whom GITHUB_TOKEN writes as [default: %(default)s]")
    kinds = parser.add_subparsers(dest="kind", required=True)
    comment = kinds.add_parser("comment", help="keep one comment on a pull request")
    comment.add_argument("--pull-request", type=int, required=True, metavar="N")
    comment.add_argument("file", type=Path, help="its text, as Markdown")
    issue = kinds.add_parser("issue", help="keep one issue open as long as a job fails")
    issue.add_argument("--title", required=True)
    issue.add_argument("--result", required=True, help="the job's: success closes the issue, all else opens it")
    issue.add_argument("file", type=Path, help="its text, as Markdown")
    given = parser.parse_args()
    ask = Requests(
        api=os.environ.get("GITHUB_API_URL", f"https://{HOST}"),
        repository=os.environ["GITHUB_REPOSITORY"],
        token=os.environ["GITHUB_TOKEN"],
    )
    notes = Notes(ask, author=given.author)
    text = given.file.read_text(encoding="utf-8")
    try:
        if given.kind == "comment":
            done = notes.comment(number=given.pull_request, marker=given.marker, text=text)
        else:
            done = notes.issue(marker=given.marker, title=given.title, text=text, failed=given.result != "success")
    except RefusedError as reason:
        stop(f"Nothing was written: {reason}.")
    say(done)


if __name__ == "__main__":
    clean_tracebacks()
    main()
