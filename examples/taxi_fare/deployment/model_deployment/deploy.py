"""The champion: the model version that batch inference uses."""

from typing import Any

from validation.validation import PASSED, SKIPPED, STATUS_TAG, TOLERATED

CHAMPION = "champion"
DEPLOYABLE = (PASSED, TOLERATED, SKIPPED)


def champion_of(client: Any, model_name: str) -> str | None:
    """The champion's version, or None before the first deployment; `client` is an MlflowClient."""
    version = client.get_registered_model(model_name).aliases.get(CHAMPION)
    return None if version is None else str(version)


def promote(client: Any, model_name: str, version: str) -> None:
    """Makes a version the champion, unless its validation failed or never took place."""
    status = client.get_model_version(model_name, version).tags.get(STATUS_TAG)
    if status not in DEPLOYABLE:
        found = "it was not validated" if status is None else f"its validation says {status}"
        raise ValueError(f"version {version} of {model_name} is not deployed: {found}")
    client.set_registered_model_alias(model_name, CHAMPION, version)
