"""Reading sheets of workbooks."""

import zipfile
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from pipelines.adapters.sources import source
from tests.sources import only, refusal, rows_of, workbook

DAY = datetime(2026, 11, 20)  # noqa: DTZ001  sheets know no zones
NOON = datetime(2026, 11, 20, 12)  # noqa: DTZ001
CUSTOMERS = [
    ["id", "name", "fee", "since", "is_new", "mixed"],
    [1, "Ada", 29.5, DAY, True, 7],
    [2, "", "", NOON, False, "x"],
]


def test_columns_have_the_type_all_their_cells_share(tmp_path: Path) -> None:
    """Numbers, instants and truths are typed; what is mixed is text, whole numbers as shown."""
    path = workbook(tmp_path / "book.xlsx", {"Customers": CUSTOMERS})

    table = only(path)

    assert "Customers" == table.name
    assert f"{path}#Customers" == table.origin
    kinds = [pa.float64(), pa.string(), pa.float64(), pa.timestamp("us"), pa.bool_(), pa.string()]
    assert kinds == table.schema.types
    assert [
        {"id": 1, "name": "Ada", "fee": 29.5, "since": DAY, "is_new": True, "mixed": "7"},
        {"id": 2, "name": None, "fee": None, "since": NOON, "is_new": False, "mixed": "x"},
    ] == rows_of(path)


def test_every_sheet_with_rows_is_a_table(tmp_path: Path) -> None:
    """One that is empty or has a header only is none, unless it is named."""
    path = workbook(
        tmp_path / "book.xlsx", {"A": CUSTOMERS, "B": [["x"], [1]], "Empty": [], "Head": [["x"]]}
    )

    assert ["A", "B"] == [table.name for table in source.opened(str(path))]
    assert [{"x": 1}] == rows_of(f"{path}#B")
    assert [] == rows_of(f"{path}#Head")
    assert "has no sheet C; it has: A, B, Empty, Head" in refusal(f"{path}#C")
    assert "is empty: 0 rows in 1 sheets" in refusal(f"{path}#Empty")


def test_blank_rows_are_none_and_names_differ(tmp_path: Path) -> None:
    """A table may begin below the first row, and leave rows out."""
    rows = [[], ["", "x", "", "x"], ["", 1, 2, 3], [], ["", 4, 5, 6]]
    path = workbook(tmp_path / "book.xlsx", {"S": rows})

    first = {"x": 1, "column_2": 2, "x_2": 3}
    assert [first, {"x": 4, "column_2": 5, "x_2": 6}] == rows_of(path)


def test_a_title_above_the_header_is_none(tmp_path: Path) -> None:
    """Nor are the days of a report; names that are there count, also where some are blank."""
    rows = [["Customers"], ["from", DAY], [], ["id", "", "fee", "plan"], [1, 2, 3, "x"]]
    path = workbook(tmp_path / "book.xlsx", {"S": rows})

    assert [{"id": 1, "column_2": 2, "fee": 3, "plan": "x"}] == rows_of(path)


def test_a_sheet_without_a_header_is_refused(tmp_path: Path) -> None:
    """Its first row would be taken for names."""
    path = workbook(tmp_path / "book.xlsx", {"S": [[1, DAY], [2, DAY]]})

    assert "has no header: its first row is data, 2 values such as others below have" in refusal(
        path
    )


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    """300 MB of blanks are 300 kB as they lie there."""
    path = workbook(tmp_path / "book.xlsx", {"S": CUSTOMERS})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/blank.bin", b" " * 210_000_000)

    assert "unpacks to more than 200,000,000 bytes" in refusal(path)


def test_two_cells_that_span_all_of_a_sheet_are_refused(tmp_path: Path) -> None:
    """A reader would make room for 17 billion cells."""
    path = workbook(tmp_path / "book.xlsx", {"S": CUSTOMERS})
    content = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    far = content.replace(b"A1", b"XFD1048576")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/sheet2.xml", far)

    assert "spans 1,048,576 rows and 16,384 columns" in refusal(path)


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    """Cut off, or with parts that are no XML."""
    path = workbook(tmp_path / "book.xlsx", {"S": CUSTOMERS})
    whole = path.read_bytes()
    with zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    (tmp_path / "cut.xlsx").write_bytes(whole[:-40])

    assert "is damaged" in refusal(tmp_path / "bad.xlsx")
    assert "is damaged" in refusal(tmp_path / "cut.xlsx")
