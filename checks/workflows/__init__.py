"""The ML repository's workflows, as GitHub reads them: what starts them, which secrets they read, what they deploy."""

from checks.workflows.checkout import workflows
from checks.workflows.expressions import ALL_SECRETS
from checks.workflows.workflow import Deployment, Workflow

__all__ = ["ALL_SECRETS", "Deployment", "Workflow", "workflows"]
