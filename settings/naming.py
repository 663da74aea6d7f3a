"""The names that follow from other names."""


def secret_name(environment: str) -> str:
    """The guide's name for an environment's token: STAGING_WORKSPACE_TOKEN."""
    return f"{environment.upper().replace('-', '_')}_WORKSPACE_TOKEN"


def principal_name(project: str, environment: str) -> str:
    """The display name of an environment's service principal."""
    return f"{project}-{environment}-ci"


def schema_name(project: str) -> str:
    """The project's schema: Unity Catalog names go without quotes only where they hold no hyphen."""
    return project.replace("-", "_")
