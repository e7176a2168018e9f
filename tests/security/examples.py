"""
How many inputs a property is tried on, and which.

`make test` tries 100, the same every time. `make properties` and CI's nightly run set
CHURN_EXAMPLES=nightly: 1,000, and others each time; what fails is printed with the line that
repeats it.
"""

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, configuration, settings
from hypothesis.database import DirectoryBasedExampleDatabase

FOLDER = Path(tempfile.gettempdir()) / "churn-examples"

configuration.set_hypothesis_home_dir(FOLDER)
SHARED = {
    # A command of the database may wait for the machine; none of that is a fault of the input.
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
    "print_blob": True,
}
settings.register_profile("test", max_examples=100, derandomize=True, database=None, **SHARED)
settings.register_profile(
    "nightly",
    max_examples=1000,
    database=DirectoryBasedExampleDatabase(FOLDER / "failed"),
    **SHARED,
)
__all__ = ["settings"]

settings.load_profile(os.environ.get("CHURN_EXAMPLES", "test"))
