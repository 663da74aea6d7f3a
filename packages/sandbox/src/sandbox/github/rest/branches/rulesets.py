"""Rulesets, GitHub's newer branch rules. They can be made and read; branches obey only the protection rules.

https://docs.github.com/rest/repos/rules
"""

from typing import Any

from sandbox.github.rest.bodies import items, one_of, optional, required
from sandbox.github.rest.limits import limit
from sandbox.github.rest.paging import page
from sandbox.github.rest.paths import repository_of
from sandbox.github.rest.representations import (
    repository_url,
)
from sandbox.github.world.branches.rulesets import add_ruleset, covers, ruleset, rulesets_of
from sandbox.limits import Length, OneOf, limited
from sandbox.route import Answer, Call
from sandbox.source import github_docs, github_provider
from sandbox.store import Document

_RULES = (
    "branch_name_pattern",
    "code_scanning",
    "commit_author_email_pattern",
    "commit_message_pattern",
    "committer_email_pattern",
    "copilot_code_review",
    "creation",
    "deletion",
    "file_extension_restriction",
    "file_path_restriction",
    "max_file_path_length",
    "max_file_size",
    "merge_queue",
    "non_fast_forward",
    "pull_request",
    "required_deployments",
    "required_linear_history",
    "required_signatures",
    "required_status_checks",
    "tag_name_pattern",
    "update",
    "workflows",
)
_LIMITS = (
    limit(
        "name",
        Length(100),
        github_provider("github/resource_github_repository_ruleset.go"),
        resource="RepositoryRuleset",
    ),
    limit("rules[].type", OneOf(_RULES), github_docs("rest/repos/rules"), resource="RepositoryRuleset"),
)


@limited(*_LIMITS)
def create_ruleset(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/rulesets: for branches, without actors that bypass it"""
    one_of(call, "target", ("branch",), "branch")
    names = optional(call, "conditions", dict, {}).get("ref_name", {})
    number = add_ruleset(
        call.store,
        call.clock,
        repository_of(call),
        name=required(call, "name", str),
        include=items(names.get("include", []), str, "conditions/ref_name/include"),
        rules=items(optional(call, "rules", list, []), dict, "rules"),
        enforcement=one_of(call, "enforcement", ("active", "disabled", "evaluate"), "active"),
    )
    return Answer(_shown(call, ruleset(call.store, repository_of(call), number)), 201)


def list_rulesets(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/rulesets: without conditions and rules"""
    left_out = ("conditions", "rules", "bypass_actors", "current_user_can_bypass")
    return page(
        call,
        [
            {key: value for key, value in _shown(call, kept).items() if key not in left_out}
            for kept in rulesets_of(call.store, repository_of(call))
        ],
    )


def get_ruleset(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/rulesets/{ruleset_id}"""
    return _shown(call, ruleset(call.store, repository_of(call), call.params["ruleset_id"]))


def list_branch_rules(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/rules/branches/{branch}: what the active rulesets say about it"""
    branch = call.params["branch"]
    return page(
        call,
        [
            {
                **rule,
                "ruleset_source_type": kept["source_type"],
                "ruleset_source": kept["source"],
                "ruleset_id": kept["id"],
            }
            for kept in rulesets_of(call.store, repository_of(call))
            if kept["enforcement"] == "active" and covers(repository_of(call), kept, branch)
            for rule in kept["rules"]
        ],
    )


def _shown(call: Call, kept: Document) -> dict[str, Any]:
    url = f"{repository_url(repository_of(call), call.host)}/rulesets/{kept['id']}"
    return kept | {"_links": {"self": {"href": url}}}
