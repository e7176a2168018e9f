"""One row a customer that says who left, and tables beside it: what a population is made of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pipelines.domain.imports.declared import DeclaredTable, ordered
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.leakage.finding import Finding, by_column
from pipelines.domain.scaffolds import loading
from pipelines.domain.scaffolds import names as naming
from pipelines.domain.scaffolds.accepted import accepted_features
from pipelines.domain.scaffolds.facts import FactFeature, facts
from pipelines.domain.scaffolds.several.beside_table import BesideTable
from pipelines.errors import ImportRefused

CUSTOMERS = "customers"


@dataclass(frozen=True, slots=True)
class FlatPopulation:
    """
    Everything that is written of a population with one row a customer.

    Attributes:
        table: What is loaded.
        gone: The value of the label, in lower case; None where the file has none.
        features: One a column that is used, in the order of the file.
        bounds: Least and greatest value that is expected of numeric columns.
        leaving: Share of the customers who left.
        beside: The other tables.
        left_out: Name of each table that gives nothing, with the reason.
        accepted: What a person took all the same, with the reason.
    """

    table: DeclaredTable
    gone: str | None
    features: tuple[FactFeature, ...]
    bounds: Mapping[str, tuple[float, float]]
    leaving: float = 0.0
    beside: tuple[BesideTable, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    accepted: Mapping[str, str] = field(default_factory=dict)

    @property
    def ends(self) -> date | None:
        """The day before which the longest log is whole; None where there is no log."""
        return max((each.span[1] for each in self.beside if each.span), default=None)

    @property
    def accepted_features(self) -> dict[str, str]:
        """Reason of each feature of a column, or a table, that was taken all the same."""
        own = (self.table, [feature.name for feature in self.features])
        beside = [(each.table, [item.name for item in each.features]) for each in self.beside]

        return accepted_features(self.accepted, [own, *beside])

    @property
    def tables(self) -> tuple[DeclaredTable, ...]:
        """Every table that is loaded, one before those that go through it."""
        return ordered([self.table, *(each.table for each in self.beside)])


def plan(
    population: str,
    found: Inspected,
    *,
    table: str = CUSTOMERS,
    key: str | None,
    drops: Sequence[str] = (),
    accepts: Mapping[str, str] | None = None,
    carried: Collection[str] = (),
    beside: Sequence[BesideTable] = (),
    left_out: Mapping[str, str] | None = None,
) -> FlatPopulation:
    """
    Decide what becomes of each column.

    Args:
        population: Its name.
        found: The table, looked at; its label says who left.
        table: What it is called.
        key: Header of the column that says whose a row is; None numbers the rows.
        drops: Headers that are left out whatever they hold.
        accepts: Header of each column that is used though it may know the answer, with the reason.
        carried: Headers of columns other tables go through.
        beside: The other tables.
        left_out: Name of each table that gives nothing, with the reason.

    Raises:
        ImportRefused: A named column is not there, or no feature is left.
    """
    headers = [column.name for column in found.columns]
    accepted = accepts or {}
    if missing := [name for name in [key, *drops, *accepted] if name and name not in headers]:
        raise ImportRefused(
            f"{found.name} has no column {', '.join(map(repr, missing))}; it has "
            f"{', '.join(headers)}",
            next_step="name columns as the file calls them",
        )
    names = naming.columns(headers)
    label = found.label
    told = facts(
        found.columns,
        names,
        key=key,
        label=label.column if label else None,
        unfit=by_column(_leaks(found, key, [*accepted, *drops])),
        drops=drops,
    )
    if not told.features and not beside:
        raise ImportRefused(
            f"no column of {found.name} is left to learn from: "
            + "; ".join(f"{header}: {reason}" for header, reason in told.dropped.items()),
            next_step="--accept COLUMN='reason' takes one that was left out",
        )
    declared = DeclaredTable(
        population=population,
        name=table,
        origin=found.origin,
        holds="snapshot",
        columns=(*told.columns, *loading.carried(carried, told.columns, names)),
        label=names[label.column] if label else None,
        dropped={name: why for name, why in told.dropped.items() if name not in carried},
    )

    return FlatPopulation(
        table=declared,
        gone=label.value.strip().lower() if label else None,
        features=told.features,
        bounds=told.bounds,
        leaving=label.rate if label else 0.0,
        beside=tuple(beside),
        left_out=left_out or {},
    )


def _leaks(found: Inspected, key: str | None, answered: Sequence[str]) -> Sequence[Finding]:
    """Return what is suspect among the columns nobody has answered for."""
    if key == found.key and not answered:
        return found.leaks

    return found.suspects(key=key, accepted=answered)
