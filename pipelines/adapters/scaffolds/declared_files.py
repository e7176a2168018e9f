"""What is written of any tables somebody brings: their declaration, expectations and settings."""

from collections.abc import Collection, Mapping, Sequence

from pipelines.adapters.scaffolds import templates
from pipelines.domain.imports.declared import SQL_TYPES, DeclaredTable
from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.domain.scaffolds.log_population import LogPopulation
from pipelines.domain.scaffolds.made import Made
from pipelines.domain.scaffolds.summary import summary


def declaration(tables: Sequence[DeclaredTable]) -> dict[str, str]:
    """Return the declaration of the tables of one population, by path below the project."""
    population = tables[0].population
    told = {"population": population, "tables": tables}

    return {f"sources/{population}.toml": templates.render("any/source.toml", told)}


def suite(
    table: DeclaredTable, bounds: Mapping[str, tuple[float, float]], *, is_weekly: bool
) -> dict[str, str]:
    """
    Return the expectations of a table, by path below the project.

    Args:
        table: What is loaded.
        bounds: Least and greatest value that is expected of numeric columns.
        is_weekly: Whether every week has rows of it, so that those of the last one are judged.
    """
    types: dict[str, list[str]] = {}
    for column in table.columns:
        types.setdefault(SQL_TYPES[column.type].upper(), []).append(column.name)
    types.setdefault(SQL_TYPES["instant"].upper(), []).append("loaded_at")
    told = {"table": table, "types": types, "bounds": bounds, "is_weekly": is_weekly}

    return {
        f"expectations/sources/{table.raw_table}.toml": templates.render(
            "any/expectations.toml", told
        )
    }


def page(population: Made) -> dict[str, str]:
    """Return what is said of a population, by path below the project."""
    name = population.table.population
    told = {"population": name, "sections": summary(population)}

    return {f"{name}.md": templates.render("any/page.md", told)}


def section(tables: Collection[DeclaredTable], **settings: object) -> str:
    """Return the table of churn.toml of a population, whose main table is the first."""
    return templates.render(
        "any/churn.toml", {"table": next(iter(tables)), "tables": tables, **settings}
    )


def log_section(population: LogPopulation | ContractPopulation) -> str:
    """Return the table of churn.toml of a population whose past says who left."""
    return section(
        population.tables,
        log=population.log,
        snapshot_every_days=population.snapshot_every_days,
        snapshots=population.snapshots,
        snapshots_on="" if isinstance(population, ContractPopulation) else population.snapshots_on,
        accepted=population.accepted_features,
    )
