"""Reading Parquet files."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.sources import only, refusal, rows_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_columns_have_the_types_they_declare(tmp_path: Path) -> None:
    """Text that is dictionary-encoded is text."""
    path = tmp_path / "customers.parquet"
    table = pa.table(
        {
            "id": pa.array([1, None], pa.int32()),
            "fee": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "seen_at": pa.array([NOON, None], pa.timestamp("us", "UTC")),
            "plan": pa.array(["basic", None]).dictionary_encode(),
        }
    )
    pa.parquet.write_table(table, path)

    found = only(path)

    assert "customers" == found.name
    assert [pa.int32(), pa.decimal128(10, 2), pa.timestamp("us", "UTC"), pa.string()] == (
        found.schema.types
    )
    assert table.to_pylist() == rows_of(path)


def test_columns_of_bytes_are_refused_by_name(tmp_path: Path) -> None:
    """Each with its type."""
    path = tmp_path / "a.parquet"
    pa.parquet.write_table(pa.table({"id": [1], "photo": [{"raw": b"x"}], "raw": [b"x"]}), path)

    message = refusal(path)

    assert "has 2 of 3 columns that are bytes, and no values: photo.raw (binary)" in message
    assert "raw (binary)" in message


def test_what_is_in_a_struct_has_columns_of_its_own(tmp_path: Path) -> None:
    """Called after the struct; where that is nothing, they are, and a list is its JSON."""
    path = tmp_path / "a.parquet"
    kind = pa.struct({"os": pa.string(), "app": pa.struct({"version": pa.int64()})})
    device = pa.array([{"os": "iOS", "app": {"version": 7}}, None, {"os": "x"}], kind)
    tags = pa.array([["a", "é"], None, []])
    paid = pa.array(
        [[("may", Decimal("1.50"))], None, []], pa.map_(pa.string(), pa.decimal128(5, 2))
    )
    pa.parquet.write_table(pa.table({"device": device, "tags": tags, "paid": paid}), path)

    names = ["device.os", "device.app.version", "tags", "paid"]
    assert [
        ("iOS", 7, '["a", "é"]', '[["may", "1.50"]]'),
        (None, None, None, None),
        ("x", None, "[]", "[]"),
    ] == [tuple(row[name] for name in names) for row in rows_of(path)]


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """Cut off at its end, or changed in the middle of its pages."""
    path = tmp_path / "a.parquet"
    texts = [f"customer {number}" for number in range(1_000)]
    pa.parquet.write_table(pa.table({"id": texts}), path, compression="none", use_dictionary=False)
    whole = path.read_bytes()

    path.write_bytes(whole[:-20])
    assert "is damaged" in refusal(path)
    path.write_bytes(whole.replace(b"customer 500", b"customer \xff00"))
    assert "is damaged" in refusal(path)


def test_batches_of_long_texts_have_fewer_rows(tmp_path: Path) -> None:
    """16 million characters a batch, about."""
    path = tmp_path / "a.parquet"
    texts = pa.array([f"{number:07d}" * 40_000 for number in range(120)])
    pa.parquet.write_table(
        pa.table({"text": texts}), path, compression="none", use_dictionary=False
    )

    assert [57, 57, 6] == [len(batch) for batch in only(path).batches(pytest.fail)]
