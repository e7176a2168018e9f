"""Which columns of a log say whose a row is, when it happened, and when it was known."""

from dataclasses import dataclass

from pipelines.domain.columns.column import Column
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.logs.ownership import is_fixed
from pipelines.errors import ImportRefused


@dataclass(frozen=True)
class WhoseAndWhen:
    """
    The columns without which a table is no log.

    Attributes:
        customer: Whose a row is.
        happened: When it happened.
        known: When it was known; None where no column says it.
    """

    customer: Column
    happened: Column
    known: Column | None


def whose_and_when(
    found: Inspected, *, key: str | None, time: str | None, known: str | None
) -> WhoseAndWhen:
    """
    Find the columns that a log needs.

    Args:
        found: The log, looked at.
        key: Header of the column that says whose a row is; None takes the one that was found.
        time: Header of the one that says when; None takes the one that is on most rows.
        known: Header of the one that says when it was known; None where none does.

    Raises:
        ImportRefused: A named column is not there, or nothing says whose or when.
    """
    by_header = {column.name: column for column in found.columns}
    require_headers(found, [name for name in (key, time, known) if name])
    customer = by_header.get(key or found.customer or found.key or "")
    if customer is None:
        raise ImportRefused(
            f"no column of {found.name} says whose a row is: it has {', '.join(by_header)}",
            next_step="name it: --key COLUMN",
        )
    happened = by_header[time] if time else _likeliest(found, customer)
    if happened is None or happened.kind not in {"date", "instant"}:
        raise ImportRefused(
            f"no column of {found.name} says when a row happened"
            + (f": {time} is {happened.kind}" if happened is not None and time else ""),
            next_step="name one that holds dates or times: --time COLUMN",
        )
    if happened.name == customer.name:
        raise ImportRefused(
            f"{customer.name} of {found.name} cannot say both whose a row is and when it happened",
            next_step="name one of them: --key COLUMN, or --time COLUMN",
        )
    if known is not None and by_header[known].kind not in {"date", "instant"}:
        raise ImportRefused(
            f"{known} of {found.name} is {by_header[known].kind}, and says no time",
            next_step="name one that holds dates or times: --known COLUMN",
        )

    return WhoseAndWhen(customer, happened, by_header[known] if known is not None else None)


def require_headers(found: Inspected, headers: list[str]) -> None:
    """Refuse headers a table does not have."""
    there = [column.name for column in found.columns]
    if missing := [header for header in headers if header not in there]:
        raise ImportRefused(
            f"{found.name} has no column {', '.join(map(repr, missing))}; it has "
            f"{', '.join(there)}",
            next_step="name columns as the source calls them",
        )


def _likeliest(found: Inspected, customer: Column) -> Column | None:
    """Return the time that is on most rows, if not one of the customer; instants before dates."""
    times = [column for column in found.columns if column.name in found.times]

    return max(
        times,
        key=lambda it: (not is_fixed(it, customer), it.known, it.kind == "instant"),
        default=None,
    )
