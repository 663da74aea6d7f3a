"""What to do about it: the wording of every remedy of `drift`, `guard` and `digest`. Sentences without a full stop."""

from enum import StrEnum


class Deploy(StrEnum):
    """What a deploy does to a resource."""

    CHANGES = "changes it"
    CREATES = "creates it"
    CREATES_AGAIN = "creates it again"
    DESTROYS = "destroys it"
    DESTROYS_UNCONFIGURED = "destroys it: it is no longer configured"
    IMPORTS = "takes it over"
    IMPORTS_ANOTHER = "takes that one over and corrects it"
    REPLACES = "replaces it: what is there now is destroyed"
    RESTORES = "restores it"
    RESTORES_BY_REPLACING = "restores it by replacing it"
    ROTATES = "replaces it"
    WRITES_OUTPUT = "writes it into the state"


# Of findings.


def deploy(stack: str, does: Deploy, *, written_in: str = "") -> str:
    """A deploy; where a change may have been intended, with the file and the key to write it into."""
    text = f"`cdktf deploy {stack}` {does}"
    return f"{text}; if the change was intended, write it into {written_in}" if written_in else text


def deploy_for_the_first_time(stack: str) -> str:
    """Of a stack whose state is empty."""
    return f"`cdktf deploy {stack}`; if it has been deployed before, look for its state first"


def rotate(stack: str, *, days: int) -> str:
    """Of a token that expires soon; `days` is the period of its rotation."""
    return f"`cdktf deploy {stack}` rotates it; run that on a schedule, at least every {days} days"


def restore(how: str, *, stack: str, written_in: str = "") -> str:
    """Of what no plan shows, so that a deploy leaves it as it is."""
    text = f"`cdktf deploy {stack}` leaves it as it is. {how}"
    return f"{text}; if the change was intended, write it into {written_in}" if written_in else text


def call(*commands: str) -> str:
    """Commands that restore it."""
    return f"What restores it: {', '.join(f'`{one}`' for one in commands)}"


def rewrite(command: str, *, stack: str) -> str:
    """Of what a deploy writes as a whole once a plan shows any difference; the command makes one."""
    return (
        f"A deploy writes all of it anew as soon as a plan shows a difference: `{command}` makes one in the name, and "
        f"`cdktf deploy {stack}` then restores name and all"
    )


def replace(address: str, *, stack: str) -> str:
    """Of what nothing is lost with."""
    return f"What makes it anew: `terraform -chdir=cdktf.out/stacks/{stack} apply '-replace={address}'`"


def set_back(noun: str, *, takes: str = "") -> str:
    """Of what is only changed by hand; `takes` is what its replacement would destroy."""
    text = f"Set it back by hand, on the page of the {noun}"
    return f"{text}. Do not replace it: with it go {takes}" if takes else text


LOOK_FOR_THE_STACK = (
    "Most of the stack is gone: are the workspace and the owner in mlops.yaml the right ones? Do not deploy before you "
    "know: a deploy would create everything a second time"
)


# Of a deploy that is stopped.


def allow_loss(address: str) -> str:
    """Of something protected that would be destroyed."""
    return f"undo what causes it, or pass `--allow '{address}'`"


def allow_more(address: str) -> str:
    """Of something that would give somebody more rights."""
    return f"ask whether an administrator intends it; if so, pass `--allow '{address}'`"


def have_approved(stack: str) -> str:
    """Of a deploy without approval that would do more than rotate tokens."""
    return f"have a deploy of {stack} approved; it rotates tokens as well"


ALLOW_MANY = "read the plan; name what may be destroyed with `--allow`, which takes patterns such as 'databricks_job.*'"
ALLOW_VANISHED = (
    "see whether the workspace and the owner in mlops.yaml are the right ones; if they are, pass `--allow-vanished`"
)
APPROVE_ANEW = "start the workflow again, read its plan and approve that one"


# Of what could not be looked at.


def plan_again(stack: str) -> str:
    """Of a plan that is missing or out of date."""
    return f"run `cdktf diff {stack}`"


def fetch(branch: str) -> str:
    """Of a branch that the checkout of the ML project does not have."""
    return f"run `git fetch origin {branch}:{branch}` there"


def set_token(variable: str) -> str:
    """Of an environment's token that is not at hand."""
    return f"set {variable} to what the Actions secret of that name holds"


def let_label(repository: str) -> str:
    """Of an issue that GitHub opened without its label."""
    return f"give the token in GITHUB_TOKEN write access to {repository}"
