"""Issues and their comments as they are kept."""

from sandbox.clock import Clock
from sandbox.github.world.node_ids import COMMENT, ISSUE, node_id
from sandbox.store import Document, Store

_ISSUES, _COMMENTS = "github.issue", "github.issue_comment"


def next_number(store: Store, repository: Document) -> int:
    """The number of the repository's next issue or pull request: they count together."""
    return store.next(f"github.number.{repository['id']}")


def create_issue(store: Store, clock: Clock, repository: Document, *, said: Document, user: str) -> Document:
    """Open an issue; `said` is its title, body and labels."""
    identity, now = store.next("github.issue"), clock.rfc3339()
    return save_issue(
        store,
        repository,
        {
            "id": identity,
            "node_id": node_id(ISSUE, identity),
            "number": next_number(store, repository),
            **said,
            "user": user,
            "state": "open",
            "state_reason": None,
            "created_at": now,
            "updated_at": now,
            "closed_at": None,
        },
    )


def save_issue(store: Store, repository: Document, issue: Document) -> Document:
    """Write an issue back."""
    store.put(_ISSUES, _key(repository, issue["number"]), issue)
    return issue


def find_issue(store: Store, repository: Document, number: int) -> Document | None:
    """The issue of that number, or None."""
    return store.get(_ISSUES, _key(repository, number))


def issues_of(store: Store, repository: Document) -> list[Document]:
    """The issues of a repository, the oldest first."""
    return [issue for _, issue in store.all(_ISSUES, prefix=f"{repository['id']}/")]


def create_comment(
    store: Store, clock: Clock, repository: Document, issue: Document, *, text: str, user: str
) -> Document:
    """Comment on an issue, which counts as an update of it."""
    identity, now = store.next("github.issue_comment"), clock.rfc3339()
    comment = {
        "id": identity,
        "node_id": node_id(COMMENT, identity),
        "body": text,
        "user": user,
        "created_at": now,
        "updated_at": now,
    }
    save_comment(store, issue, comment)
    save_issue(store, repository, issue | {"updated_at": now})
    return comment


def save_comment(store: Store, issue: Document, comment: Document) -> Document:
    """Write a comment back."""
    store.put(_COMMENTS, f"{issue['id']}/{comment['id']:08}", comment)
    return comment


def comments_of(store: Store, issue: Document) -> list[Document]:
    """The comments on an issue, the oldest first."""
    return [comment for _, comment in store.all(_COMMENTS, prefix=f"{issue['id']}/")]


def _key(repository: Document, number: int) -> str:
    return f"{repository['id']}/{number:08}"
