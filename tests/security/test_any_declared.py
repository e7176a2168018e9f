"""Any file as the source of a declared table: loaded or refused whole, every row somewhere."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import DatabaseUnavailable, ImportRefused
from tests.integration.declared_house import CUSTOMERS, EVENTS, House
from tests.security import examples
from tests.security.test_any_source import BEGINNINGS

HEADERS = {"people": ("Id", "Fee", "Visits", "New", "Joined", "Seen", "Note"),
           "events": ("Id", "At", "Kind")}  # fmt: skip
# Values of every type, in disguise, at every edge, and of none.
CELLS = st.one_of(
    st.sampled_from(
        [
            *("", " ", "N/A", "-1", "1", "0", "7.0", "1e3", "1e400", "nan", "inf", "9" * 30, "yes"),
            *("2026-01-02", "2026-01-02 03:04:05.123456+0530", "9999-12-31 23:59:59-23:59"),
            *("0001-01-01T00:00+23:59", "2026-02-30", "31/12/2025", "99999-01-01", "1700000000"),
            *("q" * 201, "\u20ac" * 200, "'; drop table raw.loads; --", "\x1f", "1:a", "\ufeff"),
        ]
    ),
    st.text(max_size=6),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(str),
)


@pytest.mark.parametrize("table", ["people", pytest.param("events", marks=pytest.mark.story)])
def test_every_row_of_any_csv_is_somewhere(
    warehouse: Warehouse, tmp_path: Path, table: str
) -> None:
    """Loaded, there already, of nobody, erased or refused; and what is loaded can be read."""
    house = House(tmp_path, warehouse)
    path = tmp_path / "any.csv"
    declared = {"people": CUSTOMERS, "events": EVENTS}[table]
    house.declare("gym", **{table: {**declared, "origin": str(path)}})
    header = HEADERS[table]
    row = st.lists(CELLS, min_size=len(header), max_size=len(header))
    ragged = st.lists(st.just("r"), min_size=1, max_size=len(header) + 2)
    days = iter(range(1, 1_000_000))
    ends = set()

    @examples.settings()
    @given(rows=st.lists(row, max_size=6), others=st.lists(ragged, max_size=2))
    def holds(rows: list[list[str]], others: list[list[str]]) -> None:
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows([header, *rows, *others])
        path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
        before = house.state()
        as_of = date.fromordinal(date(2026, 7, 1).toordinal() + next(days))
        try:
            (imported,) = house.load("gym", as_of, pct=100)
        except ImportRefused as refused:
            ends.add("refused" if refused.next_step else "left alone")
            assert before == house.state()
            return
        ends.add("loaded" if imported.loaded else "none")
        parts = (
            imported.loaded,
            imported.already_there,
            imported.of_nobody,
            imported.of_erased,
            imported.not_yet,
        )
        assert imported.read == sum(parts) + imported.refused
        assert len(rows) <= imported.read <= len(rows) + len(others)
        after = house.state()
        quarantined = len(after["quarantine"]) - len(before.get("quarantine", []))
        assert quarantined == (imported.refused if imported.is_new else 0)
        name = f"gym__{table}"
        assert len(after.get(name, [])) - len(before.get(name, [])) == imported.loaded

    holds()

    assert {"loaded", "refused"} <= ends
    assert "left alone" not in ends


@pytest.mark.parametrize("table", ["people", "events"])
def test_any_bytes_are_refused_whole_or_loaded(
    warehouse: Warehouse, tmp_path: Path, table: str
) -> None:
    """Nothing else is raised, and nothing is half loaded."""
    house = House(tmp_path, warehouse)
    path = tmp_path / "any"
    declared = {"people": CUSTOMERS, "events": EVENTS}[table]
    house.declare("gym", **{table: {**declared, "origin": str(path)}})
    header = ",".join(HEADERS[table]).encode() + b"\n"
    lines = st.lists(st.binary(max_size=20).map(lambda line: line + b"\n"), max_size=5)
    content = st.one_of(
        st.builds(bytes.__add__, st.sampled_from(BEGINNINGS), st.binary()),
        st.builds(bytes.__add__, st.just(header), lines.map(b"".join)),
    )
    days = iter(range(1, 1_000_000))

    @examples.settings()
    @given(content=content)
    def holds(content: bytes) -> None:
        path.write_bytes(content)
        before = house.state()
        as_of = date.fromordinal(date(2026, 7, 1).toordinal() + next(days))
        try:
            (imported,) = house.load("gym", as_of)
        except (ImportRefused, DatabaseUnavailable):
            assert before == house.state()
        else:
            assert imported.read

    holds()
