"""One table that somebody brings, looked at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from pipelines.domain.arrays import Flags
from pipelines.domain.columns import column as table_column
from pipelines.domain.columns.column import Column
from pipelines.domain.columns.names import among
from pipelines.domain.inspection import keys, label_leaks, labels, quality
from pipelines.domain.inspection.label_leaks import ORDER_AUC, Tell, judged_rows
from pipelines.domain.inspection.labels import LabelGuess
from pipelines.domain.inspection.quality import Cost, Quality
from pipelines.domain.inspection.sample import Sample
from pipelines.domain.leakage import probe
from pipelines.domain.leakage.finding import Finding
from pipelines.errors import ImportRefused

# Of one customer; a code that more rows have each is that of a group of them.
MOST_ROWS_EACH = 50
NOTHING_UNREAD = Cost("not a row", 0, ())


@dataclass(frozen=True)
class Inspected:
    """
    What a table holds.

    Attributes:
        name: What it is called.
        origin: Where it lies.
        rows: Rows it has.
        looked_at: Rows that were looked at; every so many where it has more than that.
        columns: Its columns, read.
        key: The column that tells its rows apart, if one does.
        customer: The column that says whose a row is, if one does.
        times: The columns that say when.
        label: What may say who left, or what was said to; None where nothing does.
        other_labels: What else may.
        tells: How well each column alone tells who left, the best first; none of a log.
        order_auc: How well the order of its rows does; None without a label, and of a log.
        quality: Its score.
        as_of: The day it was looked at.
    """

    name: str
    origin: str
    rows: int
    looked_at: int
    columns: tuple[Column, ...] = field(repr=False)
    key: str | None
    customer: str | None
    times: tuple[str, ...]
    label: LabelGuess | None
    other_labels: tuple[LabelGuess, ...]
    tells: tuple[Tell, ...]
    order_auc: float | None
    quality: Quality
    as_of: date

    @property
    def is_log(self) -> bool:
        """Whether many rows are one customer's."""
        return self.key is None and self.customer is not None

    @property
    def owner(self) -> str | None:
        """The column that says whose a row is, or that tells them apart where none says that."""
        whose = next((column for column in self.columns if column.name == self.customer), None)
        is_told = whose is not None and whose.distinct * MOST_ROWS_EACH >= whose.known

        return self.customer if is_told else self.key

    def is_called(self, name: str) -> bool:
        """Tell whether people call it so, in whatever case: by its name, or as its source does."""
        return name.casefold() in {self.name.casefold(), self.origin.rpartition("#")[2].casefold()}

    @cached_property
    def leaks(self) -> tuple[Finding, ...]:
        """Columns that know too well who left; none of a log, whose rows know it by right."""
        return () if self.is_log else self.suspects(key=self.key)

    def suspects(
        self,
        *,
        key: str | None,
        time: str | None = None,
        accepted: Collection[str] = (),
    ) -> tuple[Finding, ...]:
        """
        Return columns that know too well who left; none without a label.

        Args:
            key: Header of the column that says whose a row is.
            time: Header of the one that says when a row was known.
            accepted: Headers of columns that are not looked at.
        """
        if self.label is None:
            return ()
        columns = {column.name: column for column in self.columns}
        label = columns.pop(self.label.column)

        return probe.of_table(
            [*columns.values()],
            judged_rows(label),
            churned(label, self.label.value),
            key=key,
            time=columns.get(time or ""),
            accepted=accepted,
        ).findings

    @property
    def is_sorted_by_label(self) -> bool:
        """Whether the order of rows tells who left."""
        return self.order_auc is not None and self.order_auc >= ORDER_AUC


def inspect(
    name: str,
    origin: str,
    sample: Sample,
    *,
    as_of: date,
    label: str | None = None,
    unread: Cost = NOTHING_UNREAD,
) -> Inspected:
    """
    Look at a table.

    Args:
        name: What it is called.
        origin: Where it lies.
        sample: Its rows.
        as_of: The day it is.
        label: Who left, as `COLUMN` or `COLUMN=VALUE`; guessed where None.
        unread: Lines that could not be read as rows.

    Raises:
        ImportRefused: There is no such label, or its value does not tell anybody from others.
    """
    found = tuple(
        table_column.read(header, sample.rows[header]) for header in sample.rows.column_names
    )
    key = keys.key(found)
    customer = keys.customer(found)
    guessed = labels.guesses(found)
    chosen = _named(label, found, name) if label else next(iter(guessed), None)
    tells: tuple[Tell, ...] = ()
    order = None
    # In a log a label is a kind of event, and the rest of its row knows it by right.
    if chosen is not None and (key is not None or customer is None):
        column = next(column for column in found if column.name == chosen.column)
        is_churned = churned(column, chosen.value)
        others = [other for other in found if other is not key]
        tells = tuple(label_leaks.tells(others, column, is_churned))
        order = label_leaks.order_auc(column, is_churned)

    return Inspected(
        name=name,
        origin=origin,
        rows=sample.total,
        looked_at=len(sample.numbers),
        columns=found,
        key=key.name if key else None,
        customer=customer.name if customer else None,
        times=tuple(column.name for column in found if column.kind in {"date", "instant"}),
        label=chosen,
        other_labels=tuple(
            guess for guess in guessed if not chosen or guess.column != chosen.column
        ),
        tells=tells,
        order_auc=order,
        quality=quality.judge(found, sample.numbers, key, as_of, unread),
        as_of=as_of,
    )


def churned(label: Column, value: str) -> Flags:
    """Return `(n_rows,)`, whether the label of a row has *value*, whatever its case."""
    is_value = np.asarray(label.values.levels.str.casefold() == value.casefold(), dtype=np.bool_)

    return label.values.row_mask(is_value)


def _named(label: str, columns: Sequence[Column], table: str) -> LabelGuess:
    """Return the label somebody has named."""
    header, _, value = label.partition("=")
    called = among(header, [column.name for column in columns])
    column = next((column for column in columns if column.name == called), None)
    if column is None:
        raise ImportRefused(
            f"{table} has no column {header!r}; it has {', '.join(c.name for c in columns)}",
            next_step="name one of those as --label COLUMN=VALUE",
        )
    told, why = (value, "") if value else labels.leavers(column) or ("", "")
    if not told:
        raise ImportRefused(
            f"{header} has {column.distinct} different values, so one has to be named",
            next_step=f"name what it says of who left: --label '{header}=VALUE'",
        )
    rows = int(churned(column, told).sum())
    if not 0 < rows < column.known:
        raise ImportRefused(
            f"{header} is {told!r} in {rows:,} of {column.known:,} rows of {table}: it tells "
            "nobody from anybody else",
            next_step="name another column or value",
        )
    reason = f"named; {why}" if why else "named"

    return LabelGuess(column.name, told, rows / column.known, reason)
