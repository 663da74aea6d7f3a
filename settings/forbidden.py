"""What may stand nowhere in mlops.yaml, neither as a key nor as a value: credentials and Terraform expressions."""

import re
from collections.abc import Iterator
from typing import Any

from settings.consistency import Disagreement
from settings.reading import Path

# Beginnings of Databricks and GitHub credentials and AWS key ids; a password inside an address.
_CREDENTIAL = re.compile(
    r"\b(dapi|dose|dkea|gh[pousr]_|github_pat_|AKIA|ASIA)[A-Za-z0-9_-]{8,}|-----BEGIN|(?<=://)[^/@\s]+:[^/@\s]+(?=@)"
)
_MASK = "***"


def masked(text: str) -> str:
    """The text with whatever looks like a credential taken out."""
    return _CREDENTIAL.sub(_MASK, text)


def forbidden(data: Any, path: Path = ()) -> Iterator[Disagreement]:
    """Every key and value that holds a credential or would be evaluated by Terraform."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _wrong(key, (*path, key))
            yield from forbidden(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from forbidden(value, (*path, index))
    elif isinstance(data, str):
        yield from _wrong(data, path)


def _wrong(text: str, path: Path) -> Iterator[Disagreement]:
    if _CREDENTIAL.search(text):
        yield Disagreement(
            path,
            found="something that looks like a credential; it is not shown here",
            allowed="no credentials in mlops.yaml: it is committed",
            remedy="remove it, revoke it if it was ever pushed, and give it through the environment",
        )
    if "${" in text or "%{" in text:
        yield Disagreement(
            path,
            found=text,
            allowed="text without ${ and %{: Terraform would evaluate it, with your files and credentials at hand",
            remedy="write the value itself",
        )
