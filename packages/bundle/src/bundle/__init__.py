"""Asset bundles, read as the Databricks CLI reads them; knows no Terraform.

>>> from bundle import Identity, resolve
>>> resolved = resolve("path/to/bundle", target="prod", identity=Identity.user("jane.doe@example.com"))
"""

from bundle.diagnostics import Diagnostic, Severity
from bundle.facts import Git, Identity
from bundle.resolved import ResolvedBundle, Resource, resolve, target_names

__all__ = ["Diagnostic", "Git", "Identity", "ResolvedBundle", "Resource", "Severity", "resolve", "target_names"]
