"""Columns a person took though they may know who left: which features are made of them."""

from collections.abc import Collection, Iterable, Mapping

from pipelines.domain.imports.declared import DeclaredTable


def accepted_features(
    accepted: Mapping[str, str],
    made: Iterable[tuple[DeclaredTable, Collection[str]]],
    *,
    stems: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """
    Return the reason of each feature of a column, or a table, that was taken all the same.

    Args:
        accepted: COLUMN, TABLE.COLUMN or TABLE, with the reason.
        made: Each table with the names of its features.
        stems: What features call a column of the main table that has a shorter name there.
    """
    return {
        feature: reason
        for text, reason in accepted.items()
        for table, features in made
        for feature in features
        if _is_of(feature, text, table, stems or {})
    }


def _is_of(feature: str, text: str, table: DeclaredTable, stems: Mapping[str, str]) -> bool:
    """Tell whether a feature is of what is called COLUMN, TABLE.COLUMN or TABLE."""
    if text.casefold() == table.name:
        return True
    header = text.partition(".")[2]
    named = [column.name for column in table.columns if column.header in {text, header}]

    return any(f"_{stems.get(name, name)}_" in f"_{feature}_" for name in named)
