"""What was found, as plain values: for JSON, and for the page."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipelines.domain.columns.column import Column
from pipelines.domain.inspection.keys import Link
from pipelines.domain.inspection.notes import notes
from pipelines.domain.inspection.tables import Inspected


@dataclass(frozen=True)
class Inspection:
    """
    Everything that was looked at.

    Attributes:
        tables: Each table.
        links: Columns of one that are keys of another.
    """

    tables: Sequence[Inspected]
    links: Sequence[Link]

    def to_dict(self) -> dict[str, Any]:
        """Return it without rows, and without values that may be personal."""
        return {
            "tables": [_table(table) for table in self.tables],
            "links": [asdict(link) for link in self.links],
        }


def _table(table: Inspected) -> dict[str, Any]:
    """Return what is told of a table."""
    return {
        "name": table.name,
        "origin": table.origin,
        "rows": table.rows,
        "rows_looked_at": table.looked_at,
        "key": table.key,
        "customer": table.customer,
        "times": list(table.times),
        "label": asdict(table.label) if table.label else None,
        "other_labels": [asdict(guess) for guess in table.other_labels],
        "order_auc": table.order_auc,
        "leaks": [leak.to_dict() for leak in table.leaks],
        "notes": notes(table),
        "quality": {
            "score": table.quality.score,
            "parts": [asdict(part) for part in table.quality.parts],
        },
        "columns": [
            {**_column(column), "auc_alone": _auc(table, column.name)} for column in table.columns
        ],
    }


def _column(column: Column) -> dict[str, Any]:
    """Return what is told of a column."""
    return {
        "name": column.name,
        "kind": column.kind,
        "style": column.style,
        "personal": column.personal,
        "missing": int(column.missing_rows.sum()),
        "disguises": dict(column.disguises),
        "invalid": int(column.bad_rows.sum()),
        "distinct": column.distinct,
        "levels": dict(column.levels),
        "other_rows": column.other_rows,
        "span": column.spans,
    }


def _auc(table: Inspected, column: str) -> float | None:
    """Return how well a column alone tells who left, if that was judged."""
    return next((tell.auc for tell in table.tells if tell.column == column), None)
