"""Somebody's own customers: what is written of them, and their records brought in."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines import settings as configuration
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.domain.inspection.report import Inspection
    from pipelines.domain.scaffolds.answers import Answers
    from pipelines.domain.scaffolds.changes import Change
    from pipelines.domain.scaffolds.flat import FlatPopulation


@dataclass(frozen=True)
class Proposal:
    """
    What would be written of a population.

    Attributes:
        population: What was decided.
        changes: What becomes of each file.
    """

    population: "FlatPopulation"
    changes: "list[Change]"


def propose(
    installation: Installation, answers: "Answers", inspection: "Inspection", *, is_written: bool
) -> Proposal:
    """Decide what a population is made of, and write that if it *is_written*."""
    from pipelines.adapters.files.project_folder import ProjectFolder
    from pipelines.adapters.scaffolds import flat_models
    from pipelines.steps.data.new_population import new_population

    population = new_population(
        answers=answers, inspection=inspection, house=configuration.house_populations()
    )
    folder = ProjectFolder(installation.settings.project)
    do = folder.put if is_written else folder.compare

    return Proposal(
        population,
        do(answers.name, flat_models.render(population), flat_models.section(population)),
    )
