"""A dbt project that somebody owns beside the checkout, standing on the house's as its package."""

import os
from pathlib import Path

from pipelines.adapters.dbt.parsed import PACKAGES_FOLDER
from pipelines.errors import ConfigError

# As dbt_project.yml of the house calls it.
PACKAGE = "churn"
SETTINGS = "dbt_project.yml"


def root(project: Path, house: Path) -> Path:
    """
    Return the folder of the project that is built: *project* if it is one, *house* otherwise.

    The house becomes a package of the project, as `dbt deps` would install it, by a link.

    Raises:
        ConfigError: The link cannot be made.
    """
    if not (project / SETTINGS).is_file():
        return house
    link = project / PACKAGES_FOLDER / PACKAGE
    try:
        if link.resolve() != house.resolve():
            link.parent.mkdir(exist_ok=True)
            # Another command may be at it as well; both mean the same.
            partial = link.with_name(f"__{PACKAGE}.{os.getpid()}")
            partial.unlink(missing_ok=True)
            partial.symlink_to(house)
            partial.replace(link)
    except OSError as error:
        raise ConfigError(
            f"{link} cannot be made, which leads to the house's dbt macros: {error.strerror}",
            next_step=f"make {link.parent} writable, and take away what is at {link}",
        ) from None

    return project
