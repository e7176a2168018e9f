"""
What a night will need, begun before: it is imported while this process imports, asks or waits.

Each block ends what it has begun and nobody has used. What cannot be begun is not missed here:
whoever needs it says why it cannot be had.
"""

# ruff: noqa: PLC0415  a command imports what it needs and no more

import contextlib
from collections.abc import Callable, Iterator

from pipelines.errors import ChurnError
from pipelines.wiring.installation import Installation


def nothing() -> None:
    """Do nothing meanwhile."""


@contextlib.contextmanager
def dbt(
    installation: Installation, population: str, meanwhile: Callable[[], None] = nothing
) -> Iterator[None]:
    """
    Have the first build of a population's features in the block find its dbt imported.

    Args:
        installation: The installation.
        population: Its name in churn.toml.
        meanwhile: What is done here while dbt builds.
    """
    begun = installation.begun.dbt
    with contextlib.ExitStack() as stack:
        if population not in begun:
            with contextlib.suppress(ChurnError, OSError):
                variables = installation.settings.population(population).label_variables
                project = installation.dbt_of(population)
                begun[population] = stack.enter_context(project.begun(variables, meanwhile))
                stack.callback(begun.pop, population)
        yield


@contextlib.contextmanager
def drift(installation: Installation) -> Iterator[None]:
    """Have alibi-detect, where it judges drift, imported by the time it is asked in the block."""
    if installation.begun.drift is not None:
        yield
        return
    from pipelines.adapters.drift.alibi_engine import AlibiEngine

    with contextlib.suppress(ChurnError):
        engine = installation.drift_engine()
        if isinstance(engine, AlibiEngine):
            engine.start()
        installation.begun.drift = engine
    try:
        yield
    finally:
        installation.begun.drift = None


def what_scores(installation: Installation) -> None:
    """Import what the rest of a night does besides building features: this process has to wait."""
    from pipelines.adapters.models import families

    with contextlib.suppress(ImportError):
        import pipelines.adapters.drift.alibi_engine
        import pipelines.adapters.models.registry
        import pipelines.steps.night.drift
        import pipelines.steps.night.score  # noqa: F401  so that they are there

        for family in installation.settings.training.families:
            families.family_module(family)
