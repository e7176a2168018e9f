"""Which files are loaded, once, and which are refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
import structlog.testing

from pipelines.domain.imports.columns import FileColumn
from pipelines.domain.imports.files import DataFile, SourceFile
from pipelines.domain.imports.loads import Load
from pipelines.domain.privacy.erasure import customer_sha256
from pipelines.errors import ImportRefused, RunLocked
from pipelines.steps.data.import_file import Imported, import_file
from pipelines.testing.locks import MemoryLocks
from pipelines.testing.records import MemoryRawTables
from tests.unit.steps.journal import Journal

# A snapshot, known when its importer says so, and a log whose rows say when they were known.
MEMBERS = SourceFile(
    name="gym",
    table="gym_members",
    columns=(
        FileColumn("Member", "customer_id", "text", is_personal=True),
        FileColumn("Visits", "visits", "integer"),
    ),
    key="Member",
)
VISITS = SourceFile(
    name="door",
    table="gym_visits",
    columns=(
        FileColumn("Member", "customer_id", "text", is_personal=True, is_blank_legal=True),
        FileColumn("When", "visited_at", "instant"),
    ),
    known_from="visited_at",
)
AS_OF = date(2026, 6, 30)
DAY_BEFORE = date(2026, 6, 29)


def members(*ids: str, fingerprint: str = "sha-1", visits: Sequence[object] = ()) -> DataFile:
    """Return a file of members."""
    columns = {"Member": [*ids], "Visits": [*(visits or ["3"] * len(ids))]}

    return DataFile("members.csv", fingerprint, pa.table(columns), first_line=2)


def visits(*rows: tuple[str | None, str], fingerprint: str = "sha-9") -> DataFile:
    """Return a file of visits."""
    columns = {"Member": [row[0] for row in rows], "When": [row[1] for row in rows]}

    return DataFile("door.csv", fingerprint, pa.table(columns), first_line=2)


class House:
    """Raw tables and locks."""

    def __init__(self) -> None:
        self.raw, self.journal = MemoryRawTables(), Journal()

    def load(
        self, file: DataFile, source: SourceFile = MEMBERS, as_of: date | None = AS_OF
    ) -> Imported:
        """Import one file."""
        return import_file(
            source=source,
            file=file,
            as_of=as_of,
            raw=self.journal.watch(self.raw),
            locks=self.journal.locks,
        )

    def refusal(self, file: DataFile, **arguments: Any) -> tuple[str, str]:
        """Return message and next step of a refusal, after which everything is as it was."""
        tables, ledger = dict(self.raw.tables), [*self.raw.ledger]
        with pytest.raises(ImportRefused) as refused:
            self.load(file, **arguments)
        assert (tables, ledger) == (self.raw.tables, self.raw.ledger)
        assert set() == self.journal.locks.held

        return refused.value.message, refused.value.next_step


def test_a_snapshot_is_known_from_the_day_before_it_may_be_used() -> None:
    """Its rows are in the raw table, and the ledger tells of them."""
    house = House()
    imported = house.load(members("ann", "bob"))

    assert Imported("gym", 2, True, DAY_BEFORE, DAY_BEFORE) == imported
    assert "2 rows of gym loaded (known on 2026-06-29)" == str(imported)
    table = house.raw.tables["gym_members"]
    assert ["ann", "bob"] == table["customer_id"].to_pylist()
    assert {datetime(2026, 6, 29, tzinfo=UTC)} == {*table["loaded_at"].to_pylist()}
    details = {
        "file": "members.csv",
        "known_from": "2026-06-29",
        "known_until": "2026-06-29",
        "erased_rows": 0,
    }
    assert [Load("gym", "sha-1", 2, details)] == house.raw.ledger


def test_a_log_is_known_when_its_rows_say() -> None:
    """From the first to the last of them, whatever as_of is given."""
    file = visits(("ann", "2026-01-05 10:00:00"), (None, "2026-01-02 09:00:00"))
    imported = House().load(file, source=VISITS, as_of=None)

    assert Imported("door", 2, True, date(2026, 1, 2), date(2026, 1, 5)) == imported
    assert "2 rows of door loaded (known from 2026-01-02 to 2026-01-05)" == str(imported)


def test_the_same_file_is_loaded_once() -> None:
    """Its bytes tell, not its name; what the ledger says is returned."""
    house = House()
    house.load(members("ann", "bob"))
    again = house.load(replace(members("ann", "bob"), name="copy.csv"))

    assert Imported("gym", 2, False, DAY_BEFORE, DAY_BEFORE) == again
    assert "2 rows of gym were loaded before; nothing changed (known on 2026-06-29)" == str(again)
    assert (2, 1) == (len(house.raw.tables["gym_members"]), len(house.raw.ledger))


def test_the_same_bytes_of_another_source_are_another_load() -> None:
    """A ledger entry is of one source."""
    house = House()
    house.load(members("ann"))
    house.load(members("ann"), source=replace(MEMBERS, name="club", table="club_members"))

    assert ["gym", "club"] == [load.source for load in house.raw.ledger]


@pytest.mark.parametrize("as_of", [AS_OF, date(2026, 7, 1), None])
def test_a_known_file_may_be_used_later(as_of: date | None) -> None:
    """From its own first day on; asking for a later one changes nothing."""
    house = House()
    house.load(members("ann"))

    assert not house.load(members("ann"), as_of=as_of).is_new


def test_a_known_file_cannot_be_used_earlier() -> None:
    """It would have been known before it was: the rows and the first legal day are named."""
    house = House()
    house.load(members("ann", "bob"))

    assert (
        "members.csv was loaded before as known on 2026-06-29, so its 2 rows cannot be used as of "
        "2026-06-29; nothing was changed",
        "use an as_of after 2026-06-29",
    ) == house.refusal(members("ann", "bob"), as_of=DAY_BEFORE)


def test_a_known_log_may_be_loaded_with_any_as_of() -> None:
    """Its rows say themselves when they were known."""
    house, file = House(), visits(("ann", "2026-01-05 10:00:00"))
    house.load(file, source=VISITS)

    assert not house.load(file, source=VISITS, as_of=date(2026, 1, 1)).is_new


def test_two_snapshots_of_one_day_contradict_each_other() -> None:
    """The second is refused; on another day it is welcome."""
    house = House()
    house.load(members("ann", "bob"))
    other = members("ann", "eve", "joe", fingerprint="sha-2")

    assert (
        "members.csv: another gym file with 2 rows is already known on 2026-06-29; nothing was "
        "loaded",
        "give another date: `churn import gym FILE --as-of YYYY-MM-DD`",
    ) == house.refusal(other)
    assert 3 == house.load(other, as_of=date(2026, 7, 1)).rows
    assert 5 == len(house.raw.tables["gym_members"])


def test_two_logs_of_one_day_add_up() -> None:
    """A log has no snapshot to contradict."""
    house = House()
    house.load(visits(("ann", "2026-01-05 10:00:00")), source=VISITS)
    house.load(visits(("bob", "2026-01-05 10:00:00"), fingerprint="sha-10"), source=VISITS)

    assert 2 == len(house.raw.tables["gym_visits"])


def test_erased_customers_are_left_out_and_counted() -> None:
    """Rows and ledger are of those who are kept; what the file was known at does not change."""
    house = House()
    house.raw.tombstones = {customer_sha256("ann"), customer_sha256("bob")}
    imported = house.load(members("ann", "bob", "eve"))

    assert Imported("gym", 1, True, DAY_BEFORE, DAY_BEFORE, erased_rows=2) == imported
    assert ("1 rows of gym loaded, 2 of erased customers left out (known on 2026-06-29)") == str(
        imported
    )
    assert ["eve"] == house.raw.tables["gym_members"]["customer_id"].to_pylist()
    assert (1, 2) == (house.raw.ledger[0].rows, house.raw.ledger[0].details["erased_rows"])


def test_a_file_of_erased_customers_only_is_noted_all_the_same() -> None:
    """It is not read again, and keeps the day it was known on."""
    house = House()
    house.raw.tombstones = {customer_sha256("ann")}

    assert Imported("gym", 0, True, DAY_BEFORE, DAY_BEFORE, 1) == house.load(members("ann"))
    assert Imported("gym", 0, False, DAY_BEFORE, DAY_BEFORE) == house.load(members("ann"))


@pytest.mark.parametrize(
    ("file", "as_of", "fault"),
    [
        (members("ann", "bob", visits=["3", "x"]), AS_OF, "Visits: 1 of 2 values are not whole"),
        (members("ann", "ann"), AS_OF, "Member: 1 of 2 rows repeat the key of an earlier row"),
        (members(), AS_OF, "it has a header and no rows"),
        (members("ann"), None, "a gym file does not say when its rows were known"),
    ],
)
def test_a_file_that_is_not_what_its_source_holds_is_refused(
    file: DataFile, as_of: date | None, fault: str
) -> None:
    """With the fault, its size and the command that comes next; nothing is loaded."""
    message, next_step = House().refusal(file, as_of=as_of)

    assert message.startswith("members.csv")
    assert fault in message
    assert "ann" not in message
    assert next_step.endswith("`churn import gym FILE --as-of YYYY-MM-DD`")


def test_one_import_of_a_source_at_a_time() -> None:
    """The lock is held from looking the ledger up until the rows are in; others may import."""
    house = House()
    house.journal.locks = MemoryLocks({"import of door"})
    house.load(members("ann"))
    assert {frozenset({"import of door", "import of gym"})} == {
        call.held for call in house.journal.calls
    }
    assert ["loads", "append"] == house.journal.order("loads", "append")

    house.journal.locks = MemoryLocks({"import of gym"})
    with pytest.raises(RunLocked, match="import of gym"):
        house.load(members("bob", fingerprint="sha-2"))
    assert 1 == len(house.raw.tables["gym_members"])


def test_the_log_counts_and_names_nobody() -> None:
    """The file and its rows are logged, and whether it was known already."""
    house = House()
    house.raw.tombstones = {customer_sha256("ann")}
    with structlog.testing.capture_logs() as logs:
        house.load(members("ann", "bob"))
        house.load(members("ann", "bob"))

    assert [
        {"source": "gym", "file": "members.csv", "rows": 1, "erased_rows": 1},
        {"source": "gym", "file": "members.csv", "rows": 1},
    ] == [
        {key: value for key, value in entry.items() if key not in {"event", "log_level"}}
        for entry in logs
    ]
    assert ["file_imported", "file_known_already"] == [entry["event"] for entry in logs]
