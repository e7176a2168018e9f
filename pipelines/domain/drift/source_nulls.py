"""Source columns that stopped being filled, told from what the sources gate counted."""

from dataclasses import dataclass

from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.effect_size import share_p_value


@dataclass(frozen=True, slots=True)
class SourceNulls:
    """
    Rows without a value in one source column that should have one, as the sources gate saw them.

    Attributes:
        column: `schema.table.column`.
        rows: Rows looked at tonight.
        nulls: Those without a value.
        usual_rows: Rows looked at in the best of the nights before; None when there is none.
        usual_nulls: Those without a value.
        is_tolerated: Whether the gate let it pass.
        owner: Who is asked about it.
    """

    column: str
    rows: int
    nulls: int
    usual_rows: int | None
    usual_nulls: int | None
    is_tolerated: bool
    owner: str


def check_source(
    source: SourceNulls, *, watched: int, p_value: float, missing_points: float
) -> DriftCheck | None:
    """
    Return why a source column is missing, or None when it is as filled as ever.

    Features that count and sum turn a NULL into a zero and drift without missing anything, so
    that their own missing rates cannot tell a broken feed from other customers.

    Args:
        source: What the gate counted.
        watched: How many source columns share the p-value.
        p_value: Largest p-value of a rate that changed.
        missing_points: Smallest change of a missing rate that counts, in percentage points.
    """
    now = 100 * source.nulls / source.rows if source.rows else 0.0
    if source.usual_rows and source.usual_nulls is not None:
        usual = 100 * source.usual_nulls / source.usual_rows
        chance = share_p_value(source.usual_nulls, source.usual_rows, source.nulls, source.rows)
        is_missing = now - usual > missing_points and chance < p_value / watched
    else:
        usual, is_missing = 0.0, False
    if source.is_tolerated and not is_missing:
        return None

    return DriftCheck(
        feature=source.column,
        effect_name="missing_points",
        effect=now - usual,
        missing_reference_pct=usual,
        missing_current_pct=now,
        verdict="missing",
        finding=f"missing {usual:.1f} % → {now:.1f} % at the source",
        owner=source.owner,
    )
