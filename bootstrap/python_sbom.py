"""The Python packages of Pipfile.lock as a CycloneDX bill of materials, on standard output.

`python bootstrap/python_sbom.py Pipfile.lock`, with what sbom.txt pins on the path. What no deploy
needs, the sandbox and what develops, has the scope `excluded`.
"""

import json
import sys
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

PROJECT = "databricks-mlops-setup"
_SCOPES = {
    "default": ComponentScope.REQUIRED,
    "sandbox": ComponentScope.EXCLUDED,
    "develop": ComponentScope.EXCLUDED,
}


def bill_of(lock: Path) -> str:
    """The bill as JSON; each package with the hashes of all its files, of which an installation has taken one."""
    packages = json.loads(lock.read_text(encoding="utf-8"))
    bom = Bom()
    bom.metadata.component = Component(name=PROJECT, type=ComponentType.APPLICATION, bom_ref=PROJECT)
    found: dict[str, Component] = {}
    for section, scope in _SCOPES.items():
        for name, one in packages[section].items():
            version = one["version"].removeprefix("==")
            purl = PackageURL(type="pypi", name=name, version=version)
            # What a deploy needs is required, whatever else needs it too.
            found.setdefault(
                purl.to_string(),
                Component(
                    name=name,
                    version=version,
                    type=ComponentType.LIBRARY,
                    purl=purl,
                    bom_ref=purl.to_string(),
                    scope=scope,
                    hashes=[
                        HashType(alg=HashAlgorithm.SHA_256, content=digest.removeprefix("sha256:"))
                        for digest in one["hashes"]
                    ],
                ),
            )
    bom.components.update(found.values())
    bom.register_dependency(bom.metadata.component, found.values())
    text: str = JsonV1Dot6(bom).output_as_string(indent=2)
    return text


if __name__ == "__main__":
    print(bill_of(Path(sys.argv[1])))  # noqa: T201 - a command's output
