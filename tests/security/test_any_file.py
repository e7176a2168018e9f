"""`churn import` with any file: all of it is loaded, or nothing, and a refusal says why."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from datetime import date

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import databases
from tests.integration.declared_house import CUSTOMERS, EVENTS, House
from tests.security import command_line, examples

# Of each population the one table it is declared to be made of, and a row of a file of it.
DECLARED = {"gym": ("people", CUSTOMERS), "club": ("events", EVENTS)}
GOOD = {
    "gym": ["a", "9.5", "2", "yes", "2010-12-01", "2010-12-01 08:26", "DSL"],
    "club": ["a", "2010-12-01 08:26", "login"],
}
DAYS = date(2010, 12, 1), date(2026, 11, 21)
CELLS = st.text(max_size=20) | st.sampled_from(
    [
        *("", " ", "0", "-1", "1e99", "9" * 9, "9" * 15, "1e400", "nan", "Infinity", "1.0", "+5"),
        *("Yes", "No", "\0", "\ud7ff", "=cmd()", "x" * 300, "0001-01-01", "9999-12-31 23:59:59"),
        *("2010-12-01T08:26:00+14:00", "1/13/2010 8:26", "2262-04-12", "1677-01-01", "2010-12-01"),
        *("2010-12-01T08:26:00.123456789Z", "99999-01-01", "2010-02-30", "1/1/0001 0:00", "٣", "½"),
    ]
)
# What a Parquet file may declare, each with values it can hold.
TYPES: tuple[tuple[pa.DataType, st.SearchStrategy[object]], ...] = (
    (pa.string(), CELLS),
    (pa.large_string(), CELLS),
    (pa.binary(), st.binary(max_size=8)),
    (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (pa.uint64(), st.integers(0, 2**64 - 1)),
    (pa.float64(), st.floats()),
    (pa.float32(), st.floats(width=32)),
    (pa.float16(), st.floats(width=16)),
    (pa.bool_(), st.booleans()),
    (pa.date32(), st.dates()),
    (pa.timestamp("us"), st.datetimes()),
    (pa.timestamp("s"), st.integers(-(2**53), 2**53)),
    (pa.timestamp("ms", tz="Europe/Berlin"), st.integers(-(2**62), 2**62)),
    (pa.timestamp("ns"), st.integers(-(2**63), 2**63 - 1)),
    (pa.time64("us"), st.times()),
    (pa.duration("s"), st.integers(-(2**31), 2**31)),
    (pa.decimal128(38, 2), st.decimals(-(10**20), 10**20, places=2)),
    (pa.null(), st.none()),
    (pa.list_(pa.int64()), st.lists(st.integers(0, 9), max_size=2)),
    (pa.struct([("a", pa.int64())]), st.fixed_dictionaries({"a": st.integers(0, 9)})),
    (pa.dictionary(pa.int32(), pa.string()), CELLS),
)


@st.composite
def tables(draw: st.DrawFn, source: str) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a file of *source*: good ones, with some of it changed."""
    header = [column["header"] for column in DECLARED[source][1]["columns"].values()]
    rows = [list(GOOD[source]) for _ in range(draw(st.integers(0, 4)))]
    if source == "gym":
        for number, row in enumerate(rows):
            row[0] = f"customer {number}"
    # One bad row of so few is too many, so most stay as they are; and what hypothesis draws most,
    # 0 and False, changes nothing.
    for row in rows:
        if draw(st.integers(0, 3)) == 3:
            for column in draw(st.sets(st.integers(0, len(header) - 1), max_size=2)):
                row[column] = draw(CELLS)
    if draw(st.integers(0, 9)) == 9:
        header[draw(st.integers(0, len(header) - 1))] = draw(st.sampled_from(header) | CELLS)
    if draw(st.integers(0, 9)) == 9:
        header.append(draw(st.sampled_from(header) | CELLS))
        for row in rows:
            row.append(draw(CELLS))
    if rows and draw(st.integers(0, 9)) == 9:
        rows[-1] = rows[-1][: draw(st.integers(0, len(header)))]

    return header, rows


