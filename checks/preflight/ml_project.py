"""The ML project: whether its workflows agree with mlops.yaml and keep the secrets to themselves."""

from collections.abc import Iterator

from checks.check import Check, Finding, Outcome, Remedy, UncheckableError
from checks.live import Live
from checks.workflows import Workflow, workflows

# What GitHub itself provides.
_GITHUBS_OWN = {"GITHUB_TOKEN"}


def ml_project_checks(live: Live) -> list[Check]:
    """The checks of the checkout; none without `ml_project`."""
    project = live.settings.ml_project
    if project is None:
        return []

    def read() -> tuple[Workflow, ...]:
        return live.once("workflows", lambda: workflows(project))

    return [
        Check(
            id="project.secrets",
            about="the workflows read the secrets that mlops.yaml names, and no other",
            needs=(),
            run=lambda: _secrets(live, read()),
            remedy=Remedy(
                "correct the workflow, or `secret` of the environment in mlops.yaml; what others keep there is "
                "listed in github.other_secrets"
            ),
            docs="the-ml-project",
        ),
        Check(
            id="project.targets",
            about="the workflows deploy targets of databricks.yml from their environments' branches with their secrets",
            needs=(),
            run=lambda: _targets(live, read()),
            remedy=Remedy("correct the workflow, or `targets`, `branch` and `secret` of the environment in mlops.yaml"),
            docs="the-ml-project",
        ),
        Check(
            id="project.pull-request-target",
            about="no workflow runs code of pull requests with the repository's secrets",
            needs=(),
            run=lambda: _strangers(read()),
            remedy=Remedy(
                "use `pull_request`, which sees no secrets, for what builds or tests the pull request; whoever may "
                "open one could otherwise take the tokens"
            ),
            docs="the-ml-project",
        ),
        *(
            [
                Check(
                    id="project.pinned-actions",
                    about="every workflow names the actions of others by a full commit",
                    needs=(),
                    run=lambda: _pinned(read()),
                    remedy=Remedy(
                        "write the commit in place of the tag (`uses: owner/action@<40 digits> # v1`): whoever owns "
                        "the action can move a tag"
                    ),
                    docs="the-ml-project",
                )
            ]
            if live.settings.github.actions.sha_pinned
            else ()
        ),
    ]


def _secrets(live: Live, found: tuple[Workflow, ...]) -> Outcome:
    ours = {environment.secret: environment.name for environment in live.settings.environments}
    read: dict[str, str] = {}
    for workflow in found:
        for name, place in workflow.secrets():
            read.setdefault(name, place)
    others = {*live.settings.github.other_secrets, *_GITHUBS_OWN}
    unknown = {name: place for name, place in read.items() if name not in ours and name not in others}
    unread = [name for name in ours if name not in read]
    problems = [f"{name}, read in {place}, is no environment's" for name, place in sorted(unknown.items())]
    problems += [f"{name} of {ours[name]} is read by no workflow" for name in unread]
    return Finding("; ".join(problems)) if problems else ", ".join(sorted(ours))


def _targets(live: Live, found: tuple[Workflow, ...]) -> Outcome:
    problems = list(_contradictions(live, found))
    if problems:
        return Finding("; ".join(problems))
    targets = dict.fromkeys(one.target for workflow in found for one in workflow.deployments())
    if not targets:
        raise UncheckableError(f"no job of {len(found)} workflows is seen to deploy a target by its name")
    return ", ".join(targets)


def _contradictions(live: Live, found: tuple[Workflow, ...]) -> Iterator[str]:
    project = live.settings.ml_project
    assert project is not None
    owner = {bundle.target: bundle.environment for bundle in live.settings.bundles}
    for workflow in found:
        for one in workflow.deployments():
            environment = owner.get(one.target)
            if one.target not in project.targets:
                yield f"{one.place} deploys {one.target}, which databricks.yml does not have"
            elif environment is None:
                yield f"{one.place} deploys {one.target}, which belongs to no environment"
            else:
                wrong = [branch for branch in one.branches if branch != environment.branch]
                if wrong:
                    yield (
                        f"{one.place} deploys {one.target} from {', '.join(wrong)}, and mlops.yaml says "
                        f"{environment.branch}"
                    )
                others = {other.secret for other in live.settings.environments} - {environment.secret}
                if taken := sorted(one.secrets & others):
                    yield f"{one.place} deploys {one.target} with {', '.join(taken)}, and not {environment.secret}"


def _strangers(found: tuple[Workflow, ...]) -> Outcome:
    places = [place for workflow in found for place in workflow.trusts_strangers()]
    if places:
        return Finding(
            f"{', '.join(places)}: pull_request_target with a checkout of the pull request's head, and secrets"
        )
    risky = sum("pull_request_target" in workflow.triggers for workflow in found)
    return f"{len(found)} workflows, {risky} of them on pull_request_target"


def _pinned(found: tuple[Workflow, ...]) -> Outcome:
    loose = [f"{name} in {place}" for workflow in found for name, place in workflow.unpinned()]
    if loose:
        return Finding("; ".join(loose))
    return f"{sum(1 for workflow in found for _ in workflow.others())} actions in {len(found)} workflows"
