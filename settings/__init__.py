"""mlops.yaml, the bundle beside it and the MLOPS_ variables as frozen, validated values; nothing else reads them."""

from settings.loading import Undeclared, load, undeclared
from settings.model import GitHub, State
from settings.resolved import (
    MAIN_BRANCH,
    Adoption,
    BundleSettings,
    CatalogSettings,
    EnvironmentSettings,
    GitCode,
    Project,
    ProviderAuth,
    Settings,
    StackSettings,
    TokenSettings,
)

__all__ = [
    "MAIN_BRANCH",
    "Adoption",
    "BundleSettings",
    "CatalogSettings",
    "EnvironmentSettings",
    "GitCode",
    "GitHub",
    "Project",
    "ProviderAuth",
    "Settings",
    "StackSettings",
    "State",
    "TokenSettings",
    "Undeclared",
    "load",
    "undeclared",
]
