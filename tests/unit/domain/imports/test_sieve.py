"""Rows that are loaded, and why others are not; each is one of them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from pipelines.domain.imports import lines
from pipelines.domain.imports.declared import DeclaredColumn, DeclaredTable
from pipelines.domain.imports.quarantine import Quarantine
from pipelines.domain.imports.sieve import Sieve, staged_schema
from pipelines.domain.privacy.erasure import customer_sha256
from pipelines.errors import ImportRefused

AS_OF = date(2026, 6, 30)
DAY_BEFORE = datetime(2026, 6, 29, tzinfo=UTC)
ID = DeclaredColumn("customer_id", "Id", "text")
FEE = DeclaredColumn("fee_eur", "Fee", "number")
AT = DeclaredColumn("visited_at", "At", "instant")
MEMBERS = DeclaredTable("gym", "members", "members.csv", "snapshot", (ID, FEE))
VISITS = DeclaredTable("gym", "visits", "visits.csv", "log", (ID, AT, FEE), "visited_at")


def sieve(
    table: DeclaredTable = MEMBERS, *, is_first: bool = True, erased: Collection[bytes] = ()
) -> Sieve:
    """Return one through which nothing went yet."""
    return Sieve(
        table=table,
        as_of=AS_OF,
        is_first=is_first,
        identity=[column.name for column in staged_schema(table)][:-4],
        erased=erased,
        quarantine=Quarantine("gym", table.raw_table, "memory"),
    )


def batch(*rows: tuple[Any, ...]) -> pa.RecordBatch:
    """Return rows of an id, a fee and, of visits, a time, all of it text."""
    names = ("Id", "Fee", "At")[: len(rows[0])]
    columns = zip(*rows, strict=True)

    return pa.RecordBatch.from_pydict(
        {name: pa.array(its, pa.string()) for name, its in zip(names, columns, strict=True)}
    )


def reasons(sifted: Sieve) -> list[tuple[int, str, str]]:
    """Return line, column and reason of each refused row."""
    rows = sifted.quarantine.table().to_pylist()

    return [(row["line"], row["column_name"], row["reason"]) for row in rows]


def test_a_snapshot_is_known_the_day_before() -> None:
    """Whole rows, with what they are known by, their place and line."""
    members = sieve()
    kept = members.sift(lines.numbered(batch(("ann", "1.5"), ("bob", "")), [2, 4]))

    assert staged_schema(MEMBERS) == kept.schema
    assert [DAY_BEFORE] * 2 == kept["loaded_at"].to_pylist()
    assert [("ann", 1.5, 1, 2), ("bob", None, 2, 4)] == [
        (row["customer_id"], row["fee_eur"], row["#place"], row["#line"])
        for row in kept.to_pylist()
    ]


def test_places_go_on_from_batch_to_batch() -> None:
    """Where a source has no lines they are what a message names."""
    members = sieve()
    members.sift(batch(("ann", "1"), ("bob", "2")))
    kept = members.sift(batch(("cy", "3"), ("", "4")))

    assert [(3, 3)] == [(row["#place"], row["#line"]) for row in kept.to_pylist()]
    assert [(4, "customer_id", "is blank")] == reasons(members)
    assert 4 == members.read


def test_each_row_of_a_snapshot_is_kept_refused_or_erased() -> None:
    """By its first fault; the values are in no reason."""
    members = sieve(erased={customer_sha256("gone")})
    kept = members.sift(
        batch(
            ("ann", "1"), ("", "x"), ("bob", "x"), ("q" * 201, "1"), ("gone", "1"), ("q" * 200, "")
        )
    )

    assert 2 == len(kept)
    assert [
        (2, "customer_id", "is blank"),
        (3, "fee_eur", "is not a number"),
        (4, "customer_id", "is longer than 200 characters"),
    ] == reasons(members)
    assert (6, 1, 0) == (members.read, members.of_erased, members.of_nobody)


def test_each_row_of_a_log_is_kept_refused_erased_or_of_nobody() -> None:
    """Of nobody are rows without a customer, whatever else is wrong with them."""
    visits = sieve(VISITS, erased={customer_sha256("gone")})
    kept = visits.sift(
        batch(
            ("ann", "1", "2026-06-30 23:59:59"),
            ("ann", "1", "2026-07-01"),
            ("ann", "1", ""),
            ("ann", "1", "soon"),
            ("", "x", "soon"),
            ("gone", "1", "2026-01-01"),
            ("x\0", "1", "2026-01-01"),
        )
    )

    assert 1 == len(kept)
    assert {
        (2, "visited_at", "is after 2026-06-30, the day of --as-of"),
        (3, "visited_at", "is blank"),
        (4, "visited_at", "is not a date or time"),
        (7, "customer_id", "is not text that a database can hold"),
    } == {*reasons(visits)}
    assert (7, 1, 1) == (visits.read, visits.of_erased, visits.of_nobody)


@pytest.mark.parametrize(
    ("is_first", "expected"),
    [
        (True, [datetime(2026, 6, 28, 23, tzinfo=UTC), datetime(2026, 6, 29, 1, tzinfo=UTC)]),
        (False, [DAY_BEFORE, datetime(2026, 6, 29, 1, tzinfo=UTC)]),
    ],
)
def test_a_row_of_a_log_is_known_when_it_happened_or_when_it_came(
    is_first: bool,
    expected: list[datetime],
) -> None:
    """What a first load brings was known then; what comes late is known from then on."""
    kept = sieve(VISITS, is_first=is_first).sift(
        batch(("ann", "1", "2026-06-29T01:00+02:00"), ("ann", "1", "2026-06-29 01:00"))
    )

    assert expected == kept["loaded_at"].to_pylist()


def test_rows_of_another_table_s_customers_are_theirs() -> None:
    """What leads to nobody is nobody's; a row stays the same when somebody else takes it over."""
    digests = []
    for owner in ("ann", "bob"):
        visits = sieve(VISITS, erased=[customer_sha256("cy")])
        visits.owners = pa.table({"value": ["c1", "c3"], "customer_id": [owner, "cy"]})
        at = "2026-01-02"
        kept = visits.sift(batch(("c1", "1", at), ("c2", "1", at), ("", "1", at), ("c3", "1", at)))
        assert [owner] == kept["customer_id"].to_pylist()
        assert (4, 2, 1) == (visits.read, visits.of_nobody, visits.of_erased)
        digests.append((kept["row_digest"].to_pylist(), visits.fingerprint))

    assert digests[0] == digests[1]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_row_may_say_itself_when_it_was_known(is_first: bool) -> None:
    """Never before it happened; and of a later load never before that."""
    booked = DeclaredColumn("booked_on", "Fee", "date")
    visits = sieve(
        replace(VISITS, columns=(ID, AT, booked), known_at="booked_on"), is_first=is_first
    )
    kept = visits.sift(
        batch(
            ("ann", "2026-02-01", "2026-01-02"),
            ("bob", "2026-01-01", "2026-01-02"),
            ("cy", "", "2026-01-02"),
        )
    )

    known = [datetime(2026, 2, 1, tzinfo=UTC), *[datetime(2026, 1, 2, tzinfo=UTC)] * 2]
    assert (known if is_first else [DAY_BEFORE] * 3) == kept["loaded_at"].to_pylist()


