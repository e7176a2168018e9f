"""What scores the lists of a population."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

import functools
from typing import TYPE_CHECKING

from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.adapters.spark.engine import SparkEngine


def scoring_engine(installation: Installation, population: str) -> "SparkEngine | None":
    """
    Return the engine churn.toml names for *population*; None is this process.

    Raises:
        ConfigError: It is Spark, and its environment or Java is not there.
    """
    settings = installation.settings
    if settings.population(population).engine == "here":
        return None

    from pipelines.adapters.spark import driver_process
    from pipelines.adapters.spark.engine import SparkEngine, files_of

    return SparkEngine(
        settings=settings.spark,
        home=settings.home / "spark",
        logs=settings.home / "logs",
        python=driver_process.interpreter(settings.root),
        files_of=functools.partial(files_of, installation.registry, population),
    )
