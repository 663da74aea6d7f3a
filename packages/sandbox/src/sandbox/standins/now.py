"""What time it is for a provider."""

import os
import time
from datetime import datetime

# Set by the sandbox when its clock was moved: what has expired there must have expired here.
_NOW = "MLOPS_NOW"


def now() -> float:
    """Seconds since 1970, by the sandbox's clock when it was moved."""
    moved = os.environ.get(_NOW)
    return datetime.fromisoformat(moved).timestamp() if moved else time.time()
