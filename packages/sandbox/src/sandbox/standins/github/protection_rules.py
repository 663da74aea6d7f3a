"""The data source github_branch_protection_rules: the patterns that have a rule already."""

from sandbox.standins.behaviour import DataSource
from sandbox.standins.github import queries
from sandbox.standins.github.session import GRAPHQL, Session
from sandbox.standins.plan import Values

_PAGE = 100


def _find(session: Session, config: Values) -> Values:
    rules: list[Values] = []
    cursor = None
    while True:
        variables = {"owner": session.owner, "name": config["repository"], "first": _PAGE, "cursor": cursor}
        repository = session.query(queries.PATTERNS, variables)["repository"]
        page = repository["branchProtectionRules"]
        rules += [{"pattern": rule["pattern"]} for rule in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return {"id": repository["id"], "rules": rules}
        cursor = page["pageInfo"]["endCursor"]


DATA_SOURCE: DataSource[Session] = DataSource(requests=(GRAPHQL,), read=_find)
