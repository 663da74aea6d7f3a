"""Every stack of the settings, in the order in which a setup deploys them."""

from cdktf import App

from settings import Settings
from stacks.bundle import BundleStack
from stacks.bundle_code import Digests
from stacks.environment import EnvironmentStack
from stacks.repository import RepositoryStack

AnyStack = RepositoryStack | EnvironmentStack | BundleStack


def all_stacks(app: App, settings: Settings) -> dict[str, AnyStack]:
    """A stack for the repository, one per environment of mlops.yaml, one per target of databricks.yml, by name.

    Raises FaultsError for what `adopt` of mlops.yaml names and a stack does not have.
    """
    stacks: dict[str, AnyStack] = {}
    digests = Digests()
    for name, stack in settings.stacks.items():
        if stack.bundle is not None:
            # What each pipeline deploys, with nothing but the token that its environment has put into the repository.
            stacks[name] = BundleStack(app, name, settings=settings, bundle=stack.bundle, digests=digests)
        elif stack.environment is not None:
            # Who each pipeline is, and what it may do in its workspace.
            now = settings.invocation.now
            stacks[name] = EnvironmentStack(app, name, settings=settings, environment=stack.environment, now=now)
        else:
            # What the environments' pipelines deploy from; it depends on none of them.
            stacks[name] = RepositoryStack(app, name, settings=settings)
    return stacks
