"""Whose the rows of a table are, by its own column or through another table."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.names import LAST_WORDS, words
from pipelines.domain.inspection.keys import SHARE_UNIQUE, Link
from pipelines.domain.inspection.report import Inspection
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds import names
from pipelines.domain.scaffolds.answers import Answers

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class OwnedTable:
    """
    A table of which it is known whose its rows are.

    Attributes:
        found: The table, looked at.
        customer: Header of the column that says it.
        via: Another table, with the header of its column whose value that column holds; None where
            it holds the customer.
        carried: Headers of columns other tables go through.
        is_ended: Whether it is asked for the end of its rows, which some have not reached; it says
            more of customers by their beginning then.
    """

    found: Inspected
    customer: str
    via: "tuple[OwnedTable, str] | None" = None
    carried: tuple[str, ...] = ()
    is_ended: bool = False

    @property
    def through(self) -> str:
        """Table and column it goes through, as of a `DeclaredColumn`; empty without."""
        if self.via is None:
            return ""
        table, header = self.via
        column = names.of_table(table.found.columns, table.customer)[header]

        return f"{names.table(table.found.name)}.{column}"

    @property
    def is_one_row_each(self) -> bool:
        """Whether no customer has more than one row, but for mistakes."""
        return self.via is None and is_unique(self.column(self.customer))

    @property
    def row_customers(self) -> Texts:
        """`(n_rows,)`, whose each row is; None where nothing says it."""
        texts = self.column(self.customer).row_texts
        if self.via is None:
            return texts
        table, header = self.via
        owners = pd.Series(table.row_customers, index=table.column(header).row_texts)
        owners = owners[owners.index.notna() & ~owners.index.duplicated(keep="last")]

        return np.asarray(owners.reindex(texts).to_numpy(), dtype=object)

    def column(self, header: str) -> Column:
        """Return a column by its header."""
        return next(column for column in self.found.columns if column.name == header)


def owned_tables(
    answers: Answers, inspection: Inspection, root: Inspected, key: str
) -> dict[str, OwnedTable]:
    """Return the tables whose rows are known to be somebody's, by name."""
    owned = {root.name: OwnedTable(root, key)}
    rest = {table.name: table for table in inspection.tables if table is not root}
    for name, table in rest.items():
        if header := answers.of_table(table).key or _same(table, key):
            owned[name] = OwnedTable(table, header)
    while found := _next(inspection.links, rest, owned):
        owned |= found

    return owned


def _next(
    links: Collection[Link], tables: Mapping[str, Inspected], owned: Mapping[str, OwnedTable]
) -> dict[str, OwnedTable]:
    """Return one more table that leads to a customer, by itself rather than through another."""
    for link in links:
        target, source = owned.get(link.to_table), owned.get(link.table)
        if target is None and source is not None and _is_customer(source, link.column):
            return {link.to_table: OwnedTable(tables[link.to_table], link.to_column)}
        if source is None and target is not None and _is_customer(target, link.to_column):
            return {link.table: OwnedTable(tables[link.table], link.column)}
    for link in links:
        target = owned.get(link.to_table)
        if link.table in owned or target is None:
            continue
        if link.to_column != target.customer:
            carried = tuple(dict.fromkeys([*target.carried, link.to_column]))
            target = replace(target, carried=carried)
            via = (target, link.to_column)
            return {
                link.table: OwnedTable(tables[link.table], link.column, via),
                link.to_table: target,
            }

    return {}


def _is_customer(owned: OwnedTable, column: str) -> bool:
    """Tell whether a column holds the customer."""
    return owned.customer == column and owned.via is None


def _same(table: Inspected, key: str) -> str | None:
    """Return the column that is called as the key; every table may have an `id` of its own."""
    wanted = words(key)
    if not {*wanted} - LAST_WORDS:
        return None

    return next((each.name for each in table.columns if words(each.name) == wanted), None)


def is_unique(column: Column) -> bool:
    """Tell whether nearly no value is on two rows."""
    return column.distinct >= SHARE_UNIQUE * column.known
