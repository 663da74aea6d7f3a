"""The providers that Terraform installs: whether it knows their hashes beforehand."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from checks.check import Check, Finding, Outcome, Remedy
from checks.synthesized import PROJECT, Stack
from settings import Settings

LOCK = PROJECT / "locks" / "providers.lock.hcl"
_PROVIDER = re.compile(r'^provider "[^"\n]*?/(?P<source>[^/"\n]+/[^/"\n]+)" \{$', re.MULTILINE)
_VERSION = re.compile(r'^ *version +?= +?"(?P<version>[^"\n]*)"$', re.MULTILINE)


def provider_checks(settings: Settings, synthesized: Mapping[str, Stack]) -> list[Check]:
    """The check of the lock file; none in the sandbox, which has providers of its own."""
    if settings.invocation.sandbox:
        return []
    return [
        Check(
            id="providers.locked",
            about="Terraform installs no provider whose hash is not in locks/providers.lock.hcl",
            needs=(),
            run=lambda: _locked(synthesized, LOCK),
            remedy=Remedy("make it, review it and commit it", ("make provider-lock",)),
            docs="providers",
        )
    ]


def _locked(synthesized: Mapping[str, Stack], lock: Path) -> Outcome:
    if not lock.exists():
        return Finding("there is no such file: whatever the registry answers runs with the deployer's credentials")
    held = dict(_blocks(lock.read_text(encoding="utf-8")))
    needed = {
        str(one["source"]): str(one["version"])
        for stack in synthesized.values()
        for one in stack.document["terraform"]["required_providers"].values()
    }
    missing = [f"{source} {version}" for source, version in sorted(needed.items()) if held.get(source) != version]
    return Finding(f"it does not hold {', '.join(missing)}") if missing else ", ".join(sorted(needed))


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """The provider and the version of each block that has hashes."""
    starts = [*_PROVIDER.finditer(text)]
    for number, start in enumerate(starts):
        block = text[start.end() : starts[number + 1].start() if number + 1 < len(starts) else None]
        version = _VERSION.search(block)
        if version is not None and ('"h1:' in block or '"zh:' in block):
            yield start["source"], version["version"]
