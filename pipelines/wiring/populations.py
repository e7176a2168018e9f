"""Somebody's own customers: what is written of them, and their records brought in."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.wiring import data
from pipelines.wiring.installation import Installation, migrated

if TYPE_CHECKING:
    from pipelines.domain.inspection.report import Inspection
    from pipelines.domain.scaffolds.answers import Answers
    from pipelines.domain.scaffolds.changes import Change
    from pipelines.domain.scaffolds.made import Made
    from pipelines.domain.scaffolds.owned.feature_table import FeatureTable
    from pipelines.wiring.night import Stage


@dataclass(frozen=True)
class Proposal:
    """
    What would be written of a population.

    Attributes:
        population: What was decided.
        changes: What becomes of each file.
    """

    population: "Made"
    changes: "list[Change]"


def name_of(inspection: "Inspection", sources: Sequence[str]) -> str:
    """
    Return what a population is called where nobody says.

    As its table is; and several tables of one folder, workbook or database as that is.
    """
    from pipelines import settings
    from pipelines.domain.scaffolds.answers import LONGEST_NAME, taken_names
    from pipelines.domain.scaffolds.names import slug

    name = inspection.tables[0].name
    if len(inspection.tables) > 1 and len(sources) == 1:
        name = Path(sources[0].partition("#")[0]).resolve().stem

    return slug(
        name.replace("__", "_"),
        longest=LONGEST_NAME,
        taken=taken_names(settings.house_populations()),
    )


def day_to_score(population: "Made", today: date) -> date:
    """Return the last day that what was brought tells of: where logs end, or today."""
    return min(today, population.ends or today)


def day_to_load(population: "Made", day: date, today: date) -> date:
    """Return the day as of which a first load has every row that has come, for a list of *day*."""
    from pipelines.domain.scaffolds.made import told_until

    return min(today, max(day, told_until(population) or day))


def score_first(
    name: str,
    as_of: date,
    today: date,
    stage: "Stage",
    say: Callable[[str], None],
    *,
    loaded_as_of: date,
) -> None:
    """
    Bring the records of a population in, train its first champion, and publish its list.

    What is there already is kept, so that doing it again changes nothing.

    Args:
        name: Of the population.
        as_of: The day to score at.
        today: The day it is.
        stage: Shows that a part began and ended.
        say: Is told what came of each part.
        loaded_as_of: The day of the load.
    """
    from pipelines.wiring import model, night

    importer = migrated("import")
    # A feature table is used where it stands, and nothing of it is declared.
    if name in data.declared(importer):
        with stage("3/6 import"):
            declared = data.declaration(importer, name)
            for table in data.import_records(importer, declared, loaded_as_of, {}):
                say(str(table))
    with stage("4/6 features"):
        data.build_training_snapshots(migrated("backfill"), name, as_of)
    trainer = migrated("train")
    with stage("5/6 train"):
        if trainer.registry.champion(name) is None:
            say(str(model.train(trainer, name, as_of)))
    with stage(f"6/6 {name} {as_of}"):
        night.run_night(migrated("run"), name, as_of, today, stage)


def save_inspection(installation: Installation, population: str, inspection: "Inspection") -> Path:
    """Write what was found in the source of a population as an HTML page; return where it is."""
    path = installation.settings.home / "inspections" / f"{population}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    data.save_page(inspection, path)

    return path


def propose(
    installation: Installation, answers: "Answers", inspection: "Inspection", *, is_written: bool
) -> Proposal:
    """Decide what a population is made of, and write that if it *is_written*."""
    from pipelines import settings
    from pipelines.adapters.files.project_folder import ProjectFolder
    from pipelines.adapters.scaffolds import (
        contract_models,
        flat_models,
        log_models,
        owned_models,
    )
    from pipelines.adapters.sources import source
    from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
    from pipelines.domain.scaffolds.flat import FlatPopulation
    from pipelines.domain.scaffolds.owned.owned_population import OwnedPopulation
    from pipelines.steps.data.new_population import new_population

    project = installation.settings.project
    tables = [
        replace(table, origin=source.kept(table.origin, project)) for table in inspection.tables
    ]
    population = new_population(
        answers=answers,
        inspection=replace(inspection, tables=tables),
        house=settings.house_populations(),
        owned=_owned(installation, inspection) if answers.has_features else None,
    )
    if isinstance(population, OwnedPopulation):
        files, section = owned_models.render(population), owned_models.section(population)
    elif isinstance(population, FlatPopulation):
        files, section = flat_models.render(population), flat_models.section(population)
    elif isinstance(population, ContractPopulation):
        files, section = contract_models.render(population), contract_models.section(population)
    else:
        files, section = log_models.render(population), log_models.section(population)
    folder = ProjectFolder(project)
    do = folder.put if is_written else folder.compare

    return Proposal(population, do(answers.name, files, section))


def _owned(installation: Installation, inspection: "Inspection") -> "FeatureTable | None":
    """Return the table that was looked at as this warehouse knows it; None of one elsewhere."""
    from pipelines.adapters.sources import source
    from pipelines.adapters.warehouse import feature_tables
    from pipelines.wiring.database_roles import PIPELINE, TRAINER

    origin = inspection.tables[0].origin
    if not source.is_of_warehouse(origin):
        return None

    return feature_tables.found(
        installation.reader_url, origin.partition("#")[2], readers=(PIPELINE, TRAINER)
    )
