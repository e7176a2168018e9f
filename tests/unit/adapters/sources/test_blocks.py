"""A delimited text read in blocks is what it is row by row."""

import io
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.adapters.sources import batches
from pipelines.adapters.sources.batches import TextRow
from pipelines.adapters.sources.delimited import blocks, records
from pipelines.adapters.sources.delimited.records import Dialect, Lines
from pipelines.domain.imports import lines as line_numbers
from pipelines.domain.ports.sources import RefusedRow

HEADER = "a,b,c\n"
SCHEMA = pa.schema([(name, pa.string()) for name in "abc"])
PLAIN = Dialect(",")
DIALECTS = [PLAIN, Dialect(",", ""), Dialect(",", "'"), Dialect(",", '"', "\\"),
            Dialect(",", "", "\\"), Dialect(" ")]  # fmt: skip
# Rows as people write them, and what breaks them.
PIECES = st.sampled_from(
    [
        *("1,2,3\n", '"x, y",2,3\n', '"say ""hi""",2,3\n', '"two\nlines",2,3\n', ",,\n"),
        *("1,2,3\r\n", '"","",""\n', '"""",2,3\n', "ä,ö,ü\n", "\n", "\r\n", "1,2\n", "1,2,3,4\n"),
        *('"', "'", ",", "\n", "\r", "\\", "\0", "\ufeff", "x", " ", '5" pipe,2,3\n', "a\rb,2,3\n"),
        *('"a"b,2,3\n', '1,"open,3\n', '1,2,"3"\r\n', "'a','b, c','d'\n", '1,"a\\"b",3\n'),
    ]
)
Found = tuple[list[tuple[int, tuple[str, ...]]], Counter[RefusedRow]]


def in_blocks(text: str, dialect: Dialect, whole: int, part: int) -> Found:
    """Return lines and values of the rows read in blocks, and what was refused."""
    refused: list[RefusedRow] = []
    found = blocks.read(
        Lines(io.StringIO(text, newline="")),
        dialect,
        SCHEMA,
        refused.append,
        whole=whole,
        part=part,
    )

    return _rows(list(found)), Counter(refused)


def one_by_one(text: str, dialect: Dialect) -> Found:
    """Return the same of the rows read one by one."""
    refused: list[RefusedRow] = []
    rows = []
    for record in [*records.read(io.StringIO(text, newline=""), dialect)][1:]:
        fault = record.fault
        if not fault and len(record.values) != len(SCHEMA):
            fault = f"has {len(record.values)} values for {len(SCHEMA)} columns"
        if fault:
            refused.append(RefusedRow(record.line, fault))
        else:
            rows.append(TextRow(record.line, record.values, record.characters))
    found = list(batches.converted(rows, SCHEMA, refused.append))

    return _rows(found), Counter(refused)


def _rows(found: list[pa.RecordBatch]) -> list[tuple[int, tuple[str, ...]]]:
    """Return line and values of each row."""
    rows = []
    for batch in found:
        assert SCHEMA == batch.schema
        numbers = line_numbers.of(batch)
        assert numbers is not None
        values = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        rows += [*zip(numbers.tolist(), values, strict=True)]

    return rows


@settings(max_examples=500, deadline=None)
@given(
    st.lists(PIECES, max_size=30).map("".join),
    st.sampled_from(DIALECTS),
    st.integers(1, 60),
    st.integers(1, 20),
)
@example('1,"a\n', PLAIN, 5, 5)
@example("1,2,3\r", PLAIN, 6, 3)
def test_it_does_not_matter_where_a_block_ends(
    text: str, dialect: Dialect, whole: int, part: int
) -> None:
    """Nor what is plain of it: the same rows on the same lines, and the same refused."""
    expected = one_by_one(HEADER + text, dialect)

    assert expected == in_blocks(HEADER + text, dialect, whole, part)
    assert expected == in_blocks(HEADER + text, dialect, 1_000_000, 1_000)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_a_line_is_one(end: str) -> None:
    """Of the last row it may be missing."""
    text = end.join(["a,b,c", "1,2,3", "", '"x, y",5,6'])
    rows, refused = in_blocks(text, PLAIN, 100, 10)

    assert [(2, ("1", "2", "3")), (4, ("x, y", "5", "6"))] == rows
    assert not refused


def test_what_stands_above_the_header_is_passed_over() -> None:
    """Also a line whose quote is never closed: what it swallowed is read as rows."""
    refused: list[RefusedRow] = []
    lines = Lines(io.StringIO('a "title\n"open\na,b,c\n1,2,3\n4,5\n6,7,8\n', newline=""))
    found = list(blocks.read(lines, PLAIN, SCHEMA, refused.append, above=2))

    assert [(4, ("1", "2", "3")), (6, ("6", "7", "8"))] == _rows(found)
    assert [RefusedRow(5, "has 2 values for 3 columns")] == refused


def test_a_line_longer_than_any_row_is_told() -> None:
    """With its number, and not read to its end."""
    with pytest.raises(records.TooLong, match="line 3"):
        in_blocks(f"{HEADER}1,2,3\n{'x' * (records.LONGEST_RECORD + 1)}", PLAIN, 4_000, 100)


def test_a_quote_inside_a_value_costs_no_more_than_its_line() -> None:
    """It is read with the others of its block, which is one batch."""
    rows = ['5" pipe,2,3', '"x, y",2,3', 'say "hi",2,3', 'a"b"c,"d, e",3', "1,2,3"]
    text = HEADER + "".join(f"{row}\n" for row in rows)
    found = list(blocks.read(Lines(io.StringIO(text, newline="")), PLAIN, SCHEMA, pytest.fail))

    assert 1 == len(found)
    assert ['5" pipe', "x, y", 'say "hi"', 'a"b"c', "1"] == found[0]["a"].to_pylist()
    assert _rows(found) == one_by_one(text, PLAIN)[0]
