"""Reading one column of a file."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from pipelines.domain.imports import columns
from pipelines.domain.imports.columns import FileColumn


def test_times_are_read_as_iso_and_as_uci_writes_them() -> None:
    """The published CSV has the month first; a zone is honoured, none means UTC."""
    column = FileColumn("at", "at", "instant")
    values = pa.chunked_array(
        [["2010-12-01 08:26:00", "12/1/2010 8:26", "2010-12-01T09:26:00+01:00", "1/13/2010 0:00"]]
    )

    reading = columns.read(column, values)

    assert not reading.is_bad.any()
    assert [datetime(2010, 12, 1, 8, 26, tzinfo=UTC)] * 3 == reading.values.to_pylist()[:3]
    assert datetime(2010, 1, 13, tzinfo=UTC) == reading.values[3].as_py()


def test_a_customer_number_is_the_same_from_every_format() -> None:
    """A spreadsheet's 17850.0, a float and plain text are one customer."""
    column = FileColumn("CustomerID", "customer_id", "code")
    texts = columns.read(column, pa.chunked_array([["17850.0", " 17850", "17850"]]))
    floats = columns.read(column, pa.chunked_array([[17850.0]]))

    assert ["17850"] * 4 == texts.values.to_pylist() + floats.values.to_pylist()


def test_blank_and_bad_are_told_apart() -> None:
    """A blank may be legal; a word among numbers never is."""
    reading = columns.read(
        FileColumn("n", "n", "number"), pa.chunked_array([["1.5", " ", "x", "1e3"]])
    )

    np.testing.assert_array_equal([False, True, False, False], reading.is_blank)
    np.testing.assert_array_equal([False, False, True, False], reading.is_bad)
    assert [1.5, None, None, 1000.0] == reading.values.to_pylist()
