"""Items beside a labelled table: many rows a customer that say what there is, and not when."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from pipelines.domain.imports.declared import CUSTOMER, DeclaredColumn, DeclaredTable
from pipelines.domain.scaffolds import loading, names
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.events import log_columns
from pipelines.domain.scaffolds.events.declaration import Declaration, call, declared
from pipelines.domain.scaffolds.events.log_columns import AmountColumn, KindColumn
from pipelines.domain.scaffolds.levels import levels
from pipelines.domain.scaffolds.logs.column_uses import CountedColumns, counted_columns
from pipelines.domain.scaffolds.logs.log_tables import TYPES
from pipelines.domain.scaffolds.several.beside_table import BesideTable, ItemColumns
from pipelines.domain.scaffolds.several.owners import OwnedTable
from pipelines.errors import ImportRefused


def items_beside(answers: Answers, owned: OwnedTable, *, leaks: Mapping[str, str]) -> BesideTable:
    """
    Decide what a table gives that has many rows a customer, and no time.

    Args:
        answers: What a person said of it.
        owned: The table.
        leaks: Header of each column that knows who left, with the reason.

    Raises:
        ImportRefused: A column of it is named as a time.
    """
    if named := [*answers.times, *answers.knowns]:
        raise ImportRefused(
            f"{' and '.join(named)} of {owned.found.name} hold no dates or times",
            next_step="leave that out: the table is read as it is now",
        )
    customer = owned.column(owned.customer)
    measured = counted_columns(
        [column for column in owned.found.columns if column is not customer],
        customer,
        unfit={**leaks, **dict.fromkeys(answers.drops, "left out with --drop")},
    )
    named_as = names.of_table(owned.found.columns, owned.customer)
    kinds = log_columns.kind_columns(
        {named_as[column.name]: levels(column) for column in measured.kinds}
    )
    items = ItemColumns(
        kinds,
        log_columns.amount_columns(
            {named_as[column.name]: "" for column in measured.amounts}, kinds
        ),
    )

    return BesideTable(
        table=_declared(answers, owned, measured, named_as),
        reading="items",
        features=_features(names.table(owned.found.name), items),
        bounds={named_as[column.name]: loading.widened(column) for column in measured.amounts},
        items=items,
    )


def _declared(
    answers: Answers, owned: OwnedTable, measured: CountedColumns, named: Mapping[str, str]
) -> DeclaredTable:
    """Return what is loaded: all of it, by every load."""
    columns = [DeclaredColumn(CUSTOMER, owned.customer, "text", through=owned.through)]
    columns += [
        loading.declared(named[column.name], column, TYPES[column.kind])
        for column in (*measured.kinds, *measured.amounts)
    ]
    columns += loading.carried(owned.carried, columns, named)

    return DeclaredTable(
        population=answers.name,
        name=names.table(owned.found.name),
        origin=owned.found.origin,
        holds="items",
        columns=tuple(columns),
        dropped={
            header: why for header, why in measured.others.items() if header not in owned.carried
        },
    )


def _features(table: str, items: ItemColumns) -> tuple[Declaration, ...]:
    """Return features called after their table; who has no row has 0 of what counts."""
    said = names.words(table)
    found: dict[str, Declaration] = {}
    for each in (*_counts(), *_of_kinds(items.kinds), *_of_amounts(items.amounts)):
        name = names.called_after(table, each.name, taken=found)
        title = f"{said}: {each.feature.title}"
        found[name] = replace(
            each,
            feature=replace(each.feature, name=name, title=title, family=said, theme=said),
            description=f"{said}: {each.description}",
            or_zero=not each.feature.nullable,
        )

    return tuple(found.values())


def _counts() -> Iterator[Declaration]:
    """Declare how many rows there are."""
    yield declared("rows", call("count_ever", "events"), "rows", family="", unit="rows")


def _of_kinds(kinds: tuple[KindColumn, ...]) -> Iterator[Declaration]:
    """Declare how many there are of each kind, and of how many kinds."""
    for column in kinds:
        for measure, told in column.measures.items():
            yield declared(
                measure, call("count_ever", measure), f"{told}: rows", family="", unit="rows"
            )
        yield declared(
            f"distinct_{column.stem}",
            call("count_ever", f"distinct_{column.stem}"),
            f"different kinds of {column.words}",
            family="",
            unit="kinds",
        )


def _of_amounts(amounts: tuple[AmountColumn, ...]) -> Iterator[Declaration]:
    """Declare how much there is."""
    for column in amounts:
        stem, told = column.stem, column.words
        of = partial(
            declared, family="", unit=column.unit, data_type="double precision", minimum=None
        )
        yield of(f"{stem}_total", call("amount_ever", f"{stem}_sum"), f"{told} of all rows")
        yield of(
            f"mean_{stem}",
            call("mean_ever", f"{stem}_sum", f"{stem}_known"),
            f"{told} of a row, on average",
            nullable=True,
        )
        yield of(
            f"largest_{stem}",
            call("largest_ever", f"{stem}_max"),
            f"largest {told} of a row",
            nullable=True,
        )
