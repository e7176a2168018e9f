"""Sheets of xlsx workbooks; a whole sheet is in memory while it is read."""

import contextlib
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from pipelines.adapters.sources import batches, cells, streams
from pipelines.adapters.sources.delimited import headers
from pipelines.adapters.sources.refusals import FETCH_AGAIN, listed, refusal
from pipelines.domain.ports.sources import RefusedRow

MOST_UNPACKED_BYTES = 200_000_000
MOST_ROWS = 1_048_576
# Rows that show whether the first one is one of them.
LOOKED_AT = 100
# Whoever reads a sheet makes room for the rectangle from its first cell to its last.
MOST_CELLS = 32_000_000
CELL = re.compile(rb"""\br=["']([A-Za-z]{1,3})(\d{1,9})["']""")
EXPORT = "save the sheet as csv and name that"


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    One sheet; its first row that is not empty holds the names, but for a title above them.

    Attributes:
        path: Of its workbook.
        name: Of the sheet.
        origin: `book.xlsx#Sheet`.
        schema: Numbers are float64 and dates timestamps; of mixed columns, text.
        above: How many rows stand above the header, such as a title.
    """

    path: Path
    name: str
    origin: str
    schema: pa.Schema
    above: int = 0

    def batches(self, refuse: Callable[[RefusedRow], None]) -> Iterator[pa.RecordBatch]:  # noqa: ARG002  the port's
        """
        Yield its rows, as the port says; an empty cell is NULL.

        Raises:
            ImportRefused: The workbook is damaged, or not what it was when it was opened.
        """
        with _workbook(self.path) as workbook:
            rows = _rows(workbook, self.name)[self.above + 1 :]
        step = max(1, min(batches.MOST_ROWS, batches.MOST_CELLS // len(self.schema)))
        for start in range(0, len(rows), step):
            columns = zip(*rows[start : start + step], strict=True)
            try:
                arrays = [
                    cells.converted(column, field.type)
                    for column, field in zip(columns, self.schema, strict=True)
                ]
            except (pa.ArrowException, ValueError):
                raise refusal(self.path, "has changed since it was opened", FETCH_AGAIN) from None
            yield pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def opened(path: Path, origin: str, name: str | None) -> list[Sheet]:
    """
    Return the sheets of *path* that have rows, or the one called *name*.

    Raises:
        ImportRefused: It is damaged, larger than we unpack, without such a sheet or rows.
    """
    _refuse_bomb(path)
    found = []
    with _workbook(path) as workbook:
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        if name is not None and name not in names:
            raise refusal(
                path, f"has no sheet {name}; it has: {listed(names)}", "name one as FILE#SHEET"
            )
        tables = {each: _rows(workbook, each) for each in names if name in {None, each}}
    for each, rows in tables.items():
        if len(rows) > 1 or (rows and name is not None):
            above = _above(rows)
            schema = _schema(path, each, rows[above:])
            found.append(Sheet(path, each, f"{origin}#{each}", schema, above))
    if not found:
        raise refusal(
            path, f"is empty: 0 rows in {len(tables)} sheets", "name a workbook with rows"
        )

    return found


@contextlib.contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    """Have the workbook for the block."""
    try:
        with calamine.load_workbook(path) as workbook:
            yield workbook
    except (calamine.CalamineError, OSError, ValueError) as error:
        if isinstance(error, calamine.PasswordError):
            raise refusal(path, "is protected by a password", "save it without one") from None
        raise refusal(path, "is damaged: it is no workbook that can be read", FETCH_AGAIN) from None
    except BaseException as error:
        # A panic of the Rust below is no Exception; it leaves nothing behind but itself.
        if type(error).__name__ != "PanicException":
            raise
        raise refusal(path, "is damaged: its reader gives up on it", EXPORT) from None


def _rows(workbook: Any, name: str) -> list[Sequence[object]]:  # noqa: ANN401  it has no types
    """Return the rows of a sheet that are not empty, from its first cell on."""
    rows: list[list[object]] = workbook.get_sheet_by_name(name).to_python()

    return [row for row in rows if any(value != "" for value in row)]


def _above(rows: list[Sequence[object]]) -> int:
    """Return how many rows stand above the header: they hold half as much as one, or less."""
    held = [sum(value != "" for value in row) for row in rows[:LOOKED_AT]]

    return next(place for place, cells_held in enumerate(held) if 2 * cells_held > max(held))


def _schema(path: Path, name: str, rows: list[Sequence[object]]) -> pa.Schema:
    """Return names and types of the columns."""
    header, *values = rows
    shown, *below = ([cells.as_text(value) or "" for value in row] for row in rows[:LOOKED_AT])
    if headers.is_data(shown, below):
        raise refusal(
            f"{path}#{name}",
            f"has no header: its first row is data, {len(header)} values such as others below have",
            "write the names of the columns into a row above it",
        )
    names = headers.unique(shown)
    columns = zip(*values, strict=True) if values else [()] * len(names)

    return pa.schema(
        [(column, cells.common_type(held)) for column, held in zip(names, columns, strict=True)]
    )


def _refuse_bomb(path: Path) -> None:
    """Refuse a workbook that unpacks to more than we read, or whose cells span too much."""
    unpacked = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                last_column = last_row = 0
                with archive.open(member) as content:
                    rest = b""
                    while piece := content.read(streams.PIECE):
                        unpacked += len(piece)
                        if unpacked > MOST_UNPACKED_BYTES:
                            raise refusal(
                                path, f"unpacks to more than {MOST_UNPACKED_BYTES:,} bytes", EXPORT
                            )
                        if not member.filename.lower().endswith(".xml"):
                            continue
                        for letters, digits in CELL.findall(rest + piece):
                            last_column = max(last_column, _number(letters))
                            last_row = max(last_row, int(digits))
                        rest = piece[-32:]
                if last_row > MOST_ROWS or last_row * last_column > MOST_CELLS:
                    raise refusal(
                        path,
                        f"spans {last_row:,} rows and {last_column:,} columns, more than "
                        f"{MOST_ROWS:,} rows or {MOST_CELLS:,} cells",
                        EXPORT,
                    )
    except streams.DAMAGE:
        raise refusal(path, "is damaged: it does not unpack to its end", FETCH_AGAIN) from None


def _number(letters: bytes) -> int:
    """Return the number of the column that *letters* name: 1 of A, 27 of AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1

    return number
