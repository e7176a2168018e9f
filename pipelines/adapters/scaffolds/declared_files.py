"""What is written of any table somebody brings: its declaration, expectations and settings."""

from collections.abc import Mapping

from pipelines.adapters.scaffolds import templates
from pipelines.domain.imports.declared import SQL_TYPES, DeclaredTable


def render(table: DeclaredTable, bounds: Mapping[str, tuple[float, float]]) -> dict[str, str]:
    """
    Return a declaration and a suite, by path below the project's folder.

    Args:
        table: What is loaded.
        bounds: Least and greatest value that is expected of numeric columns.
    """
    types: dict[str, list[str]] = {}
    for column in table.columns:
        types.setdefault(SQL_TYPES[column.type].upper(), []).append(column.name)
    types.setdefault(SQL_TYPES["instant"].upper(), []).append("loaded_at")
    told = {"table": table, "types": types, "bounds": bounds}

    return {
        f"sources/{table.population}.toml": templates.render("any/source.toml", told),
        f"expectations/sources/{table.raw_table}.toml": templates.render(
            "any/expectations.toml", told
        ),
    }


def section(table: DeclaredTable, **settings: object) -> str:
    """Return the table of churn.toml of its population."""
    return templates.render("any/churn.toml", {"table": table, **settings})
