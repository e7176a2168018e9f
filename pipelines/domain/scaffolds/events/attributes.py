"""Columns of a log that say what a customer is like, of which the last value counts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pipelines.domain.imports.declared import SQL_TYPES, ColumnType
from pipelines.domain.scaffolds.names import header_words, stem


@dataclass(frozen=True, slots=True)
class AttributeColumn:
    """
    A column whose last value is a feature.

    Attributes:
        column: Its name in the raw table.
        stem: Its name in the staging view and in names of features.
        type: What its values are.
        levels: Of text, its levels in one spelling, the commonest first.
        is_fixed: Whether it is the same in all rows of a customer.
    """

    column: str
    stem: str
    type: ColumnType
    levels: tuple[str, ...] = ()
    is_fixed: bool = False

    @property
    def words(self) -> str:
        """What people read of it."""
        return header_words(self.column)

    @property
    def staged_type(self) -> str:
        """Its type in the staging view, where a date is its midnight."""
        return SQL_TYPES["instant" if self.type == "date" else self.type]

    @property
    def feature(self) -> str:
        """Name of its feature."""
        return f"last_{self.stem}_days" if self.type in {"date", "instant"} else f"last_{self.stem}"


def named(
    attributes: Sequence[AttributeColumn], taken: Collection[str]
) -> tuple[AttributeColumn, ...]:
    """
    Return attributes with a stem each that none of them and nothing *taken* has.

    Args:
        attributes: Whose stems are still empty.
        taken: Stems and measures of the log's other columns.
    """
    found: list[AttributeColumn] = []
    # A date's feature is called `last_STEM_days`, and so would be one of a number `STEM_days`.
    used = [*taken, *(f"{name}_days" for name in taken)]
    for each in attributes:
        called = stem(each.column, taken=used)
        used += [called, f"{called}_days", called.removesuffix("_days")]
        found.append(replace(each, stem=called))

    return tuple(found)
