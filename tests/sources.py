"""What tests of sources share: reading one whole, and a writer of workbooks."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pytest

from pipelines.adapters.sources import source
from pipelines.domain.ports.sources import RefusedRow, SourceTable
from pipelines.errors import ImportRefused

PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="xl/workbook.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/officeDocument"/></Relationships>'
    ),
    "xl/styles.xml": (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>'
        '<xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>'
    ),
}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def read(table: SourceTable) -> tuple[list[dict[str, object]], list[RefusedRow]]:
    """Return all rows of *table*, and those it refused."""
    refused: list[RefusedRow] = []
    rows = [row for batch in table.batches(refused.append) for row in batch.to_pylist()]

    return rows, refused


def only(name: object, **options: Callable[[], str]) -> SourceTable:
    """Return the one table of a source."""
    (table,) = source.opened(str(name), **options)

    return table


def rows_of(name: object, **options: Callable[[], str]) -> list[dict[str, object]]:
    """Return the rows of the one table of a source, which refuses none."""
    rows, refused = read(only(name, **options))
    assert [] == refused

    return rows


def refusal(name: object, **options: Callable[[], str]) -> str:
    """What the refusal of a source says, whether it comes as it is opened or read."""
    with pytest.raises(ImportRefused) as caught:  # noqa: PT012  either may raise
        for table in source.opened(str(name), **options):
            read(table)
    assert caught.value.next_step
    assert "nothing was loaded" in caught.value.message

    return caught.value.message


def as_text(table: SourceTable) -> list[dict[str, object]]:
    """Return the rows of *table* with every column cast to text."""
    batches = list(table.batches(lambda row: pytest.fail(str(row))))
    whole = pa.Table.from_batches(batches, table.schema)
    columns = [column.cast(pa.string()) for column in whole.columns]

    return pa.table(columns, names=whole.column_names).to_pylist()


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """Write an xlsx workbook of values; an empty text is a cell that is not there."""
    names = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="r{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    targets = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONS}/worksheet" '
        f'Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    parts = PARTS | {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        f"<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": "<Relationships xmlns="
        f'"http://schemas.openxmlformats.org/package/2006/relationships">{targets}'
        f'<Relationship Id="s" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>',
    }
    for number, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = _sheet(rows)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    return path


def _sheet(rows: Sequence[Sequence[object]]) -> str:
    """Return the XML of one sheet."""
    written = io.StringIO()
    for number, row in enumerate(rows, 1):
        cells = "".join(
            _cell(f"{chr(ord('A') + place)}{number}", value)
            for place, value in enumerate(row)
            if value != ""
        )
        written.write(f'<row r="{number}">{cells}</row>')

    return f'<worksheet xmlns="{MAIN}"><sheetData>{written.getvalue()}</sheetData></worksheet>'


def _cell(place: str, value: object) -> str:
    """Return the XML of one cell."""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    if isinstance(value, datetime):
        days = (value - datetime(1899, 12, 30)).total_seconds() / 86_400  # noqa: DTZ001
        return f'<c r="{place}" s="1"><v>{days}</v></c>'

    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
