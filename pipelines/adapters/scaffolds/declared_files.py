"""What is written of any tables somebody brings: their declaration, expectations and settings."""

from collections.abc import Collection, Mapping, Sequence

from pipelines.adapters.scaffolds import templates
from pipelines.domain.imports.declared import SQL_TYPES, DeclaredTable
from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.domain.scaffolds.log_population import LogPopulation
from pipelines.domain.scaffolds.made import Made
from pipelines.domain.scaffolds.summary import summary

# Of the customers: where so many leave, the house's suite still holds of lists.
MOSTLY_STAY = 0.4


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


def scores_suite(population: str, leaving: float) -> dict[str, str]:
    """
    Return the expectations of the lists of a population, by path below the project.

    None where the house's hold: of customers who mostly leave, as of a shop that nobody is bound
    to, a list says so too.

    Args:
        population: Its name.
        leaving: Share of its customers who leave within the horizon.
    """
    if leaving <= MOSTLY_STAY:
        return {}
    told = {"leaving": leaving, "most": round((1 + leaving) / 2, 3)}

    return {f"expectations/scores/{population}.toml": templates.render("any/scores.toml", told)}


def page(population: Made) -> dict[str, str]:
    """Return what is said of a population, by path below the project."""
    name = population.table.population
    told = {"population": name, "sections": summary(population)}

    return {f"{name}.md": templates.render("any/page.md", told)}


def section(table: DeclaredTable, tables: Collection[DeclaredTable], **settings: object) -> str:
    """
    Return the table of churn.toml of a population.

    Args:
        table: The main one, which another may be loaded before.
        tables: Those that the gate of sources looks at.
        settings: What the template takes besides.
    """
    return templates.render("any/churn.toml", {"table": table, "tables": tables, **settings})


def log_section(population: LogPopulation | ContractPopulation) -> str:
    """
    Return the table of churn.toml of a population whose past says who left.

    Its gate asks nothing of tables that only lead to a customer: they say nothing of a day.
    """
    return section(
        population.table,
        [table for table in population.tables if table not in population.leads],
        log=population.log,
        snapshot_every_days=population.snapshot_every_days,
        snapshots=population.snapshots,
        snapshots_on="" if isinstance(population, ContractPopulation) else population.snapshots_on,
        accepted=population.accepted_features,
    )
