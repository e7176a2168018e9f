"""Reading files people bring."""

import gzip
import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from pipelines.adapters.files import data_files
from pipelines.errors import ImportRefused

CSV = "id,name\n1,Ada\n2,\n"


def refusal(path: Path) -> str:
    """What the refusal of *path* says."""
    with pytest.raises(ImportRefused) as caught:
        data_files.read(path)
    assert caught.value.next_step

    return caught.value.message


def test_csv_gzip_and_parquet_are_told_apart_by_content(tmp_path: Path) -> None:
    """A wrong suffix does not matter; the rows are the same."""
    plain, zipped, parquet = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    plain.write_text(CSV)
    zipped.write_bytes(gzip.compress(CSV.encode()))
    pa.parquet.write_table(pa.table({"id": ["1", "2"], "name": ["Ada", ""]}), parquet)

    files = [data_files.read(path) for path in (plain, zipped, parquet)]

    assert [{"id": "1", "name": "Ada"}, {"id": "2", "name": ""}] == files[0].rows.to_pylist()
    assert files[0].rows == files[1].rows == files[2].rows
    assert [2, 2, 1] == [file.first_line for file in files]


def test_the_fingerprint_is_that_of_the_bytes(tmp_path: Path) -> None:
    """It is what sha256sum prints for the file."""
    path = tmp_path / "a.csv"
    path.write_text(CSV)

    assert hashlib.sha256(CSV.encode()).hexdigest() == data_files.read(path).fingerprint


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    """Spreadsheets write one."""
    path = tmp_path / "a.csv"
    path.write_text(CSV, "utf-8-sig")

    assert ["id", "name"] == data_files.read(path).rows.column_names


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"id,name\n1,Ada\n2\n3,Bob,x\n", "2 of 3 rows do not have 2 columns, first on line 3"),
        (b"id,name\n1,\xa3\n", "is not UTF-8 text, first on line 2"),
        (b"\x00\x01\x02PK", "is neither CSV nor Parquet"),
        (b"PAR1 and then nothing of the kind", "bytes that are not Parquet"),
        (gzip.compress(CSV.encode(), mtime=0)[:-9], "do not unpack as gzip"),
        (b"\x1f\x8bnonsense", "do not unpack as gzip"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    """A damaged or foreign file is named, with what is wrong with it."""
    path = tmp_path / "customers.csv"
    path.write_bytes(content)

    message = refusal(path)

    assert fault in message
    assert "customers.csv" in message
    assert "nothing was loaded" in message


def test_rows_are_not_shown_when_a_file_is_refused(tmp_path: Path) -> None:
    """They may be personal."""
    path = tmp_path / "a.csv"
    path.write_text("id,name\n1,Ada,Lovelace\n")

    assert "Lovelace" not in refusal(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """So is a folder."""
    assert "No such file" in refusal(tmp_path / "nowhere.csv")
    assert "directory" in refusal(tmp_path)