def test_what_has_not_happened_is_left_out_of_an_open_log() -> None:
    """Without a time, or ahead of the day; a time that cannot be read is refused all the same."""
    ends = sieve(replace(VISITS, is_open=True))
    kept = ends.sift(
        batch(
            ("ann", "1", "2026-01-02"),
            ("bob", "1", ""),
            ("cy", "1", "2027-01-01"),
            ("dan", "1", "soon"),
            ("", "1", ""),
        )
    )

    assert ["ann"] == kept["customer_id"].to_pylist()
    assert (2, 1, 1) == (ends.not_yet, ends.of_nobody, ends.quarantine.rows)


def test_the_same_content_has_the_same_fingerprint() -> None:
    """In however many batches, and whoever was erased since; in another order it is another."""
    rows = [("ann", "1"), ("bob", "2.0"), ("cy", "x")]
    first, again, other, corrected = sieve(), sieve(erased={customer_sha256("ann")}), *(
        sieve(),
        sieve(),
    )  # fmt: skip
    first.sift(batch(*rows))
    for row in (("ann", " 1.00"), ("bob", "2"), ("cy", "y")):
        again.sift(batch(row))
    other.sift(batch(*reversed(rows)))
    corrected.sift(batch(*rows[:2], ("cy", "")))

    assert first.fingerprint == again.fingerprint
    assert 3 == len({first.fingerprint, other.fingerprint, corrected.fingerprint})


def test_rows_without_a_key_are_numbered() -> None:
    """By their place in the source."""
    table = DeclaredTable("gym", "fees", "fees.csv", "snapshot", (FEE,))
    kept = sieve(table).sift(pa.RecordBatch.from_pydict({"Fee": ["1", "x", "3"]}))

    assert [("1", 1.0), ("3", 3.0)] == [
        (row["customer_id"], row["fee_eur"]) for row in kept.to_pylist()
    ]


def test_a_column_of_a_type_nothing_reads_is_refused() -> None:
    """By its name and type."""
    lists = pa.RecordBatch.from_pydict({"Id": ["a"], "Fee": pa.array([[1]])})
    with pytest.raises(
        ImportRefused, match=r"Fee is of type list<.*>, which cannot be read as a n"
    ):
        sieve().sift(lists)


def test_what_was_loaded_years_ago_is_known_again() -> None:
    """Digests and fingerprint of rows written in every way, as the first version made them."""
    columns = (
        ID,
        DeclaredColumn("at", "At", "instant", "day first"),
        DeclaredColumn("fee", "Fee", "number", missing=("-1",)),
        DeclaredColumn("n", "N", "integer"),
        DeclaredColumn("is_x", "X", "boolean"),
        DeclaredColumn("day", "Day", "date"),
    )
    values = {
        "Id": ["17850.0", "ann", " ann ", "", "ü", "x"],
        "At": ["2026-01-02 03:04:05", "2.1.2026 3:04", "2026-01-02T03:04:05.678Z",
               "2026-01-02 03:04+02:00", "2026-02-30", "2026-01-02"],
        "Fee": ["1.50", "-1", "€ 2", "-0", "1e3", "N/A"],
        "N": ["7", "7.0", "-0", "9007199254740993", "x", ""],
        "X": ["yes", "0", "", "NEIN", "1", "?"],
        "Day": ["2026-01-02", "2/1/2026", "2026-01-02 00:00", "2026-01-02 10:00", "", "1999-12-31"],
    }  # fmt: skip
    visits = sieve(DeclaredTable("gym", "dirty", "d.csv", "log", columns, "at"))
    kept = visits.sift(pa.RecordBatch.from_pydict(values))

    assert ["f79bef6c54abe129", "76a928329c1dcb16", "d908cc5f9abb7f7d"] == [
        digest.hex()[:16] for digest in kept["row_digest"].to_pylist()
    ]
    assert "aaa69e9b7f0d9621038c31d700d0efc86cebd2e8cfc1e1f29b33ca1b69915ecf" == visits.fingerprint
