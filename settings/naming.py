"""The names that follow from other names, and those that are given."""

REPOSITORY_STACK = "repository"
_BUNDLE = "bundle-"
# What no environment may be called: its name is the name of its stack.
NAMES_OF_OTHER_STACKS = rf"{REPOSITORY_STACK}$|{_BUNDLE}"  # as a regular expression

# Catalogs that are Databricks' own: https://docs.databricks.com/aws/en/catalogs/ and
# https://docs.databricks.com/aws/en/admin/system-tables/; of the legacy metastore
# https://docs.databricks.com/aws/en/data-governance/unity-catalog/hive-metastore
DATABRICKS_CATALOGS = ("system", "samples", "hive_metastore", "__databricks_internal")


def bundle_stack(target: str) -> str:
    """The name of the stack of a target of databricks.yml."""
    return f"{_BUNDLE}{target}"


def is_bundle_stack(stack: str) -> bool:
    """Whether a stack's name is that of a target's."""
    return stack.startswith(_BUNDLE)


def own_state(stack: str, deployer: str) -> str:
    """What tells the state of a person's stack apart from that of another person, who deploys the same target."""
    return f"{stack}-{deployer}"


def secret_name(environment: str) -> str:
    """The guide's name for an environment's token: STAGING_WORKSPACE_TOKEN."""
    return f"{environment.upper().replace('-', '_')}_WORKSPACE_TOKEN"


def principal_name(project: str, environment: str) -> str:
    """The display name of an environment's service principal."""
    return f"{project}-{environment}-ci"


def schema_name(project: str) -> str:
    """The project's schema: Unity Catalog names go without quotes only where they hold no hyphen."""
    return project.replace("-", "_")
