"""The ML project: whether its workflows agree with mlops.yaml and keep the secrets to themselves."""

from checks.check import Check, Finding, Outcome, Remedy, UncheckableError
from checks.live import Live
from checks.workflows import ALL_SECRETS, Deployment, Workflow, workflows

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
        *(
            [
                Check(
                    id="project.environments",
                    about="every job that reads an environment's secret enters that GitHub environment",
                    needs=(),
                    run=lambda: _environments(live, read()),
                    remedy=Remedy(
                        "write `environment: <name>` into the job (into a call of bundle.yml "
                        "`with: {environment: <name>}`), or set github.secret_scope: repository in mlops.yaml; "
                        "without it the secret is empty"
                    ),
                    docs="the-ml-project",
                )
            ]
            if live.settings.github.secret_scope == "environment"
            else ()
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
    # GitHub compares names without case.
    ours = {environment.secret.upper(): environment for environment in live.settings.environments}
    read: dict[str, str] = {}
    for workflow in found:
        for name, place in workflow.secrets():
            read.setdefault(name, place)
    anything = read.pop(ALL_SECRETS, None)
    others = {*(name.upper() for name in live.settings.github.other_secrets), *_GITHUBS_OWN}
    unknown = {name: place for name, place in read.items() if name not in ours and name not in others}
    problems = [f"{name}, read in {place}, is no environment's" for name, place in sorted(unknown.items())]
    if anything is None:
        problems += [
            f"{one.secret} of {one.name} is read by no workflow" for name, one in ours.items() if name not in read
        ]
    if problems:
        return Finding("; ".join(problems))
    if anything is not None:
        raise UncheckableError(f"which secrets are read in {anything} is known in a run alone")
    return ", ".join(sorted(one.secret for one in ours.values()))


def _environments(live: Live, found: tuple[Workflow, ...]) -> Outcome:
    # GitHub compares the names of secrets and of environments without case.
    ours = {one.secret.upper(): one.name for one in live.settings.environments}
    problems: dict[str, None] = {}
    doubts: dict[str, None] = {}
    read = 0
    for workflow in found:
        for place, secrets, entered in workflow.readers([one.branch for one in live.settings.environments]):
            for secret in sorted(secrets & ours.keys()):
                read += 1
                if entered is None:
                    doubts[f"which environment {place} enters is known in a run alone"] = None
                elif entered.casefold() != ours[secret].casefold():
                    enters = f"enters {entered}" if entered else "enters no environment"
                    problems[f"{place} reads {secret} and {enters}, not {ours[secret]}"] = None
            if ALL_SECRETS in secrets and (entered or "").casefold() not in map(str.casefold, ours.values()):
                doubts[f"which secrets {place} reads, and from which environment, is known in a run alone"] = None
            elif ALL_SECRETS in secrets:
                read += 1
    if problems:
        return Finding("; ".join(problems))
    if doubts:
        raise UncheckableError("; ".join(doubts))
    if not read:
        raise UncheckableError(f"no job of {len(found)} workflows is seen to read an environment's secret")
    return f"{len(found)} workflows"


def _targets(live: Live, found: tuple[Workflow, ...]) -> Outcome:
    branches = [environment.branch for environment in live.settings.environments]
    deployments = [one for workflow in found for one in workflow.deployments(branches)]
    told = [_judged(live, one) for one in deployments]
    problems = [problem for found_, _ in told for problem in found_]
    if problems:
        return Finding("; ".join(dict.fromkeys(problems)))
    doubts = [doubt for _, doubts_ in told for doubt in doubts_]
    if doubts:
        raise UncheckableError("; ".join(dict.fromkeys(doubts)))
    targets = dict.fromkeys(one.target for one in deployments if one.target)
    if not targets:
        raise UncheckableError(f"no job of {len(found)} workflows is seen to deploy a target by its name")
    return ", ".join(targets)


def _judged(live: Live, one: Deployment) -> tuple[list[str], list[str]]:
    """What is wrong with a deployment, and what cannot be told of it."""
    project = live.settings.ml_project
    assert project is not None
    if one.target is None:
        return [], [f"what {one.place} deploys cannot be told: {one.why}"]
    owner = {bundle.target: bundle.environment for bundle in live.settings.bundles}
    environment = owner.get(one.target)
    if one.target not in project.targets:
        return [f"{one.place} deploys {one.target}, which databricks.yml does not have"], []
    if environment is None:
        return [f"{one.place} deploys {one.target}, which belongs to no environment"], []
    problems, doubts = [], []
    if wrong := [branch for branch in one.branches if branch != environment.branch]:
        problems.append(
            f"{one.place} deploys {one.target} from {', '.join(wrong)}, and mlops.yaml says {environment.branch}"
        )
    if unsure := [branch for branch in one.perhaps if branch != environment.branch]:
        doubts.append(f"whether {one.place} deploys {one.target} from {', '.join(unsure)} is known in a run alone")
    others = {other.secret.upper() for other in live.settings.environments} - {environment.secret.upper()}
    if taken := sorted(one.secrets & others):
        problems.append(f"{one.place} deploys {one.target} with {', '.join(taken)}, and not {environment.secret}")
    if ALL_SECRETS in one.secrets:
        doubts.append(f"with which secret {one.place} deploys {one.target} is known in a run alone")
    return problems, doubts


def _strangers(found: tuple[Workflow, ...]) -> Outcome:
    places = [(place, certain) for workflow in found for place, certain in workflow.strangers()]
    if surely := [place for place, certain in places if certain]:
        return Finding(
            f"{', '.join(surely)}: strangers start the workflow, and the code of a pull request is checked out, "
            "with secrets"
        )
    if places:
        raise UncheckableError(f"what {', '.join(place for place, _ in places)} checks out is known in a run alone")
    risky = sum(bool(workflow.open_to_strangers()) for workflow in found)
    return f"{len(found)} workflows, {risky} of them started by anybody with secrets"


def _pinned(found: tuple[Workflow, ...]) -> Outcome:
    loose = [f"{name} in {place}" for workflow in found for name, place in workflow.unpinned()]
    if loose:
        return Finding("; ".join(loose))
    return f"{sum(1 for workflow in found for _ in workflow.others())} actions in {len(found)} workflows"
