"""What workflows leave on GitHub: one comment on a pull request, one issue as long as something fails.

`python -m checks.notes` needs the standard library alone: it must be able to say that everything else did not work.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# "body is too long (maximum is 65536 characters)", for issues and comments alike.
MAX_CHARACTERS = 65_536
_CUT = "\n\nThe rest is cut off: GitHub takes no more. The run's log has all of it.\n"
# Who a job's own token writes as. Somebody else's text with our marker in it must not be taken for ours: they could
# change it again.
AUTHOR = "github-actions[bot]"
_PAGE = 100
_ANSWER_SECONDS = 30


class RefusedError(Exception):
    """GitHub refuses or does not answer; the text is why, without a full stop."""


@dataclass(frozen=True, slots=True)
class Notes:
    """A repository as a job's token sees it; what `author` has written is taken for ours."""

    api: str
    repository: str
    token: str = field(repr=False)
    author: str = AUTHOR

    def comment(self, *, number: int, marker: str, text: str) -> str:
        """Write the comment of that marker on a pull request, or anew where there is one; what was done."""
        path, body = f"issues/{number}/comments", {"body": fitted(_marked(marker), text)}
        found = self._ours(path, marker)
        if found is None:
            return f"wrote {self._ask('POST', path, body)['html_url']}"
        written = self._ask("PATCH", f"issues/comments/{found['id']}", body)
        return f"wrote {written['html_url']} anew"

    def issue(self, *, marker: str, title: str, text: str, failed: bool) -> str:
        """Keep one open issue of that marker as long as something fails; what was done."""
        found = self._ours("issues?state=open", marker)
        if not failed:
            if found is None:
                return "nothing failed, and no issue is open"
            self._ask("PATCH", f"issues/{found['number']}", {"state": "closed", "state_reason": "completed"})
            return f"closed {found['html_url']}"
        body = {"title": title, "body": fitted(_marked(marker), text)}
        if found is None:
            return f"opened {self._ask('POST', 'issues', body)['html_url']}"
        written = self._ask("PATCH", f"issues/{found['number']}", body)
        return f"wrote {written['html_url']} anew"

    def _ours(self, path: str, marker: str) -> Mapping[str, Any] | None:
        return next(
            (
                one
                for one in self._pages(path)
                if one["user"]["login"] == self.author and str(one["body"] or "").startswith(_marked(marker))
            ),
            None,
        )

    def _pages(self, path: str) -> Iterator[Mapping[str, Any]]:
        joined, number = "&" if "?" in path else "?", 1
        while True:
            page = self._ask("GET", f"{path}{joined}per_page={_PAGE}&page={number}")
            yield from page
            if len(page) < _PAGE:
                return
            number += 1

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - https, or the runner's own address
            f"{self.api}/repos/{self.repository}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Accept": "application/vnd.github+json",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310
                return json.load(answer)
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


def _marked(marker: str) -> str:
    """What GitHub keeps and does not show."""
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
    notes = Notes(
        api=os.environ.get("GITHUB_API_URL", "https://api.github.com"),
        repository=os.environ["GITHUB_REPOSITORY"],
        token=os.environ["GITHUB_TOKEN"],
        author=given.author,
    )
    text = given.file.read_text(encoding="utf-8")
    try:
        if given.kind == "comment":
            done = notes.comment(number=given.pull_request, marker=given.marker, text=text)
        else:
            done = notes.issue(marker=given.marker, title=given.title, text=text, failed=given.result != "success")
    except RefusedError as reason:
        sys.exit(f"Nothing was written: {reason}.")
    print(done)  # noqa: T201 - a command's output


if __name__ == "__main__":
    main()
