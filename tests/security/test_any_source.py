"""Any file as a source: tables, or a refusal that says why; and no row is lost on the way."""

import csv
import gzip
import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.adapters.files import inspection_page
from pipelines.adapters.sources import source
from pipelines.errors import DatabaseUnavailable, ImportRefused
from pipelines.steps.data.inspect import inspect
from pipelines.testing.sources import MemorySourceTable
from tests.security import examples
from tests.security.test_any_file import DECLARED, MADE, damaged
from tests.sources import only, read, workbook

BEGINNINGS = [
    *(b"", b"id,name\n", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\x00", b"PK\x03\x04", b"PAR1"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b'{"a": 1}\n', b'{"', b"["),
    *(b'a,b\n"', b"<", b"SQLite format 3\0"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
WORD = st.text("abcxyz", min_size=1, max_size=6)
# What each dialect and encoding can hold; the first column has no blanks, so that no line is blank.
LETTERS = {
    "utf-8": "ab ,;|\t\"'\n\\äß€Łя漢",
    "utf-8-sig": "ab ,;|\t\"'\n\\äß€Łя漢",
    "utf-16": "ab ,;|\t\"'\n\\äß€Łя漢",
    "cp1252": "ab ,;|\t\"'\n\\",
}


@st.composite
def workbooks(draw: st.DrawFn, folder: Path) -> bytes:
    """Return a workbook, whole, cut off, changed, or with changed parts in a sound archive."""
    cell = st.one_of(st.just(""), st.booleans(), st.floats(-1e9, 1e9), WORD)
    rows = draw(st.lists(st.lists(cell, max_size=3), max_size=4))
    header = draw(st.just(["a", "b", "c"]) | st.lists(cell, max_size=3))
    path = workbook(folder / "made.xlsx", {draw(WORD): [header, *rows]})
    if draw(st.booleans()):
        return draw(damaged(path.read_bytes()))
    written = io.BytesIO()
    with zipfile.ZipFile(path) as sound, zipfile.ZipFile(written, "w") as changed:
        for name in sound.namelist():
            changed.writestr(name, draw(damaged(sound.read(name))))

    return written.getvalue()


@pytest.mark.parametrize("kind", ["bytes", "csv", "gzip", "parquet", "json", "xlsx"])
def test_any_file_is_tables_or_refused(tmp_path_factory: pytest.TempPathFactory, kind: str) -> None:
    """Nothing else is raised, as it is opened or as it is read."""
    folder = tmp_path_factory.mktemp(kind)
    path = folder / "any"
    kinds = {
        "bytes": st.builds(bytes.__add__, st.sampled_from(BEGINNINGS), st.binary()),
        "json": st.lists(JSON.map(_json_line) | st.binary(max_size=5)).map(b"\n".join),
        "xlsx": workbooks(folder),
    }
    if kind not in kinds:
        kinds[kind] = st.sampled_from(sorted(DECLARED)).flatmap(MADE[kind])
    ends = []

    @examples.settings()
    @given(content=kinds[kind])
    def holds(content: bytes) -> None:
        path.write_bytes(content)
        try:
            tables = source.opened(str(path))
            # Not as Python values, which have no time beyond the year 9999.
            rows = sum(len(batch) for table in tables for batch in table.batches(lambda _: None))
        except (ImportRefused, DatabaseUnavailable) as refused:
            ends.append("refused" if refused.next_step else "left alone")
        else:
            assert tables
            ends.append("rows" if rows else "no rows")

    holds()

    assert "refused" in ends
    assert "left alone" not in ends
    assert kind == "bytes" or "rows" in ends


@examples.settings()
@given(data=st.data(), encoding=st.sampled_from(sorted(LETTERS)), width=st.integers(1, 4))
def test_rows_and_refused_rows_are_all_rows(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, encoding: str, width: int
) -> None:
    """A csv of Python's own writer, of any dialect, with rows that are too short or too long."""
    path = tmp_path_factory.getbasetemp() / "written.csv"
    header = data.draw(st.lists(WORD, min_size=width, max_size=width, unique=True))
    value = st.text(LETTERS[encoding], max_size=8)
    row = st.builds(list.__add__, WORD.map(lambda word: [word]), _lists(value, width - 1))
    rows = data.draw(st.lists(row, max_size=8))
    # A column more or less, where there are enough others to tell the dialect by.
    ragged = [["r"] * (width + 1)] * data.draw(st.integers(0, len(rows) // 4))
    # Python's writer leaves a \n unquoted where lines end in \r, which nobody can read again.
    is_quoted = not any("\n" in each for row in rows for each in row)
    ends = data.draw(st.sampled_from(["\n", "\r\n", *["\r"] * is_quoted]))
    delimiter = data.draw(st.sampled_from(",;\t|"))
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    # What is quoted is told from it only if a sample has a value that needs no telling.
    assume(quoting == csv.QUOTE_ALL or width > 1)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ends)
    writer.writerows([header, *rows, *ragged])
    content = text.getvalue().encode(encoding)
    path.write_bytes(gzip.compress(content) if data.draw(st.booleans()) else content)

    found, refused = read(only(path))

    assert len(rows) + len(ragged) == len(found) + len(refused)
    assert rows == [list(each.values()) for each in found]
    assert len(ragged) == len(refused)


CELLS = st.one_of(
    st.sampled_from(
        [
            *("", "?", "N/A", "-1", "999", "1900-01-01", "31/12/2024", "02.03.2024 10:15", "1e400"),
            *("1.234,5", "1,234", "inf", "NaN", "yes", "no", "٣", "²", "0001", "9" * 400, "a@b.co"),
            *("4111111111111111", "DE89370400440532013000", "1700000000", "9999-12-31", "\x1b[2J"),
        ]
    ),
    st.text(max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(str),
)


@pytest.mark.story
@examples.settings()
@given(data=st.data(), rows=st.integers(1, 80))
def test_any_table_is_looked_at(data: st.DataObject, rows: int) -> None:
    """Whatever its cells hold, each is missing, bad or known, and the page and JSON are made."""
    column = st.lists(CELLS, min_size=1, max_size=6).flatmap(
        lambda levels: _lists(st.sampled_from(levels), rows)
    )
    columns = data.draw(st.dictionaries(st.text(max_size=9), column, min_size=1, max_size=4))
    table = MemorySourceTable(pa.table({name: pa.array(its) for name, its in columns.items()}))
    found = inspect(sources=[table], as_of=date(2026, 11, 1), label=None, most_rows=50)
    (looked,) = found.tables

    assert rows == looked.rows
    for each in looked.columns:
        known = each.values.row_mask(each.is_known)
        assert (known ^ each.missing_rows ^ each.bad_rows).all()
    assert 0 <= looked.quality.score <= 100
    assert json.loads(json.dumps(found.to_dict()))["tables"]
    assert "\x1b" not in inspection_page.rendered(found)


def _lists(value: st.SearchStrategy[str], size: int) -> st.SearchStrategy[list[str]]:
    """Return lists of so many values."""
    return st.lists(value, min_size=size, max_size=size)


def _json_line(value: object) -> bytes:
    """Return *value* as the member of an object in a line of JSON."""
    return json.dumps({"a": value}).encode()
