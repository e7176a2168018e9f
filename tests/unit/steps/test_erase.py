"""Who has to stand still while a customer is erased, and what is told of it."""

from datetime import date

import pyarrow as pa
import pytest
import structlog.testing

from pipelines.domain.privacy.erasure import Erasure, customer_sha256
from pipelines.errors import CustomerUnknown, RunLocked
from pipelines.steps.data.erase import erase
from pipelines.testing.locks import MemoryLocks
from pipelines.testing.records import MemoryErasures, MemoryRawTables
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import NIGHT

ID, OTHER = "somebody-1", "somebody-2"
EVERYBODY = [
    "dbt build",
    "load of demo customers",
    "import of gym",
    "import of trial",
    "writer of ours",
    "writer of theirs",
]


class House:
    """Raw tables that know two customers, and everybody who may be at work."""

    def __init__(self, held: str = "") -> None:
        self.raw = MemoryRawTables(
            {
                "customers": pa.table({"customer_id": [ID, OTHER]}),
                "invoices": pa.table({"customer_id": [ID, OTHER, ID, None]}),
            }
        )
        self.store = MemoryErasures(self.raw, NIGHT)
        self.journal = Journal(MemoryLocks({held} - {""}))

    def erase(self, customer_id: str = ID) -> Erasure:
        """Erase one customer of two populations."""
        return erase(
            customer_id=customer_id,
            populations=["theirs", "ours"],
            imports=["trial", "gym"],
            store=self.journal.watch(self.store),
            locks=self.journal.locks,
        )

    @property
    def ids(self) -> dict[str, list[str | None]]:
        """Whom each table knows."""
        return {name: table["customer_id"].to_pylist() for name, table in self.raw.tables.items()}


def test_one_customer_goes_from_everywhere_and_nobody_else() -> None:
    """Rows without a customer stay; a tombstone keeps the customer from coming back."""
    house = House()
    erased = house.erase()

    assert {"customers": [OTHER], "invoices": [OTHER, None]} == house.ids
    assert {customer_sha256(ID)} == house.raw.tombstones
    assert ([1, 2], None) == ([*erased.rows.values()], erased.erased_before)


def test_again_removes_what_came_back_and_says_when_the_first_time_was() -> None:
    """A second erasure is harmless, and dated by the first."""
    house = House()
    house.erase()
    house.raw.tables["customers"] = pa.table({"customer_id": [OTHER, ID]})
    house.store.today = date(2026, 7, 31)
    again = house.erase()

    assert {"customers": [OTHER], "invoices": [OTHER, None]} == house.ids
    assert ([1, 0], NIGHT) == ([*again.rows.values()], again.erased_before)


def test_somebody_nobody_knows_changes_nothing() -> None:
    """A slip of the pen is told from a customer, and the id is not repeated."""
    house = House()
    before = house.ids
    with pytest.raises(CustomerUnknown) as refused:
        house.erase("nobody-3")

    assert before == house.ids
    assert set() == house.raw.tombstones == house.journal.locks.held
    assert "nobody-3" not in refused.value.message + refused.value.next_step


def test_everybody_who_writes_stands_still() -> None:
    """Every lock is taken, in an order all share, and held while the customer goes."""
    house = House()
    house.erase()

    assert EVERYBODY == house.journal.locks.taken
    assert [{*EVERYBODY}] == [call.held for call in house.journal.calls]
    assert set() == house.journal.locks.held


@pytest.mark.parametrize("held", EVERYBODY)
def test_whoever_is_at_work_is_waited_for(held: str) -> None:
    """One lock that is taken is enough: nothing is erased, and what was taken is given back."""
    house = House(held)
    with pytest.raises(RunLocked, match=held):
        house.erase()

    assert [] == house.journal.calls
    assert {"customers": [ID, OTHER], "invoices": [ID, OTHER, ID, None]} == house.ids
    assert {held} == house.journal.locks.held


def test_the_log_counts_and_names_nobody() -> None:
    """Tables and numbers are logged, the id is not."""
    house = House()
    with structlog.testing.capture_logs() as logs:
        first = house.erase()
        house.erase()

    assert [*first.rows.items()] == [(entry["table"], entry["rows"]) for entry in logs[:2]]
    assert {"rows": 3, "lists": 0, "audit_id": 1, "is_again": False}.items() <= logs[2].items()
    assert {"rows": 0, "is_again": True}.items() <= logs[-1].items()
    assert ID not in str(logs)