@st.composite
def csv_files(draw: st.DrawFn, source: str) -> bytes:
    """Return a CSV of any shape and encoding, or a part of it."""
    header, rows = draw(tables(source))
    text = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    ends = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    csv.writer(text, quoting=quoting, lineterminator=ends).writerows([header, *rows])
    encoding = draw(st.sampled_from(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "latin-1"]))
    content = text.getvalue().encode(encoding, "replace")
    if draw(st.integers(0, 5)) == 5:
        content = content[: draw(st.integers(0, len(content)))]

    return content


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Return *content* as it is, cut off, or with some bytes changed."""
    if not draw(st.booleans()):
        return content
    changed = bytearray(content[: draw(st.integers(0, len(content)))])
    for place in draw(st.sets(st.integers(0, max(len(changed) - 1, 0)), max_size=3)):
        if changed:
            changed[place] = draw(st.integers(0, 255))

    return bytes(changed)


@st.composite
def gzip_files(draw: st.DrawFn, source: str) -> bytes:
    """Return a gzipped CSV, whole, truncated or damaged; perhaps with something after it."""
    packed = gzip.compress(draw(csv_files(source)), mtime=0)

    return draw(damaged(packed)) + draw(st.sampled_from([b"", b"", b"", b"\0", b"\n", b"\x1f"]))


@st.composite
def parquet_files(draw: st.DrawFn, source: str) -> bytes:
    """Return a Parquet file, some of its columns of other types; whole, truncated or damaged."""
    header, good = draw(tables(source).filter(lambda made: len(set(map(len, made[1]))) <= 1))
    columns = []
    for index in range(min(len(header), *(len(row) for row in good), len(header))):
        values: list[object] = [row[index] for row in good]
        kind: pa.DataType = pa.string()
        if draw(st.integers(0, 9)) == 9:
            kind, any_value = draw(st.sampled_from(TYPES))
            values = [draw(any_value | st.none()) for _ in good]
        columns.append(pa.array(values, kind))
    written = io.BytesIO()
    pa.parquet.write_table(pa.Table.from_arrays(columns, header[: len(columns)]), written)

    return draw(damaged(written.getvalue()))


MADE: dict[str, Callable[[str], st.SearchStrategy[bytes]]] = {
    "bytes": lambda _: st.builds(
        bytes.__add__,
        st.sampled_from([b"", b"PAR1", b"\x1f\x8b\x08", b"\xef\xbb\xbf"]),
        st.binary(),
    ),
    "csv": csv_files,
    "gzip": gzip_files,
    "parquet": parquet_files,
}


@pytest.fixture(scope="module")
def house(
    server_url: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """One migrated warehouse for all of these files; what is loaded into it stays."""
    with databases.created(server_url, "any_file", template=migrated) as empty:
        made = House(tmp_path_factory.mktemp("project"), empty)
        for population, (table, declared) in DECLARED.items():
            made.declare(population, **{table: {**declared, "origin": "none.csv"}})
        yield made


@pytest.mark.parametrize(
    "kind",
    [pytest.param(k, marks=() if k in {"bytes", "csv"} else pytest.mark.story) for k in MADE],
)
def test_any_file_is_loaded_whole_or_refused(
    house: House, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    """Whatever the file holds: the ledger says how many rows its table has more, or none has."""
    folder = tmp_path_factory.mktemp(kind)
    path = folder / "any"
    before = command_line.rows(house.warehouse)
    ends = []

    @examples.settings()
    @given(source=st.sampled_from(sorted(DECLARED)), data=st.data(), day=st.dates(*DAYS))
    def holds(*, source: str, data: st.DataObject, day: date) -> None:
        nonlocal before
        path.write_bytes(data.draw(MADE[kind](source)))
        answer = command_line.ask(
            *("import", source, str(path), "--as-of", day.isoformat()),
            home=folder / "home",
            url=house.warehouse.url,
            CHURN_PROJECT=str(house.project),
        )
        earlier, before = before, command_line.rows(house.warehouse)
        more = {name: rows - earlier.get(name, 0) for name, rows in before.items()}
        table = f"{source}__{DECLARED[source][0]}"
        ends.append(answer.code)

        assert answer.code in {0, 20}, answer
        assert more.pop("raw.loads") <= (answer.code == 0)
        assert (more.pop(f"raw.{table}", 0) > 0) <= (answer.code == 0)
        assert set() == {name for name, rows in more.items() if rows}
        assert rows_said(house, table) == before.get(f"raw.{table}", 0)

    holds()

    assert 20 in ends
    assert kind in {"bytes", "gzip"} or 0 in ends


def rows_said(house: House, table: str) -> int:
    """Return how many rows of a table the ledger says were loaded."""
    query = "select coalesce(sum(rows), 0) from raw.loads where source = :source"

    return int(house.warehouse.rows(query, {"source": table})[0][0])
