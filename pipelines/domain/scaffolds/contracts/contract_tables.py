"""What is loaded of a table of contracts: the begins of its rows, and their ends."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.names import is_key_like
from pipelines.domain.imports.declared import CUSTOMER, DeclaredTable
from pipelines.domain.inspection.keys import SHARE_UNIQUE
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds import loading, names
from pipelines.domain.scaffolds.contracts.contract_times import ContractTimes
from pipelines.domain.scaffolds.facts import Facts
from pipelines.domain.scaffolds.logs.column_uses import ColumnUses
from pipelines.domain.scaffolds.logs.whose_and_when import WhoseAndWhen

ONLY_WHO_LEFT = "only who left, and when, is taken of the ends"


@dataclass(frozen=True)
class ContractColumns:
    """
    The columns of a table of contracts, told apart.

    Attributes:
        found: The table, looked at.
        times: When its rows begin and end.
        rows: Whose they are, and when each was known.
        uses: What is counted and added up.
        said: What each other column says of the one that runs.
        named: What each is called in the warehouse, by its header.
    """

    found: Inspected
    times: ContractTimes
    rows: WhoseAndWhen
    uses: ColumnUses
    said: Facts
    named: Mapping[str, str]

    @property
    def row_key(self) -> Column:
        """The column that tells contracts of one customer apart: their number, or the begin."""
        # A number of rows that is no key by its name may be another one in the next export.
        numbers = [
            column
            for column in self.found.columns
            if column.kind == "identifier"
            and column is not self.rows.customer
            and column.personal is None
            and is_key_like(column.name)
            and column.known == column.values.rows
            and column.distinct >= SHARE_UNIQUE * column.known
        ]

        return numbers[0] if numbers else self.times.begin


def begins(population: str, columns: ContractColumns, carried: Collection[str]) -> DeclaredTable:
    """
    Return what is loaded of the begins: of rows that lie ahead, nothing yet.

    Args:
        population: Whose it is.
        columns: Those of the table.
        carried: Headers of columns other tables go through.
    """
    named, rows = columns.named, columns.rows
    loaded = list(columns.said.columns)
    for time in filter(None, (rows.happened, rows.known)):
        if time.name not in {column.header for column in loaded}:
            loaded.append(loading.time_of(named, time))
    loaded += loading.carried(dict.fromkeys([columns.row_key.name, *carried]), loaded, named)
    there = {column.header for column in loaded}

    return DeclaredTable(
        population=population,
        name=names.table(columns.found.name),
        origin=columns.found.origin,
        holds="log",
        columns=tuple(loaded),
        happened_at=named[rows.happened.name],
        known_at=named[rows.known.name] if rows.known else None,
        dropped={
            header: why for header, why in columns.said.dropped.items() if header not in there
        },
        is_open=True,
    )


def ends(begun: DeclaredTable, columns: ContractColumns) -> DeclaredTable:
    """
    Return what is loaded of the ends: whose, when, and of which row.

    Args:
        begun: What is loaded of the begins.
        columns: Those of the table.
    """
    rows, found = columns.rows, columns.found
    wanted = [columns.row_key, *([rows.known] if rows.known else [])]
    loaded = [
        next(column for column in begun.columns if column.name == CUSTOMER),
        loading.time_of(columns.named, columns.times.end),
        *(next(each for each in begun.columns if each.header == one.name) for one in wanted),
    ]
    there = {column.header for column in loaded}

    return DeclaredTable(
        population=begun.population,
        name=names.ended(found.name),
        origin=begun.origin,
        holds="log",
        columns=tuple(dict.fromkeys(loaded)),
        happened_at=columns.named[columns.times.end.name],
        known_at=begun.known_at,
        dropped=dict.fromkeys(
            (column.name for column in found.columns if column.name not in there), ONLY_WHO_LEFT
        ),
        is_open=True,
    )
